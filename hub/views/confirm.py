"""The mail's button: a page that lists what waits for a mailbox; nothing happens before its POST."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from hub import actions, contact
from hub.views.errors import gone
from hub.views.personal import exchange_kept, private, remember


@require_http_methods(["GET", "HEAD", "POST"])
@private
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Everything pending for this mailbox, only this mail's act ticked; and what is its own already."""
    now = timezone.now()
    confirmation = contact.confirmation_for(token, now)
    if confirmation is None:
        return gone(request)
    if request.method == "POST":
        confirmed = actions.confirm_by_button(confirmation, _chosen(request), at=now)
        paths = list(dict.fromkeys(path for _token, path in confirmed))
        response = HttpResponseRedirect(paths[0] if len(paths) == 1 else reverse("confirm", args=[token]))
        exchange_kept(request, response, confirmed)
        if request.POST.get("remember") == "on":
            remember(response, confirmation.owner)
        return response
    context = {
        "acts": [
            (act, act.stands_for(confirmation.act_kind, confirmation.act_id))
            for act in contact.pending_acts(confirmation.owner, now)
        ],
        "owned": contact.owned_things(confirmation.owner, now),
    }
    return render(request, "hub/confirm.html", context)


def _chosen(request: HttpRequest) -> list[tuple[str, UUID]]:
    """The ticked acts; what isn't of our making is passed over."""
    chosen = []
    for text in request.POST.getlist("act"):
        kind, _, pk = text.partition(":")
        try:
            chosen.append((kind, UUID(pk)))
        except ValueError:
            continue
    return chosen
