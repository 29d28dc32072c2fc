"""Pages of demands that show nothing of the floors above: the history, the leaflet, a member's support."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from campaigns.actions import demands as actions
from campaigns.actions.demands import DemandRefused
from campaigns.demand_texts import shown
from campaigns.difference import difference_html, markdown_difference_html
from campaigns.models import Campaign, Demand, DemandText, DemandVersion
from campaigns.views.campaigns import words_of
from hub import links, qr
from hub.models import User
from hub.paging import PAGE, page_number, page_of, pager
from hub.slugs import is_slug
from hub.texts import foreign, in_language

VERSIONS = 10  # on a page of the history
LEAFLET_MOST = 200  # demands


def find(request: HttpRequest, slug: str) -> tuple[Demand, DemandText]:
    """The demand behind an address with its campaign, and its words for this reader, in one query. Raises
    Http404."""
    demands = Demand.objects.visible_to(request.user).filter(slug=slug)
    texts = DemandText.objects.in_force().filter(version__demand__in=demands)
    words = in_language(texts.select_related("version__demand__campaign"), translation.get_language() or "en")
    if words is None:
        raise Http404
    return words.version.demand, words


def language() -> str:
    """The reader's."""
    return translation.get_language() or "en"


# --- The history -----------------------------------------------------------------------------------
@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version, the newest first, each with what it changed in the one before."""
    demand, words = find(request, slug)
    number = page_number(request)
    versions = DemandVersion.objects.filter(demand=demand).order_by("-number").prefetch_related("texts")
    rows = page_of(versions, number, VERSIONS)
    context = {
        "demand": demand,
        "campaign": demand.campaign,
        "words": words,
        "lang": foreign(words, language()),
        "versions": [
            _version(version, rows[place + 1] if place + 1 < len(rows) else None)
            for place, version in enumerate(rows[:VERSIONS])
        ],
    } | pager(request, number, rows, VERSIONS)
    return render(request, "campaigns/demand_history.html", context)


def _version(version: DemandVersion, before: DemandVersion | None) -> dict[str, Any]:
    """A version in the reader's language, with the difference to the one before in the same language."""
    words = in_language(version.texts.all(), language())
    assert words is not None  # a version has words in one language at least
    earlier = None
    if before is not None:
        earlier = next((text for text in before.texts.all() if text.language == words.language), None)
    return {
        "number": version.number,
        "made_at": version.made_at,
        "words": words,
        "lang": foreign(words, language()),
        "compared": earlier is not None,
        "title": difference_html(earlier.title, words.title) if earlier else "",
        "text": markdown_difference_html(earlier.text, words.text) if earlier else "",
    }


# --- What is demanded no more ------------------------------------------------------------------------
@require_safe
def retired(request: HttpRequest) -> HttpResponse:
    """Retired demands of every campaign, the last first."""
    number = page_number(request)
    demands = Demand.objects.visible_to(request.user).retired().select_related("campaign")
    rows = page_of(demands, number)
    context = {"demands": shown(rows[:PAGE], language())} | pager(request, number, rows)
    return render(request, "campaigns/demand_retired.html", context)


# --- The leaflet -----------------------------------------------------------------------------------
@require_safe
def platform(request: HttpRequest) -> HttpResponse:
    """All adopted demands of a campaign on a sheet to print, with the address where they stand. Without a
    campaign in the address it is the home page's."""
    slug = request.GET.get("campaign", "")
    campaigns = Campaign.objects.visible_to(request.user)
    if slug and not is_slug(slug):
        raise Http404
    words = words_of(campaigns.filter(slug=slug) if slug else campaigns.home())
    if words is None:
        raise Http404
    adopted = Demand.objects.visible_to(request.user).adopted().filter(campaign=words.campaign)
    url = links.site_url(reverse("demands:list"))
    context = {
        "campaign": words.campaign,
        "words": words,
        "demands": shown(adopted.select_related("campaign")[:LEAFLET_MOST], language()),
        "url": url,
        "qr": qr.of_page(url),
    }
    return render(request, "campaigns/demand_platform.html", context)


# --- A member's support ------------------------------------------------------------------------------
def _of_member(act: Callable[..., None]) -> Callable[..., HttpResponse]:
    """A button on the demand's page, which comes back to it."""

    @require_POST
    def view(request: HttpRequest, slug: str) -> HttpResponse:
        demand, words = find(request, slug)
        page = reverse("demands:detail", args=[slug])
        if not isinstance(request.user, User):
            return redirect_to_login(page)
        try:
            act(demand, request.user, at=timezone.now())
        except DemandRefused:
            context = {
                "demand": demand,
                "campaign": demand.campaign,
                "words": words,
                "lang": foreign(words, language()),
            }
            return render(request, "campaigns/demand_refused.html", context, status=410)
        return HttpResponseRedirect(f"{page}#support")

    return view


support = _of_member(actions.support_demand)
withdraw = _of_member(actions.withdraw_support)
