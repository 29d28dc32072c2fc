"""The fixture `places`: 48 cities and 13 ZIP codes of the real data, enough for every rule of look-up."""

import csv
from functools import cache
from pathlib import Path

import pytest

from hub.management.commands.load_places import read_cities
from hub.models.places import City, ZipCode
from hub.places import fold

DATA = Path(__file__).resolve().parent.parent / "data"
CITIES = DATA / "cities.csv"


@cache
def _cities() -> list[City]:
    return read_cities(CITIES.read_bytes())


def _zip_codes() -> list[ZipCode]:
    with open(DATA / "zipcodes.csv", encoding="utf-8", newline="") as lines:
        return [ZipCode(folded=fold(row["city"]), **row) for row in csv.DictReader(lines)]


@pytest.fixture
def places(db):
    """Fill the tables of places with the excerpt in tests/data."""
    load_excerpt()


def load_excerpt() -> None:
    """What the fixture does, for a database that outlives one test."""
    City.objects.bulk_create(_cities())
    ZipCode.objects.bulk_create(_zip_codes())
