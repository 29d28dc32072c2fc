""" "I'm coming": what counts when, merging, changing, taking back, being forgotten."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from events.actions import events as event_actions
from events.actions import rsvps, seats
from events.actions.rsvps import RsvpRefused
from events.models import Attendance, MergedLink, Rsvp
from hub import accounts, contact, links
from hub import actions as ground
from hub.models import AuditEntry, Block, Confirmation, Mailbox, Message, SubmittedForm
from tests import races
from tests.factories import (
    deliver_mail,
    event_details,
    links_in,
    make_event,
    make_rsvp,
    make_user,
    press_button,
    slot_of,
)

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)
NOW = START - timedelta(days=10)
READER = "reader@example.org"


@pytest.fixture(autouse=True)
def _ten_days_before(time_machine):
    time_machine.move_to(NOW, tick=False)


def open_event(**details):
    return make_event(start=START, **details)


def hall(capacity=20, **details):
    return make_event(start=START, capacity=capacity, **details)


def secret_place(**details):
    return make_event(start=START, reveal="confirmed", **details)


def of(party) -> Attendance:
    return Attendance.objects.select_related("rsvp").get(rsvp=party)


def state(party) -> str:
    return of(party).state(NOW)


def change(party, size, *, name="", need="", neutral=False, at=NOW):
    return rsvps.change(party.pk, party_size=size, name=name, need=need, neutral=neutral, at=at)


def say_coming(event, token="", *, email="", size=1, remembered=None, at=NOW) -> Rsvp | None:
    """As the view says it."""
    return rsvps.rsvp(
        slot_of(event).pk,
        form_token=token or secrets.token_urlsafe(16),
        name="Ana",
        email=email,
        party_size=size,
        need="a chair",
        neutral=False,
        language="en",
        remembered=remembered,
        at=at,
    )


# --- What counts when ----------------------------------------------------------------------------
def test_on_an_open_event_it_counts_at_once_without_an_address():
    party = make_rsvp(open_event(), party_size=3)
    assert state(party) == "going"
    assert (of(party).seats_held, party.mailbox, party.counted_at, party.confirmed_at) == (3, None, NOW, None)
    assert not Message.objects.exists()


def test_on_an_open_event_it_counts_before_the_address_is_confirmed():
    event = open_event()
    party = make_rsvp(event, email=READER)
    assert state(party) == "going"
    assert (party.counted_at, party.confirmed_at) == (NOW, None)
    later = NOW + timedelta(hours=1)
    party = press_button(party, at=later)
    assert (party.counted_at, party.confirmed_at) == (NOW, later)
    assert slot_of(event).seats_taken == 1


@pytest.mark.parametrize("make", [hall, secret_place], ids=["capacity", "place not public"])
def test_elsewhere_it_counts_from_confirming(make):
    party = make_rsvp(make(), email=READER)
    assert state(party) == "pending"
    assert (party.counted_at, party.confirmed_at) == (None, None)
    party = press_button(party, at=NOW)
    assert state(party) == "going"
    assert (party.counted_at, party.confirmed_at) == (NOW, NOW)


def test_by_code_as_by_button():
    party = make_rsvp(hall(), email=READER)
    confirmation = Confirmation.objects.get()
    path = ground.confirm_by_code(
        party.mailbox,
        links.code("confirm", confirmation.pk),
        kind=rsvps.ACT_KIND,
        act_id=party.pk,
        at=NOW,
    )
    assert path == f"/rsvp/{party.mail_token}/"
    assert state(party) == "going"


def test_confirming_twice_is_confirming_once():
    event = hall()
    party = make_rsvp(event, email=READER, confirmed=True)
    for _time in range(2):
        assert rsvps.confirm(party.pk, NOW + timedelta(hours=1)) == party
    assert Rsvp.objects.get().confirmed_at == NOW
    assert slot_of(event).seats_taken == 1


def test_a_second_mail_comes_only_where_something_changed():
    make_rsvp(hall(), email=READER, confirmed=True)
    assert [mail.subject for mail in deliver_mail()] == ["Please confirm: Rally for a Labor Party"]


def test_who_ends_on_the_waiting_list_is_told():
    event = hall(1)
    make_rsvp(event, confirmed=True)
    make_rsvp(event, email=READER, confirmed=True)
    subjects = [mail.subject for mail in deliver_mail() if mail.to == [READER]]
    assert "You are on the waiting list: Rally for a Labor Party" in subjects


@pytest.mark.parametrize(
    ("status", "moment"),
    [("cancelled", NOW), ("scheduled", START + timedelta(hours=2))],
    ids=["cancelled", "over"],
)
def test_where_nobody_can_come_any_more_confirming_seats_nobody(status, moment):
    event = hall()
    party = make_rsvp(event, email=READER, at=START - timedelta(hours=1))
    if status != "scheduled":
        event_actions.cancel_event(event, by=None, at=moment)
    assert rsvps.confirm(party.pk, moment) == party
    party.refresh_from_db()
    assert party.confirmed_at is None
    assert slot_of(event).seats_taken == 0


def test_confirming_while_postponed_keeps_the_place_for_the_new_date():
    event = hall()
    party = make_rsvp(event, email=READER, at=NOW)
    event_actions.postpone_event(event, by=None, at=NOW)
    rsvps.confirm(party.pk, NOW)
    party.refresh_from_db()
    assert party.confirmed_at == NOW
    assert slot_of(event).seats_taken == 1


def test_confirming_what_was_taken_off_the_site_counts_nothing():
    event = hall()
    party = make_rsvp(event, email=READER, at=NOW)
    event_actions.unpublish_event(event, by=None, at=NOW)
    rsvps.confirm(party.pk, NOW)
    party.refresh_from_db()
    assert party.confirmed_at is None


def test_a_form_made_before_the_event_had_seats_to_count_asks_for_the_address():
    event = open_event()
    seats.set_capacity(slot_of(event), 5)
    with pytest.raises(RsvpRefused) as refused:
        say_coming(event, "the token", email="")
    assert refused.value.reason == "email"
    assert not Rsvp.objects.exists()


def test_an_act_that_joined_an_open_mail_gets_one_of_its_own_when_it_is_confirmed():
    first, second = (
        make_rsvp(hall(title="First"), email=READER),
        make_rsvp(hall(title="Second"), email=READER),
    )
    press_button(first)
    press_button(second)
    told = set(Message.objects.values_list("kind", "about_id"))
    assert ("events.coming", second.pk) in told
    assert ("events.coming", first.pk) not in told


def test_erasing_does_not_have_the_next_mail_sent_at_once():
    event = hall()
    party = make_rsvp(event, email=READER)
    assert len(deliver_mail()) == 1
    for _round in range(3):
        rsvps.erase(party.pk, never_write=False, at=NOW)
        party = make_rsvp(event, email=READER)
        assert deliver_mail() == []
    # The one mail there is covers what came after it.
    assert press_button(party).confirmed_at


def test_erasing_before_the_mail_went_out_keeps_nobody_from_theirs():
    event = hall()
    party = make_rsvp(event, email=READER)
    rsvps.erase(party.pk, never_write=False, at=NOW)
    make_rsvp(event, email=READER)
    assert len(deliver_mail()) == 1


def test_a_new_date_does_not_begin_with_the_seats_of_those_who_were_purged():
    event = hall(2)
    make_rsvp(event, confirmed=True, party_size=2)
    Rsvp.objects.all().delete()
    start = slot_of(event).start + timedelta(days=60)
    moved = event_details(start=start, capacity=2)
    event_actions.edit_event(event, moved, by=None, at=NOW)
    event.refresh_from_db()
    assert (slot_of(event).seats_taken, event.full) == (0, False)


def test_a_party_larger_than_the_capacity_is_now_can_still_be_changed():
    event = hall(10)
    party = make_rsvp(event, confirmed=True, party_size=8)
    seats.set_capacity(slot_of(event), 5)
    changed = {"name": "Ana", "need": "", "neutral": False, "at": NOW}
    assert rsvps.change(party.pk, party_size=8, **changed)
    assert rsvps.change(party.pk, party_size=6, **changed)
    with pytest.raises(RsvpRefused):
        rsvps.change(party.pk, party_size=7, **changed)


def test_a_cancelled_or_erased_answer_can_not_be_confirmed():
    party, other = make_rsvp(hall(), email=READER), make_rsvp(hall(), email="other@example.org")
    rsvps.cancel(party.pk, at=NOW)
    rsvps.erase(other.pk, never_write=False, at=NOW)
    assert rsvps.confirm(party.pk, NOW) is None
    assert rsvps.confirm(other.pk, NOW) is None


def test_during_the_event_people_can_still_come():
    party = make_rsvp(open_event(), at=START + timedelta(hours=1))
    assert of(party).seats_held == 1


# --- Refused ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("details", "size", "at", "reason"),
    [
        ({}, 1, START + timedelta(hours=2), "closed"),
        ({"event_status": "cancelled"}, 1, NOW, "cancelled"),
        ({"event_status": "postponed"}, 1, NOW, "postponed"),
        ({"capacity": 5}, 6, NOW, "too_large"),
    ],
    ids=["over", "cancelled", "postponed", "too large"],
)
def test_refused_and_nothing_is_kept(details, size, at, reason):
    event = open_event(**details)
    with pytest.raises(RsvpRefused) as refused:
        say_coming(event, "one token", email=READER, size=size, at=at)
    assert refused.value.reason == reason
    for model in (Rsvp, Attendance, Mailbox, Message, SubmittedForm):
        assert not model.objects.exists()
    assert not AuditEntry.objects.filter(action="rsvp").exists()


# --- The same form twice -----------------------------------------------------------------------------
def test_the_same_form_twice_is_one_answer():
    event = hall()
    first = say_coming(event, "the token", email=READER)
    second = say_coming(event, "the token", email=READER)
    assert second == first
    assert Rsvp.objects.count() == 1
    assert slot_of(event).seats_pending == 1
    assert Message.objects.count() == 1
    assert say_coming(event, "another token", email=READER) != first


def test_the_same_form_after_erasing_makes_nothing_new():
    event = open_event()
    party = say_coming(event, "the token")
    rsvps.erase(party.pk, never_write=False, at=NOW)
    assert say_coming(event, "the token") is None
    assert not Rsvp.objects.exists()


# --- A remembered phone ------------------------------------------------------------------------------
def test_a_remembered_phone_needs_no_confirming():
    mailbox = make_rsvp(hall(title="First"), email=READER, confirmed=True).mailbox
    deliver_mail()
    party = say_coming(hall(), email="Reader@Example.org", remembered=mailbox)
    assert state(party) == "going"
    assert party.confirmed_at == NOW
    (mail,) = deliver_mail()
    assert mail.subject == "You are coming: Rally for a Labor Party"


def test_a_remembered_phone_answers_for_its_own_mailbox_only():
    mailbox = make_rsvp(hall(title="First"), email=READER, confirmed=True).mailbox
    party = say_coming(hall(), email="other@example.org", remembered=mailbox)
    assert state(party) == "pending"


def test_a_remembered_phone_and_a_full_hall():
    mailbox = make_rsvp(open_event(title="First"), email=READER, confirmed=True).mailbox
    deliver_mail()
    event = hall(1)
    make_rsvp(event, confirmed=True)
    party = say_coming(event, email=READER, remembered=mailbox)
    assert state(party) == "waitlisted"
    subjects = [mail.subject for mail in deliver_mail() if mail.to == [READER]]
    assert subjects == ["You are on the waiting list: Rally for a Labor Party"]


def test_a_remembered_phones_second_answer_joins_the_first():
    event = hall()
    first = make_rsvp(event, email=READER, confirmed=True)
    again = say_coming(event, email=READER, size=3, remembered=first.mailbox)
    assert again == first
    assert of(first).party_size == 3
    assert Rsvp.objects.count() == 1


# --- Two answers of one mailbox ------------------------------------------------------------------------
def both(event, first_size=1, second_size=1, **second) -> tuple[Rsvp, Rsvp]:
    """A confirmed answer and a later one of the same mailbox, not confirmed yet."""
    older = make_rsvp(event, email=READER, confirmed=True, party_size=first_size)
    newer = make_rsvp(event, email=READER, party_size=second_size, at=NOW + timedelta(hours=2), **second)
    return older, newer


@pytest.mark.parametrize(("first", "second"), [(1, 3), (3, 1), (2, 2)])
@pytest.mark.parametrize("make", [open_event, hall], ids=["open", "capacity"])
def test_the_larger_party_stays_and_the_older_answer(make, first, second):
    event = make()
    older, newer = both(event, first, second)
    kept = press_button(newer, at=NOW + timedelta(hours=2))
    assert kept == older
    assert not Rsvp.objects.filter(pk=newer.pk).exists()
    assert (of(older).party_size, of(older).seats_held) == (max(first, second),) * 2
    slot = slot_of(event)
    assert (slot.seats_taken, slot.seats_pending) == (max(first, second), 0)
    assert AuditEntry.objects.filter(action="merge_rsvp").count() == 1


def test_both_links_lead_to_the_older_one():
    older, newer = both(hall())
    newer_link = newer.mail_token
    confirmed = ground.confirm_by_button(
        Confirmation.objects.order_by("-made_at")[0], [(rsvps.ACT_KIND, newer.pk)], at=NOW
    )
    assert confirmed == [(newer.token, f"/rsvp/{older.mail_token}/")]
    assert MergedLink.objects.get(token_hash=links.token_hash(newer_link)).rsvp == older
    # The button once more, after the merge.
    assert rsvps.confirm(newer.pk, NOW) == older


def test_three_answers_end_as_one():
    event = hall()
    older, newer = both(event, 1, 2)
    third = make_rsvp(event, email=READER, party_size=3, at=NOW + timedelta(hours=4))
    tokens = [newer.mail_token, third.mail_token]
    for party in (third, newer):
        press_button(party, at=NOW + timedelta(hours=4))
    assert Rsvp.objects.get() == older
    assert of(older).party_size == 3
    mailed = {bytes(link.token_hash) for link in MergedLink.objects.filter(proves=True)}
    assert mailed == set(map(links.token_hash, tokens))
    assert all(link.rsvp == older for link in MergedLink.objects.all())


def test_merging_loses_no_words_and_stays_neutral():
    event = open_event()
    older = make_rsvp(event, email=READER, confirmed=True, need="a chair")
    newer = make_rsvp(event, email=READER, name="Ana", need="an interpreter", neutral=True)
    press_button(newer)
    older.refresh_from_db()
    assert (older.name, older.need, older.neutral) == ("Ana", "a chair\nan interpreter", True)


def test_merging_into_a_full_hall_keeps_the_seats_it_has():
    event = hall(3)
    older = make_rsvp(event, email=READER, confirmed=True)
    make_rsvp(event, confirmed=True, party_size=2)
    newer = make_rsvp(event, email=READER, party_size=3)
    press_button(newer)
    assert (of(older).seats_held, of(older).party_size) == (1, 3)
    assert of(older).waiting_since
    assert slot_of(event).seats_taken == 3


def test_after_cancelling_a_new_answer_stands_alone():
    event = open_event()
    older, newer = both(event)
    rsvps.cancel(older.pk, at=NOW)
    assert press_button(newer, at=NOW + timedelta(hours=2)) == newer


# --- ... neither confirmed: the last one is meant -------------------------------------------------------
def said_twice(event, first_size, second_size, **second) -> tuple[Rsvp, Rsvp]:
    """Two answers of one mailbox, a minute apart, nobody has confirmed any."""
    older = make_rsvp(event, email=READER, party_size=first_size, name="Ana", need="a chair")
    newer = make_rsvp(event, email=READER, party_size=second_size, at=NOW + timedelta(minutes=1), **second)
    return older, newer


@pytest.mark.parametrize(("first", "second"), [(1, 3), (3, 1), (2, 6)])
@pytest.mark.parametrize("make", [open_event, hall, secret_place])
def test_the_last_answer_takes_the_place_of_those_nobody_confirmed(make, first, second):
    event = make()
    older, newer = said_twice(event, first, second)
    kept = press_button(newer, at=NOW + timedelta(minutes=2))
    assert kept == newer == Rsvp.objects.get()
    assert (of(newer).party_size, of(newer).seats_held) == (second, second)
    races.assert_seats_add_up(slot_of(event))
    assert slot_of(event).seats_taken == second
    assert {bytes(link.token_hash): link.proves for link in MergedLink.objects.filter(rsvp=newer)} == {
        links.token_hash(older.mail_token): True,
        links.token_hash(older.token): False,
    }
    assert rsvps.confirm(older.pk, NOW) == newer


def test_the_last_answer_loses_no_words():
    _older, newer = said_twice(hall(), 1, 1, neutral=True)
    newer = press_button(newer, at=NOW + timedelta(minutes=2))
    assert (newer.name, newer.need, newer.neutral) == ("Ana", "a chair", True)


def test_the_first_answer_by_its_code_leaves_the_second_waiting():
    """The code confirms only what that browser did; who typed the second may be somebody else."""
    older, newer = said_twice(hall(), 2, 1)
    kept = press_button(older, at=NOW + timedelta(minutes=2), by_code=True)
    assert kept == older
    assert state(newer) == "pending"


def test_seats_of_the_first_answer_go_over_before_those_waiting():
    event = hall(10)
    make_rsvp(event, confirmed=True, party_size=8)
    older = make_rsvp(event, email=READER, party_size=2)  # holds the last two
    waiting = make_rsvp(event, confirmed=True)
    newer = make_rsvp(event, email=READER, party_size=3, at=NOW + timedelta(minutes=1))
    press_button(newer, at=NOW + timedelta(minutes=2))
    assert (of(newer).seats_held, state(waiting)) == (2, "waitlisted")
    assert of(newer).waiting_since
    races.assert_seats_add_up(slot_of(event))
    assert not Rsvp.objects.filter(pk=older.pk).exists()


def test_seats_the_last_answer_does_not_need_go_to_those_waiting():
    event = hall(10)
    make_rsvp(event, confirmed=True, party_size=8)
    said_twice(event, 2, 1)
    waiting = make_rsvp(event, confirmed=True)
    newest = Rsvp.objects.get(made_at=NOW + timedelta(minutes=1))
    press_button(newest, at=NOW + timedelta(minutes=2))
    assert (state(newest), state(waiting)) == ("going", "going")
    races.assert_seats_add_up(slot_of(event))


@pytest.mark.parametrize("make", [open_event, hall])
def test_the_last_answer_joins_one_that_is_confirmed(make):
    """Among confirmed ones the larger party stays, as ever; what nobody confirmed has no say."""
    event = make()
    first = make_rsvp(event, email=READER, confirmed=True, party_size=2)
    second = make_rsvp(event, email=READER, party_size=4, at=NOW + timedelta(hours=2))
    third = make_rsvp(event, email=READER, party_size=3, at=NOW + timedelta(hours=3))
    assert press_button(third, at=NOW + timedelta(hours=3)) == first == Rsvp.objects.get()
    assert of(first).party_size == 3
    races.assert_seats_add_up(slot_of(event))
    assert rsvps.confirm(second.pk, NOW) == first


def test_a_remembered_phones_answer_takes_the_place_too():
    proven = make_rsvp(open_event(title="Another"), email=READER, confirmed=True).mailbox
    event = hall(10)
    older = make_rsvp(event, email=READER, party_size=2)
    newer = make_rsvp(event, email=READER, remembered=proven, at=NOW + timedelta(minutes=1))
    assert Rsvp.objects.get(event=event) == newer
    assert rsvps.confirm(older.pk, NOW) == newer
    races.assert_seats_add_up(slot_of(event))


def test_answers_at_two_events_are_two():
    first = make_rsvp(open_event(), email=READER, confirmed=True)
    second = make_rsvp(open_event(), email=READER, confirmed=True)
    assert first != second
    assert first.mailbox == second.mailbox


# --- Changing ------------------------------------------------------------------------------------------
def test_changing_the_words():
    party = make_rsvp(open_event(), name="Ana", need="a chair")
    change(party, 1, name="Luz", need="", neutral=True)
    party.refresh_from_db()
    assert (party.name, party.need, party.neutral) == ("Luz", "", True)
    assert AuditEntry.objects.filter(action="change_rsvp").count() == 1


def test_more_people_where_there_is_room():
    event = hall(10)
    party = make_rsvp(event, confirmed=True, party_size=2)
    change(party, 5)
    assert (of(party).seats_held, of(party).waiting_since) == (5, None)
    assert slot_of(event).seats_taken == 5


def test_more_people_than_are_left_keeps_its_seats_and_waits_for_the_rest():
    event = hall(4)
    party = make_rsvp(event, confirmed=True, party_size=2)
    other = make_rsvp(event, confirmed=True, party_size=1)
    change(party, 4)
    assert (of(party).seats_held, of(party).party_size, of(party).waiting_since) == (2, 4, NOW)
    assert state(party) == "going"
    rsvps.cancel(other.pk, at=NOW)
    assert (of(party).seats_held, of(party).waiting_since) == (4, None)
    assert slot_of(event).seats_taken == 4


def test_fewer_people_give_their_seats_to_who_waits():
    event = hall(4)
    party = make_rsvp(event, confirmed=True, party_size=4)
    waiting = make_rsvp(event, email=READER, confirmed=True, party_size=2)
    deliver_mail()
    change(party, 2)
    assert state(waiting) == "going"
    assert [mail.to for mail in deliver_mail()] == [[READER]]
    assert slot_of(event).seats_taken == 4


def test_fewer_people_in_the_waiting_list_keep_their_place_in_it():
    event = hall(4)
    first = make_rsvp(event, confirmed=True, party_size=4)
    large = make_rsvp(event, confirmed=True, party_size=3)
    small = make_rsvp(event, confirmed=True, party_size=2, at=NOW + timedelta(minutes=1))
    change(large, 2, at=NOW + timedelta(minutes=2))
    change(first, 2, at=NOW + timedelta(minutes=3))
    assert (state(large), state(small)) == ("going", "waitlisted")


def test_back_to_the_seats_one_has_ends_the_waiting():
    event = hall(2)
    party = make_rsvp(event, confirmed=True)
    make_rsvp(event, confirmed=True)
    change(party, 2)
    assert of(party).waiting_since
    change(party, 1)
    assert (of(party).seats_held, of(party).waiting_since) == (1, None)


def test_more_people_than_the_hall_holds_changes_nothing_at_all():
    event = hall(4)
    party = make_rsvp(event, confirmed=True, name="Ana")
    with pytest.raises(RsvpRefused) as refused:
        change(party, 5, name="Luz")
    assert refused.value.reason == "too_large"
    party.refresh_from_db()
    assert (party.name, of(party).party_size) == ("Ana", 1)


def test_words_can_be_changed_when_the_number_can_not():
    event = open_event()
    party = make_rsvp(event, party_size=2)
    event_actions.cancel_event(event, by=None, at=NOW)
    change(party, 2, need="nothing")
    assert Rsvp.objects.get().need == "nothing"
    with pytest.raises(RsvpRefused):
        change(party, 3)


def test_a_cancelled_answer_is_not_changed():
    party = make_rsvp(open_event())
    rsvps.cancel(party.pk, at=NOW)
    assert change(party, 3) is None
    assert of(party).party_size == 1


# --- Taking it back --------------------------------------------------------------------------------------
def test_cancelling_seats_the_first_that_fits_and_tells_both():
    event = hall(2)
    party = make_rsvp(event, email=READER, confirmed=True, party_size=2)
    waiting = make_rsvp(event, email="next@example.org", confirmed=True)
    deliver_mail()
    rsvps.cancel(party.pk, at=NOW)
    assert state(party) == "cancelled"
    assert state(waiting) == "going"
    mails = {mail.to[0]: mail for mail in deliver_mail()}
    assert mails[READER].subject == "You cancelled: Rally for a Labor Party"
    assert "STATUS:CANCELLED" in mails[READER].attachments[0].get_payload(decode=True).decode()
    assert mails["next@example.org"].subject == "Your place is free: Rally for a Labor Party"
    assert slot_of(event).seats_taken == 1


def test_cancelling_twice_is_cancelling_once():
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    rsvps.cancel(party.pk, at=NOW)
    rsvps.cancel(party.pk, at=NOW + timedelta(hours=1))
    assert Rsvp.objects.get().cancelled_at == NOW
    assert Message.objects.filter(kind="events.cancelled_by_you").count() == 1
    assert AuditEntry.objects.filter(action="cancel_rsvp").count() == 1


def test_cancelling_an_unproven_answer_mails_nobody():
    event = hall()
    party = make_rsvp(event, email=READER)
    rsvps.cancel(party.pk, at=NOW)
    assert deliver_mail() == []
    assert Message.objects.get().reason == "withdrawn before it was sent"
    assert slot_of(event).seats_pending == 0


def test_no_reminder_after_cancelling():
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    rsvps.cancel(party.pk, at=NOW)
    assert party.pk not in Attendance.objects.told_of_changes().values_list("rsvp_id", flat=True)


# --- Being forgotten -------------------------------------------------------------------------------------
def test_erasing_leaves_no_row_no_link_and_no_mailbox():
    event = hall()
    party = make_rsvp(event, email=READER, confirmed=True, name="Ana", need="a chair")
    rsvps.erase(party.pk, never_write=False, at=NOW)
    for model in (Rsvp, Attendance, Mailbox, Confirmation, Block):
        assert not model.objects.exists()
    message = Message.objects.get()
    assert (message.state, message.mailbox, message.about_id) == (Message.State.SKIPPED, None, None)
    assert deliver_mail() == []
    assert slot_of(event).seats_taken == 0
    assert AuditEntry.objects.filter(action="erase_rsvp", object_id=event.pk).count() == 1
    rsvps.erase(party.pk, never_write=False, at=NOW)  # once more, by an old page


def test_erasing_gives_the_seats_to_who_waits():
    event = hall(1)
    party = make_rsvp(event, email=READER, confirmed=True)
    waiting = make_rsvp(event, confirmed=True)
    rsvps.erase(party.pk, never_write=False, at=NOW)
    assert state(waiting) == "going"


def test_erasing_after_cancelling_moves_no_seats():
    event = hall(1)
    party = make_rsvp(event, confirmed=True)
    rsvps.cancel(party.pk, at=NOW)
    make_rsvp(event, confirmed=True)
    rsvps.erase(party.pk, never_write=False, at=NOW)
    assert slot_of(event).seats_taken == 1


def test_erasing_one_answer_keeps_the_mailbox_of_another():
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    other = make_rsvp(open_event(title="Other"), email=READER, confirmed=True)
    rsvps.erase(party.pk, never_write=False, at=NOW)
    assert Rsvp.objects.get() == other
    assert other.mailbox.address == READER
    assert not Block.objects.exists()


def test_erasing_takes_the_links_of_merged_answers_along():
    older, newer = both(open_event())
    press_button(newer, at=NOW + timedelta(hours=2))
    rsvps.erase(older.pk, never_write=False, at=NOW)
    assert not MergedLink.objects.exists()


def test_erasing_with_never_again_leaves_a_keyed_mark():
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    rsvps.erase(party.pk, never_write=True, at=NOW)
    assert Block.objects.count() == 1
    assert not Mailbox.objects.exists()


def test_nobody_can_block_a_mailbox_they_did_not_prove():
    party = make_rsvp(open_event(), email=READER)
    rsvps.erase(party.pk, never_write=True, at=NOW)
    assert not Block.objects.exists()


def test_what_was_sent_before_erasing_forgets_its_person():
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    make_rsvp(open_event(title="Other"), email=READER, confirmed=True)  # the mailbox stays
    event_actions.cancel_event(party.event, by=None, at=NOW)
    deliver_mail()
    rsvps.erase(party.pk, never_write=False, at=NOW)
    told = Message.objects.get(kind="events.changed")
    assert (told.state, told.mailbox, told.about_id) == (Message.State.SENT, None, None)


def test_a_mail_goes_on_covering_what_joined_it_when_its_own_act_is_erased():
    """Two answers within the hour share one mail; the first is erased before that went out."""
    first = make_rsvp(open_event(title="First"), email=READER)
    second = make_rsvp(open_event(title="Second"), email=READER)
    rsvps.erase(first.pk, never_write=False, at=NOW)
    (mail,) = deliver_mail()
    assert mail.subject == "Please confirm: Second"
    assert any("/confirm/" in address for address in links_in(mail))
    assert Confirmation.objects.get().act_id == second.pk  # the one that is ticked on its page


def test_after_erasing_the_remembered_phone_is_nobodys():
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    cookie = contact.remember_cookie(party.mailbox)
    assert contact.remembered_mailbox(cookie) == party.mailbox
    rsvps.erase(party.pk, never_write=False, at=NOW)
    assert contact.remembered_mailbox(cookie) is None
    make_rsvp(open_event(), email=READER, confirmed=True)
    assert contact.remembered_mailbox(cookie) is None


# --- The audit log names nobody ------------------------------------------------------------------------
def test_visitors_leave_counts_and_no_names():
    event = hall()
    party = make_rsvp(event, email=READER, confirmed=True, name="Ana", party_size=3)
    change(party, 4)
    rsvps.cancel(party.pk, at=NOW)
    rsvps.erase(party.pk, never_write=False, at=NOW)
    mine = AuditEntry.objects.filter(action__endswith="rsvp").order_by("action")
    assert [entry.action for entry in mine] == [
        "cancel_rsvp",
        "change_rsvp",
        "confirm_rsvp",
        "erase_rsvp",
        "rsvp",
    ]
    assert {entry.object_id for entry in mine} == {event.pk}
    assert {entry.actor for entry in mine} == {None}
    assert all(entry.changes == {} and not entry.reason for entry in mine)


# --- A changed address -----------------------------------------------------------------------------
def test_two_rsvps_of_one_account_become_the_new_address_s():
    """Else the old one would outlive the account, with its address."""
    event, at = make_event(capacity=3), NOW
    make_rsvp(event, email="old@relay.example", confirmed=True, party_size=2)
    kept = make_rsvp(event, email="new@relay.example", confirmed=True)
    elsewhere = make_rsvp(make_event(), email="old@relay.example", confirmed=True)
    accounts.follow_address("old@relay.example", "new@relay.example", at=at)
    assert set(Rsvp.objects.all()) == {kept, elsewhere}
    assert slot_of(event).seats_taken == 1
    assert Mailbox.objects.get().address == "new@relay.example"
    accounts.erase_account(make_user("new@relay.example"), at=at)
    assert not Rsvp.objects.exists()
    assert not Mailbox.objects.exists()
