"""What waits for the demo's moderators: proposals of hosts without an account, all made up."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from events.actions import edits, proposals
from events.models import Event
from hub import actions as ground
from hub import moderation
from hub.demo.content import HALL, STREET, DemoEvent, event_details, text
from hub.demo.dates import Days
from hub.forms import new_form_token
from hub.models import Confirmation, User

URGENT_AHEAD = 2  # days: less than the two that a moderator has before the start
PLAN = DemoEvent(
    "rally",
    "Rally for a Labor Party at the library",
    text("Bring signs and friends. We meet at the main entrance; it is step-free."),
    day=date.min,
    starts=time(17),
    ends=time(18, 30),
    place="94110",
    city="San Francisco",
    region="CA",
    venue="Demo Library",
    street=STREET,
)


def queue_plans(days: Days) -> dict[str, DemoEvent]:
    """By what becomes of them: one is urgent, one plain, one was returned and handed in again, one is
    returned still, and of a published one a change waits."""
    return {
        "urgent": replace(PLAN, day=_urgent_day(days.now)),
        "plain": DemoEvent(
            "meeting",
            "Reunión del comité del barrio",
            text("Hablamos de lo que hace falta en el barrio. Hay café y cuidado de niños."),
            days.ahead(16),
            place="Los Angeles, CA",
            city="Los Angeles",
            region="CA",
            venue=HALL,
            street=STREET,
            language="es",
        ),
        "again": DemoEvent(
            "forum",
            "Forum: what should a labor party do first?",
            text("Three short talks, then the floor is yours. Captions on the screen."),
            days.ahead(23),
            place="Chicago, IL",
            city="Chicago",
            region="IL",
            venue=HALL,
            street=STREET,
            capacity=60,
        ),
        "returned": replace(PLAN, title="Picnic", kind="social", text="Come.", day=days.ahead(30), venue=""),
        "change": replace(
            PLAN,
            kind="training",
            title="Training: how to talk with coworkers",
            text=text("Two hours, with practice in pairs."),
            day=days.ahead(12),
            place="94607",
            city="Oakland",
            venue=HALL,
        ),
    }


def _urgent_day(now: datetime) -> date:
    """By the clocks there: in the first hours of a day in UTC that day's date lies too far ahead."""
    return now.astimezone(ZoneInfo("America/Los_Angeles")).date() + timedelta(days=URGENT_AHEAD)


def make_queue(campaign: Campaign, days: Days, *, by: User, now: datetime) -> set[UUID]:
    """Propose them and let a moderator act. Gives the hosts' mailboxes."""
    mailboxes = set()
    for number, (fate, plan) in enumerate(queue_plans(days).items(), start=1):
        at = now - timedelta(hours=number)
        event = _propose(plan, campaign, f"demo.host.{number}@example.org", f"Demo Host {number}", at)
        assert event.host_id is not None
        mailboxes.add(event.host_id)
        review = moderation.latest("events.event", event.pk)
        assert review is not None
        if fate in ("again", "returned"):
            reason = "Please say who invites, and how people find you."
            moderation.send_back(review, reason=reason, by=by, at=at)
        if fate == "again":
            _change(event, {"venue": "Demo Library, room 2"}, at)
        if fate == "change":
            moderation.publish(review, by=by, at=at)
            _change(event, {"venue": "Demo Library", "capacity": 25}, at)
    return mailboxes


def _propose(plan: DemoEvent, campaign: Campaign, email: str, host_name: str, at: datetime) -> Event:
    details = event_details(plan, campaign)
    details.values["host_name"] = host_name
    event = proposals.propose_event(
        details,
        form_token=new_form_token(),
        email=email,
        by=None,
        remembered=None,
        language=plan.language,
        at=at,
    )
    assert event is not None
    asked = Confirmation.objects.select_related("mailbox").get(mailbox=event.host, answered_at=None)
    ground.confirm_by_button(asked, [(proposals.ACT_KIND, event.pk)], at=at)
    return event


def _change(event: Event, values: dict[str, object], at: datetime) -> None:
    event = Event.objects.get(pk=event.pk)
    details = edits.details_with(event, event.timeslots.get(), values)
    proposals.change_event(event, details, by=None, at=at)
