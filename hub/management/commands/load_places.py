"""`manage.py load_places`: fills the tables of ZIP codes and cities that "near" looks things up in."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from zoneinfo import available_timezones

import zipcodes
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from hub.models.places import City, PlaceSource, ZipCode
from hub.places import DATA, countries, fold

LOADER = "1"  # raise it when the same data would give other rows, so that every hub loads again
BATCH = 2_000  # rows an INSERT
COLUMNS = ["name", "region", "country", "population", "latitude", "longitude", "zone"]
LONGEST_NAME = 100  # characters


class BadFile(ValueError):
    """What is wrong with a cities file, for a sentence."""


def unescaped(text: str) -> str:
    """The text with Python's escapes (\\u00e9) as letters; letters that stand there already stay."""
    return text.encode("ascii", "backslashreplace").decode("unicode_escape") if "\\" in text else text


def number(kind: Callable[[str], float], name: str, text: str, low: float, high: float) -> float:
    """The number between the limits, or BadFile; NaN is not between any."""
    try:
        value = kind(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadFile(f"{name} is {text[:40]!r}, not a number from {low} to {high}")
    return value


def city(fields: list[str], zones: set[str]) -> City:
    """One line of the file as a row, or BadFile."""
    if len(fields) != len(COLUMNS):
        raise BadFile(f"{len(fields)} fields instead of {len(COLUMNS)}")
    name, region, country, population, latitude, longitude, zone = fields
    name, region = unescaped(name), unescaped(region)
    folded = fold(name)
    if not folded:
        raise BadFile("a city has no name")
    for text in (name, folded, region):
        if len(text) > LONGEST_NAME or not text.isprintable():
            raise BadFile(f"the name {text[:40]!r} is too long or unreadable")
    if country not in countries():
        raise BadFile(f"the country {country[:40]!r} is not in countries.csv")
    if zone not in zones:
        raise BadFile(f"the time zone {zone[:40]!r} is unknown here (an old tzdata package?)")
    return City(
        name=name,
        folded=folded,
        region=region,
        country=country,
        population=number(int, "population", population, 0, 100_000_000),
        latitude=number(float, "latitude", latitude, -90, 90),
        longitude=number(float, "longitude", longitude, -180, 180),
        zone=zone,
    )


def read_cities(data: bytes) -> list[City]:
    """The rows of a cities file (CSV, gzipped or not, ASCII with escapes or UTF-8), or BadFile."""
    try:
        text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode("utf-8")
    except (OSError, EOFError, zlib.error):
        raise BadFile("it is a damaged gzip file") from None
    except UnicodeDecodeError:
        raise BadFile("it is neither ASCII nor UTF-8 text") from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, zones = [], available_timezones()
    try:
        if (header := next(lines, [])) != COLUMNS:
            raise BadFile(f"the header is {','.join(header)[:80]!r} instead of {','.join(COLUMNS)!r}")
        for fields in lines:
            rows.append(city(fields, zones))
    except (BadFile, csv.Error, UnicodeDecodeError) as error:
        raise BadFile(f"line {lines.line_num}: {error}") from None
    if not rows:
        raise BadFile("there is no city in it")
    return rows


def read_zip_codes() -> list[ZipCode]:
    """The ZIP codes in use that have coordinates; military ones abroad and some offices have none."""
    rows, zones = [], available_timezones()
    for entry in zipcodes.list_all():
        latitude, longitude = float(entry["lat"]), float(entry["long"])
        if not (entry["active"] and latitude and longitude):
            continue
        if entry["state"] == "MH":
            longitude = abs(longitude)  # the package has Majuro west of Greenwich, 4,000 km off
        rows.append(
            ZipCode(
                code=entry["zip_code"],
                city=entry["city"],
                folded=fold(entry["city"]),
                region=entry["state"],
                latitude=latitude,
                longitude=longitude,
                zone=entry["timezone"] if entry["timezone"] in zones else "",
            )
        )
    return rows


@dataclass(frozen=True)
class Source:
    """One table, the digest of the data it should hold, and how to read that data."""

    name: str
    label: str
    model: type[City] | type[ZipCode]
    digest: str
    read: Callable[[], list]

    def loaded_rows(self) -> int | None:
        """How many rows the table holds if it holds this data, else None."""
        rows = PlaceSource.objects.filter(name=self.name, digest=self.digest).values_list("rows", flat=True)
        return rows[0] if rows and rows[0] == self.model.objects.count() else None


def sha256(*parts: bytes) -> str:
    """Hexadecimal digest of the parts, kept apart, and of this loader's version."""
    return hashlib.sha256(b"\0".join((LOADER.encode(), *parts))).hexdigest()


class Command(BaseCommand):
    """Loads what is missing or has changed; a second run finds nothing to do."""

    help = "Load US ZIP codes and the world's cities for searches by place."

    def add_arguments(self, parser):
        default = DATA / "cities.csv.gz"
        parser.add_argument("--cities", type=Path, default=default, help="another file (docs/places.md)")
        parser.add_argument("--quiet", action="store_true", help="say nothing unless something is wrong")

    def handle(self, *, cities: Path, quiet: bool, **options):
        self.quiet = quiet
        try:
            data = Path(cities).read_bytes()
        except OSError as error:
            raise CommandError(f"{cities} can't be read: {error.strerror}.") from None
        version = metadata.version("zipcodes").encode()
        sources = [
            Source("cities", "Cities", City, sha256(data), lambda: read_cities(data)),
            Source("zipcodes", "ZIP codes", ZipCode, sha256(version), read_zip_codes),
        ]
        counts = {source.name: source.loaded_rows() for source in sources}
        try:
            # Read before the transaction: SQLite has one writer, and reading takes a second.
            changed = [(source, source.read()) for source in sources if counts[source.name] is None]
        except BadFile as error:
            raise CommandError(f"{cities} is not a file of cities: {error}. Nothing was loaded.") from None
        for source in sources:
            if counts[source.name] is not None:
                self.say(f"{source.label}: {counts[source.name]:,}, unchanged\n")
        if changed:
            with transaction.atomic():
                for source, rows in changed:
                    self.replace(source, rows)

    def replace(self, source: Source, rows: list) -> None:
        """Make the rows the table's contents."""
        # Two runs at once (two containers starting): the second waits here, then finds it done.
        state, _made = PlaceSource.objects.select_for_update().get_or_create(name=source.name)
        if source.loaded_rows() is None:
            source.model.objects.all().delete()
            for start in range(0, len(rows), BATCH):
                source.model.objects.bulk_create(rows[start : start + BATCH])
                self.say(f"\r{source.label}: {min(start + BATCH, len(rows)):,} of {len(rows):,}")
            state.digest, state.rows = source.digest, len(rows)
            state.save()
        self.say(f"\r{source.label}: {len(rows):,} of {len(rows):,} loaded\n")

    def say(self, text: str) -> None:
        """Progress on one line of a terminal; a log gets only the whole lines."""
        if self.quiet or (not text.endswith("\n") and not self.stdout.isatty()):
            return
        self.stdout.write(text if self.stdout.isatty() else text.lstrip("\r"), ending="")
        self.stdout.flush()
