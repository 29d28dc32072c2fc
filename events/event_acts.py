"""What an event's buttons in the admin do, and what is said before and after of who is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from events.actions import events as actions
from events.actions.rehearsal import Outcome
from events.forms.events import REVEALS
from events.models import Event, Timeslot
from events.when import clock_text, when_text
from hub.zones import zone_info, zone_name


@dataclass(frozen=True)
class Act:
    """What one of an event's buttons does besides saving."""

    label: Any
    action: Callable[..., Event]
    done: Any
    question: Any = None  # asked before it is done; without one it asks only where people are told
    effect: Any = ""


ACTS = {
    "publish": Act(_("Publish"), actions.publish_event, _("“{title}” is published.")),
    "unpublish": Act(
        _("Take off the site"),
        actions.unpublish_event,
        _("“{title}” is a draft again."),
        _("Take off the site?"),
        _("Its page is gone at once, and no reminders go out. Who is coming stays noted."),
    ),
    "postpone": Act(
        _("Postpone (no new date yet)"),
        actions.postpone_event,
        _("“{title}” is postponed."),
        _("Postpone the event?"),
        _("No reminders go out until it has a new date."),
    ),
    "cancel": Act(
        _("Cancel the event"),
        actions.cancel_event,
        _("“{title}” is cancelled."),
        _("Cancel the event?"),
        _("No reminders go out any more."),
    ),
    "restore": Act(
        _("On after all"),
        actions.restore_event,
        _("“{title}” takes place."),
        _("Is it on after all?"),
        _("Reminders go out again."),
    ),
}


def pressed(request: HttpRequest) -> list[Act]:
    """The acts whose button was pressed."""
    return [act for name, act in ACTS.items() if f"_{name}" in request.POST]


def facts(event: Event, slot: Timeslot) -> dict[str, str]:
    """What people plan by, as label and text."""
    language = get_language() or "en"
    return {
        gettext("When"): when_text(slot.start, slot.end, event.zone, language, all_day=slot.all_day),
        gettext("Where"): "\n".join(event.full_place),
        gettext("Who sees the exact place"): str(dict(REVEALS)[event.reveal]),
        gettext("Online link"): event.online_link,
    }


def told_sentence(outcome: Outcome, now: datetime) -> str:
    """ "3 people are told tomorrow at 8:00 AM PST." """
    people = outcome.told.people
    sentence = ngettext("%(people)d person is told %(when)s.", "%(people)d people are told %(when)s.", people)
    return sentence % {"people": people, "when": told_when(outcome, now)}


def told_in_advance(outcome: Outcome, now: datetime) -> list[str]:
    """What the page that asks says of who will be told."""
    told = outcome.told
    if not told.parties:
        return [gettext("Nobody is told.")]
    people = ngettext(
        "%(people)d person will be told %(when)s.", "%(people)d people will be told %(when)s.", told.people
    )
    mails = ngettext("That is %(mails)d mail.", "That is %(mails)d mails, one for each party.", told.parties)
    return [
        people % {"people": told.people, "when": told_when(outcome, now)},
        mails % {"mails": told.parties},
    ]


def told_when(outcome: Outcome, now: datetime) -> str:
    """ "now", or in the morning where the event is."""
    due_at, zone = outcome.told.due_at, zone_info(outcome.event.zone)
    if due_at is None or due_at <= now:
        return gettext("now")
    local = due_at.astimezone(zone)
    clock = {"clock": f"{clock_text(local, get_language() or 'en')} {zone_name(local)}"}
    if local.date() == now.astimezone(zone).date():
        return gettext("today at %(clock)s") % clock
    return gettext("tomorrow at %(clock)s") % clock
