"""Signatures in the contact flow: how they wait, are confirmed and are written about."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, gettext

from campaigns.actions import signatures
from campaigns.letters import signature_letter
from campaigns.models import Appeal, Signature
from hub import contact
from hub.contact import ActKind, OwnedThing, PendingAct
from hub.mail import Letter
from hub.models import Mailbox


def pending(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """This mailbox's signatures nobody has confirmed yet; of each document the newest, because it was
    said last."""
    waiting = (
        Signature.objects.filter(
            mailbox=mailbox,
            confirmed_at=None,
            made_at__gt=now - contact.ADDRESS_KEPT,
            appeal__status=Appeal.Status.PUBLISHED,
            appeal__closed_at=None,
        )
        .select_related("version")
        .prefetch_related("version__texts")
        .order_by("made_at", "id")
    )
    by_appeal: dict[UUID, list[Signature]] = {}
    for signature in waiting:
        by_appeal.setdefault(signature.appeal_id, []).append(signature)
    language = get_language() or "en"
    acts = []
    for *earlier, newest in by_appeal.values():
        text = newest.version.text_in(language)
        acts.append(
            PendingAct(
                kind=signatures.ACT_KIND,
                id=newest.pk,
                token=newest.token,
                title=text.title if text else "",
                language=text.language if text else language,
                details=gettext("Sign"),
                replaces={one.pk: one.token for one in earlier},
            )
        )
    return acts


def confirm(act_id: UUID, now: datetime) -> str | None:
    """Make it count; its permanent page is the mailed one, because the mailbox is proven."""
    signature = signatures.confirm(act_id, now)
    return reverse("signature", args=[signature.mail_token]) if signature else None


def owned(mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """Confirmed signatures of this mailbox."""
    mine = (
        Signature.objects.confirmed()
        .filter(mailbox=mailbox, appeal__status=Appeal.Status.PUBLISHED)
        .select_related("version")
        .prefetch_related("version__texts")
        .order_by("confirmed_at")
    )
    language = get_language() or "en"
    found = []
    for signature in mine:
        text = signature.version.text_in(language)
        if text is not None:
            path = reverse("signature", args=[signature.mail_token])
            found.append(OwnedThing(text.title, text.language, path))
    return found


def letter(act_id: UUID) -> Letter | None:
    """What the confirmation mail says of a signature: nothing its sender has typed."""
    signature = (
        Signature.objects.select_related("appeal", "version", "mailbox")
        .filter(pk=act_id, mailbox__isnull=False, appeal__status=Appeal.Status.PUBLISHED)
        .first()
    )
    if signature is None:
        return None
    with translation.override(signature.language):
        return signature_letter(
            signature, act_template="mail/campaigns/_act", own_template="mail/campaigns/_own"
        )


contact.register(ActKind(signatures.ACT_KIND, pending=pending, confirm=confirm, letter=letter, owned=owned))
