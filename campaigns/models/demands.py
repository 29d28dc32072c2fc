"""What a campaign demands: its versions, each version's words by language, and who supports it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy
from taggit.managers import TaggableManager

from campaigns.models.campaigns import Campaign
from campaigns.querysets import DemandQuerySet, DemandTextQuerySet
from hub.models import HubModel, TaggedItem


class Demand(HubModel):
    """One demand of a campaign. What it says stands in its versions, the newest of which holds.

    A proposed one is seen by those who run the campaign, and its words can still change in place. The
    adopted ones stand in the campaign's order, counted from 1 on. A retired one keeps its page and takes
    no more support.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("state of a demand", "proposed")
        ADOPTED = "adopted", pgettext_lazy("state of a demand", "adopted")
        RETIRED = "retired", pgettext_lazy("state of a demand", "retired")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="demands")
    slug = models.SlugField(max_length=80, unique=True, help_text="fixed once adopted")
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    order = models.PositiveSmallIntegerField(
        null=True, help_text="place among the campaign's adopted demands; only these have one"
    )
    newest = models.PositiveSmallIntegerField(default=1, help_text="number of the version that holds")
    supporters = models.PositiveIntegerField(
        default=0, help_text="members who support it; moves with their rows, under this row's lock"
    )
    made_at = models.DateTimeField()
    adopted_at = models.DateTimeField(null=True, help_text="when it first was")
    retired_at = models.DateTimeField(null=True)

    tags = TaggableManager(through=TaggedItem, blank=True)
    objects: ClassVar[DemandQuerySet] = DemandQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="adopted", order__isnull=False)
                | (~Q(status="adopted") & Q(order__isnull=True)),
                name="adopted_demands_have_a_place",
            )
        ]
        indexes = [models.Index(fields=["campaign", "order"], name="demand_of_campaign")]

    def __str__(self) -> str:
        """Its title where the query has brought one, as the admin's does."""
        return getattr(self, "title_shown", None) or self.slug

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it. Twin of `DemandQuerySet.visible_to` for a visitor."""
        return self.status != self.Status.PROPOSED


class DemandVersion(HubModel):
    """A demand as it stood from one moment on, in all its languages."""

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(help_text="from 1 on")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["demand", "number"], name="one_demand_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class DemandText(HubModel):
    """The words of a version in one language."""

    version = models.ForeignKey(DemandVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    title = models.CharField(max_length=160)
    text = models.TextField(max_length=10_000, blank=True, help_text="Markdown")
    adopted = models.CharField(
        max_length=160, blank=True, help_text="when and where these words were adopted, as text"
    )

    objects: ClassVar[DemandTextQuerySet] = DemandTextQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="one_demand_text_a_language"),
        ]

    def __str__(self) -> str:
        return self.title


class DemandSupporter(HubModel):
    """A member supports a demand. Only that member is ever told: public is how many do."""

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="supporter_rows")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supported_demands"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["demand", "user"], name="one_support_a_member"),
        ]

    def __str__(self) -> str:
        return f"support {str(self.pk)[:8]}"
