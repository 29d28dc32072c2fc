"""What committees do at each tick: put the mail of what they announce."""

from committees.actions.announcing import put_announcements
from hub.ticking import every_tick

every_tick(put_announcements)
