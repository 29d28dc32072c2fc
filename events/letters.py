"""What mail about an RSVP says: facts of the event for one reader, never a place that isn't public."""

from datetime import datetime
from typing import Any

from django.utils import timezone, translation

from events import calendar, reminders
from events.models import Attendance, Event, Timeslot
from events.when import clock_text, day_text, when_text, when_theirs
from hub import links
from hub.mail import Letter
from hub.models import Message
from hub.readers import zone_of
from hub.zones import zone_info, zone_name


def facts(attendance: Attendance, language: str, reader: str) -> dict[str, Any]:
    """One event as a mail may tell it; call it with the reader's language active. `reader` is their own time
    zone, where that is known."""
    party, slot, event = attendance.rsvp, attendance.timeslot, attendance.rsvp.event
    local = slot.start.astimezone(zone_info(event.zone))
    return {
        "title": event.title,
        "when": when_text(slot.start, slot.end, event.zone, language, all_day=slot.all_day),
        "when_theirs": when_theirs(slot.start, slot.end, event.zone, reader, language, all_day=slot.all_day),
        "day": day_text(local, language),
        "clock": "" if slot.all_day else f"{clock_text(local, language)} {zone_name(local)}",
        "place": event.public_place,
        "place_is_public": event.place_is_public,
        "online": event.online,
        "event_url": links.url("events:detail", event.slug),
        "own_url": links.url("rsvp", party.mail_token),
        "party_size": attendance.party_size,
        "seats_held": attendance.seats_held,
        "waiting": attendance.waiting_since is not None,
        "waits": attendance.waits,
        "room": attendance.room,
        "would_wait": attendance.would_wait,
        "counted": party.counted_at is not None,
        "no_reminder_left": reminders.none_left(slot.start, event.zone, timezone.now()),
        "status": event.event_status,
        "can_change": event.event_status != Event.EventStatus.CANCELLED and not party.cancelled_at,
    }


def ics_for(attendance: Attendance, *, cancelled: bool = False) -> bytes:
    """The reader's calendar file; its link is the event's public page, since calendars are synced
    to other people's servers and a personal link doesn't belong there."""
    party, event = attendance.rsvp, attendance.rsvp.event
    return calendar.event_ics(
        event,
        [attendance.timeslot],
        url=links.url("events:detail", event.slug),
        neutral=party.neutral,
        cancelled=cancelled,
        tentative=party.counted_at is None or attendance.waits,
    )


def rsvp_letter(
    attendance: Attendance,
    message: Message | None,
    *,
    with_calendar: bool = False,
    cancelled: bool = False,
    **context: Any,
) -> Letter:
    """A letter to one party about its event; `message` is its row of the outbox, where there is one."""
    party = attendance.rsvp
    assert party.mailbox is not None  # callers write to parties with one only
    reader = zone_of(party.mailbox, message)
    with translation.override(party.language):
        file = ics_for(attendance, cancelled=cancelled) if with_calendar else None
        return Letter(
            mailbox=party.mailbox,
            language=party.language,
            neutral=party.neutral,
            calendar=file,
            context={"event": facts(attendance, party.language, reader), **context},
        )


def is_tomorrow(slot: Timeslot, zone: str, now: datetime) -> bool:
    """Whether the start is on the local day after today's."""
    tz = zone_info(zone)
    return (slot.start.astimezone(tz).date() - now.astimezone(tz).date()).days == 1
