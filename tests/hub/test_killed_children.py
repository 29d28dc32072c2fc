"""5,000 mails while a child of the worker is killed every five seconds.

A failure here means that people are not told, or are told twice: rows that nobody takes up again,
a pool that doesn't replace its dead, or a mail that counts as unsent when it is out.
"""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from events import reminders
from events.actions import events as event_actions
from events.models import Rsvp
from hub import mail
from hub.models import Message
from tests import services, workers
from tests.bench.parties import event_with
from tests.factories import event_details, slot_of
from tests.outbox import (
    WITHIN,
    State,
    arrived,
    in_hand,
    let_time_pass,
    next_ticks,
    once_each,
    remind,
    states,
    unfinished,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KILL_EVERY = 5.0  # seconds
PATIENCE = 240  # seconds
PARTIES, ANSWERS = 2000, 1000  # each party gets a reminder and a change, some an answer besides


def put_mixed(parties, answers):
    """Due mail of all kinds there are: the change that moving an event tells, reminders, answers."""
    event = event_with(parties, start=timezone.now() + timedelta(hours=20))
    start = slot_of(event).start + timedelta(minutes=30)
    event_actions.edit_event(event, event_details(start=start), by=None, at=timezone.now())
    remind(event)
    rows = Rsvp.objects.filter(event=event).values_list("pk", "mailbox_id")[:answers]
    now = timezone.now()
    mail.put(
        mail.draft("events.coming", mailbox_id=box, about_id=party, topic_id=event.pk, at=now)
        for party, box in rows
    )
    return list(Message.objects.all())


def kill_children(worker, seed=5):
    """Kill one at random every five seconds until all has been handed out; gives how many died."""
    chance, kills = random.Random(seed), 0
    begun = time.monotonic()
    while Message.objects.filter(state=State.WAITING).exists():
        assert time.monotonic() - begun < PATIENCE, states()
        time.sleep(KILL_EVERY)
        children = workers.family(worker) - {worker.pid}
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(sorted(children)), signal.SIGKILL)
                kills += 1
    return kills


def let_claims_pass():
    """What the dead had been handed is handed out again, and sent."""
    claimed = Message.objects.filter(state=State.CLAIMED)
    claimed.update(state_at=timezone.now() - timedelta(minutes=1))
    services.wait_until(lambda: not claimed.exists(), "what the dead had been handed goes out", WITHIN)


@pytest.fixture
def env(client_env, sink):
    """On Redis. With the broker folder too a worker gets over the loss of a child: test_celery.py."""
    with services.redis() as redis:  # of its own: another worker on the same one would take its batches
        yield {**client_env, "EMAIL_URL": sink.url, "REDIS_URL": redis.url}


def test_five_thousand_mails_survive_a_child_killed_every_five_seconds(env, sink):
    messages = put_mixed(PARTIES, ANSWERS)
    assert len(messages) == 5000
    begun = time.monotonic()
    with workers.worker_and_clock(env) as (worker, clock):
        kills = kill_children(worker)
        spent = time.monotonic() - begun
        let_claims_pass()
        next_ticks(1)  # by now what still is "sending" belongs to a dead child
        let_time_pass(minutes=11)
        services.wait_until(lambda: not in_hand(), "what the dead had begun is settled", WITHIN)
        let_time_pass(minutes=11)
        services.wait_until(lambda: not unfinished(), "what is tried again goes out", WITHIN)
        assert (worker.poll(), clock.poll()) == (None, None)
    after, counts = states(), arrived(sink)
    again = Counter(counts) - once_each(messages)
    print(f"{kills} kills in {spent:.0f} s: {dict(after)}, {sum(again.values())} arrived twice")
    assert kills >= 3
    assert after[State.SENT] + after[State.UNCERTAIN] == len(messages)
    assert after[State.UNCERTAIN] + sum(again.values()) <= kills
    uncertain = once_each(Message.objects.filter(state=State.UNCERTAIN))
    reminded = once_each(Message.objects.filter(kind=reminders.SAME_DAY))
    assert set(once_each(messages)) - set(counts) <= set(uncertain) <= set(reminded)
    assert not set(again) & set(reminded)
    assert max(again.values(), default=1) == 1
