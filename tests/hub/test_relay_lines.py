"""What a line that hangs or says goodbye costs: no certainty, and no tick."""

import time

import pytest
from django.utils import timezone

from hub import delivery
from hub.celery import SILENCE
from hub.models import Heartbeat, Message
from tests import services, workers
from tests.outbox import (
    WITHIN,
    all_sent,
    arrived,
    deliver_all,
    let_time_pass,
    once_each,
    put_answers,
    put_reminders,
    states,
)

pytestmark = [pytest.mark.alone, pytest.mark.once, pytest.mark.django_db(transaction=True)]
State = Message.State


def test_a_relay_that_hangs_at_every_mail_gives_the_worker_back_to_its_ticks(sink, settings, monkeypatch):
    """A mail may hang as long as the time-out, a batch not much longer than its spell."""
    settings.EMAIL_TIMEOUT = 0.4
    monkeypatch.setattr(delivery, "SPELL", 1.0)
    messages = put_answers(12)
    sink.mode("hang", only="@")
    begun = time.monotonic()
    deliver_all(*messages)
    assert time.monotonic() - begun < 4
    assert states() == {State.WAITING: 12}
    assert sum(message.attempts for message in messages) <= 4
    sink.mode("ok")
    deliver_all(*messages)
    assert all_sent()


def test_a_relay_that_begins_to_hang_costs_its_time_once(sink, settings):
    """It is not asked again over a line of its own: a worker has ticks to do."""
    settings.EMAIL_TIMEOUT = 1
    first, second = messages = put_reminders(2)
    sink.mode("hang", only=second.mailbox.address)
    begun = time.monotonic()
    deliver_all(*messages)
    assert 1 <= time.monotonic() - begun < 1.9
    assert (first.state, second.state) == (State.SENT, State.WAITING)
    assert second.reason == "no connection: SMTPServerDisconnected"


def test_a_goodbye_at_the_recipient_ends_the_line_and_the_next_mail_has_its_own(sink):
    first, *others = messages = put_reminders(4)
    sink.mode("close", only=first.mailbox.address)
    deliver_all(*messages)
    assert (first.state, first.reason) == (State.WAITING, "SMTP 421 4.3.2 Closing for maintenance")
    assert {other.state for other in others} == {State.SENT}
    sink.mode("ok")
    deliver_all(first)
    assert arrived(sink) == once_each(messages)


@pytest.fixture
def env(client_env, sink):
    """For the worker and the clock."""
    return {**client_env, "EMAIL_URL": sink.url}


@pytest.mark.slow
def test_a_relay_that_hangs_for_two_minutes_stops_no_worker_and_loses_nothing(env, sink):
    """With real processes, more batches than there are children, and the real time-out."""
    messages = put_reminders(400)
    sink.mode("slow", seconds=0.05)
    with workers.worker_and_clock(env) as (worker, clock):
        services.wait_until(lambda: len(sink.messages()) >= 10, "some mails arrive", WITHIN)
        pids = workers.family(worker) | workers.family(clock)
        sink.mode("hang")
        longest, end = 0.0, time.monotonic() + 120
        while time.monotonic() < end:
            last = Heartbeat.objects.get(name="tick").at
            longest = max(longest, (timezone.now() - last).total_seconds())
            time.sleep(0.5)
        assert longest < SILENCE
        assert workers.family(worker) | workers.family(clock) == pids
        sink.mode("ok")
        services.wait_until(lambda: not states()[State.SENDING], "the last one hears of it", 2 * WITHIN)
        let_time_pass(minutes=20)  # to the next try of each
        services.wait_until(lambda: set(states()) <= {State.SENT, State.UNCERTAIN}, "the rest", 2 * WITHIN)
    uncertain = Message.objects.filter(state=State.UNCERTAIN)
    assert uncertain.count() <= 2  # whose text was on the line, one for each child
    assert arrived(sink) - once_each(uncertain) == once_each(messages) - once_each(uncertain)
