"""Edits that may have to wait: what a form changes of an event, as values that can be kept and made to
count later, on the event as it is then."""

from copy import copy
from datetime import datetime
from typing import Any

from events.actions.events import EventDetails
from events.models import Event, Timeslot

# What a host may say of an event, in the order people read it.
FIELDS = (
    *("kind", "title", "description", "language", "host_name", "visibility", "reveal", "city", "region"),
    *("postal_code", "country", "latitude", "longitude", "online", "online_link", "zone"),
)
# Where and when: whoever changes these sends people somewhere else.
MOVES = {
    *("reveal", "venue", "street", "city", "region", "postal_code", "country"),
    *("online", "online_link", "zone", "start", "end", "all_day"),
}


def said_of(event: Event, slot: Timeslot) -> dict[str, Any]:
    """All that a host may say, as it stands; as JSON can hold it."""
    hidden = [*event.hidden_place.split("\n"), ""]
    return {
        **{name: getattr(event, name) for name in FIELDS},
        "venue": event.venue if event.place_is_public else hidden[0],
        "street": event.street if event.place_is_public else hidden[1],
        "start": slot.start.isoformat(),
        "end": slot.end.isoformat(),
        "all_day": slot.all_day,
        "capacity": slot.capacity,
    }


def changes(event: Event, slot: Timeslot, details: EventDetails) -> dict[str, Any]:
    """What the details say otherwise than the event: name to new value."""
    said = {
        **{name: details.values[name] for name in FIELDS if name in details.values},
        "venue": details.venue,
        "street": details.street,
        "start": details.start.isoformat(),
        "end": details.end.isoformat(),
        "all_day": details.all_day,
        "capacity": details.capacity,
    }
    before = said_of(event, slot)
    for name in ("start", "end"):  # the same moment may be written in several zones
        if datetime.fromisoformat(said[name]) == datetime.fromisoformat(before[name]):
            said[name] = before[name]
    return {name: value for name, value in said.items() if value != before[name]}


def details_with(event: Event, slot: Timeslot, values: dict[str, Any]) -> EventDetails:
    """The event as it stands now with these values in it, as the actions take it."""
    said = said_of(event, slot) | values
    return EventDetails(
        fields={name: said[name] for name in FIELDS},
        venue=said["venue"],
        street=said["street"],
        start=datetime.fromisoformat(said["start"]),
        end=datetime.fromisoformat(said["end"]),
        all_day=said["all_day"],
        capacity=said["capacity"],
    )


def as_proposed(event: Event, slot: Timeslot, values: dict[str, Any]) -> tuple[Event, Timeslot]:
    """Copies of the event and its timeslot with these values in them, to be shown and never saved."""
    details = details_with(event, slot, values)
    event, slot = copy(event), copy(slot)
    for name, value in details.values.items():
        setattr(event, name, value)
    slot.start, slot.end, slot.all_day = details.start, details.end, details.all_day
    slot.capacity, slot.event = details.capacity, event
    event._prefetched_objects_cache = {"timeslots": [slot]}  # type: ignore[attr-defined]
    return event, slot
