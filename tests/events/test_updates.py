"""A host's short words on the event's page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.actions import updates
from events.actions.events import EventRefused
from events.models import Update
from hub.models import AuditEntry
from tests.factories import make_admin, make_event

pytestmark = pytest.mark.django_db


def post(event, text="We meet at the north gate.", token="a form", at=None):
    updates.post_update(event, text, form_token=token, by=None, at=at or timezone.now())


def test_it_is_posted_once_however_often_the_form_is_sent():
    event = make_event()
    for _ in range(3):
        post(event)
    assert [update.text for update in event.updates.all()] == ["We meet at the north gate."]
    assert AuditEntry.objects.filter(action="post_update").count() == 1


def test_not_while_the_event_is_off_the_site():
    with pytest.raises(EventRefused):
        post(make_event(published=False))
    assert not Update.objects.exists()


def test_ten_a_day_are_enough():
    event, now = make_event(), timezone.now()
    for n in range(updates.UPDATES_A_DAY):
        post(event, token=f"form {n}", at=now)
    with pytest.raises(EventRefused):
        post(event, token="one more", at=now)
    post(event, token="tomorrow", at=now + timedelta(days=1, seconds=1))
    assert event.updates.count() == updates.UPDATES_A_DAY + 1


def test_removing_and_looking():
    event, admin, now = make_event(), make_admin(), timezone.now()
    post(event)
    update = event.updates.get()
    updates.look_at_update(update.pk, by=admin, at=now)
    update.refresh_from_db()
    assert update.looked_at == now
    assert updates.remove_update(update.pk, by=admin, at=now)
    assert not updates.remove_update(update.pk, by=admin, at=now)
    assert not event.updates.exists()
