"""What a host asks for that is told to everybody who is coming: cancelling, postponing, on after all.

A stolen link must not call a rally off: by the link the code from the host's mailbox comes first. Then there
are ten minutes in which the host and whoever else answers for the event can stop it. Only then it is done, by
the same actions an operator uses, and the people who are coming are told. (Another time or place, by the
link, always waits for a moderator: `proposals.change_event`.)
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from events.actions import events as actions
from events.actions import seats
from events.actions.events import EventRefused
from events.models import Event, HostChange, Timeslot
from events.standing import who_acts
from hub import actions as ground
from hub import audit, mail
from hub.contact import ADDRESS_KEPT
from hub.inserts import insert
from hub.models import User

logger = logging.getLogger("hub.tick")

ACT_KIND = "events.host_change"
STOP_WITHIN = timedelta(minutes=10)
DO = {
    HostChange.Act.CANCEL: actions.cancel_event,
    HostChange.Act.POSTPONE: actions.postpone_event,
    HostChange.Act.RESTORE: actions.restore_event,
}


def may_ask(event: Event, act: str, now: datetime) -> bool:
    """Whether this makes sense for the event as it stands."""
    if event.status != Event.Status.PUBLISHED or event.is_over(now):
        return False
    scheduled = event.event_status == Event.EventStatus.SCHEDULED
    if act == HostChange.Act.RESTORE:
        return not scheduled
    return scheduled or (act == HostChange.Act.CANCEL and event.event_status != Event.EventStatus.CANCELLED)


def ask_change(event: Event, act: str, *, by: User | None, at: datetime) -> HostChange:
    """Ask for it. By the link the host's mailbox gets a code; of an account (`by`) the ten minutes begin.
    Another one that waits for its code is stopped; one that was confirmed goes on until this one is, or
    whoever has only the link could call off what the host wants. Raises EventRefused."""
    with transaction.atomic():
        _lock_slots(event.pk)
        event = Event.objects.select_related("host").get(pk=event.pk)
        if not may_ask(event, act, at):
            raise EventRefused("over" if event.is_over(at) else "state")
        waiting = event.host_changes.filter(done_at=None, stopped_at=None)
        waiting.filter(confirmed_at=None).update(stopped_at=at)
        change = HostChange(event=event, act=act, made_at=at)
        entry = audit.entry(f"ask_{act}", event, at=at, by=by)
        if by is not None:
            insert([change, entry])
            return confirm_change(change.pk, at) or change
        if event.host is None:
            raise EventRefused("nobody")
        asked = ground.unanswered(event.host.address, at=at)
        asking: list[Model] = ground.asking_rows(event.host, asked, kind=ACT_KIND, act_id=change.pk, at=at)
        insert([change, entry, *asking], unless_there=asking)
        return change


def waiting_changes(event: Event) -> list[HostChange]:
    """What was asked for and is neither done nor stopped, the last first: at most one that waits for its
    code, and one that was confirmed."""
    return list(event.host_changes.filter(done_at=None, stopped_at=None).order_by("-made_at"))


def confirm_change(change_id: UUID, at: datetime) -> HostChange | None:
    """The mailbox is proven: ten minutes from now it is done, and those who can stop it are told."""
    with transaction.atomic():
        change = _locked(change_id)
        if change is None or change.confirmed_at or change.stopped_at:
            return change
        others = change.event.host_changes.filter(done_at=None, stopped_at=None).exclude(pk=change.pk)
        others.update(stopped_at=at)
        change.confirmed_at, change.due_at = at, at + STOP_WITHIN
        change.save(update_fields=["confirmed_at", "due_at"])
        audit.record(f"confirm_{change.act}", change.event, at=at, by=None)
        told = who_acts(change.event)
        mail.put(
            mail.draft(
                "events.host_change",
                mailbox_id=(mailbox := ground.mailbox_of(user, at=at)).pk,
                about_id=change.pk,
                topic_id=change.event_id,
                occasion=str(mailbox.pk),
                at=at,
            )
            for user in told
        )
        return change


def stop_change(change_id: UUID, *, by: User | None, at: datetime) -> bool:
    """Stop it while that is possible; whether it was."""
    with transaction.atomic():
        change = _locked(change_id)
        if change is None or change.done_at or change.stopped_at:
            return False
        change.stopped_at = at
        change.save(update_fields=["stopped_at"])
        audit.record(f"stop_{change.act}", change.event, at=at, by=by)
        return True


def do_due_changes(now: datetime) -> None:
    """Part of the tick: what nobody stopped in time is done. One that fails is logged and doesn't hold up
    the others."""
    due = HostChange.objects.filter(due_at__lte=now, stopped_at=None, done_at=None)
    for pk in list(due.values_list("pk", flat=True)):
        try:
            _do(pk, now)
        except Exception:
            logger.exception("could not do host change %s", pk)


@transaction.atomic
def _do(change_id: UUID, now: datetime) -> None:
    change = _locked(change_id)
    if change is None or change.done_at or change.stopped_at:  # another tick was here, or it was stopped
        return
    try:
        DO[HostChange.Act(change.act)](change.event, by=None, at=now)
    except EventRefused:  # it is over by now
        change.stopped_at = now
    else:
        change.done_at = now
    change.save(update_fields=["stopped_at", "done_at"])


def _lock_slots(event_id: UUID) -> None:
    """Everything here locks the event's timeslots first, as what is done to the event does, then the asked
    changes; the event itself last."""
    seats.lock(list(Timeslot.objects.filter(event_id=event_id).values_list("pk", flat=True)))


def _locked(change_id: UUID) -> HostChange | None:
    for event_id in HostChange.objects.filter(pk=change_id).values_list("event_id", flat=True):
        _lock_slots(event_id)
    rows = HostChange.objects.select_for_update(of=("self",)).select_related("event")
    return rows.filter(pk=change_id).first()


def purge_changes(now: datetime) -> None:
    """What nobody confirmed within a day is forgotten."""
    HostChange.objects.filter(confirmed_at=None, made_at__lte=now - ADDRESS_KEPT).delete()
