"""The campaign that everything else belongs to, its words by language, and who runs it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.querysets import CampaignQuerySet
from hub.models import HubModel
from hub.texts import in_language


class Campaign(HubModel):
    """A campaign of the movement. Several are possible; one is the home page's. Its title is a name, the
    same in every language; what it is for stands in its texts."""

    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    accent = models.CharField(
        max_length=7,
        blank=True,
        help_text="The colour of its pages, such as #1d4f91; left empty, they are red.",
    )
    is_home = models.BooleanField(default=False, help_text="The campaign the home page opens with.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[CampaignQuerySet] = CampaignQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_home"], condition=Q(is_home=True), name="one_home_campaign")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def accent_digits(self) -> str:
        """The colour as its stylesheet's address has it."""
        return self.accent.removeprefix("#")

    def text_in(self, language: str) -> "CampaignText | None":
        """Its words in a language; in another one where there are none. Reads all of them at once."""
        return in_language(self.texts.all(), language)


class CampaignText(HubModel):
    """What a campaign says of itself in one language."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    summary = models.CharField(max_length=300, help_text="what it is for, in a sentence")
    about = models.TextField(max_length=20_000, blank=True, help_text="Markdown")
    legal_support = models.CharField(
        max_length=300, blank=True, help_text="whom to call when somebody is arrested or fired"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "language"], name="one_campaign_text_a_language"),
        ]

    def __str__(self) -> str:
        return self.summary


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
