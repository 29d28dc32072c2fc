"""Which events, which attendances?"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import ACos, Cos, Greatest, Least, Radians, Sin

from hub.contact import ADDRESS_KEPT
from hub.places import EARTH_RADIUS_KM, Point, bounding_box

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
)


class Days(NamedTuple):
    """From a first to a last day, both included; either may be open. Where `zones` are named, for events
    in these only."""

    first: date | None
    last: date | None
    zones: Sequence[str] = ()


class EventQuerySet(models.QuerySet[Any]):
    """Events, by what may be seen of them and when and where they are."""

    def visible_to(self, user: Any) -> "EventQuerySet":
        """Published ones for everybody, unlisted ones too for who knows the address; administrators
        see drafts."""
        if user.is_authenticated and user.is_active and user.is_superuser:
            return self.all()
        return self.filter(status="published")

    def listed(self) -> "EventQuerySet":
        """Those that may stand in a list, feed or search."""
        return self.filter(status="published", visibility="public")

    def upcoming(self, now: datetime) -> "EventQuerySet":
        """Not over yet, soonest first."""
        return self.filter(next_end__gt=now).order_by("next_start", "id")

    def over_since(self, moment: datetime, *, if_postponed: datetime) -> "EventQuerySet":
        """Over at this moment; a postponed one, which has yet to take place, if its old date was
        before `if_postponed`."""
        postponed = Q(event_status="postponed")
        return self.filter(~postponed & Q(next_end__lte=moment) | postponed & Q(next_end__lte=if_postponed))

    def on_dates(self, spans: Iterable[Days]) -> "EventQuerySet":
        """Starting on one of these days, counted in each event's own zone."""
        wanted = Q()
        for first, last, zones in spans:
            days = Q(next_date__gte=first) if first else Q()
            if last:
                days &= Q(next_date__lte=last)
            wanted |= days & Q(zone__in=zones) if zones else days
        return self.filter(wanted)

    def near(self, point: Point, km: float) -> "EventQuerySet":
        """Within `km` kilometres of `point`, by the public point; adds `distance` in kilometres.

        A box on the index first, then the great circle (spherical law of cosines; the cosine is
        clamped, because rounding can push it past 1 for equal points).
        """
        box = bounding_box(point, km)
        longitudes = Q()
        for west, east in box.longitudes:
            longitudes |= Q(longitude__range=(west, east))
        cosine = Sin(Radians(Value(point.latitude))) * Sin(Radians(F("latitude"))) + Cos(
            Radians(Value(point.latitude))
        ) * Cos(Radians(F("latitude"))) * Cos(Radians(F("longitude") - Value(point.longitude)))
        distance = ACos(Least(Value(1.0), Greatest(Value(-1.0), cosine))) * Value(EARTH_RADIUS_KM)
        return (
            self.filter(longitudes, latitude__range=(box.south, box.north))
            .annotate(distance=models.ExpressionWrapper(distance, output_field=FloatField()))
            .filter(distance__lte=km)
        )

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

    def told_of_changes(self) -> "AttendanceQuerySet":
        """Every confirmed party that can be written to, going or waiting."""
        return self.filter(
            rsvp__confirmed_at__isnull=False, rsvp__cancelled_at__isnull=True, rsvp__mailbox__isnull=False
        )


class RsvpQuerySet(models.QuerySet[Any]):
    """Parties, by their links."""

    def for_kept(self, token_hashes: list[bytes], now: datetime) -> "RsvpQuerySet":
        """Those behind links a phone keeps, until a day after the event, soonest first."""
        return (
            self.filter(
                Q(mail_link_hash__in=token_hashes) | Q(link_hash__in=token_hashes),
                Q(event__next_end__gt=now - KEPT_AFTER) | Q(event__event_status="postponed"),
                event__status="published",
            )
            .select_related("event")
            .order_by("event__next_start")
        )
