"""The moderators' queue: one row for each submission."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from hub.models.base import HubModel
from hub.models.mailboxes import Mailbox
from hub.models.threads import Thread
from hub.sealing import SealedField


class ReviewQuerySet(models.QuerySet[Any]):
    """Submissions, by what is still to be done. Who may read them says `hub.moderation.visible_to`: it
    asks for roles, which stand above the tables."""

    def waiting(self) -> "ReviewQuerySet":
        """Not decided yet, the most urgent first."""
        return self.filter(decision="").order_by("needed_by", "id")


class Review(HubModel):
    """One thing that somebody submitted and a moderator decides on. The queue reads only this table,
    and only `hub/moderation.py` writes it.

    A new thing is under review itself; an edit of something published is a review of its own that holds
    the new values, while the page stays as it is.
    """

    class Decision(models.TextChoices):
        WAITING = "", "waiting"
        PUBLISHED = "published", "published"
        RETURNED = "returned", "returned"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"

    kind = models.CharField(max_length=40, help_text="registered name, for example events.event")
    object_id = models.UUIDField(help_text="of the thing")
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="submissions"
    )
    mailbox = models.ForeignKey(
        Mailbox,
        on_delete=models.SET_NULL,
        null=True,
        related_name="reviews",
        help_text="where the submitter is told; of an account too",
    )
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    values = SealedField(help_text="of an edit: the new values as JSON")

    submitted_at = models.DateTimeField()
    needed_by = models.DateTimeField(help_text="min(submitted + 24 h, first start - 48 h)")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="claims"
    )
    claimed_until = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default=Decision.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="decisions"
    )
    reason = SealedField(help_text="what the submitter was told")
    thread = models.ForeignKey(Thread, on_delete=models.SET_NULL, null=True, related_name="reviews")

    objects: ClassVar[ReviewQuerySet] = ReviewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id"], condition=Q(decision=""), name="one_open_review"
            )
        ]
        indexes = [
            models.Index(fields=["needed_by", "id"], name="review_waiting", condition=Q(decision="")),
            models.Index(fields=["decided_at"], name="review_decided", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"review of {self.kind} {str(self.pk)[:8]}"
