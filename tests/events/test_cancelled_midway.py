"""An event is cancelled while its mail is on the way: half of the people have got theirs.

A failure here means that people are reminded of an event they know is off, or told of a new time after
the cancelling; or that some never hear that it is off, or hear it twice.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from events.actions import events as event_actions
from events.models import EventChange
from hub.models import Message
from tests import services, workers
from tests.bench.parties import event_with
from tests.factories import event_details, slot_of
from tests.outbox import State, arrived, once_each, plan_nothing, remind, states, unfinished

pytestmark = pytest.mark.django_db(transaction=True)
CHILDREN = 2  # of the worker: so many mails are on the way at any moment


@pytest.fixture
def env(client_env, sink):
    """For the worker and the clock: the test's database and relay, the broker folder of its own."""
    return {**client_env, "EMAIL_URL": sink.url}


def move(event):
    """Half an hour later: everybody is told."""
    later = slot_of(event).start + timedelta(minutes=30)
    event_actions.edit_event(event, event_details(start=later), by=None, at=timezone.now())
    plan_nothing(event)


def assert_cancelling_midway(parties, fan_out, skipped_because, env, sink):
    """Cancel when half has arrived: of the fan-out only what was "sending" at the commit leaves after it."""
    event = event_with(parties, start=timezone.now() + timedelta(hours=20))
    fan_out(event)
    first = Message.objects.all()
    ids = list(first.values_list("pk", flat=True))
    assert len(ids) == parties
    first = Message.objects.filter(pk__in=ids)
    with workers.worker_and_clock(env):
        done = first.filter(state=State.SENT)
        services.wait_until(lambda: done.count() >= parties // 2, "half of it goes out", 180)
        event_actions.cancel_event(event, by=None, at=timezone.now())
        begun = list(first.filter(state__in=(State.SENDING, State.SENT)))
        out = arrived(sink)
        services.wait_until(lambda: not unfinished(), "the rest is settled", 300)
    counts = arrived(sink)
    mine = once_each(first)
    after = sum(counts[one] - out[one] for one in mine)
    print(f"{sum(out[one] for one in mine)} before the commit, {after} after it, then {dict(states())}")
    assert parties // 2 <= sum(out[one] for one in mine) < parties
    assert after <= CHILDREN
    assert set(mine) & set(counts) <= set(once_each(begun))
    rest = first.exclude(state=State.SENT)
    assert set(rest.values_list("state", "reason")) == {(State.SKIPPED, skipped_because)}
    change = EventChange.objects.get(what=EventChange.What.CANCELLED)
    told = Message.objects.filter(kind="events.changed", occasion=str(change.pk))
    assert Counter(told.values_list("state", flat=True)) == {State.SENT: parties}
    assert Counter({one: counts[one] for one in once_each(told)}) == once_each(told)
    assert len({one.recipients[0] for one in sink.messages()}) == parties


FAN_OUTS = {
    "reminders": (remind, "not taking place"),
    "changes": (move, "overtaken by a later change"),
}


@pytest.mark.alone
@pytest.mark.once
@pytest.mark.parametrize("what", FAN_OUTS)
def test_cancelled_when_half_of_a_hundred_have_their_mail(what, env, sink):
    # Slow enough for half of it to be on the way still when the test has seen the other half.
    sink.mode("slow", seconds=0.02)
    assert_cancelling_midway(100, *FAN_OUTS[what], env, sink)


@pytest.mark.slow
@pytest.mark.parametrize("what", FAN_OUTS)
def test_cancelled_when_half_of_five_thousand_have_their_mail(what, env, sink):
    assert_cancelling_midway(5000, *FAN_OUTS[what], env, sink)
