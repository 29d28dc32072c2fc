"""A campaign's page: here, because it shows the day of action and the events to come."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from campaigns.demand_texts import words_in_force
from campaigns.endorsers import organizations_behind
from campaigns.models import Campaign, Demand
from campaigns.views.appeals import put_first
from campaigns.views.campaigns import words_of
from campaigns.views.posts import newest
from events.cards import cards
from events.models import Event
from events.views.days import next_day
from hub import links
from hub.texts import foreign

EVENTS, POSTS, DEMANDS, ORGANIZATIONS = 5, 3, 40, 30  # shown of each


@require_safe
def campaign_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is, and the beginnings of everything it does. Eight queries: the campaign, its appeal, its
    demands, the next day of action and where that is, the next events, the newest posts, who endorses it."""
    language = translation.get_language() or "en"
    words = words_of(Campaign.objects.visible_to(request.user).filter(slug=slug))
    if words is None:
        raise Http404
    campaign = words.campaign
    adopted = Demand.objects.visible_to(request.user).filter(
        campaign=campaign, status=Demand.Status.ADOPTED, order__lte=DEMANDS
    )
    events = Event.objects.visible_to(request.user).listed().upcoming(timezone.now())
    behind = list(organizations_behind(campaign)[: ORGANIZATIONS + 1])
    context = {
        "campaign": campaign,
        "words": words,
        "lang": foreign(words, language),
        "appeal": put_first(request.user, campaign),
        "demands": [
            (said.version.demand.slug, said.version.demand.order, said.title, foreign(said, language))
            for said in words_in_force(adopted, language)
        ],
        "day": next_day(request, campaign=campaign),
        "cards": cards(events.filter(campaign=campaign).for_list_page()[:EVENTS], language),
        "posts": newest(request.user, POSTS, campaign=campaign),
        "organizations": behind[:ORGANIZATIONS],
        "more": len(behind) > ORGANIZATIONS,
        "page_url": links.site_url(request.path),
    }
    return render(request, "campaigns/campaign.html", context)
