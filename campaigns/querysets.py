"""Which campaigns, which demands, which appeals, which signatures, which posts?"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from hub.models import TaggedItem
from hub.permissions import is_moderator


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

    def adopted(self) -> "DemandQuerySet":
        """Those that hold, by campaign (the home page's first), each in its own order."""
        return self.filter(status="adopted").order_by(
            "-campaign__is_home", "campaign__title", "campaign_id", "order"
        )


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

    def due(self, now: datetime) -> "PostQuerySet":
        """Drafts whose hour to be published has come."""
        return self.filter(status="draft", publish_at__lte=now)
