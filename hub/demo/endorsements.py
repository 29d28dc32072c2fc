"""Who endorses in the demo: the forum's six first organizers, which really were that, and made-up locals of
which one waits for a moderator. Of the real ones nothing is said but name, country and what kind they are."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from campaigns import endorsing
from campaigns.actions import endorsements
from campaigns.actions.endorsements import Answers
from campaigns.actions.organizations import OrganizationDetails
from campaigns.models import Endorsement, Organization
from events.models import DayOfAction, Event
from hub import actions as ground
from hub import moderation
from hub.demo.campaign_events import FORUM
from hub.forms import new_form_token
from hub.models import Confirmation, User

Level, Role = Organization.Level, Endorsement.Role
FIRST_ORGANIZERS = (
    OrganizationDetails("Communist Liberation", Level.NATIONAL, "GR"),
    OrganizationDetails("MLPD", Level.PARTY, "DE"),
    OrganizationDetails("Partido Obrero (PO)", Level.PARTY, "AR"),
    OrganizationDetails("SEP", Level.PARTY, "TR"),
    OrganizationDetails("SWP", Level.PARTY, "GB"),
    OrganizationDetails("TIR (Revolutionary Internationalist Tendency)", Level.NATIONAL, "IT"),
)
DEMO_LOCAL = OrganizationDetails("Demo Workers Local 12", Level.LOCAL, "US", "Oakland", "CA")
DEMO_GROUP = OrganizationDetails("Demo Neighbors", Level.COMMUNITY, "US", "San Francisco", "CA")
MOTION = "Resolved: to march with our own banner, and to bring our families."


def make_endorsements(day: DayOfAction, *, by: User, now: datetime) -> set[UUID]:
    """Write them, through the same acts. Gives the contacts' mailboxes."""
    forum = Event.objects.filter(title=FORUM).first()
    mailboxes = set()
    for number, organization in enumerate(FIRST_ORGANIZERS if forum else (), start=1):
        answers = Answers(organization, Role.INITIAL)
        mailboxes.add(_endorse("event", forum, answers, number, now - timedelta(days=1), publisher=by))
    on = (now - timedelta(days=9)).date()
    group = Answers(DEMO_GROUP, Role.ENDORSER, "members", on)
    mailboxes.add(_endorse("day", day, group, 7, now - timedelta(hours=5), publisher=by))
    waiting = Answers(DEMO_LOCAL, Role.ENDORSER, "members", on, MOTION)
    mailboxes.add(_endorse("day", day, waiting, 8, now - timedelta(hours=3)))
    return mailboxes


def _endorse(
    name: str, thing: Any, answers: Answers, number: int, at: datetime, *, publisher: User | None = None
) -> UUID:
    kind, address = endorsing.kinds[name], f"demo.contact.{number}@example.org"
    made = endorsements.endorse(
        kind, thing, answers, form_token=new_form_token(), email=address, language="en", at=at
    )
    asked = Confirmation.objects.select_related("mailbox").get(mailbox=made.mailbox, answered_at=None)
    ground.confirm_by_button(asked, [(kind.act_kind, made.pk)], at=at)
    review = moderation.latest(kind.act_kind, made.pk)
    assert review is not None
    if publisher is not None:
        moderation.publish(review, by=publisher, at=at)
    return made.mailbox.pk
