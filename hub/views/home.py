"""The home page: one sentence, one field, the next day of action, the soonest events, what one can do, the
newest posts, and who stands behind it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from campaigns.endorsers import organizations_behind
from campaigns.models import Campaign
from campaigns.views.appeals import put_first
from campaigns.views.campaigns import words_of
from campaigns.views.posts import newest
from events.cards import cards
from events.models import Event
from events.views.days import next_day
from hub import links
from hub.texts import foreign

SOONEST = 5
LOOK_AT = 40  # events looked through to find five in different cities
POSTS = 2
ORGANIZATIONS = 12


def home(request: HttpRequest) -> HttpResponse:
    """Seven queries: the campaign, its appeal, who endorses it; the soonest events, the next day of action
    and where that is; the newest posts."""
    language = translation.get_language() or "en"
    words = words_of(Campaign.objects.visible_to(request.user).home())
    context: dict[str, Any] = {
        "cards": cards(_soonest(request), language),
        "day": next_day(request),
        "posts": newest(request.user, POSTS),
        "page_url": links.site_url(request.path),
    }
    if words is not None:
        behind = list(organizations_behind(words.campaign)[: ORGANIZATIONS + 1])
        context |= {
            "campaign": words.campaign,
            "words": words,
            "lang": foreign(words, language),
            "appeal": put_first(request.user, words.campaign),
            "organizations": behind[:ORGANIZATIONS],
            "more": len(behind) > ORGANIZATIONS,
        }
    return render(request, "home.html", context)


def _soonest(request: HttpRequest) -> list[dict[str, Any]]:
    """The next events anywhere, no two in one city."""
    soonest = (
        Event.objects.visible_to(request.user)
        .listed()
        .upcoming(timezone.now())
        .filter(event_status=Event.EventStatus.SCHEDULED)
    )
    chosen, cities = [], set()
    for row in soonest.for_list_page()[:LOOK_AT]:
        if row["city"] not in cities:
            cities.add(row["city"])
            chosen.append(row)
    return chosen[:SOONEST]
