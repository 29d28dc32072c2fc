"""What campaigns do at each tick: publish the posts whose hour has come."""

from campaigns.actions.posts import publish_due
from hub.ticking import every_tick

every_tick(publish_due)
