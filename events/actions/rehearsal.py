"""What a press of an operator's button comes to, and what it would come to: done, or done and taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from events.actions.announce import Told, told
from events.actions.events import REVIEW_KIND, EventDetails, EventRefused, create_event, edit_event
from events.models import Event, Timeslot
from hub import moderation
from hub.models import User

Act = Callable[..., Event]


@dataclass(frozen=True)
class Outcome:
    """The event as it is afterwards, who is told, and why an act was refused; empty if none was."""

    event: Event
    slot: Timeslot
    told: Told
    refused: str


def carry_out(
    event: Event | None, details: EventDetails | None, acts: Sequence[Act], *, by: User, at: datetime
) -> Outcome:
    """Save the details, of a new event where there is none, then do these acts. One that is refused
    leaves the rest done; one's own edit that somebody else has to decide on leaves everything undone."""
    with transaction.atomic():
        if event is not None:
            moderation.lock_waiting(REVIEW_KIND, event.pk)  # before the timeslot, as deciding does
            if details is not None and is_own_edit(event, details, by=by):
                return Outcome(event, event.timeslots.all()[0], told(event, at), "own")
        if details is not None:
            event = edit_event(event, details, by=by, at=at) if event else create_event(details, by=by, at=at)
        assert event is not None
        refused = ""
        for act in acts:
            try:
                event = act(event, by=by, at=at)
            except EventRefused as error:
                refused = error.reason
        return Outcome(event, event.timeslots.all()[0], told(event, at), refused)


def is_own_edit(event: Event, details: EventDetails, *, by: User) -> bool:
    """Whether this changes something that was published and that the editor has submitted themselves:
    somebody else has to let such an edit count, whichever door it comes by."""
    if event.published_at is None:
        return False
    review = moderation.latest(REVIEW_KIND, event.pk)
    if review is None or not moderation.is_own(review, by):
        return False
    slot = event.timeslots.all()[0]
    times = (details.start, details.end, details.all_day, details.capacity)
    same = (slot.start, slot.end, slot.all_day, slot.capacity) == times
    points = ("latitude", "longitude")  # they follow the place
    said = {name: value for name, value in details.values.items() if name not in points}
    return not same or any(getattr(event, name) != value for name, value in said.items())


def rehearse(
    event: Event | None, details: EventDetails | None, acts: Sequence[Act], *, by: User, at: datetime
) -> Outcome:
    """What `carry_out` would come to. It is done and taken back, so that the rules of who is told and
    when stand in one place, and the question can't differ from the answer."""
    with transaction.atomic():
        outcome = carry_out(event, details, acts, by=by, at=at)
        transaction.set_rollback(True)
    return outcome
