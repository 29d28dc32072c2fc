"""What campaigns keep about signers, and for how long."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns.actions import signatures
from campaigns.actions.appeals import lock
from campaigns.models import Signature
from hub import mail, moderation
from hub.contact import ADDRESS_KEPT
from hub.models import User, address_digest
from hub.personal import (
    forget_if_unused,
    mailbox_of_account,
    purge_each,
    register_erasure,
    register_export,
    register_holder,
    register_move,
    register_purge,
)

SIGNER_KEPT = timedelta(days=30)  # after the document was closed; then only what is shown stays

register_holder(Signature)


@register_purge
def purge_unconfirmed(now: datetime) -> None:
    """A signature nobody confirmed within a day is gone whole."""
    stale = Signature.objects.filter(confirmed_at=None, made_at__lte=now - ADDRESS_KEPT)
    purge_each(list(stale.values_list("pk", flat=True)), lambda pk: signatures.expire(pk, at=now))


@register_purge
def purge_signers(now: datetime) -> None:
    """A month after a document was closed its signers' addresses are forgotten."""

    @transaction.atomic
    def purge(signature_id: Any) -> None:
        signature = Signature.objects.get(pk=signature_id)
        lock(signature.appeal_id)  # it may be opened again this very moment
        found = _closed_long(now).filter(pk=signature_id).first()
        if found is None:
            return
        mailbox_id, found.mailbox = found.mailbox_id, None
        found.save(update_fields=["mailbox"])
        mail.drop([found.pk], now)
        moderation.forget_submitter(signatures.REVIEW_KIND, found.pk, at=now)  # also of what waits there
        forget_if_unused(mailbox_id)

    purge_each(list(_closed_long(now).values_list("pk", flat=True)), purge)


def _closed_long(now: datetime) -> Any:
    return Signature.objects.filter(mailbox__isnull=False, appeal__closed_at__lte=now - SIGNER_KEPT)


@register_export
def export_own(user: User) -> dict[str, Any]:
    """The signatures of the account's mailbox."""
    mailbox = mailbox_of_account(user)
    mine = Signature.objects.filter(mailbox=mailbox).select_related("version", "appeal") if mailbox else []
    return {
        "signatures": [
            {
                "document": _title(signature, user),
                "version": signature.version.number,
                "shown": signature.shown,
                "signed_as": signature.signed_as.split("\n") if signature.signed_as else [],
                "made_at": signature.made_at.isoformat(),
                "confirmed": signature.confirmed_at is not None,
            }
            for signature in mine
        ],
    }


def _title(signature: Signature, user: User) -> str:
    text = signature.version.text_in(user.language_or_default)
    return text.title if text else ""


@register_erasure
def erase_own(user: User, at: datetime) -> None:
    """Its signatures go as if each were taken back by its page."""
    mailbox = mailbox_of_account(user)
    if mailbox is None:
        return
    mine = Signature.objects.filter(mailbox=mailbox).order_by("appeal_id", "pk")
    for pk in list(mine.values_list("pk", flat=True)):
        signatures.withdraw(pk, at=at)


@register_move
def give_way(before: str, after: str, at: datetime) -> None:
    """Where both addresses have signed one document, the new one's signature is the person's: the other
    goes, or it would count twice."""
    confirmed = Signature.objects.confirmed()
    new_ones = confirmed.filter(mailbox__address_digest=address_digest(after)).values("appeal")
    doubles = confirmed.filter(mailbox__address_digest=address_digest(before), appeal__in=new_ones)
    for pk in list(doubles.order_by("appeal_id").values_list("pk", flat=True)):
        signatures.withdraw(pk, at=at)
