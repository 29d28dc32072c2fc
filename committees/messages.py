"""What mail committees send to accounts: answers all. Every letter is written from fresh rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from committees import announcement_messages  # noqa: F401  registers what is announced
from committees.letters import letter_about, membership_of
from committees.models import Committee, Membership
from hub import mail
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import AuditEntry, Mailbox, Message, User


def _to_member(message: Message, **context: Any) -> Letter:
    membership = membership_of(message)
    language = membership.user.language_or_default
    return letter_about(membership.committee, message.mailbox, language, membership=membership, **context)


def write_received(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Your request is with the coordinators."""
    if membership_of(message).state != Membership.State.PENDING:
        raise SkipMessage("answered since")
    return _to_member(message)


def write_approved(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """You belong to it."""
    return _to_member(message)


def write_role_changed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """You are a coordinator now, have yet to accept it, or are no longer one."""
    membership = membership_of(message)
    coordinates = membership.role == Membership.Role.COORDINATOR
    return _to_member(message, coordinates=coordinates, asked=membership.appointed_at is not None)


def write_frozen(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Nobody coordinates it, or it was stopped: it stands still."""
    if membership_of(message).committee.frozen_at is None:
        raise SkipMessage("it goes on")
    return _to_member(message)


def write_new_request(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Somebody asks to join. Who, stands on the roster only, behind its second factor."""
    membership = membership_of(message)
    if membership.role != Membership.Role.COORDINATOR:
        raise SkipMessage("no longer a coordinator")
    if not Membership.objects.pending().filter(pk=message.occasion).exists():
        raise SkipMessage("answered since")
    return _to_member(message)


def write_appointed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """A moderator appointed another coordinator. Who, stands on the roster only."""
    if membership_of(message).role != Membership.Role.COORDINATOR:
        raise SkipMessage("no longer a coordinator")
    return _to_member(message)


def _to_outsider(message: Message) -> Letter:
    """To somebody whose row is gone: what is said stands in the audit entry of the act."""
    entry = AuditEntry.objects.filter(pk=message.about_id).first() if message.about_id else None
    committee = Committee.objects.filter(pk=entry.object_id).first() if entry else None
    if entry is None or committee is None or message.mailbox is None:
        raise SkipMessage("erased")
    return letter_about(committee, message.mailbox, _language_of(message.mailbox), reason=entry.reason)


def _language_of(mailbox: Mailbox) -> str:
    account = User.objects.filter(email=mailbox.address).first()
    if account is None:
        raise SkipMessage("erased")
    return account.language_or_default


def write_declined(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The coordinators said no, and perhaps a word about it."""
    return _to_outsider(message)


def write_expired(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Nobody has answered for thirty days."""
    return _to_outsider(message)


def write_removed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """You don't belong to it any more, and why."""
    return _to_outsider(message)


ASKED = _("You get this mail because you asked to join this committee.")
BELONGS = _("You get this mail because you belong to this committee.")
BELONGED = _("You get this mail because you belonged to this committee.")
COORDINATES = _("You get this mail because you coordinate this committee.")
for name, writer, why in (
    ("received", write_received, ASKED),
    ("approved", write_approved, ASKED),
    ("declined", write_declined, ASKED),
    ("expired", write_expired, ASKED),
    ("role_changed", write_role_changed, BELONGS),
    ("removed", write_removed, BELONGED),
    ("frozen", write_frozen, BELONGS),
    ("new_request", write_new_request, COORDINATES),
    ("appointed", write_appointed, COORDINATES),
):
    mail.register(Kind(f"committees.{name}", Category.ANSWER, writer, why=why))


@mail.register_topics(Committee)
def names_of_committees(ids: Collection[UUID]) -> dict[UUID, str]:
    """Committees by their names."""
    return dict(Committee.objects.filter(pk__in=ids).values_list("pk", "name"))
