"""What endorsements keep about people, and for how long: the contact's mailbox, while the endorsement
stands."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from campaigns.actions import endorsements, officers
from campaigns.endorsing import everywhere, kinds
from campaigns.models import OfficerClaim
from hub import mail, moderation
from hub.contact import ADDRESS_KEPT
from hub.models import Message, User, address_digest
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

GONE_KEPT = timedelta(days=30)  # what was withdrawn, rejected or taken off
WAITING = (Message.State.WAITING, Message.State.CLAIMED, Message.State.SENDING)

for kind in kinds.values():
    register_holder(kind.model)
register_holder(OfficerClaim)


@register_purge
def purge_unconfirmed(now: datetime) -> None:
    """What nobody confirmed within a day goes whole, with an organization that only it named."""
    for kind, rows in everywhere():
        stale = rows.filter(confirmed_at=None, made_at__lte=now - ADDRESS_KEPT)
        purge_each(list(stale.values_list("pk", flat=True)), partial(endorsements.expire, kind, at=now))
    claims = OfficerClaim.objects.filter(made_at__lte=now - ADDRESS_KEPT)
    purge_each(list(claims.values_list("pk", flat=True)), officers.withdraw_claim)


@register_purge
def purge_contacts(now: datetime) -> None:
    """The contact of one that stands no more is forgotten, once it was written to."""
    for _kind, rows in everywhere():
        gone = rows.gone().filter(mailbox__isnull=False)
        purge_each(list(gone.values_list("pk", flat=True)), partial(_forget_contact, rows))


@transaction.atomic
def _forget_contact(rows: Any, pk: UUID) -> None:
    row = rows.select_for_update().gone().filter(pk=pk, mailbox__isnull=False).first()
    if row is None or Message.objects.filter(mailbox=row.mailbox_id, state__in=WAITING).exists():
        return
    mailbox_id, row.mailbox = row.mailbox_id, None
    row.save(update_fields=["mailbox"])
    forget_if_unused(mailbox_id)


@register_purge
def purge_gone(now: datetime) -> None:
    """A month after one stands no more nobody needs to know that there was one."""
    for kind, rows in everywhere():
        gone = rows.gone().filter(mailbox=None, made_at__lte=now - GONE_KEPT)
        gone = gone.exclude(Q(withdrawn_at__gt=now - GONE_KEPT) | Q(ended_at__gt=now - GONE_KEPT))
        purge_each(list(gone.values_list("pk", flat=True)), partial(endorsements.expire, kind, at=now))


@register_export
def export_own(user: User) -> dict[str, Any]:
    """The endorsements whose contact the account's mailbox is."""
    mailbox, language = mailbox_of_account(user), user.language_or_default
    if mailbox is None:
        return {"endorsements": []}
    return {
        "endorsements": [
            {
                "organization": row.organization.name,
                "of": titled.title,
                "role": row.role,
                "adopted_by": row.adopted_by,
                "adopted_on": row.adopted_on.isoformat() if row.adopted_on else None,
                "motion": row.motion,
                "made_at": row.made_at.isoformat(),
                "status": row.status,
            }
            for kind in kinds.values()
            for row, titled in kind.titled(kind.rows().filter(mailbox=mailbox).order_by("made_at"), language)
        ]
    }


@register_erasure
def erase_own(user: User, at: datetime) -> None:
    """What was never confirmed goes; what stands is the organization's, and stays without its contact."""
    mailbox = mailbox_of_account(user)
    if mailbox is None:
        return
    for kind, rows in everywhere():
        for row in rows.filter(mailbox=mailbox).order_by("pk"):
            if row.confirmed_at is None:
                endorsements.withdraw(kind, row.pk, by=None, at=at)
            else:
                moderation.forget_submitter(kind.act_kind, row.pk, at=at)
                mail.drop([row.pk], at)
                rows.filter(pk=row.pk).update(mailbox=None)
    for claim in OfficerClaim.objects.filter(mailbox=mailbox):
        officers.withdraw_claim(claim.pk)


@register_move
def give_way(before: str, after: str, at: datetime) -> None:
    """What the old address has never confirmed doesn't go along."""
    for kind, rows in everywhere():
        unproven = rows.filter(mailbox__address_digest=address_digest(before), confirmed_at=None)
        for pk in list(unproven.order_by("pk").values_list("pk", flat=True)):
            endorsements.withdraw(kind, pk, by=None, at=at)
