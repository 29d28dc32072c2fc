"""Endorsements, and those who act for an organization, in the contact flow."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext

from campaigns import endorsing
from campaigns.actions import endorsements, officers
from campaigns.endorsing import EndorsedKind
from campaigns.models import OfficerClaim
from hub import contact, links
from hub.contact import ActKind, OwnedThing, PendingAct
from hub.mail import Letter
from hub.models import Mailbox


# --- Endorsements ----------------------------------------------------------------------------------
def pending(kind: EndorsedKind, mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """This mailbox's endorsements nobody has confirmed yet; of each thing and organization the newest."""
    rows = kind.rows().filter(mailbox=mailbox, confirmed_at=None, made_at__gt=now - contact.ADDRESS_KEPT)
    newest: dict[tuple[UUID, UUID], list] = {}
    titles = {}
    for row, titled in kind.titled(rows.order_by("made_at", "pk"), get_language() or "en"):
        if not kind.closed(row.thing, now):
            newest.setdefault((row.thing_id, row.organization_id), []).append(row)
            titles[row.thing_id] = titled
    return [
        PendingAct(
            kind=kind.act_kind,
            id=last.pk,
            token=last.token,
            title=titles[last.thing_id].title,
            language=titles[last.thing_id].language,
            details=gettext("Endorse it as %(organization)s") % {"organization": last.organization.name},
            replaces={one.pk: one.token for one in earlier},
        )
        for *earlier, last in newest.values()
    ]


def confirm(kind: EndorsedKind, act_id: UUID, now: datetime) -> str | None:
    """Hand it in; its permanent page is the mailed one, because the mailbox is proven."""
    endorsement = endorsements.confirm(kind, act_id, now)
    return reverse("endorsement", args=[endorsement.mail_token]) if endorsement else None


def owned(kind: EndorsedKind, mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """The endorsements whose contact this mailbox is; of what is off the site without its title."""
    mine = kind.rows().filter(mailbox=mailbox, confirmed_at__isnull=False).order_by("confirmed_at")
    return [
        OwnedThing(
            row.organization.name
            if kind.is_off(row.thing, now)
            else f"{row.organization.name}: {titled.title}",
            titled.language,
            reverse("endorsement", args=[row.mail_token]),
        )
        for row, titled in kind.titled(mine, get_language() or "en")
    ]


def letter(kind: EndorsedKind, act_id: UUID) -> Letter | None:
    """What the confirmation mail says of it: the thing, which is public, and nothing its sender has typed."""
    row = kind.rows().filter(pk=act_id, confirmed_at=None, mailbox__isnull=False).first()
    if row is None or kind.is_off(row.thing, timezone.now()):
        return None
    with translation.override(row.language):
        context = {
            "title": kind.title_of(row.thing, row.language).title,
            "act_template": "mail/campaigns/_endorse",
            "own_url": links.url("endorsement", row.mail_token),
        }
        return Letter(row.mailbox, row.language, context)


for endorsed in endorsing.kinds.values():
    acts: dict[str, Callable] = {
        name: partial(act, endorsed)
        for name, act in (("pending", pending), ("confirm", confirm), ("letter", letter), ("owned", owned))
    }
    contact.register(ActKind(endorsed.act_kind, **acts))


# --- Who acts for an organization --------------------------------------------------------------------
def pending_claims(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """What this mailbox's owner says they act for."""
    waiting = OfficerClaim.objects.filter(mailbox=mailbox, made_at__gt=now - contact.ADDRESS_KEPT)
    return [
        PendingAct(
            kind=officers.ACT_KIND,
            id=claim.pk,
            token=claim.token,
            title=claim.organization.name,
            language=get_language() or "en",
            details=gettext("Act for this organization"),
        )
        for claim in waiting.select_related("organization").order_by("made_at")
    ]


def confirm_claim(act_id: UUID, now: datetime) -> str | None:
    """Let them act for it."""
    organization = officers.confirm(act_id, now)
    return reverse("organizations:detail", args=[organization.slug]) if organization else None


def letter_of_claim(act_id: UUID) -> Letter | None:
    """What the mail says of it."""
    claim = OfficerClaim.objects.select_related("organization", "mailbox").filter(pk=act_id).first()
    if claim is None:
        return None
    with translation.override(claim.language):
        context = {"title": claim.organization.name, "act_template": "mail/campaigns/_officer"}
        return Letter(claim.mailbox, claim.language, context)


contact.register(
    ActKind(
        officers.ACT_KIND,
        pending=pending_claims,
        confirm=confirm_claim,
        letter=letter_of_claim,
        owned=lambda mailbox, now: [],
    )
)
