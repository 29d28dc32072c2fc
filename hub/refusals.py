"""What a relay's refusal is about: the mailbox, or us. Only the first is a reason to leave it alone.

Codes are those of RFC 5321, statuses such as 5.1.1 those of RFC 3463 and its registry.
"""

import re

STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
CODE = re.compile(r"\b5[2-5]\d\b")
# Of addresses and mailboxes, but those that are about the sender, the size or a list.
MAILBOX_SUBJECTS = ("5.1.", "5.2.")
NOT_THE_MAILBOX = ("5.1.7", "5.1.8", "5.1.9", "5.2.3", "5.2.4")
# Unknown to the directory, as one large provider puts it; and domains that don't exist.
NO_SUCH_PLACE = ("5.4.1", "5.4.4", "5.4.310")
# Where a relay gives no status. 552 and 554 say as often that it wants no mail like this.
MAILBOX_CODES = (521, 550, 551, 553, 556)
# The relay wants a log-in, or another one. That is to be mended here, and the mail waits for it.
LOG_IN = (530, 534, 535, 538)
LONGEST = 1000  # characters of an answer that are read: anybody can write a report, as long as they like


def readable(words: bytes | str) -> str:
    """An answer on one line, without the signs that no page and not every database takes."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:LONGEST]).split())
    # Half an address, at the end, would not be known for one.
    return line if len(text) <= LONGEST else line.rpartition(" ")[0]


def status_in(words: str) -> str:
    """The first enhanced status of an answer, such as "5.1.1"; empty where there is none."""
    found = STATUS.search(words)
    return found[0] if found else ""


def code_in(words: str) -> int:
    """The first code of a refusal for good in an answer, such as 550; 0 where there is none."""
    found = CODE.search(words)
    return int(found[0]) if found else 0


def without_numbers(words: str) -> str:
    """An answer without the code and the status it begins with."""
    return re.sub(rf"^\s*(?:smtp;)?\s*(?:{CODE.pattern}[ -]?)?\s*(?:{STATUS.pattern})?\s*", "", words)


def about_mailbox(code: int, words: bytes | str) -> bool:
    """Whether an answer to a recipient says for good that this mailbox takes no mail, not that the relay
    wants none from us or none like this."""
    status = status_in(readable(words))
    if not status:
        return code in MAILBOX_CODES
    if status.startswith(MAILBOX_SUBJECTS):
        return status not in NOT_THE_MAILBOX
    return status in NO_SUCH_PLACE


def for_now(code: int) -> bool:
    """Whether the same mail may be taken another time."""
    return 400 <= code < 500 or code in LOG_IN
