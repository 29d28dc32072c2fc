"""A mailbox that a relay refuses for good is left alone for 90 days, but for answers to new acts."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest

from events.actions import events as event_actions
from hub import delivery, ledger
from hub.models import Mailbox, Message, Suppression, address_digest
from hub.personal import export_all, purge_all
from tests.factories import deliver_mail, event_details, make_event, make_rsvp, make_user, press_button
from tests.hub.test_delivery import Relay

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 18, tzinfo=UTC)
DAY_BEFORE_AT = datetime(2026, 7, 3, 15, tzinfo=UTC)
NOW = START - timedelta(days=4)
READER = "reader@example.org"
State = Message.State


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def coming(event, email=READER):
    party = make_rsvp(event, email=email, confirmed=True)
    deliver_mail()
    return party


def change(event):
    """Move it, and tell everybody."""
    event_actions.edit_event(
        event, event_details(start=event.next_start + timedelta(hours=1)), by=None, at=NOW
    )
    deliver_mail()


def test_a_refused_mailbox_gets_no_changes_and_reminders_any_more(sink, time_machine):
    event = make_event(start=START, zone="America/New_York")
    coming(event)
    coming(event, email="other@example.org")
    sink.clear()
    sink.mode("reject", only=READER)
    change(event)
    assert [one.recipients for one in sink.messages()] == [["other@example.org"]]
    refused = Message.objects.get(
        kind="events.changed", mailbox__address_digest=Suppression.objects.get().address_digest
    )
    assert (refused.state, refused.reason) == (State.FAILED, "SMTP 550 5.1.1 No such mailbox")
    sink.mode("ok")
    sink.clear()
    time_machine.move_to(DAY_BEFORE_AT + timedelta(hours=4), tick=False)
    deliver_mail()
    assert [one.recipients for one in sink.messages()] == [["other@example.org"]]
    (line,) = [one for one in ledger.entries([event.pk])[0].lines if one.kind == "events.reminder_day_before"]
    assert line.because == [("skipped", "its mailbox takes no mail", 1)]


def test_what_is_refused_for_now_suppresses_nothing(sink):
    event = make_event(start=START)
    coming(event)
    sink.mode("tempfail", only=READER)
    change(event)
    assert Message.objects.get(kind="events.changed").state == State.WAITING
    assert not Suppression.objects.exists()


def test_a_mail_that_is_refused_for_what_it_says_suppresses_nobody(monkeypatch):
    """Only the answer to the recipient is about the mailbox."""
    make_rsvp(make_event(start=START), email=READER)
    relay = Relay(smtplib.SMTPDataError(554, b"spam"))
    monkeypatch.setattr(delivery, "get_connection", lambda: relay)
    deliver_mail()
    assert Message.objects.get().state == State.FAILED
    assert not Suppression.objects.exists()


def test_a_new_act_is_answered_and_confirming_ends_it(sink):
    mailbox = coming(make_event(start=START)).mailbox
    Suppression.objects.create(address_digest=mailbox.address_digest, since=NOW)
    sink.clear()
    party = make_rsvp(make_event(start=START), email=READER)
    deliver_mail()
    assert [one.recipients for one in sink.messages()] == [[READER]]
    press_button(party)
    assert not Suppression.objects.exists()


def test_it_ends_after_ninety_days_and_outlives_the_mailbox(time_machine):
    mailbox = coming(make_event(start=START)).mailbox
    Suppression.objects.create(address_digest=mailbox.address_digest, since=NOW)
    time_machine.move_to(NOW + timedelta(days=89), tick=False)
    purge_all(NOW + timedelta(days=89))
    assert not Mailbox.objects.exists()
    assert Suppression.objects.exists()
    purge_all(NOW + timedelta(days=90, seconds=1))
    assert not Suppression.objects.exists()


def test_a_member_s_export_says_so():
    user = make_user(READER)
    assert export_all(user)["mail_refused"] is False
    Suppression.objects.create(address_digest=address_digest(user.email), since=NOW)
    assert export_all(user)["mail_refused"] is True
