"""`python -m tests.bench.hub_data EVENTS TOKENS`: a hub ready for load, with production settings.

Migrates, loads the places, collects the static files, makes events and RSVPs, and prints what the
load needs as JSON: slugs, form tokens, and how many queries each page takes.
"""

import json
import sys

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

django.setup()

from campaigns.actions.campaigns import save_campaign  # noqa: E402 - models need the set-up
from campaigns.models import Campaign  # noqa: E402
from events.actions import seats  # noqa: E402
from events.models import Attendance, Event, Timeslot  # noqa: E402
from hub.demo.scale import make_many  # noqa: E402
from hub.forms import new_form_token  # noqa: E402

UPCOMING, OVER = 9, 1  # parts of the events that hub.demo.scale makes
PEOPLE, RSVPS = 500, 5_000  # there from the start
SEATS = 100_000  # where there is a capacity: nobody may be turned away here, that would be less work
SPREAD = 500  # events that the spread RSVPs go to


def make_events(number: int) -> None:
    """This many published events that lie ahead, and those over that the demo has beside them."""
    now = timezone.now()
    campaign = Campaign(
        title="A Labor Party for Working People", slug="labor-party", summary="For a party.", is_home=True
    )
    save_campaign(campaign, by=None, at=now)
    all_of_them = -(-number * (UPCOMING + OVER) // UPCOMING)
    make_many(campaign, events=all_of_them, people=PEOPLE, rsvps=RSVPS, now=now, progress=lambda *_: None)
    with_capacity = Timeslot.objects.filter(capacity__isnull=False)
    with_capacity.update(capacity=SEATS, seat_limit=SEATS)
    Event.objects.update(full=False, few_left=False)
    for attendance in Attendance.objects.filter(waiting_since__isnull=False).select_related("rsvp"):
        with transaction.atomic():
            (slot,) = seats.lock([attendance.timeslot_id])
            seats.seat_waiting(slot, attendance.rsvp.event, now)
            seats.save(slot, attendance.rsvp.event)


def slugs(*, with_capacity: bool) -> list[str]:
    """Events people can say "I'm coming" to, where seats are scarce or where they are not."""
    slots = Timeslot.objects.filter(capacity__isnull=not with_capacity, end__gt=timezone.now())
    return list(slots.order_by("start", "pk").values_list("event__slug", flat=True)[:SPREAD])


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
    make_events(number)
    with connection.cursor() as cursor:
        # Whichever page is measured when the janitor comes would look slow.
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("VACUUM ANALYZE")
    open_events, seated_events = slugs(with_capacity=False), slugs(with_capacity=True)
    shown = open_events[-1]
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
        "open": open_events,
        "seated": seated_events,
        "tokens": [new_form_token(aged=True) for _ in range(tokens)],
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
