"""What a visitor does with an RSVP: say "I'm coming", confirm, change, cancel, be forgotten."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model

from committees.models import Committee
from events.actions import merging, seats
from events.models import Attendance, Event, MergedLink, Rsvp, Timeslot
from events.standing import still_theirs
from events.still_coming import asked_of
from hub import actions as ground
from hub import audit, links, mail
from hub.inserts import insert
from hub.models import Confirmation, Mailbox, Message, User, address_digest
from hub.personal import forget_if_unused

ACT_KIND = "events.rsvp"


class RsvpRefused(Exception):
    """The event takes no RSVP like this one; `reason` is closed, cancelled, postponed, unpublished,
    too_large, email (one is needed now) or changed (meanwhile, and nobody has seen how)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def needs_confirmation(event: Event, slot: Timeslot) -> bool:
    """A party must prove a mailbox where seats are scarce or the place isn't public."""
    return slot.capacity is not None or not event.place_is_public


def closed_reason(event: Event, slot: Timeslot, now: datetime) -> str:
    """Why nobody can say "I'm coming" any more; empty if they can."""
    if event.status != Event.Status.PUBLISHED:
        return "unpublished"
    if event.event_status != Event.EventStatus.SCHEDULED:
        return str(event.event_status)
    return "closed" if slot.end <= now else ""


def rsvp(
    timeslot_id: UUID,
    *,
    form_token: str,
    name: str,
    email: str,
    party_size: int,
    need: str,
    neutral: bool,
    language: str,
    remembered: Mailbox | None = None,
    member: User | None = None,
    at: datetime,
) -> Rsvp | None:
    """Say "I'm coming" as a visitor, or as a `member` by their account, whose address is theirs and takes
    the place of `email`; the same form sent twice gives the first one's RSVP, or None
    if that is gone by now (erased, or merged by its mailbox's owner, whose RSVP is not the form's).

    On an open event it counts at once. Elsewhere it holds seats for half an hour if it may, and
    counts when its mailbox is confirmed, which a remembered phone and a member have done before. Raises
    RsvpRefused.
    """
    pk = uuid4()
    party = Rsvp(
        id=pk,
        name=name,
        need=need,
        neutral=neutral,
        as_member=member is not None,
        language=language,
        made_at=at,
        link_hash=links.token_hash(links.token("rsvp", pk)),
        mail_link_hash=links.token_hash(links.token("rsvp-mail", pk)),
    )
    try:
        with transaction.atomic():
            return _say(party, timeslot_id, party_size, email, remembered, member, form_token, at)
    except (IntegrityError, RsvpRefused):
        before = ground.result_of(form_token)
        if before is None:
            raise
        return Rsvp.objects.filter(pk=before).first()


def _say(
    party: Rsvp,
    timeslot_id: UUID,
    party_size: int,
    email: str,
    remembered: Mailbox | None,
    member: User | None,
    form_token: str,
    at: datetime,
) -> Rsvp:
    """Seat, hold or queue a new party and store it."""
    if member is not None:
        ground.lock_account(member)
    asked = ground.unanswered(email, at=at) if email else []  # before the lock: others wait for that
    slot = seats.lock_with_event(timeslot_id, at)
    event = slot.event
    _refuse_if_closed(event, slot, at)
    _refuse_if_too_large(slot, party_size)
    if not (email or member) and needs_confirmation(event, slot):  # it was open when the form was made
        raise RsvpRefused("email")
    mailbox: Mailbox | None
    if member is not None:
        mailbox = remembered = ground.mailbox_of(member, at=at)  # an account has proven its address
    else:
        mailbox = ground.mailbox_for(email, at=at) if email else None
    party.event, party.mailbox = event, mailbox
    attendance = Attendance(rsvp=party, timeslot=slot, party_size=party_size)
    # Whoever frees seats has offered them to those waiting; only holds run out by themselves.
    if slot.holds_run_out and seats.release_expired_holds(slot, at):
        seats.seat_waiting(slot, event, at)
    proven = mailbox is not None and remembered is not None and remembered.pk == mailbox.pk
    older = merging.live_confirmed(event, mailbox) if proven else None
    earlier = merging.give_way(party, [attendance], {slot.pk: slot}, at) if proven else []
    if older is not None:
        insert([ground.submitted(form_token, result_id=older.pk, at=at), party])
        seats.leave(slot, attendance)
        merging.lead_on(earlier, older)
        return merging.merge(party, attendance, older, slot, at)
    asking: list[Model] = []
    if proven or not needs_confirmation(event, slot):
        party.counted_at = at
        party.confirmed_at = at if proven else None
        if attendance.hold_until is not None:  # what an earlier answer had
            seats.keep_hold(slot, attendance, at)
        seats.seat_or_wait(slot, attendance, at)
    else:
        seats.hold(slot, attendance, at)
    if mailbox is not None and proven:
        asking = [_answer("events.coming", party, at)]
    elif mailbox is not None:
        asking = ground.asking_rows(mailbox, asked, kind=ACT_KIND, act_id=party.pk, at=at)
    form = ground.submitted(form_token, result_id=party.pk, at=at)
    entry = audit.entry("rsvp", event, at=at, by=None, count=party_size)
    insert([form, party, attendance, entry, *asking], unless_there=asking)
    if earlier:
        merging.lead_on(earlier, party)
        seats.seat_waiting(slot, event, at)
    seats.save(slot, event)
    return party


def _refuse_if_closed(event: Event, slot: Timeslot, at: datetime) -> None:
    reason = closed_reason(event, slot, at)
    if reason:
        raise RsvpRefused(reason)


def _refuse_if_too_large(slot: Timeslot, party_size: int) -> None:
    if slot.capacity is not None and party_size > slot.capacity:
        raise RsvpRefused("too_large")


def _answer(kind: str, party: Rsvp, at: datetime, about_id: UUID | None = None) -> Message:
    return mail.draft(
        kind,
        mailbox_id=party.mailbox_id,  # type: ignore[arg-type]  # callers have looked
        about_id=about_id or party.pk,
        topic_id=party.event_id,
        occasion=at.isoformat(),
        at=at,
    )


def _locked(rsvp_id: UUID) -> tuple[Rsvp, list[Attendance], dict[UUID, Timeslot]] | None:
    """Lock a party's timeslots, then read the party: what is read under the lock is true until commit."""
    slot_ids = list(Attendance.objects.filter(rsvp_id=rsvp_id).values_list("timeslot_id", flat=True))
    slots = {slot.pk: slot for slot in seats.lock(slot_ids)}
    party = Rsvp.objects.select_related("event", "mailbox").filter(pk=rsvp_id).first()
    if party is None:
        return None
    return party, list(Attendance.objects.filter(rsvp=party)), slots


def confirm(rsvp_id: UUID, at: datetime) -> Rsvp | None:
    """Make an RSVP count whose mailbox was just proven: it keeps its hold if that still runs, else
    it is seated or waits as of now. A second one at the same event merges into the first; what the
    mailbox said before it and never confirmed gives way to it.

    Returns the RSVP it ended up as; None if it is gone, wiped or cancelled.
    """
    with transaction.atomic():
        found = _locked(rsvp_id)
        if found is None:
            merged = MergedLink.objects.filter(
                token_hash=links.token_hash(links.token("rsvp-mail", rsvp_id))
            ).first()
            return merged.rsvp if merged else None
        party, attendances, slots = found
        if party.cancelled_at or party.mailbox is None:
            return None
        if party.confirmed_at:
            return party
        if any(closed_reason(party.event, slot, at) not in ("", "postponed") for slot in slots.values()):
            return party
        older = merging.live_confirmed(party.event, party.mailbox)
        earlier = merging.give_way(party, attendances, slots, at)
        merging.lead_on(earlier, older or party)
        if older is not None:
            for attendance in attendances:
                slot = slots[attendance.timeslot_id]
                seats.leave(slot, attendance)
                merging.merge(party, attendance, older, slot, at)
            return older
        party.confirmed_at = at
        counted_before = party.counted_at is not None
        party.counted_at = party.counted_at or at
        party.save(update_fields=["confirmed_at", "counted_at", "name", "need", "neutral"])
        for attendance in attendances:
            slot = slots[attendance.timeslot_id]
            if not counted_before:
                _count(party, attendance, slot, at)
            elif earlier:
                seats.seat_waiting(slot, party.event, at)
                seats.save(slot, party.event)
        _write_if_nobody_has(party, at)
        return party


def _write_if_nobody_has(party: Rsvp, at: datetime) -> None:
    """An act that joined an open mail is confirmed without ever having had a mail with its own link
    and calendar file: it gets one now."""
    own_mail = Confirmation.objects.filter(act_kind=ACT_KIND, act_id=party.pk).exists()
    waiting = Attendance.objects.filter(rsvp=party, waiting_since__isnull=False).exists()
    if not own_mail and not waiting:  # who waits is written to anyway
        mail.put([_answer("events.coming", party, at)])


def _count(party: Rsvp, attendance: Attendance, slot: Timeslot, at: datetime) -> None:
    """Let a confirmed party count in one timeslot."""
    if attendance.hold_until is not None and attendance.hold_until > at:
        seats.keep_hold(slot, attendance, at)
        attendance.save()
    seats.release_expired_holds(slot, at)
    seats.seat_waiting(slot, party.event, at)
    if attendance.seats_held < attendance.party_size or attendance.hold_until is not None:
        attendance.refresh_from_db()  # its own run-out hold was given back just now
        seats.seat_or_wait(slot, attendance, at)
        attendance.save()
    seats.save(slot, party.event)
    audit.record("confirm_rsvp", party.event, at=at, by=None, count=attendance.party_size)
    if attendance.waiting_since and party.mailbox_id:
        mail.put([_answer("events.waiting", party, at, about_id=attendance.pk)])


def change(
    rsvp_id: UUID, *, party_size: int, name: str, need: str, neutral: bool, at: datetime
) -> Rsvp | None:
    """Change one's own RSVP. Raising the party keeps the seats it has and asks for the rest: at once,
    or when they come free. Lowering it gives seats to those waiting. Raises RsvpRefused."""
    with transaction.atomic():
        found = _locked(rsvp_id)
        if found is None or found[0].cancelled_at:
            return None
        party, attendances, slots = found
        party.name, party.need, party.neutral = name, need, neutral
        _answers_too(party, at)
        party.save(update_fields=["name", "need", "neutral", "answered_change"])
        for attendance in attendances:
            slot = slots[attendance.timeslot_id]
            if party_size != attendance.party_size:
                _refuse_if_closed(party.event, slot, at)
                if party_size > attendance.party_size:
                    _refuse_if_too_large(slot, party_size)
                _resize(party, attendance, slot, party_size, at)
        audit.record("change_rsvp", party.event, at=at, by=None)
        return party


def _answers_too(party: Rsvp, at: datetime) -> None:
    """Whoever changes or cancels after a change of the event has said by it whether they are still coming."""
    change = asked_of(party, at)
    if change is not None:
        party.answered_change = change


def _resize(party: Rsvp, attendance: Attendance, slot: Timeslot, party_size: int, at: datetime) -> None:
    seats.release_expired_holds(slot, at)
    seats.seat_waiting(slot, party.event, at)  # who waits comes before who asks for more
    attendance.refresh_from_db()
    if party.counted_at is None:
        until = attendance.hold_until
        seats.release_hold(slot, attendance)
        attendance.party_size = party_size
        if until:  # a change must not make the half hour longer
            seats.hold(slot, attendance, at)
            attendance.hold_until = until if attendance.seats_held else None
    else:
        surplus = max(0, attendance.seats_held - party_size)
        attendance.seats_held -= surplus
        slot.seats_taken -= surplus
        attendance.party_size = party_size
        if attendance.seats_held < party_size:
            seats.seat_or_wait(slot, attendance, at)
        else:
            attendance.waiting_since = None
    attendance.save()
    seats.save(slot, party.event)
    seats.seat_waiting(slot, party.event, at)
    seats.save(slot, party.event)


def set_email(rsvp_id: UUID, *, email: str, at: datetime) -> Rsvp | None:
    """Give a party nobody has confirmed another address, or its first one, and ask that mailbox. What it
    holds, it holds as long as before. Returns the party; None where this can't be done any more."""
    with transaction.atomic():
        found = _locked(rsvp_id)
        if found is None:
            return None
        party, attendances, slots = found
        closed = any(closed_reason(party.event, slot, at) not in ("", "postponed") for slot in slots.values())
        if closed or party.confirmed_at or attendances[0].state(at) in ("cancelled", "expired"):
            return None
        mailbox, before = ground.mailbox_for(email, at=at), party.mailbox_id
        if mailbox.pk != before:
            party = _under_another(mailbox, party, at)
            audit.record("set_email", party.event, at=at, by=None)
        ground.ask_to_confirm(mailbox, kind=ACT_KIND, act_id=party.pk, at=at)
    if before is not None and before != mailbox.pk:
        forget_if_unused(before)  # here, because two mailboxes locked at once could wait for each other
    return party


def _under_another(mailbox: Mailbox, party: Rsvp, at: datetime) -> Rsvp:
    """The same party as a new row: the link in a mail to the old address is made of the row's id and
    must not open it any more. The browser's link leads on."""
    pk = uuid4()
    anew = Rsvp.objects.create(
        id=pk,
        event=party.event,
        mailbox=mailbox,
        name=party.name,
        need=party.need,
        language=party.language,
        neutral=party.neutral,
        made_at=at,
        counted_at=party.counted_at,
        link_hash=links.token_hash(links.token("rsvp", pk)),
        mail_link_hash=links.token_hash(links.token("rsvp-mail", pk)),
    )
    Attendance.objects.filter(rsvp=party).update(rsvp=anew)
    MergedLink.objects.filter(rsvp=party).update(rsvp=anew)
    MergedLink.objects.create(token_hash=bytes(party.link_hash), rsvp=anew, proves=False)
    ground.lead_result(party.pk, anew.pk)
    party.delete()
    return anew


def cancel(rsvp_id: UUID, *, silently: bool = False, at: datetime) -> Rsvp | None:
    """Take an RSVP back; its seats go to those waiting. Idempotent. `silently`, no mail names the event."""
    with transaction.atomic():
        found = _locked(rsvp_id)
        if found is None:
            return None
        party, attendances, slots = found
        if party.cancelled_at:
            return party
        _free_seats(party, attendances, slots, at)
        if not silently:
            _answers_too(party, at)
        party.cancelled_at = at
        party.save(update_fields=["cancelled_at", "answered_change"])
        audit.record("cancel_rsvp", party.event, at=at, by=None)
        if party.mailbox_id and party.confirmed_at and not silently:
            mail.put([_answer("events.cancelled_by_you", party, at)])
        return party


def cancel_among_members(committee: Committee, user: User, at: datetime) -> None:
    """Whoever belongs to a committee no more comes to none of its events for members: the link of an RSVP
    would go on showing them."""
    theirs = Rsvp.objects.filter(
        event__committee=committee,
        event__visibility=Event.Visibility.MEMBERS,
        mailbox__address_digest=address_digest(user.email),
        cancelled_at=None,
    )
    for rsvp_id in list(theirs.values_list("pk", flat=True)):
        cancel(rsvp_id, silently=True, at=at)


def cancel_strangers(event_id: UUID, at: datetime) -> None:
    """An event is for the members of a committee now: whoever isn't one comes no more."""
    live = Rsvp.objects.filter(event=event_id, cancelled_at=None).select_related(
        "event__committee", "mailbox"
    )
    parties = list(live)
    theirs = {party.pk for party in still_theirs(parties)}
    for party in parties:
        if party.pk not in theirs:
            cancel(party.pk, silently=True, at=at)


def _free_seats(
    party: Rsvp, attendances: list[Attendance], slots: dict[UUID, Timeslot], at: datetime
) -> None:
    for attendance in attendances:
        slot = slots[attendance.timeslot_id]
        seats.leave(slot, attendance)
        attendance.save()
        seats.release_expired_holds(slot, at)
        seats.seat_waiting(slot, party.event, at)
        seats.save(slot, party.event)


def erase(rsvp_id: UUID, *, never_write: bool, at: datetime) -> None:
    """Forget a party: its row, links and waiting mail go, and the mailbox if nothing else needs it.

    With `never_write` a keyed digest of the address stays behind that stops reminders and news.
    """
    with transaction.atomic():
        found = _locked(rsvp_id)
        if found is None:
            return
        party, attendances, slots = found
        mailbox = party.mailbox
        if mailbox is not None:
            # Before its messages, as the worker does it: else each could wait for the other.
            Mailbox.objects.select_for_update().filter(pk=mailbox.pk).first()
        if not party.cancelled_at:
            _free_seats(party, attendances, slots, at)
        mail.drop([party.pk, *(attendance.pk for attendance in attendances)], at)
        if never_write and mailbox is not None and party.confirmed_at:
            ground.block(mailbox, at=at)
        event = party.event
        ground.forget_result(party.pk)
        party.delete()
        audit.record("erase_rsvp", event, at=at, by=None)
        if mailbox is not None:
            forget_if_unused(mailbox.pk)
