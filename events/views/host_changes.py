"""What a host without an account has asked for: whoever else answers for the event can stop it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from committees.permissions import is_coordinator
from events.actions import host_changes
from events.views.pages import find
from hub.permissions import is_moderator
from hub.views.account import second_factor_first
from hub.views.personal import private
from hub.views.threads import account


@require_http_methods(["GET", "HEAD", "POST"])
@private
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """For the coordinators of the event's committee, and for moderators."""
    event, _slots = find(request, slug)
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
    asked = event.host_changes.exclude(confirmed_at=None).order_by("-made_at")[:20]
    waiting = [change for change in asked if not (change.done_at or change.stopped_at)]
    context = {
        "event": event,
        "waiting": waiting,
        "over": [change for change in asked if change not in waiting],
        "stopped": "stopped" in request.GET,
        "late": "late" in request.GET,
    }
    return render(request, "events/changes.html", context)
