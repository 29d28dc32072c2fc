"""What a change of an event changed, as its reader knows it."""

from django.db.models import QuerySet
from django.utils import translation

from events.models import Attendance, Event, EventChange, Rsvp
from events.when import start_text, when_text, whole_days
from hub import places
from hub.models import Message

# What an event's status is after a change of it.
STATUSES = {
    EventChange.What.CANCELLED: Event.EventStatus.CANCELLED,
    EventChange.What.POSTPONED: Event.EventStatus.POSTPONED,
    EventChange.What.RESTORED: Event.EventStatus.SCHEDULED,
}


def status_after(change: EventChange) -> str:
    """A move is told of an event that takes place only."""
    return STATUSES.get(EventChange.What(change.what), Event.EventStatus.SCHEDULED)


def as_known(change: EventChange, attendance: Attendance, language: str) -> tuple[str, list[str]]:
    """Time and place as this reader knows them: where this change overtook others before they were
    sent, those of the first one. Empty for what didn't change, and for places once they aren't public."""
    party, slot = attendance.rsvp, attendance.timeslot
    earlier = _before(change).filter(pk__in=_untold(party))
    chain = [*(older for older in earlier if same_subject(change, older)), change]
    moved = next((one for one in chain if one.start_before), None)
    public = party.event.place_is_public
    placed = next((one for one in chain if one.place_before), None) if public else None
    when = ""
    if moved is not None and moved.start_before is not None:
        start, end, zone = moved.start_before, moved.end_before, moved.zone_before
        if end is None and start != slot.start:  # of a change before ends were kept
            when = start_text(start, zone, language, all_day=slot.all_day)
        elif end is not None and (start, end) != (slot.start, slot.end):
            when = when_text(start, end, zone, language, all_day=whole_days(start, end, zone))
    return when, _place_as_read(placed, language) if placed else []


def _before(change: EventChange) -> QuerySet[EventChange]:
    """The event's earlier changes, in order."""
    return EventChange.objects.filter(event=change.event_id, made_at__lt=change.made_at).order_by("made_at")


def _untold(party: Rsvp) -> list[str]:
    """The ids of changes that were to be told to this party and haven't been."""
    messages = Message.objects.filter(kind="events.changed", about_id=party.pk)
    return list(messages.exclude(state=Message.State.SENT).values_list("occasion", flat=True))


def gives_new_date(change: EventChange, party: Rsvp) -> bool:
    """Whether the last thing this reader was told is that the event is postponed."""
    known = _before(change).exclude(pk__in=_untold(party)).last()
    return change.start_before is not None and known is not None and known.what == known.What.POSTPONED


def _place_as_read(change: EventChange, language: str) -> list[str]:
    """The lines of the place before, with its city and country in the reader's language."""
    *lines, area = change.place_before.split("\n")
    country = change.country_before
    names = places.countries().get(country)
    if names is not None:
        with translation.override(language):
            city, found, after = area.rpartition(f", {names['english']}")
            if found:
                area = f"{places.city_name(city, '', country)}, {places.country_name(country)}{after}"
    return [*lines, area]


def same_subject(newer: EventChange, older: EventChange) -> bool:
    """Whether the newer change tells everything the older one told."""
    both = EventChange.What.BOTH
    return newer.what == older.what or (
        newer.what == both and older.what in (EventChange.What.TIME, EventChange.What.PLACE)
    )
