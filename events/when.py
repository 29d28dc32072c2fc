"""Dates and times as people read them: in the event's zone, with the zone's name.

Written by hand from cached words instead of Django's `date` filter, which costs more than the rest
of an event card.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache

from django.utils import dates, translation
from django.utils.safestring import SafeString

from hub.zones import known_zones, zone_info, zone_name


@cache
def _words(language: str) -> tuple[list[str], list[str]]:
    """Weekdays (from Monday) and months of a language."""
    with translation.override(language):
        return (
            [str(dates.WEEKDAYS[day]) for day in range(7)],
            [str(dates.MONTHS[month]) for month in range(1, 13)],
        )


def days_around(now: datetime) -> dict[date, list[str]]:
    """The local dates there are in the world at a moment, each with its zones."""
    return _days_around(int(now.timestamp()) // 900)  # no zone's midnight lies within a quarter


@lru_cache(maxsize=4)
def _days_around(quarter: int) -> dict[date, list[str]]:
    moment = datetime.fromtimestamp(quarter * 900, UTC)
    days: dict[date, list[str]] = {}
    for zone in sorted(known_zones()):
        days.setdefault(moment.astimezone(zone_info(zone)).date(), []).append(zone)
    return days


def day_text(local: date, language: str) -> str:
    """ "Saturday, December 5, 2026" or "sábado 5 de diciembre de 2026"."""
    return " ".join(_day_parts(local, language))


def _day_parts(local: date, language: str) -> list[str]:
    """What of a day stays in one line."""
    weekdays, months = _words(language)
    if language == "es":
        weekday, month = weekdays[local.weekday()].lower(), months[local.month - 1].lower()
        return [weekday, f"{local.day} de {month}", f"de {local.year}"]
    return [f"{weekdays[local.weekday()]},", f"{months[local.month - 1]} {local.day}, {local.year}"]


def days_text(first: date, last: date, language: str) -> str:
    """ "Saturday, December 5, 2026" or "Friday, December 4 to Saturday, December 5, 2026"."""
    return " ".join(_days_parts(first, last, language))


def _days_parts(first: date, last: date, language: str) -> list[str]:
    """What of a first and a last day stays in one line; what both share is said once, in the end."""
    if last == first:
        return _day_parts(first, language)
    begins, ends = _day_parts(first, language), _day_parts(last, language)
    if language == "es":
        if first.year == last.year:
            begins = begins[:2] if first.month != last.month else [begins[0], str(first.day)]
        return ["del", *begins, "al", *ends]
    if first.year == last.year:
        begins[1] = begins[1].removesuffix(f", {first.year}")
    return [*begins, "to", *ends]


def clock_text(local: datetime | time, language: str) -> str:
    """ "2:00 PM" or "14:00"."""
    if language == "es":
        return f"{local.hour}:{local.minute:02d}"
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def when_text(start: datetime, end: datetime, zone: str, language: str, *, all_day: bool = False) -> str:
    """When an event is, with its zone: "Saturday, December 5, 2026, 2:00 PM to 4:00 PM PST"."""
    return " ".join(_when_parts(start, end, zone, language, all_day))


def when_html(
    start: datetime, end: datetime, zone: str, language: str, *, all_day: bool = False
) -> SafeString:
    """`when_text` for a page, where no line breaks inside "2:00 PM" or "UTC-3"."""
    return _unbroken(_when_parts(start, end, zone, language, all_day))


def when_theirs(
    start: datetime, end: datetime, zone: str, reader: str, language: str, *, all_day: bool = False
) -> str:
    """`when_text` by the reader's own clocks; empty where these show the same as those of the event at that
    moment, or no zone of the reader's is known. Whole days are the event's own."""
    if all_day or not reader:
        return ""
    here, there = zone_info(zone), zone_info(reader)
    same = all(at.astimezone(here).utcoffset() == at.astimezone(there).utcoffset() for at in (start, end))
    return "" if same else when_text(start, end, reader, language)


def _when_parts(start: datetime, end: datetime, zone: str, language: str, all_day: bool) -> list[str]:
    tz = zone_info(zone)
    first, last = start.astimezone(tz), end.astimezone(tz)
    to = "a" if language == "es" else "to"
    if all_day:
        last_day = (last - timedelta(days=1)).date()
        return _days_parts(first.date(), max(first.date(), last_day), language)
    begins = clock_text(first, language)
    if zone_name(first) != zone_name(last):  # the clocks are changed in between
        begins += f" {zone_name(first)}"
    parts = [*_and_then(_day_parts(first, language)), begins]
    ends = f"{clock_text(last, language)} {zone_name(last)}"
    if first.date() == last.date():
        return [*parts, f"{to} {ends}"]
    return [*parts, to, *_and_then(_day_parts(last, language)), ends]


def _and_then(parts: list[str]) -> list[str]:
    """With a comma at the end."""
    return [*parts[:-1], f"{parts[-1]},"]


def _unbroken(parts: list[str]) -> SafeString:
    """Safe, because all of it are our own words and figures."""
    return SafeString(" ".join(f"<span>{part}</span>" for part in parts))


def start_text(start: datetime, zone: str, language: str, *, all_day: bool = False) -> str:
    """When an event starts: "Saturday, December 5, 2026, 2:00 PM PST"; of a whole day the day."""
    return " ".join(_start_parts(start, zone, language, all_day))


def start_html(start: datetime, zone: str, language: str, *, all_day: bool = False) -> SafeString:
    """`start_text` for the narrow column of a card, where no line should break inside "December 5" or
    "2:00 PM"."""
    return _unbroken(_start_parts(start, zone, language, all_day))


def _start_parts(start: datetime, zone: str, language: str, all_day: bool) -> list[str]:
    local = start.astimezone(zone_info(zone))
    day = _day_parts(local, language)
    if all_day and _begins_day(local):
        return day
    return [*_and_then(day), f"{clock_text(local, language)} {zone_name(local)}"]


def whole_days(start: datetime, end: datetime, zone: str) -> bool:
    """Whether it goes from midnight to midnight, for rows that know no more than start and end."""
    tz = zone_info(zone)
    return all(_begins_day(local) for local in (start.astimezone(tz), end.astimezone(tz)))


def _begins_day(local: datetime) -> bool:
    """Whether it is the first instant of its day: midnight, or 1:00 where the clocks skip that."""
    if local.hour > 1:
        return False
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return local.astimezone(UTC) == midnight.astimezone(UTC)
