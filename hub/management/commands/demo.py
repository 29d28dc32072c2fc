"""`manage.py demo`: data for a person trying the hub, or very much of it."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hub.demo.making import make_demo
from hub.models import City, ZipCode


class Command(BaseCommand):
    """Make the demo data once; a second run finds it there and changes nothing."""

    help = "Fill the demo with the campaign's events and made-up people; with numbers, with very many."

    def handle(self, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("HUB_ENV is production: demo data has a public password and stays out of it.")
        if not (City.objects.exists() and ZipCode.objects.exists()):
            call_command("load_places", stdout=self.stdout)
        made = make_demo(timezone.now())
        if made is None:
            self.stdout.write("The demo data is there already.")
        else:
            self.stdout.write(f"Demo data: {made.events} events, {made.parties} RSVPs.")
