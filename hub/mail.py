"""The one door for mail: kinds, putting into the outbox, and turning a row into an e-mail.

An app registers its kinds in `messages.py`; an action puts rows with `put`, inside its own
transaction; the worker (hub/delivery.py) renders and sends them. A row holds no address and no
text: both come from fresh rows at delivery, so that nothing outdated is ever mailed.
"""

import base64
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formataddr
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from hub import links
from hub.models import Block, Mailbox, Message, Suppression, address_digest, message_key
from hub.sealing import digest

BOUNCE_PROOF = "X-Bounce-Proof"
KEY_BYTES = 10  # of a row's key in its Message-ID, by which the row is found


class Category(StrEnum):
    """What a mail is to its reader. Answers and changes are sent again when it is uncertain whether
    they went out; reminders and news are not, and a block stops them."""

    ANSWER = "answer"
    CHANGE = "change"
    REMINDER = "reminder"
    NEWS = "news"


# Why one gets it, in words that tell nothing of what it is about. What can be stopped says how instead.
WHY = {
    Category.ANSWER: _("You get this mail because of something that was done here with your address."),
    Category.CHANGE: _("You get this mail because something you said yes to has changed."),
    Category.REMINDER: _("You get this mail because you said yes to something."),
    Category.NEWS: _("You get this mail because you asked for it."),
}


class SkipMessage(Exception):
    """This mail is no longer wanted; the text says why, and never names a person."""


@dataclass
class Letter:
    """What one mail needs to be written: to whom, in which language, from which rows."""

    mailbox: Mailbox
    language: str
    context: dict[str, Any] = field(default_factory=dict)
    neutral: bool = False  # no subject, sender or first line that tells what this is about
    calendar: bytes | None = None  # an .ics file to attach
    unsubscribe: list[str] = field(default_factory=list)  # links to stop mail like this: hub/unsubscribing.py
    left_out: list[tuple[Message, str]] = field(default_factory=list)  # companions no longer wanted, and why


@dataclass(frozen=True)
class Kind:
    """A kind of mail. `write(message, companions, now)` returns its Letter or raises SkipMessage.
    `companions(message, now)`, for reminders, drafts what else of the same person may go along;
    `company(mailboxes, until)` says for which of these mailboxes there may be such drafts."""

    name: str
    category: Category
    write: Callable[[Message, Sequence[Message], datetime], Letter]
    companions: Callable[[Message, datetime], list[Message]] | None = None
    company: Callable[[Collection[UUID], datetime], Collection[UUID]] | None = None
    template: str = ""  # below templates/mail/, where it isn't the kind's own name
    why: Any = ""  # the sentence at its foot that says why one gets it; left out: what its category says


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind of mail known; called from an app's `messages.py`."""
    kinds[kind.name] = kind


Titles = Callable[[Collection[UUID]], dict[UUID, str]]
topics: list[tuple[type[Model], Titles]] = []


def register_topics(model: type[Model]) -> Callable[[Titles], Titles]:
    """Let the ledger name what mail is about: the decorated function gives the titles of those of the ids
    that are rows of this model."""

    def register_titles(titles: Titles) -> Titles:
        topics.append((model, titles))
        return titles

    return register_titles


def draft(
    kind: str,
    *,
    mailbox_id: UUID,
    about_id: UUID,
    at: datetime,
    due_at: datetime | None = None,
    topic_id: UUID | None = None,
    occasion: str = "",
) -> Message:
    """An outbox row that is not stored yet. `occasion` tells apart mails of one kind about one row."""
    return Message(
        kind=kind,
        key=message_key(kind, about_id, occasion),
        mailbox_id=mailbox_id,
        about_id=about_id,
        topic_id=topic_id,
        occasion=occasion,
        made_at=at,
        due_at=due_at or at,
        state_at=at,
    )


def put(messages: Iterable[Message]) -> None:
    """Store drafts; one whose key exists already was put before and is left alone."""
    Message.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)


def drop(about_ids: Iterable[UUID], at: datetime) -> None:
    """What still waits about these rows is not sent any more; what was sent forgets its person."""
    about = Message.objects.filter(about_id__in=about_ids)
    about.filter(state__in=(Message.State.WAITING, Message.State.CLAIMED)).update(
        state=Message.State.SKIPPED, state_at=at, reason="erased"
    )
    about.update(mailbox=None, about_id=None)


def blocked(mailbox: Mailbox) -> bool:
    """Whether the mailbox's owner said "never write again"."""
    return Block.objects.filter(address_digest=bytes(mailbox.address_digest)).exists()


def suppress(mailbox: Mailbox, at: datetime) -> None:
    """Its relay says that there is no such mailbox: changes, reminders and news go there no more."""
    Suppression.objects.bulk_create(
        [Suppression(address_digest=bytes(mailbox.address_digest), since=at)], ignore_conflicts=True
    )


def suppressed(mailbox: Mailbox) -> bool:
    """Whether a relay has refused this mailbox for good, lately."""
    return Suppression.objects.filter(address_digest=bytes(mailbox.address_digest)).exists()


def closed(addresses: Sequence[str]) -> list[bool]:
    """Of each of these addresses whether news to it would be skipped: its owner said "never write again", or
    its relay refuses it. Two queries for all of them."""
    digests = [address_digest(address) for address in addresses]
    found: set[bytes] = set()
    for model in (Block, Suppression):
        there = model._default_manager.filter(address_digest__in=digests)
        found |= {bytes(digest) for digest in there.values_list("address_digest", flat=True)}
    return [digest in found for digest in digests]


def message_id(message: Message) -> str:
    """RFC 5322 Message-ID derived from the key: the same mail sent again carries the same one. Half of it is
    made with a secret: a key is a hash of ids that coordinators know some of, and whoever can name a mail can
    report it as refused."""
    key = bytes(message.key)
    local = key[:KEY_BYTES] + digest("message-id", key.hex())[:KEY_BYTES]
    return f"<{base64.b32encode(local).decode().lower()}@{settings.SITE_HOST}>"


def bounce_proof(key: bytes, address_digest: bytes) -> str:
    """Shows in what a relay sends back that this very mail went to this very address, when the outbox has
    forgotten to whom: otherwise anybody could report a mail of their own as refused by somebody else."""
    return digest("bounce", f"{key.hex()}:{address_digest.hex()}")[:16].hex()


EMPTY_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")  # more than one, as templates leave them
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # RFC 5322 has none in a subject


class Envelope(EmailMultiAlternatives):
    """Django's, but for the subject's header: encoded without its name's length it begins with an empty
    line, which some mail programs show."""

    def message(self, **kwargs: Any) -> Any:
        message = super().message(**kwargs)
        subject = str(self.subject)
        charset = "us-ascii" if subject.isascii() else "utf-8"
        header = Header(subject, charset, header_name="Subject")
        message.replace_header("Subject", header.encode())
        if stop := self.extra_headers.get("List-Unsubscribe"):
            message.replace_header("List-Unsubscribe", OneLine(stop))
        return message


class OneLine(Header):
    """A header that isn't folded: a link of usual length would stand alone on the line below the name, where
    not every mail program looks for it."""

    def encode(self, *args: Any, **kwargs: Any) -> str:
        return super().encode(maxlinelen=998)  # RFC 5322's limit


def why(kind: Kind, letter: Letter) -> str:
    """The sentence at the foot of a mail that can't be stopped; a neutral one names nothing. With the
    reader's language active."""
    if letter.unsubscribe:
        return ""
    return str(WHY[kind.category] if letter.neutral or not kind.why else kind.why)


def unsubscribe_url(letter: Letter) -> str:
    """Where its reader stops mail like this; empty for what can't be stopped. With the reader's language
    active."""
    return links.url("unsubscribe", ".".join(letter.unsubscribe)) if letter.unsubscribe else ""


def _one_click(url: str) -> dict[str, str]:
    """The headers of RFC 2369 and RFC 8058: the mail program's own button sends a POST there."""
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def render(message: Message, letter: Letter) -> Envelope:
    """The e-mail: one recipient, plain text and HTML, in the reader's language."""
    kind = kinds[message.kind]
    template = f"mail/{kind.template or message.kind.replace('.', '/')}"
    with translation.override(letter.language):
        context = {
            "SITE_NAME": settings.SITE_NAME,
            "SITE_URL": settings.SITE_URL,
            "home_url": links.url("home"),
            "neutral": letter.neutral,
            "language": letter.language,
            "unsubscribe_url": unsubscribe_url(letter),
            "is_news": kind.category is Category.NEWS,
            "why": why(kind, letter),
            **letter.context,
        }
        subject = " ".join(CONTROLS.sub(" ", render_to_string(f"{template}.subject", context)).split())
        text = EMPTY_LINES.sub("\n\n", render_to_string(f"{template}.txt", context)).strip() + "\n"
        html = render_to_string(f"{template}.html", context | {"subject": subject})
        neutral_sender = translation.gettext("Reminders")
    sender = neutral_sender if letter.neutral else settings.SITE_NAME
    email = Envelope(
        subject=subject,
        body=text,
        from_email=formataddr((sender, settings.MAIL_FROM)),
        to=[letter.mailbox.address],
        headers={
            "Message-ID": message_id(message),
            BOUNCE_PROOF: bounce_proof(bytes(message.key), bytes(letter.mailbox.address_digest)),
            **({settings.MAIL_ID_HEADER: message_id(message)} if settings.MAIL_ID_HEADER else {}),
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
            **_one_click(context["unsubscribe_url"]),
        },
    )
    email.attach_alternative(html, "text/html")
    if letter.calendar:
        file = MIMEText(letter.calendar.decode(), "calendar", "utf-8")
        file.set_param("method", "PUBLISH")
        name = "meeting.ics" if letter.neutral else "event.ics"
        file.add_header("Content-Disposition", "attachment", filename=name)
        email.attach(file)
    return email
