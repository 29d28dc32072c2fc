"""Which events, which attendances?"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, When

from hub.areas import NearQuerySet
from hub.contact import ADDRESS_KEPT
from hub.permissions import is_administrator, is_moderator
from hub.texts import in_this_language_first

KEPT_AFTER = timedelta(hours=24)  # a phone forgets an event this long after its end

# What an event card shows, and nothing else.
CARD_FIELDS = (
    "slug",
    "title",
    "kind",
    "language",
    "event_status",
    "city",
    "region",
    "country",
    "online",
    "zone",
    "next_start",
    "next_end",
    "few_left",
    "full",
    "campaign__title",
    "host_name",
    "committee__name",
    "committee__kind",
    "committee__status",
    "committee__visibility",
)
# Whatever such an event says of itself: a hidden committee's events are for its members.
OF_HIDDEN_COMMITTEE = Q(committee__visibility="hidden")


class Days(NamedTuple):
    """From a first to a last day, both included; either may be open. Where `zones` are named, for events
    in these only."""

    first: date | None
    last: date | None
    zones: Sequence[str] = ()


class EventQuerySet(NearQuerySet):
    """Events, by what may be seen of them and when and where they are."""

    def visible_to(self, user: Any) -> "EventQuerySet":
        """Published ones for everybody, unlisted ones too for who knows the address; those for members
        only for the members of their committee; moderators see all but drafts, administrators all."""
        if is_administrator(user):
            return self.all()
        if is_moderator(user):
            return self.exclude(status="draft")
        seen = Q(visibility__in=("public", "unlisted")) & ~OF_HIDDEN_COMMITTEE
        if user.is_authenticated and user.is_active:
            seen |= self._of_ones_committees(user)
        return self.filter(seen, status="published")

    def _of_ones_committees(self, user: Any) -> Q:
        committees = self.model._meta.get_field("committee").related_model
        memberships = committees._meta.get_field("memberships").related_model._default_manager
        own = memberships.filter(committee=OuterRef("committee"), user=user, state="active")
        return Q(Exists(own))

    def coordinated_by(self, user: Any) -> "EventQuerySet":
        """Those of committees somebody coordinates, in every state; of one that is frozen, closed or off the
        site nobody does."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        committees = self.model._meta.get_field("committee").related_model
        memberships = committees._meta.get_field("memberships").related_model._default_manager
        own = memberships.coordinators().filter(committee=OuterRef("committee"), user=user)
        acting = self.filter(Exists(own), committee__status="published", committee__frozen_at=None)
        return acting.exclude(committee__stage="closed")

    def listed(self) -> "EventQuerySet":
        """Those that may stand in a list, feed or search of anybody."""
        return self.filter(~OF_HIDDEN_COMMITTEE, status="published", visibility="public")

    def listed_for(self, user: Any) -> "EventQuerySet":
        """Those that may stand in this reader's list: everybody's, and those of their own committees
        that are for members only."""
        if not (user.is_authenticated and user.is_active):
            return self.listed()
        everybody_s = Q(visibility="public") & ~OF_HIDDEN_COMMITTEE
        own = ~Q(visibility="unlisted") & self._of_ones_committees(user)
        return self.filter(everybody_s | own, status="published")

    def upcoming(self, now: datetime) -> "EventQuerySet":
        """Not over yet, soonest first."""
        return self.filter(next_end__gt=now).order_by("next_start", "id")

    def over_since(self, moment: datetime, *, if_postponed: datetime) -> "EventQuerySet":
        """Over at this moment; a postponed one, which has yet to take place, if its old date was
        before `if_postponed`."""
        postponed = Q(event_status="postponed")
        return self.filter(~postponed & Q(next_end__lte=moment) | postponed & Q(next_end__lte=if_postponed))

    def unconfirmed(self) -> "EventQuerySet":
        """Proposals whose host's mailbox isn't proven yet. Twin of `Event.awaits_mailbox`."""
        return self.filter(status="draft", published_at=None, proposed_at__isnull=False)

    def on_dates(self, spans: Iterable[Days]) -> "EventQuerySet":
        """Starting on one of these days, counted in each event's own zone."""
        wanted = Q()
        for first, last, zones in spans:
            days = Q(next_date__gte=first) if first else Q()
            if last:
                days &= Q(next_date__lte=last)
            wanted |= days & Q(zone__in=zones) if zones else days
        return self.filter(wanted)

    def for_list_page(self) -> models.QuerySet[Any, dict[str, Any]]:
        """One query, the columns of a card, as dictionaries."""
        distance = ("distance",) if "distance" in self.query.annotations else ()
        return self.values(*CARD_FIELDS, *distance)


class AttendanceQuerySet(models.QuerySet[Any]):
    """Parties in timeslots, by state."""

    def in_state(self, state: str, now: datetime) -> "AttendanceQuerySet":
        """Twin of `Attendance.state`."""
        live = Q(rsvp__cancelled_at__isnull=True)
        counted = Q(rsvp__counted_at__isnull=False)
        fresh = Q(rsvp__made_at__gt=now - ADDRESS_KEPT)
        conditions = {
            "cancelled": Q(rsvp__cancelled_at__isnull=False),
            "going": live & counted & Q(seats_held__gt=0),
            "waitlisted": live & counted & Q(seats_held=0),
            "pending": live & ~counted & fresh,
            "expired": live & ~counted & ~fresh,
        }
        return self.filter(conditions[state])

    def said_yes(self, now: datetime) -> "AttendanceQuerySet":
        """Whoever said yes, hasn't cancelled, and hasn't let the time for confirming run out."""
        fresh = Q(rsvp__made_at__gt=now - ADDRESS_KEPT)
        return self.filter(Q(rsvp__counted_at__isnull=False) | fresh, rsvp__cancelled_at__isnull=True)

    def how_many(self) -> dict[str, int]:
        """Totals of these parties: how many answers; and how many people said yes, have a confirmed e-mail,
        wait for a place, have one."""
        counted = Q(rsvp__counted_at__isnull=False)
        return self.aggregate(
            answers=Count("rsvp", distinct=True),
            said=Sum("party_size", default=0),
            confirmed=Sum("party_size", filter=Q(rsvp__confirmed_at__isnull=False), default=0),
            waiting=Sum(F("party_size") - F("seats_held"), filter=Q(waiting_since__isnull=False), default=0),
            seated=Sum("seats_held", filter=counted, default=0),
        )

    def told_of_changes(self) -> "AttendanceQuerySet":
        """Every confirmed party that can be written to, going or waiting."""
        return self.filter(
            rsvp__confirmed_at__isnull=False, rsvp__cancelled_at__isnull=True, rsvp__mailbox__isnull=False
        )


def first_day_left(today: date) -> date:
    """Where the day ends last, it is still the day before UTC's."""
    return today - timedelta(days=1)


class DayQuerySet(models.QuerySet[Any]):
    """Days of action, by what may be seen of them."""

    def visible_to(self, user: Any) -> "DayQuerySet":
        """Published ones for everybody; drafts too for those who run their campaign, and for moderators and
        administrators."""
        if is_moderator(user):
            return self.all()
        seen = Q(status="published")
        if user.is_authenticated and user.is_active:
            seen |= Q(campaign__in=user.campaigns.values("campaign"))
        return self.filter(seen)

    def listed(self) -> "DayQuerySet":
        """Those that may stand in a list."""
        return self.filter(status="published")

    def with_title(self, language: str) -> "DayQuerySet":
        """Each with its title (`title_shown`), in a language or else in another."""
        texts = self.model._meta.get_field("texts").related_model._default_manager
        titles = texts.filter(day=OuterRef("pk")).order_by(in_this_language_first(language)).values("title")
        return self.annotate(title_shown=Subquery(titles[:1]))

    def ahead(self, today: date) -> "DayQuerySet":
        """Not over yet anywhere, soonest first; `today` as it is in UTC."""
        return self.filter(last_date__gte=first_day_left(today)).order_by("first_date", "id")

    def ahead_then_past(self, today: date) -> "DayQuerySet":
        """Those ahead, soonest first, then those that are over, the last one first."""
        over = Q(last_date__lt=first_day_left(today))
        return self.annotate(
            is_over=ExpressionWrapper(over, output_field=models.BooleanField()),
            soon=Case(When(~over, then="first_date")),
        ).order_by("is_over", "soon", "-first_date", "id")


class RsvpQuerySet(models.QuerySet[Any]):
    """Parties, by their links and by their mailbox."""

    def ahead_of(self, mailbox: Any, now: datetime) -> "RsvpQuerySet":
        """What a mailbox has said yes to, confirmed, and isn't over, soonest first."""
        return (
            self.filter(mailbox=mailbox, confirmed_at__isnull=False, cancelled_at=None)
            .filter(Q(event__next_end__gt=now) | Q(event__event_status="postponed"))
            .filter(event__status="published")
            .select_related("event__committee", "mailbox")
            .order_by("event__next_start")
        )

    def for_kept(self, token_hashes: list[bytes], now: datetime) -> "RsvpQuerySet":
        """Those behind links a phone keeps, until a day after the event, soonest first."""
        return (
            self.filter(
                Q(mail_link_hash__in=token_hashes) | Q(link_hash__in=token_hashes),
                Q(event__next_end__gt=now - KEPT_AFTER) | Q(event__event_status="postponed"),
                event__status="published",
            )
            .select_related("event__committee", "mailbox")
            .order_by("event__next_start")
        )
