"""One row that can't be worked on doesn't stop the clock for all others."""

from datetime import UTC, datetime, timedelta

import pytest

from events.actions import events as event_actions
from events.actions import reminders
from events.models import Event, Timeslot
from hub import delivery, ticking
from hub.models import Heartbeat, Message
from tests.factories import make_event, make_rsvp, slot_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 20, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def fails_for(pk, function):
    """As `function`, but for the row `pk`."""

    def instead(row, *arguments):
        if getattr(row, "pk", row) == pk:
            raise ZeroDivisionError
        return function(row, *arguments)

    return instead


def test_a_timeslot_that_fails_keeps_nobody_else_s_reminders_away(monkeypatch):
    start = NOW + timedelta(days=3)
    slots = [slot_of(make_event(start=start)) for _event in range(3)]
    planned_at = slots[0].next_reminder_at
    for broken in slots:
        Timeslot.objects.update(next_reminder_at=planned_at)
        with monkeypatch.context() as patch:
            patch.setattr(reminders, "_plan", fails_for(broken.pk, reminders._plan))
            reminders.plan_due(planned_at)
        left = Timeslot.objects.filter(next_reminder_at__lte=planned_at)
        assert [slot.pk for slot in left] == [broken.pk]


def test_an_event_that_fails_keeps_no_other_from_rolling_on(monkeypatch):
    events = [make_event(start=NOW + timedelta(days=1)) for _event in range(3)]
    later = NOW + timedelta(days=8)
    for event in events:
        Timeslot.objects.create(event=event, start=later, end=later + timedelta(hours=1))
    now = NOW + timedelta(days=2)
    for broken in events:
        Event.objects.update(next_end=NOW)
        with monkeypatch.context() as patch:
            patch.setattr(event_actions, "set_next", fails_for(broken.pk, event_actions.set_next))
            event_actions.roll_next(now)
        assert [event.pk for event in Event.objects.filter(next_end__lte=now)] == [broken.pk]


def test_mail_of_a_kind_nobody_knows_any_more_is_left_alone():
    Message.objects.create(
        kind="gone.kind",
        key=b"k",
        made_at=NOW,
        due_at=NOW,
        state="sending",
        state_at=NOW - timedelta(hours=1),
    )
    delivery.settle_stuck(NOW)
    assert Message.objects.get().state == "sending"


def test_what_is_due_is_claimed_even_if_settling_fails(monkeypatch):
    def failing(now):
        raise ZeroDivisionError

    failing.__name__ = "settle_stuck"
    make_rsvp(make_event(), email="reader@example.org", at=NOW)
    monkeypatch.setattr(delivery, "settle_stuck", failing)
    assert len(ticking.tick(NOW)) == 1
    assert Heartbeat.objects.get(name="tick").at == NOW
