"""Which campaigns, which demands, which appeals, which signatures, which posts?"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from hub.models import TaggedItem
from hub.permissions import is_moderator
from hub.texts import in_this_language_first


class CampaignQuerySet(models.QuerySet[Any]):
    """Campaigns have nothing to hide."""

    def visible_to(self, user: object) -> "CampaignQuerySet":
        """Every campaign is public."""
        return self.all()

    def home(self) -> "CampaignQuerySet":
        """The home page's campaign."""
        return self.filter(is_home=True)


def _run_by(model: type[models.Model], user: Any) -> Any:
    """The campaigns of things like this that somebody coordinates."""
    campaigns = model._meta.get_field("campaign").related_model._default_manager  # type: ignore[union-attr]
    return campaigns.filter(coordinators__user=user)


class DemandQuerySet(models.QuerySet[Any]):
    """Demands, by what may be seen of them."""

    def visible_to(self, user: Any) -> "DemandQuerySet":
        """Adopted and retired ones for everybody; proposed ones too for those who run their campaign, and
        for moderators and administrators."""
        if is_moderator(user):
            return self.all()
        seen = Q(status__in=("adopted", "retired"))
        if user.is_authenticated and user.is_active:
            seen |= Q(campaign__in=_run_by(self.model, user))
        return self.filter(seen)

    def with_title(self, language: str) -> "DemandQuerySet":
        """Each with the title it has by now (`title_shown`), in a language or else in another."""
        texts = self.model._meta.get_field("versions").related_model._meta.get_field("texts").related_model
        newest = texts._default_manager.in_force().filter(version__demand=OuterRef("pk"))
        titles = newest.order_by(in_this_language_first(language)).values("title")
        return self.annotate(title_shown=Subquery(titles[:1]))

    def adopted(self) -> "DemandQuerySet":
        """Those that hold, by campaign (the home page's first), each in its own order."""
        return self.filter(status="adopted").order_by(
            "-campaign__is_home", "campaign__title", "campaign_id", "order"
        )

    def retired(self) -> "DemandQuerySet":
        """Those that hold no more, the last first."""
        return self.filter(status="retired").order_by("-retired_at", "id")


class DemandTextQuerySet(models.QuerySet[Any]):
    """Words of demands."""

    def in_force(self) -> "DemandTextQuerySet":
        """Those of each demand's newest version."""
        return self.filter(version__number=F("version__demand__newest"))


class AppealQuerySet(models.QuerySet[Any]):
    """Documents people sign."""

    def visible_to(self, user: Any) -> "AppealQuerySet":
        """Published ones for everybody; drafts too for those who run their campaign, and for moderators and
        administrators."""
        if is_moderator(user):
            return self.all()
        seen = Q(status="published")
        if user.is_authenticated and user.is_active:
            seen |= Q(campaign__in=_run_by(self.model, user))
        return self.filter(seen)

    def with_title(self, language: str) -> "AppealQuerySet":
        """Each with the title it has by now (`title_shown`), in a language or else in another."""
        texts = self.model._meta.get_field("versions").related_model._meta.get_field("texts").related_model
        of_it = texts._default_manager.filter(version__appeal=OuterRef("pk"))
        titles = of_it.order_by("-version__number", in_this_language_first(language)).values("title")
        return self.annotate(title_shown=Subquery(titles[:1]))

    def for_list_page(self) -> "AppealQuerySet":
        """Newest first, each with the key of its newest version (`newest`)."""
        versions = self.model._meta.get_field("versions").related_model._default_manager
        newest = versions.filter(appeal=OuterRef("pk")).order_by("-number").values("pk")[:1]
        issued = F("issued_on").desc(nulls_first=True)
        return self.annotate(newest=Subquery(newest)).order_by(issued, "-published_at", "id")


class SignatureQuerySet(models.QuerySet[Any]):
    """Signatures, by what of them counts and what is shown."""

    def confirmed(self) -> "SignatureQuerySet":
        """Those that count."""
        return self.filter(confirmed_at__isnull=False)

    def shown(self) -> "SignatureQuerySet":
        """Those of which something stands in the public list, newest first."""
        return self.filter(~Q(shown="counted"), confirmed_at__isnull=False).order_by("-confirmed_at", "id")


class PostQuerySet(models.QuerySet[Any]):
    """Posts of the feed."""

    def visible_to(self, user: Any) -> "PostQuerySet":
        """Published ones for everybody; drafts too for who runs their campaign, and for moderators."""
        if is_moderator(user):
            return self.all()
        seen = Q(status="published")
        if user.is_authenticated and user.is_active:
            seen |= Q(campaign__in=user.campaigns.values("campaign"))
        return self.filter(seen)

    def in_feed(self) -> "PostQuerySet":
        """As the page shows them: published ones, pinned first, then the newest."""
        return self.filter(status="published").order_by("-pinned", "-published_at", "id")

    def newest(self) -> "PostQuerySet":
        """As the Atom feed has them: published ones, the newest first, pinned or not."""
        return self.filter(status="published").order_by("-published_at", "id")

    def tagged(self, slug: str) -> "PostQuerySet":
        """Those with this tag. Keys are unique over all tables, so the table need not be asked for."""
        return self.filter(pk__in=TaggedItem.objects.filter(tag__slug=slug).values("object_id"))

    def scheduled(self) -> "PostQuerySet":
        """Drafts that wait for their hour. Twin of `Post.is_scheduled`."""
        return self.filter(status="draft", publish_at__isnull=False)

    def due(self, now: datetime) -> "PostQuerySet":
        """Drafts whose hour to be published has come."""
        return self.filter(status="draft", publish_at__lte=now)


class OrganizationQuerySet(models.QuerySet[Any]):
    """Organizations, by what may be seen of them."""

    def visible_to(self, user: Any) -> "OrganizationQuerySet":
        """Published ones for everybody, but those that took back all they endorsed; all for moderators and
        administrators."""
        return self.all() if is_moderator(user) else self.listed()

    def listed(self) -> "OrganizationQuerySet":
        """Those that may stand in a list: who took everything back wants to stand nowhere."""
        kinds = [
            relation.related_model._default_manager.filter(organization=OuterRef("pk"))
            for relation in self.model._meta.related_objects
            if hasattr(relation.related_model, "OF")  # a class of endorsements
        ]
        once, still = Q(), Q()
        for endorsements in kinds:
            once |= Q(Exists(endorsements.gone()))
            still |= Q(Exists(endorsements.standing()))
        return self.filter(~once | still, status="published")

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
