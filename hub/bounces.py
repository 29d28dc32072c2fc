"""What comes back of mail that was sent: it bounced, or its reader called it spam.

Reports come from a mailbox file (`hub/returned.py`) and from a provider (`hub/views/mail_webhook.py`).
Anybody can write one, so one counts only if it names the Message-ID of a mail of ours, which nobody can
guess who hasn't seen the mail; and only against the mailbox that mail went to.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from hub import actions, links, mail, refusals
from hub.delivery import NAMING, REASON
from hub.models import Mailbox, Message, address_digest
from hub.personal import PERSON_ON_MESSAGE

State = Message.State
MESSAGE_ID = re.compile(r"<?([a-z2-7]{32})@([^<>@\s]+?)>?", re.I)
HOST = re.compile(r"\b(?:[\w-]+\.)+[a-z][\w-]*\b", re.I)
BOUNCED = "bounced:"
COMPLAINED = "its reader reported it as spam"


@dataclass(frozen=True)
class Report:
    """What somebody says became of one mail: its reader complained, or else it was refused for good."""

    message_id: str
    complaint: bool = False
    code: int = 550  # RFC 5321, with `status` the better one of the two
    status: str = ""  # RFC 3463, for example "5.1.1"
    words: str = ""  # the refusing relay's own
    address: str = ""  # whose mailbox it is said to be
    proof: str = ""  # the mail's own header, see `mail.bounce_proof`
    vouched: bool = False  # by the provider, who has shown the secret


@transaction.atomic
def record(report: Report, *, at: datetime) -> bool:
    """Note what became of a mail, and leave its mailbox alone: for 90 days where it takes no mail, with
    reminders and news for good where its reader complained. False where there was nothing to note: the
    mail isn't ours, or this is known.

    Only a mail that is noted now has consequences, so that a file read again undoes no later confirming.
    """
    row = _row(report.message_id)
    if row is None:
        return False
    # A mail that speaks for several rows is refused for all of them.
    rows = Message.objects.filter(Q(pk=row.pk) | Q(sent_with=row), state__in=(State.SENT, State.UNCERTAIN))
    reader = _reader(row, report, at)
    if report.complaint:
        noted = rows.exclude(reason=COMPLAINED).update(state=State.SENT, reason=COMPLAINED)
    else:
        noted = rows.update(state=State.FAILED, reason=_reason(report, row))
    if not noted:
        return False
    if reader is None:
        return True
    if report.complaint:
        actions.block(reader, at=at)
    elif refusals.about_mailbox(report.code, report.status or report.words):
        read_since = reader.confirmed_at is not None and reader.confirmed_at > row.state_at
        if not read_since:
            mail.suppress(reader, at)
    return True


def _row(message_id: str) -> Message | None:
    """The mail of this Message-ID, locked."""
    found = MESSAGE_ID.fullmatch(message_id.strip())
    if found is None or found[2].lower() != settings.SITE_HOST:
        return None
    local = found[1].lower()
    first = base64.b32decode(local.upper())[: mail.KEY_BYTES]
    rows = Message.objects.select_for_update(of=("self",)).select_related("mailbox")
    row = rows.filter(key__gte=first, key__lte=first + b"\xff" * (32 - mail.KEY_BYTES)).first()
    named = f"<{local}@{settings.SITE_HOST}>"
    return row if row is not None and links.same(mail.message_id(row), named) else None


def _reader(row: Message, report: Report, at: datetime) -> Mailbox | None:
    """The mailbox a mail went to, as much of it as is known: where the outbox has forgotten it by now, the
    report's address, if it is proven. What has forgotten sooner was erased, which leaves no mark."""
    if row.mailbox is not None:
        return row.mailbox
    if not report.address or row.state_at > at - PERSON_ON_MESSAGE:
        return None
    digest = address_digest(report.address)
    if report.vouched or links.same(report.proof, mail.bounce_proof(bytes(row.key), digest)):
        return Mailbox(address_digest=digest)
    return None


def _reason(report: Report, row: Message) -> str:
    """What the relay said, for the operator, without any address, person or machine it names."""
    words = HOST.sub("…", NAMING.sub("…", refusals.readable(report.words)))
    for address in (report.address, row.mailbox.address if row.mailbox else ""):
        if name := address.partition("@")[0]:
            words = re.sub(rf"\S*\b{re.escape(name)}\b\S*", "…", words, flags=re.I)
    words = refusals.without_numbers(words)
    return f"{BOUNCED} {' '.join([report.status or str(report.code), *words.split()])}".strip()[
        :REASON
    ].strip()
