"""What waits for a committee's coordinators: numbers, and only for them."""

import re
import secrets

import pytest
from django.utils import timezone

from committees.actions import committees
from events.models import Event
from events.waiting import Waiting, waiting_for
from hub import threads
from tests.cast import logged_in
from tests.factories import make_committee, make_event, make_member, make_thread, make_user
from tests.test_queries import asked, opened

pytestmark = pytest.mark.django_db
WORDS = ("requests to join wait for you", "questions have no answer yet")


def say(thread, *, by_asker: bool = False) -> None:
    """One more word in it."""
    form, now = secrets.token_urlsafe(9), timezone.now()
    threads.say(thread.pk, by_asker=by_asker, text="Yes.", form_token=form, by=None, at=now)


@pytest.fixture
def busy(coordinator):
    """The coordinator's committee, with two requests and two questions that wait."""
    committee = coordinator.committee
    for _number in range(2):
        make_member(committee, pending=True)
    make_member(committee)
    event = make_event()
    Event.objects.filter(pk=event.pk).update(committee=committee)
    event.refresh_from_db()
    make_thread(event)
    make_thread(committee=committee)
    make_thread(committee=committee, opened=False)
    say(make_thread(committee=committee))
    # Of others.
    other = make_committee(stage="active")
    make_member(other, pending=True)
    make_thread(committee=other)
    make_thread()
    return committee


def test_they_are_counted_in_one_query(busy, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = waiting_for([busy.pk])
    assert found == {busy.pk: Waiting(requests=2, questions=2)}


def test_nothing_waits_where_nobody_acts(busy):
    committees.freeze_committee(busy, by=None, at=timezone.now())
    assert waiting_for([busy.pk]) == {}


def test_its_coordinator_reads_the_numbers_on_both_pages(busy, coordinator):
    for path in (f"/committees/{busy.slug}/", "/me/"):
        text = re.sub(r"<[^>]*>", "", coordinator.get(path).content.decode())
        for words in WORDS:
            assert f"2 {words}" in text, path


def test_nobody_else_does(busy, visitor, moderator, admin):
    member = logged_in(make_member(busy).user)
    other = logged_in(make_member(make_committee(), make_user(), role="coordinator").user)
    for client in (visitor, moderator, admin, member, other):
        page = client.get(f"/committees/{busy.slug}/").content.decode()
        assert not any(words in page for words in WORDS)
    page = member.get("/me/").content.decode()
    assert not any(words in page for words in WORDS)


def test_what_is_asked_again_after_an_answer_waits_again(busy):
    thread = make_thread(committee=busy)
    say(thread)
    assert waiting_for([busy.pk])[busy.pk].questions == 2
    say(thread, by_asker=True)
    assert waiting_for([busy.pk])[busy.pk].questions == 3


def test_the_committee_s_page_asks_little(busy, coordinator, visitor):
    path = f"/committees/{busy.slug}/"
    assert len(asked(opened(path, visitor))) <= 5
    # The session, its account with its role, whether that runs a campaign, the committee, one's part, its
    # events, what was announced to its members, the names of those who coordinate it, what waits.
    assert len(asked(opened(path, coordinator))) == 9
