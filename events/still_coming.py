""" "Still coming?": who is asked after a change of the event, and how many have answered.

The newest change is what is asked about. An answer is a field of the party, so that it goes with the party.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import get_language

from events.models import Event, EventChange, Rsvp
from events.when import start_text
from hub.models import Message

What = EventChange.What
# After these it takes place, differently; postponed without a date and cancelled leave nothing to ask.
ASKING = (What.TIME, What.PLACE, What.BOTH, What.RESTORED)
State = Message.State
# Why a mail was skipped that would have been wanted: others had become needless.
UNREACHED = ("its mailbox takes no mail", "address wiped", "dropped by an operator")


def last_change(event: Event) -> EventChange | None:
    """The newest change people were told of. An event nothing was done with has none: no query."""
    return event.announced_changes.order_by("-made_at").first() if event.sequence else None


def asks(change: EventChange, event: Event, now: datetime) -> bool:
    """Whether people are asked after it, and the event is such that they still can be."""
    takes_place = event.event_status == Event.EventStatus.SCHEDULED and not event.is_over(now)
    return takes_place and event.status == Event.Status.PUBLISHED and change.what in ASKING


def asked_of(party: Rsvp, now: datetime) -> EventChange | None:
    """The change this party is asked about; None where it has answered, or there is nothing to ask. Who has
    come since knows the event as it is."""
    if party.cancelled_at or party.counted_at is None:
        return None
    change = last_change(party.event)
    if change is None or not asks(change, party.event, now):
        return None
    knew_before = party.counted_at <= change.made_at
    return change if knew_before and party.answered_change_id != change.pk else None


@dataclass(frozen=True)
class Answers:
    """How the last change was told and answered, in parties: a mail each. Of who can be written to, `still`
    and `no_more` have answered and `pending` have not; of who can't, `unreachable` have not."""

    change: EventChange
    asked: bool
    told: int
    on_their_way: int
    failed: int
    still: int
    no_more: int
    pending: int
    unreachable: int

    @property
    def when(self) -> str:
        """When it changed, in the event's zone and the language that is active."""
        return start_text(self.change.made_at, self.change.event.zone, get_language() or "en")


def answers(event: Event, now: datetime) -> Answers | None:
    """Counts of the last change, never who; None where nothing has changed. Three queries."""
    change = last_change(event)
    if change is None:
        return None
    mails = Message.objects.filter(kind="events.changed", topic_id=event.pk, occasion=str(change.pk))
    failed = Q(state__in=(State.FAILED, State.UNCERTAIN)) | Q(state=State.SKIPPED, reason__in=UNREACHED)
    told = mails.aggregate(
        told=Count("pk", filter=Q(state=State.SENT)),
        on_their_way=Count("pk", filter=~Q(state__in=Message.FINAL)),
        failed=Count("pk", filter=failed),
    )
    answered, live = Q(answered_change=change), Q(cancelled_at=None)
    unanswered = live & ~answered
    reachable = Q(mailbox__isnull=False, confirmed_at__isnull=False)
    parties = Rsvp.objects.filter(event=event, counted_at__lte=change.made_at)
    counts = parties.aggregate(
        still=Count("pk", filter=answered & live),
        no_more=Count("pk", filter=answered & ~live),
        pending=Count("pk", filter=unanswered & reachable),
        unreachable=Count("pk", filter=unanswered & ~reachable),
    )
    return Answers(change=change, asked=asks(change, event, now), **told, **counts)
