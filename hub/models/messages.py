"""The outbox: one row a mail, and the totals kept of it."""

import hashlib
from uuid import UUID

from django.db import models
from django.db.models import Q

from hub.models.base import HubModel
from hub.models.mailboxes import Mailbox
from hub.sealing import SealedField


def message_key(kind: str, about_id: UUID, occasion: str = "") -> bytes:
    """SHA-256 of what must be unique: this kind of mail, about this row, on this occasion."""
    return hashlib.sha256(f"{kind}\0{about_id}\0{occasion}".encode()).digest()


class Message(HubModel):
    """A mail to be sent, without its address and text: both are made at delivery, from fresh rows.

    The unique `key` is what makes sending idempotent, whatever happens to the broker.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        CLAIMED = "claimed", "handed to a worker"
        SENDING = "sending", "being sent"
        SENT = "sent", "sent"
        SKIPPED = "skipped", "skipped"
        FAILED = "failed", "failed"
        UNCERTAIN = "uncertain", "uncertain"

    FINAL = (State.SENT, State.SKIPPED, State.FAILED, State.UNCERTAIN)

    kind = models.CharField(max_length=40, help_text="registered name, for example events.reminder_same_day")
    key = models.BinaryField(max_length=32, unique=True)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.SET_NULL, null=True, related_name="messages")
    about_id = models.UUIDField(null=True, help_text="the row it is about; emptied with the person")
    topic_id = models.UUIDField(null=True, db_index=True, help_text="the event; stays until it is purged")
    occasion = models.CharField(
        max_length=64, blank=True, help_text="which time of several: a start, a change"
    )

    sealed_secret = SealedField(help_text="a log-in code, until it is sent; nothing else")

    made_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="earliest moment to send; moves forward with each retry")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    state_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=80, blank=True, help_text="why skipped or failed; never an address")
    sent_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="companions")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="message_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["state_at"], name="message_in_hand", condition=Q(state__in=("claimed", "sending"))
            ),
            models.Index(
                fields=["state_at"],
                name="message_with_person",
                condition=Q(state__in=("sent", "skipped", "failed", "uncertain"), mailbox__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.pk)[:8]}"


class MailHold(HubModel):
    """While the row is there, no mail leaves; what falls due waits. There is one at most."""

    name = models.CharField(max_length=10, unique=True, default="all", help_text="what is held: all of it")
    since = models.DateTimeField()
    reason = models.CharField(max_length=200, help_text="why, without naming anybody")

    def __str__(self) -> str:
        return "mail is held"


class MailPace(HubModel):
    """From when on the next mail may be handed out, where there is a limit a minute. One row at most."""

    name = models.CharField(max_length=10, unique=True, default="all", help_text="of which mail: all of it")
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return "pace of mail"


class Heartbeat(HubModel):
    """When a part of the worker last finished its round; `doctor` reads it."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
