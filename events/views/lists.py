"""The event list: near a place, of a kind, on some days."""

from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from events.cards import cards, kind_names
from events.forms.filters import ONLINES, WHENS, EventFilterForm
from events.models import Event
from events.views.days import is_over
from hub.forms import DEFAULT_DISTANCE, DISTANCES
from hub.paging import COUNT_TO, PAGE, address, asked_page, page_number, page_of, pager
from hub.prepared import Parameter, Prepared

# What most people open: the first page, nothing filtered, nobody logged in.
SOONEST = Prepared(
    lambda: (
        Event.objects.visible_to(AnonymousUser())
        .listed_for(AnonymousUser())
        .upcoming(Parameter("now", Event._meta.get_field("next_end")))  # type: ignore[arg-type]
        .for_list_page()[: PAGE + 1]
    )
)


def event_list(request: HttpRequest) -> HttpResponse:
    """Upcoming public events, filtered by the query string."""
    form = EventFilterForm(request.GET, reader=request.user)
    language = translation.get_language() or "en"
    valid = form.is_valid()
    units = gettext("miles") if form.in_miles else gettext("km")
    context: dict[str, Any] = {
        "bad": not valid,
        "form": form,
        "options": _options(request, language, units),
        # Every name is in it: asking a QueryDict for what isn't costs a template an exception.
        "chosen": {name: request.GET.get(name, "") for name in form.fields}
        | {name: form.day_typed(name) for name in ("from", "to")},
        "units": units,
    }
    if not valid:
        context["similar"] = [(text, address(request, near=text)) for text in form.similar]
        return render(request, "events/event_list.html", context, status=422)
    now = timezone.now()
    events = Event.objects.visible_to(request.user).listed_for(request.user)
    events = events.upcoming(now).on_dates(form.days(now))
    data = form.cleaned_data
    if form.chosen_committee:
        events = events.filter(committee=form.chosen_committee)
    if form.chosen_day:
        events = events.filter(day=form.chosen_day)
    if data["kind"]:
        events = events.filter(kind=data["kind"])
    if data["online"]:
        events = events.filter(online=True) if data["online"] == "yes" else events.exclude(city="")
    if form.place:
        events = events.near(form.place.point, form.km)
    page = page_number(request)
    first = (page - 1) * PAGE
    if not request.GET and not request.user.is_authenticated:
        rows = SOONEST.rows(now=now)
    else:
        rows = page_of(events.for_list_page(), page)
    at_the_end = len(rows) <= PAGE and (rows or page == 1)  # beyond it nobody knows how many came before
    total = first + len(rows) if at_the_end else events.order_by()[: COUNT_TO + 1].count()
    context |= {
        "cards": cards(rows[:PAGE], language, in_miles=form.in_miles),
        "status": _status(total, form),
        "chips": _chips(request, form, _labels(language, units)),
        "place": form.place,
        "host_day": form.chosen_day if form.chosen_day and not is_over(form.chosen_day) else None,
        "alternatives": [(text, address(request, near=text)) for text in _alternatives(form)],
        "wider": _wider(request, form),
        "within": data["within"] or DEFAULT_DISTANCE,
        "missing_page": asked_page(request) if page > 1 and not rows else 0,
        "first_page_url": address(request),
    } | pager(request, page, rows)
    return render(request, "events/event_list.html", context)


@cache
def _labels(language: str, units: str) -> dict[str, dict[str, str]]:
    """The choices of each filter: what the address says, what people read."""
    with translation.override(language):
        return {
            "within": {str(distance): f"{distance} {units}" for distance in DISTANCES},
            "when": {value: str(label) for value, label in WHENS},
            "kind": kind_names(language),
            "online": {value: str(label) for value, label in ONLINES},
        }


def _options(request: HttpRequest, language: str, units: str) -> dict[str, SafeString]:
    """What stands inside each of the filter form's selects."""
    options = {}
    for name, labels in _labels(language, units).items():
        chosen = request.GET.get(name) or ""
        if name == "within" and not chosen and request.GET.get("near"):
            chosen = str(DEFAULT_DISTANCE)
        options[name] = _option_tags(language, units, name, chosen if chosen in labels else "")
    return options


@cache
def _option_tags(language: str, units: str, name: str, chosen: str) -> SafeString:
    """Written once: Django's widgets, or loops in the template, would cost as much as the cards."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, SafeString(" selected") if value == chosen else "", label)
            for value, label in _labels(language, units)[name].items()
        ),
    )


def _status(total: int, form: EventFilterForm) -> str:
    if total > COUNT_TO:
        count = gettext("More than 1,000 events")
    else:
        count = ngettext("%(n)d event", "%(n)d events", total) % {"n": total}
    if not form.place:
        return count
    return gettext("%(count)s near %(place)s") % {"count": count, "place": form.place.label}


def _chips(
    request: HttpRequest, form: EventFilterForm, labels: dict[str, dict[str, str]]
) -> list[tuple[str, str]]:
    """Filters in use as (text, address without it)."""
    data, chips = form.cleaned_data, []
    if form.chosen_day:
        words = form.chosen_day.text_in(translation.get_language() or "en")
        chips.append((words.title if words else form.chosen_day.slug, address(request, day="")))
    if form.chosen_committee:
        chips.append((form.chosen_committee.name, address(request, committee="")))
    if form.place:
        chips.append((form.place.label, address(request, near="", within="")))
    chips.extend(
        (labels[name][data[name]], address(request, **{name: ""}))
        for name in ("when", "kind", "online")
        if data[name]
    )
    for name, word in (("from", gettext("From")), ("to", gettext("Until"))):
        if data[name]:
            chips.append((f"{word} {data[name].isoformat()}", address(request, **{name: ""})))
    return chips


def _alternatives(form: EventFilterForm) -> tuple[str, ...]:
    return form.place.alternatives if form.place else ()


def _wider(request: HttpRequest, form: EventFilterForm) -> tuple[int, str] | None:
    """The next larger radius and its address, for a list that came out empty."""
    within = form.cleaned_data["within"] or DEFAULT_DISTANCE
    larger = next((d for d in DISTANCES if d > within and d >= 100), None)
    return (larger, address(request, within=str(larger))) if form.place and larger else None
