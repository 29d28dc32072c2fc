"""RSVPs and proposals in the contact flow: how they wait, are confirmed and are written about."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from events.actions import host_changes, proposals, rsvps
from events.letters import rsvp_letter
from events.models import Attendance, Event, HostChange, Rsvp
from events.standing import may_know, still_theirs
from events.when import start_text, when_html
from hub import contact, links
from hub.contact import ActKind, OwnedThing, PendingAct
from hub.mail import Letter
from hub.models import Mailbox


def pending(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """This mailbox's RSVPs nobody has confirmed yet; of each event the newest, because it was said last."""
    waiting = (
        Attendance.objects.filter(
            rsvp__mailbox=mailbox,
            rsvp__confirmed_at=None,
            rsvp__cancelled_at=None,
            rsvp__made_at__gt=now - contact.ADDRESS_KEPT,
            rsvp__event__status="published",
        )
        .filter(Q(timeslot__end__gt=now) | Q(rsvp__event__event_status="postponed"))
        .select_related("rsvp__event__committee", "timeslot")
        .order_by("rsvp__made_at", "rsvp_id")
    )
    language = get_language() or "en"
    newest: dict[UUID, Attendance] = {}
    replaced: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for attendance in waiting:
        event_id = attendance.rsvp.event_id
        if not may_know(mailbox, attendance.rsvp.event):
            continue
        before = newest.get(event_id)
        if before is not None:
            replaced[event_id][before.rsvp_id] = before.rsvp.token
        newest[event_id] = attendance
    return [
        PendingAct(
            kind=rsvps.ACT_KIND,
            id=attendance.rsvp_id,
            token=attendance.rsvp.token,
            title=attendance.rsvp.event.title,
            language=attendance.rsvp.event.language,
            details=_details(attendance, language),
            replaces=replaced[event_id],
        )
        for event_id, attendance in newest.items()
    ]


def _details(attendance: Attendance, language: str) -> SafeString:
    """When, and how many: who confirms several should see which is which."""
    slot, size = attendance.timeslot, attendance.party_size
    when = when_html(slot.start, slot.end, attendance.rsvp.event.zone, language, all_day=slot.all_day)
    people = ngettext("%(n)s person", "%(n)s people", size) % {"n": size}
    return format_html("{} · <span>{}</span>", when, people)


def confirm(act_id: UUID, now: datetime) -> str | None:
    """Make it count; its permanent page is the mailed one, because the mailbox is proven."""
    party = rsvps.confirm(act_id, now)
    return reverse("rsvp", args=[party.mail_token]) if party else None


def owned(mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """Confirmed RSVPs of this mailbox, soonest first."""
    mine = Rsvp.objects.ahead_of(mailbox, now)
    return [
        OwnedThing(party.event.title, party.event.language, reverse("rsvp", args=[party.mail_token]))
        for party in still_theirs(mine)
    ]


def letter(act_id: UUID) -> Letter | None:
    """What the confirmation mail says of an RSVP."""
    attendance = (
        Attendance.objects.select_related("rsvp__event__committee", "rsvp__mailbox", "timeslot")
        .filter(rsvp_id=act_id, rsvp__cancelled_at=None, rsvp__mailbox__isnull=False)
        .filter(rsvp__event__status="published")
        .first()
    )
    if attendance is None or not still_theirs([attendance.rsvp]):
        return None
    with translation.override(attendance.rsvp.language):
        return rsvp_letter(
            attendance,
            None,
            with_calendar=True,
            act_template="mail/events/_act",  # before the question
            own_template="mail/events/_own",  # after it
        )


contact.register(ActKind(rsvps.ACT_KIND, pending=pending, confirm=confirm, letter=letter, owned=owned))


# --- Proposals -----------------------------------------------------------------------------------
def proposals_pending(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """This mailbox's proposals nobody has confirmed yet."""
    fresh = Event.objects.unconfirmed().filter(
        host=mailbox, proposed_at__gt=now - contact.ADDRESS_KEPT, next_end__gt=now
    )
    return [
        PendingAct(
            kind=proposals.ACT_KIND,
            id=event.pk,
            token=event.host_form_token,
            title=event.title,
            language=event.language,
            details=_start(event),
        )
        for event in fresh.order_by("proposed_at")
    ]


def _start(event: Event) -> str:
    assert event.next_start is not None  # every event has a timeslot
    return start_text(event.next_start, event.zone, get_language() or "en")


def proposal_confirm(act_id: UUID, now: datetime) -> str | None:
    """Hand it in; its permanent page is the mailed one, because the mailbox is proven."""
    event = proposals.confirm(act_id, now)
    return reverse("host", args=[event.host_token]) if event else None


def proposals_owned(mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """This mailbox's own events behind a link, until they are over."""
    mine = Event.objects.filter(host=mailbox, host_link_hash__isnull=False).exclude(
        pk__in=Event.objects.unconfirmed()
    )
    ahead = mine.filter(Q(next_end__gt=now) | Q(event_status="postponed")).order_by("next_start")
    return [
        OwnedThing(event.title, event.language, reverse("host", args=[event.host_token])) for event in ahead
    ]


def proposal_letter(act_id: UUID) -> Letter | None:
    """What the confirmation mail says of a proposal: none of its words, since nobody knows yet whether
    they are those of whoever reads this mailbox."""
    event = Event.objects.unconfirmed().select_related("host").filter(pk=act_id).first()
    if event is None or event.host is None:
        return None
    with translation.override(event.host_language):
        context = {"act_template": "mail/events/_proposal", "own_url": links.url("host", event.host_token)}
    return Letter(event.host, event.host_language, context)


# --- What a host asked for by the event's link ------------------------------------------------------
def _changes_of(mailbox: Mailbox, now: datetime) -> QuerySet[HostChange]:
    return HostChange.objects.filter(
        event__host=mailbox, confirmed_at=None, stopped_at=None, made_at__gt=now - contact.ADDRESS_KEPT
    ).select_related("event__host")


def pending_changes(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """What this host has asked for and not confirmed."""
    return [
        PendingAct(
            kind=host_changes.ACT_KIND,
            id=change.pk,
            token=change.event.host_token,
            title=change.event.title,
            language=change.event.language,
            details=change.asked,
        )
        for change in _changes_of(mailbox, now).order_by("made_at")
    ]


def confirm_change(act_id: UUID, now: datetime) -> str | None:
    """Let its ten minutes begin."""
    change = host_changes.confirm_change(act_id, now)
    return reverse("host", args=[change.event.host_token]) if change else None


def letter_of_change(act_id: UUID) -> Letter | None:
    """What the mail with the code says of it."""
    change = HostChange.objects.select_related("event__host").filter(pk=act_id, confirmed_at=None).first()
    if change is None or change.event.host is None:
        return None
    event = change.event
    with translation.override(event.language):
        context = {
            "title": event.title,
            "asked": change.asked,
            "act_template": "mail/events/_asked",
            "address_stays": True,
        }
        return Letter(change.event.host, event.language, context)


contact.register(
    ActKind(
        proposals.ACT_KIND,
        pending=proposals_pending,
        confirm=proposal_confirm,
        letter=proposal_letter,
        owned=proposals_owned,
    )
)
contact.register(
    ActKind(
        host_changes.ACT_KIND,
        pending=pending_changes,
        confirm=confirm_change,
        letter=letter_of_change,
        owned=lambda mailbox, now: [],
    )
)
