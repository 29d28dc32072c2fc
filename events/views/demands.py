"""A demand's page: here, because it shows the events that are held for it."""

from datetime import datetime
from typing import Any

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.demand_texts import support_text
from campaigns.models import Appeal, AppealText, AppealVersion, Demand, DemandSupporter, DemandText
from campaigns.permissions import runs_campaign
from campaigns.tags import tag_name
from campaigns.views.demands import language
from committees.models import Committee
from committees.views.demands import committees_behind
from events.cards import cards
from events.models import Event
from hub import links
from hub.models import User
from hub.texts import foreign, in_language

APPEALS, EVENTS, COMMITTEES = 20, 12, 30  # shown of each


@require_safe
def demand_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Its words, when and where they were adopted, who supports it, and what carries it."""
    demand, words, committees_there = _find(request, slug)
    now = timezone.now()
    events = _events(request, demand, now)
    committees = list(
        Committee.objects.visible_to(request.user)
        .listed()
        .filter(demand_supports__demand=demand)
        .order_by("name", "id")
        .values("slug", "name", "language")[:COMMITTEES]
    )
    context = {
        "demand": demand,
        "campaign": demand.campaign,
        "words": words,
        "lang": foreign(words, language()),
        "tags": sorted((tag_name(tag), tag.slug) for tag in demand.tags.all()),
        "support": support_text(demand.supporters, committees_there),
        "appeals": _appeals(request, demand),
        "ahead": cards((row for row in events if row["ahead"]), language()),
        "past": cards((row for row in events if not row["ahead"]), language()),
        "committees": committees,
        "more_committees": max(0, committees_there - len(committees)),
        "page_url": links.site_url(request.path),
        **_own_part(request, demand),
    }
    return render(request, "campaigns/demand_page.html", context)


def _find(request: HttpRequest, slug: str) -> tuple[Demand, DemandText, int]:
    """The demand behind an address with its campaign, its words for this reader and how many committees
    support it, in one query. Raises Http404."""
    demands = Demand.objects.visible_to(request.user).filter(slug=slug)
    texts: Any = (
        DemandText.objects.in_force()
        .filter(version__demand__in=demands)
        .select_related("version__demand__campaign")
        .annotate(committees=committees_behind(OuterRef("version__demand")))
    )
    words = in_language(texts, language())
    if words is None:
        raise Http404
    return words.version.demand, words, words.committees


def _own_part(request: HttpRequest, demand: Demand) -> dict[str, bool]:
    """What only somebody with an account is shown: their own support, and the way to that of a committee."""
    user = request.user
    if not isinstance(user, User):
        return {}
    return {
        "supports": DemandSupporter.objects.filter(demand=demand, user=user).exists(),
        "coordinates": Committee.objects.coordinated_by(user).exists(),
        "runs": runs_campaign(user, demand.campaign),
    }


def _appeals(request: HttpRequest, demand: Demand) -> list[dict[str, str]]:
    """Documents on the site that carry it, the newest first, in one query."""
    newest = AppealVersion.objects.filter(appeal=OuterRef("version__appeal")).order_by("-number")
    appeals = Appeal.objects.visible_to(request.user).filter(demands=demand, status=Appeal.Status.PUBLISHED)
    texts = (
        AppealText.objects.filter(
            version__appeal__in=appeals, version__number=Subquery(newest.values("number")[:1])
        )
        .select_related("version__appeal")
        .order_by("-version__appeal__published_at", "version__appeal__id")
    )
    of_each: dict[Appeal, list[AppealText]] = {}
    for text in texts[: APPEALS * 2]:
        of_each.setdefault(text.version.appeal, []).append(text)
    entries = []
    for appeal, some in list(of_each.items())[:APPEALS]:
        words = in_language(some, language())
        assert words is not None
        entries.append(
            {
                "slug": appeal.slug,
                "title": words.title,
                "kind": appeal.get_kind_display(),
                "lang": foreign(words, language()),
            }
        )
    return entries


def _events(request: HttpRequest, demand: Demand, now: datetime) -> list[dict[str, Any]]:
    """Cards of what this reader may see in a list: those ahead, the soonest first, then the last ones."""
    ahead = Q(next_end__gt=now) | Q(event_status=Event.EventStatus.POSTPONED)
    rows = (
        Event.objects.visible_to(request.user)
        .listed_for(request.user)
        .filter(demands=demand)
        .order_by(
            Case(When(ahead, then=Value(0)), default=Value(1)),
            Case(When(ahead, then=F("next_start"))),
            "-next_start",
            "id",
        )
        .for_list_page()[:EVENTS]
    )
    postponed = Event.EventStatus.POSTPONED
    return [{**row, "ahead": row["next_end"] > now or row["event_status"] == postponed} for row in rows]
