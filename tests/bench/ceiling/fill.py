"""`python -m tests.bench.ceiling.fill N`: tables and N events. Prints what the load needs, as JSON."""

import json
import sys
from datetime import timedelta

import django
from django.core.management import call_command
from django.utils import timezone

django.setup()

from tests.bench.ceiling.models import Event, Place  # noqa: E402 - models need the set-up

SEATS = 1_000_000  # nobody may be turned away here: that would be less work


def fill(number: int) -> dict[str, object]:
    """Give the site its events, one an hour from tomorrow on, in fifty places."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    places = Place.objects.bulk_create(
        Place(city=f"City {n}, CA", street=f"{n} Main Street") for n in range(1, 51)
    )
    tomorrow = timezone.now() + timedelta(days=1)
    events = Event.objects.bulk_create(
        Event(
            title=f"Rally for a Labor Party {n}",
            slug=f"rally-for-a-labor-party-{n}",
            description="Bring a friend.\n\nWe meet at the fountain.",
            start=tomorrow + timedelta(hours=n),
            host="Rally · A Labor Party for Working People",
            place=places[n % len(places)],
            seats_left=SEATS,
        )
        for n in range(number)
    )
    return {"slug": events[number // 2].slug, "events": [event.pk for event in events]}


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]))))
