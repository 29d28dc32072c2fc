"""A relay that fails in the middle of a batch: whom it fails, waits or is left to an operator; all the
others get their mail, over a new line where the old one is gone.

A failure here means that one bad address, or a relay's pause of a second, holds up or loses the mail of
everybody who happens to stand behind it in the same batch.
"""

from datetime import timedelta

import pytest

from hub import delivery, mail
from hub.models import Message
from tests.outbox import State, arrived, deliver_all, once_each, put_answers, put_reminders, states

pytestmark = [pytest.mark.alone, pytest.mark.once, pytest.mark.django_db(transaction=True)]
UNCERTAIN = "uncertain whether it went out"
AGAIN = "sent again: uncertain whether it went out"

# What the relay does to one recipient in the middle: what becomes of an answer, and of a reminder.
FAULTS = {
    "reject": [(State.FAILED, "SMTP 550 5.1.1 No such mailbox")] * 2,
    "tempfail": [(State.WAITING, "SMTP 451 4.7.1 Greylisted, try again later")] * 2,
    "close": [(State.WAITING, "SMTP 421 4.3.2 Closing for maintenance")] * 2,
    "drop_after_data": [(State.WAITING, AGAIN), (State.UNCERTAIN, UNCERTAIN)],
}


@pytest.mark.parametrize("mode", FAULTS)
@pytest.mark.parametrize("put", [put_answers, put_reminders])
def test_a_fault_for_one_in_the_middle_costs_the_others_nothing(sink, mode, put):
    before, victim, *behind = messages = put(5)
    others = [before, *behind]
    sink.mode(mode, only=victim.mailbox.address)
    deliver_all(*messages)
    assert {message.state for message in others} == {State.SENT}
    assert (victim.state, victim.reason) == FAULTS[mode][put is put_reminders]
    taken = [victim] if mode == "drop_after_data" else []  # it is out, but the relay didn't say so
    assert arrived(sink) == once_each(others + taken)
    if victim.state == State.WAITING:
        assert victim.due_at - victim.state_at == timedelta(minutes=1)
        sink.mode("ok")
        deliver_all(victim)
        assert arrived(sink) == once_each(messages + taken)
        assert victim.state == State.SENT


def test_a_relay_that_hangs_in_the_middle_holds_up_the_rest_until_the_next_tick_only(sink, settings):
    """The line is given up, once anew and then for this batch; who stands behind isn't counted a try."""
    settings.EMAIL_TIMEOUT = 1
    before, victim, *behind = messages = put_reminders(5)
    sink.mode("hang", only=victim.mailbox.address)
    deliver_all(*messages)
    assert before.state == State.SENT
    assert [message.attempts for message in behind] == [0, 0, 0]
    assert states() == {State.SENT: 1, State.WAITING: 4}
    deliver_all(*behind)  # the relay hangs for the one only: the others' next batch goes through
    assert {message.state for message in behind} == {State.SENT}
    sink.mode("ok")
    deliver_all(victim)
    assert arrived(sink) == once_each(messages)


def test_a_relay_that_says_goodbye_between_two_mails_is_called_again(sink, monkeypatch):
    """421 to the command that begins a mail, and the line is gone: that mail waits, the next calls anew."""
    messages = put_reminders(5)
    modes = iter(["ok", "ok", "close", "ok", "ok"])
    take = delivery.take

    def fail_before(*args, **kwargs):
        sink.mode(next(modes))
        return take(*args, **kwargs)

    monkeypatch.setattr(delivery, "take", fail_before)
    deliver_all(*messages)
    third = messages.pop(2)
    assert (third.state, third.reason) == (State.WAITING, "SMTP 421 4.3.2 Closing for maintenance")
    assert arrived(sink) == once_each(messages)
    assert set(Message.objects.exclude(pk=third.pk).values_list("state", flat=True)) == {State.SENT}
    monkeypatch.undo()
    deliver_all(third)
    assert arrived(sink)[mail.message_id(third)] == 1
