"""Moderators and whoever submitted something write to each other, and neither sees who the other is."""

import pytest
from django.test import Client

from hub.models import Thread, ThreadPost
from tests.cast import logged_in
from tests.events.hosting import propose, review_of
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
    told = {address for mail in deliver_mail() for address in mail.to}
    assert moderator.user.email in told
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
    assert moderator.get(path).status_code == 200
    assert logged_in(make_user()).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    moderator.user.groups.clear()
    assert moderator.get(path).status_code == 404
