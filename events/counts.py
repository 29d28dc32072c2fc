"""What of events is counted by day."""

from django.utils.translation import gettext_lazy as _

from hub.counts import register

# Each form that said "I'm coming", alone or with others, whether or not it was confirmed afterwards.
register("rsvps", _("RSVPs"), "rsvp")
