"""Calendar feeds of a day of action and of a committee.

Calendars are fetched by other people's servers, without a session, and kept there: a feed holds what
everybody may see, whoever asks.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation

from committees.models import Committee
from events.calendar import feed_ics
from events.models import DayOfAction, Event, Timeslot
from events.querysets import EventQuerySet

EVERYBODY = AnonymousUser()
KEPT = timedelta(days=30)  # after its end an event stays in the feed for so long
MOST = 1000  # events in one feed


def day_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """A day's local events, each in its own zone; `?lang=es` names it in Spanish."""
    day = DayOfAction.objects.visible_to(EVERYBODY).filter(slug=slug).prefetch_related("texts").first()
    if day is None:
        raise Http404
    language = _language(request)
    words = day.text_in(language)
    return _feed(Event.objects.filter(day=day), words.title if words else "", day.slug, language)


def committee_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """A committee's events; a hidden one has no feed, for its members neither."""
    committee = Committee.objects.visible_to(EVERYBODY).filter(slug=slug).first()
    if committee is None:
        raise Http404
    events = Event.objects.filter(committee=committee)
    return _feed(events, committee.name, committee.slug, _language(request))


def _language(request: HttpRequest) -> str:
    """Files have one address, so the language stands in the query."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _feed(events: EventQuerySet, name: str, slug: str, language: str) -> HttpResponse:
    listed = events.visible_to(EVERYBODY).listed()
    slots = Timeslot.objects.filter(event__in=listed, end__gt=timezone.now() - KEPT)
    rows = list(slots.select_related("event").order_by("start", "id")[:MOST])
    with translation.override(language):
        file = feed_ics(rows, name=name)
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return response
