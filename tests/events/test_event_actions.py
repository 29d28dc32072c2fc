"""What an operator does with an event: every act, its audit entry, and what it must not do."""

from datetime import UTC, date, datetime, timedelta

import pytest

from events.actions import events as actions
from events.actions import seats
from events.actions.events import EventRefused
from events.models import Event, Timeslot
from hub import ticking
from hub.models import AuditEntry
from hub.slugs import SLUG_ALPHABET, SLUG_TAIL
from tests.factories import event_details, make_admin, make_event, slot_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 20, 16, tzinfo=UTC)
START = datetime(2026, 7, 5, 3, tzinfo=UTC)  # still July 4 in San Francisco
AFTER = START + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def entries(action="") -> list[AuditEntry]:
    found = AuditEntry.objects.order_by("at", "pk")
    return list(found.filter(action=action) if action else found)


# --- Create ------------------------------------------------------------------------------------
def test_create_makes_a_draft_with_one_timeslot():
    admin = make_admin()
    event = actions.create_event(event_details(start=START, capacity=12), by=admin, at=NOW)
    event.refresh_from_db()
    assert (event.status, event.published_at, event.event_status) == ("draft", None, "scheduled")
    slot = slot_of(event)
    assert (slot.start, slot.end) == (START, START + timedelta(hours=2))
    assert (slot.capacity, slot.seat_limit, slot.seats_taken, slot.seats_pending) == (12, 12, 0, 0)
    assert (event.next_start, event.next_end) == (slot.start, slot.end)
    assert event.next_date == date(2026, 7, 4)
    (entry,) = entries("create_event")
    assert (entry.actor, entry.object_kind, entry.object_id, entry.at) == (
        admin,
        "events.Event",
        event.pk,
        NOW,
    )


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Rally for a Labor Party", "rally-for-a-labor-party"),
        ("¡Huelga ya! Año 2026", "huelga-ya-ano-2026"),
        ("労働党", "event"),
        ("x" * 120, "x" * 60),
        ("a" * 59 + " b", "a" * 59),
    ],
    ids=["plain", "accents", "no Latin letter", "long", "cut at a space"],
)
def test_a_slug_is_the_title_and_five_characters_nobody_misreads(title, words):
    slug = make_event(title=title, published=False).slug
    assert slug.startswith(f"{words}-")
    tail = slug.removeprefix(f"{words}-")
    assert len(tail) == SLUG_TAIL
    assert set(tail) <= set(SLUG_ALPHABET)
    assert not set("01ilo") & set(SLUG_ALPHABET)


def test_equal_titles_have_different_slugs():
    assert len({make_event(published=False).slug for _event in range(20)}) == 20


def test_a_hidden_place_stands_sealed_and_nowhere_else():
    event = make_event(reveal="confirmed", venue="Secret Hall", street="7 Back Lane", published=False)
    event.refresh_from_db()
    assert (event.venue, event.street, event.postal_code) == ("", "", "")
    assert event.hidden_place == "Secret Hall\n7 Back Lane"
    assert event.public_place == ["San Francisco, CA"]
    assert event.full_place == ["Secret Hall", "7 Back Lane", "San Francisco, CA"]
    assert b"Secret" not in bytes(Event.objects.values_list("hidden_place", flat=True).get())


def test_a_public_place_is_not_sealed():
    event = make_event(published=False)
    assert event.hidden_place == ""
    assert event.public_place == ["Civic Center Plaza", "355 McAllister Street", "San Francisco, CA 94102"]
    assert event.full_place == event.public_place


# --- Edit --------------------------------------------------------------------------------------
def edit(event, **details) -> Event:
    return actions.edit_event(event, event_details(**{"start": START, **details}), by=None, at=NOW)


def test_the_address_follows_a_drafts_title_and_stays_once_published():
    event = make_event(start=START, published=False, title="First")
    edit(event, title="Second")
    assert event.slug.startswith("second-")
    slug = event.slug
    edit(event, title="Second", description="Another text")
    assert event.slug == slug
    actions.publish_event(event, by=None, at=NOW)
    actions.unpublish_event(event, by=None, at=NOW)
    edit(event, title="Third")
    assert Event.objects.get().slug == slug


def test_an_edit_moves_what_depends_on_the_start():
    event = make_event(start=START)
    before = slot_of(event).next_reminder_at
    edit(event, start=START + timedelta(days=7))
    event.refresh_from_db()
    assert event.next_start == START + timedelta(days=7)
    assert event.next_date == date(2026, 7, 11)
    assert slot_of(event).next_reminder_at == before + timedelta(days=7)


def test_another_zone_moves_the_date():
    event = make_event(start=START)
    edit(event, zone="Asia/Tokyo")
    event.refresh_from_db()
    assert event.next_start == START
    assert event.next_date == date(2026, 7, 5)


def test_the_audit_entry_of_an_edit_quotes_public_facts_only():
    hidden = {"reveal": "confirmed", "venue": "Secret Hall", "online": True}
    event = make_event(start=START, **hidden, online_link="https://meet.example.org/old")
    edit(
        event,
        **{**hidden, "venue": "Other Secret Hall"},
        title="New title",
        start=START + timedelta(hours=1),
        online_link="https://meet.example.org/new",
    )
    (entry,) = entries("edit_event")
    assert entry.changes == {
        "title": ["Rally for a Labor Party", "New title"],
        "start": [START.isoformat(), (START + timedelta(hours=1)).isoformat()],
    }


def test_hiding_a_place_takes_it_off_every_public_column():
    event = make_event(start=START)
    edit(event, reveal="confirmed")
    event.refresh_from_db()
    assert (event.venue, event.street, event.postal_code) == ("", "", "")
    assert event.hidden_place == "Civic Center Plaza\n355 McAllister Street"


def test_every_change_raises_the_sequence():
    event = make_event(start=START)
    numbers = [event.sequence]
    numbers.append(edit(event, title="New").sequence)
    for act in (actions.postpone_event, actions.cancel_event, actions.restore_event):
        event = act(event, by=None, at=NOW)
        numbers.append(event.sequence)
    assert numbers == sorted(set(numbers))
    assert actions.restore_event(event, by=None, at=NOW).sequence == numbers[-1]  # nothing happened


# --- Publish, unpublish, delete ------------------------------------------------------------------
def test_publishing_and_taking_off_again():
    admin = make_admin()
    event = make_event(start=START, published=False)
    event = actions.publish_event(event, by=admin, at=NOW)
    assert (event.status, event.published_at) == ("published", NOW)
    event = actions.unpublish_event(event, by=admin, at=NOW + timedelta(hours=1))
    assert (event.status, event.published_at) == ("draft", NOW)
    event = actions.publish_event(event, by=admin, at=NOW + timedelta(hours=2))
    assert event.published_at == NOW
    acts = [entry.action for entry in entries() if entry.actor == admin]
    assert acts == ["publish_event", "unpublish_event", "publish_event"]


def test_a_draft_can_be_deleted():
    event = make_event(published=False)
    actions.delete_draft(event, by=None, at=NOW)
    assert not Event.objects.exists()
    assert not Timeslot.objects.exists()
    assert entries("delete_draft")


def test_what_was_ever_published_can_not():
    event = make_event()
    actions.unpublish_event(event, by=None, at=NOW)
    with pytest.raises(EventRefused) as refused:
        actions.delete_draft(event, by=None, at=NOW)
    assert refused.value.reason == "published"
    assert Event.objects.exists()
    assert not entries("delete_draft")


# --- Called off ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("act", "status"),
    [("postpone", "postponed"), ("cancel", "cancelled")],
)
def test_called_off_and_on_after_all(act, status):
    admin = make_admin()
    event = make_event(start=START)
    event = getattr(actions, f"{act}_event")(event, by=admin, at=NOW)
    assert Event.objects.get().event_status == status
    (entry,) = entries(f"{status}_event")
    assert (entry.actor, entry.changes) == (admin, {"event_status": ["scheduled", status]})
    event = actions.restore_event(event, by=admin, at=NOW)
    assert Event.objects.get().event_status == "scheduled"
    (entry,) = entries("restored_event")
    assert entry.changes == {"event_status": [status, "scheduled"]}


@pytest.mark.parametrize("act", ["publish", "postpone", "cancel"])
def test_what_is_over_is_left_alone(act):
    event = make_event(start=START, published=act != "publish")
    with pytest.raises(EventRefused) as refused:
        getattr(actions, f"{act}_event")(event, by=None, at=AFTER)
    assert refused.value.reason == "over"
    assert Event.objects.get().event_status == "scheduled"


def test_a_cancelled_one_that_is_over_stays_cancelled():
    event = make_event(start=START, event_status="cancelled")
    with pytest.raises(EventRefused):
        actions.restore_event(event, by=None, at=AFTER)


def test_a_postponed_one_is_not_over_and_takes_a_new_date():
    event = make_event(start=START, event_status="postponed")
    assert not event.is_over(AFTER)
    later = START + timedelta(days=30)
    actions.edit_event(event, event_details(start=later), by=None, at=AFTER)
    event.refresh_from_db()
    assert (event.event_status, event.next_start) == ("scheduled", later)


# --- The list's own columns ------------------------------------------------------------------------
def test_the_tick_rolls_an_event_on_to_its_next_timeslot():
    event = make_event(start=START)
    second = Timeslot.objects.create(
        event=event, start=START + timedelta(days=7), end=START + timedelta(days=7, hours=2)
    )
    ticking.tick(AFTER)
    event.refresh_from_db()
    assert (event.next_start, event.next_date) == (second.start, date(2026, 7, 11))
    ticking.tick(second.end)
    event.refresh_from_db()
    assert event.next_start == second.start  # the last one stays when all are over
    assert event.is_over(second.end)


def test_rolling_on_shows_the_next_timeslots_badges():
    event = make_event(start=START, capacity=1)
    slot = slot_of(event)
    Timeslot.objects.filter(pk=slot.pk).update(seats_taken=1)
    actions.set_next(event, NOW)
    event.refresh_from_db()
    assert event.full
    free = Timeslot.objects.create(
        event=event, start=START + timedelta(days=7), end=START + timedelta(days=7, hours=2)
    )
    seats.set_capacity(free, 40)
    ticking.tick(AFTER)
    event.refresh_from_db()
    assert not event.full
