"""An event's public page and its calendar file."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from events.actions.rsvps import closed_reason
from events.calendar import event_ics
from events.cards import badge, kind_names
from events.models import Event, Timeslot
from events.querysets import EventQuerySet
from events.when import when_html, when_text
from hub import links
from hub.prepared import Parameter, Prepared


def _times_of(events: EventQuerySet) -> QuerySet[Timeslot]:
    """The times of these events, each with its event and campaign."""
    return Timeslot.objects.filter(event__in=events).select_related("event__campaign").order_by("start")


_slug = Parameter("slug", Event._meta.get_field("slug"))
PUBLIC = Prepared(lambda: _times_of(Event.objects.visible_to(AnonymousUser()).filter(slug=_slug)))


def find(request: HttpRequest, slug: str) -> tuple[Event, list[Timeslot]]:
    """The event behind an address with its campaign and its times, in one query. Raises Http404."""
    if request.user.is_authenticated:
        slots = list(_times_of(Event.objects.visible_to(request.user).filter(slug=slug)))
    else:
        slots = PUBLIC.rows(slug=slug)
    if not slots:
        raise Http404
    return slots[0].event, slots


def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What, when, where, who, and one button."""
    event, slots = find(request, slug)
    slot = shown_slot(slots)
    language = translation.get_language() or "en"
    now = timezone.now()
    context = {
        "event": event,
        "slot": slot,
        "kind": kind_names(language)[event.kind],
        **when_texts(event, slot, language),
        "badge": badge(event.__dict__, language),
        "closed": closed_reason(event, slot, now),
        "lang": "" if event.language == language else event.language,
        "calendar_url": calendar_url(event, language),
        "page_url": links.site_url(request.path),
    }
    return render(request, "events/event_detail.html", context)


def when_texts(event: Event, slot: Timeslot, language: str) -> dict[str, str]:
    """When it is, plain and for the page."""
    times = (slot.start, slot.end, event.zone, language)
    return {
        "when": when_text(*times, all_day=slot.all_day),
        "when_html": when_html(*times, all_day=slot.all_day),
    }


def shown_slot(slots: list[Timeslot]) -> Timeslot:
    """The running or next timeslot, or the last one when all are over."""
    now = timezone.now()
    return next((slot for slot in slots if slot.end > now), slots[-1])


def calendar_url(event: Event, language: str, *, neutral: bool = False, tentative: bool = False) -> str:
    """Where the calendar file is; files have one address, so the language goes into the query."""
    query = {"neutral": "1"} if neutral else {}
    if tentative:
        query["tentative"] = "1"
    if language != settings.LANGUAGE_CODE:
        query["lang"] = language
    path = reverse("event_calendar", args=[event.slug])
    return f"{path}?{urlencode(query)}" if query else path


def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The event as an .ics file; `?neutral=1` gives no more than "Meeting", `?tentative=1` is for who has
    no place yet, `?lang=es` is in Spanish."""
    event, slots = find(request, slug)
    neutral = request.GET.get("neutral") == "1"
    wanted = request.GET.get("lang", "")
    with translation.override(wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        url = links.url("events:detail", event.slug)
        tentative = request.GET.get("tentative") == "1"
        file = event_ics(event, slots, url=url, neutral=neutral, tentative=tentative)
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    name = "meeting" if neutral else event.slug
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response
