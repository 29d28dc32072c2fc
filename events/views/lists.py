"""The event list: near a place, of a kind, on some days."""

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from events.cards import cards, kind_names
from events.forms import DEFAULT_DISTANCE, DISTANCES, ONLINES, WHENS, EventFilterForm
from events.models import Event

PAGE = 20
LAST_PAGE = 50
COUNT_TO = 1000  # a full count of a large table costs more than the page


def event_list(request: HttpRequest) -> HttpResponse:
    """Upcoming public events, filtered by the query string."""
    form = EventFilterForm(request.GET)
    language = translation.get_language() or "en"
    valid = form.is_valid()
    units = gettext("miles") if form.in_miles else gettext("km")
    context: dict[str, Any] = {
        "form": form,
        "options": _options(language),
        "chosen": request.GET,
        "units": units,
    }
    if not valid:
        return render(request, "events/event_list.html", context | {"bad": True}, status=422)
    now = timezone.now()
    events = Event.objects.visible_to(request.user).listed().upcoming(now).on_dates(*form.days(now))
    data = form.cleaned_data
    if data["kind"]:
        events = events.filter(kind=data["kind"])
    if data["online"]:
        events = events.filter(online=True) if data["online"] == "yes" else events.exclude(city="")
    if form.place:
        events = events.near(form.place.point, form.km)
    page = _page_number(request)
    first = (page - 1) * PAGE
    rows = list(events.for_list_page()[first : first + PAGE + 1])
    more = len(rows) > PAGE and page < LAST_PAGE
    total = first + len(rows) if len(rows) <= PAGE else events.order_by()[: COUNT_TO + 1].count()
    context |= {
        "cards": cards(rows[:PAGE], language, in_miles=form.in_miles),
        "status": _status(total, form),
        "chips": _chips(request, form, language),
        "place": form.place,
        "alternatives": [(text, _address(request, near=text)) for text in _alternatives(form)],
        "wider": _wider(request, form),
        "within": data["within"] or DEFAULT_DISTANCE,
        "page_number": page,
        "previous_url": _address(request, page=str(page - 1)) if page > 1 else "",
        "next_url": _address(request, page=str(page + 1)) if more else "",
    }
    return render(request, "events/event_list.html", context)


@cache
def _options(language: str) -> dict[str, list[tuple[str, str]]]:
    """Choices of the hand-written filter form: Django's widgets would cost more than the page."""
    with translation.override(language):
        return {
            "kind": list(kind_names(language).items()),
            "when": [(value, str(label)) for value, label in WHENS],
            "online": [(value, str(label)) for value, label in ONLINES],
            "within": [(str(d), str(d)) for d in DISTANCES],
        }


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return min(max(number, 1), LAST_PAGE)


def _address(request: HttpRequest, **changes: str) -> str:
    """This list's address with some parameters changed, or removed by an empty value."""
    query = {name: value for name, value in request.GET.items() if value and name != "page"}
    query |= changes
    text = urlencode({name: value for name, value in query.items() if value})
    return f"{request.path}?{text}" if text else request.path


def _status(total: int, form: EventFilterForm) -> str:
    if total > COUNT_TO:
        count = gettext("More than 1,000 events")
    else:
        count = ngettext("%(n)d event", "%(n)d events", total) % {"n": total}
    if not form.place:
        return count
    return gettext("%(count)s near %(place)s") % {"count": count, "place": form.place.label}


def _chips(request: HttpRequest, form: EventFilterForm, language: str) -> list[tuple[str, str]]:
    """Filters in use as (text, address without it)."""
    data, options = form.cleaned_data, _options(language)
    chips = []
    if form.place:
        chips.append((form.place.label, _address(request, near="", within="")))
    chips.extend(
        (dict(options[name])[data[name]], _address(request, **{name: ""}))
        for name in ("when", "kind", "online")
        if data[name]
    )
    chips.extend(
        (data[name].isoformat(), _address(request, **{name: ""})) for name in ("from", "to") if data[name]
    )
    return chips


def _alternatives(form: EventFilterForm) -> tuple[str, ...]:
    return form.place.alternatives if form.place else ()


def _wider(request: HttpRequest, form: EventFilterForm) -> tuple[int, str] | None:
    """The next larger radius and its address, for a list that came out empty."""
    within = form.cleaned_data["within"] or DEFAULT_DISTANCE
    larger = next((d for d in DISTANCES if d > within and d >= 100), None)
    return (larger, _address(request, within=str(larger))) if form.place and larger else None
