"""What exists on the top floor."""

from events.models.days import DayOfAction, DayText
from events.models.endorsements import DayEndorsement, EventEndorsement
from events.models.events import (
    PARTY_MAX,
    UPDATE_MAX,
    Event,
    EventChange,
    HostChange,
    MailedUpdate,
    Timeslot,
    Update,
)
from events.models.rsvps import NEED_MAX, STATES, Attendance, MergedLink, Rsvp

__all__ = [
    "NEED_MAX",
    "PARTY_MAX",
    "STATES",
    "UPDATE_MAX",
    "Attendance",
    "DayEndorsement",
    "DayOfAction",
    "DayText",
    "Event",
    "EventChange",
    "EventEndorsement",
    "HostChange",
    "MailedUpdate",
    "MergedLink",
    "Rsvp",
    "Timeslot",
    "Update",
]
