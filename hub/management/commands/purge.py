"""`manage.py purge`: what the worker does every hour, now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from hub.personal import purge_all


class Command(BaseCommand):
    """Delete what the retention rules say has been kept long enough."""

    help = "Delete what the retention rules say has been kept long enough."

    def handle(self, *args: Any, **options: Any) -> None:
        purge_all(timezone.now())
        self.stdout.write("Purged.")
