"""What this phone keeps, and "mail me my links"."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from campaigns.views.signatures import kept_signatures
from events.models import Event, Rsvp
from events.standing import still_theirs
from events.when import start_html, whole_days
from hub import actions, links
from hub.contact import REMEMBER_COOKIE
from hub.forms import VisitorForm, email_field
from hub.views.personal import cookie_name, forget_remembered, keep_tokens, kept_tokens, private


class LinksForm(VisitorForm):
    """Where to send the links to."""

    email = email_field(error_messages={"required": _("Write the e-mail address you used.")})


@require_http_methods(["GET", "HEAD", "POST"])
@private
def mine(request: HttpRequest) -> HttpResponse:
    """The RSVPs whose links this phone keeps; the form answers the same for every address."""
    form = LinksForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("act") == "forget-all":
        forgotten = HttpResponseRedirect(reverse("mine"))
        keep_tokens(request, forgotten, [])
        forget_remembered(forgotten)
        return forgotten
    if request.method == "POST" and form.is_valid():
        actions.mail_links(
            form.cleaned_data["email"], language=translation.get_language() or "en", at=timezone.now()
        )
        return HttpResponseRedirect(reverse("mine") + "?sent=1")
    tokens = kept_tokens(request)
    kept = [*_kept(tokens), *kept_signatures(tokens)]
    context = {
        "form": form,
        "kept": kept,
        "remembered": bool(request.COOKIES.get(cookie_name(REMEMBER_COOKIE))),
        "sent": request.GET.get("sent") == "1",
    }
    response = render(request, "hub/mine.html", context, status=422 if form.is_bound else 200)
    live = {entry["token"] for entry in kept}
    if not live.issuperset(tokens):  # over, erased or spent ones are forgotten
        keep_tokens(request, response, [token for token in tokens if token in live])
    return response


def _kept(tokens: list[str]) -> list[dict[str, Any]]:
    """What the kept links lead to, soonest first, in one query; never a place that isn't public."""
    now, language = timezone.now(), translation.get_language() or "en"
    by_hash = {links.token_hash(token): token for token in tokens}
    parties = Rsvp.objects.for_kept(list(by_hash), now)
    found = []
    for party in still_theirs(parties):
        mailed = by_hash.get(bytes(party.mail_link_hash))
        token = mailed or by_hash.get(bytes(party.link_hash))
        if token is None or (party.confirmed_at and party.mailbox_id and not mailed):
            continue
        event = party.event
        found.append(
            {
                "token": token,
                "url": reverse("rsvp", args=[token]),
                "title": event.title,
                "language": event.language,
                "when": _when(event, language),
                "area": event.area,
                "cancelled": event.event_status == "cancelled" or party.cancelled_at is not None,
            }
        )
    return found


def _when(event: Event, language: str) -> str:
    if event.event_status == Event.EventStatus.POSTPONED:  # the old date must not look valid
        return gettext("No new date yet")
    start, end = event.next_start, event.next_end
    assert start is not None  # `for_kept` has asked
    assert end is not None
    return start_html(start, event.zone, language, all_day=whole_days(start, end, event.zone))


@private
def erased(request: HttpRequest) -> HttpResponse:
    """After erasing: there is nothing left to show."""
    return render(request, "hub/erased.html")
