"""Seats: holds, the waiting list, the capacity, and that all the counts agree."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from events.actions import events as event_actions
from events.actions import rsvps, seats
from events.models import STATES, Attendance, Event, Rsvp, Timeslot
from hub.contact import ADDRESS_KEPT
from tests.factories import deliver_mail, event_details, make_event, make_rsvp, press_button, slot_of

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)
NOW = START - timedelta(days=10)
HOLD = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _ten_days_before(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(autouse=True)
def _counts_agree(db):
    """After each test the counters say what the parties hold."""
    yield
    for slot in Timeslot.objects.all():
        held = Attendance.objects.filter(timeslot=slot)
        taken = held.filter(hold_until=None).aggregate(n=Sum("seats_held"))["n"] or 0
        pending = held.filter(hold_until__isnull=False).aggregate(n=Sum("seats_held"))["n"] or 0
        assert (slot.seats_taken, slot.seats_pending) == (taken, pending)


def hall(capacity, **details) -> Event:
    return make_event(start=START, capacity=capacity, **details)


def going(event, size=1, **details) -> Rsvp:
    return make_rsvp(event, confirmed=True, party_size=size, **details)


def pending(event, size=1, **details) -> Rsvp:
    return make_rsvp(event, email=f"pending-{Rsvp.objects.count()}@example.org", party_size=size, **details)


def of(party) -> Attendance:
    return Attendance.objects.select_related("rsvp", "timeslot").get(rsvp=party)


def counts(event) -> tuple:
    slot = slot_of(event)
    return slot.seats_taken, slot.seats_pending, slot.seat_limit


def state(party, now=NOW) -> str:
    return of(party).state(now)


# --- Holds ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("capacity", "sizes", "held"),
    [
        (20, [4], [4]),  # a fifth of the seats
        (20, [5], [0]),  # more than four get no hold
        (19, [4], [0]),  # more than a fifth
        (19, [3], [3]),
        (20, [3, 2, 1], [3, 0, 1]),  # all holds together, not each
        (20, [1, 1, 1, 1, 1], [1, 1, 1, 1, 0]),
        (5, [1, 1], [1, 0]),
        (4, [1], [0]),
        (1, [1], [0]),
        (100, [4, 4, 4, 4, 4, 1], [4, 4, 4, 4, 4, 0]),
    ],
)
def test_holds_are_small_and_together_a_fifth_at_most(capacity, sizes, held):
    event = hall(capacity)
    parties = [pending(event, size) for size in sizes]
    assert [of(party).seats_held for party in parties] == held
    assert counts(event) == (0, sum(held), capacity)


def test_nothing_is_held_where_nothing_is_free():
    event = hall(20)
    going(event, 10)
    going(event, 9)
    assert of(pending(event, 2)).seats_held == 0
    assert of(pending(event, 1)).seats_held == 1


def test_a_hold_lasts_half_an_hour(time_machine):
    event = hall(20)
    party = pending(event)
    assert of(party).hold_until == NOW + HOLD
    time_machine.move_to(NOW + HOLD - timedelta(seconds=1), tick=False)
    deliver_mail()
    assert counts(event) == (0, 1, 20)
    time_machine.move_to(NOW + HOLD, tick=False)
    deliver_mail()
    assert counts(event) == (0, 0, 20)
    assert (of(party).seats_held, of(party).hold_until) == (0, None)


def test_confirming_within_the_half_hour_keeps_the_hold():
    event = hall(5)
    party = pending(event)
    going(event, 4)  # now the rest is taken
    press_button(party, at=NOW + HOLD - timedelta(seconds=1))
    assert state(party) == "going"
    assert counts(event) == (5, 0, 5)


def test_confirming_later_seats_as_of_then():
    event = hall(5)
    party = pending(event)
    going(event, 4)
    late = NOW + HOLD
    other = make_rsvp(event, confirmed=True, at=late)
    assert state(other) == "going"  # the hold was over
    press_button(party, at=late)
    assert state(party) == "waitlisted"
    assert of(party).waiting_since == late


def test_confirming_later_finds_a_free_seat():
    event = hall(5)
    party = pending(event)
    press_button(party, at=NOW + timedelta(hours=5))
    assert state(party) == "going"
    assert of(party).seated_at == NOW + timedelta(hours=5)


def test_a_run_out_hold_goes_to_who_waits(time_machine):
    event = hall(5)
    going(event, 4)
    held = pending(event)
    waiting = going(event)
    assert state(waiting) == "waitlisted"
    time_machine.move_to(NOW + HOLD, tick=False)
    told = [mail.subject for mail in deliver_mail() if mail.to == [waiting.mailbox.address]]
    assert "Your place is free: Rally for a Labor Party" in told
    assert state(waiting) == "going"
    assert of(held).seats_held == 0


def test_a_change_does_not_lengthen_a_hold():
    event = hall(20)
    party = pending(event)
    rsvps.change(party.pk, party_size=3, name="", need="", neutral=False, at=NOW + timedelta(minutes=20))
    assert of(party).seats_held == 3
    assert of(party).hold_until == NOW + HOLD
    rsvps.change(party.pk, party_size=5, name="", need="", neutral=False, at=NOW + timedelta(minutes=21))
    assert (of(party).seats_held, of(party).hold_until) == (0, None)
    rsvps.change(party.pk, party_size=1, name="", need="", neutral=False, at=NOW + timedelta(minutes=22))
    assert of(party).seats_held == 0  # once let go it does not come back


# --- The waiting list ----------------------------------------------------------------------------
def test_a_freed_seat_goes_to_the_first_party_that_fits():
    event = hall(4)
    first = going(event, 2)
    second = going(event, 2)
    large, small, last = (going(event, size, at=NOW + timedelta(minutes=size)) for size in (3, 2, 1))
    assert [state(party) for party in (large, small, last)] == ["waitlisted"] * 3
    rsvps.cancel(first.pk, at=NOW + timedelta(hours=1))
    # Two seats: too few for three people, enough for the next two.
    assert [state(party) for party in (large, small, last)] == ["waitlisted", "going", "waitlisted"]
    rsvps.cancel(second.pk, at=NOW + timedelta(hours=2))
    assert [state(party) for party in (large, small, last)] == ["waitlisted", "going", "going"]
    assert counts(event) == (3, 0, 4)


def test_each_seated_party_is_told_once():
    event = hall(2)
    first = going(event, 2)
    waiting = [going(event) for _party in range(3)]
    deliver_mail()
    rsvps.cancel(first.pk, at=NOW)
    mails = [mail for mail in deliver_mail() if mail.subject.startswith("Your place is free")]
    assert [mail.to for mail in mails] == [[party.mailbox.address] for party in waiting[:2]]
    assert "A place came free: you are coming now." in mails[0].body
    assert deliver_mail() == []


def test_seating_is_told_to_no_mailbox_nobody_confirmed():
    """An open event that got a capacity later has counted parties with an unproven address."""
    event = make_event(start=START)
    party = make_rsvp(event, email="typed@example.org")
    full = make_rsvp(event, confirmed=True)
    deliver_mail()
    event_actions.edit_event(event, event_details(start=START, capacity=2), by=None, at=NOW)
    rsvps.change(party.pk, party_size=2, name="", need="", neutral=False, at=NOW)
    assert of(party).waiting_since
    rsvps.cancel(full.pk, at=NOW)
    assert of(party).seats_held == 2
    assert [mail.subject for mail in deliver_mail()] == ["You cancelled: Rally for a Labor Party"]


@pytest.mark.parametrize(
    ("before_start", "seated"),
    [
        (timedelta(hours=3, seconds=1), True),
        (timedelta(hours=3), False),
        (timedelta(hours=1), False),
        (timedelta(0), False),
    ],
    ids=str,
)
def test_seating_ends_three_hours_before_the_start(before_start, seated, time_machine):
    event = hall(1)
    first, waiting = going(event), going(event)
    deliver_mail()
    moment = START - before_start
    time_machine.move_to(moment, tick=False)
    rsvps.cancel(first.pk, at=moment)
    deliver_mail()
    assert (state(waiting) == "going") is seated
    # The seat is free all the same, for whoever asks now.
    if not seated:
        assert state(going(event, at=moment)) == "going"


@pytest.mark.parametrize("act", ["cancel", "postpone"])
def test_nobody_is_seated_at_an_event_that_does_not_take_place(act):
    event = hall(1)
    first, waiting = going(event), going(event)
    getattr(event_actions, f"{act}_event")(event, by=None, at=NOW)
    rsvps.cancel(first.pk, at=NOW)
    assert state(waiting) == "waitlisted"
    event_actions.restore_event(event, by=None, at=NOW)
    assert state(waiting) == "going"


def test_who_waits_longest_is_first_whatever_their_clock_said():
    event = hall(1)
    first = going(event)
    early = going(event, at=NOW + timedelta(minutes=5))
    late = going(event, at=NOW + timedelta(minutes=1))  # got the lock later with an older clock
    assert of(late).waiting_since > of(early).waiting_since
    rsvps.cancel(first.pk, at=NOW + timedelta(minutes=10))
    assert (state(early), state(late)) == ("going", "waitlisted")


# --- The capacity ----------------------------------------------------------------------------------
def set_capacity(event, capacity, at=NOW) -> None:
    event_actions.edit_event(event, event_details(start=START, capacity=capacity), by=None, at=at)


def test_lowering_the_capacity_unseats_nobody():
    event = hall(6)
    parties = [going(event, 2) for _party in range(3)]
    set_capacity(event, 3)
    assert counts(event) == (6, 0, 6)
    assert [state(party) for party in parties] == ["going"] * 3
    waiting = going(event, 1)
    assert state(waiting) == "waitlisted"

    rsvps.cancel(parties[0].pk, at=NOW)
    assert counts(event) == (4, 0, 4)  # still above the new capacity: nobody is seated
    assert state(waiting) == "waitlisted"
    rsvps.cancel(parties[1].pk, at=NOW)
    assert state(waiting) == "going"
    assert counts(event) == (3, 0, 3)


def test_raising_the_capacity_seats_who_waits():
    event = hall(2)
    going(event, 2)
    waiting = [going(event, size) for size in (2, 1)]
    deliver_mail()
    set_capacity(event, 4)
    assert [state(party) for party in waiting] == ["going", "waitlisted"]
    assert [mail.to for mail in deliver_mail()] == [[waiting[0].mailbox.address]]


def test_without_a_capacity_everybody_is_seated():
    event = hall(10)
    going(event)
    waiting = going(event, 10)
    set_capacity(event, None)
    assert state(waiting) == "going"
    assert counts(event) == (11, 0, None)


def test_a_capacity_below_who_is_coming_already():
    event = make_event(start=START)
    going(event, 5)
    set_capacity(event, 2)
    assert counts(event) == (5, 0, 5)
    event.refresh_from_db()
    assert event.full


# --- Badges ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("capacity", "taken", "badge"),
    [
        (20, 17, ""),
        (20, 18, "few"),
        (20, 19, "few"),
        (20, 20, "full"),
        (10, 8, ""),
        (10, 9, "few"),
        (9, 8, ""),
        (9, 9, "full"),
    ],
)
def test_the_badges(capacity, taken, badge):
    event = hall(capacity)
    for size in (min(10, taken), taken - min(10, taken)):
        if size:
            going(event, size)
    event.refresh_from_db()
    assert (event.few_left, event.full) == (badge == "few", badge == "full")


def test_holds_count_for_the_badges():
    event = hall(5)
    going(event, 4)
    pending(event)
    event.refresh_from_db()
    assert event.full


def test_an_open_event_has_no_badge():
    event = make_event(start=START)
    going(event, 10)
    event.refresh_from_db()
    assert not event.few_left
    assert not event.full


# --- The database stands behind it ---------------------------------------------------------------
@pytest.mark.parametrize(
    "wrong",
    [
        {"seats_taken": F("seat_limit") + 1},
        {"seat_limit": F("seats_taken") - 1},
        {"end": F("start")},
    ],
    ids=["one seat too many", "the limit below", "ends as it starts"],
)
def test_the_database_refuses_a_wrong_timeslot(wrong):
    event = hall(3)
    going(event, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Timeslot.objects.filter(event=event).update(**wrong)


def test_the_database_refuses_more_seats_than_people():
    party = going(hall(5), 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.filter(rsvp=party).update(seats_held=3)


def test_the_database_refuses_a_second_confirmed_answer_of_one_mailbox():
    event = make_event(start=START)
    party = going(event)
    second = make_rsvp(event, email=party.mailbox.address)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rsvp.objects.filter(pk=second.pk).update(confirmed_at=NOW)
    rsvps.cancel(party.pk, at=NOW)
    assert press_button(second, at=NOW) == second  # a cancelled one is not in the way


def test_locked_in_one_order():
    events = [hall(2) for _event in range(4)]
    ids = [slot_of(event).pk for event in events]
    with transaction.atomic():
        locked = seats.lock(ids)
        assert [slot.pk for slot in locked] == [slot.pk for slot in seats.lock(ids[::-1])]
        assert {slot.pk for slot in locked} == set(ids)


# --- States ----------------------------------------------------------------------------------------
def test_the_state_of_a_row_and_of_a_query_agree():
    event = hall(3)
    going(event, 2)
    raised = going(event)
    rsvps.change(raised.pk, party_size=3, name="", need="", neutral=False, at=NOW)
    going(event, 2)
    pending(event)
    rsvps.cancel(going(event).pk, at=NOW)
    rsvps.cancel(pending(event).pk, at=NOW)
    make_rsvp(make_event(start=START))
    make_rsvp(make_event(start=START), email="typed@example.org")
    seen = set()
    for now in (NOW, NOW + ADDRESS_KEPT - timedelta(seconds=1), NOW + ADDRESS_KEPT):
        for attendance in Attendance.objects.select_related("rsvp"):
            matching = [
                name for name in STATES if Attendance.objects.in_state(name, now).filter(pk=attendance.pk)
            ]
            assert matching == [attendance.state(now)]
            seen |= set(matching)
    assert seen == set(STATES)
