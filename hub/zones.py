"""Time zones: those people choose from, and moments as a page says them, with the zone's name."""

from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

PARTS = {
    "America": _("The Americas"),
    "Europe": _("Europe"),
    "Africa": _("Africa"),
    "Asia": _("Asia"),
    "Australia": _("Australia"),
    "Pacific": _("Pacific Ocean"),
    "Atlantic": _("Atlantic Ocean"),
    "Indian": _("Indian Ocean"),
    "Arctic": _("Arctic"),
    "Antarctica": _("Antarctica"),
}


@cache
def known_zones() -> frozenset[str]:
    """Every name of a zone. To find them Python reads a folder tree, 10 ms each time."""
    return frozenset(available_timezones())


@cache
def _places() -> dict[str, list[tuple[str, str]]]:
    """Zones and how their place is written, by part of the world. The zone database's own list of places
    (`zone.tab`): without old names, and what is no place ("Etc/GMT+5", "Factory")."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    zones = {line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")}
    found: dict[str, list[tuple[str, str]]] = {part: [] for part in PARTS}
    for zone in zones & known_zones():
        part, *within, place = zone.replace("_", " ").split("/")
        found[part].append((zone, f"{place} ({within[0]})" if within else place))
    return {part: sorted(places, key=lambda place: place[1]) for part, places in found.items()}


def choices(stored: str = "") -> list[tuple[Any, Any]]:
    """For a form's field: none, and the places in groups; before them the zone that is `stored`, where it
    is another name of one."""
    places = [(PARTS[part], zones) for part, zones in _places().items()]
    listed = any(stored == zone for _part, zones in places for zone, _place in zones)
    kept = [(stored, stored)] if stored in known_zones() and not listed else []
    return [("", _("not said")), *kept, *places]


# --- Moments in a zone -----------------------------------------------------------------------------
@cache
def zone_info(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def zone_name(local: datetime) -> str:
    """The zone's abbreviation, or "UTC-3" where it has none but its offset."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    offset = local.utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")


def zone_for(reader: Any, otherwise: str = "") -> str:
    """The reader's own zone, if they have said one; else the one of what they read about."""
    return getattr(reader, "time_zone", "") or otherwise or "UTC"


def moment_text(moment: datetime, zone: str) -> str:
    """A moment in the reader's language: "December 5, 2026, 2:00 PM PST"."""
    local = moment.astimezone(zone_info(zone))
    return f"{date_format(local, 'DATETIME_FORMAT')} {zone_name(local)}"


def hour_text(moment: datetime, zone: str) -> str:
    """ "2:00 PM PST"."""
    local = moment.astimezone(zone_info(zone))
    return f"{date_format(local, 'TIME_FORMAT')} {zone_name(local)}"
