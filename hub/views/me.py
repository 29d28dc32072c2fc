"""A member's own page: committees, what is next, settings, and everything that is held about them."""

import json
from datetime import datetime
from typing import Any

from django.contrib.auth import logout
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from campaigns.demand_texts import words_in_force
from campaigns.endorsed import title as title_of_appeal
from campaigns.models import Demand, Signature
from committees.models import Committee, Membership
from events.models import Event, Rsvp
from events.waiting import waiting_for
from events.when import start_text, whole_days
from hub import accounts
from hub.account_forms import SettingsForm
from hub.accounts import RoleRefused
from hub.models import User
from hub.paging import PAGE, page_number, page_of, pager
from hub.permissions import has_authenticator, is_administrator, is_moderator, works_in_admin
from hub.personal import export_all, mailbox_of_account
from hub.texts import foreign
from hub.views.account import dangerous, personal

SIGNED = 50  # documents on the page, the last ones


@personal
@require_http_methods(["GET", "HEAD"])
def me(request: HttpRequest) -> HttpResponse:
    """Committees, and the next events of these committees or with an RSVP of one's own, soonest first."""
    user, now = _account(request), timezone.now()
    number = page_number(request)
    found = page_of(_ahead(user, now), number)
    context = {
        "committees": _committees(user),
        "signatures": _signatures(user),
        "demands": _demands(user),
        "events": _rows(user, found[:PAGE]),
        **pager(request, number, found),
        "is_moderator": is_moderator(user),
        "works_in_admin": works_in_admin(user),
        "is_administrator": is_administrator(user),
        "needs_second_factor": _acts_for_others(user) and not has_authenticator(user),
    }
    return render(request, "hub/me.html", context)


def _account(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # `personal` let nobody else through
    return request.user


def _committees(user: User) -> list[dict[str, Any]]:
    """Every membership with the pages it leads to; waiting ones too."""
    memberships = (
        Membership.objects.filter(user=user, committee__in=Committee.objects.visible_to(user))
        .select_related("committee")
        .order_by("committee__name")
    )
    coordinated = [one.committee_id for one in memberships if one.role == Membership.Role.COORDINATOR]
    waiting = waiting_for(coordinated) if coordinated else {}
    return [
        {
            "name": one.committee.name,
            "area": one.committee.area,
            "waiting": one.state == Membership.State.PENDING,
            "coordinator": one.role == Membership.Role.COORDINATOR,
            "appointed": one.appointed_at is not None,
            "for_you": waiting.get(one.committee_id),
            "members_url": reverse("committees:members", args=[one.committee.slug]),
            "url": reverse("committees:detail", args=[one.committee.slug]),
            # Leaving is asked about on a page of its own; a request is taken back at once.
            "leave_url": reverse("committees:leave", args=[one.committee.slug]),
            "own_url": reverse("committees:own", args=[one.committee.slug]),
        }
        for one in memberships
    ]


def _signatures(user: User) -> list[dict[str, Any]]:
    """The documents this member has signed, the last one first, each with the link that changes it."""
    language = translation.get_language() or "en"
    rows: Any = (
        Signature.objects.confirmed()
        .filter(mailbox=mailbox_of_account(user), mailbox__isnull=False)
        .annotate(
            **dict(zip(("title", "title_language"), title_of_appeal(language, "appeal__"), strict=True))
        )
        .order_by("-confirmed_at", "id")
    )
    return [
        {
            "title": row.title,
            "lang": "" if row.title_language == language else row.title_language,
            "shown": row.get_shown_display(),
            "url": reverse("signature", args=[row.mail_token]),
        }
        for row in rows[:SIGNED]
    ]


def _demands(user: User) -> list[dict[str, str]]:
    """The demands this member supports, in their order."""
    language = translation.get_language() or "en"
    supported = Demand.objects.visible_to(user).filter(supporter_rows__user=user)
    return [
        {"slug": words.version.demand.slug, "title": words.title, "lang": foreign(words, language)}
        for words in words_in_force(supported, language)
    ]


def _ahead(user: User, now: datetime) -> Any:
    """What is not over yet and is this member's: by a committee, or by an RSVP."""
    own = Rsvp.objects.filter(
        event=OuterRef("pk"),
        mailbox=mailbox_of_account(user),
        mailbox__isnull=False,
        confirmed_at__isnull=False,
        cancelled_at=None,
    )
    belongs = Membership.objects.active().filter(user=user, committee=OuterRef("committee"))
    mine = Q(Exists(own)) | Q(Exists(belongs))
    seen = Event.objects.visible_to(user).filter(status=Event.Status.PUBLISHED)
    return seen.upcoming(now).filter(mine).select_related("committee")


def _rows(user: User, events: list[Event]) -> list[dict[str, Any]]:
    """What the page shows of each, with the link to one's own RSVP."""
    language = translation.get_language() or "en"
    parties = Rsvp.objects.filter(
        event__in=events,
        mailbox=mailbox_of_account(user),
        mailbox__isnull=False,
        confirmed_at__isnull=False,
        cancelled_at=None,
    )
    tokens = {party.event_id: party.mail_token for party in parties}
    rows = []
    for event in events:
        assert event.next_start is not None  # what has no date is in no list
        assert event.next_end is not None
        all_day = whole_days(event.next_start, event.next_end, event.zone)
        when = start_text(event.next_start, event.zone, language, all_day=all_day)
        yours = ""
        if user.time_zone and user.time_zone != event.zone and not all_day:
            yours = start_text(event.next_start, user.time_zone, language, all_day=False)
        token = tokens.get(event.pk)
        rows.append(
            {
                "title": event.title,
                "url": reverse("events:detail", args=[event.slug]),
                "when": when,
                "yours": "" if yours == when else yours,
                "area": event.area,
                "committee": event.committee.name if event.committee else "",
                "off": event.event_status == Event.EventStatus.CANCELLED,
                "rsvp_url": reverse("rsvp", args=[token]) if token else "",
            }
        )
    return rows


def _acts_for_others(user: User) -> bool:
    return works_in_admin(user) or Membership.objects.coordinators().filter(user=user).exists()


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """How one is called and written to, and the ways to everything about logging in."""
    user = _account(request)
    now = {"display_name": user.display_name, "language": user.language, "time_zone": user.time_zone}
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        accounts.change_settings(user, **form.cleaned_data, by=user, at=timezone.now())
        with translation.override(user.language_or_default):
            return HttpResponseRedirect(reverse("me_settings") + "?saved=1")
    context = {
        "form": form,
        "saved": request.GET.get("saved") == "1",
        "email": user.email,
        "has_password": user.has_usable_password(),
        "has_authenticator": has_authenticator(user),
    }
    return render(request, "hub/settings.html", context, status=422 if form.is_bound else 200)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """Everything that is held about this member: to take along, or to erase at once."""
    if request.method == "POST":
        return _act(request)
    return render(request, "hub/data.html", {"sure": request.GET.get("sure") == "1"})


@dangerous
def _act(request: HttpRequest) -> HttpResponse:
    user, act = _account(request), request.POST.get("act")
    if act == "export":
        response = HttpResponse(
            json.dumps(export_all(user), indent=2, ensure_ascii=False), content_type="application/json"
        )
        response["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return response
    if act == "erase" and request.POST.get("sure") == "on":
        try:
            accounts.erase_account(user, at=timezone.now())
        except RoleRefused:
            return render(request, "hub/data.html", {"only_administrator": True}, status=422)
        logout(request)
        return HttpResponseRedirect(reverse("me_erased"))
    return render(request, "hub/data.html", {"unsure": act == "erase"}, status=422)


def erased(request: HttpRequest) -> HttpResponse:
    """After erasing: there is nothing left to show."""
    return render(request, "hub/account_erased.html")
