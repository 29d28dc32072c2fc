"""What accounts do on an event's page: come with one click; coordinators see who is coming."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from committees.permissions import is_coordinator
from events.actions import coming as coming_actions
from events.actions import rsvps
from events.actions.rsvps import RsvpRefused
from events.forms.members import MemberRsvpForm
from events.standing import standing_of
from events.still_coming import answers
from events.views.pages import event_page, shown_slot
from events.views.pages import find as find_event
from events.views.rsvps import closed_page
from hub.models import User
from hub.paging import page_number, pager
from hub.views.account import second_factor_first
from hub.views.personal import private


def _account(request: HttpRequest) -> User:
    """The account behind a request that `login_required` let through."""
    assert isinstance(request.user, User)
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@private
def one_click(request: HttpRequest, slug: str) -> HttpResponse:
    """ "I'm coming" as a member: one POST, then the party's own page. A second one leads there too."""
    event, slots = find_event(request, slug)
    if request.method != "POST":  # back from logging in
        return HttpResponseRedirect(reverse("events:detail", args=[event.slug]))
    slot, now, account = shown_slot(slots), timezone.now(), _account(request)
    standing = standing_of(account, event, now)
    form = MemberRsvpForm(request.POST, committees=standing.may_name)
    if not form.is_valid():
        return event_page(request, event, slots, member_form=form, status=422)
    try:
        party = rsvps.rsvp(
            slot.pk,
            form_token=form.cleaned_data["form_token"],
            name=form.name,
            email="",
            party_size=1,
            need="",
            neutral=False,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            member=account,
            at=now,
        )
    except RsvpRefused as refused:
        event.refresh_from_db()
        slot.refresh_from_db()
        return closed_page(request, event, slot, refused.reason, 422)
    # This very form's answer was erased, or is a visitor's, whose mailed link is for their mailbox only.
    if party is None or party.mailbox is None or not party.mailbox.is_of(account.email):
        return HttpResponseRedirect(reverse("events:detail", args=[event.slug]))
    return HttpResponseRedirect(reverse("rsvp", args=[party.mail_token]))


@require_safe
@login_required
@private
def coming(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is coming, for the coordinators of the event's committee. Each look is in the audit log."""
    event, _slots = find_event(request, slug)
    account = _account(request)
    if event.committee is None or not is_coordinator(account, event.committee):
        raise PermissionDenied
    if refused := second_factor_first(request):
        return refused
    number, now = page_number(request), timezone.now()
    seen = coming_actions.see_who_is_coming(event, page=number, by=account, at=now)
    context = {
        "event": event,
        "lang": "" if event.language == translation.get_language() else event.language,
        "totals": seen.totals,
        "parties": seen.parties[: coming_actions.PAGE],
        "answers": None if event.is_over(now) else answers(event, now),
    } | pager(request, number, seen.parties, coming_actions.PAGE)
    return render(request, "events/coming.html", context)
