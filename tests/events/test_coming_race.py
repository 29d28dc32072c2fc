"""Many hands at the same moment on a change's answers, and on what is mailed to those who are coming."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connections, transaction

from events.actions import events as event_actions
from events.actions import fan_out, mailing, still_coming, updates
from events.actions.mailing import MailingRefused
from events.actions.rsvps import RsvpRefused
from events.models import Attendance, EventChange, MailedUpdate, Rsvp, Timeslot
from events.still_coming import answers
from hub.models import AuditEntry, Message
from tests import races
from tests.factories import event_details, make_event, make_moderator, make_rsvp

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]

NOW = datetime(2030, 5, 2, 19, tzinfo=UTC)  # noon in San Francisco
START = NOW + timedelta(days=9)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOW, tick=False)


def attended(number, **details):
    """An event with so many confirmed parties of one, of whose own mail nothing is left."""
    event = make_event(start=START, **details)
    parties = [make_rsvp(event, confirmed=True) for _ in range(number)]
    Message.objects.all().delete()
    return event, parties


# --- Answers -----------------------------------------------------------------------------------------
def test_nobody_answers_a_change_they_have_not_seen():
    event, parties = attended(6)
    event_actions.edit_event(event, event_details(start=START + timedelta(days=1)), by=None, at=NOW)
    seen = EventChange.objects.get().pk
    later = NOW + timedelta(minutes=1)
    again = partial(
        event_actions.edit_event, event, event_details(start=START + timedelta(days=2)), by=None, at=later
    )
    say = [
        partial(still_coming.still_coming, party.pk, change_id=seen, party_size=1, at=NOW)
        for party in parties
    ]
    ends = races.at_once([partial(races.outcome, act, RsvpRefused) for act in (*say[:3], again, *say[3:])])
    assert ends[3] == "done"
    assert set(Rsvp.objects.values_list("answered_change", flat=True)) <= {None, seen}
    said = Rsvp.objects.filter(answered_change=seen).count()
    assert said == (*ends[:3], *ends[4:]).count("done")


def test_yes_and_no_at_once_leave_one_answer_and_right_seats():
    event, parties = attended(4, capacity=4)
    waiting = make_rsvp(event, confirmed=True)
    event_actions.edit_event(
        event, event_details(start=START + timedelta(days=1), capacity=4), by=None, at=NOW
    )
    change = EventChange.objects.get().pk
    acts = []
    for party in parties:
        acts.append(partial(still_coming.still_coming, party.pk, change_id=change, party_size=1, at=NOW))
        acts.append(partial(still_coming.not_any_more, party.pk, change_id=change, at=NOW))
    races.at_once(acts)
    event.refresh_from_db()
    counted = answers(event, NOW)
    assert counted.still + counted.no_more == 4
    assert counted.pending == 1
    slot = Timeslot.objects.get(event=event)
    held = sum(Attendance.objects.filter(rsvp__cancelled_at=None).values_list("seats_held", flat=True))
    assert slot.seats_taken == held == counted.still + (counted.no_more > 0)
    assert bool(Attendance.objects.get(rsvp=waiting).seats_held) == (counted.no_more > 0)


def test_one_answer_sent_by_many_hands_is_given_once():
    event, (party,) = attended(1)
    event_actions.edit_event(event, event_details(start=START + timedelta(days=1)), by=None, at=NOW)
    change = EventChange.objects.get().pk
    races.at_once(
        [partial(still_coming.still_coming, party.pk, change_id=change, party_size=1, at=NOW)] * 8, threads=8
    )
    assert AuditEntry.objects.filter(action="still_coming").count() == 1


# --- A mailed update -----------------------------------------------------------------------------------
def drafted(event):
    by = make_moderator()
    draft = mailing.write_draft(event, "At the north gate.", form_token="draft", by=by, at=NOW)
    return draft, by


def sending(draft, by, token):
    seen = mailing.state_of(draft)
    return partial(mailing.send, draft.pk, form_token=token, seen=seen, by=by, at=NOW)


def test_one_form_sent_by_many_hands_sends_once():
    event, _parties = attended(2)
    draft, by = drafted(event)
    sent = races.at_once([sending(draft, by, "one form")] * 6)
    assert {one.pk for one in sent} == {draft.pk}
    assert event.updates.count() == AuditEntry.objects.filter(action="mail_update").count() == 1


def test_of_many_forms_one_sends():
    event, _parties = attended(2)
    draft, by = drafted(event)
    acts = [partial(races.outcome, sending(draft, by, f"form {n}"), MailingRefused) for n in range(4)]
    assert sorted(races.at_once(acts)) == ["MailingRefused"] * 3 + ["done"]
    assert event.updates.count() == 1


def test_two_ticks_at_once_put_each_mail_once_and_leave_out_nobody(monkeypatch):
    monkeypatch.setattr(fan_out, "CHUNK", 4)
    event, parties = attended(10)
    draft, by = drafted(event)
    mailed = sending(draft, by, "form")()
    for _tick in range(4):
        races.at_once([partial(fan_out.put_updates, NOW)] * 2)
    assert set(mailing.mail_of(mailed).values_list("about_id", flat=True)) == {party.pk for party in parties}
    assert mailing.mail_of(mailed).count() == 10


@pytest.mark.parametrize("what", ["stop", "take off", "cancel"])
def test_what_ends_it_waits_for_nobody(monkeypatch, what):
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    event, _parties = attended(16)
    draft, by = drafted(event)
    mailed = sending(draft, by, "form")()
    ends = {
        "stop": partial(mailing.stop, mailed, by=by, at=NOW),
        "take off": partial(updates.remove_update, mailed.update_id, by=by, at=NOW),
        "cancel": partial(event_actions.cancel_event, event, by=by, at=NOW),
    }
    ticks = [partial(fan_out.put_updates, NOW)] * 3
    races.at_once([*ticks, ends[what], *ticks])
    fan_out.put_updates(NOW)
    assert MailedUpdate.objects.get().stopped_at == NOW
    put = mailing.mail_of(mailed).count()
    fan_out.put_updates(NOW)
    assert mailing.mail_of(mailed).count() == put


def test_stopped_by_many_hands_it_is_stopped_once():
    event, _parties = attended(3)
    draft, by = drafted(event)
    mailed = sending(draft, by, "form")()
    fan_out.put_updates(NOW)
    races.at_once([partial(mailing.stop, mailed, by=by, at=NOW)] * 8)
    assert AuditEntry.objects.filter(action="stop_update").count() == 1


def test_while_it_is_being_stopped_no_tick_puts_more():
    """A tick that comes into the middle of it waits, and finds it stopped."""
    event, _parties = attended(3)
    draft, by = drafted(event)
    mailed = sending(draft, by, "form")()

    def tick():
        fan_out.put_updates(NOW)
        connections.close_all()

    hand = threading.Thread(target=tick)
    with transaction.atomic():
        mailing.stop(mailed, by=by, at=NOW)
        hand.start()
        hand.join(1)
    hand.join(races.PATIENCE)
    assert not mailing.mail_of(mailed).exists()
