"""The reminders somebody gets: of each coming event they said yes to, all or none."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from events.actions.unsubscribing import remind_again, stop_reminders
from events.models import Event, Rsvp
from events.standing import still_theirs
from events.when import start_text, whole_days
from hub import choices
from hub.choices import Choice, ChoiceKind, Reader


def reminders(reader: Reader, now: datetime) -> list[Choice]:
    """The coming events this mailbox has an RSVP at, soonest first; none that is cancelled, since of that
    nobody is reminded."""
    if reader.mailbox is None:
        return []
    language = get_language() or "en"
    parties = Rsvp.objects.ahead_of(reader.mailbox, now).exclude(event__event_status="cancelled")
    return [
        Choice(
            party.pk,
            _title(party.event, reader),
            party.event.language if _is_named(party.event, reader) else language,
            on=party.reminders_stopped_at is None,
            details=_when(party.event, language),
            # The page it leads to says what its title doesn't.
            path=reverse("rsvp", args=[party.mail_token]) if _is_named(party.event, reader) else "",
        )
        for party in still_theirs(parties)
    ]


def _is_named(event: Event, reader: Reader) -> bool:
    return reader.named or event.committee is None or not event.committee.is_discreet


def _title(event: Event, reader: Reader) -> str:
    return event.title if _is_named(event, reader) else gettext("A meeting of a committee you belong to")


def _when(event: Event, language: str) -> str:
    start, end = event.next_start, event.next_end
    if event.event_status == Event.EventStatus.POSTPONED or start is None or end is None:
        return gettext("No new date yet")
    return start_text(start, event.zone, language, all_day=whole_days(start, end, event.zone))


def choose(ids: list[UUID], on: bool, at: datetime) -> None:
    """Send or stop the reminders of these parties."""
    (remind_again if on else stop_reminders)(ids, at=at)


choices.register(
    ChoiceKind(
        "reminders",
        _("Reminders"),
        _("A mail the day before, and one that day. Your RSVP stays as it is, with or without."),
        reminders,
        choose,
        place=10,
    )
)
