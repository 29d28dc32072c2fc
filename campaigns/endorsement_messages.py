"""Mail about endorsements. Every letter is written from fresh rows at delivery."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from campaigns import endorsing
from campaigns.actions.newer_texts import newer_than
from campaigns.endorsing import EndorsedKind
from hub import links, mail
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.messages import account_language
from hub.models import Message
from hub.permissions import moderators


def endorsement_of(message: Message) -> tuple[EndorsedKind, Any]:
    """The endorsement a mail is about. Raises SkipMessage."""
    for kind in endorsing.kinds.values() if message.about_id and message.mailbox else ():
        row = kind.rows().filter(pk=message.about_id).first()
        if row is not None:
            return kind, row
    raise SkipMessage("erased")


def facts(kind: EndorsedKind, row: Any, language: str) -> dict[str, Any]:
    """What every such mail says; call it with its language active."""
    titled = kind.title_of(row.thing, language)
    return {
        "title": titled.title,
        "organization": row.organization.name,
        "organization_url": links.url("organizations:detail", row.organization.slug),
        "thing_url": links.site_url(titled.path),
        "own_url": links.url("endorsement", row.mail_token),
    }


def _of_what_is_on_the_site(message: Message, now: datetime) -> tuple[EndorsedKind, Any]:
    """The same; what it names is still there for everybody to read."""
    kind, row = endorsement_of(message)
    if kind.is_off(row.thing, now):
        raise SkipMessage("off the site")
    return kind, row


def to_contact(message: Message, now: datetime) -> tuple[EndorsedKind, Any]:
    """The endorsement, while this mailbox is its contact and it stands. Raises SkipMessage."""
    kind, row = _of_what_is_on_the_site(message, now)
    if row.mailbox_id != message.mailbox_id or not row.stands:
        raise SkipMessage("not theirs any more")
    return kind, row


def write_newer(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The text says something else by now: does the organization stand behind that too?"""
    kind, row = to_contact(message, now)
    if newer_than(row) is None or kind.closed(row.thing, now):
        raise SkipMessage("no longer asked")
    with translation.override(row.language):
        context = facts(kind, row, row.language) | {"number": row.version.number}
    return Letter(row.mailbox, row.language, context)


def write_yours(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The link of an endorsement whose contact one is now."""
    kind, row = to_contact(message, now)
    with translation.override(row.language):
        return Letter(row.mailbox, row.language, facts(kind, row, row.language))


def write_taken(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Somebody else is the contact now; without the link, which isn't this reader's any more."""
    kind, row = _of_what_is_on_the_site(message, now)
    assert message.mailbox is not None  # `endorsement_of` has looked
    with translation.override(row.language):
        context = facts(kind, row, row.language) | {"own_url": ""}
    return Letter(message.mailbox, row.language, context)


def write_withdrawn(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To a moderator: an organization has taken its endorsement back."""
    kind, row = endorsement_of(message)
    mailbox = message.mailbox
    if mailbox is None or not moderators().filter(pk=_moderator(message)).exists():
        raise SkipMessage("no moderator any more")
    language = account_language(mailbox, row.language)
    with translation.override(language):
        context = facts(kind, row, language) | {"own_url": ""}
    return Letter(mailbox, language, context)


def _moderator(message: Message) -> UUID:
    return UUID(message.occasion)


WHY_CONTACT = _("You get this mail because you are the contact of an organization that endorses this.")
for name, write, why in (
    ("endorsement_newer", write_newer, WHY_CONTACT),
    ("contact_yours", write_yours, WHY_CONTACT),
    (
        "contact_taken",
        write_taken,
        _("You get this mail because you were the contact of an organization that endorses this."),
    ),
    ("endorsement_withdrawn", write_withdrawn, _("You get this mail because you are a moderator here.")),
):
    mail.register(Kind(f"campaigns.{name}", Category.ANSWER, write, why=why))
