"""Documents of a campaign that people can sign: their versions, and each version's words by language."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import pgettext_lazy

from campaigns.models.campaigns import Campaign
from campaigns.models.demands import Demand
from campaigns.querysets import AppealQuerySet
from hub.models import HubModel, Moderated
from hub.texts import in_language


class Appeal(Moderated, HubModel):
    """An appeal, open letter, call or statement. What it says stands in its versions."""

    class Kind(models.TextChoices):
        APPEAL = "appeal", pgettext_lazy("kind of document", "Appeal")
        OPEN_LETTER = "open-letter", pgettext_lazy("kind of document", "Open letter")
        CALL = "call", pgettext_lazy("kind of document", "Call")
        STATEMENT = "statement", pgettext_lazy("kind of document", "Statement")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="appeals")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.APPEAL)
    slug = models.SlugField(max_length=80, unique=True, help_text="fixed once published")
    issued_on = models.DateField(null=True, blank=True, help_text="the date the document bears")
    signable = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="nobody can sign any more since")
    goal = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="signatures that are hoped for"
    )
    changed_at = models.DateTimeField(auto_now=True)
    demands = models.ManyToManyField(
        Demand, blank=True, related_name="appeals", help_text="that the document carries"
    )

    objects: ClassVar[AppealQuerySet] = AppealQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index(fields=["campaign", "-published_at"], name="appeal_of_campaign")]

    def __str__(self) -> str:
        """Its title where the query has brought one, as the admin's does."""
        return getattr(self, "title_shown", None) or self.slug

    def takes_signatures(self) -> bool:
        """Whether somebody can sign it now."""
        return self.status == self.Status.PUBLISHED and self.signable and self.closed_at is None


class AppealVersion(HubModel):
    """The document as it stood from one moment on, in all its languages.

    Who signs, signs a version. A `substantial` one says something else than the one before: who signed
    that is asked once whether they sign this one too.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(help_text="from 1 on")
    substantial = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    signed = models.PositiveIntegerField(
        default=0, help_text="confirmed signatures under it; moves with them, in the same transaction"
    )
    asked_at = models.DateTimeField(
        null=True, help_text="of a substantial one: when the last of those who had signed was asked"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal", "number"], name="one_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    def text_in(self, language: str) -> "AppealText | None":
        """Its words in a language; in another one where there are none. Reads all of them at once."""
        return in_language(self.texts.all(), language)


class AppealText(HubModel):
    """The words of a version in one language."""

    version = models.ForeignKey(AppealVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, help_text="what it asks, in a sentence")
    body = models.TextField(max_length=50_000, help_text="Markdown")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="one_appeal_text_a_language"),
        ]

    def __str__(self) -> str:
        return self.title


class AppealReply(HubModel):
    """An answer to a document that stands elsewhere: a link, written by hand."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="replies")
    title = models.CharField(max_length=160)
    url = models.URLField(max_length=500)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    on = models.DateField(null=True, blank=True, help_text="when it was published")

    class Meta:
        ordering = ("on", "title")
        verbose_name_plural = "appeal replies"

    def __str__(self) -> str:
        return self.title


class PaperSheet(HubModel):
    """Signatures that were gathered on paper: how many, and nothing else of them."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="paper_sheets")
    version = models.ForeignKey(AppealVersion, on_delete=models.PROTECT, related_name="paper_sheets")
    count = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.count} on paper"
