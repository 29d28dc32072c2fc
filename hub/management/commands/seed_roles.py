"""`manage.py seed_roles`: the group of moderators with its rights."""

from typing import Any

from django.core.management.base import BaseCommand

from hub import accounts


class Command(BaseCommand):
    """Make the group of moderators, or bring its rights up to date."""

    help = "Make the group of moderators, or bring its rights up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        group = accounts.seed_roles()
        self.stdout.write(f"{group.name}: {group.permissions.count()} rights.")
