"""Retention: each thing goes at its hour, not before it, and takes nothing else along."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events import personal as events_personal
from events.actions import events as event_actions
from events.actions import rsvps
from events.models import Attendance, Event, EventChange, MergedLink, Rsvp, Timeslot
from events.personal import PLACE_KEPT, POSTPONED_KEPT, RSVPS_KEPT
from hub import actions, audit, contact, personal
from hub.models import AuditEntry, Block, Confirmation, Heartbeat, Mailbox, Message, SubmittedForm
from hub.personal import AUDIT_KEPT, FORMS_KEPT, PERSON_ON_MESSAGE, forget_if_unused, purge_all
from tests.factories import deliver_mail, make_event, make_rsvp, press_button, slot_of

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)
END = START + timedelta(hours=2)
NOW = START - timedelta(days=10)
READER = "reader@example.org"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def event_at(**details):
    return make_event(**{"start": START, **details})


def test_the_times_that_privacy_promises():
    assert contact.ADDRESS_KEPT == 24 * HOUR
    assert contact.BUTTON_LIVES == 24 * HOUR
    assert PERSON_ON_MESSAGE == 48 * HOUR
    assert RSVPS_KEPT == 7 * DAY
    assert PLACE_KEPT == 24 * HOUR
    assert FORMS_KEPT == 24 * HOUR
    assert AUDIT_KEPT == 365 * DAY


# --- Mailboxes nobody confirmed -----------------------------------
def test_an_address_nobody_confirms_is_wiped_after_a_day():
    party = make_rsvp(event_at(capacity=20), email=READER, name="Ana", need="a ramp")
    purge_all(NOW + DAY - SECOND)
    party.refresh_from_db()
    assert (party.mailbox.address, party.name, party.need) == (READER, "Ana", "a ramp")
    purge_all(NOW + DAY)
    party.refresh_from_db()
    assert (party.mailbox, party.name, party.need) == (None, "", "")
    assert Attendance.objects.get(rsvp=party).state(NOW + DAY) == "expired"
    assert not Mailbox.objects.exists()
    assert not Confirmation.objects.exists()


def test_on_an_open_event_the_party_goes_on_counting_without_its_address():
    event = event_at()
    party = make_rsvp(event, email=READER, name="Ana", need="a ramp", party_size=3)
    purge_all(NOW + DAY)
    party.refresh_from_db()
    assert (party.mailbox, party.name, party.need) == (None, "Ana", "a ramp")
    assert Attendance.objects.get(rsvp=party).state(NOW + DAY) == "going"
    assert slot_of(event).seats_taken == 3


def test_a_confirmed_mailbox_stays():
    party = make_rsvp(event_at(), email=READER, confirmed=True)
    purge_all(NOW + 2 * DAY)
    party.refresh_from_db()
    assert party.mailbox.address == READER


def test_an_unconfirmed_answer_of_a_confirmed_mailbox_lets_it_go():
    kept = make_rsvp(event_at(title="Other"), email=READER, confirmed=True)
    stale = make_rsvp(event_at(capacity=20), email=READER, name="Ana", at=NOW + HOUR)
    purge_all(NOW + HOUR + DAY)
    stale.refresh_from_db()
    kept.refresh_from_db()
    assert (stale.mailbox, stale.name) == (None, "")
    assert kept.mailbox.address == READER


def test_what_was_still_to_be_sent_is_not_sent():
    make_rsvp(event_at(capacity=20), email=READER)
    purge_all(NOW + DAY)
    message = Message.objects.get()
    assert (message.state, message.reason) == (Message.State.SKIPPED, "erased")
    assert (message.mailbox, message.about_id) == (None, None)
    assert deliver_mail() == []


def test_a_wiped_answers_link_says_so(visitor, time_machine):
    party = make_rsvp(event_at(capacity=20), email=READER)
    purge_all(NOW + DAY)
    time_machine.move_to(NOW + DAY, tick=False)
    page = visitor.get(f"/rsvp/{party.token}/").content.decode()
    assert "Not confirmed in time" in page
    assert rsvps.confirm(party.pk, NOW + DAY) is None


def test_a_mailbox_that_only_asked_for_its_links_is_wiped_after_a_day():
    actions.mail_links(READER, language="en", at=NOW)
    deliver_mail()
    purge_all(NOW + DAY)
    assert Mailbox.objects.count() == 1
    purge_all(NOW + DAY + SECOND)
    assert not Mailbox.objects.exists()


# --- After the event -----------------------------------
def test_a_week_after_the_event_only_totals_are_left():
    event = event_at(capacity=10)
    make_rsvp(event, email=READER, confirmed=True, name="Ana", need="a ramp", party_size=3)
    waiting = make_rsvp(event, confirmed=True, party_size=8)
    newer = make_rsvp(event, email=READER, party_size=2, at=NOW + 2 * HOUR)
    press_button(newer, at=NOW + 2 * HOUR)
    assert Attendance.objects.get(rsvp=waiting).waiting_since
    purge_all(END + RSVPS_KEPT - SECOND)
    assert Rsvp.objects.count() == 2
    purge_all(END + RSVPS_KEPT)
    for model in (Rsvp, Attendance, MergedLink, Mailbox, Confirmation):
        assert not model.objects.exists()
    slot = slot_of(event)
    assert slot.seats_taken == 3
    assert Event.objects.count() == 1


def test_a_mailbox_with_another_event_ahead_stays():
    make_rsvp(event_at(), email=READER, confirmed=True)
    later = make_rsvp(event_at(start=START + 30 * DAY), email=READER, confirmed=True)
    purge_all(END + RSVPS_KEPT)
    assert Rsvp.objects.get() == later
    assert Mailbox.objects.get().address == READER


def test_thousands_go_in_handfuls():
    event = event_at()
    for _party in range(3):
        make_rsvp(event, confirmed=True)
    with CaptureQueriesContext(connection) as few:
        purge_all(END + RSVPS_KEPT)
    assert not Rsvp.objects.exists()
    with CaptureQueriesContext(connection) as none:
        purge_all(END + RSVPS_KEPT)
    assert len(none) < len(few)


def test_an_event_with_a_timeslot_ahead_is_not_over():
    event = event_at()
    make_rsvp(event, confirmed=True)
    Timeslot.objects.create(event=event, start=START + 20 * DAY, end=END + 20 * DAY)
    event_actions.roll_next(END)
    purge_all(END + RSVPS_KEPT)
    assert Rsvp.objects.count() == 1


def test_a_postponed_event_keeps_its_people_for_ninety_days():
    event = event_at(event_status="scheduled")
    make_rsvp(event, email=READER, confirmed=True)
    event_actions.postpone_event(event, by=None, at=NOW)
    purge_all(END + POSTPONED_KEPT - SECOND)
    assert Rsvp.objects.count() == 1
    purge_all(END + POSTPONED_KEPT)
    assert not Rsvp.objects.exists()
    assert POSTPONED_KEPT == 90 * DAY


def test_a_cancelled_event_lets_its_people_go_like_any_other():
    event = event_at()
    make_rsvp(event, confirmed=True)
    event_actions.cancel_event(event, by=None, at=NOW)
    purge_all(END + RSVPS_KEPT)
    assert not Rsvp.objects.exists()


def test_a_day_after_the_event_its_hidden_place_and_link_are_forgotten():
    hidden = event_at(
        reveal="confirmed", venue="Secret Hall", online=True, online_link="https://meet.example.org"
    )
    public = event_at(online=True, online_link="https://meet.example.org")
    ahead = event_at(start=START + DAY, reveal="confirmed", venue="Later Hall")
    purge_all(END + PLACE_KEPT - SECOND)
    hidden.refresh_from_db()
    assert (hidden.hidden_place.split("\n")[0], hidden.online_link) == (
        "Secret Hall",
        "https://meet.example.org",
    )
    purge_all(END + PLACE_KEPT)
    for event in (hidden, public, ahead):
        event.refresh_from_db()
    assert (hidden.hidden_place, hidden.online_link, public.online_link) == ("", "", "")
    assert ahead.hidden_place.startswith("Later Hall")
    assert public.venue == "Civic Center Plaza"
    assert Event.objects.filter(hidden_place=b"", online_link=b"").count() == 2
    with CaptureQueriesContext(connection) as again:
        purge_all(END + PLACE_KEPT)
    assert not [query for query in again if "UPDATE" in query["sql"] and "events_event" in query["sql"]]


def test_what_was_announced_stays_with_the_event():
    event = event_at()
    make_rsvp(event, confirmed=True)
    event_actions.cancel_event(event, by=None, at=NOW)
    purge_all(END + RSVPS_KEPT)
    assert EventChange.objects.get().place_before == ""


# --- The outbox -----------------------------------
@pytest.mark.parametrize("state", Message.FINAL)
def test_the_person_goes_two_days_after_the_final_state(state):
    make_rsvp(event_at(), email=READER, confirmed=True)
    Message.objects.update(state=state, state_at=NOW)
    before = Message.objects.values("kind", "key", "topic_id", "state", "made_at", "due_at", "state_at").get()
    purge_all(NOW + PERSON_ON_MESSAGE)
    assert Message.objects.get().mailbox is not None
    purge_all(NOW + PERSON_ON_MESSAGE + SECOND)
    row = Message.objects.get()
    assert (row.mailbox, row.about_id) == (None, None)
    assert Message.objects.values(*before).get() == before


@pytest.mark.parametrize("state", ["waiting", "claimed", "sending"])
def test_what_is_not_done_keeps_its_person(state):
    make_rsvp(event_at(), email=READER, confirmed=True)
    Message.objects.update(state=state, state_at=NOW)
    purge_all(NOW + 3 * PERSON_ON_MESSAGE)
    assert Message.objects.get().mailbox is not None


# --- Small things -----------------------------------
def test_forms_confirmations_audit_entries_and_sessions():
    event = event_at()
    make_rsvp(event, email=READER, confirmed=True)
    Session.objects.create(session_key="s" * 32, session_data="", expire_date=NOW + HOUR)
    old = audit.record("old", event, at=NOW - AUDIT_KEPT + DAY, by=None)
    assert (SubmittedForm.objects.count(), Confirmation.objects.count()) == (1, 1)

    purge_all(NOW + HOUR)
    assert Session.objects.exists()
    purge_all(NOW + HOUR + SECOND)
    assert not Session.objects.exists()

    purge_all(NOW + DAY)
    assert (SubmittedForm.objects.count(), Confirmation.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(pk=old.pk).exists()
    purge_all(NOW + DAY + SECOND)
    assert (SubmittedForm.objects.count(), Confirmation.objects.count()) == (0, 0)
    assert not AuditEntry.objects.filter(pk=old.pk).exists()
    assert AuditEntry.objects.exists()


def test_a_block_stays():
    party = make_rsvp(event_at(), email=READER, confirmed=True)
    rsvps.erase(party.pk, never_write=True, at=NOW)
    purge_all(NOW + 400 * DAY)
    assert Block.objects.count() == 1


# --- How it runs -----------------------------------
def test_a_part_that_fails_does_not_stop_the_others(monkeypatch, caplog):
    def broken(now):
        raise RuntimeError("reader@example.org")

    monkeypatch.setattr(personal, "_purges", [broken, *personal._purges])
    make_rsvp(event_at(capacity=20), email=READER)
    purge_all(NOW + DAY)
    assert not Mailbox.objects.exists()
    assert "a purge failed: broken" in caplog.text
    assert not Heartbeat.objects.filter(name="purge").exists()


def broken_for(monkeypatch, where, name, *bad):
    """Let a function fail for these arguments only."""
    whole = getattr(where, name)

    def partly(argument):
        if argument in bad or (isinstance(argument, list) and set(argument) & set(bad)):
            raise RuntimeError(READER)
        return whole(argument)

    monkeypatch.setattr(where, name, partly)


def test_an_address_that_can_not_be_wiped_does_not_stop_the_others(monkeypatch, caplog):
    parties = [make_rsvp(event_at(capacity=20), email=f"reader{n}@example.org") for n in range(3)]
    broken_for(monkeypatch, events_personal.seats, "lock", slot_of(parties[0].event).pk)
    purge_all(NOW + DAY)
    assert list(Mailbox.objects.all()) == [parties[0].mailbox]
    assert f"could not purge row {parties[0].pk}" in caplog.text
    assert not Heartbeat.objects.filter(name="purge").exists()


def test_an_event_that_can_not_be_purged_does_not_stop_the_others(monkeypatch):
    events = [event_at(reveal="confirmed", title=f"{n}") for n in range(3)]
    for event in events:
        make_rsvp(event, confirmed=True)
    broken_for(monkeypatch, events_personal.seats, "lock", *(slot_of(event).pk for event in events[:1]))
    purge_all(END + RSVPS_KEPT)
    assert list(Rsvp.objects.values_list("event_id", flat=True)) == [events[0].pk]
    assert list(Event.objects.exclude(hidden_place=b"")) == events[:1]
    assert not Heartbeat.objects.filter(name="purge").exists()


def test_a_mailbox_that_can_not_be_forgotten_does_not_stop_the_others(monkeypatch):
    mailboxes = [actions.mailbox_for(f"reader{n}@example.org", at=NOW) for n in range(3)]
    broken_for(monkeypatch, personal, "forget_if_unused", mailboxes[0].pk)
    purge_all(NOW + DAY + SECOND)
    assert list(Mailbox.objects.all()) == mailboxes[:1]
    assert not Heartbeat.objects.filter(name="purge").exists()


def test_a_purge_in_which_nothing_failed_leaves_a_heartbeat():
    purge_all(NOW)
    assert Heartbeat.objects.get(name="purge").at == NOW


def test_forgetting_asks_whether_anything_points_there():
    mailbox = actions.mailbox_for(READER, at=NOW)
    party = make_rsvp(event_at(), email=READER, confirmed=True)
    assert party.mailbox == mailbox
    assert forget_if_unused(mailbox.pk) is False
    Rsvp.objects.all().delete()
    assert forget_if_unused(mailbox.pk) is True
    assert forget_if_unused(mailbox.pk) is False
    assert forget_if_unused(uuid4()) is False
