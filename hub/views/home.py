"""The home page: one sentence, one field, the next day of action, the soonest events."""

from typing import Any

from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from campaigns.models import Campaign
from events.cards import cards
from events.models import DayOfAction, DayText, Event
from events.views.days import dates_text, for_reader, places_of
from hub.texts import in_language

SOONEST = 5
LOOK_AT = 40  # events looked through to find five in different cities


def home(request: HttpRequest) -> HttpResponse:
    """Four queries: the campaign, the soonest events, the next day of action and where it is."""
    language = translation.get_language() or "en"
    campaign = Campaign.objects.visible_to(request.user).home().first()
    soonest = (
        Event.objects.visible_to(request.user)
        .listed()
        .upcoming(timezone.now())
        .filter(event_status=Event.EventStatus.SCHEDULED)
    )
    chosen, cities = [], set()
    for row in soonest.for_list_page()[:LOOK_AT]:
        if row["city"] in cities:
            continue
        cities.add(row["city"])
        chosen.append(row)
        if len(chosen) == SOONEST:
            break
    context = {
        "campaign": campaign,
        "summary": campaign.summary_in(language) if campaign else "",
        "cards": cards(chosen, language),
        "day": _next_day(request, language),
    }
    return render(request, "home.html", context)


def _next_day(request: HttpRequest, language: str) -> dict[str, Any] | None:
    """The day of action that comes next, if one is published."""
    ahead = DayOfAction.objects.visible_to(request.user).listed().ahead(timezone.now().date())
    texts = DayText.objects.filter(day=Subquery(ahead.values("pk")[:1])).select_related("day")
    words = in_language(texts, language)
    if words is None:
        return None
    places = places_of([words.day_id], for_reader(request)).get(words.day_id)
    return {
        "slug": words.day.slug,
        "title": words.title,
        "lang": "" if words.language == language else words.language,
        "dates": dates_text(words.day, language),
        "places": places.text if places else "",
    }
