"""Writing to those who are coming: the words, how they will look, a test, sending."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from events.actions import mailing as actions
from events.actions.announce import loud_hour
from events.actions.mailing import MailingRefused
from events.models import Event, MailedUpdate
from events.standing import answers_for
from events.update_messages import preview
from events.views.hosts import UPDATE_REFUSED, UpdateForm
from events.when import start_text
from hub.forms import VisitorForm
from hub.models import User
from hub.views.account import second_factor_first
from hub.views.jobs import sent_already
from hub.views.personal import private

SENT_SHOWN = 20
REFUSED = {
    "changed": _("Somebody else has changed it meanwhile. Look at it again: nothing was sent."),
    "many": UPDATE_REFUSED["many"],
}


def for_whoever_answers(view: Callable[..., HttpResponse]) -> Any:
    """A page for those who answer for an event, who log in with a second step: the coordinators of its
    committee; where nobody acts for one, moderators and administrators. The view gets the event."""

    @wraps(view)
    @private
    def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        event = Event.objects.visible_to(request.user).select_related("committee").filter(slug=slug).first()
        if event is None:
            raise Http404
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not answers_for(request.user, event):
            raise PermissionDenied
        return second_factor_first(request) or view(request, event, **kwargs)

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@for_whoever_answers
def write(request: HttpRequest, event: Event) -> HttpResponse:
    """The words, and what was written before."""
    now = timezone.now()
    form = UpdateForm(request.POST if request.method == "POST" else None)
    is_open = actions.may_be_mailed(event, now)
    if not form.is_valid() or not is_open:
        return _form_page(request, event, form, is_open=is_open, status=422 if form.is_bound else 200)
    try:
        draft = actions.write_draft(
            event,
            form.cleaned_data["text"],
            form_token=form.cleaned_data["form_token"],
            by=account(request),
            at=now,
        )
    except MailingRefused as refused:
        if refused.reason == "right":
            raise PermissionDenied from None
        return _form_page(request, event, form, is_open=False, status=422)
    return HttpResponseRedirect(_address(draft) if draft else reverse("events:mail", args=[event.slug]))


def account(request: HttpRequest) -> User:
    """The account behind a request that `for_whoever_answers` let through."""
    assert isinstance(request.user, User)
    return request.user


def _form_page(
    request: HttpRequest, event: Event, form: UpdateForm, *, is_open: bool, status: int
) -> HttpResponse:
    language = translation.get_language() or "en"
    sent = event.mailed_updates.filter(sent_at__isnull=False).order_by("-sent_at")[:SENT_SHOWN]
    context = {
        "event": event,
        "lang": "" if event.language == language else event.language,
        "open": is_open,
        "update_form": form,
        "form": form,
        "drafts": event.mailed_updates.filter(sent_at=None).order_by("-changed_at")[:SENT_SHOWN],
        "sent": [(one, start_text(one.sent_at, event.zone, language)) for one in sent if one.sent_at],
    }
    return render(request, "events/mail_form.html", context, status=status)


# --- Looking at it, trying, sending --------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@for_whoever_answers
def draft(request: HttpRequest, event: Event, pk: UUID) -> HttpResponse:
    """A draft as it will be mailed, and to how many; other words, a test, sending, throwing it away."""
    found = event.mailed_updates.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.event = event
    if not found.is_draft:
        return sent_already(request, found.pk)
    if not actions.may_be_mailed(event, timezone.now()):
        return HttpResponseRedirect(reverse("events:mail", args=[event.slug]))
    act = ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    if act is None:
        return _draft_page(request, found)
    try:
        return act(request, found)
    except MailingRefused as refused:
        return _refused(request, found, refused)


def _change(request: HttpRequest, found: MailedUpdate) -> HttpResponse:
    form = UpdateForm(request.POST)
    if not form.is_valid():
        return _draft_page(request, found, update_form=form, form=form, status=422)
    actions.change_draft(found.pk, form.cleaned_data["text"], by=account(request), at=timezone.now())
    return HttpResponseRedirect(_address(found))


def _test(request: HttpRequest, found: MailedUpdate) -> HttpResponse:
    actions.send_test(found.pk, by=account(request), at=timezone.now())
    messages.success(request, gettext("The test is on its way to the mailbox of your account."))
    return HttpResponseRedirect(_address(found))


def _send(request: HttpRequest, found: MailedUpdate) -> HttpResponse:
    guard = VisitorForm(request.POST)
    if not guard.is_valid():
        return _draft_page(request, found, guard=guard, form=guard, status=422)
    actions.send(
        found.pk,
        form_token=guard.cleaned_data["form_token"],
        seen=request.POST.get("seen", ""),
        by=account(request),
        at=timezone.now(),
    )
    return HttpResponseRedirect(reverse("job", args=[found.pk]))


def _discard(request: HttpRequest, found: MailedUpdate) -> HttpResponse:
    actions.discard_draft(found.pk, by=account(request), at=timezone.now())
    messages.success(request, gettext("The draft is deleted."))
    return HttpResponseRedirect(reverse("events:mail", args=[found.event.slug]))


ACTS: dict[str, Callable[[HttpRequest, MailedUpdate], HttpResponse]] = {
    "change": _change,
    "test": _test,
    "send": _send,
    "discard": _discard,
}


def _draft_page(
    request: HttpRequest, found: MailedUpdate, *, status: int = 200, **extra: Any
) -> HttpResponse:
    event, now = found.event, timezone.now()
    language = translation.get_language() or "en"
    leaves = loud_hour(now, event.zone, event.next_start or now)
    context = {
        "event": event,
        "lang": "" if event.language == language else event.language,
        "draft": found,
        "guard": VisitorForm(known=True),
        "update_form": UpdateForm(initial={"text": found.text}, auto_id="change_%s"),
        "seen": actions.state_of(found),
        "parties": actions.written_to(event, now).count(),
        "told_then": start_text(leaves, event.zone, language) if leaves > now else "",
        "mail": preview(found, language),
        **extra,
    }
    return render(request, "events/mail_draft.html", context, status=status)


def _address(found: MailedUpdate) -> str:
    return reverse("events:mail_draft", args=[found.event.slug, found.pk])


def _refused(request: HttpRequest, found: MailedUpdate, refused: MailingRefused) -> HttpResponse:
    match refused.reason:
        case "right":
            raise PermissionDenied
        case "gone":
            raise Http404
        case "sent":
            return sent_already(request, found.pk)
        case "state":
            return HttpResponseRedirect(reverse("events:mail", args=[found.event.slug]))
    found.refresh_from_db(fields=["text", "changed_at"])
    return _draft_page(request, found, refused=REFUSED[refused.reason], status=422)
