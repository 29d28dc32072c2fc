"""Moderators and whoever submitted something write to each other, and neither sees who the other is."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from events.actions import proposals
from hub import actions as ground
from hub.models import Review, Thread, ThreadPost
from tests.cast import logged_in
from tests.events.hosting import changed, propose, review_of
from tests.factories import deliver_mail, make_moderator, make_user, posted_form

pytestmark = pytest.mark.django_db
WORDS = "Which gate do you mean, please?"


def ask(client, review, **fields):
    return client.post(f"/moderation/{review.pk}/", posted_form(act="ask", text=WORDS, **fields))


def test_a_moderator_asks_and_the_host_answers_on_the_web(moderator):
    event = propose(email="host@example.org")
    review = review_of(event)
    deliver_mail()
    assert ask(moderator, review).status_code == 302
    (mail,) = deliver_mail()
    assert (mail.to, mail.subject) == (["host@example.org"], "A moderator asks you something")
    assert WORDS not in mail.body
    assert event.title not in mail.body
    thread = Thread.objects.get()
    host = Client()
    page = host.get(f"/host/{event.host_token}/").content.decode()
    assert f"/threads/{thread.asker_token}/" in page
    path = f"/threads/{thread.asker_token}/"
    assert WORDS in host.get(path).content.decode()
    assert host.post(path, posted_form(act="say", text="The north gate.")).status_code == 302
    (told,) = [mail for mail in deliver_mail() if mail.to == [moderator.user.email]]
    assert f"/moderation/{review.pk}/#thread" in told.body
    assert "/threads/" not in told.body
    item = moderator.get(f"/moderation/{review.pk}/").content.decode()
    assert "The north gate." in item
    assert "host@example.org" not in item


def test_two_moderators_write_into_one_thread_and_a_form_sent_twice_once(moderator):
    review = review_of(propose())
    fields = posted_form(act="ask", text=WORDS)
    for _ in range(2):
        moderator.post(f"/moderation/{review.pk}/", fields)
    ask(logged_in(make_moderator()), review)
    assert Thread.objects.count() == 1
    assert ThreadPost.objects.count() == 2


def test_nobody_asks_themselves_and_nothing_empty(moderator):
    own = review_of(propose(by=moderator.user))
    assert ask(moderator, own).status_code == 403
    other = review_of(propose())
    answer = moderator.post(f"/moderation/{other.pk}/", posted_form(act="ask", text=""))
    assert answer.status_code == 422
    assert "Write what you want to say." in answer.content.decode()
    assert not Thread.objects.exists()


def test_only_moderators_read_what_the_submitter_answers(moderator):
    review = review_of(propose())
    ask(moderator, review)
    thread = Thread.objects.get()
    path = f"/threads/{thread.answerer_token}/"
    # Not the page of the two sides, which links the asker's own: whoever has that is the host.
    assert moderator.get(path)["Location"] == f"/moderation/{review.pk}/#thread"
    assert moderator.post(path, posted_form(act="say", text="x"))["Location"].startswith("/moderation/")
    assert ThreadPost.objects.count() == 1
    assert logged_in(make_user()).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    moderator.user.groups.clear()
    assert moderator.get(path).status_code == 404


def marks(client) -> list[str]:
    """The marks of the queue's cards, in order, without how urgent they are."""
    badges = re.findall(r'class="badge">(\w+)<', client.get("/moderation/").content.decode())
    return [mark for mark in badges if mark in ("Asked", "Answered")]


def test_the_queue_marks_what_was_asked_and_answered(moderator):
    event, other = propose(), propose()
    assert marks(moderator) == []
    ask(moderator, review_of(event))
    assert marks(moderator) == ["Asked"]
    path = f"/threads/{Thread.objects.get().asker_token}/"
    Client().post(path, posted_form(act="say", text="The north gate."))
    assert marks(moderator) == ["Answered"]
    ask(moderator, review_of(other))
    ask(moderator, review_of(event))
    assert marks(moderator) == ["Asked", "Asked"]
    # Who hands it in anew has answered by doing so.
    proposals.change_event(event, changed(event, venue="North gate"), by=None, at=timezone.now())
    assert marks(moderator) == ["Asked"]


def test_on_the_asker_s_page_times_are_in_the_event_s_zone(moderator):
    ask(moderator, review_of(propose()))
    at = datetime(2026, 12, 1, 19, tzinfo=UTC)
    ThreadPost.objects.update(at=at)
    page = Client().get(f"/threads/{Thread.objects.get().asker_token}/").content.decode()
    assert 'data-zone="America/Los_Angeles">December 1, 2026, 11:00 AM PST</time>' in page


def test_who_is_no_submitter_any_more_is_not_led_to_the_thing_s_own_page(moderator):
    event = propose()
    ask(moderator, review_of(event))
    path = f"/threads/{Thread.objects.get().asker_token}/"
    assert event.host_token in Client().get(path).content.decode()
    Review.objects.update(mailbox=ground.mailbox_for("new@example.org", at=timezone.now()))
    page = Client().get(path).content.decode()
    assert event.host_token not in page
    assert "Nobody can be asked about this any more." in page
