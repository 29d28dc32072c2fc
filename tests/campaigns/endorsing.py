"""What tests of organizations and endorsements have in common: documents, organizations, endorsements in
every state, made as people make them."""

import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from campaigns import endorsing
from campaigns.actions import appeals, endorsements, officers, organizations
from campaigns.actions.appeals import AppealDetails, Words
from campaigns.actions.endorsements import Answers
from campaigns.actions.organizations import OrganizationDetails
from campaigns.models import Appeal, Campaign, OfficerClaim, Organization
from hub import actions as ground
from hub import links, moderation
from hub.models import Confirmation, Mailbox, Review, User
from tests.factories import make_campaign, make_event, make_moderator, new_address, posted_form

LOCAL_12 = OrganizationDetails(
    "Teamsters Local 12", "local", "US", "Oakland", "CA", "https://local12.example.org"
)


def write_appeal(*, title: str = "Urgent call", published: bool = True, at: datetime | None = None) -> Appeal:
    """A document in English."""
    at = at or timezone.now()
    campaign = Campaign.objects.order_by("-is_home", "created_at").first() or make_campaign(is_home=True)
    words = {"en": Words(title, "It asks for a party.", "Found **committees**.")}
    appeal = appeals.create_appeal(AppealDetails(campaign, "appeal", words), by=None, at=at)
    return appeals.publish_appeal(appeal, by=None, at=at) if published else appeal


def rewrite(appeal: Appeal, title: str = "A new call", *, substantial: bool = True) -> Appeal:
    """The document says something else."""
    words = {"en": Words(title, "It asks for more.", "Found more.")}
    details = AppealDetails(appeal.campaign, "appeal", words)
    seen = appeals.current(appeal).number
    return appeals.edit_appeal(
        appeal, details, seen=seen, substantial=substantial, by=None, at=timezone.now()
    )


def make_organization(
    name: str = "Teamsters Local 12", *, published: bool = True, **said: str
) -> Organization:
    """A stored organization."""
    details = replace(LOCAL_12, name=name, **said)
    made = organizations.create_organization(details, by=None, at=timezone.now())
    if published:
        made = organizations.publish_organization(made, by=None, at=timezone.now())
    return made


def kind_of(thing: Any) -> endorsing.EndorsedKind:
    """How a thing is endorsed."""
    return next(
        kind
        for kind in endorsing.kinds.values()
        if isinstance(thing, kind.model._meta.get_field(kind.model.OF).related_model)
    )


def endorse(
    thing: Any = None,
    organization: Organization | OrganizationDetails | None = None,
    *,
    role: str = "endorser",
    motion: str = "",
    email: str = "",
    form_token: str = "",
    confirmed: bool = True,
    published: bool = False,
    remembered: Mailbox | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> Any:
    """An endorsement in an organization's name, its mailbox confirmed unless said otherwise; fresh from the
    database."""
    at, thing = at or timezone.now(), thing or make_event()
    kind = kind_of(thing)
    made = endorsements.endorse(
        kind,
        thing,
        Answers(organization or LOCAL_12, role, "members", date(2026, 5, 1), motion),
        form_token=form_token or secrets.token_urlsafe(16),
        email="" if by else email or new_address(),
        language="en",
        remembered=remembered,
        by=by,
        at=at,
    )
    if confirmed or published:
        made = press_button(made, at=at)
    if published:
        publish(made)
    return kind.rows().get(pk=made.pk)


def press_button(endorsement: Any, *, at: datetime | None = None, by_code: bool = False) -> Any:
    """Confirm it by the newest mail of its mailbox; gives the one it ended up as."""
    at, kind, mailbox = at or timezone.now(), kind_of(endorsement.thing), endorsement.mailbox
    if endorsement.confirmed_at is None:
        newest = Confirmation.objects.filter(mailbox=mailbox).order_by("-made_at")[0]
        if by_code:
            code = links.code("confirm", newest.pk)
            ground.confirm_by_code(mailbox, code, kind=kind.act_kind, act_id=endorsement.pk, at=at)
        else:
            ground.confirm_by_button(newest, [(kind.act_kind, endorsement.pk)], at=at)
    return endorsements.confirm(kind, endorsement.pk, at)


def review_of(endorsement: Any) -> Review:
    """Its last submission."""
    review = moderation.latest(kind_of(endorsement.thing).act_kind, endorsement.pk)
    assert review is not None
    return review


def publish(endorsement: Any, by: User | None = None) -> None:
    """A moderator publishes it."""
    moderation.publish(review_of(endorsement), by=by or make_moderator(), at=timezone.now())


def in_state(state: str) -> Any:
    """An endorsement in the state its own page names."""
    made = endorse(confirmed=state != "pending", published=state in ("published", "archived", "withdrawn"))
    kind, now, moderator = kind_of(made.thing), timezone.now(), make_moderator()
    match state:
        case "returned":
            moderation.send_back(review_of(made), reason="Which local?", by=moderator, at=now)
        case "rejected":
            moderation.reject(review_of(made), reason="No.", by=moderator, at=now)
        case "archived":
            endorsements.take_off(kind, made.pk, by=moderator, at=now)
        case "withdrawn":
            endorsements.withdraw(kind, made.pk, by=None, at=now)
    return kind.rows().get(pk=made.pk)


def claim_for(organization: Organization, *, email: str = "office@local12.example.org") -> OfficerClaim:
    """Somebody who says that they act for it, and hasn't proven the mailbox yet."""
    claim = officers.claim(
        organization, form_token=secrets.token_urlsafe(16), email=email, language="en", at=timezone.now()
    )
    assert claim is not None
    return claim


def posted_endorsement(**fields: str) -> dict[str, str]:
    """What a visitor's browser sends, its form opened a while ago."""
    from_form = {
        "name": "Teamsters Local 12",
        "level": "local",
        "country": "US",
        "city": "Oakland",
        "region": "CA",
        "site": "",
        "adopted_by": "members",
        "adopted_on": "2026-05-01",
        "motion": "",
        "email": "secretary@local12.example.org",
    }
    return posted_form(**from_form | fields)
