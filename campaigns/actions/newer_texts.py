"""What follows for endorsements when a document comes to say something else: each contact is asked once
whether their organization stands behind that too."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from campaigns import endorsing
from campaigns.actions.endorsements import EndorseRefused, answer, locked, refuse_closed
from campaigns.models import AppealEndorsement, AppealVersion
from hub import audit, mail


def newer_than(endorsement: AppealEndorsement) -> AppealVersion | None:
    """The newest version, if since the one that was endorsed the document came to say something else."""
    later = AppealVersion.objects.filter(
        appeal=endorsement.appeal_id, number__gt=endorsement.version.number
    ).order_by("-number")
    newest = later.first()
    return newest if newest is not None and later.filter(substantial=True).exists() else None


def endorse_newer(endorsement_id: UUID, *, seen: int, at: datetime) -> None:
    """The organization stands behind the newer text, version number `seen`, too. Raises EndorseRefused if by
    now there is one that says something else again."""
    kind = endorsing.kinds["appeal"]
    with transaction.atomic():
        endorsement = locked(kind, endorsement_id)
        if endorsement is None or not endorsement.stands:
            return
        refuse_closed(kind, endorsement.appeal, at)
        newest = newer_than(endorsement)
        if newest is None:
            return
        if newest.number != seen:
            raise EndorseRefused("newer")
        endorsement.version, endorsement.asked_number = newest, newest.number
        endorsement.save(update_fields=["version", "asked_number"])
        audit.record("endorse_newer", endorsement.appeal, at=at, by=None)


def ask_about_newer(now: datetime) -> None:
    """Ask each contact once whether their organization stands behind a text that says something else than
    before; no answer leaves the endorsement on the old one. Done at each tick."""
    waiting = AppealEndorsement.objects.to_be_asked().order_by("made_at")[:500]
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            endorsement = locked(endorsing.kinds["appeal"], pk)
            newest = newer_than(endorsement) if endorsement is not None else None
            if newest is None or newest.number <= endorsement.asked_number or endorsement.mailbox_id is None:
                continue
            endorsement.asked_number = newest.number
            endorsement.save(update_fields=["asked_number"])
            mail.put([answer("campaigns.endorsement_newer", endorsement, now, occasion=str(newest.number))])
