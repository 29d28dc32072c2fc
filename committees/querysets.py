"""Which committees, which memberships?"""

from datetime import datetime
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

    def takers(self) -> "MembershipQuerySet":
        """Those whom announcements may be mailed to: they agreed, and the account is there."""
        return self.active().filter(takes_mail=True, user__is_active=True)

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


class AnnouncementQuerySet(models.QuerySet[Any]):
    """Announcements, by who may read them and what is to be done with them."""

    def visible_to(self, user: Any) -> "AnnouncementQuerySet":
        """What was sent, and not stopped, to those who belong to the committee at this moment; drafts and
        what was stopped to those who coordinate it. Nobody else, moderators neither."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        memberships = self.model._meta.get_field("committee").related_model._meta.get_field("memberships")
        own = memberships.related_model._default_manager.filter(
            committee=OuterRef("committee"), user=user, state="active"
        )
        acting = Q(committee__frozen_at=None) & ~Q(committee__stage="closed")
        return self.filter(
            self._sent() & Exists(own) | acting & Exists(own.filter(role="coordinator")),
            committee__status="published",
        )

    def sent(self) -> "AnnouncementQuerySet":
        """Those that members read, the newest first."""
        return self.filter(self._sent()).order_by("-sent_at", "pk")

    def drafts(self) -> "AnnouncementQuerySet":
        """Those that wait to be sent, the last changed first."""
        return self.filter(sent_at=None).order_by("-changed_at", "pk")

    def to_be_planned(self) -> "AnnouncementQuerySet":
        """Those whose mail is yet to be put, the first sent first."""
        return self.filter(by_mail=True, sent_at__isnull=False, planned_at=None, stopped_at=None).order_by(
            "sent_at", "pk"
        )

    def for_digest(self, since: datetime, until: datetime) -> "AnnouncementQuerySet":
        """Those of this week that no mail told of, of committees that act."""
        return self.filter(
            self._sent(),
            by_mail=False,
            sent_at__gte=since,
            sent_at__lt=until,
            committee__status="published",
            committee__frozen_at=None,
        ).exclude(committee__stage="closed")

    def _sent(self) -> Q:
        return Q(sent_at__isnull=False, stopped_at=None)
