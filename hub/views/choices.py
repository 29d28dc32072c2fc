"""What a mailbox gets: one page that shows and changes all of it, by its link or from one's own page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from hub import actions, choices, links
from hub.choices import Reader
from hub.models import Mailbox, User
from hub.personal import SUPPRESSED_FOR, mailbox_of_account
from hub.views.account import personal
from hub.views.personal import private


@require_http_methods(["GET", "HEAD", "POST"])
@private
def mail_choices(request: HttpRequest, token: str) -> HttpResponse:
    """By the link, which the mailbox alone was sent. What committees nobody must know of are called stands
    on one's own page only."""
    mailbox = Mailbox.objects.filter(link_hash=links.token_hash(token)).first()
    if mailbox is None:
        return render(request, "hub/choices_spent.html", status=404)
    return _page(request, choices.reader_of_link(mailbox))


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def my_mail(request: HttpRequest) -> HttpResponse:
    """The same for whoever is logged in, without the link."""
    assert isinstance(request.user, User)  # `personal` let nobody else through
    user = request.user
    return _page(request, Reader(user.email, mailbox_of_account(user), user, named=True))


def _page(request: HttpRequest, reader: Reader) -> HttpResponse:
    if request.method == "POST":
        act = ACTS.get(request.POST.get("act", ""))
        done = act(request, reader) if act else None
        return done or _shown(request, reader, status=422)
    return _shown(request, reader)


def _shown(request: HttpRequest, reader: Reader, *, status: int = 200) -> HttpResponse:
    """Everything there is to choose, as it stands."""
    now, language = timezone.now(), translation.get_language() or "en"
    suppression = reader.suppression
    context = {
        "groups": [
            (kind, [(choice, choice.language != language) for choice in found])
            for kind in choices.in_order()
            if (found := kind.choices(reader, now))
        ],
        "blocked": reader.blocked,
        "refused_on": suppression and suppression.since,
        "refused_until": suppression and suppression.since + SUPPRESSED_FOR,
        "done": request.GET.get("done", ""),
        "has_link": reader.mailbox is not None,
        "link": _link(reader) if reader.named else "",
        "own": reader.named,
        "problem": status == 422,
    }
    return render(request, "hub/choices.html", context, status=status)


def _link(reader: Reader) -> str:
    return links.url("mail_choices", reader.mailbox.token) if reader.mailbox else ""


def _back(request: HttpRequest, done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{request.path}?done={done}")


def _save(request: HttpRequest, reader: Reader) -> HttpResponse | None:
    """What was ticked, of what stood on the page: something that came since stays as it is. None for what
    no page of ours sends."""
    on = set(request.POST.getlist("on"))
    chosen = {}
    for text in request.POST.getlist("shown"):
        name, _colon, pk = text.partition(":")
        try:
            chosen[name, UUID(pk)] = text in on
        except ValueError:
            return None
    if not chosen:
        return None
    actions.choose_mail(reader, chosen, at=timezone.now())
    return _back(request, "saved")


def _block(request: HttpRequest, reader: Reader) -> HttpResponse:
    actions.stop_all_mail(reader, at=timezone.now())
    return _back(request, "stopped")


def _allow(request: HttpRequest, reader: Reader) -> HttpResponse:
    actions.allow_mail(reader, at=timezone.now())
    return _back(request, "allowed")


def _try(request: HttpRequest, reader: Reader) -> HttpResponse:
    actions.try_mailbox_again(reader, at=timezone.now())
    return _back(request, "tried")


def _renew(request: HttpRequest, reader: Reader) -> HttpResponse | None:
    """On one's own page the new link is shown. Whoever has only the old one is shown nothing: the new one
    goes to the mailbox, or a stolen link would make itself another."""
    if reader.mailbox is None:
        return None
    now, language = timezone.now(), translation.get_language() or "en"
    actions.renew_mail_link(reader.mailbox, at=now)
    if reader.named:
        return _back(request, "renewed")
    actions.mail_links(reader.address, language=language, at=now)
    return HttpResponseRedirect(reverse("mine") + "?sent=1")


ACTS: dict[str, Callable[[HttpRequest, Reader], Any]] = {
    "save": _save,
    "block": _block,
    "allow": _allow,
    "try": _try,
    "renew": _renew,
}
