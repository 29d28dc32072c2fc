""" "I'm coming": the form, and the party's own page behind its secret link."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from events.actions import rsvps
from events.actions.rsvps import RsvpRefused, closed_reason, needs_confirmation
from events.actions.unsubscribing import remind_again, stop_reminders
from events.forms.rsvps import AddressForm, RsvpChangeForm, RsvpForm, StillComingForm, room_for
from events.models import Attendance, Event, MergedLink, Rsvp, Timeslot, Update
from events.reminders import none_left
from events.standing import may_know
from events.still_coming import asked_of
from events.views.pages import calendar_url, find_for_form, shown_slot, updates_of, when_texts
from events.when import clock_text, day_text
from hub import actions as ground
from hub import contact, links, qr
from hub.actions import CodeRefused
from hub.forms import CODE_SENTENCES, CodeForm
from hub.models import Block
from hub.views.personal import (
    cookie_name,
    exchange_kept,
    forget_remembered,
    keep_tokens,
    kept_tokens,
    private,
    remember,
)
from hub.zones import zone_info, zone_name

KEPT_AFTER = timedelta(days=7)  # a phone may keep the link to an event so much longer


@require_http_methods(["GET", "HEAD", "POST"])
@private
def rsvp_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and sending it. After it the visitor stands on their own page at once."""
    event, slots = find_for_form(request, slug)
    slot = shown_slot(slots)
    now = timezone.now()
    closed = closed_reason(event, slot, now)
    if closed:
        return closed_page(request, event, slot, closed, 422 if request.method == "POST" else 410)
    email_required = needs_confirmation(event, slot)
    form = RsvpForm(
        request.POST if request.method == "POST" else None,
        email_required=email_required,
        capacity=slot.capacity,
    )
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "events/rsvp_form.html", _form_context(event, slot, form), status=status)
    data = form.cleaned_data
    remembered = contact.remembered_mailbox(request.COOKIES.get(cookie_name(contact.REMEMBER_COOKIE)))
    try:
        party = rsvps.rsvp(
            slot.pk,
            form_token=data["form_token"],
            name=data["name"],
            email=data["email"],
            party_size=data["party_size"],
            need=data["need"],
            neutral=data["neutral"],
            language=translation.get_language() or "en",
            remembered=remembered,
            at=now,
        )
    except RsvpRefused as refused:
        event.refresh_from_db()
        slot.refresh_from_db()
        if refused.reason in ("too_large", "email"):  # the event was changed this very moment
            email_required = needs_confirmation(event, slot)
            form = RsvpForm(request.POST, email_required=email_required, capacity=slot.capacity)
            return render(request, "events/rsvp_form.html", _form_context(event, slot, form), status=422)
        return closed_page(request, event, slot, refused.reason, 422)
    if party is None:
        return HttpResponseRedirect(reverse("events:detail", args=[event.slug]))
    proven = remembered is not None and party.confirmed_at and party.mailbox_id == remembered.pk
    return HttpResponseRedirect(reverse("rsvp", args=[party.mail_token if proven else party.token]))


def _form_context(event: Event, slot: Timeslot, form: RsvpForm) -> dict[str, Any]:
    language = translation.get_language() or "en"
    return {
        "event": event,
        "slot": slot,
        "form": form,
        **when_texts(event, slot, language),
    }


def closed_page(request: HttpRequest, event: Event, slot: Timeslot, reason: str, status: int) -> HttpResponse:
    """Why nobody can say "I'm coming"."""
    context = {"event": event, "slot": slot, "reason": reason}
    return render(request, "events/rsvp_closed.html", context, status=status)


def find(token: str) -> tuple[Rsvp, bool]:
    """The RSVP behind a link, and whether the link proves its mailbox. Raises Http404."""
    token_hash = links.token_hash(token)
    news = Update.objects.filter(event=OuterRef("event"))
    blocks = Block.objects.filter(address_digest=OuterRef("mailbox__address_digest"))
    rows = Rsvp.objects.select_related("event__committee", "mailbox")
    rows = rows.annotate(has_updates=Exists(news), blocked=Exists(blocks))
    party = rows.filter(mail_link_hash=token_hash).first()
    if party is not None:
        return party, True
    party = rows.filter(link_hash=token_hash).first()
    if party is not None:
        return party, party.mailbox_id is None
    merged = MergedLink.objects.filter(token_hash=token_hash).first()
    if merged is not None:
        return rows.get(pk=merged.rsvp_id), merged.proves
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@private
def rsvp_page(request: HttpRequest, token: str) -> HttpResponse:
    """One's own RSVP: show, confirm by code, change, cancel, erase, keep on this phone.

    The link a browser got after the form opens the party only until its mailbox is confirmed: then
    the mailed link does, so that typing somebody's address never opens their page.
    """
    party, proven = find(token)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act not in OFF_SITE_ACTS and not may_read(request, party):
        return render(request, "events/rsvp_off.html")
    if party.confirmed_at and not proven:
        return render(request, "events/rsvp_spent.html", {"event": party.event})
    if request.method != "POST" and party.mailbox_id and proven and token != party.mail_token:
        return _again(party.mail_token)  # of an answer that was merged into this one
    if request.method != "POST" and not proven and token != party.token:
        return _again(party.token)  # of before the e-mail was changed
    now = timezone.now()
    if act in ACTS:
        return ACTS[act](request, party, token, proven, now)
    return _page(request, party, token, proven, now)


def may_read(request: HttpRequest, party: Rsvp) -> bool:
    """Whether the event is on the site and, where it is for members, the party is a member's or a member
    reads. To everybody else it is as if it were gone."""
    event = party.event
    if event.status != Event.Status.PUBLISHED or may_know(party.mailbox, event):
        return event.status == Event.Status.PUBLISHED
    return Event.objects.visible_to(request.user).filter(pk=event.pk).exists()


def _page(
    request: HttpRequest,
    party: Rsvp,
    token: str,
    proven: bool,
    now: datetime,
    *,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    attendance = Attendance.objects.select_related("timeslot").get(rsvp=party)
    attendance.rsvp = party
    slot, event = attendance.timeslot, party.event
    language = translation.get_language() or "en"
    own_url = links.site_url(reverse("rsvp", args=[token]))
    state = attendance.state(now)
    closed = closed_reason(event, slot, now)
    must_confirm = bool(party.mailbox_id and not party.confirmed_at and not party.cancelled_at)
    again_at = party.made_at + contact.MAIL_EVERY
    asked = asked_of(party, now)
    context = {
        "party": party,
        "attendance": attendance,
        "event": event,
        "slot": slot,
        "state": state,
        "proven": proven,
        "must_confirm": must_confirm,
        "missing": attendance.party_size - attendance.seats_held if attendance.waiting_since else 0,
        "would_wait": attendance.would_wait,
        "held_until": _clock(attendance.hold_until, event, language, now) if _holds(attendance, now) else "",
        "closed": closed,
        "may_confirm": closed in ("", "postponed"),
        # Only here: a public page gives no numbers.
        "room": attendance.room if not closed else 0,
        "saved": request.method != "POST" and request.GET.get("saved") == "1",
        "updates": updates_of(event, language) if getattr(party, "has_updates", False) else [],
        "lang": "" if event.language == language else event.language,
        "asked": asked,
        "still_path": reverse("still_coming", args=[token]),
        "still_form": StillComingForm(attendance, asked) if asked else None,
        "said_still": request.method != "POST" and request.GET.get("still") == "1",
        "over": event.is_over(now),
        **when_texts(event, slot, language),
        "no_reminder": none_left(
            slot.start,
            event.zone,
            max(attendance.seated_at or party.made_at, party.confirmed_at or party.made_at),
            now,
        ),
        # It counted while the place was public, and can't confirm anything.
        "needs_email": party.mailbox_id is None
        and not event.place_is_public
        and state in ("going", "waitlisted")
        and not closed,
        "may_reveal": _may_reveal(party, attendance, proven, now),
        "calendar_url": calendar_url(
            event, language, neutral=party.neutral, tentative=state in ("pending", "waitlisted")
        ),
        "own_url": own_url,
        "qr": "" if must_confirm else qr.svg(own_url),  # before, the link serves this browser only
        "kept": token in kept_tokens(request),
        "change_form": extra.pop("change_form", None) or _change_form(party, attendance),
        "code_form": CodeForm(),
        # From what this browser did alone: what else this mailbox was asked is nobody's business here.
        "asked_at": _clock(party.made_at, event, language, now),
        "mail_again_at": _clock(again_at, event, language, now) if again_at > now else "",
        "masked": party.mailbox.masked if party.mailbox and token == party.token else "",
        "may_set_email": _may_set_email(party, token, state),
        "address_form": AddressForm(),
        **extra,
    }
    return render(request, "events/rsvp_page.html", context, status=status)


def _holds(attendance: Attendance, now: datetime) -> bool:
    return attendance.hold_until is not None and attendance.hold_until > now


def _clock(moment: datetime | None, event: Event, language: str, now: datetime) -> str:
    """A moment near now, by the clocks where the event is; with its day, where that isn't today."""
    if moment is None:
        return ""
    tz = zone_info(event.zone)
    local = moment.astimezone(tz)
    clock = f"{clock_text(local, language)} {zone_name(local)}"
    return clock if local.date() == now.astimezone(tz).date() else f"{day_text(local, language)}, {clock}"


def _may_set_email(party: Rsvp, token: str, state: str) -> bool:
    """The browser that typed the address may correct it, until its mailbox is proven."""
    return token == party.token and not party.confirmed_at and state not in ("cancelled", "expired")


def _change_form(party: Rsvp, attendance: Attendance, data: Any = None) -> RsvpChangeForm:
    return RsvpChangeForm(
        data,
        capacity=room_for(attendance),
        initial={
            "party_size": attendance.party_size,
            "name": party.name,
            "need": party.need,
            "neutral": party.neutral,
        },
    )


def _may_reveal(party: Rsvp, attendance: Attendance, proven: bool, now: datetime) -> bool:
    """Whether the place that isn't public, or the online link, may be shown on this page."""
    event = party.event
    if event.event_status == Event.EventStatus.CANCELLED or not (event.hidden_place or event.online_link):
        return False
    if event.place_is_public:
        return attendance.state(now) == "going" and proven
    return attendance.state(now) == "going" and proven and party.confirmed_at is not None


def _again(token: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("rsvp", args=[token]))


def _code(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    form = CodeForm(request.POST)
    if party.mailbox is None or party.confirmed_at:
        return _again(token)
    if form.is_valid():
        try:
            path = ground.confirm_by_code(
                party.mailbox, form.cleaned_data["code"], kind=rsvps.ACT_KIND, act_id=party.pk, at=now
            )
        except CodeRefused as refused:
            if refused.reason == "tries":
                return _page(request, party, token, proven, now, status=422, locked=True)
            form.add_error("code", CODE_SENTENCES[refused.reason])
        else:
            response = HttpResponseRedirect(path or reverse("events:detail", args=[party.event.slug]))
            if form.cleaned_data["remember"]:
                remember(response, party.mailbox)
            if path:
                exchange_kept(request, response, [(token, path)])
            return response
    return _page(request, party, token, proven, now, status=422, code_form=form, form=form)


def _resend(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    if party.mailbox is not None and not party.confirmed_at and not party.cancelled_at:
        ground.ask_to_confirm(party.mailbox, kind=rsvps.ACT_KIND, act_id=party.pk, at=now)
    return _page(request, party, token, proven, now, resent=True)


def _set_email(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    if token != party.token:
        return _again(token)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, party, token, proven, now, status=422, address_form=form, form=form)
    changed = rsvps.set_email(party.pk, email=form.cleaned_data["email"], at=now)
    if changed is None:
        return _again(token)
    response = _again(changed.token)
    exchange_kept(request, response, [(token, response.url)])
    return response


def _change(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    attendance = Attendance.objects.select_related("timeslot").get(rsvp=party)
    form = _change_form(party, attendance, request.POST)
    if not form.is_valid():
        return _page(request, party, token, proven, now, status=422, change_form=form, form=form)
    try:
        changed = rsvps.change(party.pk, at=now, **form.cleaned_data)
    except RsvpRefused as refused:
        party.event.refresh_from_db()
        return _page(request, party, token, proven, now, status=422, refused=refused.reason)
    return HttpResponseRedirect(reverse("rsvp", args=[token]) + ("?saved=1" if changed else ""))


def _cancel(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    rsvps.cancel(party.pk, at=now)
    return _again(token)


def _erase(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    rsvps.erase(party.pk, never_write=request.POST.get("never_write") == "on", at=now)
    response = HttpResponseRedirect(reverse("erased"))
    keep_tokens(request, response, [kept for kept in kept_tokens(request) if kept != token])
    forget_remembered(response)
    return response


def _reminders(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    act = stop_reminders if request.POST.get("stop") else remind_again
    act([party.pk], at=now)
    return HttpResponseRedirect(reverse("rsvp", args=[token]) + "?saved=1")


def _keep(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    response = _again(token)
    end = party.event.next_end
    keep_tokens(
        request,
        response,
        [token, *(kept for kept in kept_tokens(request) if kept != token)],
        until=end and end + KEPT_AFTER,
    )
    return response


def _forget(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    response = HttpResponseRedirect(reverse("mine"))
    keep_tokens(request, response, [kept for kept in kept_tokens(request) if kept != token])
    return response


def _reveal(request: HttpRequest, party: Rsvp, token: str, proven: bool, now: datetime) -> HttpResponse:
    attendance = Attendance.objects.select_related("rsvp").get(rsvp=party)
    shown = _may_reveal(party, attendance, proven, now)
    return _page(request, party, token, proven, now, revealed=shown, status=200 if shown else 403)


ACTS = {
    "code": _code,
    "resend": _resend,
    "email": _set_email,
    "change": _change,
    "cancel": _cancel,
    "erase": _erase,
    "reminders": _reminders,
    "keep": _keep,
    "forget": _forget,
    "reveal": _reveal,
}
# What can be done while the event is not on the site, or not for this party.
OFF_SITE_ACTS = ("cancel", "erase", "forget")
