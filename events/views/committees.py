"""A committee's page: here, because it shows events."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from committees.cards import kind_names
from committees.models import Committee, Membership
from committees.views.finding import find, own_membership
from events.cards import cards
from events.waiting import waiting_for
from hub.permissions import is_moderator

NEXT = 5  # events shown; the list has them all
ANNOUNCED = 3  # announcements shown to members; their own page has them all


def committee_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is, where, its next events, and one's own part in it. Nobody's name and no number of
    members; its members read who coordinates it, of those who agreed."""
    committee = find(request, slug)
    language = translation.get_language() or "en"
    membership = own_membership(request, committee)
    belongs = membership is not None and membership.state == Membership.State.ACTIVE
    upcoming = (
        committee.events.visible_to(request.user)
        .filter(status="published")
        .exclude(visibility="unlisted")
        .upcoming(timezone.now())
        .for_list_page()
    )
    rows = list(upcoming[: NEXT + 1])
    coordinates = belongs and membership is not None and membership.role == Membership.Role.COORDINATOR
    context = {
        "committee": committee,
        "kind": kind_names(language)[committee.kind],
        "lang": "" if committee.language == language else committee.language,
        "membership": membership,
        "belongs": belongs,
        "coordinates": coordinates,
        "waiting": waiting_for([committee.pk]).get(committee.pk) if coordinates else None,
        "coordinators": _coordinators(committee) if belongs else [],
        "announcements": committee.announcements.visible_to(request.user).sent()[:ANNOUNCED]
        if belongs
        else [],
        "moderates": is_moderator(request.user),
        "cards": cards(rows[:NEXT], language),
        "more": len(rows) > NEXT,
    }
    response = render(request, "committees/committee_page.html", context)
    if committee.is_hidden or request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"
    return response


def _coordinators(committee: Committee) -> list[str]:
    """The names of those who coordinate it and let the other members read them."""
    coordinators = Membership.objects.coordinators().filter(committee=committee, shows_name=True)
    return [one.display_name for one in coordinators.order_by("since", "pk") if one.display_name]
