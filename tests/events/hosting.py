"""What tests of hosts and moderators have in common: people, committees, proposals and decisions."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from campaigns.models import Campaign
from committees.models import Committee, Membership
from events.actions import edits, proposals
from events.actions.events import EventDetails
from events.models import Event
from hub import actions as ground
from hub import moderation
from hub.models import Confirmation, Review, Trust, User, address_digest
from tests.factories import (
    event_details,
    make_campaign,
    make_moderator,
    new_address,
    posted_form,
    slot_of,
)


def trust(address: str) -> None:
    Trust.objects.create(address_digest=address_digest(address), made_at=timezone.now())


def make_committee(*coordinators: User, active_days: int = 0, **fields: Any) -> Committee:
    """A published committee with these coordinators."""
    now = timezone.now()
    committee = Committee.objects.create(
        **{
            "campaign": Campaign.objects.order_by("-is_home", "created_at").first()
            or make_campaign(is_home=True),
            "kind": "neighborhood",
            "name": "Mission Committee",
            "slug": f"mission-{Committee.objects.count()}",
            "status": "published",
            "stage": "active" if active_days else "forming",
            "active_since": now - timedelta(days=active_days) if active_days else None,
            **fields,
        }
    )
    for user in coordinators:
        Membership.objects.create(
            committee=committee, user=user, role="coordinator", state="active", asked_at=now, since=now
        )
    return committee


def propose(
    *,
    email: str = "",
    by: User | None = None,
    confirmed: bool = True,
    committee: Committee | None = None,
    host_name: str = "Friends of Labor",
    language: str = "en",
    form_token: str = "",
    at: datetime | None = None,
    **details: Any,
) -> Event:
    """A proposal, its mailbox confirmed unless said otherwise; fresh from the database."""
    at = at or timezone.now()
    wanted = event_details(**details)
    wanted.values |= {"committee": committee, "host_name": host_name}
    email = "" if by else email or new_address()
    event = proposals.propose_event(
        wanted,
        form_token=form_token or posted_form()["form_token"],
        email=email,
        by=by,
        remembered=None,
        language=language,
        at=at,
    )
    if confirmed and by is None:
        confirm(event, at=at)
    return Event.objects.get(pk=event.pk)


def confirm(event: Event, *, at: datetime | None = None) -> None:
    """Press the newest mail's button for this one event."""
    newest = Confirmation.objects.filter(mailbox=event.host).order_by("-made_at")[0]
    ground.confirm_by_button(newest, [(proposals.ACT_KIND, event.pk)], at=at or timezone.now())


def review_of(event: Event) -> Review:
    """The newest submission of an event."""
    review = moderation.latest("events.event", event.pk)
    assert review is not None
    return review


def changed(event: Event, **values: Any) -> EventDetails:
    """What a form of this event says with these parts changed."""
    slot = slot_of(event)
    details = edits.details_with(event, slot, values)
    del details.values["visibility"]  # a host's form has no such field
    return details


def in_state(state: str) -> Event:
    """A proposal of a host without an account: unconfirmed, submitted, returned, rejected, approved (and
    so published), changed (the edit waits) or withdrawn (and so gone)."""
    event, now = propose(confirmed=state != "unconfirmed"), timezone.now()
    if state in ("approved", "changed"):
        moderation.publish(review_of(event), by=make_moderator(), at=now)
    elif state == "returned":
        moderation.send_back(review_of(event), reason="Where?", by=make_moderator(), at=now)
    elif state == "rejected":
        moderation.reject(review_of(event), reason="No.", by=make_moderator(), at=now)
    elif state == "withdrawn":
        proposals.withdraw(event, by=None, at=now)
        return event
    if state == "changed":
        proposals.change_event(event, changed(event, title="Another title"), by=None, at=now)
    return Event.objects.get(pk=event.pk)


def review_in_state(state: str) -> Review:
    """A submission: in-queue, edit-in-queue, decided or withdrawn-one."""
    states = {"in-queue": "submitted", "edit-in-queue": "changed", "decided": "returned"}
    return review_of(in_state(states.get(state, "withdrawn")))


def of_the_coordinator(state: str) -> Event:
    """An event of the committee of the cast's coordinator: published, submitted, members (only) or frozen
    (the committee)."""
    user = User.objects.get(email="coordinator@example.org")
    days = 0 if state == "submitted" else 60
    hidden = {"visibility": "hidden"} if state == "members" else {}
    committee = make_committee(user, active_days=days, **hidden)
    event = propose(by=user, committee=committee)
    if state == "frozen":
        Committee.objects.filter(pk=committee.pk).update(frozen_at=timezone.now())
    return event


def posted_event(**fields: Any) -> dict[str, Any]:
    """A sound form of an event in San Francisco, as a browser sends it."""
    day = (timezone.now() + timedelta(days=14)).date().isoformat()
    return {
        "kind": "rally",
        "title": "Rally at City Hall",
        "description": "Bring a friend.",
        "language": "en",
        "venue": "Civic Center Plaza",
        "street": "355 McAllister Street",
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "94110",
        "country": "US",
        "reveal": "public",
        "first_day": day,
        "starts": "14:00",
        "ends": "16:00",
        "host_name": "Friends of Labor",
        **fields,
    }
