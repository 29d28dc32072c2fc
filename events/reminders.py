"""When reminders fall due: a pure function of a start and its zone.

The hours are the event's own. Day before at 11:00 and same day at 08:00; for a start before 11:00
one reminder at 19:00 of the evening before instead of both. Those still waiting for a seat are
told at 18:00 of the evening before.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEFORE = "events.reminder_day_before"
SAME_DAY = "events.reminder_same_day"
WAITING = "events.reminder_waiting"

TOO_LATE = timedelta(hours=3)  # who was confirmed or seated less than this before is not reminded


def instants(start: datetime, zone: str) -> list[tuple[datetime, str]]:
    """Every reminder of a timeslot as (UTC instant, kind), earliest first."""
    tz = ZoneInfo(zone)
    local = start.astimezone(tz)
    day, before = local.date(), local.date() - timedelta(days=1)

    def at(date: object, hour: int) -> datetime:
        # A local time in a gap of the clocks is read with the offset before the gap (PEP 495).
        return datetime.combine(date, time(hour), tz).astimezone(ZoneInfo("UTC"))  # type: ignore[arg-type]

    if local.time() < time(11):
        due = [(at(before, 19), DAY_BEFORE)]
    else:
        due = [(at(before, 11), DAY_BEFORE), (at(day, 8), SAME_DAY)]
    due.append((at(before, 18), WAITING))
    return sorted(due)


def next_instant(start: datetime, zone: str, after: datetime) -> datetime | None:
    """The first instant later than `after` at which reminders of this timeslot fall due."""
    return next((at for at, _kind in instants(start, zone) if at > after), None)


def none_left(start: datetime, zone: str, counted_at: datetime, now: datetime | None = None) -> bool:
    """Whether somebody who counts since then gets no reminder any more after `now` (left out: after
    that very moment, when the answer to their RSVP has to serve as one)."""
    due = [at for at, kind in instants(start, zone) if kind != WAITING and at > (now or counted_at)]
    return all(at - counted_at < TOO_LATE for at in due)
