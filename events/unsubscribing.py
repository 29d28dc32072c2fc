"""Stopping reminders by the link in one."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from events.actions.unsubscribing import remind_again, stop_reminders
from events.models import Event, MergedLink, Rsvp
from events.standing import still_theirs
from hub import links
from hub.unsubscribing import Stoppable, register


def find(tokens: list[str]) -> list[Rsvp]:
    """The parties these mailed links lead to, their events' order."""
    hashes = [links.token_hash(token) for token in tokens]
    merged = MergedLink.objects.filter(token_hash__in=hashes, proves=True).values("rsvp")
    parties = Rsvp.objects.select_related("event__committee", "mailbox").order_by("event__next_start", "pk")
    return list(parties.filter(mail_link_hash__in=hashes) | parties.filter(pk__in=merged))


def stop(parties: list[Rsvp], at: datetime) -> None:
    """No reminders of these events."""
    stop_reminders([party.pk for party in parties], at=at)


def resume(parties: list[Rsvp], at: datetime) -> None:
    """Reminders of them again."""
    remind_again([party.pk for party in parties], at=at)


def context(parties: list[Rsvp]) -> dict[str, Any]:
    """Which events these are. One that is off the site is not named, nor is one for members only to whoever
    isn't one any more."""
    return {
        "things": [
            {
                "title": party.event.title,
                "language": party.event.language,
                "url": reverse("rsvp", args=[party.mail_token]),
            }
            for party in still_theirs(parties)
            if party.event.status == Event.Status.PUBLISHED
        ],
        "stopped": all(party.reminders_stopped_at for party in parties),
    }


def address(parties: list[Rsvp]) -> str:
    """That of the mailbox all of them are of: they stood in one mail."""
    mailbox = parties[0].mailbox
    return mailbox.address if mailbox else ""


register(Stoppable("events/unsubscribe.html", find, stop, resume, context, address))
