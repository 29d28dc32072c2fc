"""The time zone that the reader of a mail has chosen, where their mailbox is an account's.

Nothing in the database leads from a mailbox to its account but the address itself, which is sealed: so a
batch of mails asks once for all of them.
"""

from collections.abc import Iterable

from hub.models import Mailbox, Message, User
from hub.sealing import SealedDataError


def find_zones(batch: Iterable[Message]) -> None:
    """Let each of these messages know its reader's zone, in one query. One whose address can't be read is
    left for its own writing to fail."""
    by_address: dict[str, list[Message]] = {}
    for message in batch:
        try:
            if message.mailbox is not None and message.mailbox.address:
                by_address.setdefault(message.mailbox.address, []).append(message)
        except SealedDataError:
            continue
    chosen = dict(User.objects.filter(email__in=list(by_address)).values_list("email", "time_zone"))
    for address, messages in by_address.items():
        for message in messages:
            message.reader_zone = chosen.get(address, "")  # type: ignore[attr-defined]


def zone_of(mailbox: Mailbox, message: Message | None = None) -> str:
    """The zone of the account that reads this mailbox; empty where there is none, or it has chosen none. A
    query, unless the message to it knows."""
    if message is not None and message.mailbox_id == mailbox.pk and hasattr(message, "reader_zone"):
        return str(message.reader_zone)
    return User.objects.filter(email=mailbox.address).values_list("time_zone", flat=True).first() or ""
