"""Which campaigns, which appeals, which signatures?"""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from hub.permissions import is_moderator


class CampaignQuerySet(models.QuerySet[Any]):
    """Campaigns have nothing to hide."""

    def visible_to(self, user: object) -> "CampaignQuerySet":
        """Every campaign is public."""
        return self.all()

    def home(self) -> "CampaignQuerySet":
        """The home page's campaign."""
        return self.filter(is_home=True)


class AppealQuerySet(models.QuerySet[Any]):
    """Documents people sign."""

    def visible_to(self, user: Any) -> "AppealQuerySet":
        """Published ones for everybody; drafts too for moderators and administrators."""
        return self.all() if is_moderator(user) else self.filter(status="published")


class SignatureQuerySet(models.QuerySet[Any]):
    """Signatures, by what of them counts and what is shown."""

    def confirmed(self) -> "SignatureQuerySet":
        """Those that count."""
        return self.filter(confirmed_at__isnull=False)

    def shown(self) -> "SignatureQuerySet":
        """Those of which something stands in the public list, newest first."""
        return self.filter(~Q(shown="counted"), confirmed_at__isnull=False).order_by("-confirmed_at", "id")


class OrganizationQuerySet(models.QuerySet[Any]):
    """Organizations, by what may be seen of them."""

    def visible_to(self, user: Any) -> "OrganizationQuerySet":
        """Published ones for everybody; all for moderators and administrators."""
        return self.all() if is_moderator(user) else self.filter(status="published")

    def listed(self) -> "OrganizationQuerySet":
        """Those that may stand in a list."""
        return self.filter(status="published")

    def sharing_keys(self, keys: Collection[str]) -> "OrganizationQuerySet":
        """Those whose names are worth comparing with a name that has these keys."""
        return self.filter(keys__key__in=keys).distinct()


class EndorsementQuerySet(models.QuerySet[Any]):
    """Endorsements, by whether they stand and are shown."""

    def standing(self) -> "EndorsementQuerySet":
        """Confirmed and not withdrawn, rejected or taken off. Twin of `Endorsement.stands`."""
        gone = Q(status__in=("rejected", "archived"))
        return self.filter(~gone, confirmed_at__isnull=False, withdrawn_at=None)

    def gone(self) -> "EndorsementQuerySet":
        """Confirmed once, and standing no more."""
        gone = Q(withdrawn_at__isnull=False) | Q(status__in=("rejected", "archived"))
        return self.filter(gone, confirmed_at__isnull=False)

    def listed(self) -> "EndorsementQuerySet":
        """Those that everybody may see: of organizations that are on the site themselves."""
        return self.standing().filter(status="published", organization__status="published")

    def visible_to(self, user: Any) -> "EndorsementQuerySet":
        """The same for everybody: what waits stands in the moderators' queue."""
        return self.listed()

    def to_be_asked(self) -> "EndorsementQuerySet":
        """Of documents: those whose text has come to say something else since their contact was asked."""
        versions = self.model._meta.get_field("version").related_model._default_manager
        newer = versions.filter(
            appeal=OuterRef("appeal"), substantial=True, number__gt=OuterRef("asked_number")
        )
        asking = self.listed().filter(
            mailbox__isnull=False, appeal__status="published", appeal__closed_at=None
        )
        return asking.filter(Exists(newer))
