"""Samples of events' mail: RSVPs, changes, reminders, hosts."""

from dataclasses import replace
from datetime import timedelta

from events import reminders
from events.actions import events as event_actions
from events.actions import host_changes, mailing, rsvps
from events.actions.fan_out import put_updates
from events.actions.reminders import plan_due
from events.models import Event, HostChange, MailedUpdate
from hub.demo.letters.of_campaigns import endorsed
from hub.demo.letters.people import a_moderator, a_party, an_event, event_details
from hub.forms import new_form_token
from hub.gallery import Stage, sample
from hub.models import User


@sample("events.coming")
def coming(stage: Stage) -> None:
    """To a mailbox that this phone has proven before."""
    known = a_party(stage, an_event(stage)).mailbox
    assert known is not None
    rsvps.rsvp(
        an_event(stage).timeslots.get().pk,
        form_token=new_form_token(),
        name="",
        email=known.address,
        party_size=2,
        need="",
        neutral=False,
        language=stage.language,
        remembered=known,
        at=stage.now,
    )


@sample("events.waiting")
def waiting(stage: Stage) -> Event:
    """Two places, taken, and somebody who waits for two."""
    event = an_event(stage, capacity=2)
    a_party(stage, event)
    stage.now += timedelta(minutes=1)
    a_party(stage, event)
    return event


@sample("events.seated")
def seated(stage: Stage) -> None:
    event = waiting(stage)
    first = event.rsvps.order_by("made_at")[0]
    rsvps.cancel(first.pk, at=stage.now)


@sample("events.cancelled_by_you")
def cancelled_by_you(stage: Stage) -> None:
    rsvps.cancel(a_party(stage, an_event(stage)).pk, at=stage.now)


@sample("events.changed")
def changed(stage: Stage) -> None:
    """Another time and another place."""
    event = an_event(stage)
    a_party(stage, event)
    before = event_details(stage)
    moved = replace(
        before,
        start=before.start + timedelta(days=1),
        end=before.end + timedelta(days=1),
        venue=stage.say("Demo Library", "Biblioteca Demo"),
        street="200 Example Street",
    )
    event_actions.edit_event(event, moved, by=None, at=stage.now)


def a_draft(stage: Stage) -> tuple[MailedUpdate, User]:
    """A short word to somebody who is coming, and who wrote it; nobody has sent it yet."""
    event, by = an_event(stage), a_moderator(stage)
    a_party(stage, event)
    text = stage.say("We meet at the north gate.", "Nos vemos en la puerta norte.")
    draft = mailing.write_draft(event, text, form_token=new_form_token(), by=by, at=stage.now)
    assert draft is not None
    return draft, by


@sample(mailing.KIND)
def update(stage: Stage) -> None:
    draft, by = a_draft(stage)
    seen = mailing.state_of(draft)
    mailing.send(draft.pk, form_token=new_form_token(), seen=seen, by=by, at=stage.now)
    put_updates(stage.now)


@sample(mailing.TEST)
def update_test(stage: Stage) -> None:
    draft, by = a_draft(stage)
    mailing.send_test(draft.pk, by=by, at=stage.now)


# --- Reminders -------------------------------------------------------------------------------------
def _due(stage: Stage, event: Event, kind: str) -> None:
    """Let it be the hour at which these reminders fall due."""
    slot = event.timeslots.get()
    stage.now = next(at for at, one in reminders.instants(slot.start, event.zone) if one == kind)
    plan_due(stage.now)


@sample(reminders.DAY_BEFORE)
def day_before(stage: Stage) -> None:
    event = an_event(stage)
    a_party(stage, event)
    _due(stage, event, reminders.DAY_BEFORE)


@sample(reminders.SAME_DAY)
def same_day(stage: Stage) -> None:
    event = an_event(stage)
    a_party(stage, event)
    _due(stage, event, reminders.SAME_DAY)


@sample(reminders.WAITING)
def still_waiting(stage: Stage) -> None:
    _due(stage, waiting(stage), reminders.WAITING)


# --- Hosts -----------------------------------------------------------------------------------------
@sample("events.host_change")
def host_change(stage: Stage) -> None:
    """Where there is no committee, the moderators can stop it."""
    host = a_moderator(stage)
    host_changes.ask_change(an_event(stage), HostChange.Act.CANCEL, by=host, at=stage.now)


@sample("events.planning_meeting")
def planning_meeting(stage: Stage) -> None:
    meeting = an_event(stage, kind=Event.Kind.MEETING, visibility=Event.Visibility.UNLISTED)
    title = stage.say("Forum on organizing together", "Foro para organizarnos juntos")
    forum = an_event(stage, kind=Event.Kind.FORUM, title=title, planning_meeting=meeting)
    endorsed(stage, forum, "event", role="co-organizer")
