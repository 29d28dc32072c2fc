"""The campaign that everything else belongs to."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.querysets import CampaignQuerySet
from hub.models import HubModel


class Campaign(HubModel):
    """A campaign of the movement. Several are possible; one is the home page's."""

    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    summary = models.CharField(max_length=300, help_text="One sentence: what this campaign is for.")
    summary_es = models.CharField(max_length=300, blank=True, help_text="The same sentence in Spanish.")
    is_home = models.BooleanField(default=False, help_text="The campaign the home page opens with.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[CampaignQuerySet] = CampaignQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_home"], condition=Q(is_home=True), name="one_home_campaign")
        ]

    def __str__(self) -> str:
        return self.title

    def summary_in(self, language: str) -> str:
        """The summary in a language, in English where there is none."""
        return (self.summary_es if language == "es" else "") or self.summary


class Coordinator(HubModel):
    """Somebody who runs a campaign: its appeals, demands, days of action and posts, in the admin and
    nobody else's."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="coordinators")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="campaigns")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="one_coordinator_a_campaign")
        ]

    def __str__(self) -> str:
        return f"coordinator {str(self.pk)[:8]}"
