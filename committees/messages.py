"""What mail committees send to accounts: answers all. Every letter is written from fresh rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from hub import links, mail
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import AuditEntry, Mailbox, Message, User


def _letter(message: Message, committee: Committee, language: str, **context: Any) -> Letter:
    mailbox = message.mailbox
    if mailbox is None:
        raise SkipMessage("erased")
    discreet = committee.is_discreet
    with translation.override(language):
        # The address of its page says its name, as every address does that leads there.
        page = links.url("me") if discreet else links.url("committees:detail", committee.slug)
        members = page if discreet else links.url("committees:members", committee.slug)
        return Letter(
            mailbox=mailbox,
            language=language,
            neutral=discreet,
            context={
                "committee": committee,
                "committee_url": page,
                "members_url": members,
                "list_url": links.url("committees:list"),
                **context,
            },
        )


def _membership(message: Message) -> Membership:
    membership = (
        Membership.objects.select_related("user", "committee").filter(pk=message.about_id).first()
        if message.about_id
        else None
    )
    if membership is None:
        raise SkipMessage("no longer a member")
    return membership


def _to_member(message: Message, **context: Any) -> Letter:
    membership = _membership(message)
    return _letter(
        message,
        membership.committee,
        membership.user.language_or_default,
        membership=membership,
        **context,
    )


def write_received(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Your request is with the coordinators."""
    if _membership(message).state != Membership.State.PENDING:
        raise SkipMessage("answered since")
    return _to_member(message)


def write_approved(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """You belong to it."""
    return _to_member(message)


def write_role_changed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """You are a coordinator now, have yet to accept it, or are no longer one."""
    membership = _membership(message)
    coordinates = membership.role == Membership.Role.COORDINATOR
    return _to_member(message, coordinates=coordinates, asked=membership.appointed_at is not None)


def write_frozen(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Nobody coordinates it, or it was stopped: it stands still."""
    if _membership(message).committee.frozen_at is None:
        raise SkipMessage("it goes on")
    return _to_member(message)


def write_new_request(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Somebody asks to join. Who, stands on the roster only, behind its second factor."""
    membership = _membership(message)
    if membership.role != Membership.Role.COORDINATOR:
        raise SkipMessage("no longer a coordinator")
    if not Membership.objects.pending().filter(pk=message.occasion).exists():
        raise SkipMessage("answered since")
    return _to_member(message)


def write_appointed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """A moderator appointed another coordinator. Who, stands on the roster only."""
    if _membership(message).role != Membership.Role.COORDINATOR:
        raise SkipMessage("no longer a coordinator")
    return _to_member(message)


def _to_outsider(message: Message) -> Letter:
    """To somebody whose row is gone: what is said stands in the audit entry of the act."""
    entry = AuditEntry.objects.filter(pk=message.about_id).first() if message.about_id else None
    committee = Committee.objects.filter(pk=entry.object_id).first() if entry else None
    if entry is None or committee is None or message.mailbox is None:
        raise SkipMessage("erased")
    return _letter(message, committee, _language_of(message.mailbox), reason=entry.reason)


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


@mail.register_topics
def names_of_committees(ids: Collection[UUID]) -> dict[UUID, str]:
    """Committees by their names."""
    return dict(Committee.objects.filter(pk__in=ids).values_list("pk", "name"))
