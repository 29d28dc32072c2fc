"""Event cards: what a list shows of an event, written out before the template sees it.

The texts are put together here, a few per card, because a template tag for each would cost more
than the query.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from events.hosts import host_in_list
from events.models import Event
from events.when import start_html, whole_days
from hub.areas import area_text
from hub.places import MILES_TO_KM


@cache
def kind_names(language: str) -> dict[str, str]:
    """Kinds of event by value, in a language."""
    with translation.override(language):
        return {value: str(label) for value, label in Event.Kind.choices}


@cache
def _badges(language: str) -> dict[str, tuple[str, str]]:
    with translation.override(language):
        return {
            "cancelled": ("badge badge-cancelled", gettext("Cancelled")),
            "postponed": ("badge badge-postponed", gettext("Postponed")),
            "full": ("badge badge-full", gettext("Full")),
            "few": ("badge badge-few", gettext("Few places left")),
        }


@cache
def _words(language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "online": gettext("Online"),
            "and_online": gettext("and online"),
            "km": gettext("km"),
            "mile": gettext("mile"),
            "miles": gettext("miles"),
            "no_date": gettext("No new date yet"),
        }


def badge(row: dict[str, Any], language: str) -> tuple[str, str] | None:
    """The one badge of an event as (class, text): whether it takes place, then whether there is room."""
    badges = _badges(language)
    if row["event_status"] in badges:
        return badges[row["event_status"]]
    if row["full"]:
        return badges["full"]
    return badges["few"] if row["few_left"] else None


def _when(row: dict[str, Any], language: str) -> SafeString:
    if row["event_status"] == Event.EventStatus.POSTPONED:  # the old date must not look valid
        return SafeString(_words(language)["no_date"])
    start, zone = row["next_start"], row["zone"]
    return start_html(start, zone, language, all_day=whole_days(start, row["next_end"], zone))


def where(row: dict[str, Any], language: str, *, in_miles: bool = True) -> str:
    """City and distance, or "Online"."""
    words = _words(language)
    if row["online"] and not row["city"]:
        return words["online"]
    town = area_text(row["city"], row["region"], row["country"])
    if row["online"]:
        town = f"{town}, {words['and_online']}"
    if "distance" in row:
        length = round(row["distance"] / MILES_TO_KM if in_miles else row["distance"])
        unit = ("mile" if length <= 1 else "miles") if in_miles else "km"
        town = f"{town} · {length or '< 1'} {words[unit]}"
    return town


def cards(rows: Iterable[dict[str, Any]], language: str, *, in_miles: bool = True) -> list[dict[str, Any]]:
    """Rows of `EventQuerySet.for_list_page` as their template reads them."""
    kinds = kind_names(language)
    base = reverse("events:list")
    made = []
    for row in rows:
        mark = badge(row, language)
        made.append(
            {
                "url": f"{base}{row['slug']}/",
                "title": row["title"],
                "lang": "" if row["language"] == language else row["language"],
                "start": "" if row["event_status"] == "postponed" else row["next_start"].isoformat(),
                "when": _when(row, language),
                "where": where(row, language, in_miles=in_miles),
                "host": f"{kinds.get(row['kind'], row['kind'])} · {host_in_list(row)}",
                "badge": mark,
                "off": row["event_status"] == Event.EventStatus.CANCELLED,
            }
        )
    return made
