"""Which committees, which memberships?"""

from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When

from hub.areas import NearQuerySet
from hub.permissions import is_moderator

# What a committee's card shows, and nothing else.
CARD_FIELDS = (
    "slug",
    "name",
    "kind",
    "language",
    "stage",
    "city",
    "region",
    "country",
    "joining",
    "frozen_at",
)


class CommitteeQuerySet(NearQuerySet):
    """Committees, by what may be seen of them."""

    def visible_to(self, user: Any) -> "CommitteeQuerySet":
        """Published ones that are not hidden for everybody; one's own always; all of them for moderators
        and administrators."""
        if is_moderator(user):
            return self.all()
        seen = Q(status="published") & ~Q(visibility="hidden")
        if user.is_authenticated and user.is_active:
            seen |= Q(status="published") & self._of(user)
        return self.filter(seen)

    def listed(self) -> "CommitteeQuerySet":
        """Those that may stand in a list or search. Never one of a workplace: for safety the hub doesn't
        say whether a workplace has a committee."""
        return self.filter(status="published", visibility="public").exclude(
            Q(stage="closed") | Q(kind="workplace")
        )

    def nameable(self) -> "CommitteeQuerySet":
        """Those that a page about something else may name: no unlisted one, to whose address nothing leads,
        and never one of a workplace."""
        return self.exclude(Q(visibility="unlisted") | Q(kind="workplace"))

    def of_member(self, user: Any) -> "CommitteeQuerySet":
        """Those somebody belongs to."""
        return self.filter(self._of(user))

    def for_list_page(self) -> models.QuerySet[Any, dict[str, Any]]:
        """One query, the columns of a card, as dictionaries."""
        distance = ("distance",) if "distance" in self.query.annotations else ()
        return self.values(*CARD_FIELDS, *distance)

    def coordinated_by(self, user: Any) -> "CommitteeQuerySet":
        """Those somebody acts for: published, not closed, not frozen."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        memberships = self.model._meta.get_field("memberships").related_model._default_manager
        own = memberships.coordinators().filter(committee=OuterRef("pk"), user=user)
        return self.acting().filter(Exists(own)).order_by("name")

    def acting(self) -> "CommitteeQuerySet":
        """Those whose coordinators act for them. Twin of `Committee.acts`."""
        return self.filter(status="published", frozen_at=None).exclude(stage="closed")

    def _of(self, user: Any) -> Q:
        memberships = self.model._meta.get_field("memberships").related_model._default_manager
        return Q(Exists(memberships.filter(committee=OuterRef("pk"), user=user, state="active")))


class MembershipQuerySet(models.QuerySet[Any]):
    """Memberships, by state and role."""

    def active(self) -> "MembershipQuerySet":
        return self.filter(state="active")

    def pending(self) -> "MembershipQuerySet":
        """Waiting for a coordinator, the longest first."""
        return self.filter(state="pending").order_by("asked_at", "id")

    def coordinators(self) -> "MembershipQuerySet":
        return self.filter(state="active", role="coordinator")

    def accepted(self) -> "MembershipQuerySet":
        """Coordinators but those who have yet to accept that a moderator appointed them: the only ones
        whose being there may show."""
        return self.coordinators().filter(appointed_at=None)

    def for_roster(self) -> "MembershipQuerySet":
        """Requests first, the longest waiting on top; then coordinators, then members, since when."""
        return self.annotate(
            rank=Case(
                When(state="pending", then=0),
                When(role="coordinator", then=1),
                default=2,
                output_field=models.SmallIntegerField(),
            )
        ).order_by("rank", "since", "asked_at", "id")
