"""Rows for tests, made as people make them: through the actions, so that every state is a real one.

Plain functions. What a test doesn't say gets a sound value; moments are aware datetimes, `at` is
when the act happens (now, if left out).
"""

import itertools
import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core import mail as outgoing
from django.utils import timezone

from campaigns.actions import campaigns as campaign_actions
from campaigns.actions import demands as demand_actions
from campaigns.actions import posts as post_actions
from campaigns.actions.campaigns import CampaignWords
from campaigns.actions.coordinators import appoint_campaign_coordinator
from campaigns.actions.demands import DemandDetails
from campaigns.actions.posts import PostDetails
from campaigns.models import Campaign, Demand, Post
from committees import threads as committee_threads
from committees.actions import announcements as announcement_actions
from committees.actions import committees as committee_actions
from committees.actions import joining
from committees.actions.committees import CommitteeDetails
from committees.models import Announcement, Application, Committee, Membership
from events import threads as event_threads
from events.actions import days as day_actions
from events.actions import events as event_actions
from events.actions import mailing, rsvps
from events.actions.days import DayDetails, Words
from events.actions.events import EventDetails
from events.models import DayOfAction, Event, MailedUpdate, Rsvp, Timeslot
from events.standing import who_acts
from hub import accounts, delivery, links, threads, ticking
from hub import actions as ground
from hub.forms import new_form_token
from hub.models import Confirmation, Mailbox, Thread, User

PASSWORD = "a password for tests only"
_numbers = itertools.count(1)


def new_address() -> str:
    """An e-mail address nobody else in this process has."""
    return f"person-{next(_numbers)}@example.org"


# --- Accounts ----------------------------------------------------------------------------------
def make_user(email: str = "", *, password: str = PASSWORD, **fields: Any) -> User:
    """An account; `display_name=`, `language=`, `is_active=` … as its model has them."""
    return User.objects.create_user(email or new_address(), password, **fields)


def make_admin(email: str = "", *, password: str = PASSWORD, **fields: Any) -> User:
    """An administrator's account."""
    return User.objects.create_superuser(email or new_address(), password, **fields)


def make_moderator(email: str = "", **fields: Any) -> User:
    """A moderator's account."""
    user = make_user(email, **fields)
    accounts.give_role(user, "moderator", reason="for the tests", by=None, at=timezone.now())
    return user


# --- Campaigns ---------------------------------------------------------------------------------
def make_campaign(
    *,
    title: str = "A Labor Party for Working People",
    slug: str = "",
    summary: str = "For a party of our own.",
    summary_es: str = "",
    about: str = "",
    legal_support: str = "",
    accent: str = "",
    is_home: bool = False,
    by: User | None = None,
    at: datetime | None = None,
) -> Campaign:
    """A stored campaign."""
    campaign = Campaign(
        title=title, slug=slug or f"campaign-{next(_numbers)}", accent=accent, is_home=is_home
    )
    texts = {"en": CampaignWords(summary, about, legal_support)}
    if summary_es:
        texts["es"] = CampaignWords(summary_es)
    return campaign_actions.save_campaign(campaign, texts, by=by, at=at or timezone.now())


def demand_details(
    *,
    campaign: Campaign | None = None,
    texts: dict[str, tuple[str, str, str]] | None = None,
    tags: Sequence[str] = ("housing",),
) -> DemandDetails:
    """What a form would say of a demand, in both languages."""
    words = texts or {
        "en": ("Free, safe shelter for everyone", "A home is **no** commodity.", "2020, urgent call"),
        "es": ("Refugio seguro y gratuito", "La vivienda **no** se vende.", "2020, llamado urgente"),
    }
    return DemandDetails(
        campaign=campaign
        or Campaign.objects.order_by("-is_home", "created_at").first()
        or make_campaign(is_home=True),
        texts={language: demand_actions.Words(*text) for language, text in words.items()},
        tags=tags,
    )


def make_demand(
    *, status: str = "adopted", by: User | None = None, at: datetime | None = None, **details: Any
) -> Demand:
    """A stored demand; the other arguments are those of `demand_details`."""
    at = at or timezone.now()
    demand = demand_actions.propose_demand(demand_details(**details), by=by, at=at)
    if status != "proposed":
        demand = demand_actions.adopt_demand(demand, by=by, at=at)
    if status == "retired":
        demand = demand_actions.retire_demand(demand, by=by, at=at)
    return demand


def make_campaign_coordinator(campaign: Campaign, email: str = "", **fields: Any) -> User:
    """An account that runs a campaign."""
    user = make_user(email, **fields)
    appoint_campaign_coordinator(campaign, user, reason="for the tests", by=None, at=timezone.now())
    return user


def make_post(
    *,
    campaign: Campaign | None = None,
    title: str = "They tried to fire her",
    language: str = "en",
    published: bool = True,
    by: User | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> Post:
    """A stored post; the other `fields` as `PostDetails` has them."""
    at = at or timezone.now()
    campaign = (
        campaign or Campaign.objects.order_by("-is_home", "created_at").first() or make_campaign(is_home=True)
    )
    details = PostDetails(campaign=campaign, title=title, language=language, **fields)
    post = post_actions.create_post(details, by=by, at=at)
    return post_actions.publish_post(post, by=by, at=at) if published else post


# --- Committees --------------------------------------------------------------------------------
def make_committee(
    *,
    campaign: Campaign | None = None,
    kind: str = "neighborhood",
    name: str = "Mission Committee",
    about: str = "We meet on Tuesdays.",
    language: str = "en",
    question: str = "",
    city: str = "San Francisco",
    region: str = "CA",
    country: str = "US",
    lat: float | None = 37.77,
    lon: float | None = -122.42,
    zone: str = "America/Los_Angeles",
    visibility: str = "public",
    joining: str = "approval",
    stage: str = "forming",
    frozen: bool = False,
    published: bool = True,
    by: User | None = None,
    at: datetime | None = None,
) -> Committee:
    """A stored committee; an active or frozen one has a coordinator, as it can't be without."""
    at = at or timezone.now()
    fields = {
        "campaign": campaign
        or Campaign.objects.order_by("-is_home", "created_at").first()
        or make_campaign(is_home=True),
        "kind": kind,
        "name": name,
        "about": about,
        "language": language,
        "question": question,
        "city": city,
        "region": region,
        "country": country,
        "latitude": lat,
        "longitude": lon,
        "zone": zone,
        "visibility": visibility,
        "joining": joining,
    }
    committee = committee_actions.create_committee(CommitteeDetails(fields), by=by, at=at)
    if published:
        committee = committee_actions.publish_committee(committee, by=by, at=at)
    if stage in ("active", "dormant"):
        make_member(committee, role="coordinator", at=at)
        committee = committee_actions.activate_committee(committee, by=by, at=at)
    if stage == "dormant":  # no act makes it so yet
        Committee.objects.filter(pk=committee.pk).update(stage=stage)
    if stage == "closed":
        committee = committee_actions.close_committee(committee, by=by, at=at)
    if frozen:
        committee = committee_actions.freeze_committee(committee, by=by, at=at)
    return Committee.objects.get(pk=committee.pk)


def make_member(
    committee: Committee,
    user: User | None = None,
    *,
    role: str = "member",
    pending: bool = False,
    name: str = "Rosa",
    answer: str = "",
    at: datetime | None = None,
) -> Membership:
    """Somebody who belongs to a committee or, `pending`, has asked to, in whatever state it is."""
    at = at or timezone.now()
    user = user or make_user()
    if role == "coordinator":
        frozen = committee.frozen_at
        made = committee_actions.appoint_coordinator(committee, user.email, reason="test", by=None, at=at)
        assert made is not None
        committee_actions.accept_appointment(committee, user, at=at)
        made.refresh_from_db()
        Committee.objects.filter(pk=committee.pk).update(frozen_at=frozen)
        return made
    state = Committee.objects.values("status", "stage", "frozen_at", "joining").get(pk=committee.pk)
    ready = {"status": "published", "stage": "forming", "frozen_at": None, "joining": "approval"}
    Committee.objects.filter(pk=committee.pk).update(**ready)
    request = joining.join(
        committee.pk,
        user,
        form_token=secrets.token_urlsafe(16),
        name=name,
        answer=answer,
        shows_name=False,
        takes_mail=False,
        at=at,
    )
    assert request is not None
    if not pending:
        request = joining.approve(request.pk, by=user, at=at)
    Committee.objects.filter(pk=committee.pk).update(**state)
    return request


def make_announcement(
    committee: Committee,
    *,
    subject: str = "We meet on Tuesday",
    text: str = "At **seven**, in the hall.",
    language: str = "en",
    sent: bool = True,
    by: User | None = None,
    at: datetime | None = None,
) -> Announcement:
    """What a coordinator of the committee has written and, `sent`, sent; the tick is yet to come. Where
    nobody coordinates it somebody does for it."""
    at = at or timezone.now()
    found = Membership.objects.coordinators().filter(committee=committee).select_related("user").first()
    by = by or (found or make_member(committee, role="coordinator", at=at)).user
    draft = announcement_actions.write_announcement(
        committee,
        form_token=secrets.token_urlsafe(16),
        subject=subject,
        text=text,
        language=language,
        by=by,
        at=at,
    )
    assert draft is not None
    if not sent:
        return draft
    seen, token = announcement_actions.state_of(draft), secrets.token_urlsafe(16)
    return announcement_actions.send(draft.pk, form_token=token, seen=seen, by=by, at=at)


def make_application(
    committee: Committee,
    *,
    email: str = "",
    name: str = "Rosa",
    answer: str = "",
    language: str = "en",
    at: datetime | None = None,
) -> Application:
    """A newcomer's wish to join that waits for its mailbox."""
    application = joining.apply(
        committee.pk,
        form_token=secrets.token_urlsafe(16),
        name=name,
        email=email or new_address(),
        answer=answer,
        language=language,
        at=at or timezone.now(),
    )
    assert application is not None
    return application


# --- Events ------------------------------------------------------------------------------------
def event_details(
    *,
    campaign: Campaign | None = None,
    committee: Committee | None = None,
    title: str = "Rally for a Labor Party",
    kind: str = "rally",
    description: str = "Bring a friend.",
    language: str = "en",
    visibility: str = "public",
    reveal: str = "public",
    venue: str = "Civic Center Plaza",
    street: str = "355 McAllister Street",
    city: str = "San Francisco",
    region: str = "CA",
    postal_code: str = "94102",
    country: str = "US",
    lat: float | None = 37.7793,
    lon: float | None = -122.4193,
    online: bool = False,
    online_link: str = "",
    zone: str = "America/Los_Angeles",
    start: datetime | None = None,
    end: datetime | None = None,
    hours: float = 2,
    all_day: bool = False,
    capacity: int | None = None,
    host_name: str = "",
    day: DayOfAction | None = None,
) -> EventDetails:
    """What a form would say of an event: two hours in San Francisco, two weeks from now.

    `campaign` left out is the first there is, or a new one. An event that is online only has
    `city=""`: then its place and point are left out too.
    """
    start = start or (timezone.now() + timedelta(days=14)).replace(minute=0, second=0, microsecond=0)
    somewhere = bool(city)
    return EventDetails(
        fields={
            "campaign": campaign
            or Campaign.objects.order_by("-is_home", "created_at").first()
            or make_campaign(is_home=True),
            "committee": committee,
            "kind": kind,
            "title": title,
            "description": description,
            "language": language,
            "visibility": visibility,
            "reveal": reveal,
            "city": city,
            "region": region if somewhere else "",
            "postal_code": postal_code if somewhere else "",
            "country": country if somewhere else "",
            "online": online,
            "zone": zone,
            "online_link": online_link,
            "latitude": lat if somewhere else None,
            "longitude": lon if somewhere else None,
            "host_name": host_name,
            "day": day,
        },
        venue=venue if somewhere else "",
        street=street if somewhere else "",
        start=start,
        end=end or start + timedelta(hours=hours),
        all_day=all_day,
        capacity=capacity,
    )


def make_event(
    *,
    published: bool = True,
    event_status: str = "scheduled",
    by: User | None = None,
    at: datetime | None = None,
    **details: Any,
) -> Event:
    """A stored event with one timeslot; the other arguments are those of `event_details`.

    One that starts in the past was made, published, postponed or cancelled two weeks before it.
    """
    wanted = event_details(**details)
    at = at or min(timezone.now(), wanted.start - timedelta(days=14))
    event = event_actions.create_event(wanted, by=by, at=at)
    if published:
        event = event_actions.publish_event(event, by=by, at=at)
    if event_status == "postponed":
        event = event_actions.postpone_event(event, by=by, at=at)
    elif event_status == "cancelled":
        event = event_actions.cancel_event(event, by=by, at=at)
    return event


def make_mailed_update(
    event: Event, *, text: str = "We meet at the north gate.", sent: bool = False, at: datetime | None = None
) -> MailedUpdate:
    """A short word to those who are coming, by a coordinator of the event's committee: a draft, or sent."""
    at = at or timezone.now()
    by = who_acts(event)[0]
    draft = mailing.write_draft(event, text, form_token=secrets.token_urlsafe(16), by=by, at=at)
    assert draft is not None
    if sent:
        seen = mailing.state_of(draft)
        return mailing.send(draft.pk, form_token=secrets.token_urlsafe(16), seen=seen, by=by, at=at)
    return draft


def day_details(
    *,
    campaign: Campaign | None = None,
    first_date: date | None = None,
    last_date: date | None = None,
    mode: str = "free",
    hour: time | None = None,
    instant: datetime | None = None,
    texts: dict[str, tuple[str, str]] | None = None,
) -> DayDetails:
    """What a form would say of a day of action: one day, two weeks from now, in both languages."""
    first = first_date or timezone.now().date() + timedelta(days=14)
    words = texts or {
        "en": ("Day of action for a labor party", "Stand up **everywhere**."),
        "es": ("Jornada por un partido de trabajadores", "De pie en **todas partes**."),
    }
    return DayDetails(
        campaign=campaign
        or Campaign.objects.order_by("-is_home", "created_at").first()
        or make_campaign(is_home=True),
        first_date=first,
        last_date=last_date or first,
        mode=mode,
        hour=hour,
        instant=instant,
        texts={language: Words(*text) for language, text in words.items()},
    )


def make_day(*, published: bool = True, at: datetime | None = None, **details: Any) -> DayOfAction:
    """A stored day of action; the other arguments are those of `day_details`."""
    at = at or timezone.now()
    day = day_actions.create_day(day_details(**details), by=None, at=at)
    return day_actions.publish_day(day, by=None, at=at) if published else day


def slot_of(event: Event) -> Timeslot:
    """The event's first timeslot, fresh from the database."""
    return Timeslot.objects.filter(event=event).order_by("start")[0]


# --- RSVPs -------------------------------------------------------------------------------------
def make_rsvp(
    event: Event,
    *,
    email: str = "",
    confirmed: bool = False,
    name: str = "",
    party_size: int = 1,
    need: str = "",
    neutral: bool = False,
    language: str = "en",
    remembered: Mailbox | None = None,
    member: User | None = None,
    at: datetime | None = None,
) -> Rsvp:
    """A party at the event's first timeslot, fresh from the database.

    Without `email` it has none, unless it is to be `confirmed`: then it gets one and presses the
    button of its mail. Confirming a second one of the same mailbox gives the first (they merge).
    """
    at = at or timezone.now()
    party = rsvps.rsvp(
        slot_of(event).pk,
        form_token=secrets.token_urlsafe(16),
        name=name,
        email=email or (new_address() if confirmed else ""),
        party_size=party_size,
        need=need,
        neutral=neutral,
        language=language,
        remembered=remembered,
        member=member,
        at=at,
    )
    assert party is not None
    return press_button(party, at=at) if confirmed else Rsvp.objects.get(pk=party.pk)


def press_button(party: Rsvp, *, at: datetime | None = None, by_code: bool = False) -> Rsvp:
    """Confirm this one party by the newest mail of its mailbox, or by that mail's code; gives the
    party it ended up as."""
    at = at or timezone.now()
    mailbox, event = party.mailbox, party.event
    if party.confirmed_at is None:
        newest = Confirmation.objects.filter(mailbox=mailbox).order_by("-made_at")[0]
        if by_code and mailbox is not None:
            code = links.code("confirm", newest.pk)
            ground.confirm_by_code(mailbox, code, kind=rsvps.ACT_KIND, act_id=party.pk, at=at)
        else:
            ground.confirm_by_button(newest, [(rsvps.ACT_KIND, party.pk)], at=at)
    return Rsvp.objects.get(event=event, mailbox=mailbox, confirmed_at__isnull=False, cancelled_at=None)


# --- Questions ---------------------------------------------------------------------------------
def make_thread(
    event: Event | None = None,
    *,
    committee: Committee | None = None,
    email: str = "",
    text: str = "Is there parking?",
    opened: bool = True,
) -> Thread:
    """A question about an event, or to a committee, its asker's mailbox proven by the button of its mail."""
    at, about = timezone.now(), committee or event or make_event()
    thread = threads.ask(
        committee_threads.QUESTION if committee else event_threads.QUESTION,
        about.pk,
        form_token=secrets.token_urlsafe(16),
        email=email or new_address(),
        text=text,
        language="en",
        answerer=about.host if isinstance(about, Event) else None,
        remembered=None,
        by=None,
        at=at,
    )
    assert thread is not None
    if opened:
        newest = Confirmation.objects.filter(mailbox=thread.asker).order_by("-made_at")[0]
        ground.confirm_by_button(newest, [(threads.ACT_KIND, thread.pk)], at=at)
    return Thread.objects.select_related("asker", "answerer").get(pk=thread.pk)


# --- What a browser sends and a worker does ----------------------------------------------------
def posted_form(**fields: Any) -> dict[str, Any]:
    """Fields of a visitor's form as a person sends them: the token old enough, the trap empty."""
    return {"form_token": new_form_token(aged=True), "website": "", **fields}


def posted_rsvp(**fields: Any) -> dict[str, Any]:
    """A sound RSVP form, one person without a name or address."""
    return posted_form(**{"name": "", "email": "", "party_size": "1", "need": "", **fields})


def deliver_mail() -> list[Any]:
    """One tick of the clock and everything it hands out, as the worker does it, at this moment.
    Gives the mails that went out (Django's locmem backend)."""
    before = len(outgoing.outbox)
    for batch in ticking.tick(timezone.now()):
        delivery.deliver(batch)
    return outgoing.outbox[before:]


def links_in(email: Any) -> list[str]:
    """Every address in the plain text of a mail, in order."""
    return re.findall(r"https?://[^\s<>\"]+", email.body)
