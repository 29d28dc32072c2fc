"""An event's public page and its calendar file."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from campaigns.demand_texts import words_in_force
from campaigns.endorsers import endorsements_block
from campaigns.models import Demand
from campaigns.permissions import runs_campaign
from events.actions.rsvps import closed_reason
from events.calendar import event_ics
from events.cards import badge, kind_names
from events.forms.members import MemberRsvpForm
from events.hosts import host_of
from events.models import DayText, Event, EventEndorsement, Timeslot, Update
from events.querysets import EventQuerySet
from events.standing import standing_of
from events.when import start_text, when_html, when_text
from hub import links
from hub.models import User
from hub.prepared import Parameter, Prepared
from hub.texts import foreign

UPDATES = 5  # of the host's words, the newest


def _times_of(events: EventQuerySet, language: str | Parameter) -> QuerySet[Timeslot]:
    """The times of these events, each with its event, campaign and committee, and what its page says of
    the day of action in this language."""
    texts = DayText.objects.filter(day=OuterRef("event__day"), day__status="published").order_by(
        Case(When(language=language, then=0), When(language="en", then=1), default=2), "language"
    )
    return (
        Timeslot.objects.filter(event__in=events)
        .select_related("event__campaign", "event__committee")
        .annotate(
            day_slug=Subquery(texts.values("day__slug")[:1]),
            day_title=Subquery(texts.values("title")[:1]),
            day_language=Subquery(texts.values("language")[:1]),
            has_updates=Exists(Update.objects.filter(event=OuterRef("event"))),
            has_demands=Exists(Event.demands.through.objects.filter(event=OuterRef("event"))),
            has_endorsements=Exists(EventEndorsement.objects.listed().filter(event=OuterRef("event"))),
        )
        .order_by("start")
    )


PUBLIC = Prepared(
    lambda: _times_of(
        Event.objects.visible_to(AnonymousUser()).filter(
            slug=Parameter("slug", Event._meta.get_field("slug"))
        ),
        Parameter("language", DayText._meta.get_field("language")),
    )
)


# The form needs no more than the event itself, and is what many send at the same moment.
_FORM = Prepared(
    lambda: (
        Timeslot.objects.filter(
            event__in=Event.objects.visible_to(AnonymousUser()).filter(
                slug=Parameter("slug", Event._meta.get_field("slug"))
            )
        )
        .select_related("event")
        .order_by("start")
    )
)


def find_for_form(request: HttpRequest, slug: str) -> tuple[Event, list[Timeslot]]:
    """The event behind an address and its times, for the RSVP form. Raises Http404."""
    if request.user.is_authenticated:
        return find(request, slug)
    slots = _FORM.rows(slug=slug)
    if not slots:
        raise Http404
    return slots[0].event, slots


def find(request: HttpRequest, slug: str) -> tuple[Event, list[Timeslot]]:
    """The event behind an address with its campaign, its committee and its times, in one query. Raises
    Http404."""
    language = translation.get_language() or "en"
    if request.user.is_authenticated:
        slots = list(_times_of(Event.objects.visible_to(request.user).filter(slug=slug), language))
    else:
        slots = PUBLIC.rows(slug=slug, language=language)
    if not slots:
        raise Http404
    return slots[0].event, slots


def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What, when, where, who, and one button."""
    event, slots = find(request, slug)
    return event_page(request, event, slots)


def event_page(
    request: HttpRequest,
    event: Event,
    slots: list[Timeslot],
    *,
    member_form: MemberRsvpForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an event that `find` found, with a member's form as it was sent."""
    slot: Any = shown_slot(slots)
    language = translation.get_language() or "en"
    now = timezone.now()
    standing = standing_of(request.user, event, now) if isinstance(request.user, User) else None
    if standing and member_form is None:
        member_form = MemberRsvpForm(committees=standing.may_name)
    context = {
        "event": event,
        "slot": slot,
        "kind": kind_names(language)[event.kind],
        **when_texts(event, slot, language),
        "badge": badge(event.__dict__, language),
        "closed": closed_reason(event, slot, now),
        "lang": "" if event.language == language else event.language,
        "host": host_of(event),
        "day_lang": "" if slot.day_language == language else slot.day_language,
        "updates": updates_of(event, language) if slot.has_updates else [],
        "demands": _demands(request, event, language) if slot.has_demands else [],
        "standing": standing,
        "member_form": member_form,
        "form": member_form,  # for the errors on top
        "calendar_url": calendar_url(event, language),
        "page_url": links.site_url(reverse("events:detail", args=[event.slug])),
        "starts_posts": event.status == Event.Status.PUBLISHED
        and event.visibility == Event.Visibility.PUBLIC
        and runs_campaign(request.user, event.campaign),
        **endorsements_block("event", event, now, any_there=slot.has_endorsements),
    }
    return render(request, "events/event_detail.html", context, status=status)


def updates_of(event: Event, language: str) -> list[tuple[str, str, str]]:
    """The host's newest words as (moment, when people read it was, text)."""
    return [
        (update.made_at.isoformat(), start_text(update.made_at, event.zone, language), update.text)
        for update in event.updates.all()[:UPDATES]
    ]


def _demands(request: HttpRequest, event: Event, language: str) -> list[tuple[str, str, str]]:
    """What it is held for, as (address, title, language to mark it with), in one query."""
    demands = Demand.objects.visible_to(request.user).filter(events=event)
    return [
        (words.version.demand.slug, words.title, foreign(words, language))
        for words in words_in_force(demands, language)
    ]


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
