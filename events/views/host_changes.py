"""What a host without an account has asked for: whoever else answers for the event can stop it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from committees.permissions import is_coordinator
from events.actions import host_changes
from events.actions.announce import loud_hour
from events.models import Event, HostChange, Timeslot
from events.views.pages import find, shown_slot
from events.when import start_text
from hub.permissions import is_moderator
from hub.views.account import second_factor_first
from hub.views.personal import private
from hub.views.threads import account


@dataclass(frozen=True)
class Asked:
    """A change as pages say it: when it was asked for, when it is done, and when people are told of it, if
    that is not at once but in the morning. All in the event's zone."""

    change: HostChange
    made: str
    due: str
    told: str


def as_read(changes: Iterable[HostChange], event: Event, slot: Timeslot) -> list[Asked]:
    """These changes in the reader's language."""
    language = translation.get_language() or "en"
    rows = []
    for change in changes:
        due = told = ""
        if change.due_at:
            loud = loud_hour(change.due_at, event.zone, slot.start)
            due = start_text(change.due_at, event.zone, language)
            told = start_text(loud, event.zone, language) if loud > change.due_at else ""
        rows.append(Asked(change, start_text(change.made_at, event.zone, language), due, told))
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@private
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """For the coordinators of the event's committee, and for moderators."""
    event, slots = find(request, slug)
    by = account(request)
    if by is None:
        return HttpResponseRedirect(f"{reverse('login')}?next={request.path}")
    if not (is_moderator(by) or (event.committee is not None and is_coordinator(by, event.committee))):
        raise PermissionDenied
    if refused := second_factor_first(request):
        return refused
    if request.method == "POST":
        wanted = request.POST.get("change", "")
        change = next((one for one in event.host_changes.all() if str(one.pk) == wanted), None)
        if change is None:
            raise Http404
        stopped = host_changes.stop_change(change.pk, by=by, at=timezone.now())
        return HttpResponseRedirect(f"{request.path}?{'stopped' if stopped else 'late'}=1")
    confirmed = event.host_changes.exclude(confirmed_at=None).order_by("-made_at")[:20]
    asked = as_read(confirmed, event, shown_slot(slots))
    waiting = [one for one in asked if not (one.change.done_at or one.change.stopped_at)]
    context = {
        "event": event,
        "waiting": waiting,
        "over": [one for one in asked if one not in waiting],
        "stopped": "stopped" in request.GET,
        "late": "late" in request.GET,
    }
    return render(request, "events/changes.html", context)
