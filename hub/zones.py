"""The time zones people choose from: places, by part of the world."""

from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import available_timezones

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
def _places() -> dict[str, list[tuple[str, str]]]:
    """Zones and how their place is written, by part of the world. The zone database's own list of places
    (`zone.tab`): without old names, and what is no place ("Etc/GMT+5", "Factory")."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    zones = {line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")}
    found: dict[str, list[tuple[str, str]]] = {part: [] for part in PARTS}
    for zone in zones & available_timezones():
        part, *within, place = zone.replace("_", " ").split("/")
        found[part].append((zone, f"{place} ({within[0]})" if within else place))
    return {part: sorted(places, key=lambda place: place[1]) for part, places in found.items()}


def choices(stored: str = "") -> list[tuple[Any, Any]]:
    """For a form's field: none, and the places in groups; before them the zone that is `stored`, where it
    is another name of one."""
    places = [(PARTS[part], zones) for part, zones in _places().items()]
    listed = any(stored == zone for _part, zones in places for zone, _place in zones)
    kept = [(stored, stored)] if stored in available_timezones() and not listed else []
    return [("", _("not said")), *kept, *places]
