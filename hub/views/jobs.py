"""The page of long work: how far it is, and the button that stops it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from hub import jobs, ledger
from hub.models import User
from hub.views.account import second_factor_first
from hub.views.personal import private

SOON, SELDOM = 3, 60  # seconds between two looks: while something leaves, while it waits for its hour


@require_http_methods(["GET", "HEAD", "POST"])
@private
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Missing for all who may not see it at this moment. htmx is given the part that changes."""
    found = jobs.find(request.user, pk)
    if found is None:
        raise Http404
    kind, thing = found
    if first := second_factor_first(request):
        return first
    if request.method == "POST":
        assert isinstance(request.user, User)
        kind.stop(thing, by=request.user, at=timezone.now())
        return HttpResponseRedirect(reverse("job", args=[pk]))
    shown = kind.show(thing, timezone.now())
    is_part = request.headers.get("HX-Request") == "true"
    context = {
        "job": shown,
        "summary": jobs.summary(shown),
        "held": shown.going_on and ledger.held() is not None,
        "every": SOON if shown.progress.waiting else SELDOM,
        "is_part": is_part,
    }
    response = render(request, "hub/_job.html" if is_part else "hub/job.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def sent_already(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the sending of a draft is watched. One that was sent is never changed, nor sent again."""
    if request.method == "POST":
        messages.info(request, gettext("It was sent already. Nothing was changed."))
    return HttpResponseRedirect(reverse("job", args=[pk]))
