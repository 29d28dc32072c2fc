"""What campaigns do at each tick: posts whose hour has come, signers and endorsers of older texts."""

from campaigns.actions.asking import ask_signers
from campaigns.actions.newer_texts import ask_about_newer
from campaigns.actions.posts import publish_due
from hub.ticking import every_tick

every_tick(publish_due)
every_tick(ask_signers)
every_tick(ask_about_newer)
