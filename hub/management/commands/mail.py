"""`manage.py mail`: hold all mail, and release it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hub import ledger


class Command(BaseCommand):
    """Hold all mail, release it, or say which it is."""

    help = "Hold all mail, release it, or say which it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=("hold", "release", "status"))
        parser.add_argument("--reason", default="", help="of hold: why, without naming anybody")

    def handle(self, *args: Any, act: str, reason: str, **options: Any) -> None:
        reason = reason.strip()
        if act == "hold":
            if not reason or len(reason) > 200:
                raise CommandError("Say why in at most 200 characters: --reason.")
            ledger.hold(reason=reason, by=None, at=timezone.now())
        elif act == "release":
            ledger.release(by=None, at=timezone.now())
        held = ledger.held()
        if held is None:
            self.stdout.write("Mail leaves as it falls due.")
        else:
            self.stdout.write(f"Mail is held since {held.since:%Y-%m-%d %H:%M} UTC: {held.reason}")
