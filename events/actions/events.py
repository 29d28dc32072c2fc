"""What an operator does with an event: create, edit and move, publish, postpone, cancel, restore."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation

from campaigns.models import Demand
from committees.models import Committee
from events import reminders
from events.actions import seats
from events.actions.announce import announce, tell_held_back
from events.actions.rsvps import cancel_strangers
from events.models import Event, EventChange, Timeslot
from hub import audit, moderation
from hub.models import User
from hub.moderation import ReviewRefused
from hub.slugs import new_slug

logger = logging.getLogger("hub.tick")

REVIEW_KIND = "events.event"
# Public facts of an event: what an audit entry may quote. Not the host's name: erasing takes that back.
PUBLIC_FIELDS = (
    *("campaign_id", "kind", "title", "language", "visibility", "reveal", "venue", "street", "city"),
    *("region", "postal_code", "country", "online", "zone", "committee_id", "day_id"),
)
OTHER_FIELDS = ("description", "hidden_place", "online_link", "latitude", "longitude")
PLACE_FIELDS = ("reveal", "venue", "street", "hidden_place", "city", "region", "postal_code", "country")


class EventRefused(Exception):
    """The event can't do this in its present state; `reason` is one word of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class EventDetails:
    """Everything a form says about an event. `venue` and `street` are stored sealed where the place
    is not public. `start` and `end` are UTC."""

    fields: dict[str, Any]
    venue: str
    street: str
    start: datetime
    end: datetime
    all_day: bool = False
    capacity: int | None = None
    demands: Collection[Demand] | None = None  # not said: they stay as they are
    values: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        hidden = self.fields["reveal"] != Event.Reveal.PUBLIC
        self.values = {
            **self.fields,
            "venue": "" if hidden else self.venue,
            "street": "" if hidden else self.street,
            "hidden_place": f"{self.venue}\n{self.street}".rstrip() if hidden else "",
            "postal_code": "" if hidden else self.fields.get("postal_code", ""),
        }


def show_to_members_only(committee: Committee, at: datetime) -> None:
    """A committee was hidden, and is locked by the act that did it: so are its events now."""
    shown = Event.objects.filter(committee=committee).exclude(visibility=Event.Visibility.MEMBERS)
    event_ids = list(shown.values_list("pk", flat=True))
    shown.update(visibility=Event.Visibility.MEMBERS)
    for event_id in event_ids:
        _let_strangers_go(event_id, at)


def _let_strangers_go(event_id: UUID, at: datetime) -> None:
    """After this commit, because it takes the lock of a timeslot, and whoever has that may be waiting for the
    committee."""
    transaction.on_commit(partial(cancel_strangers, event_id, at))


def _stay_within_committee(event: Event) -> None:
    """An event of a hidden committee is for its members, whatever the form says. The lock makes an event
    of this moment wait for a committee that is being hidden, or be seen by it."""
    if event.committee_id is None:
        return
    committee = Committee.objects.select_for_update().get(pk=event.committee_id)
    if committee.is_hidden:
        event.visibility = Event.Visibility.MEMBERS


def _carry(event: Event, demands: Collection[Demand] | None) -> dict[str, list[str]]:
    """Let it carry these, and what it carries and no form offers any more because it isn't adopted; gives
    what changed for the audit log."""
    if demands is None:
        return {}
    carried = list(event.demands.all())
    stay = [demand for demand in carried if demand.status != Demand.Status.ADOPTED]
    event.demands.set([*demands, *stay])
    before, after = (sorted({one.slug for one in some}) for some in (carried, [*demands, *stay]))
    return {} if before == after else {"demands": [", ".join(before), ", ".join(after)]}


def create_event(details: EventDetails, *, by: User | None, at: datetime) -> Event:
    """A new draft with one timeslot."""
    with transaction.atomic():
        event = Event(slug=new_slug(details.fields["title"], "event"), **details.values)
        _stay_within_committee(event)
        event.save(force_insert=True)
        slot = Timeslot(event=event, start=details.start, end=details.end, all_day=details.all_day)
        slot.save(force_insert=True)
        seats.set_capacity(slot, details.capacity)
        _schedule(event, slot, at)
        _carry(event, details.demands)
        audit.record("create_event", event, at=at, by=by)
        return event


def edit_event(event: Event, details: EventDetails, *, by: User | None, at: datetime) -> Event:
    """Change an event. Who is coming to a published one is told when its time or place changed; a
    larger capacity seats those waiting."""
    with transaction.atomic():
        slot_ids = list(event.timeslots.values_list("pk", flat=True)[:1])
        (slot,) = seats.lock(slot_ids)
        event.refresh_from_db()
        before = {name: getattr(event, name) for name in (*PUBLIC_FIELDS, *OTHER_FIELDS)}
        with translation.override("en"):  # each reader gets it in their own language
            place_before, country_before = event.public_place, event.country
        start_before, end_before, zone_before = slot.start, slot.end, event.zone
        for name, value in details.values.items():
            setattr(event, name, value)
        _stay_within_committee(event)
        if event.published_at is None and before["title"] != event.title:
            event.slug = new_slug(event.title, "event")
        moved = (slot.start, slot.end, slot.all_day) != (details.start, details.end, details.all_day)
        placed = any(before[name] != getattr(event, name) for name in PLACE_FIELDS) or (
            before["online_link"] != event.online_link
        )
        if moved or before["zone"] != event.zone:
            slot.start, slot.end, slot.all_day = details.start, details.end, details.all_day
            slot.save(update_fields=["start", "end", "all_day"])
        if moved and event.event_status == Event.EventStatus.POSTPONED:
            event.event_status = Event.EventStatus.SCHEDULED  # now it has its new date
        event.sequence += 1
        event.save()
        if moved:
            seats.recount(slot)
        if moved or slot.capacity != details.capacity:
            seats.set_capacity(slot, details.capacity)
        # Not at every edit: a round that is due this moment and not planned yet would be lost.
        if moved or before["zone"] != event.zone:
            _schedule(event, slot, at)
        seats.release_expired_holds(slot, at)
        seats.seat_waiting(slot, event, at)
        seats.save(slot, event)
        if event.visibility == Event.Visibility.MEMBERS and any(
            before[name] != getattr(event, name) for name in ("visibility", "committee_id")
        ):
            _let_strangers_go(event.pk, at)
        audit.record(
            "edit_event",
            event,
            at=at,
            by=by,
            changes={
                name: [str(before[name]), str(getattr(event, name))]
                for name in PUBLIC_FIELDS
                if before[name] != getattr(event, name)
                and (event.place_is_public or name not in ("venue", "street", "postal_code"))
            }
            | ({"start": [start_before.isoformat(), slot.start.isoformat()]} if moved else {})
            | _carry(event, details.demands),
        )
        takes_place = event.event_status == Event.EventStatus.SCHEDULED
        if (moved or placed) and takes_place and _people_know(event) and slot.end > at:
            what = EventChange.What
            change = EventChange(
                event=event,
                what=what.BOTH if moved and placed else what.TIME if moved else what.PLACE,
                made_at=at,
                start_before=start_before if moved else None,
                end_before=end_before if moved else None,
                zone_before=zone_before,
                # A place that was public and isn't any more stands in no mail and in no clear column.
                place_before="\n".join(place_before) if placed and event.place_is_public else "",
                country_before=country_before if placed and event.place_is_public else "",
            )
            announce(change, slot)
        return event


def publish_event(event: Event, *, by: User | None, at: datetime) -> Event:
    """Let everybody see it. Who is coming is told what was changed while it was off the site; if a
    moderator's decision was waited for, this is it. Raises EventRefused if it is over, or as the queue
    refuses."""
    with transaction.atomic():
        try:  # first of all: whoever decides in the queue locks the review before the timeslot
            moderation.settle_published(REVIEW_KIND, event.pk, by=by, at=at)
        except ReviewRefused as refused:
            raise EventRefused(refused.reason) from refused
        event, slot = _locked(event)
        if event.is_over(at):
            raise EventRefused("over")
        event.status = Event.Status.PUBLISHED
        event.published_at = event.published_at or at
        event.save(update_fields=["status", "published_at", "changed_at"])
        _schedule(event, slot, at)
        tell_held_back(event, slot, at)
        audit.record("publish_event", event, at=at, by=by)
        return event


def unpublish_event(event: Event, *, by: User | None, at: datetime) -> Event:
    """Take it off every page at once; its RSVPs stay. What isn't on the site stays as it is."""
    with transaction.atomic():
        event, _slot = _locked(event)
        if event.status != Event.Status.PUBLISHED:
            return event
        event.status = Event.Status.DRAFT
        event.save(update_fields=["status", "changed_at"])
        audit.record("unpublish_event", event, at=at, by=by)
        return event


def delete_draft(event: Event, *, by: User | None, at: datetime) -> None:
    """Delete an event that was never published. Raises EventRefused for one that was."""
    with transaction.atomic():
        moderation.withdraw(REVIEW_KIND, event.pk, by=by, at=at)
        event, _slot = _locked(event)
        if event.published_at is not None:
            raise EventRefused("published")
        audit.record("delete_draft", event, at=at, by=by)
        event.delete()


def postpone_event(event: Event, *, by: User | None, at: datetime) -> Event:
    """It does not take place then; a new date is not known yet (moving it gives one)."""
    return _set_event_status(event, Event.EventStatus.POSTPONED, EventChange.What.POSTPONED, by=by, at=at)


def cancel_event(event: Event, *, by: User | None, at: datetime) -> Event:
    """It does not take place; who is coming is told once, and reminders fall silent."""
    return _set_event_status(event, Event.EventStatus.CANCELLED, EventChange.What.CANCELLED, by=by, at=at)


def restore_event(event: Event, *, by: User | None, at: datetime) -> Event:
    """On after all: undo a postponing or cancelling."""
    return _set_event_status(event, Event.EventStatus.SCHEDULED, EventChange.What.RESTORED, by=by, at=at)


def _set_event_status(event: Event, status: str, what: str, *, by: User | None, at: datetime) -> Event:
    with transaction.atomic():
        event, slot = _locked(event)
        if event.event_status == status:
            return event
        if event.is_over(at):
            raise EventRefused("over")
        before = event.event_status
        event.event_status = status
        event.sequence += 1
        event.save(update_fields=["event_status", "sequence", "changed_at"])
        _schedule(event, slot, at)
        seats.release_expired_holds(slot, at)
        seats.seat_waiting(slot, event, at)
        seats.save(slot, event)
        audit.record(f"{what}_event", event, at=at, by=by, changes={"event_status": [before, status]})
        if _people_know(event):
            announce(EventChange(event=event, what=what, made_at=at), slot)
        return event


def _people_know(event: Event) -> bool:
    return event.published_at is not None


def _locked(event: Event) -> tuple[Event, Timeslot]:
    """The event's first timeslot, locked, and the event as it stands under that lock."""
    (slot,) = seats.lock(list(event.timeslots.values_list("pk", flat=True)[:1]))
    return Event.objects.get(pk=event.pk), slot


def _schedule(event: Event, slot: Timeslot, at: datetime) -> None:
    """Compute what depends on the start and zone: reminders, and the event's place in lists."""
    slot.next_reminder_at = reminders.next_instant(slot.start, event.zone, at)
    slot.save(update_fields=["next_reminder_at"])
    set_next(event, at)


def set_next(event: Event, now: datetime) -> None:
    """Point the event at its running or next timeslot, or at its last one when all are over."""
    slots = list(event.timeslots.order_by("start"))
    slot = next((slot for slot in slots if slot.end > now), slots[-1])
    event.next_start, event.next_end = slot.start, slot.end
    event.next_date = slot.start.astimezone(event.tz).date()
    event.save(update_fields=["next_start", "next_end", "next_date", "changed_at"])
    seats.show_badges(slot, event)


def roll_next(now: datetime) -> None:
    """Part of the tick: events whose timeslot is over move on to their next one. One that fails is
    logged and doesn't hold up the others."""
    for event in Event.objects.filter(next_end__lte=now, timeslots__end__gt=now).distinct():
        try:
            with transaction.atomic():
                seats.lock(list(event.timeslots.values_list("pk", flat=True)))
                set_next(event, now)
        except Exception:
            logger.exception("could not roll event %s on", event.pk)
