"""Which organizations endorse a day of action or an event, or organize it together."""

from django.db import models

from campaigns.models import Endorsement
from campaigns.models.endorsements import one_of_an_organization
from events.models.days import DayOfAction
from events.models.events import Event


class DayEndorsement(Endorsement):
    """An endorsement of a day of action."""

    OF = "day"

    day = models.ForeignKey(DayOfAction, on_delete=models.PROTECT, related_name="endorsements")

    class Meta:
        constraints = [one_of_an_organization("day")]


class EventEndorsement(Endorsement):
    """An endorsement of an event; of a forum also by those who organize it together."""

    OF = "event"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="endorsements")

    class Meta:
        constraints = [one_of_an_organization("event")]
