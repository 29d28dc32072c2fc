"""Which campaigns, which appeals, which signatures?"""

from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

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

    def for_list_page(self) -> "AppealQuerySet":
        """Newest first, each with the key of its newest version (`newest`)."""
        versions = self.model._meta.get_field("versions").related_model._default_manager
        newest = versions.filter(appeal=OuterRef("pk")).order_by("-number").values("pk")[:1]
        published = F("published_at").desc(nulls_first=True)
        return self.annotate(newest=Subquery(newest)).order_by(published, "id")


class SignatureQuerySet(models.QuerySet[Any]):
    """Signatures, by what of them counts and what is shown."""

    def confirmed(self) -> "SignatureQuerySet":
        """Those that count."""
        return self.filter(confirmed_at__isnull=False)

    def shown(self) -> "SignatureQuerySet":
        """Those of which something stands in the public list, newest first."""
        return self.filter(~Q(shown="counted"), confirmed_at__isnull=False).order_by("-confirmed_at", "id")
