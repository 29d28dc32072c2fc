"""A host's own event: behind its secret link, or for coordinators behind their log-in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from events.actions import edits, host_changes, proposals, updates
from events.actions.events import REVIEW_KIND, EventRefused
from events.forms.proposals import HostEventForm
from events.models import Attendance, Event, HostChange, Timeslot
from events.reviews import values_of
from events.still_coming import answers
from events.views.host_changes import as_read
from events.views.pages import shown_slot
from events.when import start_text, when_text
from hub import actions as ground
from hub import links, moderation, qr, review_threads
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm, VisitorForm
from hub.models import Review, User, address_digest
from hub.views.account import second_factor_first
from hub.views.personal import private, remember

UPDATES_SHOWN = 10


@dataclass
class Door:
    """Who stands before which event: `by` is the account that acts, None for whoever holds the link.
    `by_form` is the link of the browser that sent the form, whose mailbox was yet to be proven."""

    event: Event
    slot: Timeslot
    by: User | None
    path: str
    by_link: bool
    by_form: bool = False


def find(request: HttpRequest, token: str) -> Door:
    """The event behind a host's link. Raises Http404."""
    token_hash = links.token_hash(token)
    found = (
        Event.objects.select_related("committee", "host", "campaign")
        .prefetch_related("timeslots")
        .filter(Q(host_link_hash=token_hash) | Q(host_form_link_hash=token_hash))
        .first()
    )
    if found is None:
        raise Http404
    by_form = bytes(found.host_form_link_hash or b"") == token_hash
    by = request.user if isinstance(request.user, User) else None
    if by and (found.host is None or bytes(found.host.address_digest) != address_digest(by.email)):
        by = None  # somebody else who was given the link
    slot = shown_slot(list(found.timeslots.all()))
    return Door(found, slot, by, reverse("host", args=[token]), by_link=True, by_form=by_form)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def host_page(request: HttpRequest, token: str) -> HttpResponse:
    """A host's event: its state, counts and never names, changing it, taking it back.

    The link a browser got after the form opens it only until the mailbox is proven: then the mailed one
    does, so that typing somebody's address never opens their page.
    """
    door = find(request, token)
    if door.by_form and not door.event.awaits_mailbox:
        return render(request, "events/host/spent.html", {"event": door.event})
    return _answer(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def edit_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for the coordinators of the event's committee, behind their log-in."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    own = Event.objects.coordinated_by(request.user).select_related("committee", "host", "campaign")
    found = own.prefetch_related("timeslots").filter(slug=slug).first()
    if found is None:
        if Event.objects.visible_to(request.user).filter(slug=slug).exists():
            raise PermissionDenied
        raise Http404
    if refused := second_factor_first(request):
        return refused
    path = reverse("events:edit", args=[found.slug])
    return _answer(request, Door(found, shown_slot(list(found.timeslots.all())), request.user, path, False))


def _answer(request: HttpRequest, door: Door) -> HttpResponse:
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in ACTS and door.by_form and act not in BEFORE_PROOF:
        return HttpResponseRedirect(door.path)  # even if the mailbox is proven at this very moment
    if act in ACTS:
        return ACTS[act](request, door, timezone.now())
    return page(request, door, timezone.now())


def page(request: HttpRequest, door: Door, now: datetime, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The page as it stands; `extra` is what an act has to say. A part of it is a file of its own in
    templates/events/host/."""
    event, slot = door.event, door.slot
    language = translation.get_language() or "en"
    review = moderation.latest(REVIEW_KIND, event.pk)
    own_url = links.site_url(door.path)
    context = {
        "event": event,
        "slot": slot,
        "by_link": door.by_link,
        "by_form": door.by_form,
        "state": state_of(event, review),
        "review": review,
        "is_edit": bool(review and review.values),
        "waits": bool(review and review.values and not review.decision),
        "thread": review_threads.thread_of(review)
        if review and door.event.host_id == review.mailbox_id
        else None,
        "waiting_since": start_text(review.submitted_at, event.zone, language) if review else "",
        "when": when_text(slot.start, slot.end, event.zone, language, all_day=slot.all_day),
        "over": event.is_over(now),
        "totals": Attendance.objects.filter(rsvp__event=event).said_yes(now).how_many(),
        "answers": None if event.is_over(now) else answers(event, now),
        "own_url": own_url,
        "qr": qr.svg(own_url) if door.by_link and not door.by_form else "",
        "code_form": CodeForm(),
        "edit_form": extra.pop("edit_form", None) or _edit_form(door, review),
        "done": request.GET.get("done", "") if request.method != "POST" else "",
        "updates": [
            (update, start_text(update.made_at, event.zone, language))
            for update in event.updates.all()[:UPDATES_SHOWN]
        ],
        "update_form": UpdateForm(),
        "asked_changes": as_read(host_changes.waiting_changes(event), event, slot),
        "may_erase": _may_erase(door, now),
        "may_ask": [act for act in HostChange.Act if host_changes.may_ask(event, act, now)],
        "change_form": CodeForm(auto_id="change_%s"),
        **extra,
    }
    return render(request, "events/host/page.html", context, status=status)


def state_of(event: Event, review: Review | None) -> str:
    """One word for what the host has to know: mailbox, submitted, returned, rejected, published, off."""
    if event.awaits_mailbox:
        return "mailbox"
    return "off" if event.status == Event.Status.DRAFT else event.status


def _edit_form(door: Door, review: Review | None, data: Any = None) -> HostEventForm:
    """The form, filled with what is published and with what of it waits to be changed."""
    event = door.event
    if review is not None and not review.decision and review.values:
        event, _slot = edits.as_proposed(event, event.timeslots.all()[0], values_of(review))
    return HostEventForm(data, instance=event, auto_id="edit_%s")


def _edit(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    form = _edit_form(door, moderation.latest(REVIEW_KIND, door.event.pk), request.POST)
    if not form.is_valid():
        door.event.refresh_from_db()
        return page(request, door, now, status=422, edit_form=form, form=form)
    try:
        event = proposals.change_event(door.event, form.details(), by=door.by, by_form=door.by_form, at=now)
    except EventRefused as refused:
        return _refused(request, door, now, refused)
    path = door.path if door.by_link else reverse("events:edit", args=[event.slug])
    return HttpResponseRedirect(f"{path}?done=edit")


def _withdraw(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    try:
        proposals.withdraw(door.event, by=door.by, by_form=door.by_form, at=now)
    except EventRefused as refused:
        return _refused(request, door, now, refused)
    return render(request, "events/host/gone.html")


def _may_erase(door: Door, now: datetime) -> bool:
    """Whoever has only the link can't make a published event nobody's."""
    return door.by is not None or door.event.published_at is None or door.event.is_over(now)


def _erase(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    if not _may_erase(door, now):
        return page(request, door, now, status=422, refused="erase")
    gone = door.event.awaits_mailbox
    try:
        proposals.forget_host(door.event, by_form=door.by_form, at=now)
    except EventRefused as refused:
        return _refused(request, door, now, refused)
    if gone:
        return render(request, "events/host/gone.html")
    return _back(door, "erase", "")


def _back(door: Door, done: str, part: str) -> HttpResponse:
    """To a part of the page, which says what was done."""
    return HttpResponseRedirect(f"{door.path}?done={done}{part}")


def _refused(request: HttpRequest, door: Door, now: datetime, refused: EventRefused) -> HttpResponse:
    if refused.reason == "spent":
        return HttpResponseRedirect(door.path)
    door.event.refresh_from_db()
    return page(request, door, now, status=422, refused=refused.reason)


def _code(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    form, event = CodeForm(request.POST), door.event
    if event.host is None or not event.awaits_mailbox:
        return HttpResponseRedirect(door.path)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            path = ground.confirm_by_code(event.host, code, kind=proposals.ACT_KIND, act_id=event.pk, at=now)
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            response = HttpResponseRedirect(path or door.path)
            if form.cleaned_data["remember"]:
                remember(response, event.host)
            return response
    return page(request, door, now, status=422, code_form=form, form=form)


def _resend(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    if door.event.host is not None and door.event.awaits_mailbox:
        ground.ask_to_confirm(door.event.host, kind=proposals.ACT_KIND, act_id=door.event.pk, at=now)
    return page(request, door, now, resent=True)


# --- Telling everybody: a short word, or that it doesn't take place ---------------------------------
class UpdateForm(VisitorForm):
    """A short word on the event's page."""

    text = forms.CharField(
        max_length=280,
        label=_("A short word on the event's page"),
        help_text=_("Up to 280 characters, for example: “We meet at the north gate.” Everybody can read it."),
        error_messages={"required": _("Write what you want to say.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _update(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    form = UpdateForm(request.POST)
    if form.is_valid():
        token, text = form.cleaned_data["form_token"], form.cleaned_data["text"]
        try:
            updates.post_update(door.event, text, form_token=token, by=door.by, at=now)
        except EventRefused as refused:
            form.add_error(None, UPDATE_REFUSED[refused.reason])
        else:
            return _back(door, "update", "#updates")
    return page(request, door, now, status=422, update_form=form, form=form)


UPDATE_REFUSED = {
    "unpublished": _("The event is not on the site, so nobody would read it."),
    "many": _("That is enough for one day. Write again tomorrow."),
}


def _remove_update(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    wanted = request.POST.get("update", "")
    for update in door.event.updates.all():
        if str(update.pk) == wanted:
            updates.remove_update(update.pk, by=door.by, at=now)
    return _back(door, "remove_update", "#updates")


def _ask_change(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    asked = request.POST.get("change", "")
    if asked not in HostChange.Act.values:
        return HttpResponseRedirect(door.path)
    try:
        host_changes.ask_change(door.event, asked, by=None if door.by_link else door.by, at=now)
    except EventRefused as refused:
        return _refused(request, door, now, refused)
    return _back(door, "ask_change", "#change")


def _change_code(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    form, asked = CodeForm(request.POST, auto_id="change_%s"), _waits_for_code(door.event)
    if door.event.host is None or asked is None:
        return HttpResponseRedirect(f"{door.path}#change")
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            ground.confirm_by_code(door.event.host, code, kind=host_changes.ACT_KIND, act_id=asked.pk, at=now)
        except CodeRefused as refused:
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            return _back(door, "change_code", "#change")
    return page(request, door, now, status=422, change_form=form, form=form)


def _waits_for_code(event: Event) -> HostChange | None:
    return next((one for one in host_changes.waiting_changes(event) if not one.confirmed_at), None)


def _stop(request: HttpRequest, door: Door, now: datetime) -> HttpResponse:
    """Stop what waits, or the one that is named. By the link a confirmed one too: then nothing is told."""
    wanted = request.POST.get("change", "")
    asked = [one for one in host_changes.waiting_changes(door.event) if wanted in ("", str(one.pk))]
    stopped = [host_changes.stop_change(one.pk, by=door.by, at=now) for one in asked]
    if not any(stopped):
        return page(request, door, now, status=422, refused="late")
    return _back(door, "stop", "#change")


ACTS: dict[str, Callable[[HttpRequest, Door, datetime], HttpResponse]] = {
    "code": _code,
    "resend": _resend,
    "edit": _edit,
    "withdraw": _withdraw,
    "erase": _erase,
    "update": _update,
    "remove_update": _remove_update,
    "ask_change": _ask_change,
    "change_code": _change_code,
    "stop": _stop,
}
# What the browser's link is for; the actions refuse what changes something once the mailbox is proven.
BEFORE_PROOF = {"code", "resend", "edit", "withdraw", "erase"}
