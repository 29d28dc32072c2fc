"""RSVPs in the contact flow: how they wait, are confirmed and are written about."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from events.actions import rsvps
from events.letters import rsvp_letter
from events.models import Attendance, Rsvp
from events.when import when_html
from hub import contact
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
        .select_related("rsvp__event", "timeslot")
        .order_by("rsvp__made_at", "rsvp_id")
    )
    language = get_language() or "en"
    newest: dict[UUID, Attendance] = {}
    replaced: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for attendance in waiting:
        event_id = attendance.rsvp.event_id
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
    mine = (
        Rsvp.objects.filter(
            mailbox=mailbox, confirmed_at__isnull=False, cancelled_at=None, event__status="published"
        )
        .filter(Q(event__next_end__gt=now) | Q(event__event_status="postponed"))
        .select_related("event")
        .order_by("event__next_start")
    )
    return [
        OwnedThing(party.event.title, party.event.language, reverse("rsvp", args=[party.mail_token]))
        for party in mine
    ]


def letter(act_id: UUID) -> Letter | None:
    """What the confirmation mail says of an RSVP."""
    attendance = (
        Attendance.objects.select_related("rsvp__event", "rsvp__mailbox", "timeslot")
        .filter(rsvp_id=act_id, rsvp__cancelled_at=None, rsvp__mailbox__isnull=False)
        .filter(rsvp__event__status="published")
        .first()
    )
    if attendance is None:
        return None
    with translation.override(attendance.rsvp.language):
        return rsvp_letter(
            attendance,
            with_calendar=True,
            act_template="mail/events/_act",  # before the question
            own_template="mail/events/_own",  # after it
        )


contact.register(ActKind(rsvps.ACT_KIND, pending=pending, confirm=confirm, letter=letter, owned=owned))
