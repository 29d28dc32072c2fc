"""Stopping the reminders of one event, and having them sent again. The RSVP stays as it is."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from events.models import Rsvp
from hub import audit


def stop_reminders(parties: Iterable[UUID], *, at: datetime) -> None:
    """Send these parties no reminder of their events any more: neither those to come nor one that is about
    to go out."""
    _set(parties, at, "stop_reminders", at)


def remind_again(parties: Iterable[UUID], *, at: datetime) -> None:
    """Send them reminders again, from the next round on."""
    _set(parties, None, "remind_again", at)


@transaction.atomic
def _set(parties: Iterable[UUID], stopped_at: datetime | None, act: str, at: datetime) -> None:
    rows = Rsvp.objects.select_for_update(of=("self",)).select_related("event").order_by("pk")
    for party in rows.filter(pk__in=list(parties)):
        if (party.reminders_stopped_at is None) != (stopped_at is None):
            party.reminders_stopped_at = stopped_at
            party.save(update_fields=["reminders_stopped_at"])
            audit.record(act, party.event, at=at, by=None)
