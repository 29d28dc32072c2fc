"""How many acts of a kind there were on a day, over the whole hub."""

from django.db import models

from hub.models.base import HubModel


class DailyCount(HubModel):
    """A total that outlives what it counts. Pages say of a small one only that it is small: hub/counts.py."""

    day = models.DateField(help_text="in UTC, over")
    what = models.CharField(max_length=20, help_text="a name in hub.counts.kinds")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "day"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.what} {self.day}"
