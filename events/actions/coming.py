"""Seeing who is coming: an act of its own, because each look at people is written down."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from events.models import Attendance, Event
from hub import audit
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
    """`totals`: as `AttendanceQuerySet.how_many` counts. `parties`: one page of those that said yes, in the
    order in which they did, and the first of the next."""

    totals: dict[str, int]
    parties: list[Party]


def see_who_is_coming(event: Event, *, page: int, by: User, at: datetime) -> Coming:
    """One page of the names and needs of an event, and its totals; the audit log notes how many were
    shown to whom."""
    said_yes = Attendance.objects.filter(rsvp__event=event).said_yes(at)
    with transaction.atomic():
        totals = said_yes.how_many()
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
    return Coming(totals, parties)
