"""Nothing lost, nothing twice: the real worker, clock and relay, and what breaks them."""

import json
import shutil
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from events import reminders
from events.actions import rsvps
from events.models import Attendance
from hub import delivery, mail, ticking
from hub.models import Heartbeat, Mailbox, Message
from tests import races, services, workers
from tests.bench.parties import event_with
from tests.factories import make_event, new_address
from tests.outbox import (
    WITHIN,
    State,
    all_sent,
    arrived,
    deliver_all,
    in_hand,
    let_time_pass,
    next_ticks,
    once_each,
    put_answers,
    put_reminders,
    remind,
    states,
    unfinished,
)

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def env(client_env, sink):
    """For the worker and the clock: the test's database and relay, the broker folder of its own."""
    return {**client_env, "EMAIL_URL": sink.url}


# --- Processes that die, and too many of them --------------------------------------------------

CRASH_AFTER_COMMIT = """
import os
import django
django.setup()
from django.db import transaction
from events.models import Event
from tests.factories import make_rsvp
with transaction.atomic():
    transaction.on_commit(lambda: os._exit(9))  # before whatever else would come after the commit
    make_rsvp(Event.objects.get(), email="crash@example.org")
"""


def test_a_crash_right_after_commit_loses_no_mail_and_two_clocks_send_none_twice(env, sink):
    make_event(capacity=20)
    crashed = subprocess.run(
        [sys.executable, "-c", CRASH_AFTER_COMMIT], env=env, cwd=workers.ROOT, timeout=WITHIN, check=False
    )
    assert crashed.returncode == 9
    assert not sink.messages()
    messages = [*Message.objects.all(), *put_reminders(20)]
    with workers.worker_and_clock(env), workers.process(workers.CLOCK, env):
        services.wait_until(all_sent, "everything goes out", WITHIN)
        next_ticks(2)
    assert "crash@example.org" in {one.recipients[0] for one in sink.messages()}
    assert arrived(sink) == once_each(messages)


def test_two_ticks_at_once_hand_out_each_mail_once(sink):
    messages = put_reminders(60)
    now = timezone.now()
    handed_out = races.at_once([partial(ticking.tick, now)] * 6)
    ids = [pk for batches in handed_out for batch in batches for pk in batch]
    assert sorted(ids) == sorted(message.pk for message in messages)
    for batches in handed_out:
        for batch in batches:
            delivery.deliver(batch)
    assert arrived(sink) == once_each(messages)


def test_a_batch_delivered_ten_times_at_once_goes_out_once(sink):
    messages = [*put_reminders(10), *put_answers(10)]
    ids = [message.pk for message in messages]
    races.at_once([partial(delivery.deliver, ids)] * 10)
    assert all_sent()
    assert arrived(sink) == once_each(messages)
    assert {len(one.recipients) for one in sink.messages()} == {1}


def test_reminders_of_one_person_handed_to_two_workers_at_once_go_as_one_mail(sink):
    first, second = make_event(title="First"), make_event(title="Second")
    for _person in range(10):
        person = new_address()
        one, other = (put_reminders(1, event=event, person=person)[0].pk for event in (first, second))
        races.at_once([partial(delivery.deliver, [one]), partial(delivery.deliver, [other])])
    assert all_sent()
    assert len(sink.messages()) == 10
    assert max(arrived(sink).values()) == 1
    assert Message.objects.filter(sent_with=None).count() == 10
    for one in sink.messages():
        text = one.email.get_body(("plain",)).get_content()
        assert "First" in text
        assert "Second" in text


def test_a_worker_killed_in_mid_batch_loses_none_and_leaves_at_most_one_uncertain(env, sink):
    messages = [*put_reminders(12), *put_answers(12)]
    sink.mode("slow", seconds=0.3)
    with workers.process(workers.CLOCK, env):
        with workers.process(workers.WORKER, env) as worker:
            services.wait_until(lambda: len(sink.messages()) >= 6, "some mails arrive", WITHIN)
            workers.kill(worker)
        sink.mode("ok")
        before = states()
        assert before[State.SENDING] <= 1
        assert before[State.CLAIMED] > 0
        let_time_pass(minutes=11)
        with workers.process(workers.WORKER, env):
            services.wait_until(lambda: not in_hand(), "the rest goes out", WITHIN)
            let_time_pass(minutes=11)
            services.wait_until(lambda: not unfinished(), "what is tried again goes out", WITHIN)
            next_ticks(1)
    after = states()
    assert after[State.UNCERTAIN] <= 1
    assert after[State.UNCERTAIN] + after[State.SENT] == len(messages)
    counts = arrived(sink)
    uncertain = Message.objects.filter(state=State.UNCERTAIN)
    assert set(counts) >= set(once_each(messages)) - set(once_each(uncertain))
    assert sum(counts.values()) <= len(messages) + 1
    reminded = once_each(Message.objects.filter(kind=reminders.DAY_BEFORE))
    assert all(counts[one] <= 1 for one in reminded)


@pytest.mark.once
def test_a_broker_folder_that_is_damaged_under_the_worker_loses_nothing(env, sink):
    """Emptied, gone, unreadable: the database still knows what is due, and nobody dies of it."""
    folder = Path(env["HUB_VAR"]) / "broker"
    sink.mode("slow", seconds=0.1)
    with workers.worker_and_clock(env) as (worker, clock):
        services.wait_until(Heartbeat.objects.filter(name="tick").exists, "the first tick", WITHIN)
        pids = workers.family(worker) | workers.family(clock)
        messages = put_reminders(120)  # three batches for two children: one has to wait in the folder
        services.wait_until(lambda: list(folder.glob("*.celery.msg")), "a batch waits", WITHIN)
        for path in folder.glob("*.celery.msg"):
            path.unlink(missing_ok=True)
        _write_rubbish(folder)
        services.wait_until(lambda: states()[State.SENT] >= 100, "two batches go out", WITHIN)
        sink.mode("ok")
        let_time_pass(minutes=1)  # until a batch that nobody took is handed out again
        services.wait_until(all_sent, "the lost batch goes out", WITHIN)
        shutil.rmtree(folder)
        messages += put_answers(5)
        services.wait_until(all_sent, "mail goes out through a new folder", WITHIN)
        assert worker.poll() is None
        assert clock.poll() is None
        assert workers.family(worker) | workers.family(clock) == pids
    assert arrived(sink) == once_each(messages)


def _write_rubbish(folder):
    """What a full disk or a crash leaves behind: half a message, none at all, one of no sense."""
    whole = {"body": "", "headers": {}, "properties": {"delivery_tag": "half"}}
    half = json.dumps(whole)[:20]
    for number, text in enumerate([half, "", "[]", "{}", "\0\0\0"]):
        (folder / f"{number:020d}-1-{number}.celery.msg").write_text(text)
    (folder / "00000000000000000000-1-9.new").write_text(half)


# --- A relay that says no, later, or nothing ---------------------------------------------------


def put_both():
    """One answer and one reminder, fresh."""
    return put_answers(1)[0], put_reminders(1)[0]


def assert_tried_again_later(message, minutes):
    assert message.state == State.WAITING
    pause = message.due_at - message.state_at
    assert pause == timedelta(minutes=minutes)


def test_a_relay_that_says_later_is_asked_later(sink):
    answer, reminder = put_both()
    for minutes in (1, 5, 15, 60, 240, 240):
        sink.mode("tempfail")
        deliver_all(answer, reminder)
        for message in (answer, reminder):
            assert_tried_again_later(message, minutes)
            assert message.reason == "SMTP 451 4.7.1 Greylisted, try again later"
    sink.mode("ok")
    deliver_all(answer, reminder)
    assert all_sent()
    assert arrived(sink) == once_each([answer, reminder])


def test_a_relay_that_says_later_for_four_days_is_given_up(sink):
    (reminder,) = put_reminders(1)
    Message.objects.update(attempts=27)
    sink.mode("tempfail")
    deliver_all(reminder)
    assert (reminder.state, reminder.reason) == (State.FAILED, "SMTP 451 4.7.1 Greylisted, try again later")


def test_a_mailbox_that_does_not_exist_is_tried_once_and_holds_up_nobody(sink):
    answer, reminder = put_both()
    sink.mode("reject", only=answer.mailbox.address)
    deliver_all(answer, reminder)
    assert (answer.state, answer.reason) == (State.FAILED, "SMTP 550 5.1.1 No such mailbox")
    assert reminder.state == State.SENT
    row = Message.objects.filter(pk=answer.pk).values().get()
    del row["key"]  # a digest: random bytes, among which any character turns up
    row = json.dumps(row, default=str)
    assert answer.mailbox.address not in row
    assert "@" not in row


@pytest.mark.parametrize("mode", ["refuse", "close", "hang"])
def test_a_relay_that_is_not_there_is_tried_again(sink, settings, mode):
    """Nothing has gone out, so that nothing is uncertain, whatever kind of mail it is."""
    settings.EMAIL_TIMEOUT = 1
    answer, reminder = put_both()
    sink.mode(mode)
    deliver_all(answer)
    deliver_all(reminder)
    for message in (answer, reminder):
        assert_tried_again_later(message, 1)
    sink.mode("ok")
    deliver_all(answer, reminder)
    assert arrived(sink) == once_each([answer, reminder])


def test_a_relay_that_cannot_be_reached_is_asked_once_a_batch(sink, settings):
    settings.EMAIL_TIMEOUT = 1
    messages = put_reminders(5)
    sink.mode("hang")
    deliver_all(*messages)
    assert [message.attempts for message in messages] == [1, 0, 0, 0, 0]
    assert states() == {State.WAITING: 5}


def test_a_line_the_relay_has_closed_between_two_mails_makes_none_uncertain(sink, monkeypatch):
    messages = put_reminders(3)
    take = delivery.take

    def restart_before(*args, **kwargs):
        sink.stop()
        sink.start()
        return take(*args, **kwargs)

    monkeypatch.setattr(delivery, "take", restart_before)
    deliver_all(*messages)
    assert all_sent()
    assert arrived(sink) == once_each(messages)


def test_a_slow_relay_does_not_keep_a_worker_from_its_ticks(sink, monkeypatch):
    """What a batch has not begun in its time is given back, and goes out with the next."""
    monkeypatch.setattr(delivery, "SPELL", 1.0)
    messages = put_reminders(12)
    sink.mode("slow", seconds=0.3)
    deliver_all(*messages)
    assert 3 <= states()[State.SENT] <= 5
    assert states()[State.SENT] + states()[State.WAITING] == 12
    sink.mode("ok")
    deliver_all(*messages)
    assert all_sent()
    assert arrived(sink) == once_each(messages)


@pytest.mark.slow
def test_a_worker_behind_a_slow_relay_goes_on_ticking(env, sink):
    """For longer than the silence after which a worker ends itself (90 s). At this speed a batch is done
    within its time, and the next one stands in the queue at once: ticks wait there for half a minute, and
    must be done all the same."""
    remind(event_with(2000, start=timezone.now() + timedelta(hours=20)))
    sink.mode("slow", seconds=0.15)
    with workers.worker_and_clock(env) as (worker, _clock):
        ticks = Heartbeat.objects.filter(name="tick")
        services.wait_until(ticks.exists, "the first tick", WITHIN)
        end = timezone.now() + timedelta(seconds=120)
        while timezone.now() < end:
            last = ticks.get().at
            services.wait_until(ticks.filter(at__gt=last).exists, "another tick", 60)
        assert worker.poll() is None
    assert not Message.objects.filter(state=State.UNCERTAIN).exists()


def test_answers_go_before_a_thousand_reminders_and_no_more_is_handed_out_than_gets_done():
    now = timezone.now()
    (answer,) = put_answers(1)
    mailbox_id = answer.mailbox_id
    drafts = [
        mail.draft(
            reminders.SAME_DAY,
            mailbox_id=mailbox_id,
            about_id=mailbox_id,
            occasion=str(number),
            at=now - timedelta(hours=1),
        )
        for number in range(1000)
    ]
    mail.put(drafts)
    batches = delivery.claim_due(timezone.now())
    assert batches[0][0] == answer.pk
    assert sum(map(len, batches)) == delivery.AHEAD
    assert delivery.claim_due(timezone.now()) == []


def test_a_relay_that_takes_a_mail_without_saying_so(sink):
    """An answer goes again under the same Message-ID, a reminder is left to an operator."""
    answer, reminder = put_both()
    sink.mode("drop_after_data")
    deliver_all(answer, reminder)
    assert_tried_again_later(answer, 1)
    assert reminder.state == State.UNCERTAIN
    sink.mode("ok")
    deliver_all(answer, reminder)
    assert answer.state == State.SENT
    assert reminder.state == State.UNCERTAIN
    assert arrived(sink) == Counter({mail.message_id(answer): 2, mail.message_id(reminder): 1})
    assert [one.answered for one in sink.messages()] == [False, False, True]


def test_every_envelope_has_one_recipient_and_no_copy(sink):
    messages = [*put_reminders(5), *put_answers(5)]
    delivery.deliver([message.pk for message in messages])
    letters = sink.messages()
    assert len(letters) == len(messages)
    assert {tuple(one.recipients) for one in letters} == {(message.mailbox.address,) for message in messages}
    for one in letters:
        assert one.email["To"] == one.recipients[0]
        assert one.email["Cc"] is None
        assert one.email["Bcc"] is None


def test_erasing_while_ones_reminders_are_handed_out_is_no_deadlock(sink):
    """Both want the mailbox and its outbox rows. Whoever comes first, nothing is left behind."""
    first, second = make_event(title="First"), make_event(title="Second")
    for _turn in range(15):
        person = new_address()
        one, other = (put_reminders(1, event=event, person=person)[0] for event in (first, second))
        parties = [Attendance.objects.get(pk=message.about_id).rsvp_id for message in (one, other)]
        races.at_once(
            [
                partial(delivery.deliver, [one.pk, other.pk]),
                *(partial(rsvps.erase, party, never_write=False, at=timezone.now()) for party in parties),
            ]
        )
    assert not in_hand()
    assert set(states()) <= {State.SENT, State.SKIPPED}
    assert not Mailbox.objects.exists()
    assert not Message.objects.exclude(mailbox=None, about_id=None).exists()
    assert max(arrived(sink).values(), default=1) == 1


def test_a_row_that_somebody_else_is_changing_holds_up_no_worker(sink):
    """Such as whoever stops an announcement: a statement over many rows locks them in any order. Waiting for
    one of them with the last mail's row in hand, a worker and that statement would wait for each other."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite locks no rows: whoever writes waits for the other to end, and there are no two")
    first, second, third = put_reminders(3)
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            list(Message.objects.select_for_update().filter(pk=second.pk))
            locked.set()
            done.wait(WITHIN)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert locked.wait(WITHIN)
        assert delivery.deliver([first.pk, second.pk, third.pk])
        assert states() == {State.SENT: 2, State.WAITING: 1}
    finally:
        done.set()
        other.join()
    deliver_all(second)
    assert all_sent()
    assert arrived(sink) == once_each([first, second, third])
