"""A short word of the host on the event's page."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from events.actions.events import EventRefused
from events.models import Event, Update
from hub import actions as ground
from hub import audit
from hub.inserts import insert
from hub.models import User

UPDATES_A_DAY = 10


def post_update(event: Event, text: str, *, form_token: str, by: User | None, at: datetime) -> None:
    """Post it at once; the same form sent twice posts it once. It is looked at by a moderator afterwards.
    Raises EventRefused where the event is not on the site or has had enough of them today."""
    try:
        with transaction.atomic():
            update = new_update(event.pk, text, at)
            form = ground.submitted(form_token, result_id=update.pk, at=at)
            insert([form, update, audit.entry("post_update", update.event, at=at, by=by)])
    except IntegrityError:
        if ground.result_of(form_token) is None:
            raise


def new_update(event_id: UUID, text: str, at: datetime) -> Update:
    """One that may be posted now, not stored yet; its event is locked. Raises EventRefused."""
    event = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event_id)
    if event.status != Event.Status.PUBLISHED:
        raise EventRefused("unpublished")
    if event.updates.filter(made_at__gt=at - timedelta(days=1)).count() >= UPDATES_A_DAY:
        raise EventRefused("many")
    return Update(event=event, made_at=at, text=text)


def remove_update(update_id: UUID, *, by: User | None, at: datetime) -> bool:
    """Take one off the page again; whether it was there."""
    with transaction.atomic():
        update = (
            Update.objects.select_for_update(of=("self",))
            .select_related("event")
            .filter(pk=update_id)
            .first()
        )
        if update is None:
            return False
        audit.record("remove_update", update.event, at=at, by=by)
        update.delete()
        return True


def look_at_update(update_id: UUID, *, by: User, at: datetime) -> None:
    """A moderator has read it and leaves it there."""
    with transaction.atomic():
        update = Update.objects.select_related("event").filter(pk=update_id, looked_at=None).first()
        if update is not None:
            update.looked_at = at
            update.save(update_fields=["looked_at"])
            audit.record("look_at_update", update.event, at=at, by=by)
