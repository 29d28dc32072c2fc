"""From what people type ("94110", "Paris, France", "Nueva York") to a point on the map. Reads only.

Nothing asks another host: the tables come from `manage.py load_places`, the names of countries,
states and well-known cities from the small files in `hub/data`. Latitudes and longitudes are degrees
(WGS 84), distances kilometres.
"""

import csv
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from statistics import fmean
from typing import Literal, NamedTuple

from django.utils.translation import get_language, gettext

from hub.models.places import City, ZipCode

DATA = Path(__file__).resolve().parent / "data"
MILES_TO_KM = 1.609344
EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius
LONGEST_TEXT = 100  # characters; the longest name of a city has 57
LONGEST_AREA = 5  # words of a state or country typed without a comma: "united states of america" has 4
MOST_ALTERNATIVES = 5
RIVAL = 10  # a city with a tenth of another's people may be meant as well: Portland, ME and OR
# A city this large is meant even where a country or state has its name: Washington, Granada.
OUTSHINES_COUNTRY = 200_000  # people
BOX_MARGIN = 1e-5  # degrees, about a metre: rounding must not lose a point on the edge

# Alone, or as in an address: "San Francisco, CA 94110", "94110, CA". [0-9] keeps other scripts' digits out.
ZIP = re.compile(
    r"(?:[^,]+, ?(?P<before>[A-Za-z]{2}) )?(?P<code>[0-9]{5})(?:[- ]?[0-9]{4})?"
    r"(?:(?:, ?| )(?P<after>[A-Za-z]{2}|USA))?"
)
FIGURES = re.compile(r"[0-9][0-9 -]*")
LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ə": "a"}
)
SHORT_WORDS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
LONG_WORDS = {short: word for word, short in SHORT_WORDS.items()}


class UnknownPlace(ValueError):
    """Its message is a translated sentence that says what to write instead. `misspelled`: it may be the
    name of a city with a slip in it."""

    def __init__(self, message: str, *, misspelled: bool = False) -> None:
        super().__init__(message)
        self.misspelled = misspelled


@dataclass(frozen=True)
class Point:
    """Degrees north and east."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Place:
    """What a text was understood as.

    `city` is its name in our tables, `region` in the USA its state. `label` and each of the
    `alternatives` (other cities the text could mean) are in the reader's language, and understood by
    `find_place` again; `rivals` are those of the same country that are not much smaller. `zone` is an
    IANA name, "" for four ZIP codes. `country` is ISO 3166-1 alpha-2.
    """

    label: str
    city: str
    region: str
    point: Point
    zone: str
    country: str
    exact: Literal["zip", "city"]
    alternatives: tuple[str, ...]
    rivals: tuple[str, ...] = ()


class Box(NamedTuple):
    """A rectangle of degrees, as in GeoJSON (RFC 7946): west > east where it crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float

    @property
    def longitudes(self) -> tuple[tuple[float, float], ...]:
        """The one or two (west, east) ranges with west <= east, for a database to compare with."""
        if self.west <= self.east:
            return ((self.west, self.east),)
        return ((self.west, 180.0), (-180.0, self.east))


# --- On the globe ----------------------------------------------------------------------------
def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance (haversine); off by at most 0.6 % of the ellipsoid's."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.atan2(math.sqrt(h), math.sqrt(max(0.0, 1 - h)))


def bounding_box(point: Point, km: float) -> Box:
    """The smallest box that holds every point at most `km` (>= 0) away, a metre wider.

    A circle that reaches a pole touches every meridian, so its box goes all the way round.
    """
    angle = km / EARTH_RADIUS_KM
    reach = math.degrees(angle) + BOX_MARGIN
    south, north = point.latitude - reach, point.latitude + reach
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    width = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(point.latitude)))))
    west, east = point.longitude - width - BOX_MARGIN, point.longitude + width + BOX_MARGIN
    return Box(south, west + 360 if west < -180 else west, north, east - 360 if east > 180 else east)


def coarse(point: Point) -> Point:
    """The point rounded to 0.01 degree, about a kilometre: enough for "near", too little for a door."""
    return Point(round(point.latitude, 2) + 0.0, round(point.longitude, 2) + 0.0)  # + 0.0: no "-0.0"


# --- Names -----------------------------------------------------------------------------------
def fold(text: str) -> str:
    """Lower case, no accents, no dots or apostrophes, one space for everything else: "st louis"."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = []
    for character in decomposed.translate(LETTERS):
        if character.isalnum():
            kept.append(character)
        elif character not in ".'’‘ʻʼ`" and not unicodedata.category(character).startswith("M"):
            kept.append(" ")
    return " ".join("".join(kept).split())


@dataclass(frozen=True)
class Area:
    """What a country's or state's name can mean: "georgia" is one of each, "ca" too."""

    states: frozenset[str]
    countries: frozenset[str]

    def has(self, city: "Found") -> bool:
        """Is the city in it?"""
        if city.country in american() and (city.region in self.states or "US" in self.countries):
            return True
        return city.country in self.countries


def _rows(name: str) -> list[dict[str, str]]:
    with open(DATA / name, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def countries() -> dict[str, dict[str, str]]:
    """Code (ISO 3166-1 alpha-2) -> {"english", "spanish", "others"}."""
    return {row["code"]: row for row in _rows("countries.csv")}


@cache
def american() -> frozenset[str]:
    """The USA and the territories and islands its post serves, which are countries to ISO 3166."""
    return frozenset(row["country"] for row in _rows("states.csv"))


@cache
def areas() -> dict[str, Area]:
    """Folded name or code of a state or country, in English or Spanish -> what it can mean."""
    states: defaultdict[str, set[str]] = defaultdict(set)
    nations: defaultdict[str, set[str]] = defaultdict(set)
    for meant, rows in ((states, _rows("states.csv")), (nations, countries().values())):
        for row in rows:
            for name in (row["code"], row["english"], row["spanish"], *row["others"].split("|")):
                meant[fold(name)].add(row["code"])
    names = (states.keys() | nations.keys()) - {""}
    return {name: Area(frozenset(states[name]), frozenset(nations[name])) for name in names}


@cache
def other_names() -> dict[str, list[tuple[str, str]]]:
    """Folded other name of a city ("nueva york") -> its folded names in City, each with its country."""
    found = defaultdict(list)
    for row in _rows("city_names.csv"):
        found[fold(row["other"])].append((fold(row["city"]), row["country"]))
    return dict(found)


def country_name(code: str) -> str:
    """A country's name in the reader's language; the code itself where it has none."""
    row = countries().get(code)
    if row is None:
        return code
    return row["spanish"] if (get_language() or "").startswith("es") else row["english"]


@cache
def _exonyms() -> dict[tuple[str, str, str], dict[str, str]]:
    """Folded name of a city, its country and, in the USA, its state -> its names in English and Spanish."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in _rows("exonyms.csv"):
        for name in (row["english"], row["spanish"], *row["others"].split("|")):
            found.setdefault((fold(name), row["country"], row["region"]), row)
    return found


@lru_cache(maxsize=4096)
def _names_of(city: str, region: str, country: str) -> dict[str, str] | None:
    return _exonyms().get((fold(city), country, region if country == "US" else ""))


def city_name(city: str, region: str, country: str) -> str:
    """A city's name in the reader's language where one is known: "Londres"; else as it is written."""
    names = _names_of(city, region, country) if city else None
    if names is None:
        return city
    return names["spanish"] if (get_language() or "").startswith("es") else names["english"]


# --- Understanding a text --------------------------------------------------------------------
class Found(NamedTuple):
    """A city as the look-up needs it; for one from the ZIP codes `size` counts these, else people."""

    name: str
    folded: str
    region: str
    country: str
    size: int
    latitude: float
    longitude: float
    zone: str

    @property
    def order(self) -> tuple:
        """The largest first, then always the same order."""
        return (-self.size, self.country, self.region, self.name, self.latitude, self.longitude)


FOUND_COLUMNS = ("name", "folded", "region", "country", "population", "latitude", "longitude", "zone")


class Reading(NamedTuple):
    """One way to read a text: these names (folded, in that country or in any), in all these areas."""

    names: frozenset[tuple[str, str | None]]
    within: tuple[str, ...]

    def fits(self, city: Found) -> bool:
        """Can it mean this city?"""
        if (city.folded, None) not in self.names and (city.folded, city.country) not in self.names:
            return False
        return all(
            (area in areas() and areas()[area].has(city)) or area == fold(city.region) for area in self.within
        )


def _respelled(name: str, words: dict[str, str]) -> str:
    return " ".join(words.get(word, word) for word in name.split())


def _reading(name: str, within: Iterable[str] = ()) -> Reading:
    """The name itself, with its "saint"s and "fort"s shortened and spelled out, and its other names."""
    spellings = {name, _respelled(name, SHORT_WORDS), _respelled(name, LONG_WORDS)}
    names: set[tuple[str, str | None]] = {(spelling, None) for spelling in spellings}
    for spelling in spellings:
        names.update(other_names().get(spelling, ()))
    return Reading(frozenset(names), tuple(within))


def _readings(text: str) -> list[Reading]:
    """The ways to read a text without a ZIP code, the most literal first; none for an empty text."""
    name, *rest = [part for part in map(fold, text.split(",")) if part] or [""]
    if rest or not name or name in areas():
        return [_reading(name, rest)] if name else []
    words = name.split()
    shortest = max(1, len(words) - LONGEST_AREA)
    splits = range(len(words) - 1, shortest - 1, -1)
    return [
        _reading(name),
        *(_reading(" ".join(words[:split]), [" ".join(words[split:])]) for split in splits),
    ]


def _whole_area(text: str) -> Area | None:
    """The country or state that a text names instead of a city: "Texas", "Texas, USA", "Grecia"."""
    name, *rest = [part for part in map(fold, text.split(",")) if part] or [""]
    area = areas().get(name)
    if area and (not rest or (area.states and all("US" in _countries(part) for part in rest))):
        return area
    return None


def _countries(name: str) -> frozenset[str]:
    return areas()[name].countries if name in areas() else frozenset()


def _cities(names: Iterable[str]) -> list[Found]:
    rows = City.objects.filter(folded__in=names).values_list(*FOUND_COLUMNS)
    return sorted((Found(*row) for row in rows), key=lambda city: city.order)


def _towns(names: Iterable[str]) -> list[Found]:
    """Towns too small for City, each in the middle of its ZIP codes."""
    codes = defaultdict(list)
    for code in ZipCode.objects.filter(folded__in=names).order_by("code"):
        codes[code.folded, code.region].append(code)
    towns = (
        Found(
            name=group[0].city,
            folded=folded,
            region=region,
            country=_zip_country(region),
            size=len(group),
            latitude=fmean(code.latitude for code in group),
            longitude=fmean(code.longitude for code in group),
            zone=next((code.zone for code in group if code.zone), ""),
        )
        for (folded, region), group in codes.items()
    )
    return sorted(towns, key=lambda town: town.order)


def _zip_country(region: str) -> str:
    """ISO 3166-1 alpha-2: "US", or the territory's own."""
    return region if region in american() else "US"


def _labels(matches: list[Found], namesakes: list[Found]) -> Iterator[tuple[str, Found]]:
    """A text for each match that `find_place` understands as just this city; none where none exists.

    Outside the USA the country is enough for its largest city of that name, the others need their
    division's name as well.
    """
    for city in matches:
        name = city_name(city.name, city.region, city.country)
        spelling = _respelled(city.folded, LONG_WORDS)
        same = [
            other
            for other in namesakes
            if other.country == city.country and _respelled(other.folded, LONG_WORDS) == spelling
        ]
        if city.country in american():
            first = next(other for other in same if other.region == city.region)
            text = f"{name}, {city.region}"
        elif city == same[0]:
            first, text = city, f"{name}, {country_name(city.country)}"
        else:
            first = next(other for other in same if other.region == city.region)
            text = f"{name}, {city.region}, {country_name(city.country)}"
        if city == first and (city.region or city == same[0]):
            yield text, city


def _find_zip(code: str, state: str | None) -> Place:
    row = ZipCode.objects.filter(code=code).first()
    if row and state and row.region != state.upper():
        row = None  # "Berlin, DE 10115" is no ZIP code of Delaware
    if row is None:
        raise UnknownPlace(
            gettext("We don't know the US ZIP code %(code)s. Check its digits, or write a city instead.")
            % {"code": code}
        )
    country = _zip_country(row.region)
    return Place(
        label=f"{city_name(row.city, row.region, country)}, {row.region} {row.code}",
        city=row.city,
        region=row.region,
        point=Point(row.latitude, row.longitude),
        zone=row.zone,
        country=country,
        exact="zip",
        alternatives=(),
    )


def _matching(readings: list[Reading], cities: list[Found]) -> list[Found]:
    """The cities of the first reading that has any.

    After two letters American ones come first: "Richmond, CA" is in California though Canada's is larger.
    """
    for reading in readings:
        if matches := [city for city in cities if reading.fits(city)]:
            if any(len(area) == 2 for area in reading.within):
                matches.sort(key=lambda city: city.country not in american())
            return matches
    return []


def _find_city(text: str) -> Place:
    readings = _readings(text)
    if not readings:
        raise UnknownPlace(gettext("Write a ZIP code or the name of a city."))
    names = {name for reading in readings for name, _country in reading.names}
    namesakes = _cities(names)
    matches = _matching(readings, namesakes)
    if area := _whole_area(text):
        matches = [city for city in matches if area.has(city) or city.size >= OUTSHINES_COUNTRY]
        if not matches:
            raise UnknownPlace(
                gettext("“%(text)s” is a whole country or state. Write a city in it, or a ZIP code.")
                % {"text": text}
            )
    if not matches:
        namesakes = _towns(names)
        matches = _matching(readings, namesakes)
    if not matches:
        raise UnknownPlace(
            gettext(
                "We don't know a place called “%(text)s”. Write a ZIP code, or a larger city near it with "
                "its state or country, for example “Portland, OR” or “Athens, Greece”."
            )
            % {"text": text},
            misspelled=True,
        )
    labels = list(_labels(matches, namesakes))
    label, city = labels[0]
    others = dict.fromkeys(other for other, _city in labels[1:] if other != label)
    return Place(
        label=label,
        city=city.name,
        region=city.region,
        point=Point(city.latitude, city.longitude),
        zone=city.zone,
        country=city.country,
        exact="city",
        alternatives=tuple(others)[:MOST_ALTERNATIVES],
        rivals=tuple(
            text
            for text, other in labels[1:]
            if _same_country(city, other) and other.size * RIVAL >= city.size
        ),
    )


def _same_country(one: Found, other: Found) -> bool:
    return one.country == other.country or {one.country, other.country} <= american()


def find_place(text: str) -> Place:
    """The place a person means, in at most two queries; the largest city where several have the name.

    Takes a US ZIP code, or a city with or without its state, country or division, in English, Spanish
    or the city's own language. Raises UnknownPlace with a sentence for the person.
    """
    if len(text) > LONGEST_TEXT:
        raise UnknownPlace(gettext("That is too long. Write a ZIP code or the name of a city."))
    # Control, format and unassigned characters: PostgreSQL refuses NUL and half surrogates, and
    # direction marks would turn our own sentence around.
    if any(unicodedata.category(c).startswith("C") and not c.isspace() for c in text):
        raise UnknownPlace(
            gettext("There are signs in it that we can't read. Write a ZIP code or the name of a city.")
        )
    text = " ".join(text.split())
    if match := ZIP.fullmatch(text):
        after = "" if (match["after"] or "").upper() in ("US", "USA") else match["after"]
        return _find_zip(match["code"], match["before"] or after)
    if FIGURES.fullmatch(text):
        raise UnknownPlace(
            gettext("A US ZIP code has five digits. Write all of them, or the name of a city.")
        )
    return _find_city(text)


def find_town(city: str, region: str, country: str) -> Place:
    """A city of a country (ISO 3166-1), as the fields of an operator's form say it. Raises UnknownPlace."""
    if country == "US":
        return find_place(f"{city}, {region or 'USA'}")
    name = country_name(country)
    try:  # a country can have several cities of that name
        return find_place(", ".join(part for part in (city, region, name) if part))
    except UnknownPlace:
        return find_place(f"{city}, {name}")
