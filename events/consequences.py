"""What follows for events from what is done on the floors below."""

from committees.actions.committees import when_hidden
from events.actions.events import show_to_members_only

when_hidden.append(show_to_members_only)
