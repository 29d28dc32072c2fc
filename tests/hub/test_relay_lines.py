"""What a line that hangs or says goodbye costs: no certainty, and no tick."""

import time

import pytest

from hub import delivery
from hub.models import Message
from tests.hub.test_delivery_faults import (
    all_sent,
    arrived,
    deliver_all,
    once_each,
    put_answers,
    put_reminders,
    states,
)

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
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


def test_a_goodbye_at_the_recipient_ends_the_line_and_the_next_mail_has_its_own(sink):
    first, *others = messages = put_reminders(4)
    sink.mode("close", only=first.mailbox.address)
    deliver_all(*messages)
    assert (first.state, first.reason) == (State.WAITING, "SMTP 421 4.3.2 Closing for maintenance")
    assert {other.state for other in others} == {State.SENT}
    sink.mode("ok")
    deliver_all(first)
    assert arrived(sink) == once_each(messages)
