"""Who and what the samples act with: accounts, committees, events, parties, made as people make them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from campaigns.actions.campaigns import CampaignWords, save_campaign
from campaigns.models import Campaign
from committees.actions import committees as committee_actions
from committees.actions import joining
from committees.actions.committees import CommitteeDetails
from committees.models import Committee, Membership
from events.actions import events as event_actions
from events.actions import rsvps
from events.actions.events import EventDetails
from events.models import Event, Rsvp
from hub import accounts, links
from hub import actions as ground
from hub.forms import new_form_token
from hub.gallery import Stage
from hub.models import Confirmation, Mailbox, User


def a_campaign(stage: Stage) -> Campaign:
    """The one of the home page, or a new one."""
    there = Campaign.objects.order_by("-is_home", "created_at").first()
    if there is not None:
        return there
    words = {"en": CampaignWords("For a party of our own.", "", "")}
    return save_campaign(Campaign(title="Demo", slug="demo"), words, by=None, at=stage.now)


def an_account(stage: Stage) -> User:
    """Somebody's account, in the stage's language."""
    name = stage.say("Rosa", "Rosa")
    user = accounts.open_account(stage.address(), display_name=name, language=stage.language, at=stage.now)
    assert user is not None
    return user


def a_moderator(stage: Stage) -> User:
    """An account of a moderator."""
    user = an_account(stage)
    accounts.give_role(user, "moderator", reason="demo", by=None, at=stage.now)
    return user


def type_code(mailbox: Mailbox | None, kind: str, act_id: UUID, at: datetime) -> None:
    """Confirm one act by the code of the newest mail of its mailbox."""
    assert mailbox is not None
    asked = Confirmation.objects.filter(mailbox=mailbox).order_by("-made_at")[0]
    ground.confirm_by_code(mailbox, links.code("confirm", asked.pk), kind=kind, act_id=act_id, at=at)


# --- Committees ----------------------------------------------------------------------------------
def a_committee(stage: Stage) -> Committee:
    """A published one that a coordinator approves members of."""
    fields = {
        "campaign": a_campaign(stage),
        "kind": Committee.Kind.NEIGHBORHOOD,
        "name": stage.say("Mission Committee", "Comité de la Misión"),
        "language": stage.language,
        "city": "San Francisco",
        "region": "CA",
        "country": "US",
        "zone": "America/Los_Angeles",
    }
    committee = committee_actions.create_committee(CommitteeDetails(fields), by=None, at=stage.now)
    return committee_actions.publish_committee(committee, by=None, at=stage.now)


def asks_to_join(stage: Stage, committee: Committee) -> Membership:
    """Somebody whose request waits for a coordinator."""
    request = joining.join(
        committee.pk,
        an_account(stage),
        form_token=new_form_token(),
        name="Rosa",
        answer="",
        shows_name=False,
        takes_mail=True,
        at=stage.now,
    )
    assert request is not None
    return request


def a_coordinator(stage: Stage, committee: Committee) -> Membership:
    """Somebody who coordinates it."""
    user = an_account(stage)
    made = committee_actions.appoint_coordinator(committee, user.email, reason="demo", by=None, at=stage.now)
    assert made is not None
    committee_actions.accept_appointment(committee, user, at=stage.now)
    return made


# --- Events --------------------------------------------------------------------------------------
def event_details(stage: Stage, **said: Any) -> EventDetails:
    """Two hours in San Francisco, at six in the evening there, two weeks from now."""
    start = (stage.now + timedelta(days=14)).replace(hour=2, minute=0, second=0, microsecond=0)
    fields = {
        "campaign": a_campaign(stage),
        "kind": Event.Kind.RALLY,
        "title": stage.say("Rally for a Labor Party", "Mitin por un partido de trabajadores"),
        "description": stage.say("Bring a friend.", "Trae a alguien."),
        "language": stage.language,
        "visibility": Event.Visibility.PUBLIC,
        "reveal": Event.Reveal.PUBLIC,
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "94102",
        "country": "US",
        "online": False,
        "online_link": "",
        "zone": "America/Los_Angeles",
        "latitude": 37.78,
        "longitude": -122.42,
    }
    capacity = said.pop("capacity", None)
    return EventDetails(
        fields=fields | said,
        venue=stage.say("Demo Hall", "Salón Demo"),
        street="100 Example Street",
        start=start,
        end=start + timedelta(hours=2),
        all_day=False,
        capacity=capacity,
    )


def an_event(stage: Stage, **said: Any) -> Event:
    """A published one; the other arguments are those of `event_details`."""
    event = event_actions.create_event(event_details(stage, **said), by=None, at=stage.now)
    return event_actions.publish_event(event, by=None, at=stage.now)


def a_party(stage: Stage, event: Event, *, size: int = 2, proven: bool = True) -> Rsvp:
    """Somebody who says they come and, `proven`, has typed the code of the mail."""
    party = rsvps.rsvp(
        event.timeslots.get().pk,
        form_token=new_form_token(),
        name="",
        email=stage.address(),
        party_size=size,
        need="",
        neutral=False,
        language=stage.language,
        remembered=None,
        at=stage.now,
    )
    assert party is not None
    if proven:
        type_code(party.mailbox, rsvps.ACT_KIND, party.pk, stage.now)
    return Rsvp.objects.select_related("mailbox").get(pk=party.pk)
