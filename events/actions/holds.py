"""Seats held for half an hour, given back when nobody has confirmed."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from events.actions import seats
from events.models import Attendance

logger = logging.getLogger("hub.tick")


def release_holds(now: datetime) -> None:
    """Part of the tick: give back run-out holds and seat those waiting. A timeslot that fails is logged
    and doesn't hold up the others."""
    slot_ids = set(
        Attendance.objects.filter(hold_until__lte=now).values_list("timeslot_id", flat=True).distinct()
    )
    for slot_id in slot_ids:
        try:
            with transaction.atomic():
                _release_holds_of(slot_id, now)
        except Exception:
            logger.exception("could not give back holds of timeslot %s", slot_id)


def _release_holds_of(slot_id: UUID, now: datetime) -> None:
    for slot in seats.lock([slot_id]):
        event = slot.event
        seats.release_expired_holds(slot, now)
        seats.seat_waiting(slot, event, now)
        seats.save(slot, event)
