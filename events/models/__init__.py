"""What exists on the top floor."""

from events.models.events import PARTY_MAX, Event, EventChange, Timeslot
from events.models.rsvps import STATES, Attendance, MergedLink, Rsvp

__all__ = ["PARTY_MAX", "STATES", "Attendance", "Event", "EventChange", "MergedLink", "Rsvp", "Timeslot"]
