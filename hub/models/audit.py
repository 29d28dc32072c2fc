"""Who did what to which thing: never a name, never an address."""

from django.conf import settings
from django.db import models

from hub.models.base import HubModel


class AuditEntry(HubModel):
    """One act. Erasing a person empties `actor` and `subject` and leaves the rest."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="acts",
        help_text="empty: a visitor",
    )
    action = models.CharField(max_length=40, help_text="name of the action, for example publish_event")
    object_kind = models.CharField(max_length=40, help_text="model label, for example events.Event")
    object_id = models.UUIDField(db_index=True)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="acts_about"
    )
    count = models.PositiveIntegerField(null=True, help_text="how many people or rows it touched")
    reason = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict, blank=True, help_text="public fields: name to [before, after]")

    class Meta:
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
