"""Who endorses a thing, as pages show it: by country and by how far an organization reaches."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse

from campaigns import endorsing
from campaigns.endorsing import EndorsedKind
from campaigns.models import Campaign, Endorsement, Organization
from hub.places import city_name, country_name, fold

Level, Role = Organization.Level, Endorsement.Role
LEVELS = (
    *(Level.INTERNATIONAL, Level.NATIONAL, Level.PARTY, Level.BRANCH, Level.LOCAL),
    *(Level.COMMITTEE, Level.COMMUNITY),
)
ROLES = (Role.INITIAL, Role.CO_ORGANIZER, Role.ENDORSER)
SHOWN = 60  # below the thing itself; all of them stand on a page of their own


def endorsements_block(name: str, thing: Any, now: datetime, *, any_there: bool = True) -> dict[str, Any]:
    """What `campaigns/_endorsements.html` shows below a thing of the kind of this name: those who endorse it,
    capped, and the ways to endorse it oneself and to see all. Two queries (one more for the versions of a
    document), none where `any_there` says that there is none."""
    kind = endorsing.kinds[name]
    counts = countries(kind, thing.pk) if any_there else {}
    total = sum(counts.values())
    rows = list(in_order(kind, thing.pk, counts)[:SHOWN]) if total else []
    return {
        "endorsed": {
            "countries": by_country(rows, newest_number(kind, thing, rows)),
            "total": total,
            "more": total - len(rows),
            "list_url": reverse("endorse:list", args=[kind.name, thing.slug]),
            "form_url": "" if kind.closed(thing, now) else reverse("endorse:form", args=[name, thing.slug]),
            "organizes": Role.CO_ORGANIZER in kind.roles(thing),
        }
    }


def organizations_behind(campaign: Campaign) -> Any:
    """Organizations that endorse anything of a campaign that is on the site, those that reach furthest
    first: in one query, with what a line says of each."""
    any_of_it: Any = Q()
    for kind in endorsing.kinds.values():
        of_campaign = {f"{kind.model.OF}__campaign": campaign, f"{kind.model.OF}__status": "published"}
        any_of_it |= Exists(kind.model.objects.listed().filter(organization=OuterRef("pk"), **of_campaign))
    by_level = Case(*[When(level=level, then=Value(place)) for place, level in enumerate(LEVELS)])
    listed = Organization.objects.listed().filter(any_of_it)
    return listed.order_by(by_level, "name", "pk").only("name", "slug", "city", "region", "country")


def countries(kind: EndorsedKind, thing_id: UUID) -> dict[str, int]:
    """How many of them there are in each country."""
    listed = _listed(kind, thing_id).order_by()
    rows = listed.values("organization__country").annotate(n=Count("pk"))
    return dict(rows.values_list("organization__country", "n"))


def _listed(kind: EndorsedKind, thing_id: UUID) -> Any:
    return kind.model.objects.listed().filter(**{f"{kind.model.OF}_id": thing_id})


def in_order(kind: EndorsedKind, thing_id: UUID, codes: Iterable[str]) -> Any:
    """By the country's name as the reader knows it, then those that reach furthest, then by name."""
    named = sorted(codes, key=lambda code: fold(country_name(code)))
    by_name = Case(
        *[When(organization__country=code, then=Value(place)) for place, code in enumerate(named)],
        default=Value(len(named)),
        output_field=IntegerField(),
    )
    by_level = Case(
        *[When(organization__level=level, then=Value(place)) for place, level in enumerate(LEVELS)],
        output_field=IntegerField(),
    )
    by_role = Case(
        *[When(role=role, then=Value(place)) for place, role in enumerate(ROLES)],
        output_field=IntegerField(),
    )
    listed = _listed(kind, thing_id).order_by(by_name, by_level, by_role, "organization__name", "pk")
    columns = {"number": F("version__number")} if kind.version else {}
    return listed.values("role", "pk", *(f"organization__{name}" for name in SHOWN_OF_IT), **columns)


SHOWN_OF_IT = ("name", "slug", "level", "country", "city", "region", "verified_at")


def newest_number(kind: EndorsedKind, thing: Any, rows: list[dict[str, Any]]) -> int:
    """The number that an endorsement must have been given to, or a later one, to stand behind what the text
    says now; 0 where there is nothing to label."""
    if not rows or not kind.version or len({row["number"] for row in rows}) == 0:
        return 0
    substantial = thing.versions.filter(substantial=True).order_by("-number").values_list("number", flat=True)
    return substantial.first() or 0


def by_country(rows: list[dict[str, Any]], needed: int = 0) -> list[dict[str, Any]]:
    """Rows that stand in order, as headings with kinds of organizations with these."""
    found = []
    for code, of_country in groupby(rows, key=lambda row: row["organization__country"]):
        levels = [
            {"name": Level(level).label, "entries": [_entry(row, needed) for row in of_level]}
            for level, of_level in groupby(of_country, key=lambda row: row["organization__level"])
        ]
        found.append({"name": country_name(code), "levels": levels})
    return found


def _entry(row: dict[str, Any], needed: int) -> dict[str, Any]:
    number = row.get("number", 0)
    return {
        "name": row["organization__name"],
        "slug": row["organization__slug"],
        "city": city_name(
            row["organization__city"], row["organization__region"], row["organization__country"]
        ),
        "verified": row["organization__verified_at"] is not None,
        "role": Role(row["role"]).label if row["role"] != Role.ENDORSER else "",
        "old_version": number if number < needed else 0,
    }
