"""What exists on the top floor."""

from events.models.events import PARTY_MAX, Event, EventChange, Timeslot
from events.models.rsvps import NEED_MAX, STATES, Attendance, MergedLink, Rsvp

__all__ = [
    "NEED_MAX",
    "PARTY_MAX",
    "STATES",
    "Attendance",
    "Event",
    "EventChange",
    "MergedLink",
    "Rsvp",
    "Timeslot",
]
