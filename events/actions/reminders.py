"""Planning reminders: computed from the timeslots' own instants, never parked.

`Timeslot.next_reminder_at` is the next instant at which a round is due. A round puts an outbox row
for every party it concerns and moves the instant on, in one transaction; the rows' unique key
(attendance, kind, start) makes a repeated round harmless.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from events import reminders
from events.models import Attendance, Event, Timeslot
from events.querysets import AttendanceQuerySet
from hub import mail
from hub.models import Heartbeat, Message

logger = logging.getLogger("hub.tick")

CHUNK = 1000  # attendances read and messages written at a time
SET_BACK = timedelta(minutes=1)  # clocks of two machines may differ by less
STARTED = "already started"  # why a reminder was skipped


def plan_due(now: datetime) -> None:
    """Part of the tick: put the reminders that have fallen due into the outbox. A timeslot that fails
    is logged and doesn't keep the others' from being planned."""
    if Heartbeat.objects.filter(name="tick", at__gt=now + SET_BACK).exists():
        _look_again(now)
    due = Timeslot.objects.filter(next_reminder_at__lte=now).values_list("pk", flat=True)
    for slot_id in list(due):
        try:
            with transaction.atomic():
                _plan(slot_id, now)
        except Exception:
            logger.exception("could not plan the reminders of timeslot %s", slot_id)


def _look_again(now: datetime) -> None:
    """The clock was ahead and has been set back: what it passed over meanwhile is still to come. What it
    sent too early has its row, and isn't sent again."""
    for slot in Timeslot.objects.filter(start__gt=now).select_related("event").iterator(CHUNK):
        following = reminders.next_instant(slot.start, slot.event.zone, now)
        if following != slot.next_reminder_at:  # unless it is being moved at this moment
            Timeslot.objects.filter(pk=slot.pk, start=slot.start).update(next_reminder_at=following)
    Message.objects.filter(
        kind__in=(reminders.DAY_BEFORE, reminders.SAME_DAY, reminders.WAITING),
        state=Message.State.SKIPPED,
        reason=STARTED,
        occasion__gt=now.isoformat(),
    ).update(state=Message.State.WAITING, state_at=now, reason="", sent_with=None)


def _plan(slot_id: UUID, now: datetime) -> None:
    slot = (
        Timeslot.objects.select_for_update(of=("self",))
        .select_related("event")
        .filter(pk=slot_id, next_reminder_at__lte=now)
        .first()
    )
    if slot is None:  # another tick was here first
        return
    for kind, due_at in due_rounds(slot, now):
        _put_round(slot, kind, due_at, now)
    following = reminders.next_instant(slot.start, slot.event.zone, now)
    Timeslot.objects.filter(pk=slot.pk).update(next_reminder_at=following)


def due_rounds(slot: Timeslot, now: datetime) -> list[tuple[str, datetime]]:
    """The rounds to send now as (kind, instant). Nothing after the start, for a cancelled, postponed
    or unpublished event, nor for an instant that had passed when the start was moved (the notice of
    the move told everybody). After an outage the same day's reminder takes the day before's place."""
    event = slot.event
    if now >= slot.start or not takes_place(event):
        return []
    passed = [
        (kind, at)
        for at, kind in reminders.instants(slot.start, event.zone)
        if slot.next_reminder_at is not None and slot.next_reminder_at <= at <= now
    ]
    kinds = {kind for kind, _at in passed}
    return [
        (kind, at)
        for kind, at in passed
        if not (kind == reminders.DAY_BEFORE and reminders.SAME_DAY in kinds)
    ]


def takes_place(event: Event) -> bool:
    """Whether people should be reminded of it."""
    return event.status == Event.Status.PUBLISHED and event.event_status == Event.EventStatus.SCHEDULED


def concerned(slot_id: UUID, kind: str, due_at: datetime) -> AttendanceQuerySet:
    """The attendances a round is for: confirmed, with an address, wanting reminders, holding a seat (or, for
    the round of those waiting, lacking all), since at least three hours before the round."""
    since = due_at - reminders.TOO_LATE
    rows = Attendance.objects.told_of_changes().filter(
        timeslot_id=slot_id, rsvp__confirmed_at__lte=since, rsvp__reminders_stopped_at=None
    )
    if kind == reminders.WAITING:
        return rows.filter(seats_held=0, waiting_since__lte=since)
    return rows.filter(seats_held__gt=0).filter(Q(seated_at=None) | Q(seated_at__lte=since))


def reminder_draft(
    attendance_id: UUID, mailbox_id: UUID, slot: Timeslot, kind: str, due_at: datetime, now: datetime
) -> Message:
    """The outbox row of one reminder; its key holds the start, so a moved event reminds again."""
    return mail.draft(
        kind,
        mailbox_id=mailbox_id,
        about_id=attendance_id,
        topic_id=slot.event_id,
        occasion=slot.start.isoformat(),
        at=now,
        due_at=due_at,
    )


def _put_round(slot: Timeslot, kind: str, due_at: datetime, now: datetime) -> None:
    last: UUID | None = None
    while True:
        rows = concerned(slot.pk, kind, due_at).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        chunk = list(rows.values_list("pk", "rsvp__mailbox_id")[:CHUNK])
        mail.put([reminder_draft(pk, mailbox, slot, kind, due_at, now) for pk, mailbox in chunk])
        if len(chunk) < CHUNK:
            return
        last = chunk[-1][0]


def _due_until(until: datetime) -> AttendanceQuerySet:
    """Parties one of whose rounds falls due until then and isn't planned yet."""
    return Attendance.objects.told_of_changes().filter(timeslot__next_reminder_at__lte=until)


def with_reminders(mailboxes: Collection[UUID], until: datetime) -> set[UUID]:
    """Those of these mailboxes for which reminders that are not planned yet may fall due until then."""
    rows = _due_until(until).filter(rsvp__mailbox__in=mailboxes)
    return set(rows.values_list("rsvp__mailbox_id", flat=True))


def due_within(message: Message, now: datetime, span: timedelta) -> list[Message]:
    """Drafts of the person's other reminders that fall due until `span` after this one: they go along."""
    until = max(now, message.due_at) + span
    mine = _due_until(until).filter(rsvp__mailbox_id=message.mailbox_id, timeslot__start__gt=now)
    drafts = []
    for attendance in mine.select_related("timeslot__event", "rsvp"):
        slot = attendance.timeslot
        for kind, due_at in due_rounds(slot, until):
            if concerned(slot.pk, kind, due_at).filter(pk=attendance.pk).exists():
                drafts.append(
                    reminder_draft(attendance.pk, attendance.rsvp.mailbox_id, slot, kind, due_at, now)
                )
    return drafts
