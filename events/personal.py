"""What events keep about people, and for how long."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from events.actions import proposals, rsvps, seats
from events.actions.host_changes import purge_changes
from events.actions.mailing import purge_drafts
from events.models import Attendance, Event, EventChange, Rsvp, Timeslot
from events.querysets import EventQuerySet
from hub.contact import ADDRESS_KEPT
from hub.models import Message, User, address_digest
from hub.personal import (
    forget_if_unused,
    mailbox_of_account,
    purge_each,
    register_erasure,
    register_export,
    register_holder,
    register_move,
    register_purge,
)

RSVPS_KEPT = timedelta(days=7)  # after the event; then only the timeslot's totals stay
POSTPONED_KEPT = timedelta(days=90)  # after the old date of an event that never got a new one
HOST_KEPT = timedelta(days=30)  # after the event
PLACE_KEPT = timedelta(hours=24)  # a place or link that isn't public, after the event

register_holder(Rsvp)
register_holder(Event, "host")


@register_purge
def purge_unconfirmed(now: datetime) -> None:
    """Wipe addresses nobody confirmed within a day. On an open event the party still counts, as
    one without an address; elsewhere its name and need go too and it has expired."""
    stale = Rsvp.objects.filter(
        confirmed_at=None, mailbox__isnull=False, made_at__lte=now - ADDRESS_KEPT
    ).values_list("pk", flat=True)
    purge_each(list(stale), _wipe_address)


@transaction.atomic
def _wipe_address(rsvp_id: UUID) -> None:
    slot_ids = list(Attendance.objects.filter(rsvp_id=rsvp_id).values_list("timeslot_id", flat=True))
    seats.lock(slot_ids)  # keeps a confirmation of this moment out
    party = Rsvp.objects.filter(pk=rsvp_id, confirmed_at=None).first()
    if party is None or party.mailbox_id is None:
        return
    mailbox_id, party.mailbox = party.mailbox_id, None
    if party.counted_at is None:
        party.name, party.need = "", ""
    party.save(update_fields=["mailbox", "name", "need"])
    Message.objects.filter(about_id=rsvp_id).update(mailbox=None, about_id=None)
    forget_if_unused(mailbox_id)


@register_purge
def purge_unproven(now: datetime) -> None:
    """Delete proposals nobody confirmed within a day."""
    stale = Event.objects.unconfirmed().filter(proposed_at__lte=now - ADDRESS_KEPT)
    purge_each(list(stale.values_list("pk", flat=True)), lambda pk: proposals.expire(pk, at=now))


@register_purge
def purge_hosts(now: datetime) -> None:
    """A month after an event its host is forgotten, and what of it still waits is waited for by nobody."""

    def purge(event_id: UUID) -> None:
        for event in _over(Event.objects.filter(pk=event_id), now, HOST_KEPT):
            proposals.forget_host(event, at=now)

    hosted = Event.objects.filter(host__isnull=False)
    purge_each(list(_over(hosted, now, HOST_KEPT).values_list("pk", flat=True)), purge)


@register_purge
def purge_past(now: datetime) -> None:
    """A week after an event its RSVPs go; how many came stays on the timeslot."""

    def purge(event_id: UUID) -> None:
        with transaction.atomic():
            # An operator may give it a new date this very moment: then its RSVPs are needed again.
            seats.lock(list(Timeslot.objects.filter(event_id=event_id).values_list("pk", flat=True)))
            if not _over(Event.objects.filter(pk=event_id), now, RSVPS_KEPT).exists():
                return
            parties = Rsvp.objects.filter(event_id=event_id)
            mailboxes = set(parties.exclude(mailbox=None).values_list("mailbox_id", flat=True))
            parties.delete()
        purge_each(mailboxes, forget_if_unused)

    with_people = Event.objects.filter(rsvps__isnull=False).distinct()
    purge_each(list(_over(with_people, now, RSVPS_KEPT).values_list("pk", flat=True)), purge)


@register_purge
def purge_places(now: datetime) -> None:
    """A day after an event, a place or link that wasn't public is forgotten."""

    @transaction.atomic
    def purge(event_id: UUID) -> None:
        seats.lock(list(Timeslot.objects.filter(event_id=event_id).values_list("pk", flat=True)))
        for event in _over(Event.objects.filter(pk=event_id), now, PLACE_KEPT):
            event.hidden_place, event.online_link = "", ""
            event.save(update_fields=["hidden_place", "online_link"])

    hidden = Event.objects.exclude(hidden_place=b"", online_link=b"")
    purge_each(list(_over(hidden, now, PLACE_KEPT).values_list("pk", flat=True)), purge)


@register_purge
def purge_quoted_places(now: datetime) -> None:
    """A day after an event, what a notice of a change quoted of places is forgotten."""
    over = _over(Event.objects.all(), now, PLACE_KEPT)
    quoted = EventChange.objects.filter(event__in=over).exclude(place_before="")
    if quoted.exists():
        quoted.update(place_before="")


def _over(events: EventQuerySet, now: datetime, kept: timedelta) -> EventQuerySet:
    """Those of the events whose time to be kept has passed."""
    return events.over_since(now - kept, if_postponed=now - POSTPONED_KEPT)


register_purge(purge_changes)
register_purge(purge_drafts)


@register_export
def export_own(user: User) -> dict[str, Any]:
    """The RSVPs of the account's mailbox, and the events it hosts. Of an event that isn't there for the
    account any more, as one of a committee it has left, the name isn't either."""
    mailbox = mailbox_of_account(user)
    if mailbox is None:
        return {"rsvps": [], "hosted_events": []}
    parties = (
        Rsvp.objects.filter(mailbox=mailbox)
        .select_related("event")
        .prefetch_related("attendances__timeslot")
        .order_by("made_at")
    )
    seen = set(Event.objects.visible_to(user).filter(rsvps__mailbox=mailbox).values_list("pk", flat=True))
    unseen = gettext("an event you can no longer see")
    return {
        "rsvps": [
            {
                "event": party.event.title if party.event_id in seen else unseen,
                "name": party.name,
                "need": party.need,
                "language": party.language,
                "neutral": party.neutral,
                "made_at": party.made_at.isoformat(),
                "confirmed": party.confirmed_at is not None,
                "cancelled": party.cancelled_at is not None,
                "answered_a_change": party.answered_change_id is not None,
                "timeslots": [
                    {
                        "start": attendance.timeslot.start.isoformat(),
                        "party_size": attendance.party_size,
                        "seats_held": attendance.seats_held,
                    }
                    for attendance in party.attendances.all()
                ],
            }
            for party in parties
        ],
        "hosted_events": [
            {"title": event.title, "host_name": event.host_name, "status": event.status}
            for event in Event.objects.filter(host=mailbox)
        ],
    }


@register_erasure
def erase_own(user: User, at: datetime) -> None:
    """Its RSVPs go as if each were erased by its page; events stay, without who hosts them."""
    mailbox = mailbox_of_account(user)
    if mailbox is None:
        return
    mine = Rsvp.objects.filter(mailbox=mailbox)
    # In the order in which everybody locks timeslots.
    in_order = mine.order_by("attendances__timeslot_id").values_list("pk", flat=True)
    for pk in dict.fromkeys(in_order):
        rsvps.erase(pk, never_write=False, at=at)
    for event in Event.objects.filter(host=mailbox):
        proposals.forget_host(event, at=at)


@register_move
def give_way(before: str, after: str, at: datetime) -> None:
    """Where both addresses come to one event, the new one's RSVP is the person's: the other goes, or it
    would stay behind with an address that belongs to no account."""
    # All their events' timeslots at once, and before any mailbox: everybody locks in this order. Whoever
    # confirms one of these answers this very moment, or gives another to such an event, comes before what is
    # looked at here or after the mailboxes have become one.
    either = [address_digest(before), address_digest(after)]
    answered = Rsvp.objects.filter(mailbox__address_digest__in=either, cancelled_at=None).values("event")
    seats.lock(list(Timeslot.objects.filter(event__in=answered).values_list("pk", flat=True)))
    live = Rsvp.objects.filter(confirmed_at__isnull=False, cancelled_at=None)
    twice = live.filter(
        mailbox__address_digest=address_digest(before),
        event__in=live.filter(mailbox__address_digest=address_digest(after)).values("event"),
    )
    for pk in list(twice.values_list("pk", flat=True)):
        rsvps.erase(pk, never_write=False, at=at)
