"""Reading what mail relays send back: refusals (RFC 3464), complaints (RFC 5965), and refusals in the
words of older relays. Changes nothing; what anybody wrote is taken for nothing but a claim."""

import contextlib
import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from pathlib import Path

from hub import mail
from hub.bounces import Report
from hub.refusals import code_in, status_in

MOST = 5_000_000  # bytes of one message that are read
COMPLAINTS = ("abuse", "fraud", "other", "opt-out", "opt-out-list")  # others say that it is no spam
RETURNED_HEADERS = re.compile(r"^message-id:.*(?:\r?\n(?!\r?\n).*)*", re.I | re.M)
FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")


class Other(StrEnum):
    """What a message is that reports no refusal for good and no complaint."""

    PASSING = "passing"  # a delay, or that it arrived
    NOTHING = "nothing"  # no report, or about no mail that can be told
    BROKEN = "broken"


class NoMailbox(Exception):
    """There is nothing to be read there."""


def messages(path: Path) -> Iterator[bytes]:
    """The messages in an mbox file, a Maildir folder, or a file that is one message. Raises NoMailbox, or
    OSError."""
    if path.is_dir():
        if not (path / "cur").is_dir() or not (path / "new").is_dir():
            raise NoMailbox
        yield from _in_box(mailbox.Maildir(path, create=False))
        return
    with path.open("rb") as file:
        beginning = file.read(MOST)
    if beginning.startswith(b"From "):
        yield from _in_box(mailbox.mbox(path, create=False))
    elif FIELD.match(beginning):
        yield beginning
    elif beginning.strip():  # an empty file is an empty mailbox
        raise NoMailbox


def _in_box(box: mailbox.Mailbox) -> Iterator[bytes]:
    try:
        for key in box.iterkeys():
            with contextlib.suppress(KeyError, FileNotFoundError), box.get_file(key) as file:
                yield file.read(MOST)
    finally:
        box.close()


def read(raw: bytes) -> Report | Other:
    """What one message reports."""
    try:
        message = message_from_bytes(raw)
        if _part(message, "message/feedback-report"):
            return _complaint(message)
        status = _part(message, "message/delivery-status")
        return _refusal(message, status) if status else _old_refusal(message)
    except Exception:  # whatever somebody has sent; the others are read all the same
        return Other.BROKEN


@dataclass(frozen=True)
class _Mail:
    """What a report says of the mail it is about."""

    message_id: str
    proof: str


def _complaint(message: Message) -> Report | Other:
    part = _part(message, "message/feedback-report")
    fields = _blocks(part) if part else []
    about = _mail(message)
    if not fields or about is None:
        return Other.NOTHING
    if str(fields[0].get("Feedback-Type", "")).strip().lower() not in COMPLAINTS:
        return Other.PASSING
    address = _address(str(fields[0].get("Original-Rcpt-To", "")))
    return Report(about.message_id, complaint=True, address=address, proof=about.proof)


def _refusal(message: Message, part: Message) -> Report | Other:
    """By RFC 3464: fields of the message, then of each recipient."""
    recipients = [block for block in _blocks(part) if block.get("Action")]
    about = _mail(message)
    if not recipients or about is None:
        return Other.NOTHING
    for one in recipients:
        status = status_in(str(one.get("Status", "")))
        # A list that took it for some has a mailbox that works.
        if str(one["Action"]).strip().lower() != "failed" or not status.startswith("5."):
            return Other.PASSING
    first = recipients[0]
    words = _after_type(str(first.get("Diagnostic-Code", "")))
    status, code = status_in(str(first["Status"])), code_in(words)
    if status.startswith("5.0."):  # "some refusal": the relay's own words may say more
        status = status_in(words) or ("" if code else status)
    address = _after_type(str(first.get("Original-Recipient") or first.get("Final-Recipient", "")))
    return Report(
        about.message_id,
        code=code or 550,
        status=status,
        words=words,
        address=_address(address),
        proof=about.proof,
    )


def _old_refusal(message: Message) -> Report | Other:
    """Exim's, qmail's and others' that say in words what they mean: from a mail system, about a mail whose
    headers stand below."""
    sender = f"{message.get('From', '')} {message.get('Return-Path', '')}".lower()
    failed = str(message.get("X-Failed-Recipients", ""))
    about = _mail(message)
    if about is None or not (failed or "mailer-daemon" in sender or "<>" in sender):
        return Other.NOTHING
    words = next((_text(part) for part in message.walk() if part.get_content_type() == "text/plain"), "")
    words = re.split(r"\n-{3,}", words)[0]  # above the mail itself
    status, code = status_in(words), code_in(words)
    if not status.startswith("5.") and not (code and not status):
        return Other.PASSING
    return Report(
        about.message_id,
        code=code or 550,
        status=status,
        address=_address(failed),
        proof=about.proof,
    )


def _mail(message: Message) -> _Mail | None:
    """The mail that is sent back, by its own headers: as a message, as headers, or quoted in the text."""
    for part in message.walk():
        if part is message:
            found = None
        elif part.get_content_type() == "text/rfc822-headers":
            found = message_from_string(_text(part).lstrip())
        else:
            found = part
        if found is not None and found.get("Message-ID"):
            return _Mail(str(found["Message-ID"]).strip(), str(found.get(mail.BOUNCE_PROOF, "")).strip())
    for part in message.walk():
        if part.get_content_type() == "text/plain" and (quoted := RETURNED_HEADERS.search(_text(part))):
            headers = message_from_string(quoted[0])
            return _Mail(str(headers["Message-ID"]).strip(), str(headers.get(mail.BOUNCE_PROOF, "")).strip())
    return None


def _part(message: Message, kind: str) -> Message | None:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in a report's machine-readable part."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return [message_from_string(_text(part).lstrip())]


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _after_type(field: str) -> str:
    """What stands behind "rfc822;" or "smtp;", on one line."""
    kind, semicolon, rest = field.partition(";")
    return " ".join((rest if semicolon else kind).split())


def _address(field: str) -> str:
    return getaddresses([field])[0][1] if field.strip() else ""
