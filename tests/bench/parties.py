"""Very many parties of one event, written past the actions: for what is planned and mailed."""

from collections.abc import Iterator
from copy import copy
from datetime import datetime, timedelta
from itertools import islice
from secrets import token_hex
from uuid import uuid4

from django.db.models import F
from django.utils import timezone

from events.models import Attendance, Event, Rsvp, Timeslot
from hub import links
from hub.models import Mailbox, Message, address_digest, bucket_digest
from tests.factories import make_event, make_rsvp

AT_ONCE = 1000


def event_with(parties: int, *, start: datetime | None = None) -> Event:
    """An open event, tomorrow unless told, with this many confirmed parties since a week, each of a mailbox
    of its own, and nothing in the outbox."""
    now = timezone.now()
    event = make_event(start=start or now + timedelta(days=1))
    first = make_rsvp(event, email=_address(), confirmed=True, at=now - timedelta(days=7))
    attendance = first.attendances.get()
    copies = _copies(first, attendance, parties - 1)
    while made := list(islice(copies, AT_ONCE)):
        Mailbox.objects.bulk_create([party.mailbox for party, _attendance in made])
        Rsvp.objects.bulk_create([party for party, _attendance in made])
        Attendance.objects.bulk_create([row for _party, row in made])
    taken = F("seats_taken") + (parties - 1) * attendance.party_size
    Timeslot.objects.filter(event=event).update(seats_taken=taken)
    Message.objects.filter(mailbox=first.mailbox).delete()
    return event


def _address() -> str:
    return f"party-{token_hex(8)}@example.org"


def _copies(first: Rsvp, attendance: Attendance, number: int) -> Iterator[tuple[Rsvp, Attendance]]:
    for _ in range(number):
        address = _address()
        mailbox = Mailbox(
            address=address,
            address_digest=address_digest(address),
            bucket_digest=bucket_digest(address),
            created_at=first.made_at,
            confirmed_at=first.made_at,
        )
        party, row, pk = copy(first), copy(attendance), uuid4()
        party.pk, party.mailbox = pk, mailbox
        party.link_hash = links.token_hash(links.token("rsvp", pk))
        party.mail_link_hash = links.token_hash(links.token("rsvp-mail", pk))
        row.pk, row.rsvp = uuid4(), party
        yield party, row
