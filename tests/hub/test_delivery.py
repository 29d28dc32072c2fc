"""The outbox's states: what is claimed, what each answer of a relay leads to, when a mail is given up.

The relay here is an object that answers as it is told; real relays, crashes and races are in
test_delivery_faults.
"""

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from events.models import Attendance, Event
from events.reminders import DAY_BEFORE
from hub import delivery, mail, ticking
from hub.mail import Category, Kind
from hub.models import Block, Mailbox, Message
from tests.factories import deliver_mail, make_event, make_rsvp

pytestmark = pytest.mark.django_db

State = Message.State
START = datetime(2026, 7, 4, 21, tzinfo=UTC)
NOW = START - timedelta(days=10)
BLOCKED, SUPPRESSED = "asked not to be written to", "its mailbox takes no mail"


class Relay:
    """Stands for Django's mail connection; `answers` are raised one after the other, None is fine."""

    def __init__(self, *answers, closed=False):
        self.answers = list(answers)
        self.closed = closed
        self.sent, self.opened, self.hung_up = [], 0, 0
        self.line = False

    def open(self):
        if self.closed:
            raise ConnectionRefusedError
        if self.line:
            return False
        self.opened += 1
        self.line = True
        return True

    def close(self):
        self.hung_up += self.line
        self.line = False

    def send_messages(self, emails):
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent += emails
        return len(emails)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def through(monkeypatch):
    """Deliver what is due at this moment through a relay that gives these answers."""

    def deliver(*answers, **details):
        relay = Relay(*answers, **details)
        monkeypatch.setattr(delivery, "get_connection", lambda: relay)
        for batch in ticking.tick(datetime.now(UTC)):
            delivery.deliver(batch)
        return relay

    return deliver


def answers(count=1) -> list[Message]:
    """Confirmation mails that wait."""
    event = make_event(start=START, capacity=100)
    for number in range(count):
        make_rsvp(event, email=f"reader-{number}@example.org")
    return list(Message.objects.order_by("due_at"))


def reminders(time_machine, events=1) -> list[Message]:
    """A reader's reminders, due now; at two events they go as one mail."""
    for number in range(events):
        event = make_event(start=START, title=f"Event {number}")
        make_rsvp(event, email="reader@example.org", confirmed=True)
    deliver_mail()
    time_machine.move_to(datetime(2026, 7, 3, 18, tzinfo=UTC), tick=False)
    ticking.tick(datetime.now(UTC))
    Message.objects.filter(state=State.CLAIMED).update(state=State.WAITING)
    return list(Message.objects.filter(kind=DAY_BEFORE))


def theirs(time_machine) -> list[Message]:
    """Somebody else's reminder, due at the same hour."""
    mine = set(Message.objects.filter(kind=DAY_BEFORE).values_list("pk", flat=True))
    time_machine.move_to(NOW, tick=False)
    make_rsvp(Event.objects.get(), email="other@example.org", confirmed=True)
    deliver_mail()
    time_machine.move_to(datetime(2026, 7, 3, 18, tzinfo=UTC), tick=False)
    ticking.tick(datetime.now(UTC))
    Message.objects.filter(state=State.CLAIMED).update(state=State.WAITING)
    return list(Message.objects.filter(kind=DAY_BEFORE).exclude(pk__in=mine))


def state_of(message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.reason


def refused(code) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"reader@example.org": (code, b"no such mailbox")})


# --- Each answer of a relay -----------------------------------
def test_sent(through):
    (message,) = answers()
    relay = through(None)
    assert state_of(message) == (State.SENT, "")
    assert (message.attempts, message.state_at) == (1, NOW)
    assert len(relay.sent) == 1
    assert relay.hung_up == 1


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (refused(550), State.FAILED, "SMTP 550 no such mailbox"),
        (refused(451), State.WAITING, "SMTP 451 no such mailbox"),
        (smtplib.SMTPSenderRefused(553, b"no", "hub@example.org"), State.FAILED, "SMTP 553 no"),
        (smtplib.SMTPDataError(554, b"spam"), State.FAILED, "SMTP 554 spam"),
        (smtplib.SMTPDataError(452, b"full"), State.WAITING, "SMTP 452 full"),
        (smtplib.SMTPResponseException(421, b"bye"), State.WAITING, "SMTP 421 bye"),
        (ValueError("no envelope"), State.FAILED, "unusable address"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_the_relay_refuses(error, state, reason, through):
    (message,) = answers()
    through(error)
    assert state_of(message) == (state, reason)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            b"5.1.1 <reader@example.org>: Recipient address rejected",
            "SMTP 550 5.1.1 …: Recipient address rejected",
        ),
        (b"reader@example.org... User unknown", "SMTP 550 … User unknown"),
        (b"mailbox <reader> unavailable", "SMTP 550 mailbox … unavailable"),
        (b"Blocked - see https://a.example/?ip=192.0.2.17", "SMTP 550 Blocked - see https://a.example/?ip=…"),
        (b"from [2001:db8::17] refused", "SMTP 550 from […] refused"),
        (b"=?x?\r\n second  line\xff", "SMTP 550 =?x? second line\N{REPLACEMENT CHARACTER}"),
        (b"x" * 200, "SMTP 550 " + "x" * 71),
        (b"no\x00such\x07mailbox", "SMTP 550 no such mailbox"),
        ("", "SMTP 550"),
    ],
)
def test_what_a_relay_says_is_kept_without_addresses(said, kept, through):
    (message,) = answers()
    through(smtplib.SMTPDataError(550, said))
    assert state_of(message) == (State.FAILED, kept)


def test_one_refusal_does_not_stop_the_others(through):
    messages = answers(3)
    relay = through(None, refused(550), None)
    assert sorted(state_of(message)[0] for message in messages) == ["failed", "sent", "sent"]
    assert relay.opened == 1  # one connection for the batch


def test_after_a_goodbye_the_next_mail_calls_again(through):
    answers(2)
    relay = through(smtplib.SMTPResponseException(421, b"bye"), None)
    assert relay.opened == 2


@pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected(), TimeoutError(), BrokenPipeError()])
def test_a_line_that_breaks_leaves_an_answer_to_be_sent_again(error, through):
    (message,) = answers()
    through(error)
    assert state_of(message) == (State.WAITING, "sent again: uncertain whether it went out")
    assert message.due_at == NOW + timedelta(minutes=1)


def test_a_line_that_breaks_leaves_a_reminder_to_an_operator(through, time_machine):
    messages = reminders(time_machine, events=2)
    relay = through(TimeoutError())
    assert {state_of(message) for message in messages} == {(State.UNCERTAIN, "uncertain whether it went out")}
    assert relay.sent == []
    assert through(None).sent == []  # and is not sent again


def test_a_relay_that_is_away_costs_no_mail_and_no_certainty(through, time_machine):
    messages = reminders(time_machine, events=2)
    through(closed=True)
    assert {state_of(message)[0] for message in messages} == {State.WAITING}
    assert messages[0].reason == "no connection: ConnectionRefusedError"
    assert {message.sent_with for message in messages} == {None}
    time_machine.shift(timedelta(minutes=1))
    assert len(through().sent) == 1
    assert {state_of(message)[0] for message in messages} == {State.SENT}


def test_a_relay_that_is_away_is_asked_once_a_batch(through):
    messages = answers(5)
    through(closed=True)
    states = [state_of(message) for message in messages]
    assert states.count((State.WAITING, "no connection: ConnectionRefusedError")) == 1
    assert states.count((State.WAITING, "")) == 4


# --- Trying again -----------------------------------
def test_each_pause_is_longer(through, time_machine):
    (message,) = answers()
    pauses = []
    for _try in range(7):
        through(refused(451))
        assert state_of(message)[0] == State.WAITING
        now = datetime.now(UTC)
        pauses.append(int((message.due_at - now).total_seconds()) // 60)
        time_machine.move_to(message.due_at - timedelta(seconds=1), tick=False)
        through(refused(451))
        assert message.attempts == len(pauses)  # not a second early
        message.refresh_from_db()
        time_machine.move_to(message.due_at, tick=False)
    assert pauses == [1, 5, 15, 60, 240, 240, 240]


def test_a_reminder_that_comes_too_late_is_not_sent(through, time_machine):
    (message,) = reminders(time_machine)
    through(closed=True)
    time_machine.move_to(START, tick=False)
    assert through().sent == []
    assert state_of(message) == (State.SKIPPED, "already started")


def test_day_before_and_same_day_that_pile_up_are_one_mail(through, time_machine):
    (message,) = reminders(time_machine)
    through(closed=True)
    time_machine.move_to(datetime(2026, 7, 4, 15, tzinfo=UTC), tick=False)
    (email,) = through().sent
    assert email.subject == "Today: Event 0"
    assert email.body.count("Event 0") == 1
    assert set(Message.objects.filter(topic_id=message.topic_id).values_list("state", flat=True)) == {"sent"}


# --- Mails that can't be written -----------------------------------
def test_a_mistake_in_one_kind_does_not_hold_up_the_others(through, monkeypatch):
    first, second = answers(2)
    broken = mail.kinds["hub.confirmation"].write

    def write(message, companions, now):
        if message.pk == first.pk:
            raise KeyError("reader@example.org")
        return broken(message, companions, now)

    monkeypatch.setitem(mail.kinds, "hub.confirmation", Kind("hub.confirmation", Category.ANSWER, write))
    through()
    assert state_of(first) == (State.WAITING, "KeyError")
    assert state_of(second) == (State.SENT, "")


def test_a_mistake_in_what_goes_along_does_not_hold_up_the_others(through, time_machine, monkeypatch):
    """Whatever is first in a batch and can't be taken would be so again each time it is handed out."""
    event = make_event(start=START)
    for number in range(3):
        make_rsvp(event, email=f"reader-{number}@example.org", confirmed=True)
    deliver_mail()
    time_machine.move_to(datetime(2026, 7, 3, 18, tzinfo=UTC), tick=False)
    ticking.tick(datetime.now(UTC))
    Message.objects.filter(state=State.CLAIMED).update(state=State.WAITING)
    first, second, third = Message.objects.filter(kind=DAY_BEFORE).order_by("due_at")
    kind = mail.kinds[DAY_BEFORE]

    def companions(message, now):
        if message.pk == second.pk:
            raise KeyError("reader@example.org")
        return kind.companions(message, now)

    monkeypatch.setattr(delivery, "_who_gets_one", lambda *_: set())
    monkeypatch.setitem(mail.kinds, DAY_BEFORE, replace(kind, companions=companions))
    through()
    assert state_of(second) == (State.WAITING, "KeyError")
    assert (second.attempts, second.due_at) == (1, datetime.now(UTC) + timedelta(minutes=1))
    assert {state_of(one) for one in (first, third)} == {(State.SENT, "")}


@pytest.mark.parametrize(
    ("stop", "why"),
    [
        (lambda box: Block.objects.create(address_digest=box.address_digest, made_at=NOW), BLOCKED),
        (lambda box: mail.suppress(box, NOW), SUPPRESSED),
    ],
    ids=["blocked", "suppressed"],
)
def test_who_stops_mail_between_two_of_a_batch_gets_none_any_more(
    stop, why, through, time_machine, monkeypatch
):
    first, second = (*reminders(time_machine), *theirs(time_machine))
    take = delivery.take

    def stop_before(message, *args, **kwargs):
        if message.pk == second.pk:
            stop(message.mailbox)
            monkeypatch.setattr(delivery, "take", take)
        return take(message, *args, **kwargs)

    monkeypatch.setattr(delivery, "take", stop_before)
    assert len(through().sent) == 1
    assert state_of(second) == (State.CLAIMED, "")
    time_machine.shift(delivery.CLAIM_LIVES + timedelta(seconds=1))
    assert through().sent == []
    assert state_of(second) == (State.SKIPPED, why)
    assert state_of(first) == (State.SENT, "")


def test_a_kind_nobody_knows_any_more_is_left_alone(through):
    (message,) = answers()
    Message.objects.update(kind="events.retired")
    assert through().sent == []
    assert state_of(message)[0] == State.CLAIMED


def test_a_wiped_address_gets_nothing(through):
    (message,) = answers()
    mailbox = Mailbox.objects.get()
    mailbox.address = ""
    mailbox.save()
    through()
    assert state_of(message) == (State.SKIPPED, "address wiped")


# --- Claiming -----------------------------------
def test_answers_go_before_what_has_waited_longer(time_machine):
    reminders(time_machine)
    make_rsvp(make_event(start=START, capacity=20), email="waits@example.org")
    ((first, second),) = delivery.claim_due(datetime.now(UTC))
    kinds = Message.objects.in_bulk([first, second])
    assert [kinds[first].kind, kinds[second].kind] == ["hub.confirmation", DAY_BEFORE]


def test_the_oldest_goes_first():
    event = make_event(start=START, capacity=20)
    for minutes in (3, 1, 2):
        make_rsvp(event, email=f"{minutes}@example.org", at=NOW - timedelta(minutes=minutes))
    (batch,) = delivery.claim_due(NOW)
    rows = Message.objects.in_bulk(batch)
    assert [rows[pk].mailbox.address[0] for pk in batch] == ["3", "2", "1"]


def test_what_is_not_due_is_left():
    (message,) = answers()
    Message.objects.update(due_at=NOW + timedelta(seconds=1))
    assert delivery.claim_due(NOW) == []
    assert state_of(message)[0] == State.WAITING


def test_what_is_claimed_is_not_claimed_again_for_half_a_minute():
    (message,) = answers()
    assert delivery.claim_due(NOW) == [[message.pk]]
    assert delivery.claim_due(NOW + delivery.CLAIM_LIVES) == []
    later = NOW + delivery.CLAIM_LIVES + timedelta(seconds=1)
    assert delivery.claim_due(later) == [[message.pk]]


def test_batches_and_how_much_is_handed_out():
    event = make_event(start=START, capacity=100)
    mailbox = make_rsvp(event, email="reader@example.org").mailbox
    Message.objects.all().delete()
    drafts = [
        mail.draft("hub.confirmation", mailbox_id=mailbox.pk, about_id=event.pk, occasion=str(n), at=NOW)
        for n in range(delivery.AHEAD + 1)
    ]
    mail.put(drafts)
    batches = delivery.claim_due(NOW)
    assert [len(batch) for batch in batches] == [delivery.BATCH] * (delivery.AHEAD // delivery.BATCH)
    assert delivery.claim_due(NOW) == []  # the workers have enough


def test_what_is_left_of_the_room_makes_no_small_batch():
    event = make_event(start=START, capacity=100)
    mailbox = make_rsvp(event, email="reader@example.org").mailbox
    Message.objects.all().delete()
    drafts = [
        mail.draft("hub.confirmation", mailbox_id=mailbox.pk, about_id=event.pk, occasion=str(n), at=NOW)
        for n in range(delivery.AHEAD + delivery.BATCH)
    ]
    mail.put(drafts)
    first, *_others = delivery.claim_due(NOW)
    begun = Message.objects.filter(pk__in=first[:-1])
    begun.update(state=State.SENT)
    assert delivery.claim_due(NOW) == []
    Message.objects.filter(pk=first[-1]).update(state=State.SENT)
    assert [len(batch) for batch in delivery.claim_due(NOW)] == [delivery.BATCH]


def test_what_was_in_hand_when_the_clock_went_back_is_not_kept_until_it_is_as_late_again():
    claimed, sending = answers(2)
    ahead = NOW + timedelta(days=1)
    delivery.claim_due(ahead)
    Message.objects.filter(pk=sending.pk).update(state=State.SENDING)
    assert delivery.claim_due(NOW) == [[claimed.pk]]
    delivery.settle_stuck(NOW)
    assert state_of(sending) == (State.WAITING, "sent again: uncertain whether it went out")


def test_a_batch_handed_out_twice_waits_before_it_tries_again(through, monkeypatch):
    (message,) = answers()
    (batch,) = ticking.tick(NOW)
    assert delivery.claim_due(NOW) == []
    relay = Relay(smtplib.SMTPRecipientsRefused({"reader-0@example.org": (451, b"later")}))
    monkeypatch.setattr(delivery, "get_connection", lambda: relay)
    delivery.deliver(batch)
    delivery.deliver(batch)
    assert (relay.sent, Message.objects.get(pk=message.pk).attempts) == ([], 1)


def test_a_batch_handed_out_twice_goes_out_once(through):
    answers()
    batches = ticking.tick(NOW)
    relay = through()
    delivery.deliver(batches[0])
    delivery.deliver(batches[0])
    assert len(relay.sent) == 1


# --- Left in the middle -----------------------------------
@pytest.mark.parametrize(("minutes", "stuck"), [(10, False), (11, True)])
def test_who_died_while_sending_is_noticed_after_ten_minutes(minutes, stuck, time_machine):
    (answer,) = answers()
    Message.objects.update(state=State.SENDING, state_at=NOW)
    delivery.settle_stuck(NOW + timedelta(minutes=minutes))
    assert (state_of(answer)[0] == State.WAITING) is stuck


def test_two_reminders_in_one_mail_are_settled_together(time_machine):
    first, second = reminders(time_machine, events=2)
    now = datetime.now(UTC)
    companions = delivery.take(first, now)
    assert [other.pk for other in companions] == [second.pk]
    time_machine.shift(delivery.SENDING_LIVES + timedelta(seconds=1))
    delivery.settle_stuck(datetime.now(UTC))
    assert {state_of(one)[0] for one in (first, second)} == {State.UNCERTAIN}


def test_taking_takes_once(time_machine):
    (message,) = answers()
    assert delivery.take(message, NOW) == []
    assert delivery.take(message, NOW) is None
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENDING, 1)
    Message.objects.update(state=State.SENT)
    assert delivery.take(message, NOW) is None


def test_a_mailbox_that_goes_after_its_batch_was_read_gets_nothing():
    (message,) = answers()
    Message.objects.update(mailbox=None)
    assert delivery.take(message, NOW) is None
    message.refresh_from_db()
    assert delivery.take(message, NOW) == []  # read again: whoever writes it finds nobody


def test_a_reminder_of_somebody_else_does_not_go_along(time_machine):
    (mine,) = reminders(time_machine)
    event = make_event(start=START, title="Theirs")
    other = make_rsvp(event, email="other@example.org", confirmed=True, at=NOW)
    Message.objects.filter(kind="hub.confirmation").delete()
    assert delivery.take(mine, datetime.now(UTC)) == []
    assert not Message.objects.filter(about_id=Attendance.objects.get(rsvp=other).pk).exists()
