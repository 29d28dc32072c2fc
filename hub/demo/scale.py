"""Very many events, people and RSVPs, to see how the hub behaves when it is large.

The rows are made in Python and written in bulk, past the actions, so everything these keep in step
is computed here: seats, waiting lists, badges, reminders, places in lists, hashes of links. The
tests hold the counters against the rows.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from secrets import token_hex
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns.models import Campaign
from events import reminders
from events.actions import seats
from events.models import Attendance, Event, Rsvp, Timeslot
from hub import links
from hub.models import City, Mailbox
from hub.slugs import new_slug

EVENTS_AT_ONCE = 1000  # in one transaction, with all their RSVPs
ROWS_AT_ONCE = 5000
US_CITIES, OTHER_CITIES = 400, 100  # the largest ones
TITLE = "Demo event"
STARTS = (time(9), time(12), time(17, 30), time(18), time(19))
DAYS_AHEAD = 180
PARTY_SIZES = (1, 1, 2, 1, 3)
ROOM = (0.8, 1.0, 1.05, 2.0)  # capacity, as a share of the people to expect
OVER_EVERY, ONLINE_EVERY, CAPACITY_EVERY, SPANISH_EVERY = 10, 12, 4, 5  # events
CANCELLED_EVERY, UNCONFIRMED_EVERY, NEED_EVERY = 20, 25, 50  # RSVPs

Progress = Callable[[str, int, int], None]


def most_rsvps(events: int, people: int) -> int:
    """How many RSVPs there is room for: one of each person at each event that is not over."""
    return (events - events // OVER_EVERY) * people


def make_many(
    campaign: Campaign, *, events: int, people: int, rsvps: int, now: datetime, progress: Progress
) -> None:
    """Add this many rows to what is there, in transactions that are each whole: what an interrupted
    run has written is sound. `progress(what, done, total)` is called after each."""
    mailboxes = _make_people(people, now, progress)
    cities = [
        *City.objects.filter(country="US").order_by("-population", "pk")[:US_CITIES],
        *City.objects.exclude(country="US").order_by("-population", "pk")[:OTHER_CITIES],
    ]
    first = Event.objects.filter(title__startswith=f"{TITLE} ").count() + 1
    shares = _shares(events, rsvps)
    parties = 0
    for start in range(0, events, EVENTS_AT_ONCE):
        chunk = range(start, min(start + EVENTS_AT_ONCE, events))
        made = [
            _event(index, first + index, shares[index], campaign, cities[index % len(cities)], now)
            for index in chunk
        ]
        rows = (
            party
            for index, (_event_row, slot) in zip(chunk, made, strict=True)
            for party in _parties(slot, shares[index], mailboxes, index, now)
        )
        with transaction.atomic():
            while batch := list(islice(rows, ROWS_AT_ONCE)):
                Rsvp.objects.bulk_create([party for party, _attendance in batch])
                Attendance.objects.bulk_create([attendance for _party, attendance in batch])
                parties += len(batch)
                progress("RSVPs", parties, rsvps)
            # Only now are the counters known. Foreign keys are looked at when the transaction ends.
            for event, slot in made:
                _set_badges(event, slot)
            Event.objects.bulk_create([event for event, _slot in made])
            Timeslot.objects.bulk_create([slot for _event_row, slot in made])
        progress("events", chunk.stop, events)


def _make_people(people: int, now: datetime, progress: Progress) -> list[UUID]:
    """Confirmed mailboxes of addresses nobody has; returns their ids."""
    run = token_hex(4)  # so that another run makes other addresses
    made: list[UUID] = []
    for start in range(0, people, ROWS_AT_ONCE):
        rows = []
        for number in range(start + 1, min(start + ROWS_AT_ONCE, people) + 1):
            address = f"demo.person.{run}.{number}@example.org"
            mailbox = Mailbox.of(address, at=now)
            mailbox.confirmed_at = now
            rows.append(mailbox)
        Mailbox.objects.bulk_create(rows)
        made.extend(row.pk for row in rows)
        progress("people", len(made), people)
    return made


def _shares(events: int, rsvps: int) -> list[int]:
    """How many RSVPs each event gets: the same for all, none for those that are over."""
    open_events = [index for index in range(events) if not _is_over(index)]
    shares = [0] * events
    if open_events:
        each, more = divmod(rsvps, len(open_events))
        for place, index in enumerate(open_events):
            shares[index] = each + (place < more)
    return shares


def _is_over(index: int) -> bool:
    return index % OVER_EVERY == OVER_EVERY - 1


def _event(
    index: int, number: int, share: int, campaign: Campaign, city: City, now: datetime
) -> tuple[Event, Timeslot]:
    """An event and its timeslot, not stored, with everything that follows from its time and place."""
    online = index % ONLINE_EVERY == ONLINE_EVERY - 1
    title = f"{TITLE} {number}"
    days = -1 - index % 30 if _is_over(index) else 1 + index * 7 % DAYS_AHEAD
    tz = ZoneInfo(city.zone)
    day = now.astimezone(tz).date() + timedelta(days=days)
    local = datetime.combine(day, STARTS[index % len(STARTS)], tz)
    start = local.astimezone(ZoneInfo("UTC"))
    event = Event(
        campaign=campaign,
        kind=Event.Kind.values[index % len(Event.Kind.values)],
        title=title,
        slug=new_slug(title, "event"),
        description="Made up, to see how the hub behaves when it is large.",
        language="es" if index % SPANISH_EVERY == 0 else "en",
        status=Event.Status.PUBLISHED,
        published_at=now,
        venue="" if online else "Demo Hall",
        street="" if online else f"{number} Example Street",
        city="" if online else city.name[:80],
        region="" if online else city.region[:80],
        country="" if online else city.country,
        latitude=None if online else city.latitude,
        longitude=None if online else city.longitude,
        online=online,
        zone=city.zone,
        next_start=start,
        next_end=start + timedelta(hours=2),
        next_date=day,
    )
    slot = Timeslot(
        event=event,
        start=start,
        end=start + timedelta(hours=2),
        next_reminder_at=reminders.next_instant(start, city.zone, now),
    )
    if index % CAPACITY_EVERY == 0:
        room = ROOM[index // CAPACITY_EVERY % len(ROOM)]
        slot.capacity = slot.seat_limit = max(1, round(share * sum(PARTY_SIZES) / len(PARTY_SIZES) * room))
    return event, slot


def _parties(
    slot: Timeslot, share: int, mailboxes: Sequence[UUID], index: int, now: datetime
) -> Iterator[tuple[Rsvp, Attendance]]:
    """The parties of one event in the order in which they came, seated in `slot` as they are made.
    Their mailboxes follow each other from a place of the event's own, so no two are the same."""
    begin = now - timedelta(hours=20)
    for number in range(share):
        at = begin + timedelta(milliseconds=number)
        pk = uuid4()
        cancelled = number % CANCELLED_EVERY == CANCELLED_EVERY - 1
        confirmed = number % UNCONFIRMED_EVERY != UNCONFIRMED_EVERY - 1
        counted = confirmed or slot.capacity is None
        party = Rsvp(
            id=pk,
            event=slot.event,
            mailbox_id=mailboxes[(index * share + number) % len(mailboxes)],
            name=f"Demo Person {number + 1}",
            need="A chair, please" if number % NEED_EVERY == 0 else "",
            language=slot.event.language,
            made_at=at,
            counted_at=at if counted else None,
            confirmed_at=at if confirmed else None,
            cancelled_at=at if cancelled else None,
            link_hash=links.token_hash(links.token("rsvp", pk)),
            mail_link_hash=links.token_hash(links.token("rsvp-mail", pk)),
        )
        size = PARTY_SIZES[number % len(PARTY_SIZES)]
        if slot.capacity is not None:
            size = min(size, slot.capacity)
        attendance = Attendance(rsvp=party, timeslot=slot, party_size=size)
        if counted and not cancelled:
            seats.seat_or_wait(slot, attendance, at)
        yield party, attendance


def _set_badges(event: Event, slot: Timeslot) -> None:
    """As `seats.show_badges` does for stored rows."""
    left = slot.seats_free
    event.full = left == 0
    event.few_left = left is not None and not event.full and left * seats.FEW_SHARE <= (slot.capacity or 0)
