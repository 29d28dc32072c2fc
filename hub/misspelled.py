"""Names of cities with a slip in them: which ones may be meant. Reads only."""

from django.db.models import Q

from hub.models.places import City
from hub.places import (
    FOUND_COLUMNS,
    LONGEST_TEXT,
    Found,
    american,
    areas,
    city_name,
    country_name,
    fold,
    other_names,
)

MOST_SIMILAR = 3
MOST_SLIPS = 2  # "Chigaco", "Los Angelas"; one in six letters or fewer: "Oaklnd"
SIMILAR_ABROAD = 300_000  # people: of smaller ones outside the USA too many resemble each other


def similar(text: str) -> tuple[str, ...]:
    """Cities whose names differ from the one in this text by a slip or two, the most alike first, as texts
    that `find_place` understands: American ones, and large ones anywhere. In one query.

    Compared here and not in the database, so that both give the same; names that begin otherwise are
    left out, because people rarely miss the first letter.
    """
    name, *rest = [part for part in map(fold, text.split(",")) if part] or [""]
    if not name or len(name) > LONGEST_TEXT:
        return ()
    words = name.split()
    readings = [(name, rest)]
    if not rest:  # a state or country may stand behind it without a comma
        readings += [(" ".join(words[:n]), [" ".join(words[n:])]) for n in range(len(words) - 1, 0, -1)]
    known = City.objects.starting_with(name[0]).filter(
        Q(country__in=american()) | Q(population__gte=SIMILAR_ABROAD)
    )
    cities = sorted((Found(*row) for row in known.values_list(*FOUND_COLUMNS)), key=lambda city: city.order)
    for spelling, within in readings:
        if all(area in areas() for area in within):
            there = [city for city in cities if all(areas()[area].has(city) for area in within)]
            if found := _resembling(spelling, there):
                return tuple(_label_of(city) for city in found)
    return ()


def _resembling(spelling: str, cities: list[Found]) -> list[Found]:
    """The cities that have, under one of their names, the fewest slips; the largest of each name."""
    most = MOST_SLIPS if len(spelling) > 6 else 1
    of_name: dict[str, list[tuple[str, str | None]]] = {city.folded: [(city.folded, None)] for city in cities}
    of_name |= {other: list(names) for other, names in other_names().items() if other not in of_name}
    found: dict[Found, int] = {}
    for name, names in of_name.items():
        if name[0] != spelling[0] or (count := slips(spelling, name, most)) > most:
            continue
        meant = (c for c in cities if (c.folded, None) in names or (c.folded, c.country) in names)
        if (city := next(meant, None)) is not None:
            found[city] = min(count, found.get(city, count))
    return sorted(found, key=lambda city: (found[city], city.order))[:MOST_SIMILAR]


def slips(a: str, b: str, most: int) -> int:
    """Letters left out, put in, mistaken or swapped with the next one (optimal string alignment); any
    number larger than `most` where there are more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        last_but_one, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last_but_one[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _label_of(city: Found) -> str:
    area = city.region if city.country in american() else country_name(city.country)
    return f"{city_name(city.name, city.region, city.country)}, {area}"
