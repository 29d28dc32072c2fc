"""The demo's committees, of every kind, with plainly made-up members."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.models import Campaign
from committees.actions import committees as actions
from committees.actions import joining
from committees.actions.committees import CommitteeDetails
from committees.models import Committee
from hub.demo.content import text
from hub.forms import new_form_token
from hub.models import Mailbox, User, address_digest
from hub.places import coarse, find_place

FOUNDED = timedelta(days=90)  # ago: long enough that coordinators are trusted
ASKED = timedelta(days=2)
FIRST_NUMBER = 501  # of the members; those who only said they come count from 1

ABOUT = text(
    "A Committee for a Labor Party is a united front: people keep their own views and act together on "
    "shared demands.",
    "We meet twice a month, share the work, and decide by vote. New people are welcome.",
)
ACERCA = text(
    "Un Comité por un Partido de Trabajadores es un frente único: cada quien mantiene sus ideas y actuamos "
    "juntos por demandas comunes.",
    "Nos reunimos dos veces al mes, repartimos las tareas y decidimos por votación.",
)


@dataclass(frozen=True)
class DemoCommittee:
    """One committee: `members` counts its people besides the coordinator, `asking` those who wait."""

    key: str
    kind: str
    name: str
    place: str
    city: str
    region: str = ""
    about: str = ABOUT
    language: str = "en"
    question: str = "What brings you to us?"
    visibility: str = "public"
    joining: str = "approval"
    active: bool = True
    members: int = 3
    asking: int = 0


COMMITTEES = (
    DemoCommittee(
        "mission", "neighborhood", "Mission District Committee", "94110", "San Francisco", "CA", asking=2
    ),
    DemoCommittee("port", "union", "Port Workers for a Labor Party", "94607", "Oakland", "CA"),
    DemoCommittee(
        "campus", "campus", "Berkeley Campus Committee", "Berkeley, CA", "Berkeley", "CA", joining="open"
    ),
    DemoCommittee(
        *(
            "boyle",
            "community",
            "Comité de Boyle Heights",
            "Los Angeles, CA",
            "Los Angeles",
            "CA",
            ACERCA,
            "es",
        ),
        question="¿Qué te trae al comité?",
    ),
    DemoCommittee("chicago", "union", "Chicago Educators for a Labor Party", "Chicago, IL", "Chicago", "IL"),
    DemoCommittee("brooklyn", "neighborhood", "Brooklyn Committee", "New York City", "New York", "NY"),
    DemoCommittee(
        *("houston", "neighborhood", "Comité de Houston", "Houston, TX", "Houston", "TX", ACERCA, "es"),
        question="¿Qué te trae al comité?",
        active=False,
        members=1,
    ),
    DemoCommittee(
        "austin", "campus", "Austin Campus Committee", "Austin, TX", "Austin", "TX", visibility="unlisted"
    ),
    DemoCommittee(
        *("sacramento", "community", "Sacramento Tenants and Workers", "Sacramento, CA", "Sacramento", "CA"),
        active=False,
        members=2,
    ),
    DemoCommittee(
        *("warehouse", "workplace", "Demo Warehouse Committee", "Fresno, CA", "Fresno", "CA"),
        visibility="hidden",
    ),
)
COORDINATED = "mission"  # by the coordinator who logs in
BELONGED_TO = ("mission", "boyle")  # by the member who logs in


@dataclass
class MadeCommittees:
    """The committees by key, and the mailboxes of everybody in them."""

    by_key: dict[str, Committee]
    mailbox_ids: set[UUID]


def make_committees(
    campaign: Campaign, *, coordinator: User, member: User, by: User, now: datetime
) -> MadeCommittees:
    """Found, fill and activate them, by the acts that people take."""
    strangers = _strangers()
    made, people = {}, [coordinator, member]
    for plan in COMMITTEES:
        committee = _found(plan, campaign, by=by, at=now - FOUNDED)
        first = coordinator if plan.key == COORDINATED else next(strangers)
        joins = [next(strangers) for _ in range(plan.members)]
        joins += [member] if plan.key in BELONGED_TO else []
        asks = [next(strangers) for _ in range(plan.asking)]
        actions.appoint_coordinator(committee, first.email, reason="demo data", by=by, at=now - FOUNDED)
        actions.accept_appointment(committee, first, at=now - FOUNDED)
        for user in joins:
            _join(committee, user, by=first, at=now - FOUNDED)
        if plan.active:
            actions.activate_committee(committee, by=by, at=now - FOUNDED)
        for user in asks:
            _ask(committee, user, at=now - ASKED)
        made[plan.key] = Committee.objects.get(pk=committee.pk)
        people += [first, *joins, *asks]
    digests = [address_digest(person.email) for person in people]
    mailboxes = Mailbox.objects.filter(address_digest__in=digests).values_list("pk", flat=True)
    return MadeCommittees(made, set(mailboxes))


def _strangers() -> Iterator[User]:
    """Accounts without a password, numbered."""
    number = FIRST_NUMBER
    while True:
        address, name = f"demo.member.{number}@example.org", f"Demo Member {number}"
        yield User.objects.filter(email=address).first() or User.objects.create_user(
            address, display_name=name
        )
        number += 1


def _found(plan: DemoCommittee, campaign: Campaign, *, by: User, at: datetime) -> Committee:
    place = find_place(plan.place)
    point = coarse(place.point)
    details = CommitteeDetails(
        {
            "campaign": campaign,
            "kind": plan.kind,
            "name": plan.name,
            "about": plan.about,
            "language": plan.language,
            "question": plan.question,
            "city": plan.city,
            "region": plan.region,
            "country": place.country,
            "latitude": point.latitude,
            "longitude": point.longitude,
            "zone": place.zone,
            "visibility": plan.visibility,
            "joining": plan.joining,
        }
    )
    committee = actions.create_committee(details, by=by, at=at)
    return actions.publish_committee(committee, by=by, at=at)


def _join(committee: Committee, user: User, *, by: User, at: datetime) -> None:
    membership = _ask(committee, user, at=at)
    if committee.joining == Committee.Joining.APPROVAL:
        joining.approve(membership, by=by, at=at)


def _ask(committee: Committee, user: User, *, at: datetime) -> UUID:
    spanish = committee.language == "es"
    membership = joining.join(
        committee.pk,
        user,
        form_token=new_form_token(),
        name=user.display_name,
        answer="Quiero ayudar los sábados." if spanish else "I can help on Saturdays.",
        shows_name=True,
        takes_mail=False,
        at=at,
    )
    assert membership is not None
    return membership.pk
