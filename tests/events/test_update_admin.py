"""Moderators look at hosts' short words after these stand on the site: they stay, or come off."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Update
from hub.models import AuditEntry
from tests.factories import make_event

pytestmark = pytest.mark.django_db

LIST = "/admin/events/update/"
NEW = f"{LIST}?looked=no"


@pytest.fixture
def words():
    event = make_event(title="Picket line", zone="America/Los_Angeles")
    now = timezone.now()
    return [event.updates.create(made_at=now - timedelta(hours=n), text=f"Word {n}") for n in range(3)]


def tick(moderator, act, *updates):
    return moderator.post(
        NEW, {"action": act, "_selected_action": [str(one.pk) for one in updates]}, follow=True
    )


def test_the_queue_leads_there_until_all_are_looked_at(moderator, words):
    assert f'href="{NEW}"' in moderator.get("/moderation/").content.decode()
    answer = tick(moderator, "leave_there", *words)
    assert "They stay on the site" in answer.content.decode()
    assert not Update.objects.filter(looked_at=None).exists()
    assert "Word 1" not in answer.content.decode()
    assert "Word 1" in moderator.get(LIST).content.decode()
    assert NEW not in moderator.get("/moderation/").content.decode()
    assert AuditEntry.objects.filter(action="look_at_update", actor=moderator.user).count() == 3


def test_one_is_taken_off_the_site(moderator, visitor, words):
    event = words[0].event
    assert "Word 1" in visitor.get(f"/events/{event.slug}/").content.decode()
    assert "One is off the site." in tick(moderator, "take_off", words[1]).content.decode()
    page = visitor.get(f"/events/{event.slug}/").content.decode()
    assert "Word 1" not in page
    assert "Word 2" in page
    assert AuditEntry.objects.get(action="remove_update").actor == moderator.user


def test_it_is_found_by_its_words_and_its_event(moderator, words):
    make_event().updates.create(made_at=timezone.now(), text="Somewhere else")
    assert "Word 2" not in moderator.get(f"{LIST}?q=Somewhere").content.decode()
    page = moderator.get(f"{LIST}?q=Picket").content.decode()
    assert "Word 2" in page
    assert "Somewhere else" not in page


def test_the_list_asks_the_same_for_few_and_many(moderator, words, django_assert_num_queries):
    moderator.get(LIST)
    with django_assert_num_queries(8):
        moderator.get(LIST)
    for n in range(20):
        make_event().updates.create(made_at=timezone.now(), text=f"More {n}")
    with django_assert_num_queries(8):
        moderator.get(LIST)
