"""Samples of committees' mail: joining, roles, standing still."""

from committees.actions import committees as committee_actions
from committees.actions import joining, members
from committees.models import Membership
from hub.demo.letters.people import a_committee, a_coordinator, an_account, asks_to_join
from hub.gallery import Stage, sample
from hub.models import User


@sample("committees.received")
def received(stage: Stage) -> Membership:
    return asks_to_join(stage, a_committee(stage))


@sample("committees.new_request")
def new_request(stage: Stage) -> tuple[Membership, User]:
    """Gives the request and who answers it."""
    committee = a_committee(stage)
    coordinator = a_coordinator(stage, committee).user
    return asks_to_join(stage, committee), coordinator


@sample("committees.approved")
def approved(stage: Stage) -> tuple[Membership, User]:
    """Gives the new member and who let them in."""
    request, coordinator = new_request(stage)
    return joining.approve(request.pk, by=coordinator, at=stage.now), coordinator


@sample("committees.declined")
def declined(stage: Stage) -> None:
    request, coordinator = new_request(stage)
    word = stage.say("We are full. Ask the Oakland committee.", "Ya no cabemos. Pregunta en Oakland.")
    joining.decline(request.pk, word=word, by=coordinator, at=stage.now)


@sample("committees.expired")
def expired(stage: Stage) -> None:
    joining.expire(received(stage).pk, at=stage.now)


@sample("committees.role_changed")
def role_changed(stage: Stage) -> None:
    member, coordinator = approved(stage)
    members.change_role(member.pk, Membership.Role.COORDINATOR, by=coordinator, at=stage.now)


@sample("committees.removed")
def removed(stage: Stage) -> None:
    member, coordinator = approved(stage)
    reason = stage.say("You gave names to the management.", "Diste nombres a la empresa.")
    members.remove(member.pk, reason=reason, by=coordinator, at=stage.now)


@sample("committees.frozen")
def frozen(stage: Stage) -> None:
    member, _coordinator = approved(stage)
    committee_actions.freeze_committee(member.committee, by=None, at=stage.now)


@sample("committees.appointed")
def appointed(stage: Stage) -> None:
    committee = a_committee(stage)
    a_coordinator(stage, committee)
    other = an_account(stage)
    committee_actions.appoint_coordinator(committee, other.email, reason="demo", by=None, at=stage.now)
