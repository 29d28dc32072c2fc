"""The demo's mailbox: a folder of .eml files instead of a relay, and reading them back."""

import email
import email.policy
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex
from typing import Any

import nh3
from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.safestring import SafeString, mark_safe

# What our mails are made of; the page around has its own headings and runs nothing.
_cleaner = nh3.Cleaner(
    tags={
        *("a", "b", "blockquote", "br", "font", "hr", "li", "p", "s", "strong", "ul"),
        *("table", "tbody", "td", "tr"),
    },
    attributes={
        "a": {"href", "lang"},
        "font": {"color", "size"},
        "table": {"border", "cellpadding", "cellspacing", "role"},
        "td": {"bgcolor"},
    },
    clean_content_tags={"script", "style", "title"},
)
SHOWN = 50
KEPT = 500


class FolderBackend(BaseEmailBackend):
    """Writes each mail to a file that appears whole."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        folder: Path = settings.DEMO_MAIL_DIR
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns()}-{token_hex(4)}"
            unfinished = folder / f"{name}.new"
            unfinished.write_bytes(message.message().as_bytes())
            os.replace(unfinished, folder / f"{name}.eml")
        for old in sorted(folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


@dataclass(frozen=True)
class DemoMail:
    """One mail as the demo shows it."""

    name: str
    to: str
    sender: str
    subject: str
    date: str
    text: str
    html: str
    attachments: list[tuple[str, str]]

    @property
    def shown_html(self) -> SafeString:
        """The HTML part, as much of it as a page may show."""
        return mark_safe(_cleaner.clean(self.html))  # noqa: S308 - cleaned in the same breath


def newest(folder: Path) -> list[DemoMail]:
    """The newest mails, newest first."""
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)[:SHOWN]
    return [mail for mail in (read(folder, name) for name in names) if mail]


def read(folder: Path, name: str) -> DemoMail | None:
    """One mail by the name of its file."""
    path = folder / f"{name}.eml"
    if path.parent != folder or not path.is_file():
        return None
    return parse(name, path.read_bytes())


def parse(name: str, raw: bytes) -> DemoMail | None:
    """A mail as its relay gets it, taken apart."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        return None
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return DemoMail(
        name=name,
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        attachments=[(part.get_filename() or "", part.get_content()) for part in message.iter_attachments()],
    )
