"""What the demo's coordinator has told those who are coming to a meeting: it has moved, and a word by mail.
Some have answered whether they are still coming."""

from dataclasses import replace
from datetime import datetime

from events.actions import mailing, still_coming
from events.actions.events import edit_event
from events.actions.fan_out import put_updates
from events.models import Event, EventChange, Rsvp
from hub.demo.content import DemoEvent, event_details
from hub.forms import new_form_token
from hub.models import Message, User

MOVED = "Start a Committee for a Labor Party: first evening"
ELSEWHERE = "Demo Library, upstairs room"
WORD = "The room has a lift. Bring a neighbor, and a cup."
STILL, NO_MORE = 1, 1  # how many have answered


def make_changes(event: Event, plan: DemoEvent, *, by: User, now: datetime) -> None:
    """Move it and write to everybody, who has that mail already: still in the demo's transaction, so that no
    worker writes to anybody."""
    details = replace(event_details(plan, event.campaign), venue=ELSEWHERE)
    details.values |= {"committee": event.committee, "day": event.day}
    edit_event(event, details, by=by, at=now)
    change = EventChange.objects.get(event=event)
    draft = mailing.write_draft(event, WORD, form_token=new_form_token(), by=by, at=now)
    assert draft is not None
    mailing.send(draft.pk, form_token=new_form_token(), seen=mailing.state_of(draft), by=by, at=now)
    put_updates(now)
    told = Message.objects.filter(topic_id=event.pk, kind__in=("events.changed", mailing.KIND))
    told.update(state=Message.State.SENT, state_at=now)
    parties = Rsvp.objects.filter(event=event, confirmed_at__isnull=False).order_by("made_at")
    for number, party in enumerate(parties[: STILL + NO_MORE]):
        if number < STILL:
            size = party.attendances.get().party_size
            still_coming.still_coming(party.pk, change_id=change.pk, party_size=size, at=now)
        else:
            still_coming.not_any_more(party.pk, change_id=change.pk, at=now)
