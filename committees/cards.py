"""Committee cards: what a list shows of a committee, written out before the template sees it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from committees.models import Committee
from hub.areas import area_text, distance_text


@cache
def kind_names(language: str) -> dict[str, str]:
    """Kinds of committee by value, in a language."""
    with translation.override(language):
        return {value: str(label) for value, label in Committee.Kind.choices}


def where(row: dict[str, Any], *, in_miles: bool = True) -> str:
    """The area and the distance, as far as they are known."""
    parts = [area_text(row["city"], row["region"], row["country"])]
    if "distance" in row:
        parts.append(distance_text(row["distance"], in_miles=in_miles))
    return " · ".join(part for part in parts if part)


def cards(rows: Iterable[dict[str, Any]], language: str, *, in_miles: bool = True) -> list[dict[str, Any]]:
    """Rows of `CommitteeQuerySet.for_list_page` as their template reads them: no name of anybody, no
    number of members."""
    kinds = kind_names(language)
    return [
        {
            "url": reverse("committees:detail", args=[row["slug"]]),
            "name": row["name"],
            "lang": "" if row["language"] == language else row["language"],
            "kind": kinds[row["kind"]],
            "where": where(row, in_miles=in_miles),
            "badge": gettext("forming") if row["stage"] == Committee.Stage.FORMING else "",
        }
        for row in rows
    ]
