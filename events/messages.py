"""What mail events send. Every letter is written from fresh rows at delivery."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import translation

from campaigns.endorsement_messages import facts as endorsement_facts
from campaigns.endorsement_messages import to_contact
from events import reminders
from events.actions.announce import OFF_SITE
from events.actions.reminders import STARTED, due_within, takes_place, with_reminders
from events.letters import facts, is_tomorrow, rsvp_letter
from events.models import Attendance, DayText, Event, EventChange, HostChange, Rsvp
from events.querysets import AttendanceQuerySet
from events.standing import still_theirs
from events.when import start_text, when_text, whole_days
from hub import links, mail, places
from hub.delivery import COMPANY
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.messages import account_language
from hub.models import Message
from hub.prepared import Parameter, Prepared

NOT_FOR_THEM = "for members only"
Writer = Callable[[Message, Sequence[Message], datetime], Letter]


def _attendances() -> AttendanceQuerySet:
    return Attendance.objects.select_related("rsvp__event__committee", "rsvp__mailbox", "timeslot").filter(
        rsvp__mailbox__isnull=False
    )


# Most mails are about one party: see ARCHITECTURE.md, "Busy queries and acts".
_ONE = Prepared(lambda: _attendances().filter(pk=Parameter("pk", Attendance._meta.get_field("id"))))
_PARTY = Prepared(lambda: _attendances().filter(rsvp=Parameter("pk", Rsvp._meta.get_field("id"))))


def _published(attendance: Attendance) -> Attendance:
    """The attendance, unless its event has been taken off the site, or is for members and the party isn't
    theirs: then nothing of it is mailed."""
    if attendance.rsvp.event.status != Event.Status.PUBLISHED:
        raise SkipMessage(OFF_SITE)
    if not still_theirs([attendance.rsvp]):
        raise SkipMessage(NOT_FOR_THEM)
    return attendance


def _of_rsvp(message: Message) -> Attendance:
    attendances = _PARTY.rows(pk=message.about_id)
    if not attendances:
        raise SkipMessage("erased")
    return _published(attendances[0])


def _of_attendance(message: Message) -> Attendance:
    attendances = _ONE.rows(pk=message.about_id)
    if not attendances:
        raise SkipMessage("erased")
    return _published(attendances[0])


# --- Answers -----------------------------------------------------------------------------------


def write_coming(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """ "You're coming" (or waiting), to a mailbox that a remembered phone has proven before."""
    attendance = _of_rsvp(message)
    if attendance.rsvp.cancelled_at:
        raise SkipMessage("cancelled since")
    return rsvp_letter(attendance, with_calendar=True)


def write_waiting(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Confirmed, but there is no seat left yet."""
    attendance = _of_attendance(message)
    if attendance.rsvp.cancelled_at or not attendance.waiting_since:
        raise SkipMessage("no longer waiting")
    return rsvp_letter(attendance)


def write_seated(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """A seat came free: the party is going now."""
    attendance = _of_attendance(message)
    if attendance.rsvp.cancelled_at or not attendance.seats_held:
        raise SkipMessage("no longer seated")
    if attendance.rsvp.event.event_status != Event.EventStatus.SCHEDULED:
        raise SkipMessage("not taking place")
    return rsvp_letter(attendance, with_calendar=True)


def write_cancelled_by_you(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The party took its RSVP back."""
    return rsvp_letter(_of_rsvp(message), with_calendar=True, cancelled=True)


# --- Changes -----------------------------------------------------------------------------------

# What an event's status is after a change of it.
STATUSES = {
    EventChange.What.CANCELLED: Event.EventStatus.CANCELLED,
    EventChange.What.POSTPONED: Event.EventStatus.POSTPONED,
    EventChange.What.RESTORED: Event.EventStatus.SCHEDULED,
}


def write_changed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The event moved, was postponed or cancelled, or is on after all: before and after. A later
    change has its own message, so one that is overtaken is not sent any more."""
    attendance = _of_rsvp(message)
    party = attendance.rsvp
    if party.cancelled_at:
        raise SkipMessage("cancelled since")
    change = EventChange.objects.filter(pk=message.occasion).first()
    if change is None:
        raise SkipMessage("the change is gone")
    if party.event.event_status != _status_after(change):
        raise SkipMessage("overtaken by a later change")
    later = EventChange.objects.filter(event=party.event, made_at__gt=change.made_at)
    if any(_same_subject(newer, change) for newer in later):
        raise SkipMessage("overtaken by a later change")
    if _undone_unseen(change, message):
        raise SkipMessage("undone before anybody was told")
    when_before, place_before = _as_known(change, attendance)
    return rsvp_letter(
        attendance,
        with_calendar=True,
        what=change.what,
        new_date=_gives_new_date(change, party),
        when_before=when_before,
        place_before=place_before,
    )


def _undone_unseen(change: EventChange, message: Message) -> bool:
    """Whether this change of status leads back to what the reader knows: it and what it undoes were
    held back together while the event was off the site."""
    if change.what not in STATUSES or message.made_at == change.made_at:
        return False
    together = Message.objects.filter(kind=message.kind, about_id=message.about_id, made_at=message.made_at)
    earlier = EventChange.objects.filter(event=change.event_id, made_at__lt=change.made_at)
    known = (
        earlier.exclude(pk__in=list(together.values_list("occasion", flat=True))).order_by("made_at").last()
    )
    return _status_after(change) == (_status_after(known) if known else Event.EventStatus.SCHEDULED)


def _status_after(change: EventChange) -> str:
    """A move is told of an event that takes place only."""
    return STATUSES.get(EventChange.What(change.what), Event.EventStatus.SCHEDULED)


def _as_known(change: EventChange, attendance: Attendance) -> tuple[str, list[str]]:
    """Time and place as this reader knows them: where this change overtook others before they were
    sent, those of the first one. Empty for what didn't change."""
    party, slot = attendance.rsvp, attendance.timeslot
    earlier = _before(change).filter(pk__in=_untold(party))
    chain = [*(older for older in earlier if _same_subject(change, older)), change]
    moved = next((one for one in chain if one.start_before), None)
    placed = next((one for one in chain if one.place_before), None)
    when = ""
    if moved is not None and moved.start_before is not None:
        start, end, zone = moved.start_before, moved.end_before, moved.zone_before
        if end is None and start != slot.start:  # of a change before ends were kept
            when = start_text(start, zone, party.language, all_day=slot.all_day)
        elif end is not None and (start, end) != (slot.start, slot.end):
            when = when_text(start, end, zone, party.language, all_day=whole_days(start, end, zone))
    return when, _place_as_read(placed, party.language) if placed else []


def _before(change: EventChange) -> QuerySet[EventChange]:
    """The event's earlier changes, in order."""
    return EventChange.objects.filter(event=change.event_id, made_at__lt=change.made_at).order_by("made_at")


def _untold(party: Rsvp) -> list[str]:
    """The ids of changes that were to be told to this party and haven't been."""
    messages = Message.objects.filter(kind="events.changed", about_id=party.pk)
    return list(messages.exclude(state=Message.State.SENT).values_list("occasion", flat=True))


def _gives_new_date(change: EventChange, party: Rsvp) -> bool:
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


def _same_subject(newer: EventChange, older: EventChange) -> bool:
    """Whether the newer change tells everything the older one told."""
    both = EventChange.What.BOTH
    return newer.what == older.what or (
        newer.what == both and older.what in (EventChange.What.TIME, EventChange.What.PLACE)
    )


# --- Reminders ---------------------------------------------------------------------------------


def why_not(message: Message, attendance: Attendance | None, now: datetime) -> str:
    """Why a reminder must not go out any more; empty if it may. What was true when it was planned
    may have changed since."""
    if attendance is None:
        return "erased"
    party, slot = attendance.rsvp, attendance.timeslot
    if party.cancelled_at:
        return "cancelled since"
    if party.reminders_stopped_at:
        return "unsubscribed"
    if not takes_place(party.event):
        return "not taking place"
    if not still_theirs([party]):
        return NOT_FOR_THEM
    if slot.start.isoformat() != message.occasion:
        return "moved since"
    if now >= slot.start:
        return STARTED
    if message.kind == reminders.WAITING:
        return "seated since" if attendance.seats_held else ""
    return "" if attendance.seats_held else "no seat"


def write_reminder(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """One mail for all of a person's reminders of this hour, soonest event first."""
    if companions:
        found: Iterable[Attendance] = _attendances().filter(
            pk__in=[m.about_id for m in (message, *companions)]
        )
    else:
        found = _ONE.rows(pk=message.about_id)
    rows: dict[UUID | None, Attendance] = {row.pk: row for row in found}
    left_out: list[tuple[Message, str]] = []
    going: list[tuple[Attendance, Message]] = []
    for one in (message, *companions):
        attendance = rows.get(one.about_id)
        reason = why_not(one, attendance, now)
        if reason or attendance is None:
            left_out.append((one, reason))
        elif attendance.pk not in [row.pk for row, _one in going]:
            going.append((attendance, one))
    if not going:
        raise SkipMessage(left_out[0][1])
    return reminder_letter(going, left_out, now)


def reminder_letter(
    going: Sequence[tuple[Attendance, Message]], left_out: list[tuple[Message, str]], now: datetime
) -> Letter:
    """What one person is reminded of in one mail, each with its outbox row."""
    going = sorted(going, key=lambda pair: pair[0].timeslot.start)
    party = going[0][0].rsvp
    with translation.override(party.language):
        events = [
            facts(attendance, party.language)
            | {
                "tomorrow": is_tomorrow(attendance.timeslot, attendance.rsvp.event.zone, now),
                "still_waiting": one.kind == reminders.WAITING,
            }
            for attendance, one in going
        ]
    return Letter(
        mailbox=party.mailbox,  # type: ignore[arg-type]  # _attendances has one for each
        language=party.language,
        neutral=any(attendance.rsvp.neutral for attendance, _one in going),
        context={"events": events, "event": events[0]},
        left_out=left_out,
        unsubscribe=[attendance.rsvp.mail_token for attendance, _one in going],
    )


def companions_of(message: Message, now: datetime) -> list[Message]:
    """The person's other reminders due within the hour."""
    return due_within(message, now, COMPANY)


def write_host_change(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To those who can stop what a host without an account has asked for."""
    waiting = HostChange.objects.select_related("event").filter(stopped_at=None, done_at=None)
    change = waiting.filter(pk=message.about_id).first() if message.about_id else None
    if change is None or message.mailbox is None:
        raise SkipMessage("stopped or done")
    event = change.event
    language = account_language(message.mailbox, event.language)
    with translation.override(language):
        return Letter(
            message.mailbox,
            language,
            {
                "event_title": event.title,
                "asked": change.asked,
                "changes_url": links.url("events:changes", event.slug),
            },
        )


def write_planning(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The planning meeting of a forum, to a contact of an organization that co-organizes it."""
    kind, row = to_contact(message, now)
    path = kind.next_step(row)
    if not path:
        raise SkipMessage("no planning meeting")
    with translation.override(row.language):
        context = endorsement_facts(kind, row, row.language)
        context["meeting_url"] = links.site_url(kind.next_step(row))
        return Letter(row.mailbox, row.language, context)


for name, category, writer in (
    ("events.planning_meeting", Category.ANSWER, write_planning),
    ("events.coming", Category.ANSWER, write_coming),
    ("events.waiting", Category.ANSWER, write_waiting),
    ("events.seated", Category.ANSWER, write_seated),
    ("events.cancelled_by_you", Category.ANSWER, write_cancelled_by_you),
    ("events.changed", Category.CHANGE, write_changed),
    ("events.host_change", Category.ANSWER, write_host_change),
):
    mail.register(Kind(name, category, writer))
for name in (reminders.DAY_BEFORE, reminders.SAME_DAY, reminders.WAITING):
    mail.register(
        Kind(
            name,
            Category.REMINDER,
            write_reminder,
            companions=companions_of,
            company=with_reminders,
            template="events/reminder",
        )
    )


@mail.register_topics
def titles_of_events(ids: Collection[UUID]) -> dict[UUID, str]:
    """Events by their titles."""
    return dict(Event.objects.filter(pk__in=ids).values_list("pk", "title"))


@mail.register_topics
def titles_of_days(ids: Collection[UUID]) -> dict[UUID, str]:
    """Days of action by their titles in one language."""
    texts = DayText.objects.filter(day__in=ids).order_by("-language")
    return dict(texts.values_list("day", "title"))
