"""Asking those who signed whether they sign the newer text too: once each."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns.actions.appeals import lock
from campaigns.models import Appeal, AppealVersion, Signature
from hub import mail
from hub.models import Message

KIND = "campaigns.newer"
AT_ONCE = 1000  # signers asked in one transaction


def ask_signers(now: datetime) -> None:
    """Part of the tick: put a mail for everybody who stands under an older text of a document that says
    something else by now, a thousand at a time."""
    unasked = AppealVersion.objects.filter(
        substantial=True,
        number__gt=1,
        asked_at=None,
        appeal__status=Appeal.Status.PUBLISHED,
        appeal__closed_at=None,
    )
    for version in unasked.order_by("made_at"):
        _ask_of(version, now)


def _ask_of(version: AppealVersion, now: datetime) -> None:
    with transaction.atomic():
        lock(version.appeal_id)  # nobody confirms in between and is overlooked
        asked = Message.objects.filter(kind=KIND, about_id=OuterRef("pk"), occasion=str(version.pk))
        signers = (
            Signature.objects.confirmed()
            .filter(~Exists(asked), appeal=version.appeal_id, version__number__lt=version.number)
            .exclude(mailbox=None)
            .order_by("pk")[: AT_ONCE + 1]
        )
        found = list(signers.only("mailbox_id"))
        mail.put(draft_for(signature, version, now) for signature in found[:AT_ONCE])
        if len(found) <= AT_ONCE:
            AppealVersion.objects.filter(pk=version.pk).update(asked_at=now)


def draft_for(signature: Signature, version: AppealVersion, now: datetime) -> Message:
    """The one mail that asks this signer about this version."""
    return mail.draft(
        KIND,
        mailbox_id=signature.mailbox_id,  # type: ignore[arg-type]  # callers have looked
        about_id=signature.pk,
        topic_id=version.appeal_id,
        occasion=str(version.pk),
        at=now,
    )
