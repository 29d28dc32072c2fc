"""What of committees is counted by day."""

from django.utils.translation import gettext_lazy as _

from hub.counts import register

# Straight into an open one, or by a coordinator's yes.
register("joins", _("People who joined a committee"), "join", "approve_membership")
