"""Seats: the arithmetic behind "never oversold".

Everything here runs inside a transaction that has the timeslot locked (`lock`), on the locked row;
`save` writes the counters back. The database's own constraint stands behind it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, IntegerField, Max, OuterRef, Sum

from events.models import Attendance, Event, Timeslot
from hub import mail
from hub.models import Message
from hub.prepared import Parameter, Prepared, PreparedUpdate

HOLD_LIVES = timedelta(minutes=30)
HOLD_PARTY_MAX = 4  # larger parties get no hold
HOLD_SHARE = 5  # all holds together: at most one fifth of the capacity
SEATING_ENDS = timedelta(hours=3)  # before the start: nobody is seated unasked any more
FEW_SHARE = 10  # "few places left": one tenth of the capacity or fewer


def lock(timeslot_ids: list[UUID]) -> list[Timeslot]:
    """Lock timeslots, always in the same order, so that two acts can't wait for each other."""
    slots = list(Timeslot.objects.select_for_update().filter(pk__in=timeslot_ids).order_by("pk"))
    for slot in slots:
        slot.counters_read = slot.seats_taken, slot.seats_pending
    return slots


# What is decided and written under the lock needs these.
_SLOT_FIELDS = ("start", "end", "capacity", "seat_limit", "seats_taken", "seats_pending")
_EVENT_FIELDS = ("status", "event_status", "reveal", "next_start", "full", "few_left")
_RUN_OUT = Attendance.objects.filter(
    timeslot=OuterRef("pk"), hold_until__lte=Parameter("now", Attendance._meta.get_field("hold_until"))
)
_LOCKED = Prepared(
    lambda: (
        Timeslot.objects.select_for_update(of=("self", "event"), no_key=True)
        .select_related("event")
        .only(*_SLOT_FIELDS, *(f"event__{name}" for name in _EVENT_FIELDS))
        .annotate(holds_run_out=Exists(_RUN_OUT))  # type: ignore[no-redef]
        .filter(pk=Parameter("pk", Timeslot._meta.pk))
    )
)


def lock_with_event(timeslot_id: UUID, now: datetime) -> Timeslot:
    """Lock one timeslot and its event, in this order: what both say is true until the transaction ends.
    `holds_run_out` says whether any of its holds has."""
    (slot,) = _LOCKED.rows(pk=timeslot_id, now=now)
    slot.counters_read = slot.seats_taken, slot.seats_pending
    return slot


def free(slot: Timeslot) -> int:
    """Seats that can be given now; a number no party reaches where there is no limit."""
    left = slot.seats_free
    return 1_000_000 if left is None else left


def hold(slot: Timeslot, attendance: Attendance, now: datetime) -> None:
    """Hold seats for a party that has yet to confirm, if the rules and the room allow it."""
    size = attendance.party_size
    if slot.capacity is None or size > HOLD_PARTY_MAX:
        return
    if (slot.seats_pending + size) * HOLD_SHARE > slot.capacity or size > free(slot):
        return
    attendance.seats_held = size
    attendance.hold_until = now + HOLD_LIVES
    slot.seats_pending += size


def release_hold(slot: Timeslot, attendance: Attendance) -> None:
    """Give back what an unconfirmed party held."""
    if attendance.hold_until is not None:
        slot.seats_pending -= attendance.seats_held
        attendance.seats_held = 0
        attendance.hold_until = None


def release_expired_holds(slot: Timeslot, now: datetime) -> bool:
    """Give back the seats of holds that have run out. Returns whether there were any."""
    if not slot.seats_pending:
        return False
    expired = list(Attendance.objects.filter(timeslot=slot, hold_until__lte=now))
    for attendance in expired:
        release_hold(slot, attendance)
        attendance.save(update_fields=["seats_held", "hold_until"])
    return bool(expired)


def seat(slot: Timeslot, attendance: Attendance, now: datetime) -> bool:
    """Give a counted party the seats it lacks, all or none. Returns whether it now has them all."""
    missing = attendance.party_size - attendance.seats_held
    if missing > free(slot):
        return False
    attendance.seats_held += missing
    attendance.seated_at = attendance.seated_at or now
    attendance.waiting_since = None
    slot.seats_taken += missing
    return True


def seat_or_wait(slot: Timeslot, attendance: Attendance, now: datetime) -> None:
    """Seat a party that begins to count, or put it at the end of the waiting list."""
    if not seat(slot, attendance, now) and attendance.waiting_since is None:
        attendance.waiting_since = _end_of_line(slot, now)


def _end_of_line(slot: Timeslot, now: datetime) -> datetime:
    """Now, but later than everybody who waits: who read the clock first may get the lock last, and
    the order in which people were accepted is that of the lock."""
    waiting = Attendance.objects.filter(timeslot=slot, waiting_since__isnull=False)
    last = waiting.aggregate(last=Max("waiting_since"))["last"]
    return now if last is None or last < now else last + timedelta(microseconds=1)


def keep_hold(slot: Timeslot, attendance: Attendance, now: datetime) -> None:
    """Turn what a party held while unconfirmed into seats of its own."""
    slot.seats_pending -= attendance.seats_held
    slot.seats_taken += attendance.seats_held
    attendance.hold_until = None
    attendance.seated_at = now


def take_over(slot: Timeslot, attendance: Attendance, had: int, now: datetime) -> None:
    """Hold for an unconfirmed party what an earlier answer of its mailbox `had` and has just left, if
    that is more than it holds itself."""
    held = attendance.seats_held if attendance.hold_until is None or attendance.hold_until > now else 0
    if min(had, attendance.party_size) > held:
        release_hold(slot, attendance)
        attendance.seats_held = min(had, attendance.party_size)
        attendance.hold_until = now + HOLD_LIVES
        slot.seats_pending += attendance.seats_held


def leave(slot: Timeslot, attendance: Attendance) -> None:
    """Take a party's seats back, held or its own, and its place in the waiting list."""
    if attendance.hold_until is not None:
        release_hold(slot, attendance)
    slot.seats_taken -= attendance.seats_held
    attendance.seats_held = 0
    attendance.waiting_since = None


def seat_waiting(slot: Timeslot, event: Event, now: datetime) -> None:
    """Give free seats to the first waiting party that fits, then the next, and tell them.

    Unasked seating ends three hours before the start: who is seated later could not come any more.
    """
    if not free(slot) or now >= slot.start - SEATING_ENDS or event.event_status != "scheduled":
        return
    waiting = (
        Attendance.objects.filter(timeslot=slot, waiting_since__isnull=False)
        .select_related("rsvp")
        .order_by("waiting_since", "pk")
    )
    told: list[Message] = []
    for attendance in waiting:
        if not free(slot):
            break
        if seat(slot, attendance, now):
            attendance.save(update_fields=["seats_held", "seated_at", "waiting_since"])
            # No mail to a mailbox nobody proved: an event that was open before can have such a party.
            if attendance.rsvp.mailbox_id and attendance.rsvp.confirmed_at:
                told.append(
                    mail.draft(
                        "events.seated",
                        mailbox_id=attendance.rsvp.mailbox_id,
                        about_id=attendance.pk,
                        topic_id=event.pk,
                        occasion=now.isoformat(),
                        at=now,
                    )
                )
    mail.put(told)


def recount(slot: Timeslot) -> None:
    """Set the counters of a locked timeslot to what its rows say. They differ once RSVPs were purged:
    then the totals tell how many came, and a new date must not begin with their seats taken."""
    rows = Attendance.objects.filter(timeslot=slot)
    slot.seats_taken = rows.filter(hold_until=None).aggregate(n=Sum("seats_held"))["n"] or 0
    slot.seats_pending = rows.exclude(hold_until=None).aggregate(n=Sum("seats_held"))["n"] or 0
    slot.counters_read = slot.seats_taken, slot.seats_pending
    slot.save(update_fields=["seats_taken", "seats_pending"])


def set_capacity(slot: Timeslot, capacity: int | None) -> None:
    """Change how many people fit; lowering it unseats nobody, and what is held stays held."""
    slot.capacity = capacity
    slot.seat_limit = None if capacity is None else max(capacity, slot.seats_taken + slot.seats_pending)
    slot.save(update_fields=["capacity", "seat_limit"])


_COUNT = PreparedUpdate(
    lambda: Timeslot.objects.filter(pk=Parameter("pk", Timeslot._meta.pk)),
    seats_taken=F("seats_taken") + Parameter("taken", IntegerField()),
    seats_pending=F("seats_pending") + Parameter("pending", IntegerField()),
    seat_limit=Parameter("limit", IntegerField()),
)


def save(slot: Timeslot, event: Event) -> None:
    """Write the counters of a locked timeslot back, and the event's badges if they changed.

    What is written is the difference to what was read: a count made without the lock then runs into
    the constraint, instead of overwriting what somebody else has counted. The limit only ever falls
    here, as seats above the capacity come free, so that a wrong count can't raise its own limit.
    """
    if slot.capacity is not None and slot.seat_limit is not None:
        slot.seat_limit = max(slot.capacity, min(slot.seat_limit, slot.seats_taken + slot.seats_pending))
    taken, pending = slot.counters_read
    _COUNT.run(
        pk=slot.pk,
        taken=slot.seats_taken - taken,
        pending=slot.seats_pending - pending,
        limit=slot.seat_limit,
    )
    slot.counters_read = slot.seats_taken, slot.seats_pending
    show_badges(slot, event)


def show_badges(slot: Timeslot, event: Event) -> None:
    """Say on the event whether its shown timeslot is full, or nearly."""
    left = slot.seats_free
    full = left == 0
    few = left is not None and slot.capacity is not None and not full and left * FEW_SHARE <= slot.capacity
    if event.next_start == slot.start and (event.full, event.few_left) != (full, few):
        event.full, event.few_left = full, few
        Event.objects.filter(pk=event.pk).update(full=full, few_left=few)
