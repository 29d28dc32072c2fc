"""A visitor's address, held once, and what was asked of it."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from hub import links
from hub.models.base import HubModel
from hub.sealing import SealedField, digest, normalize_email


def address_digest(address: str) -> bytes:
    """Identity of a mailbox: keyed digest of the lower-case address."""
    return digest("mailbox", normalize_email(address))


def without_tag(address: str) -> str:
    """The lower-case address without a `+tag` before the @: most often the same person reads both."""
    local, _, domain = normalize_email(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def bucket_digest(address: str) -> bytes:
    """For limits only: as `address_digest`, but addresses with a `+tag` before the @ share one. The plain
    address has its own, or whoever types it with tags would use up its owner's mail."""
    local, _, domain = normalize_email(address).rpartition("@")
    name, tag, _ = local.partition("+")
    return digest("bucket", f"{name}{'+*' if tag else ''}@{domain}")


class Mailbox(HubModel):
    """One visitor's address. Everything of theirs points here, so erasing, limiting and wiping
    happen in one place. Nobody reads the address but the mailer."""

    address = SealedField()
    address_digest = models.BinaryField(max_length=32, unique=True)
    bucket_digest = models.BinaryField(max_length=32, db_index=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, help_text="last proof that somebody reads this mailbox")
    link_generation = models.PositiveSmallIntegerField(
        default=0, help_text="raised to make the old link open nothing"
    )
    link_hash = models.BinaryField(
        max_length=32, unique=True, null=True, help_text="of the link to what this mailbox gets"
    )

    def __str__(self) -> str:
        return f"mailbox {str(self.pk)[:8]}"

    @classmethod
    def of(cls, address: str, *, at: datetime, confirmed_at: datetime | None = None) -> Self:
        """The mailbox of an address, not stored yet."""
        mailbox = cls(
            address=normalize_email(address),
            address_digest=address_digest(address),
            bucket_digest=bucket_digest(address),
            created_at=at,
            confirmed_at=confirmed_at,
        )
        mailbox.link_hash = links.token_hash(mailbox.token)
        return mailbox

    @property
    def token(self) -> str:
        """The link to what this mailbox gets: it opens the page that shows and changes all of it, so it goes
        to the mailbox alone, in a mail somebody asked for, and never into one that is passed on."""
        return links.token("mail", self.pk, self.link_generation)

    def is_of(self, address: str) -> bool:
        """Whether it is the mailbox of this address."""
        return bytes(self.address_digest) == address_digest(address)

    @property
    def masked(self) -> str:
        """Enough of the address for whoever typed it to see a slip: "r…@example.org"."""
        local, _, domain = self.address.rpartition("@")
        return f"{local[:1]}…@{domain}"


class Confirmation(HubModel):
    """One mail that asks "was that you?", with a button and a code. Acts of the same mailbox
    within the hour join it, so that nobody can bomb a mailbox through the hub's forms."""

    # Not with its mailbox: who could erase it could have another mail sent at once.
    mailbox = models.ForeignKey(Mailbox, on_delete=models.SET_NULL, null=True, related_name="confirmations")
    address_digest = models.BinaryField(
        max_length=32, help_text="finds its mailbox again when that comes back"
    )
    bucket_digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(help_text="when it was put into the outbox")
    hour = models.PositiveIntegerField(help_text="hours from 1970 to made_at")
    answered_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    act_kind = models.CharField(max_length=40, help_text="kind of the act that caused the mail")
    act_id = models.UUIDField(help_text="the act that caused the mail: only this one is ticked on its page")
    token_hash = models.BinaryField(max_length=32, unique=True)

    class Meta:
        constraints = [
            # Posts at the same moment see no mail of each other yet: this lets one of them through.
            models.UniqueConstraint(
                fields=["bucket_digest", "hour"],
                condition=Q(answered_at__isnull=True),
                name="one_unanswered_confirmation_an_hour",
            )
        ]
        indexes = [models.Index(fields=["bucket_digest", "-made_at"], name="confirmation_newest")]

    def __str__(self) -> str:
        return f"confirmation {str(self.pk)[:8]}"

    @property
    def owner(self) -> Mailbox:
        """The mailbox it went to, once it is known to be there still."""
        assert self.mailbox is not None
        return self.mailbox


class Block(HubModel):
    """ "Never write again": a keyed digest of an address that stops reminders and news, kept
    after the address itself is erased. Confirming a new act lifts it."""

    address_digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"block {str(self.pk)[:8]}"


class Suppression(HubModel):
    """A relay said for good that this address takes no mail: a keyed digest of it, for 90 days. Answers to
    what somebody does now are tried all the same; confirming by one ends it."""

    address_digest = models.BinaryField(max_length=32, unique=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"suppression {str(self.pk)[:8]}"


class Trust(HubModel):
    """Whoever reads this address may publish at once: a moderator said so, or it was earned. A keyed
    digest, because trust outlives the event and the host's address does not."""

    address_digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"trust {str(self.pk)[:8]}"


class SubmittedForm(HubModel):
    """A form that has acted. Its token is unique and inserted in the act's own transaction, so
    the same form sent twice acts once; the second sending is led to what the first one made."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(db_index=True)
    result_id = models.UUIDField()

    def __str__(self) -> str:
        return f"form {str(self.pk)[:8]}"
