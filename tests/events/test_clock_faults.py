"""Clocks that are wrong for a while, nights in which they change, and a clock that stood still.

A failure here means that people are reminded twice, at the wrong hour, after the start, or not at all.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outgoing

from events.models import Attendance
from events.reminders import DAY_BEFORE, SAME_DAY
from hub import delivery, ticking
from hub.models import Message
from tests.factories import deliver_mail, make_event, make_rsvp, new_address

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 7, 4, 18, tzinfo=UTC)  # two in the afternoon in New York
EARLY = START - timedelta(days=4)
STEP = timedelta(hours=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def coming(event, people=1):
    """Parties that count since long before the event."""
    return [make_rsvp(event, email=new_address(), confirmed=True) for _person in range(people)]


def at(time_machine, moment):
    """The mails that go out in one tick where the clock shows this."""
    time_machine.move_to(moment, tick=False)
    return deliver_mail()


def sent():
    """When each reminder went out by the clock of that moment, by kind."""
    rows = Message.objects.filter(kind__startswith="events.reminder_", state=Message.State.SENT)
    return dict(rows.order_by("state_at").values_list("kind", "state_at"))


def steps(first, last):
    """Every hour from one moment until the other."""
    while first <= last:
        yield first
        first += STEP


def assert_reminded_once_each():
    """One mail for each kind of reminder, none of them after the start by the clock of that moment."""
    ids = Counter(mail.extra_headers["Message-ID"] for mail in outgoing.outbox)
    assert sorted(ids.values()) == [1, 1], ids
    assert set(sent()) == {DAY_BEFORE, SAME_DAY}
    assert max(sent().values()) < START


# --- A clock that is wrong for one tick ----------------------------------------------------------
@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR, DAY, -DAY], ids=str)
@pytest.mark.parametrize("hours_before", [60, 27, 20, 6, 1, -1])
def test_a_clock_that_is_wrong_once_costs_nobody_a_reminder(wrong_by, hours_before, time_machine):
    """Whatever it shows for the length of one tick: what is still to come by the right clock comes, and
    what went out too early isn't sent again."""
    time_machine.move_to(EARLY, tick=False)
    coming(make_event(start=START, zone="America/New_York"))
    deliver_mail()
    outgoing.outbox.clear()
    wrong_at = START - hours_before * HOUR
    for moment in steps(START - 3 * DAY, START + 2 * HOUR):
        at(time_machine, moment)
        if moment == wrong_at:
            at(time_machine, moment + wrong_by)
    assert_reminded_once_each()


@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_jumps_to_and_fro_reminds_once_each(seed, time_machine):
    chance = random.Random(seed)
    time_machine.move_to(EARLY, tick=False)
    coming(make_event(start=START, zone="America/New_York"))
    deliver_mail()
    outgoing.outbox.clear()
    for moment in steps(START - 3 * DAY, START + 2 * DAY):
        while chance.random() < 0.3:
            at(time_machine, moment + chance.choice([HOUR, -HOUR, DAY, -DAY]))
        at(time_machine, moment)
    assert_reminded_once_each()


def test_what_a_wrong_clock_took_for_too_late_goes_out_when_it_is_right_again(time_machine):
    """Planned at the right hour, and handed to a worker while the clock was a day ahead."""
    time_machine.move_to(EARLY, tick=False)
    coming(make_event(start=START, zone="America/New_York"))
    deliver_mail()
    outgoing.outbox.clear()
    due = START - 27 * HOUR
    time_machine.move_to(due, tick=False)
    (batch,) = ticking.tick(due)
    at(time_machine, due + 2 * DAY)
    delivery.deliver(batch)
    assert outgoing.outbox == []
    assert len(at(time_machine, due + STEP)) == 1
    assert len(at(time_machine, START - 6 * HOUR)) == 1
    assert_reminded_once_each()


def test_what_was_handed_out_by_a_wrong_clock_and_lost_is_handed_out_again(time_machine):
    """The worker died with it while the clock was a day ahead: it goes out at its hour all the same."""
    time_machine.move_to(EARLY, tick=False)
    coming(make_event(start=START, zone="America/New_York"))
    deliver_mail()
    outgoing.outbox.clear()
    moment = START - 2 * DAY
    time_machine.move_to(moment + DAY, tick=False)
    assert ticking.tick(moment + DAY)
    assert at(time_machine, moment + STEP) == []
    assert len(at(time_machine, START - 27 * HOUR)) == 1


# --- The nights in which the clocks change --------------------------------------------------------
@pytest.mark.parametrize("date", [(2026, 3, 8), (2026, 11, 1)], ids=["forward", "back"])
@pytest.mark.parametrize("wrong_by", [timedelta(0), HOUR, -HOUR], ids=str)
def test_reminders_keep_their_local_hour_when_the_clocks_change(date, wrong_by, time_machine):
    """Also where the machine's clock follows a change too early or too late: wrong by an hour from one to
    three in that night."""
    start = datetime(*date, 14, tzinfo=NEW_YORK).astimezone(UTC)
    time_machine.move_to(start - 4 * DAY, tick=False)
    coming(make_event(start=start, zone="America/New_York"))
    deliver_mail()
    outgoing.outbox.clear()
    night = datetime(*date, 1, tzinfo=NEW_YORK).astimezone(UTC)
    for moment in steps(start - 2 * DAY, start + 2 * HOUR):
        at(time_machine, moment + wrong_by if night <= moment <= night + 2 * HOUR else moment)
    hours = {kind: when.astimezone(NEW_YORK) for kind, when in sent().items()}
    day = start.astimezone(NEW_YORK).date()
    assert {kind: (hour.date(), hour.hour, hour.minute) for kind, hour in hours.items()} == {
        DAY_BEFORE: (day - DAY, 11, 0),
        SAME_DAY: (day, 8, 0),
    }
    assert len(outgoing.outbox) == 2


# --- A clock that stood still for three hours ------------------------------------------------------
def test_three_hours_without_a_tick_are_caught_up_in_one_mail_a_person(time_machine):
    """Three reminders of everybody fell due meanwhile: one mail names them. What has begun is not in it."""
    time_machine.move_to(EARLY, tick=False)
    july_3 = datetime(2026, 7, 3, tzinfo=UTC)
    events = [
        make_event(title=zone, start=START, zone=f"America/{zone}")
        for zone in ("New_York", "Chicago", "Denver")  # 11 there is 15, 16 and 17 in UTC
    ]
    begun = make_event(title="Begun", start=july_3 + 18 * HOUR, zone="America/Los_Angeles")
    people = [new_address() for _person in range(20)]
    for event in (*events, begun):
        for person in people:
            make_rsvp(event, email=person, confirmed=True)
    assert Attendance.objects.count() == 80
    at(time_machine, july_3 - 6 * HOUR)  # the day before for what begins first
    at(time_machine, july_3 + 15 * HOUR - STEP)
    outgoing.outbox.clear()
    mails = at(time_machine, july_3 + 18 * HOUR)
    assert sorted(mail.to[0] for mail in mails) == sorted(people)
    assert {mail.subject for mail in mails} == {"Reminder: 3 events"}
    assert not [mail for mail in mails if "Begun" in mail.body]
    for later in steps(july_3 + 18 * HOUR, july_3 + 22 * HOUR):
        assert at(time_machine, later) == []
    assert len(at(time_machine, START - 6 * HOUR)) == 20  # and the next round comes at its hour
