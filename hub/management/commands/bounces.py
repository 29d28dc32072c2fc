"""`manage.py bounces FILE`: read what relays have sent back."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hub import bounces, returned
from hub.bounces import Report
from hub.returned import NoMailbox, Other

PASSED_OVER = {
    Other.PASSING: "{} only say that a mail is late or has arrived.",
    "known": "{} are about no mail of this hub, or are noted already.",
    Other.NOTHING: "{} report nothing.",
    Other.BROKEN: "{} can't be read.",
}


class Command(BaseCommand):
    """Note the refusals and complaints in a mailbox, and leave those readers alone."""

    help = "Read refusals and complaints about the hub's mail from an mbox file, a Maildir or a message."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="an mbox file, a Maildir folder, or a file that is one message")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        counts: Counter[str] = Counter()
        try:
            for raw in returned.messages(Path(file)):
                counts["all"] += 1
                counts[_take(raw)] += 1
        except NoMailbox:
            raise CommandError(
                "This is no mailbox: give an mbox file, a Maildir folder or one message."
            ) from None
        except OSError as error:
            raise CommandError(
                f"The mailbox can't be read: {error.strerror or type(error).__name__}."
            ) from None
        self.stdout.write(
            f"Read {counts['all']}: noted {counts['bounce']} refusals and {counts['complaint']} complaints."
        )
        for what, sentence in PASSED_OVER.items():
            if counts[what]:
                self.stdout.write(sentence.format(counts[what]))


def _take(raw: bytes) -> str:
    """What one message came to."""
    found = returned.read(raw)
    if not isinstance(found, Report):
        return found
    if not bounces.record(found, at=timezone.now()):
        return "known"
    return "complaint" if found.complaint else "bounce"
