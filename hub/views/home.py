"""The home page: one sentence, one field, the soonest events."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from campaigns.models import Campaign
from events.cards import cards
from events.models import Event

SOONEST = 5
LOOK_AT = 40  # events looked through to find five in different cities


def home(request: HttpRequest) -> HttpResponse:
    """Two queries: the campaign, the soonest events."""
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
    }
    return render(request, "home.html", context)
