"""Nobody lets an edit of their own count, by the admin's door as little as by the queue's."""

import html

import pytest
from django.utils import timezone

from events.actions import events as event_actions
from events.actions import proposals
from events.actions.rehearsal import carry_out, is_own_edit
from events.models import Event
from hub import moderation
from tests.cast import logged_in
from tests.events.hosting import changed, propose, review_of
from tests.events.test_admin import change_page, form_of, press
from tests.factories import make_admin, make_event, make_moderator
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]


def published(by) -> Event:
    """A proposal of this account that somebody else has published."""
    event = propose(by=by, postal_code="94110")
    moderation.publish(review_of(event), by=make_moderator(), at=timezone.now())
    return Event.objects.get(pk=event.pk)


def test_the_waiting_edit_typed_into_the_admin_is_refused_and_kept_in_the_form():
    me = make_admin()
    event = published(me)
    proposals.change_event(event, changed(event, venue="Elsewhere"), by=me, at=timezone.now())
    path, browser = change_page(event), logged_in(me)
    answer = browser.post(path, {**form_of(browser, path), "venue": "Elsewhere", "_save": "1"})
    page = html.unescape(answer.content.decode())
    assert "You submitted this event yourself" in page
    assert 'value="Elsewhere"' in page
    event.refresh_from_db()
    assert event.venue == "Civic Center Plaza"
    assert not review_of(event).decision  # it goes on waiting


def test_neither_is_one_that_never_waited():
    me = make_admin()
    event = published(me)
    press(logged_in(me), event, title="Mine")
    assert event.title == "Rally for a Labor Party"


def test_taking_it_off_the_site_first_is_no_way_round():
    me = make_admin()
    event = event_actions.unpublish_event(published(me), by=me, at=timezone.now())
    press(logged_in(me), event, title="Mine")
    assert event.title == "Rally for a Labor Party"


@pytest.mark.parametrize("tag", ["", "+host"])
def test_one_s_own_address_without_the_account_is_one_s_own(tag):
    me = make_admin("mo@example.org")
    event = propose(email=f"mo{tag}@example.org")
    moderation.publish(review_of(event), by=make_moderator(), at=timezone.now())
    event.refresh_from_db()
    assert is_own_edit(event, changed(event, title="Mine"), by=me)
    assert not is_own_edit(event, changed(event, title="Mine"), by=make_moderator())
    assert not is_own_edit(event, changed(event), by=me)  # nothing is changed


@pytest.mark.parametrize(("button", "status"), [("_cancel", "cancelled"), ("_postpone", "postponed")])
def test_cancelling_and_postponing_need_nobody_else(button, status):
    me = make_admin()
    event = published(me)
    press(logged_in(me), event, button)
    assert event.event_status == status


def test_somebody_else_and_what_operators_made_are_edited_as_ever():
    me = make_admin()
    theirs, made = published(make_moderator()), make_event(by=me, postal_code="94110")
    for event in (theirs, made):
        press(logged_in(me), event, title="Corrected")
        assert event.title == "Corrected"


@pytest.mark.parametrize("values", [{"capacity": 12}, {"description": "x"}, {"online": True}])
def test_the_action_itself_leaves_everything_undone(values):
    """Where the page's check was passed a moment too early."""
    me, now = make_admin(), timezone.now()
    event = published(me)
    outcome = carry_out(event, changed(event, **values), [event_actions.cancel_event], by=me, at=now)
    assert outcome.refused == "own"
    event.refresh_from_db()
    assert event.event_status == "scheduled"
    assert not is_own_edit(event, changed(event), by=me)
