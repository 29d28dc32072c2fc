"""Many hands at the same moment, and what must be true of the seats when they are done."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, connections

from events.models import Attendance, Rsvp, Timeslot

Result = TypeVar("Result")
PATIENCE = 60  # seconds until the last thread must have come to the start


def at_once(calls: Sequence[Callable[[], Result]], *, threads: int | None = None) -> list[Result]:
    """Run the calls in threads that start at the same moment, one for each call if not said; gives
    their results in order. Raises what the first failing one raised, when all have ended."""
    hands = threads or len(calls)
    barrier = threading.Barrier(hands)

    def work(share: Sequence[Callable[[], Result]]) -> list[Result]:
        barrier.wait(PATIENCE)
        try:
            return [call() for call in share]
        finally:
            connections.close_all()  # of this thread

    with ThreadPoolExecutor(hands) as pool:
        shares = [pool.submit(work, calls[hand::hands]) for hand in range(hands)]
    results: list[Any] = [None] * len(calls)
    for hand, share in enumerate(shares):
        results[hand::hands] = share.result()
    return results


def outcome(call: Callable[[], object], *expected: type[Exception]) -> str:
    """ "done", or the name of the expected error that ended the call."""
    try:
        call()
    except expected as error:
        return type(error).__name__
    return "done"


@contextlib.contextmanager
def another_database() -> Iterator[None]:
    """A copy of the empty test database for this block: what is broken in it stays in it.

    Use it with `transactional_db`; every thread's connection goes to the copy.
    """
    connection.close()
    original = connection.settings_dict["NAME"]
    connection.creation.clone_test_db(suffix="broken", verbosity=0, autoclobber=True)
    connection.close()
    # All threads' connections are made from this one dict.
    connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings("broken")["NAME"]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        connection.creation.destroy_test_db(suffix="broken", verbosity=0)


def drop_constraint(name: str) -> None:
    """Take a constraint off the timeslots' table. Only inside `another_database`."""
    options = Timeslot._meta
    everything = options.constraints
    (unwanted,) = [one for one in everything if one.name == name]
    # SQLite makes the table anew from what the model says at this moment.
    options.constraints = [one for one in everything if one is not unwanted]
    try:
        with connection.schema_editor() as editor:
            editor.remove_constraint(Timeslot, unwanted)
    finally:
        options.constraints = everything


def seats_in_rows(slot: Timeslot) -> tuple[int, int]:
    """Seats taken and seats held by unconfirmed parties, summed over the rows."""
    rows = Attendance.objects.filter(timeslot=slot).values_list("seats_held", "hold_until")
    taken = sum(seats for seats, until in rows if until is None)
    return taken, sum(seats for seats, until in rows if until is not None)


def assert_seats_add_up(slot: Timeslot) -> None:
    """The counters are the sums of the rows, nothing is oversold, and every party has what it may."""
    slot.refresh_from_db()
    assert (slot.seats_taken, slot.seats_pending) == seats_in_rows(slot)
    if slot.seat_limit is not None and slot.capacity is not None:
        assert slot.seats_taken + slot.seats_pending <= slot.seat_limit
        assert slot.seats_pending * 5 <= slot.capacity
    for row in Attendance.objects.filter(timeslot=slot).select_related("rsvp"):
        if row.rsvp.cancelled_at:
            assert not row.seats_held
            assert row.waiting_since is None
        elif row.rsvp.counted_at is None:
            assert row.waiting_since is None
            assert (row.seats_held > 0) == (row.hold_until is not None)
        else:
            assert row.hold_until is None
            assert (row.seats_held < row.party_size) == (row.waiting_since is not None)
    live = Rsvp.objects.filter(event=slot.event_id, confirmed_at__isnull=False, cancelled_at=None)
    mailboxes = [pk for pk in live.values_list("mailbox_id", flat=True) if pk]
    assert len(mailboxes) == len(set(mailboxes))


def assert_nobody_waits_who_fits(slot: Timeslot) -> None:
    """First fit: every party still waiting lacks more seats than there are."""
    slot.refresh_from_db()
    free = slot.seats_free
    lacking = [row.party_size - row.seats_held for row in waiting(slot)]
    assert free is None or all(free < missing for missing in lacking), (free, lacking)


def waiting(slot: Timeslot) -> list[Attendance]:
    """The waiting list in its order."""
    rows = Attendance.objects.filter(timeslot=slot, waiting_since__isnull=False)
    return list(rows.order_by("waiting_since", "pk"))


def seated(slot: Timeslot) -> list[Attendance]:
    """The counted parties that hold a seat."""
    return list(Attendance.objects.filter(timeslot=slot, seats_held__gt=0, hold_until=None))


def moments(rows: Sequence[Attendance]) -> list[datetime]:
    """Since when these wait."""
    return [row.waiting_since for row in rows if row.waiting_since]
