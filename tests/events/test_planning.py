"""Planning and sending reminders: who gets one, who doesn't, and what happens in between."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outgoing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.actions import events as event_actions
from events.actions import reminders as planner
from events.actions import rsvps
from events.models import Attendance, Rsvp, Timeslot
from events.reminders import DAY_BEFORE, SAME_DAY, WAITING
from hub import actions as ground
from hub import delivery, links, ticking
from hub.models import Block, Confirmation, Mailbox, Message, address_digest, bucket_digest
from hub.personal import PERSON_ON_MESSAGE, purge_all
from tests.factories import deliver_mail, event_details, links_in, make_event, make_rsvp, press_button

pytestmark = pytest.mark.django_db

# Two in the afternoon on the Fourth of July in New York (UTC-4).
START = datetime(2026, 7, 4, 18, tzinfo=UTC)
DAY_BEFORE_AT = datetime(2026, 7, 3, 15, tzinfo=UTC)
SAME_DAY_AT = datetime(2026, 7, 4, 12, tzinfo=UTC)
WAITING_AT = datetime(2026, 7, 3, 22, tzinfo=UTC)
EARLY = START - timedelta(days=4)
READER = "reader@example.org"
REMINDERS = Message.objects.filter(kind__startswith="events.reminder_")


@pytest.fixture(autouse=True)
def _early(time_machine):
    """Four days before the start, with every mail of the preparations out of the way."""
    time_machine.move_to(EARLY, tick=False)


def event_at(start=START, zone="America/New_York", **details):
    return make_event(start=start, zone=zone, **details)


def coming(event, email=READER, **details) -> Rsvp:
    return make_rsvp(event, email=email, confirmed=True, **details)


def at(time_machine, moment) -> list:
    """The mails that go out in one tick at this moment."""
    time_machine.move_to(moment, tick=False)
    return deliver_mail()


# --- Who gets one ------------------------------------------------------------------------------
def test_only_confirmed_parties_with_an_address_are_reminded(time_machine):
    event = event_at()
    coming(event)
    make_rsvp(event, email="typed@example.org")
    make_rsvp(event)
    deliver_mail()
    assert [mail.to for mail in at(time_machine, DAY_BEFORE_AT)] == [[READER]]
    assert [mail.to for mail in at(time_machine, SAME_DAY_AT)] == [[READER]]


def test_a_pending_party_with_a_hold_is_not_reminded(time_machine):
    event = event_at(capacity=20)
    time_machine.move_to(DAY_BEFORE_AT - timedelta(minutes=10), tick=False)
    held = make_rsvp(event, email=READER)
    assert Attendance.objects.get(rsvp=held).seats_held == 1
    deliver_mail()
    assert at(time_machine, DAY_BEFORE_AT) == []


def test_everybody_gets_a_mail_of_their_own(time_machine):
    event = event_at()
    for number in range(3):
        coming(event, email=f"reader-{number}@example.org")
    deliver_mail()
    mails = at(time_machine, DAY_BEFORE_AT)
    assert sorted(mail.to[0] for mail in mails) == [f"reader-{n}@example.org" for n in range(3)]
    assert all(len(mail.recipients()) == 1 for mail in mails)
    assert len({links_in(mail)[0] for mail in mails}) == 3


def test_who_waits_is_told_at_six_and_who_is_seated_is_not(time_machine):
    event = event_at(capacity=1)
    coming(event, email="seated@example.org")
    coming(event)
    deliver_mail()
    assert [mail.to for mail in at(time_machine, DAY_BEFORE_AT)] == [["seated@example.org"]]
    (mail,) = at(time_machine, WAITING_AT)
    assert mail.to == [READER]
    assert mail.subject == "Still on the waiting list: Rally for a Labor Party"
    assert "Places are given out until three hours before the start" in mail.body


def test_a_party_with_some_of_its_seats_is_going(time_machine):
    event = event_at(capacity=2)
    party = coming(event)
    coming(event, email="other@example.org")
    rsvps.change(party.pk, party_size=2, name="", need="", neutral=False, at=EARLY)
    attendance = Attendance.objects.get(rsvp=party)
    assert (attendance.seats_held, attendance.party_size) == (1, 2)
    assert attendance.waiting_since
    deliver_mail()
    assert sorted(mail.to[0] for mail in at(time_machine, DAY_BEFORE_AT)) == ["other@example.org", READER]
    assert at(time_machine, WAITING_AT) == []
    assert not REMINDERS.filter(kind=WAITING).exists()  # not even planned


def test_nothing_is_planned_once_it_has_begun(time_machine):
    coming(event_at())
    deliver_mail()
    assert at(time_machine, START) == []
    assert not REMINDERS.exists()
    assert Timeslot.objects.get().next_reminder_at is None


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_nothing_for_an_event_that_does_not_take_place(state, time_machine):
    event = event_at()
    coming(event)
    getattr(event_actions, {"cancelled": "cancel_event", "postponed": "postpone_event"}[state])(
        event, by=None, at=EARLY
    )
    deliver_mail()
    for moment in (DAY_BEFORE_AT, WAITING_AT, SAME_DAY_AT, START):
        assert at(time_machine, moment) == []
    assert not REMINDERS.exists()


def test_reminders_go_in_the_readers_language(time_machine):
    event = event_at()
    coming(event, email="lectora@example.org", language="es")
    coming(event)
    deliver_mail()
    mails = {mail.to[0]: mail for mail in at(time_machine, DAY_BEFORE_AT)}
    spanish, english = mails["lectora@example.org"], mails[READER]
    assert spanish.extra_headers["Content-Language"] == "es"
    assert "sábado 4 de julio de 2026, 14:00 a 16:00 EDT" in spanish.body
    assert any("/es/rsvp/" in address for address in links_in(spanish))
    assert english.extra_headers["Content-Language"] == "en"
    assert "Saturday, July 4, 2026, 2:00 PM to 4:00 PM EDT" in english.body


# --- Between planning and sending ----------------------------------------------------------------
def move_away(event, party, time_machine):
    details = event_details(start=START + timedelta(days=7), zone="America/New_York")
    event_actions.edit_event(event, details, by=None, at=DAY_BEFORE_AT)


BETWEEN = {
    "the party cancels": (
        lambda event, party, clock: rsvps.cancel(party.pk, at=DAY_BEFORE_AT),
        "cancelled since",
    ),
    "the party erases itself": (
        lambda event, party, clock: rsvps.erase(party.pk, never_write=False, at=DAY_BEFORE_AT),
        "erased",
    ),
    "the event is cancelled": (
        lambda event, party, clock: event_actions.cancel_event(event, by=None, at=DAY_BEFORE_AT),
        "not taking place",
    ),
    "the event is postponed": (
        lambda event, party, clock: event_actions.postpone_event(event, by=None, at=DAY_BEFORE_AT),
        "not taking place",
    ),
    "the event is unpublished": (
        lambda event, party, clock: event_actions.unpublish_event(event, by=None, at=DAY_BEFORE_AT),
        "not taking place",
    ),
    "the event is moved": (move_away, "moved since"),
    "it has begun": (lambda event, party, clock: clock.move_to(START, tick=False), "already started"),
    "the reader says never again": (
        lambda event, party, clock: ground.block(party.mailbox, at=DAY_BEFORE_AT),
        "asked not to be written to",
    ),
}


@pytest.mark.parametrize("between", BETWEEN)
def test_what_changes_between_planning_and_sending_stops_a_reminder(between, time_machine):
    act, reason = BETWEEN[between]
    event = event_at()
    party = coming(event)
    deliver_mail()
    outgoing.outbox.clear()
    time_machine.move_to(DAY_BEFORE_AT, tick=False)
    batches = ticking.tick(DAY_BEFORE_AT)
    assert sum(map(len, batches)) == 1
    act(event, party, time_machine)
    for batch in batches:
        delivery.deliver(batch)
    assert outgoing.outbox == []
    reminder = REMINDERS.get()
    assert (reminder.state, reminder.reason) == (Message.State.SKIPPED, reason)


def test_who_is_seated_between_planning_and_sending_is_not_told_to_wait(time_machine):
    event = event_at(capacity=1)
    other = coming(event, email="seated@example.org")
    coming(event)
    deliver_mail()
    time_machine.move_to(WAITING_AT, tick=False)
    batches = ticking.tick(WAITING_AT)
    rsvps.cancel(other.pk, at=WAITING_AT)
    for batch in batches:
        delivery.deliver(batch)
    assert REMINDERS.get(kind=WAITING).reason == "seated since"


# --- One mail for one hour -----------------------------------------------------------------------
def two_events(first_zone, second_zone, first=START, second=START):
    """Two events of one reader, with the reader's attendances."""
    events = [event_at(first, first_zone, title="March"), event_at(second, second_zone, title="Forum")]
    parties = [coming(event) for event in events]
    deliver_mail()
    outgoing.outbox.clear()
    return [Attendance.objects.get(rsvp=party) for party in parties]


def test_two_reminders_within_the_hour_go_as_one_mail_that_names_both(time_machine):
    # Eleven o'clock of the day before in New York, and an hour later in Chicago.
    march, forum = two_events("America/New_York", "America/Chicago", second=START + timedelta(hours=1))
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    assert mail.subject == "Reminder: 2 events"
    assert "March" in mail.body
    assert "Forum" in mail.body
    own = [address for address in links_in(mail) if "/rsvp/" in address]
    assert own == [links.site_url(f"/rsvp/{row.rsvp.mail_token}/") for row in (march, forum)]

    sent, along = REMINDERS.get(about_id=march.pk), REMINDERS.get(about_id=forum.pk)
    assert (sent.state, sent.sent_with) == (Message.State.SENT, None)
    assert (along.state, along.sent_with) == (Message.State.SENT, sent)
    assert along.state_at == DAY_BEFORE_AT

    assert at(time_machine, DAY_BEFORE_AT + timedelta(hours=1)) == []
    assert at(time_machine, DAY_BEFORE_AT + timedelta(hours=2)) == []
    assert REMINDERS.filter(kind=DAY_BEFORE).count() == 2


def test_reminders_more_than_an_hour_apart_go_alone(time_machine):
    # St John's is an hour and a half ahead of New York.
    two_events("America/St_Johns", "America/New_York", first=START - timedelta(minutes=90))
    (first,) = at(time_machine, DAY_BEFORE_AT - timedelta(minutes=90))
    (second,) = at(time_machine, DAY_BEFORE_AT)
    assert [first.subject, second.subject] == ["Tomorrow: March", "Tomorrow: Forum"]
    assert not REMINDERS.exclude(sent_with=None).exists()


def test_reminders_of_different_kinds_go_together(time_machine):
    # Eleven in New York, the day before; eight in Los Angeles, the same day.
    two_events("America/New_York", "America/Los_Angeles", second=datetime(2026, 7, 3, 21, tzinfo=UTC))
    at(time_machine, datetime(2026, 7, 2, 18, tzinfo=UTC))
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    assert mail.subject == "Reminder: 2 events"
    today, tomorrow = mail.body.index("You are coming today:"), mail.body.index("You are coming tomorrow:")
    assert today < mail.body.index("Forum") < tomorrow < mail.body.index("March")


def test_seats_and_waiting_lists_go_together_too(time_machine):
    full = event_at(title="Full hall", capacity=1)
    coming(full, email="seated@example.org")
    coming(full)
    coming(event_at(datetime(2026, 7, 4, 13, tzinfo=UTC), title="Breakfast"))
    deliver_mail()
    mails = [mail for mail in at(time_machine, WAITING_AT) if mail.to == [READER]]
    assert [mail.subject for mail in mails] == ["Reminder: 2 events"]
    assert "still on the waiting list" in mails[0].body
    assert at(time_machine, WAITING_AT + timedelta(hours=1)) == []


def test_only_ones_own_events_are_in_the_mail(time_machine):
    two_events("America/New_York", "America/New_York")
    coming(event_at(title="Somebody else's"), email="other@example.org")
    deliver_mail()
    mails = {mail.to[0]: mail for mail in at(time_machine, DAY_BEFORE_AT)}
    assert "Somebody else's" not in mails[READER].body
    assert mails["other@example.org"].subject == "Tomorrow: Somebody else's"


@pytest.mark.parametrize("gone", [0, 1])
def test_of_two_reminders_the_one_no_longer_wanted_is_left_out(gone, time_machine):
    attendances = two_events("America/New_York", "America/New_York")
    time_machine.move_to(DAY_BEFORE_AT, tick=False)
    batches = ticking.tick(DAY_BEFORE_AT)
    rsvps.cancel(attendances[gone].rsvp_id, at=DAY_BEFORE_AT)
    for batch in batches:
        delivery.deliver(batch)
    (mail,) = outgoing.outbox
    assert mail.subject == f"Tomorrow: {['March', 'Forum'][1 - gone]}"
    left_out = REMINDERS.get(about_id=attendances[gone].pk)
    assert (left_out.state, left_out.reason) == (Message.State.SKIPPED, "cancelled since")
    assert REMINDERS.get(about_id=attendances[1 - gone].pk).state == Message.State.SENT


def test_one_neutral_answer_makes_the_shared_mail_neutral(time_machine):
    coming(event_at(title="March"))
    coming(event_at(title="Forum"), neutral=True)
    deliver_mail()
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    assert mail.subject == "Reminder"
    assert "March" not in mail.body
    assert "Forum" not in mail.body
    assert len([address for address in links_in(mail) if "/rsvp/" in address]) == 2


# --- Never twice ---------------------------------------------------------------------------------
def test_a_round_planned_again_sends_nothing_again(time_machine):
    event = event_at()
    coming(event)
    deliver_mail()
    assert len(at(time_machine, DAY_BEFORE_AT)) == 1
    Timeslot.objects.update(next_reminder_at=DAY_BEFORE_AT)
    assert at(time_machine, DAY_BEFORE_AT + timedelta(minutes=1)) == []
    assert REMINDERS.count() == 1


def test_a_round_planned_again_after_the_person_was_forgotten_sends_nothing_again(time_machine):
    start = START + timedelta(days=3)
    coming(event_at(start))
    deliver_mail()
    moment = DAY_BEFORE_AT + timedelta(days=3)
    assert len(at(time_machine, moment)) == 1
    # As if the planner's own mark were lost, after the outbox has forgotten whom it wrote to.
    Message.objects.update(mailbox=None, about_id=None)
    Timeslot.objects.update(next_reminder_at=moment)
    assert at(time_machine, moment + timedelta(hours=1)) == []


def test_the_outbox_forgets_the_person_two_days_after(time_machine):
    event = event_at(START + timedelta(days=30))
    coming(event)
    coming(event_at(title="Soon"))
    deliver_mail()
    at(time_machine, DAY_BEFORE_AT)
    row = REMINDERS.get()
    purge_all(DAY_BEFORE_AT + PERSON_ON_MESSAGE - timedelta(seconds=1))
    row.refresh_from_db()
    assert row.mailbox is not None
    assert row.about_id is not None
    purge_all(DAY_BEFORE_AT + PERSON_ON_MESSAGE + timedelta(seconds=1))
    row.refresh_from_db()
    assert (row.mailbox, row.about_id) == (None, None)
    assert row.state == Message.State.SENT
    assert bytes(row.key)


# --- Never write again ---------------------------------------------------------------------------
def never_again(event) -> None:
    """The reader erases an answer and asks never to be written to again."""
    rsvps.erase(coming(event).pk, never_write=True, at=EARLY)


def test_never_write_again_stops_reminders_and_lets_a_confirmation_through(time_machine):
    other, event = event_at(title="Other"), event_at()
    party = coming(event)
    never_again(other)
    deliver_mail()
    assert at(time_machine, DAY_BEFORE_AT) == []
    assert REMINDERS.get().reason == "asked not to be written to"

    again = event_at(START + timedelta(days=1), title="A third")
    make_rsvp(again, email=READER, at=DAY_BEFORE_AT)
    (mail,) = deliver_mail()
    assert mail.subject == "Please confirm: A third"
    assert Block.objects.count() == 1
    assert party.mailbox.messages.filter(kind="hub.confirmation").exists()


def test_changes_and_answers_pass_a_block(time_machine):
    event = event_at()
    coming(event)
    never_again(event_at(title="Other"))
    deliver_mail()
    outgoing.outbox.clear()
    event_actions.cancel_event(event, by=None, at=EARLY)
    assert [mail.subject for mail in deliver_mail()] == ["Cancelled: Rally for a Labor Party"]


def test_confirming_again_lifts_the_block(time_machine):
    never_again(event_at(title="Other"))
    event = event_at()
    assert Block.objects.count() == 1
    coming(event)
    assert Block.objects.count() == 0
    deliver_mail()
    assert [mail.subject for mail in at(time_machine, DAY_BEFORE_AT)] == ["Tomorrow: Rally for a Labor Party"]


def test_saying_it_was_not_me_leaves_the_block(time_machine):
    never_again(event_at(title="Other"))
    party = make_rsvp(event_at(), email=READER)
    confirmation = Confirmation.objects.get(mailbox=party.mailbox, act_id=party.pk)
    ground.confirm_by_button(confirmation, [], at=EARLY)
    assert Block.objects.count() == 1


def test_the_block_holds_no_address_and_outlives_the_mailbox():
    never_again(event_at())
    assert not Mailbox.objects.exists()
    assert bytes(Block.objects.get().address_digest) == address_digest(READER)


# --- Size ------------------------------------------------------------------------------------------
def crowd(event, people: int) -> None:
    """Many confirmed parties, put straight into the tables: what is counted here is the planning."""
    slot = Timeslot.objects.get(event=event)
    mailboxes = [
        Mailbox(
            address=address,
            address_digest=address_digest(address),
            bucket_digest=bucket_digest(address),
            created_at=EARLY,
            confirmed_at=EARLY,
        )
        for address in (f"crowd-{number}@example.org" for number in range(people))
    ]
    parties = []
    for mailbox in mailboxes:
        party = Rsvp(
            event=event, mailbox=mailbox, language="en", made_at=EARLY, counted_at=EARLY, confirmed_at=EARLY
        )
        party.link_hash, party.mail_link_hash = (
            links.token_hash(party.token),
            links.token_hash(party.mail_token),
        )
        parties.append(party)
    Mailbox.objects.bulk_create(mailboxes)
    Rsvp.objects.bulk_create(parties)
    Attendance.objects.bulk_create(
        Attendance(rsvp=party, timeslot=slot, party_size=1, seats_held=1, seated_at=EARLY)
        for party in parties
    )


def planning_queries(people: int) -> int:
    """How many queries the planner needs for one event with that many parties."""
    crowd(event_at(), people)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        planner.plan_due(DAY_BEFORE_AT)
    assert REMINDERS.count() == people
    return len(queries)


def test_planning_takes_a_constant_number_of_queries_per_thousand(time_machine):
    one = planning_queries(999)
    Message.objects.all().delete()
    Rsvp.objects.all().delete()
    Mailbox.objects.all().delete()
    Timeslot.objects.update(next_reminder_at=None)
    two = planning_queries(1999)
    assert one <= 25  # SQLite takes no more than 999 values in one statement
    assert two <= 2 * one


def test_claiming_what_is_due_does_not_look_at_each_row(time_machine):
    crowd(event_at(), delivery.AHEAD)
    planner.plan_due(DAY_BEFORE_AT)
    with CaptureQueriesContext(connection) as queries:
        batches = delivery.claim_due(DAY_BEFORE_AT)
    assert sum(map(len, batches)) == delivery.AHEAD
    assert max(map(len, batches)) <= delivery.BATCH
    assert len(queries) <= 3 + 5 * len(batches)  # one of them asks whether mail is held


def test_one_party_that_confirms_twice_is_reminded_once(time_machine):
    event = event_at()
    coming(event)
    second = make_rsvp(event, email=READER, party_size=2)
    press_button(second)
    deliver_mail()
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    assert "2 people" in mail.body
    assert REMINDERS.filter(kind=DAY_BEFORE).count() == 1
    assert not REMINDERS.filter(kind=SAME_DAY).exists()


def test_between_two_mails_there_is_one_commit_and_nothing_is_asked_twice(time_machine):
    """Each mail costs its event's rows, the last one's end and its own beginning in one transaction."""
    crowd(event_at(), 16)
    planner.plan_due(DAY_BEFORE_AT)
    (batch,) = delivery.claim_due(DAY_BEFORE_AT)
    asked = []
    for part in (batch[:4], batch[4:]):
        with CaptureQueriesContext(connection) as queries:
            assert delivery.deliver(part)
        asked.append(Counter(query["sql"].split()[0] for query in queries))
    assert REMINDERS.filter(state=Message.State.SENT).count() == 16
    few, many = asked
    assert {word: (many[word] - few[word]) / 8 for word in many} == {
        "SAVEPOINT": 1,
        "UPDATE": 2,
        "RELEASE": 1,
        "SELECT": 1,
    }
    assert sum(few.values()) <= 5 * 4 + 5
