"""The feed: what a campaign says about what was done, written and heard."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from taggit.managers import TaggableManager

from campaigns.models.appeals import Appeal
from campaigns.models.campaigns import Campaign
from campaigns.querysets import PostQuerySet
from hub.models import HubModel, Moderated, TaggedItem


class Post(Moderated, HubModel):
    """A post of a campaign: its own comment, then what it points to. Its photos are `hub.Image`s; which
    events and committees it is about, these say (`Event.posts`, `Committee.posts`).

    A draft with a `publish_at` is published by the tick when that moment has come.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="posts",
        help_text="who wrote it first; shown to nobody: the campaign speaks",
    )
    slug = models.SlugField(max_length=80, unique=True, help_text="fixed from the first draft on")
    title = models.CharField(max_length=160)
    comment = models.TextField(max_length=20_000, blank=True, help_text="Markdown")
    credit = models.CharField(max_length=200, blank=True, help_text="whose words or photos these are")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")

    # The link card, typed by hand: the server fetches nothing.
    link_url = models.URLField(max_length=500, blank=True)
    link_title = models.CharField(max_length=200, blank=True)
    link_site = models.CharField(max_length=80, blank=True)
    link_excerpt = models.CharField(max_length=400, blank=True)
    # Each a list of [address, title], the title perhaps empty.
    videos = models.JSONField(default=list, blank=True)
    further = models.JSONField(default=list, blank=True, help_text="more about it elsewhere")

    appeal = models.ForeignKey(Appeal, on_delete=models.SET_NULL, null=True, blank=True, related_name="posts")
    pinned = models.BooleanField(default=False, help_text="stands before the others")
    publish_at = models.DateTimeField(null=True, blank=True, help_text="of a draft: when it is published")
    changed_at = models.DateTimeField(help_text="when its words last changed")

    tags = TaggableManager(through=TaggedItem, blank=True)
    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]

    # Managers that floors above declare.
    events: Any
    committees: Any

    class Meta:
        indexes = [
            models.Index(
                fields=["-pinned", "-published_at", "id"],
                name="post_in_feed",
                condition=Q(status="published"),
            ),
            models.Index(
                fields=["publish_at"],
                name="post_due",
                condition=Q(status="draft", publish_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its hour. Twin of `PostQuerySet.scheduled`."""
        return self.status == self.Status.DRAFT and self.publish_at is not None
