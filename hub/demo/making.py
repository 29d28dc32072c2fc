"""Writing the demo's campaign, events and RSVPs, through the same actions that people's acts take."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from django.db import IntegrityError, transaction

from campaigns.actions.campaigns import save_campaign
from campaigns.models import Campaign, Demand
from committees.models import Committee
from events.actions import days as day_actions
from events.actions import events as event_actions
from events.actions import rsvps
from events.actions.days import DayDetails
from events.actions.updates import post_update
from events.models import DayOfAction, Event
from hub import actions as ground
from hub.demo import content
from hub.demo.announcements import make_announcement
from hub.demo.appeals import make_appeals
from hub.demo.campaign_events import campaign_events
from hub.demo.changes import MOVED, make_changes
from hub.demo.committees import COORDINATED, make_committees
from hub.demo.content import DemoEvent, event_details
from hub.demo.dates import Days
from hub.demo.days_of_action import DEFENSE, DemoDay, days_of_action
from hub.demo.demands import OF_DAYS, make_demands, support_demands
from hub.demo.endorsements import make_endorsements
from hub.demo.everyday_events import everyday_events
from hub.demo.logins import ADMIN_EMAIL, COORDINATOR_EMAIL, MEMBER_EMAIL, make_logins
from hub.demo.posts import make_posts
from hub.demo.queue import make_queue
from hub.forms import new_form_token
from hub.models import Confirmation, Message, User

MAIL_REASON = "demo data"
ANNOUNCED_BEFORE = timedelta(weeks=2)  # how long before its day a past event was published
PARTY_SIZES = (1, 2, 1, 3, 1)
NO_EMAIL_EVERY, UNCONFIRMED_EVERY = 3, 5  # parties of an open event


@dataclass(frozen=True)
class Made:
    """How much was written."""

    events: int
    parties: int


def make_demo(now: datetime) -> Made | None:
    """Write everything in one transaction; None if it is there already. Of two runs at once, the
    second finds what the first has made."""
    if _is_there():
        return None
    try:
        with transaction.atomic():
            return _make(now)
    except IntegrityError:
        if _is_there():
            return None
        raise


def _is_there() -> bool:
    return Campaign.objects.filter(pk=content.CAMPAIGN_ID).exists()


def _make(now: datetime) -> Made:
    accounts = make_logins(now)
    admin = accounts[ADMIN_EMAIL]
    campaign = Campaign(
        id=content.CAMPAIGN_ID,
        title=content.CAMPAIGN_TITLE,
        slug=content.CAMPAIGN_SLUG,
        is_home=True,
    )
    save_campaign(campaign, content.CAMPAIGN_TEXTS, by=admin, at=now)
    committees = make_committees(
        campaign,
        coordinator=accounts[COORDINATOR_EMAIL],
        member=accounts[MEMBER_EMAIL],
        by=admin,
        now=now,
    )
    make_announcement(committees.by_key[COORDINATED], by=accounts[COORDINATOR_EMAIL], now=now)
    days = Days(now)
    made_days = {one.key: _make_day(one, campaign, by=admin, now=now) for one in days_of_action(days)}
    demands = make_demands(campaign, by=admin, now=now)
    support_demands(
        demands,
        committees.by_key,
        [accounts[COORDINATOR_EMAIL], accounts[MEMBER_EMAIL]],
        now=now,
    )
    planned = [*campaign_events(days), *everyday_events(days)]
    people = _People(now)
    for plan in planned:
        committee, action = committees.by_key.get(plan.committee), made_days.get(plan.action)
        held_for = [demands[number] for number in (*plan.demands, *OF_DAYS.get(plan.action, ()))]
        event = _make_event(plan, campaign, committee, action, held_for, by=admin, now=now)
        people.say_they_come(plan, event)
        if plan.word:
            post_update(event, plan.word, form_token=new_form_token(), by=admin, at=now)
        if plan.event_status == "cancelled":
            event_actions.cancel_event(event, by=admin, at=now)
        elif plan.event_status == "postponed":
            event_actions.postpone_event(event, by=admin, at=now)
        if plan.title == MOVED:
            make_changes(event, plan, by=accounts[COORDINATOR_EMAIL], now=now)
    make_posts(campaign, committees.by_key, by=admin, now=now)
    hosts = make_queue(campaign, days, by=admin, now=now)
    contacts = make_endorsements(made_days[DEFENSE], by=admin, now=now)
    # Still in the transaction, so no worker has seen these rows: nobody is written to.
    signers = make_appeals(campaign, demands, by=admin, now=now)
    everybody = people.mailbox_ids | committees.mailbox_ids | hosts | signers | contacts
    Message.objects.filter(mailbox__in=everybody, state=Message.State.WAITING).update(
        state=Message.State.SKIPPED, state_at=now, reason=MAIL_REASON
    )
    return Made(len(planned) + len(hosts), people.parties)


def _make_day(plan: DemoDay, campaign: Campaign, *, by: User, now: datetime) -> DayOfAction:
    details = DayDetails(
        campaign=campaign,
        first_date=plan.first_date,
        last_date=plan.last_date,
        mode=DayOfAction.Mode.FREE,
        texts=plan.texts,
    )
    return day_actions.publish_day(day_actions.create_day(details, by=by, at=now), by=by, at=now)


def _make_event(
    plan: DemoEvent,
    campaign: Campaign,
    committee: Committee | None,
    day: DayOfAction | None,
    demands: list[Demand],
    *,
    by: User,
    now: datetime,
) -> Event:
    details = event_details(plan, campaign)
    details.values |= {"committee": committee, "day": day}
    details.demands = demands
    if plan.planned_at:
        details.values["planning_meeting"] = Event.objects.filter(title=plan.planned_at).first()
    # One that is over was published before it, or publishing would be refused.
    at = min(now, details.start - ANNOUNCED_BEFORE) if details.end <= now else now
    event = event_actions.create_event(details, by=by, at=at)
    return event_actions.publish_event(event, by=by, at=at)


class _People:
    """Made-up members, numbered, who say they come: one act a second during the last hour, so that
    the waiting list has an order."""

    def __init__(self, now: datetime) -> None:
        self.clock = self._seconds(now - timedelta(hours=1))
        self.parties = 0
        self.mailbox_ids: set[UUID] = set()

    @staticmethod
    def _seconds(start: datetime) -> Iterator[datetime]:
        while True:
            yield start
            start += timedelta(seconds=1)

    def say_they_come(self, plan: DemoEvent, event: Event) -> None:
        """Fill an event with as many people as planned, then its waiting list."""
        left, sizes = plan.coming, cycle(PARTY_SIZES)
        while left > 0:
            size = min(next(sizes), left)
            self._party(event, size, proven=plan.capacity is not None or plan.reveal == "confirmed")
            left -= size
        for _ in range(plan.waiting):
            self._party(event, next(sizes), proven=True)

    def _party(self, event: Event, size: int, *, proven: bool) -> None:
        self.parties += 1
        number = self.parties
        anonymous = not proven and number % NO_EMAIL_EVERY == 0
        party = rsvps.rsvp(
            event.timeslots.get().pk,
            form_token=new_form_token(),
            name="" if anonymous else f"Demo Member {number}",
            email="" if anonymous else f"demo.member.{number}@example.org",
            party_size=size,
            need="A chair, please" if number % 10 == 0 else "",
            neutral=number % 7 == 0,
            language=event.language,
            remembered=None,
            at=next(self.clock),
        )
        if party is None or party.mailbox_id is None:
            return
        self.mailbox_ids.add(party.mailbox_id)
        if proven or number % UNCONFIRMED_EVERY:
            confirmation = Confirmation.objects.select_related("mailbox").get(
                mailbox=party.mailbox_id, answered_at=None
            )
            ground.confirm_by_button(confirmation, [(rsvps.ACT_KIND, party.pk)], at=next(self.clock))
