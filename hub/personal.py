"""Personal data: who holds it, how it is purged.

Each app registers in its `personal.py` what it deletes when its time is over, and which of its
tables point to a mailbox; a mailbox nothing points to any more is deleted.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from hub.contact import ADDRESS_KEPT, BUTTON_LIVES
from hub.models import (
    AuditEntry,
    Confirmation,
    Heartbeat,
    Mailbox,
    Message,
    Review,
    SubmittedForm,
    Thread,
    User,
)

logger = logging.getLogger("hub.purge")

FORMS_KEPT = timedelta(hours=24)
PERSON_ON_MESSAGE = timedelta(hours=48)  # after its final state
AUDIT_KEPT = timedelta(days=365)

_purges: list[Callable[[datetime], None]] = []
_holders: list[tuple[type[models.Model], str]] = []
_exports: list[Callable[[User], dict[str, Any]]] = []
_erasures: list[Callable[[User, datetime], None]] = []


def register_purge(purge: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Register what an app deletes when its time is over; called hourly with the moment."""
    _purges.append(purge)
    return purge


def register_holder(model: type[models.Model], column: str = "mailbox") -> None:
    """A table one of whose columns points to mailboxes that it needs."""
    _holders.append((model, column))


def register_export(export: Callable[[User], dict[str, Any]]) -> Callable[[User], dict[str, Any]]:
    """Register what an app holds of an account, under names of its own."""
    _exports.append(export)
    return export


def register_erasure(erase: Callable[[User, datetime], None]) -> Callable[[User, datetime], None]:
    """Register how an app forgets an account; called with the moment, inside the transaction that
    deletes it, before it is gone."""
    _erasures.append(erase)
    return erase


class PurgeIncomplete(Exception):
    """Some rows of a purge could not be purged."""


def purge_each(ids: Iterable[UUID], purge: Callable[[UUID], object]) -> None:
    """Purge row by row: one that fails is logged and doesn't hold up the others. Raises
    PurgeIncomplete when all have had their turn, so that the doctor notices."""
    failed = 0
    for pk in ids:
        try:
            purge(pk)
        except Exception:
            logger.exception("could not purge row %s", pk)
            failed += 1
    if failed:
        raise PurgeIncomplete(f"{failed} rows")


def purge_all(now: datetime) -> None:
    """The hourly purge. A part that fails is logged and doesn't stop the others; it leaves no
    heartbeat, so that the doctor notices."""
    well = True
    for purge in (*_purges, purge_ground):
        try:
            purge(now)
        except Exception:
            logger.exception("a purge failed: %s", purge.__name__)
            well = False
    if well:
        Heartbeat.objects.update_or_create(name="purge", defaults={"at": now})


def purge_ground(now: datetime) -> None:
    """The ground floor's own retention."""
    Message.objects.filter(state__in=Message.FINAL, state_at__lt=now - PERSON_ON_MESSAGE).exclude(
        mailbox=None, about_id=None
    ).update(mailbox=None, about_id=None)
    SubmittedForm.objects.filter(made_at__lt=now - FORMS_KEPT).delete()
    Confirmation.objects.filter(made_at__lt=now - BUTTON_LIVES).delete()
    AuditEntry.objects.filter(at__lt=now - AUDIT_KEPT).delete()
    LogEntry.objects.filter(action_time__lt=now - AUDIT_KEPT).delete()  # the admin's own log
    Session.objects.filter(expire_date__lt=now).delete()
    # An account's mailbox may have nothing but its mail: it stays until that is sent.
    unsent = Message.objects.filter(
        mailbox=OuterRef("pk"),
        state__in=(Message.State.WAITING, Message.State.CLAIMED, Message.State.SENDING),
    )
    old = orphans().filter(created_at__lt=now - ADDRESS_KEPT)
    old = old.exclude(Q(confirmed_at__isnull=False) & Exists(unsent))
    purge_each(list(old.values_list("pk", flat=True)), forget_if_unused)


register_holder(Review)
register_holder(Thread, "asker")
register_holder(Thread, "answerer")


def orphans() -> models.QuerySet[Mailbox]:
    """Mailboxes nothing points to any more, but for their own mail."""
    unused = Mailbox.objects.all()
    for model, column in _holders:
        unused = unused.filter(~Exists(model._default_manager.filter(**{column: OuterRef("pk")})))
    return unused


@transaction.atomic
def forget_if_unused(mailbox_id: UUID) -> bool:
    """Delete a mailbox that nothing of its owner's points to any more, with what waits for it.

    The row lock keeps a new act of the same person out between the check and the deletion.
    """
    locked = Mailbox.objects.select_for_update().filter(pk=mailbox_id).first()
    if locked is None or not orphans().filter(pk=mailbox_id).exists():
        return False
    waiting = Message.objects.filter(mailbox=locked, state__in=(Message.State.WAITING, Message.State.CLAIMED))
    # A mail that asked and was not answered goes on counting for its hour, or whoever types
    # somebody's address and erases it could have the next one sent at once.
    unsent = waiting.filter(kind="hub.confirmation").values("about_id")
    Confirmation.objects.filter(Q(answered_at__isnull=False) | Q(pk__in=unsent), mailbox=locked).delete()
    waiting.update(state=Message.State.SKIPPED, state_at=timezone.now(), reason="erased")
    Message.objects.filter(mailbox=locked).update(mailbox=None, about_id=None)
    locked.delete()
    return True
