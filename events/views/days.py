"""Days of action: which there are, one of them with its local events, and how to host one."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from campaigns.endorsers import endorsements_block
from events.cards import badge
from events.models import DayEndorsement, DayOfAction, DayText, Event
from events.querysets import EventQuerySet, first_day_left
from events.when import clock_text, day_text, days_text, start_text, whole_days
from hub import links
from hub.areas import area_text
from hub.paging import page_number, page_of, pager
from hub.places import american, city_name, country_name, fold
from hub.texts import foreign, in_language
from hub.zones import zone_info

DAYS = 20  # on a page
LOCAL_EVENTS = 50


class Places(NamedTuple):
    """Where the local events of a day are: countries by code, and in how many cities something takes
    place."""

    countries: dict[str, int]

    @property
    def text(self) -> str:
        """ "12 cities in 6 countries"; empty while there are none."""
        cities = sum(self.countries.values())
        somewhere = [code for code, number in self.countries.items() if code and number]
        if not cities:
            return ""
        return gettext("%(cities)s in %(countries)s") % {
            "cities": ngettext("%(n)d city", "%(n)d cities", cities) % {"n": cities},
            "countries": ngettext("%(n)d country", "%(n)d countries", len(somewhere)) % {"n": len(somewhere)},
        }


def places_of(days: Iterable[UUID], events: EventQuerySet) -> dict[UUID, Places]:
    """Where these events of these days are, in one query. What is cancelled counts in no city."""
    takes_place = ~Q(city="") & ~Q(event_status=Event.EventStatus.CANCELLED)
    rows = (
        events.filter(day__in=list(days))
        .order_by()
        .values("day_id", "country")
        .annotate(cities=Count(Concat("city", Value("|"), "region"), distinct=True, filter=takes_place))
        .values_list("day_id", "country", "cities")
    )
    found: dict[UUID, Places] = {}
    for day_id, country, cities in rows:
        found.setdefault(day_id, Places({})).countries[country] = cities
    return found


def for_reader(request: HttpRequest) -> EventQuerySet:
    """The local events a reader may see in a list."""
    return Event.objects.visible_to(request.user).listed_for(request.user)


def dates_text(day: DayOfAction, language: str) -> str:
    """Its day, or its first to its last."""
    return days_text(day.first_date, day.last_date, language)


def mode_text(day: DayOfAction, language: str) -> str:
    """How the hours of its local events hang together, as a sentence."""
    if day.mode == DayOfAction.Mode.SAME_HOUR and day.hour is not None:
        return gettext("It begins at %(hour)s by the clock of each place.") % {
            "hour": clock_text(day.hour, language)
        }
    if day.mode == DayOfAction.Mode.SAME_INSTANT and day.instant is not None:
        utc = day.instant.astimezone(zone_info("UTC"))
        return gettext(
            "It begins everywhere at the same moment: %(day)s, %(hour)s UTC. Below, each place has it in its "
            "own time."
        ) % {"day": day_text(utc, language), "hour": clock_text(utc, language)}
    return gettext("Each place chooses its own hour.")


def differs(row: dict[str, Any], day: DayOfAction) -> bool:
    """Whether a local event does not keep to the day's common hour or moment."""
    if day.mode == DayOfAction.Mode.SAME_HOUR and day.hour is not None:
        local = row["next_start"].astimezone(zone_info(row["zone"]))
        return (local.hour, local.minute) != (day.hour.hour, day.hour.minute)
    return day.mode == DayOfAction.Mode.SAME_INSTANT and row["next_start"] != day.instant


def find(request: HttpRequest, slug: str) -> tuple[DayOfAction, DayText]:
    """The day behind an address with its campaign, and its words for this reader, in one query. Raises
    Http404."""
    days = DayOfAction.objects.visible_to(request.user).filter(slug=slug)
    endorsed = Exists(DayEndorsement.objects.listed().filter(day=OuterRef("day")))
    texts = list(
        DayText.objects.filter(day__in=days)
        .select_related("day__campaign")
        .annotate(has_endorsements=endorsed)
    )
    words = in_language(texts, translation.get_language() or "en")
    if words is None:
        raise Http404
    return words.day, words


def is_over(day: DayOfAction) -> bool:
    """Whether it is over everywhere."""
    return day.last_date < first_day_left(timezone.now().date())


def next_day(request: HttpRequest, **which: Any) -> dict[str, Any] | None:
    """The day of action that comes next and where it takes place, in two queries; None where none is ahead.
    `which` are conditions, such as the campaign."""
    language = translation.get_language() or "en"
    ahead = DayOfAction.objects.visible_to(request.user).listed().ahead(timezone.now().date()).filter(**which)
    texts = DayText.objects.filter(day=Subquery(ahead.values("pk")[:1])).select_related("day")
    words = in_language(texts, language)
    if words is None:
        return None
    places = places_of([words.day_id], for_reader(request)).get(words.day_id)
    return {
        "slug": words.day.slug,
        "title": words.title,
        "lang": foreign(words, language),
        "dates": dates_text(words.day, language),
        "places": places.text if places else "",
    }


def day_list(request: HttpRequest) -> HttpResponse:
    """Those ahead, then those that are over."""
    language = translation.get_language() or "en"
    number = page_number(request)
    days = DayOfAction.objects.visible_to(request.user).listed().ahead_then_past(timezone.now().date())
    rows = page_of(days.prefetch_related("texts"), number, DAYS)
    shown = rows[:DAYS]
    places = places_of((day.pk for day in shown), for_reader(request))
    entries = [_entry(day, places.get(day.pk), language) for day in shown]
    context = {
        "ahead": [entry for entry in entries if not entry["over"]],
        "past": [entry for entry in entries if entry["over"]],
    } | pager(request, number, rows, DAYS)
    return render(request, "events/day_list.html", context)


def _entry(day: Any, places: Places | None, language: str) -> dict[str, Any]:
    words = day.text_in(language)
    return {
        "slug": day.slug,
        "title": words.title if words else day.slug,
        "lang": foreign(words, language),
        "dates": dates_text(day, language),
        "places": places.text if places else "",
        "over": day.is_over,
    }


def day_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The call, and its local events by country and city."""
    language = translation.get_language() or "en"
    day, words = find(request, slug)
    events = for_reader(request).filter(day=day)
    places = places_of([day.pk], events).get(day.pk, Places({}))
    number = page_number(request)
    rows = page_of(_by_place(events, places).for_list_page(), number, LOCAL_EVENTS)
    calendar = reverse("day_calendar", args=[day.slug])
    context = {
        "day": day,
        "campaign": day.campaign,
        "words": words,
        "lang": foreign(words, language),
        "dates": dates_text(day, language),
        "single": day.first_date == day.last_date,
        "mode": mode_text(day, language),
        "places": places.text,
        "over": is_over(day),
        "countries": _countries(rows[:LOCAL_EVENTS], day, language),
        "calendar_url": calendar if language == settings.LANGUAGE_CODE else f"{calendar}?lang={language}",
        "page_url": links.site_url(request.path),
        **_endorsed(day, words),
    } | pager(request, number, rows, LOCAL_EVENTS)
    return render(request, "events/day_detail.html", context)


def _endorsed(day: DayOfAction, words: Any) -> dict[str, Any]:
    """Who endorses it; `words` are those that `find` found."""
    return endorsements_block("day", day, timezone.now(), any_there=words.has_endorsements)


def _by_place(events: EventQuerySet, places: Places) -> Any:
    """By the country's name as the reader knows it, then city, then hour; online ones come last."""
    named = sorted(places.countries, key=lambda code: (not code, fold(country_name(code))))
    places_in_order = [When(country=code, then=Value(place)) for place, code in enumerate(named)]
    order = Case(*places_in_order, default=Value(len(named)))
    return events.order_by(order, "city", "region", "next_start", "id")


def _countries(rows: list[dict[str, Any]], day: DayOfAction, language: str) -> list[dict[str, Any]]:
    """Rows that stand in order, as headings with cities with events."""
    countries = []
    for code, of_country in groupby(rows, key=lambda row: row["country"]):
        cities = [
            {"name": _city(*town, code), "events": [_local_event(row, day, language) for row in of_city]}
            for town, of_city in groupby(of_country, key=lambda row: (row["city"], row["region"]))
        ]
        countries.append({"name": country_name(code) if code else gettext("Online"), "cities": cities})
    return countries


def _city(city: str, region: str, code: str) -> str:
    """Under the heading of its country, so without that."""
    if not city:
        return gettext("From anywhere")
    return (
        area_text(city, region, code) if code == "US" or code in american() else city_name(city, region, code)
    )


def _local_event(row: dict[str, Any], day: DayOfAction, language: str) -> dict[str, Any]:
    start, zone = row["next_start"], row["zone"]
    return {
        "slug": row["slug"],
        "title": row["title"],
        "lang": "" if row["language"] == language else row["language"],
        "start": start.isoformat(),
        "when": start_text(start, zone, language, all_day=whole_days(start, row["next_end"], zone)),
        "differs": differs(row, day),
        "online": row["online"] and row["city"],
        "badge": badge(row, language),
        "off": row["event_status"] == Event.EventStatus.CANCELLED,
    }


def day_host(request: HttpRequest, slug: str) -> HttpResponse:
    """What hosting a local event means, and the way to the form."""
    language = translation.get_language() or "en"
    day, words = find(request, slug)
    over = is_over(day)
    context = {
        "day": day,
        "campaign": day.campaign,
        "words": words,
        "lang": foreign(words, language),
        "dates": dates_text(day, language),
        "single": day.first_date == day.last_date,
        "mode": mode_text(day, language),
        "over": over,
        "propose_url": f"{reverse('events:propose')}?day={day.slug}",
    }
    return render(request, "events/day_host.html", context, status=410 if over else 200)
