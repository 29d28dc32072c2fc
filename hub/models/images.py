"""Pictures people upload, as they are kept: decoded and written anew, under random names."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse

from hub.models.base import HubModel

LARGE = 1600  # pixels of the longer side
SMALL = 400
SUFFIXES = {"jpeg": ".jpg", "webp": ".webp"}


class Image(HubModel):
    """A picture of something: of a post, an organization, a report. Whoever may see that sees it.

    Its two files, one of LARGE and one of SMALL pixels at most, lie in the media folder.
    """

    class Kind(models.TextChoices):
        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"

    name = models.CharField(max_length=32, unique=True, help_text="random, without the file's suffix")
    kind = models.CharField(max_length=4, choices=Kind, help_text="what its files are, whatever was sent")
    width = models.PositiveSmallIntegerField(help_text="pixels of the larger file")
    height = models.PositiveSmallIntegerField()
    alt = models.CharField(max_length=300, help_text="what is to be seen, for those who don't see it")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, help_text="of `alt`")
    owner_kind = models.CharField(max_length=40, help_text="model label, for example campaigns.Post")
    owner_id = models.UUIDField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "id"]
        indexes = [models.Index(fields=["owner_id", "added_at"], name="image_of_owner")]

    def __str__(self) -> str:
        return self.alt

    @property
    def file_name(self) -> str:
        return self.name + SUFFIXES[self.kind]

    @property
    def small_name(self) -> str:
        return f"{self.name}-small{SUFFIXES[self.kind]}"

    @property
    def url(self) -> str:
        """The path of the larger file."""
        return reverse("media", args=[self.file_name])

    @property
    def small_url(self) -> str:
        return reverse("media", args=[self.small_name])

    @property
    def small_width(self) -> int:
        """Pixels of the smaller file, to within one."""
        return max(1, round(self.width * min(1, SMALL / max(self.width, self.height))))

    @property
    def paths(self) -> list[Path]:
        """Both files."""
        return [media_folder() / self.file_name, media_folder() / self.small_name]


def media_folder() -> Path:
    """Where the files lie."""
    return settings.VAR_DIR / "media"
