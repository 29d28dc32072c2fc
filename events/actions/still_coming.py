"""Answering "still coming?" after a change of the event."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from events.actions import rsvps, seats
from events.actions.rsvps import RsvpRefused
from events.models import Attendance, Rsvp
from events.still_coming import asked_of
from hub import audit


def still_coming(rsvp_id: UUID, *, change_id: UUID, party_size: int, at: datetime) -> Rsvp | None:
    """ "Yes", with so many people now. None where nothing is asked any more. Raises RsvpRefused, also where
    another change has come meanwhile ("changed")."""
    with transaction.atomic():
        party = _asked(rsvp_id, change_id, at)
        if party is None:
            return None
        if not party.attendances.filter(party_size=party_size).exists():
            return rsvps.change(
                party.pk,
                party_size=party_size,
                name=party.name,
                need=party.need,
                neutral=party.neutral,
                at=at,
            )
        party.answered_change_id = change_id
        party.save(update_fields=["answered_change"])
        audit.record("still_coming", party.event, at=at, by=None)
        return party


def not_any_more(rsvp_id: UUID, *, change_id: UUID, at: datetime) -> Rsvp | None:
    """ "No": the ordinary cancelling. None where nothing is asked any more. Raises RsvpRefused where another
    change has come meanwhile: perhaps they can come now."""
    with transaction.atomic():
        party = _asked(rsvp_id, change_id, at)
        return rsvps.cancel(party.pk, at=at) if party is not None else None


def _asked(rsvp_id: UUID, change_id: UUID, at: datetime) -> Rsvp | None:
    """The party, if it is asked about this change: under the lock that the next change would need."""
    seats.lock(list(Attendance.objects.filter(rsvp=rsvp_id).values_list("timeslot_id", flat=True)))
    party = Rsvp.objects.select_related("event").filter(pk=rsvp_id).first()
    asked = asked_of(party, at) if party is not None else None
    if asked is not None and asked.pk != change_id:
        raise RsvpRefused("changed")
    return party if asked is not None else None
