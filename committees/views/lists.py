"""The committee list: near a place, of a kind."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext, ngettext

from committees.cards import cards, kind_names
from committees.forms import CommitteeFilterForm
from committees.models import Committee
from hub.forms import DEFAULT_DISTANCE, DISTANCES
from hub.paging import COUNT_TO, PAGE, address, page_number, page_of, pager


def committee_list(request: HttpRequest) -> HttpResponse:
    """Public committees by name or, near a place, the nearest first. One of a workplace is never among
    them, and whoever looks for one reads why, whether or not there is any."""
    form = CommitteeFilterForm(request.GET)
    language = translation.get_language() or "en"
    valid = form.is_valid()
    units = gettext("miles") if form.in_miles else gettext("km")
    context: dict[str, Any] = {
        "bad": not valid,
        "form": form,
        "chosen": {name: request.GET.get(name, "") for name in form.fields},
        "distances": [(str(d), f"{d} {units}") for d in DISTANCES],
        "default_distance": str(DEFAULT_DISTANCE),
        "kinds": kind_names(language).items(),
        "units": units,
    }
    if not valid:
        return render(request, "committees/committee_list.html", context, status=422)
    kind = form.cleaned_data["kind"]
    workplaces = kind == Committee.Kind.WORKPLACE
    committees = Committee.objects.visible_to(request.user).listed()
    if kind:
        committees = committees.filter(kind=kind)
    committees = (
        committees.near(form.place.point, form.km).order_by("distance", "id")
        if form.place
        else committees.order_by("name", "id")
    )
    number = page_number(request)
    rows = [] if workplaces else page_of(committees.for_list_page(), number)
    context |= {
        "workplaces": workplaces,
        "cards": cards(rows[:PAGE], language, in_miles=form.in_miles),
        "status": "" if workplaces else _status(committees, rows, number, form),
        "chips": _chips(request, form, kind_names(language)),
        "place": form.place,
        "alternatives": [
            (text, address(request, near=text)) for text in (form.place.alternatives if form.place else ())
        ],
        "wider": None if workplaces else _wider(request, form),
        "within": form.cleaned_data["within"] or DEFAULT_DISTANCE,
    } | pager(request, number, rows)
    return render(request, "committees/committee_list.html", context)


def _status(committees: Any, rows: list[Any], number: int, form: CommitteeFilterForm) -> str:
    at_the_end = len(rows) <= PAGE and (rows or number == 1)
    total = (number - 1) * PAGE + len(rows) if at_the_end else committees.order_by()[: COUNT_TO + 1].count()
    if total > COUNT_TO:
        count = gettext("More than 1,000 committees")
    else:
        count = ngettext("%(n)d committee", "%(n)d committees", total) % {"n": total}
    if not form.place:
        return count
    return gettext("%(count)s near %(place)s") % {"count": count, "place": form.place.label}


def _chips(request: HttpRequest, form: CommitteeFilterForm, kinds: dict[str, str]) -> list[tuple[str, str]]:
    """Filters in use as (text, address without it)."""
    chips = []
    if form.place:
        chips.append((form.place.label, address(request, near="", within="")))
    if form.cleaned_data["kind"]:
        chips.append((kinds[form.cleaned_data["kind"]], address(request, kind="")))
    return chips


def _wider(request: HttpRequest, form: CommitteeFilterForm) -> tuple[int, str] | None:
    """The next larger radius and its address, for a list that came out empty."""
    within = form.cleaned_data["within"] or DEFAULT_DISTANCE
    larger = next((d for d in DISTANCES if d > within and d >= 100), None)
    return (larger, address(request, within=str(larger))) if form.place and larger else None
