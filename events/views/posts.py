"""Beginning a post of the feed from an event, for those who run its campaign."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.actions.posts import SENTENCES, PostRefused
from campaigns.permissions import runs_campaign
from events.actions.posts import start_post
from events.views.pages import find
from hub.models import User
from hub.views.account import second_factor_first
from hub.views.personal import private


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@private
def post_from_event(request: HttpRequest, slug: str) -> HttpResponse:
    """One POST, then the draft in the admin, filled. A GET, as after logging in again, shows the button."""
    event, _slots = find(request, slug)
    if not runs_campaign(request.user, event.campaign):
        raise PermissionDenied
    first = second_factor_first(request)
    if first is not None:
        return first
    refused = ""
    if request.method == "POST":
        assert isinstance(request.user, User)
        try:
            post = start_post(event, by=request.user, at=timezone.now())
        except PostRefused as error:
            refused = str(SENTENCES[error.reason])
        else:
            return HttpResponseRedirect(reverse("admin:campaigns_post_change", args=[post.pk]))
    context = {"event": event, "refused": refused}
    return render(request, "events/post_from_event.html", context, status=422 if refused else 200)
