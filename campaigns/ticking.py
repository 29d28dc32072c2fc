"""What campaigns do at each tick: publish the posts whose hour has come, ask signers about newer texts."""

from campaigns.actions.asking import ask_signers
from campaigns.actions.posts import publish_due
from hub.ticking import every_tick

every_tick(publish_due)
every_tick(ask_signers)
