"""What every model of the hub has."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class HubModel(models.Model):
    """A row with a random public id, made in Python so that sealed fields and links can use it
    before the row is saved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Moderated(models.Model):
    """Something the public sees only once it is published. What waits for its mailbox is a draft. Other
    axes (scheduled, cancelled; active, frozen) are other columns."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for a moderator")
        PUBLISHED = "published", _("published")
        RETURNED = "returned", _("returned to its author")
        REJECTED = "rejected", _("rejected")
        ARCHIVED = "archived", _("archived")

    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
