"""`python -m tests.bench.hub_data EVENTS TOKENS`: a hub ready for load, with production settings.

Migrates, loads the places, collects the static files, makes events and RSVPs, and prints what the
load needs as JSON: slugs, form tokens, and how many queries each page takes.
"""

import json
import sys
from datetime import timedelta
from uuid import uuid4

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

django.setup()

from campaigns.actions import save_campaign  # noqa: E402 - models need the set-up
from campaigns.models import Campaign  # noqa: E402
from events.models import Attendance, Event, Rsvp, Timeslot  # noqa: E402
from events.reminders import next_instant  # noqa: E402
from hub import links  # noqa: E402
from hub.forms import new_form_token  # noqa: E402

CITIES = [  # city, region, latitude, longitude, zone
    ("San Francisco", "CA", 37.7793, -122.4193, "America/Los_Angeles"),
    ("Oakland", "CA", 37.8044, -122.2712, "America/Los_Angeles"),
    ("Los Angeles", "CA", 34.0522, -118.2437, "America/Los_Angeles"),
    ("Seattle", "WA", 47.6062, -122.3321, "America/Los_Angeles"),
    ("Portland", "OR", 45.5152, -122.6784, "America/Los_Angeles"),
    ("Denver", "CO", 39.7392, -104.9903, "America/Denver"),
    ("Phoenix", "AZ", 33.4484, -112.0740, "America/Phoenix"),
    ("Albuquerque", "NM", 35.0844, -106.6504, "America/Denver"),
    ("Chicago", "IL", 41.8781, -87.6298, "America/Chicago"),
    ("Milwaukee", "WI", 43.0389, -87.9065, "America/Chicago"),
    ("Minneapolis", "MN", 44.9778, -93.2650, "America/Chicago"),
    ("St. Louis", "MO", 38.6270, -90.1994, "America/Chicago"),
    ("Houston", "TX", 29.7604, -95.3698, "America/Chicago"),
    ("New Orleans", "LA", 29.9511, -90.0715, "America/Chicago"),
    ("Atlanta", "GA", 33.7490, -84.3880, "America/New_York"),
    ("Detroit", "MI", 42.3314, -83.0458, "America/Detroit"),
    ("Pittsburgh", "PA", 40.4406, -79.9959, "America/New_York"),
    ("Philadelphia", "PA", 39.9526, -75.1652, "America/New_York"),
    ("New York", "NY", 40.7128, -74.0060, "America/New_York"),
    ("Boston", "MA", 42.3601, -71.0589, "America/New_York"),
]
SEATS = 100_000  # of an event with a capacity: nobody may be turned away here, that would be less work
SPREAD = 500  # events of each kind that the spread RSVPs go to
PARTIES = 2  # there are already, at every event


def make_events(number: int) -> list[Event]:
    """Published events, one an hour from tomorrow on; the odd ones have a capacity."""
    now = timezone.now()
    campaign = Campaign(
        title="A Labor Party for Working People", slug="labor-party", summary="For a party.", is_home=True
    )
    save_campaign(campaign, by=None, at=now)
    tomorrow = (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    events, slots = [], []
    for n in range(number):
        city, region, latitude, longitude, zone = CITIES[n // 2 % len(CITIES)]
        start, end = tomorrow + timedelta(hours=n), tomorrow + timedelta(hours=n + 2)
        event = Event(
            campaign=campaign,
            kind=Event.Kind.RALLY,
            title=f"Rally for a Labor Party {n}",
            slug=f"rally-for-a-labor-party-{n}",
            description="Bring a friend.\n\nWe meet at the fountain.",
            status=Event.Status.PUBLISHED,
            published_at=now,
            venue="City Hall",
            street=f"{n} Main Street",
            city=city,
            region=region,
            country="US",
            latitude=latitude,
            longitude=longitude,
            zone=zone,
            next_start=start,
            next_end=end,
        )
        event.next_date = start.astimezone(event.tz).date()
        capacity = SEATS if n % 2 else None
        slot = Timeslot(event=event, start=start, end=end, capacity=capacity, seat_limit=capacity)
        slot.next_reminder_at = next_instant(start, zone, now)
        events.append(event)
        slots.append(slot)
    Event.objects.bulk_create(events, batch_size=500)
    Timeslot.objects.bulk_create(slots, batch_size=500)
    make_rsvps(slots)
    return events


def make_rsvps(slots: list[Timeslot]) -> None:
    """Some parties who left no address, at every event."""
    now = timezone.now()
    parties, attendances = [], []
    for slot in slots:
        for _ in range(PARTIES):
            pk = uuid4()
            party = Rsvp(
                id=pk,
                event_id=slot.event_id,
                language="en",
                made_at=now,
                counted_at=now,
                link_hash=links.token_hash(links.token("rsvp", pk)),
                mail_link_hash=links.token_hash(links.token("rsvp-mail", pk)),
            )
            parties.append(party)
            attendances.append(
                Attendance(rsvp=party, timeslot=slot, party_size=2, seats_held=2, seated_at=now)
            )
    Rsvp.objects.bulk_create(parties, batch_size=1000)
    Attendance.objects.bulk_create(attendances, batch_size=1000)
    Timeslot.objects.update(seats_taken=2 * PARTIES)


def queries(path: str) -> int:
    """How many queries a visitor's page takes, at its second showing (the first fills the caches)."""
    client = Client(SERVER_NAME="127.0.0.1")
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")
    return len(captured)


def main(number: int, tokens: int) -> dict[str, object]:
    """Make the hub; gives what the load needs."""
    call_command("migrate", verbosity=0)
    call_command("load_places", quiet=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    slugs = [event.slug for event in make_events(number)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    shown = slugs[number // 4]
    pages = {
        "home": "/",
        "list": "/events/",
        "near": "/events/?near=94110",
        "event": f"/events/{shown}/",
        "form": f"/events/{shown}/rsvp/",
    }
    return {
        "pages": pages,
        "queries": {name: queries(path) for name, path in pages.items()},
        "open": slugs[::2][:SPREAD],
        "seated": slugs[1::2][:SPREAD],
        "tokens": [new_form_token(aged=True) for _ in range(tokens)],
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
