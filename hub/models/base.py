"""What every model of the hub has."""

import uuid

from django.db import models


class HubModel(models.Model):
    """A row with a random public id, made in Python so that sealed fields and links can use it
    before the row is saved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Moderated(models.Model):
    """Something the public sees only once it is published. The event's own axes (scheduled,
    cancelled) are other columns."""

    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        PUBLISHED = "published", "published"

    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
