"""What of campaigns is counted by day."""

from django.utils.translation import gettext_lazy as _

from hub.counts import register

register("signatures", _("Signatures that were confirmed"), "confirm_signature")
