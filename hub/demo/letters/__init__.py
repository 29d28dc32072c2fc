"""What the gallery of mail shows: for each kind an act that causes it. See `hub/gallery.py`."""

from hub.demo.letters import of_announcements, of_campaigns, of_committees, of_events, of_the_ground

__all__ = ["of_announcements", "of_campaigns", "of_committees", "of_events", "of_the_ground"]
