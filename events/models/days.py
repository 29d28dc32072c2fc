"""Days of action: one call, many local events in any country and zone."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from events.querysets import DayQuerySet
from hub.models import HubModel, Moderated
from hub.texts import in_language


class DayOfAction(Moderated, HubModel):
    """A call to act on the same day everywhere. Its dates are local to each place."""

    class Mode(models.TextChoices):
        SAME_HOUR = "same-hour", _("the same hour of the clock everywhere")
        SAME_INSTANT = "same-instant", _("the same moment everywhere")
        FREE = "free", _("each place chooses its hour")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="days")
    slug = models.SlugField(max_length=80, unique=True, help_text="fixed once published")
    first_date = models.DateField()
    last_date = models.DateField()
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.FREE)
    hour = models.TimeField(null=True, blank=True, help_text="the same hour everywhere: local time")
    instant = models.DateTimeField(null=True, blank=True, help_text="the same moment everywhere: UTC")
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[DayQuerySet] = DayQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")), name="day_ends_after_it_starts"
            )
        ]
        verbose_name = _("day of action")
        verbose_name_plural = _("days of action")

    def __str__(self) -> str:
        """Its title where the query has brought one, as the admin's does."""
        return getattr(self, "title_shown", None) or self.slug

    def text_in(self, language: str) -> "DayText | None":
        """Its words in a language; in another one where there are none. Reads all of them at once."""
        return in_language(self.texts.all(), language)


class DayText(HubModel):
    """The words of a day of action in one language."""

    day = models.ForeignKey(DayOfAction, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    title = models.CharField(max_length=120)
    call = models.TextField(max_length=10_000, help_text="Markdown: why, and what to do")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "language"], name="one_text_a_language"),
        ]

    def __str__(self) -> str:
        return self.title
