"""What campaigns do at each tick."""

from campaigns.actions.newer_texts import ask_about_newer
from hub.ticking import every_tick

every_tick(ask_about_newer)
