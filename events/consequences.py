"""What follows for events from what is done on the floors below."""

from committees.actions.committees import when_hidden
from committees.actions.members import when_gone
from events.actions.events import show_to_members_only
from events.actions.rsvps import cancel_among_members

when_hidden.append(show_to_members_only)
when_gone.append(cancel_among_members)
