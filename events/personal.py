"""What events keep about people, and for how long."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from events.actions import seats
from events.models import Attendance, Event, Rsvp
from hub.contact import ADDRESS_KEPT
from hub.models import Message
from hub.personal import forget_if_unused, register_holder, register_purge

RSVPS_KEPT = timedelta(days=7)  # after the event; then only the timeslot's totals stay
POSTPONED_KEPT = timedelta(days=90)  # after the old date of an event that never got a new one
PLACE_KEPT = timedelta(hours=24)  # a place or link that isn't public, after the event
CHUNK = 500

register_holder(Rsvp)


@register_purge
def purge_unconfirmed(now: datetime) -> None:
    """Wipe addresses nobody confirmed within a day. On an open event the party still counts, as
    one without an address; elsewhere its name and need go too and it has expired."""
    stale = Rsvp.objects.filter(
        confirmed_at=None, mailbox__isnull=False, made_at__lte=now - ADDRESS_KEPT
    ).values_list("pk", "mailbox_id")
    for pk, mailbox_id in list(stale):
        with transaction.atomic():
            slot_ids = list(Attendance.objects.filter(rsvp_id=pk).values_list("timeslot_id", flat=True))
            seats.lock(slot_ids)  # keeps a confirmation of this moment out
            party = Rsvp.objects.filter(pk=pk, confirmed_at=None).first()
            if party is None:
                continue
            party.mailbox = None
            if party.counted_at is None:
                party.name, party.need = "", ""
            party.save(update_fields=["mailbox", "name", "need"])
            Message.objects.filter(about_id=pk).update(mailbox=None, about_id=None)
            forget_if_unused(mailbox_id)


@register_purge
def purge_past(now: datetime) -> None:
    """A week after an event its RSVPs go; how many came stays on the timeslot."""
    mailboxes: set[UUID] = set()
    while True:
        past = list(
            Rsvp.objects.filter(
                event__in=Event.objects.over_since(now - RSVPS_KEPT, if_postponed=now - POSTPONED_KEPT)
            ).values_list("pk", "mailbox_id")[:CHUNK]
        )
        if not past:
            break
        mailboxes.update(mailbox for _pk, mailbox in past if mailbox)
        Rsvp.objects.filter(pk__in=[pk for pk, _mailbox in past]).delete()
    for mailbox in mailboxes:
        forget_if_unused(mailbox)


@register_purge
def purge_places(now: datetime) -> None:
    """A day after an event, a place or link that wasn't public is forgotten."""
    over = Event.objects.over_since(now - PLACE_KEPT, if_postponed=now - POSTPONED_KEPT)
    for event in over.exclude(hidden_place=b"", online_link=b""):
        if event.hidden_place or event.online_link:
            event.hidden_place, event.online_link = "", ""
            event.save(update_fields=["hidden_place", "online_link"])
