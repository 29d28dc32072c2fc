"""`manage.py role`: give an account a role, or take it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hub import accounts
from hub.models import User


class Command(BaseCommand):
    """Give an account a role, or take it; what was done and why stands in the audit log."""

    help = "Give an account a role, or take it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the account's exact e-mail address")
        parser.add_argument("role", choices=accounts.ROLES)
        parser.add_argument("--reason", required=True, help="why, without naming anybody")

    def handle(self, *args: Any, address: str, role: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(email=address).first()
        if user is None:
            raise CommandError("No account has this address.")
        if not reason.strip() or len(reason) > 200:
            raise CommandError("Say why in at most 200 characters: --reason.")
        accounts.give_role(user, role, reason=reason.strip(), by=None, at=timezone.now())
        self.stdout.write(f"Its role is {role} now.")
