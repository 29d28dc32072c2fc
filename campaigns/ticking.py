"""What campaigns do at each tick."""

from campaigns.actions.asking import ask_signers
from hub.ticking import every_tick

every_tick(ask_signers)
