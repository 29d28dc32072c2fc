""" "Still coming?": the page a mail about a change leads to, below the party's own."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from events.actions import still_coming as actions
from events.actions.rsvps import RsvpRefused
from events.changes import as_known, gives_new_date
from events.forms.rsvps import StillComingForm
from events.models import Attendance, EventChange, Rsvp
from events.still_coming import asked_of
from events.views.pages import when_texts
from events.views.rsvps import find, may_read
from hub.views.personal import private


@require_http_methods(["GET", "HEAD", "POST"])
@private
def still_coming(request: HttpRequest, token: str) -> HttpResponse:
    """What has changed, and "yes" or "no". A GET answers nothing: whatever scans mail opens links."""
    party, proven = find(token)
    if not may_read(request, party):
        return render(request, "events/rsvp_off.html")
    if party.confirmed_at and not proven:
        return render(request, "events/rsvp_spent.html", {"event": party.event})
    now = timezone.now()
    asked = asked_of(party, now)
    if asked is None:
        return HttpResponseRedirect(reverse("rsvp", args=[token]))
    if request.method != "POST":
        return _page(request, party, asked, token)
    return _answer(request, party, asked, token, now)


def _answer(request: HttpRequest, party: Rsvp, asked: EventChange, token: str, now: datetime) -> HttpResponse:
    says_no = request.POST.get("answer") == "no"
    form = StillComingForm(_attendance(party), asked, request.POST)
    if not form.is_valid() and ("change" in form.errors or not says_no):
        return _page(request, party, asked, token, form, status=422)
    own = reverse("rsvp", args=[token])
    try:
        if says_no:
            actions.not_any_more(party.pk, change_id=form.cleaned_data["change"], at=now)
            return HttpResponseRedirect(own)
        actions.still_coming(
            party.pk,
            change_id=form.cleaned_data["change"],
            party_size=form.cleaned_data["party_size"],
            at=now,
        )
    except RsvpRefused as refused:
        party, _proven = find(token)
        newest = asked_of(party, now)
        if newest is None:  # it is cancelled by now: the own page says so
            return HttpResponseRedirect(own)
        return _page(request, party, newest, token, status=422, refused=refused.reason)
    return HttpResponseRedirect(f"{own}?still=1")


def _attendance(party: Rsvp) -> Attendance:
    attendance = Attendance.objects.select_related("timeslot").get(rsvp=party)
    attendance.rsvp = party
    return attendance


def _page(
    request: HttpRequest,
    party: Rsvp,
    asked: EventChange,
    token: str,
    form: StillComingForm | None = None,
    *,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    attendance = _attendance(party)
    language = translation.get_language() or "en"
    when_before, place_before = as_known(asked, attendance, language)
    context = {
        "event": party.event,
        "slot": attendance.timeslot,
        "attendance": attendance,
        "what": asked.what,
        "new_date": gives_new_date(asked, party),
        "when_before": when_before,
        "place_before": place_before,
        **when_texts(party.event, attendance.timeslot, language),
        "still_form": form or StillComingForm(attendance, asked),
        "form": form,
        "refused": refused,
        "own_path": reverse("rsvp", args=[token]),
        "still_path": request.path,
    }
    return render(request, "events/still_coming.html", context, status=status)
