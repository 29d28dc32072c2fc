"""Asking those who signed whether they sign the newer text too: once each."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns.actions.appeals import lock
from campaigns.models import Appeal, AppealEndorsement, AppealVersion, Signature
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
        later = AppealVersion.objects.filter(appeal=version.appeal_id, number__gt=version.number)
        # Where there is a newer one still, its signers are asked about that alone.
        if later.filter(substantial=True).exists() or not _put_some(version, now):
            AppealVersion.objects.filter(pk=version.pk).update(asked_at=now)


def _put_some(version: AppealVersion, now: datetime) -> bool:
    """Put the next thousand mails; whether there may be more."""
    asked = Message.objects.filter(kind=KIND, about_id=OuterRef("pk"), occasion=str(version.pk))
    signers = (
        Signature.objects.confirmed()
        .filter(~Exists(asked), appeal=version.appeal_id, version__number__lt=version.number)
        .exclude(mailbox=None)
        .order_by("pk")
        .only("mailbox_id")
    )
    start = 0
    while True:
        found = list(signers[start : start + AT_ONCE])
        drafts = [draft_for(signature, version, now) for signature in found]
        # A mail forgets whom it was about two days after it went; its key stays.
        known = Message.objects.filter(key__in=[draft.key for draft in drafts]).count()
        mail.put(drafts)
        if len(found) < AT_ONCE or known < len(found):
            return len(found) == AT_ONCE
        start += AT_ONCE


def still_to_ask(appeal: Appeal) -> int:
    """How many people are asked about the newest text of a document: who signed, or endorsed for their
    organization, one that said something else. Nobody while it is off the site or closed."""
    newest = AppealVersion.objects.filter(appeal=appeal, substantial=True).order_by("-number").first()
    open_ones = Appeal.objects.filter(pk=appeal.pk, status=Appeal.Status.PUBLISHED, closed_at=None)
    if newest is None or not open_ones.exists():
        return 0
    signed = Signature.objects.confirmed().filter(appeal=appeal, version__number__lt=newest.number)
    endorsed = AppealEndorsement.objects.to_be_asked().filter(appeal=appeal)
    return signed.exclude(mailbox=None).count() + endorsed.count()


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
