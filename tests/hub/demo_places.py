"""The committed data's rows for the places of the demo: all 75,000 would take ten seconds."""

from datetime import UTC, datetime
from functools import cache

import pytest
import zipcodes

from hub.demo.campaign_events import campaign_events
from hub.demo.committees import COMMITTEES
from hub.demo.dates import Days
from hub.demo.everyday_events import everyday_events
from hub.demo.queue import queue_plans
from hub.management.commands.load_places import read_cities, read_zip_codes
from hub.models import City, ZipCode
from hub.places import DATA, fold

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def planned(now=NOW):
    """What the demo puts into the calendar and the queue, made at this moment."""
    days = Days(now)
    return [*campaign_events(days), *everyday_events(days), *queue_plans(days).values()]


@cache
def place_rows():
    names = {plan.place for plan in (*planned(), *COMMITTEES) if plan.place}
    cities = {fold(name.split(",")[0]) for name in names} | {"mexico city", "new york city"}
    rows = read_cities((DATA / "cities.csv.gz").read_bytes())
    codes = [entry for entry in zipcodes.list_all() if entry["zip_code"] in names]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipcodes, "list_all", lambda: codes)
        return [row for row in rows if row.folded in cities], read_zip_codes()


def load_demo_places():
    cities, codes = place_rows()
    City.objects.bulk_create(cities)
    ZipCode.objects.bulk_create(codes)
