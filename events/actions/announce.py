"""Telling everybody who is coming, going or waiting, that something has changed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.models import Attendance, EventChange, Timeslot
from hub import mail

QUIET_FROM = time(21)  # in the event's zone
QUIET_UNTIL = time(8)
URGENT = timedelta(hours=24)  # before the start: quiet hours are ignored
CHUNK = 1000


def announce(change: EventChange, slot: Timeslot) -> None:
    """Store the change and put one message for each confirmed party into the outbox."""
    change.save(force_insert=True)
    # Who is up early for the old start must hear of it tonight, however far away the new one is.
    start = min(slot.start, change.start_before or slot.start)
    due_at = loud_hour(change.made_at, change.event.zone, start)
    parties = (
        Attendance.objects.told_of_changes()
        .filter(timeslot=slot)
        .order_by("pk")
        .values_list("rsvp_id", "rsvp__mailbox_id")
    )
    mail.put(
        mail.draft(
            "events.changed",
            mailbox_id=mailbox_id,
            about_id=rsvp_id,
            topic_id=change.event_id,
            occasion=str(change.pk),
            at=change.made_at,
            due_at=due_at,
        )
        for rsvp_id, mailbox_id in parties.iterator(CHUNK)
    )


def loud_hour(now: datetime, zone: str, start: datetime) -> datetime:
    """Now, or eight in the morning if it is night where the event is and there is time to wait."""
    local = now.astimezone(ZoneInfo(zone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM or start - now < URGENT:
        return now
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
