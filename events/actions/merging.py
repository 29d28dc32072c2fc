"""Several RSVPs of one mailbox at one event: one of them stays, the links of the others lead to it."""

from datetime import datetime
from uuid import UUID

from events.actions import seats
from events.models import NEED_MAX, Attendance, Event, MergedLink, Rsvp, Timeslot
from hub import audit
from hub.models import Mailbox


def live_confirmed(event: Event, mailbox: Mailbox | None) -> Rsvp | None:
    """The RSVP of this mailbox that is confirmed and was not taken back."""
    return Rsvp.objects.filter(
        event=event, mailbox=mailbox, confirmed_at__isnull=False, cancelled_at=None
    ).first()


def give_way(
    party: Rsvp, attendances: list[Attendance], slots: dict[UUID, Timeslot], at: datetime
) -> list[Rsvp]:
    """What its mailbox said before about the same event, and nobody confirmed, gives way to a party
    that is confirmed now: the last answer is the one that is meant. Returns these, without seats.

    The seats of the best of them go over to the party as a hold, so that who says it once more isn't
    overtaken by those waiting.
    """
    earlier = list(
        Rsvp.objects.filter(
            event=party.event,
            mailbox=party.mailbox,
            confirmed_at=None,
            cancelled_at=None,
            made_at__lte=party.made_at,
            attendances__timeslot__in=slots,
        )
        .exclude(pk=party.pk)
        .order_by("-made_at")
        .distinct()
    )
    rows = list(Attendance.objects.filter(rsvp__in=earlier, timeslot__in=slots)) if earlier else []
    for attendance in attendances:
        slot, had = slots[attendance.timeslot_id], 0
        for row in rows:
            if row.timeslot_id == slot.pk:
                had = max(had, row.seats_held if row.hold_until is None or row.hold_until > at else 0)
                seats.leave(slot, row)
        if party.counted_at is None:
            seats.take_over(slot, attendance, had, at)
    for one in earlier:  # words are not lost
        if not party.as_member:  # who comes as "a member" has chosen that, and anybody can have typed a name
            party.name = party.name or one.name
        party.need = party.need or one.need
        party.neutral = party.neutral or one.neutral
    return earlier


def lead_on(parties: list[Rsvp], to: Rsvp) -> None:
    """Delete these parties, which hold no seats any more; their links lead to another one."""
    for party in parties:
        MergedLink.objects.filter(rsvp=party).update(rsvp=to)
        MergedLink.objects.create(token_hash=bytes(party.mail_link_hash), rsvp=to, proves=True)
        # So that the page of whoever sent the form looks the same with and without an older RSVP.
        MergedLink.objects.create(token_hash=bytes(party.link_hash), rsvp=to, proves=False)
        party.delete()


def merge(party: Rsvp, attendance: Attendance, older: Rsvp, slot: Timeslot, at: datetime) -> Rsvp:
    """Fold a second RSVP of one mailbox into the first; the larger party stays, seats are never lost.

    `attendance` holds no seats any more; the mailed link of `party` leads to `older` from now on.
    """
    kept, _made = Attendance.objects.get_or_create(
        rsvp=older, timeslot=slot, defaults={"party_size": attendance.party_size}
    )
    if attendance.party_size > kept.party_size or not (kept.seats_held or kept.waiting_since):
        kept.party_size = max(kept.party_size, attendance.party_size)
        seats.seat_or_wait(slot, kept, at)
        kept.save()
    if party.need and party.need not in older.need:
        older.need = "\n".join(text for text in (older.need, party.need) if text)[:NEED_MAX]
    older.name = older.name or party.name
    older.neutral = older.neutral or party.neutral
    older.as_member = older.as_member or party.as_member
    older.save(update_fields=["need", "name", "neutral", "as_member"])
    lead_on([party], older)
    seats.seat_waiting(slot, older.event, at)
    seats.save(slot, older.event)
    audit.record("merge_rsvp", older.event, at=at, by=None)
    return older
