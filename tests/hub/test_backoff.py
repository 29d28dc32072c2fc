"""How long a mail is tried, and what a refusal is about: the mailbox, or us."""

import smtplib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from events.models import Timeslot
from hub import delivery, ledger, refusals, ticking
from hub.models import Message, Suppression
from tests.factories import make_event, make_rsvp
from tests.hub.test_delivery import Relay

pytestmark = pytest.mark.django_db
State = Message.State
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
READER = "reader@example.org"
GREYLISTED = smtplib.SMTPRecipientsRefused({READER: (451, b"4.7.1 Greylisted")})


@pytest.fixture(autouse=True)
def _now(time_machine, monkeypatch):
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr("hub.contact.BUTTON_LIVES", timedelta(days=30))  # the mail is wanted all the time


@pytest.fixture
def answer() -> Message:
    """A mail that waits."""
    make_rsvp(make_event(start=NOW + timedelta(days=60), capacity=20), email=READER)
    return Message.objects.get()


@pytest.fixture
def tries(monkeypatch, time_machine):
    """Let a relay give an answer to every try, each at its moment, until the row is at its end or `until`.
    Returns the moments of the tries."""

    def until_the_end(message, error, until=timedelta(days=30)):
        relay = Relay(*[error] * 100)
        monkeypatch.setattr(delivery, "get_connection", lambda: relay)
        moments = []
        while message.state == State.WAITING and message.due_at <= NOW + until:
            time_machine.move_to(max(message.due_at, datetime.now(UTC)), tick=False)
            moments.append(datetime.now(UTC))
            for batch in ticking.tick(datetime.now(UTC)):
                delivery.deliver(batch)
            message.refresh_from_db()
        return moments

    return until_the_end


def test_the_whole_series_grows_past_half_an_hour_and_ends_before_the_fourth_day(answer, tries):
    moments = tries(answer, GREYLISTED)
    pauses = [(later - sooner) // timedelta(minutes=1) for sooner, later in pairwise(moments)]
    assert pauses == [1, 5, 15, 60, *[240] * 23]
    assert timedelta(days=3, hours=20) < moments[-1] - moments[0] < timedelta(days=4)
    assert (answer.state, answer.reason) == (State.FAILED, "SMTP 451 4.7.1 Greylisted")
    assert answer.state_at == moments[-1]  # said at once, not at a try that isn't made
    assert answer.attempts == len(moments)
    assert not Suppression.objects.exists()


def test_greylisting_is_over_within_minutes(answer, tries):
    """Most relays that greylist take the mail from the fifth minute on."""
    moments = tries(answer, GREYLISTED, until=timedelta(minutes=30))
    minutes = [(moment - NOW) // timedelta(minutes=1) for moment in moments]
    assert minutes == [0, 1, 6, 21]


def test_what_was_held_for_a_week_is_tried_for_four_days_all_the_same(answer, tries):
    ledger.hold(reason="restored", by=None, at=NOW)
    Message.objects.update(due_at=NOW + timedelta(days=7))
    ledger.release(by=None, at=NOW + timedelta(days=7))
    answer.refresh_from_db()
    assert len(tries(answer, GREYLISTED)) == 28


def test_what_an_operator_tries_again_is_tried_from_the_beginning(answer, tries):
    tries(answer, GREYLISTED)
    assert answer.state == State.FAILED
    assert ledger.try_again(answer.topic_id, answer.kind, by=None, at=datetime.now(UTC)) == 1
    answer.refresh_from_db()
    assert len(tries(answer, GREYLISTED)) == 28
    assert answer.state == State.FAILED


# --- Whom a refusal is about ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "words", "about"),
    [
        (550, b"5.1.1 <rosa@example.org>: Recipient address rejected: User unknown", True),
        (550, b"5.1.10 domain takes no mail (null MX)", True),
        (553, b"5.1.2 no such domain", True),
        (550, b"5.2.1 mailbox disabled", True),
        (552, b"5.2.2 mailbox full", True),
        (550, b"5.4.1 Recipient address rejected: Access denied", True),
        (550, b"no such user", True),
        (550, "No such user at 192.5.1.1", True),
        (556, b"the domain takes no mail", True),
        (550, b"5.1.8 sender's domain not found", False),
        (550, b"5.1.7 bad sender", False),
        (552, b"5.2.3 message too long", False),
        (552, b"5.3.4 message too big", False),
        (550, b"5.7.1 message blocked by policy", False),
        (554, b"5.7.1 <rosa@example.org>: Relay access denied", False),
        (550, b"5.7.26 unauthenticated mail", False),
        (550, b"5.5.0 bad command", False),
        (552, b"exceeded storage", False),
        (554, b"transaction failed", False),
        (530, b"authentication required", False),
        (535, b"5.7.8 bad password", False),
        (550, b"", True),
    ],
)
def test_what_an_answer_to_the_recipient_is_about(answer, tries, code, words, about):
    assert refusals.about_mailbox(code, words) is about
    tries(answer, smtplib.SMTPRecipientsRefused({READER: (code, words)}), until=timedelta(0))
    assert Suppression.objects.exists() is about


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPDataError(550, b"5.1.1 no such user"),
        smtplib.SMTPDataError(552, b"5.3.4 too big"),
        smtplib.SMTPDataError(554, b"5.7.1 spam"),
        smtplib.SMTPSenderRefused(550, b"5.1.1 no such sender", "hub@example.org"),
        smtplib.SMTPSenderRefused(552, b"5.3.4 too big", "hub@example.org"),
        smtplib.SMTPSenderRefused(554, b"5.7.1 not from here", "hub@example.org"),
    ],
)
def test_what_is_said_to_the_sender_or_to_the_text_ends_one_mail_and_suppresses_nobody(answer, tries, error):
    assert len(tries(answer, error)) == 1
    assert answer.state == State.FAILED
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("code", [530, 535])
def test_a_relay_that_wants_another_log_in_loses_no_mail(answer, tries, code):
    """An operator has to mend EMAIL_URL; nothing is wrong with the mail."""
    refusal = smtplib.SMTPSenderRefused(code, b"5.7.0 Authentication required", "hub@example.org")
    tries(answer, refusal, until=timedelta(0))
    assert (answer.state, answer.reason) == (State.WAITING, f"SMTP {code} 5.7.0 Authentication required")
    assert not Suppression.objects.exists()


def test_a_mailbox_that_is_refused_for_good_is_asked_once(answer, tries):
    refusal = smtplib.SMTPRecipientsRefused({READER: (550, b"5.1.1 no such user")})
    assert len(tries(answer, refusal)) == 1
    assert answer.state == State.FAILED
    assert Suppression.objects.count() == 1
    assert Timeslot.objects.get().seats_pending  # what the mail was about stays as it was
