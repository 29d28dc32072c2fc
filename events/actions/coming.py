"""Seeing who is coming: an act of its own, because each look at people is written down."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, Sum

from events.models import Attendance, Event
from hub import audit
from hub.contact import ADDRESS_KEPT
from hub.models import User
from hub.paging import page_of

PAGE = 50


@dataclass(frozen=True)
class Party:
    """One party as a coordinator may know it: never its address."""

    name: str
    as_member: bool
    need: str
    people: int
    state: str
    missing: int


@dataclass(frozen=True)
class Coming:
    """`counts`: parties that said yes, confirmed ones among them, those waiting for seats, people with
    seats. `parties`: one page of those that said yes, in the order in which they did, and the first of
    the next."""

    counts: dict[str, int]
    parties: list[Party]


def see_who_is_coming(event: Event, *, page: int, by: User, at: datetime) -> Coming:
    """One page of the names and needs of an event, and its counts; the audit log notes how many were
    shown to whom."""
    said_yes = Attendance.objects.filter(
        Q(rsvp__counted_at__isnull=False) | Q(rsvp__made_at__gt=at - ADDRESS_KEPT),
        rsvp__event=event,
        rsvp__cancelled_at=None,
    )
    with transaction.atomic():
        counts = said_yes.aggregate(
            said_yes=Count("rsvp", distinct=True),
            confirmed=Count("rsvp", distinct=True, filter=Q(rsvp__confirmed_at__isnull=False)),
            waiting=Count("rsvp", distinct=True, filter=Q(waiting_since__isnull=False)),
            people=Sum("seats_held", filter=Q(rsvp__counted_at__isnull=False), default=0),
        )
        rows = page_of(said_yes.select_related("rsvp").order_by("rsvp__made_at", "pk"), page, PAGE)
        parties = [
            Party(
                name=row.rsvp.name,
                as_member=row.rsvp.as_member,
                need=row.rsvp.need,
                people=row.party_size,
                state=row.state(at),
                missing=row.party_size - row.seats_held if row.waiting_since else 0,
            )
            for row in rows
        ]
        audit.record("see_who_is_coming", event, at=at, by=by, count=min(len(parties), PAGE))
    return Coming(counts, parties)
