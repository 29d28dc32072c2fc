"""Telling everybody who is coming, going or waiting, that something has changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from events.models import Attendance, Event, EventChange, Timeslot
from events.querysets import AttendanceQuerySet
from hub import mail, news
from hub.models import Message

URGENT = timedelta(hours=24)  # before the start: quiet hours are ignored
CHUNK = 1000
OFF_SITE = "not on the site"  # why a mail was skipped; one about a change is told when the event is back


def announce(change: EventChange, slot: Timeslot) -> None:
    """Store the change, and tell it unless the event is off the site now."""
    change.save(force_insert=True)
    if change.event.status == Event.Status.PUBLISHED:
        _tell(change, slot, Attendance.objects.told_of_changes(), change.made_at)


def tell_held_back(event: Event, slot: Timeslot, at: datetime) -> None:
    """Tell what was changed while the event was off the site, now that it is back, and what was to be
    told meanwhile. All of it: which change has overtaken which is known when the mail is written."""
    messages = Message.objects.filter(kind="events.changed", topic_id=event.pk)
    held_back = messages.filter(state=Message.State.SKIPPED, reason=OFF_SITE)
    again = set(held_back.values_list("occasion", flat=True))
    held_back.delete()  # written anew: by now their rows may have forgotten whom they were for
    told = set(messages.values_list("occasion", flat=True)) - again
    for change in EventChange.objects.filter(event=event).exclude(pk__in=told).order_by("made_at"):
        knew_before = Attendance.objects.told_of_changes().filter(rsvp__confirmed_at__lte=change.made_at)
        _tell(change, slot, knew_before, at)


def _tell(change: EventChange, slot: Timeslot, whom: AttendanceQuerySet, at: datetime) -> None:
    """Put one message for each of these parties into the outbox."""
    # Who is up early for the old start must hear of it tonight, however far away the new one is.
    start = min(slot.start, change.start_before or slot.start)
    due_at = loud_hour(at, change.event.zone, start)
    parties = whom.filter(timeslot=slot).order_by("pk").values_list("rsvp_id", "rsvp__mailbox_id")
    mail.put(
        mail.draft(
            "events.changed",
            mailbox_id=mailbox_id,
            about_id=rsvp_id,
            topic_id=change.event_id,
            occasion=str(change.pk),
            at=at,
            due_at=due_at,
        )
        for rsvp_id, mailbox_id in parties.iterator(CHUNK)
    )


@dataclass(frozen=True)
class Told:
    """How many parties (a mail each) with how many people are told, and when; None where nobody is."""

    parties: int
    people: int
    due_at: datetime | None


def told(event: Event, at: datetime) -> Told:
    """Who is told of what was done with the event at this moment: read from the outbox, so that
    it says what is sent."""
    messages = Message.objects.filter(kind="events.changed", topic_id=event.pk, made_at=at)
    parties = Attendance.objects.filter(rsvp__event=event, rsvp_id__in=messages.values("about_id"))
    totals = parties.aggregate(parties=Count("rsvp_id", distinct=True), people=Sum("party_size"))
    return Told(totals["parties"], totals["people"] or 0, messages.aggregate(due_at=Min("due_at"))["due_at"])


def loud_hour(now: datetime, zone: str, start: datetime) -> datetime:
    """Now, or eight in the morning if it is night where the event is and there is time to wait."""
    return now if start - now < URGENT else news.loud_hour(now, zone)
