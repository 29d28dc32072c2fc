"""What mail events send. Every letter is written from fresh rows at delivery."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from campaigns.endorsement_messages import WHY_CONTACT, to_contact
from campaigns.endorsement_messages import facts as endorsement_facts
from events import changes, reminders, update_messages  # noqa: F401  the last registers mailed updates
from events.actions.reminders import STARTED, due_within, takes_place, with_reminders
from events.letters import facts, is_tomorrow, rsvp_letter
from events.models import Attendance, DayOfAction, DayText, Event, EventChange, HostChange, Rsvp
from events.recipients import NOT_FOR_THEM, ONE, SAID_YES, attendances, of_attendance, of_rsvp
from events.standing import still_theirs
from events.still_coming import asks
from hub import links, mail
from hub.delivery import COMPANY
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.messages import account_language
from hub.models import Message
from hub.readers import zone_of
from hub.zones import hour_text

Writer = Callable[[Message, Sequence[Message], datetime], Letter]


# --- Answers -----------------------------------------------------------------------------------


def write_coming(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """ "You're coming" (or waiting), to a mailbox that a remembered phone has proven before."""
    attendance = of_rsvp(message)
    if attendance.rsvp.cancelled_at:
        raise SkipMessage("cancelled since")
    return rsvp_letter(attendance, message, with_calendar=True)


def write_waiting(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Confirmed, but there is no seat left yet."""
    attendance = of_attendance(message)
    if attendance.rsvp.cancelled_at or not attendance.waiting_since:
        raise SkipMessage("no longer waiting")
    return rsvp_letter(attendance, message)


def write_seated(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """A seat came free: the party is going now."""
    attendance = of_attendance(message)
    if attendance.rsvp.cancelled_at or not attendance.seats_held:
        raise SkipMessage("no longer seated")
    if attendance.rsvp.event.event_status != Event.EventStatus.SCHEDULED:
        raise SkipMessage("not taking place")
    return rsvp_letter(attendance, message, with_calendar=True)


def write_cancelled_by_you(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The party took its RSVP back."""
    return rsvp_letter(of_rsvp(message), message, with_calendar=True, cancelled=True)


# --- Changes -----------------------------------------------------------------------------------


def write_changed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The event moved, was postponed or cancelled, or is on after all: before and after. A later
    change has its own message, so one that is overtaken is not sent any more."""
    attendance = of_rsvp(message)
    party = attendance.rsvp
    if party.cancelled_at:
        raise SkipMessage("cancelled since")
    change = EventChange.objects.filter(pk=message.occasion).first()
    if change is None:
        raise SkipMessage("the change is gone")
    if party.event.event_status != changes.status_after(change):
        raise SkipMessage("overtaken by a later change")
    later = list(
        EventChange.objects.filter(event=party.event, made_at__gt=change.made_at).order_by("made_at")
    )
    if any(changes.same_subject(newer, change) for newer in later):
        raise SkipMessage("overtaken by a later change")
    if _undone_unseen(change, message):
        raise SkipMessage("undone before anybody was told")
    when_before, place_before = changes.as_known(change, attendance, party.language)
    return rsvp_letter(
        attendance,
        message,
        with_calendar=True,
        what=change.what,
        new_date=changes.gives_new_date(change, party),
        when_before=when_before,
        place_before=place_before,
        still_url=_still_url(party, [change, *later][-1], now),
    )


def _still_url(party: Rsvp, newest: EventChange, now: datetime) -> str:
    """Where it says whether it is still coming; empty where it has, or nothing is asked."""
    if party.answered_change_id == newest.pk or not asks(newest, party.event, now):
        return ""
    with translation.override(party.language):
        return links.url("still_coming", party.mail_token)


def _undone_unseen(change: EventChange, message: Message) -> bool:
    """Whether this change of status leads back to what the reader knows: it and what it undoes were
    held back together while the event was off the site."""
    if change.what not in changes.STATUSES or message.made_at == change.made_at:
        return False
    together = Message.objects.filter(kind=message.kind, about_id=message.about_id, made_at=message.made_at)
    earlier = EventChange.objects.filter(event=change.event_id, made_at__lt=change.made_at)
    known = (
        earlier.exclude(pk__in=list(together.values_list("occasion", flat=True))).order_by("made_at").last()
    )
    return changes.status_after(change) == (
        changes.status_after(known) if known else Event.EventStatus.SCHEDULED
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
        found: Iterable[Attendance] = attendances().filter(
            pk__in=[m.about_id for m in (message, *companions)]
        )
    else:
        found = ONE.rows(pk=message.about_id)
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
    assert party.mailbox is not None  # `attendances` are of parties with one
    reader = zone_of(party.mailbox, going[0][1])
    with translation.override(party.language):
        events = [
            facts(attendance, party.language, reader)
            | {
                "tomorrow": is_tomorrow(attendance.timeslot, attendance.rsvp.event.zone, now),
                "still_waiting": one.kind == reminders.WAITING,
            }
            for attendance, one in going
        ]
    return Letter(
        mailbox=party.mailbox,
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
                "done_at": hour_text(change.due_at or now, event.zone),
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


for name, category, writer, why in (
    ("events.planning_meeting", Category.ANSWER, write_planning, WHY_CONTACT),
    ("events.coming", Category.ANSWER, write_coming, SAID_YES),
    ("events.waiting", Category.ANSWER, write_waiting, SAID_YES),
    ("events.seated", Category.ANSWER, write_seated, SAID_YES),
    (
        "events.cancelled_by_you",
        Category.ANSWER,
        write_cancelled_by_you,
        _("You get this mail because you cancelled."),
    ),
    ("events.changed", Category.CHANGE, write_changed, SAID_YES),
    (
        "events.host_change",
        Category.ANSWER,
        write_host_change,
        _("You get this mail because you answer for this event, besides its host."),
    ),
):
    mail.register(Kind(name, category, writer, why=why))
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


@mail.register_topics(Event)
def titles_of_events(ids: Collection[UUID]) -> dict[UUID, str]:
    """Events by their titles."""
    return dict(Event.objects.filter(pk__in=ids).values_list("pk", "title"))


@mail.register_topics(DayOfAction)
def titles_of_days(ids: Collection[UUID]) -> dict[UUID, str]:
    """Days of action by their titles in one language."""
    texts = DayText.objects.filter(day__in=ids).order_by("-language")
    return dict(texts.values_list("day", "title"))
