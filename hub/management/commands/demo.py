"""`manage.py demo`: data for a person trying the hub, or very much of it."""

import argparse

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Campaign
from hub.demo.content import CAMPAIGN_ID
from hub.demo.making import make_demo
from hub.demo.scale import make_many, most_rsvps
from hub.models import City, ZipCode


class Command(BaseCommand):
    """Make the demo data once; a second run finds it there and changes nothing. Numbers add that
    many made-up events, people and RSVPs each time."""

    help = "Fill the demo with the campaign's events and made-up people; with numbers, with very many."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, help_text in (
            ("events", "add this many events"),
            ("people", "add this many people"),
            ("rsvps", "spread this many RSVPs over these events and people"),
        ):
            parser.add_argument(f"--{name}", type=count, metavar="N", help=help_text)

    def handle(self, *, events: int | None, people: int | None, rsvps: int | None, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("HUB_ENV is production: demo data has a public password and stays out of it.")
        most = most_rsvps(events or 0, people or 0)
        if (rsvps or 0) > most:
            raise CommandError(
                f"--rsvps {rsvps} is too many: {events or 0} new events and {people or 0} new people have "
                f"room for {most:,} (one for each person at each event that is not over).",
                returncode=2,
            )
        self.make_base()
        if (events, people, rsvps) != (None, None, None):
            self.shown: dict[str, int] = {}
            make_many(
                Campaign.objects.get(pk=CAMPAIGN_ID),
                events=events or 0,
                people=people or 0,
                rsvps=rsvps or 0,
                now=timezone.now(),
                progress=self.progress,
            )

    def make_base(self) -> None:
        """Places and the demo of a person trying the hub."""
        if not (City.objects.exists() and ZipCode.objects.exists()):
            call_command("load_places", stdout=self.stdout)
        made = make_demo(timezone.now())
        if made is None:
            self.stdout.write("The demo data is there already.")
        else:
            self.stdout.write(f"Demo data: {made.events} events, {made.parties} RSVPs.")

    def progress(self, what: str, done: int, total: int) -> None:
        """One line for each tenth that is done."""
        tenth = done * 10 // total
        if tenth > self.shown.get(what, 0):
            self.shown[what] = tenth
            self.stdout.write(f"{what}: {done:,} of {total:,}")
            self.stdout.flush()


def count(text: str) -> int:
    """A number of rows, 0 or more."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more.")
    return number
