"""Personal data: who holds it, how it is purged, handed out and erased.

Each app registers in its `personal.py` what it deletes when its time is over, what it holds about an
account and how it erases that, and which of its tables point to a mailbox; a mailbox nothing points to
any more is deleted.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from hub.contact import ADDRESS_KEPT, BUTTON_LIVES
from hub.models import (
    AuditEntry,
    Block,
    Confirmation,
    Heartbeat,
    Limit,
    Mailbox,
    Message,
    Review,
    SubmittedForm,
    Suppression,
    Thread,
    Trust,
    User,
    address_digest,
)

logger = logging.getLogger("hub.purge")

FORMS_KEPT = timedelta(hours=24)
PERSON_ON_MESSAGE = timedelta(hours=48)  # after its final state
SECRET_KEPT = timedelta(hours=1)  # a log-in code that could not be sent
AUDIT_KEPT = timedelta(days=365)
SUPPRESSED_FOR = timedelta(days=90)  # an address that a relay refused for good

_purges: list[Callable[[datetime], None]] = []
_holders: list[tuple[type[models.Model], str]] = []
_exports: list[Callable[[User], dict[str, Any]]] = []
_erasures: list[Callable[[User, datetime], None]] = []
_moves: list[Callable[[str, str, datetime], None]] = []


def register_purge(purge: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Register what an app deletes when its time is over; called hourly with the moment."""
    _purges.append(purge)
    return purge


def register_export(export: Callable[[User], dict[str, Any]]) -> Callable[[User], dict[str, Any]]:
    """Register what an app holds about an account, as JSON; its keys are the app's own."""
    _exports.append(export)
    return export


def register_erasure(erase: Callable[[User, datetime], None]) -> Callable[[User, datetime], None]:
    """Register how an app forgets an account; called in the transaction that erases it."""
    _erasures.append(erase)
    return erase


def register_move(move: Callable[[str, str, datetime], None]) -> Callable[[str, str, datetime], None]:
    """Register what an app does when an account's address changes, before its mailbox follows; called
    with the old address and the new one, in that transaction, while no mailbox is locked."""
    _moves.append(move)
    return move


def register_holder(model: type[models.Model], column: str = "mailbox") -> None:
    """A table one of whose columns points to mailboxes that it needs."""
    _holders.append((model, column))


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
    Suppression.objects.filter(since__lt=now - SUPPRESSED_FOR).delete()
    AuditEntry.objects.filter(at__lt=now - AUDIT_KEPT).delete()
    LogEntry.objects.filter(action_time__lt=now - AUDIT_KEPT).delete()  # the admin's own log
    Message.objects.filter(made_at__lt=now - SECRET_KEPT).exclude(sealed_secret=b"").update(sealed_secret=b"")
    Session.objects.filter(expire_date__lt=now).delete()
    Limit.objects.filter(expires__lt=now).delete()
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
    waiting.update(state=Message.State.SKIPPED, state_at=timezone.now(), reason="erased", sealed_secret=b"")
    Message.objects.filter(mailbox=locked).update(mailbox=None, about_id=None)
    locked.delete()
    return True


def prepare_move(before: str, after: str, at: datetime) -> None:
    """Let every app do what it must before an account's mailbox follows its address."""
    for move in _moves:
        move(before, after, at)


@register_move
def move_trust(before: str, after: str, at: datetime) -> None:
    """Trust is the person's, who may erase it with the account; the old address can have another owner."""
    mine = Trust.objects.filter(address_digest=address_digest(before))
    if Trust.objects.filter(address_digest=address_digest(after)).exists():
        mine.delete()
    else:
        mine.update(address_digest=address_digest(after))


def move_to_mailbox(old: Mailbox, new: Mailbox) -> None:
    """Let everything that points to one mailbox of a person point to another; what the other has already
    made the old one give way in `prepare_move`, or stays where it is."""
    for model, column in _holders:
        for row in model._default_manager.filter(**{column: old}):
            try:
                with transaction.atomic():
                    model._default_manager.filter(pk=row.pk).update(**{column: new})
            except IntegrityError:
                continue


# --- An account's own data -------------------------------------------------------------------------
def mailbox_of_account(user: User) -> Mailbox | None:
    """The mailbox of an account's address, if anything was ever done or sent with it."""
    return Mailbox.objects.filter(address_digest=address_digest(user.email)).first()


def export_all(user: User) -> dict[str, Any]:
    """Everything that is held about an account, as JSON."""
    held = export_ground(user)
    for export in _exports:
        held |= export(user)
    return held


def export_ground(user: User) -> dict[str, Any]:
    """What the ground floor holds."""
    mailbox = mailbox_of_account(user)
    digest = address_digest(user.email)
    entries = AuditEntry.objects.filter(Q(actor=user) | Q(subject=user) | Q(object_id=user.pk)).order_by("at")
    return {
        "account": {
            "email": user.email,
            "display_name": user.display_name,
            "language": user.language,
            "time_zone": user.time_zone,
            "created_at": user.created_at.isoformat(),
            "last_login": user.last_login.isoformat() if user.last_login else None,
            "has_password": user.has_usable_password(),
            "administrator": user.is_superuser,
            "groups": list(user.groups.values_list("name", flat=True)),
        },
        "second_factors": [
            {"kind": factor.type, "since": factor.created_at.isoformat()}
            for factor in Authenticator.objects.filter(user=user)
        ],
        "log": [
            {"at": entry.at.isoformat(), "action": entry.action, "kind": entry.object_kind}
            for entry in entries
        ],
        "mails": [
            {"at": message.made_at.isoformat(), "kind": message.kind, "state": message.state}
            for message in Message.objects.filter(mailbox=mailbox).order_by("made_at")
        ]
        if mailbox
        else [],
        "questions": [
            {
                "at": thread.made_at.isoformat(),
                "posts": [
                    {"at": post.at.isoformat(), "by_you": post.by_asker, "text": post.text}
                    for post in thread.posts.all()
                ],
            }
            for thread in Thread.objects.filter(asker=mailbox).prefetch_related("posts")
        ]
        if mailbox
        else [],
        "submissions": [
            {"at": review.submitted_at.isoformat(), "kind": review.kind, "decision": review.decision}
            for review in Review.objects.filter(Q(submitter=user) | Q(mailbox__address_digest=digest))
        ],
        "trusted_host": Trust.objects.filter(address_digest=digest).exists(),
        "mail_refused": Suppression.objects.filter(address_digest=digest).exists(),
        "never_write": Block.objects.filter(address_digest=digest).exists(),
    }


def erase_all(user: User, at: datetime) -> None:
    """Let every app forget an account, the ground floor last; the account's own row is the caller's."""
    for erase in _erasures:
        erase(user, at)
    erase_ground(user, at)


def erase_ground(user: User, at: datetime) -> None:
    """Questions, trust, mails and the mailbox. A "never write again" stays: it was asked for."""
    digest = address_digest(user.email)
    Trust.objects.filter(address_digest=digest).delete()
    Suppression.objects.filter(address_digest=digest).delete()
    Confirmation.objects.filter(address_digest=digest).delete()
    Message.objects.filter(about_id=user.pk).update(about_id=None)
    mailbox = mailbox_of_account(user)
    if mailbox is None:
        return
    Thread.objects.filter(asker=mailbox).delete()
    Thread.objects.filter(answerer=mailbox).update(answerer=None)
    Review.objects.filter(mailbox=mailbox).update(mailbox=None)
    forget_if_unused(mailbox.pk)
