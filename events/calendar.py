"""Calendar files (RFC 5545): never a place or link that isn't public, never an attendee."""

import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext
from icalendar import Alarm, Calendar, vText
from icalendar import Event as Component

from events.models import Event, Timeslot
from hub import links
from hub.zones import zone_info

BREAKING = ("Cc", "Zl", "Zp")  # Unicode categories: control characters, line and paragraph separators
ALARMS = (timedelta(days=-1), timedelta(hours=-2))


def event_ics(
    event: Event,
    slots: list[Timeslot],
    *,
    url: str,
    neutral: bool = False,
    cancelled: bool = False,
    tentative: bool = False,
) -> bytes:
    """The calendar file of an event's timeslots, with alarms a day and two hours before.

    `neutral` gives no more than that there is a meeting; `cancelled` takes the entry out of the
    reader's calendar again (STATUS:CANCELLED under the same UID with a higher SEQUENCE); `tentative` is
    for a reader who has no place yet.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Calendar//EN" if neutral else "-//Labor Party Hub//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    status = _status(event, cancelled=cancelled, tentative=tentative)
    for slot in slots:
        calendar.add_component(_component(event, slot, url=url, neutral=neutral, status=status))
    return bytes(calendar.to_ical())


def feed_ics(slots: list[Timeslot], *, name: str) -> bytes:
    """The calendar of several events, each timeslot with its event, to subscribe to. Without alarms:
    nobody comes to all of them."""
    calendar = Calendar()
    calendar.add("prodid", "-//Labor Party Hub//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", " ".join(_text(name).split()))  # the library takes it for one line
    for slot in slots:
        url = links.url("events:detail", slot.event.slug)
        entry = _component(
            slot.event,
            slot,
            url=url,
            neutral=False,
            status=_status(slot.event, cancelled=False, tentative=False),
        )
        entry.subcomponents.clear()
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _status(event: Event, *, cancelled: bool, tentative: bool) -> str:
    """RFC 5545 STATUS."""
    if cancelled or event.event_status == Event.EventStatus.CANCELLED:
        return "CANCELLED"
    if tentative or event.event_status == Event.EventStatus.POSTPONED:
        return "TENTATIVE"
    return "CONFIRMED"


def _component(event: Event, slot: Timeslot, *, url: str, neutral: bool, status: str) -> Component:
    entry = Component()
    entry.add("uid", f"{slot.pk}@{settings.SITE_HOST}")
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("sequence", event.sequence)
    _add_times(entry, slot, event.zone)
    entry.add("status", status)
    if neutral:
        entry.add("summary", gettext("Meeting"))
        entry.add("class", "PRIVATE")
    else:
        entry.add("summary", _text(event.title))
        entry.add("description", _text(f"{event.description}\n\n{url}".strip()))
        place = ", ".join(event.public_place) or (gettext("Online") if event.online else "")
        if place:
            entry["location"] = vText(_text(place))
        entry.add("url", url)
    if status == "CONFIRMED":
        for before in ALARMS:
            entry.add_component(_alarm(entry, before))
    return entry


def _text(text: str) -> str:
    """Without what RFC 5545 allows in no text, and what a reader could take for the end of a line."""
    return "".join(
        sign if sign in "\r\n\t" or unicodedata.category(sign) not in BREAKING else " " for sign in text
    )


def _add_times(entry: Component, slot: Timeslot, zone: str) -> None:
    if slot.all_day:
        tz = zone_info(zone)
        entry.add("dtstart", slot.start.astimezone(tz).date())
        entry.add("dtend", slot.end.astimezone(tz).date())
    else:
        entry.add("dtstart", _utc(slot.start))
        entry.add("dtend", _utc(slot.end))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(zone_info("UTC"))


def _alarm(entry: Component, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", str(entry["summary"]))
    alarm.add("trigger", before)
    return alarm
