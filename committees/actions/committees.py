"""What an operator does with a committee: create, edit, publish, freeze, close, appoint a coordinator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from committees.actions.telling import tell, tell_coordinators, tell_members
from committees.models import Committee, Membership, Refusal, refusal_mark
from hub import audit
from hub.actions import lock_account
from hub.models import User
from hub.permissions import is_administrator
from hub.slugs import new_slug

# Public facts of a committee: what an audit entry may quote.
PUBLIC_FIELDS = (
    *("campaign_id", "kind", "name", "language", "question", "city", "region", "country"),
    *("visibility", "joining"),
)
# What floors above do, in the same transaction and under the committee's lock, when one is hidden.
when_hidden: list[Callable[[Committee, datetime], None]] = []


class CommitteeRefused(Exception):
    """The committee can't do this in its present state; `reason` is one word of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class CommitteeDetails:
    """Everything a form says about a committee: values by the names of its columns."""

    fields: dict[str, Any]


def lock(committee_id: UUID) -> Committee:
    """The committee, locked until the transaction ends. Whoever changes who belongs to it, or what may
    be seen of it, takes this lock first, and mailboxes after it."""
    return Committee.objects.select_for_update().get(pk=committee_id)


def create_committee(details: CommitteeDetails, *, by: User | None, at: datetime) -> Committee:
    """A new draft."""
    with transaction.atomic():
        committee = Committee(slug=new_slug(details.fields["name"], "committee"), **details.fields)
        committee.save(force_insert=True)
        audit.record("create_committee", committee, at=at, by=by)
        return committee


def edit_committee(
    committee: Committee, details: CommitteeDetails, *, by: User | None, at: datetime
) -> Committee:
    """Change a committee. One that is hidden now takes its events with it."""
    with transaction.atomic():
        committee = lock(committee.pk)
        before = {name: getattr(committee, name) for name in PUBLIC_FIELDS}
        for name, value in details.fields.items():
            setattr(committee, name, value)
        if committee.published_at is None and before["name"] != committee.name:
            committee.slug = new_slug(committee.name, "committee")
        committee.save()
        if committee.is_hidden and before["visibility"] != committee.visibility:
            for act in when_hidden:
                act(committee, at)
        audit.record(
            "edit_committee",
            committee,
            at=at,
            by=by,
            changes={
                name: [str(before[name]), str(getattr(committee, name))]
                for name in PUBLIC_FIELDS
                if before[name] != getattr(committee, name)
            },
        )
        return committee


def describe_committee(
    committee: Committee, *, about: str, language: str, joining: str, question: str, by: User, at: datetime
) -> Committee:
    """What its coordinators change themselves: its words, how one joins and what is asked. Its name, place,
    kind and who may see it are the moderators'; requests that wait go on waiting."""
    fields = {"about": about, "language": language, "joining": joining, "question": question}
    return edit_committee(committee, CommitteeDetails(fields), by=by, at=at)


def publish_committee(committee: Committee, *, by: User | None, at: datetime) -> Committee:
    """Let everybody see it who may."""
    with transaction.atomic():
        committee = lock(committee.pk)
        committee.status = Committee.Status.PUBLISHED
        committee.published_at = committee.published_at or at
        committee.save(update_fields=["status", "published_at", "changed_at"])
        audit.record("publish_committee", committee, at=at, by=by)
        return committee


def unpublish_committee(committee: Committee, *, by: User | None, at: datetime) -> Committee:
    """Take it off every page at once; who belongs to it stays."""
    with transaction.atomic():
        committee = lock(committee.pk)
        committee.status = Committee.Status.DRAFT
        committee.save(update_fields=["status", "changed_at"])
        audit.record("unpublish_committee", committee, at=at, by=by)
        return committee


def delete_draft(committee: Committee, *, by: User | None, at: datetime) -> None:
    """Delete a committee that was never published. Raises CommitteeRefused for one that was."""
    with transaction.atomic():
        committee = lock(committee.pk)
        if committee.published_at is not None:
            raise CommitteeRefused("published")
        audit.record("delete_committee", committee, at=at, by=by)
        committee.delete()


def freeze_committee(committee: Committee, *, by: User | None, at: datetime) -> Committee:
    """Let it stand still: nobody joins, nobody acts for it. Its members are told."""
    with transaction.atomic():
        committee = lock(committee.pk)
        if committee.frozen_at is None:
            freeze(committee, by=by, at=at)
        return committee


def freeze(committee: Committee, *, by: User | None, at: datetime) -> None:
    """Freeze a committee that the caller has locked."""
    committee.frozen_at = at
    committee.save(update_fields=["frozen_at", "changed_at"])
    audit.record("freeze_committee", committee, at=at, by=by)
    tell_members("committees.frozen", committee, at=at)


def freeze_if_nobody_coordinates(committee: Committee, *, at: datetime) -> None:
    """After a coordinator of a locked committee is none any more: nobody is promoted by the system."""
    if committee.frozen_at or committee.stage == Committee.Stage.CLOSED:
        return
    if not Membership.objects.accepted().filter(committee=committee).exists():
        freeze(committee, by=None, at=at)


def unfreeze_committee(committee: Committee, *, by: User | None, at: datetime) -> Committee:
    """Let it go on. Raises CommitteeRefused where nobody coordinates it: whoever is appointed thaws it."""
    with transaction.atomic():
        committee = lock(committee.pk)
        _refuse_without_coordinator(committee)
        committee.frozen_at = None
        committee.save(update_fields=["frozen_at", "changed_at"])
        audit.record("unfreeze_committee", committee, at=at, by=by)
        return committee


def activate_committee(committee: Committee, *, by: User | None, at: datetime) -> Committee:
    """It works now. Raises CommitteeRefused where it is frozen or nobody coordinates it."""
    with transaction.atomic():
        committee = lock(committee.pk)
        if committee.frozen_at:
            raise CommitteeRefused("frozen")
        _refuse_without_coordinator(committee)
        if committee.stage != Committee.Stage.ACTIVE:
            _set_stage(committee, Committee.Stage.ACTIVE, by=by, at=at, active_since=at)
        return committee


def close_committee(committee: Committee, *, by: User | None, at: datetime) -> Committee:
    """It has ended: it stands in no list and takes nobody any more."""
    with transaction.atomic():
        committee = lock(committee.pk)
        if committee.stage != Committee.Stage.CLOSED:
            _set_stage(committee, Committee.Stage.CLOSED, by=by, at=at, active_since=None)
        return committee


def _set_stage(
    committee: Committee, stage: str, *, by: User | None, at: datetime, active_since: datetime | None
) -> None:
    before = committee.stage
    committee.stage, committee.active_since = stage, active_since
    committee.save(update_fields=["stage", "active_since", "changed_at"])
    audit.record("set_stage", committee, at=at, by=by, changes={"stage": [str(before), str(stage)]})


def _refuse_without_coordinator(committee: Committee) -> None:
    if not Membership.objects.accepted().filter(committee=committee).exists():
        raise CommitteeRefused("no_coordinator")


def appoint_coordinator(
    committee: Committee, address: str, *, reason: str, by: User | None, at: datetime
) -> Membership | None:
    """Make the account of this exact address a coordinator, whether or not it belonged to the committee;
    None if there is no such account. The only way by which somebody becomes coordinator from outside:
    moderators and administrators have it, and those who coordinate it already are told.

    Nothing that whoever appoints can see differs by whether there is the account: a frozen committee goes
    on, and one that nobody else coordinates can become active, once the appointment is accepted. Raises
    CommitteeRefused for whoever appoints themselves: that opens the names of its members. Only an
    administrator may, where nobody coordinates it."""
    with transaction.atomic():
        committee = lock(committee.pk)
        user = User.objects.filter(email=address, is_active=True).first()
        led = Membership.objects.coordinators().filter(committee=committee).exists()
        if by is not None and user == by and (led or not is_administrator(by)):
            raise CommitteeRefused("own")
        audit.record("appoint_coordinator", committee, at=at, by=by, subject=user, reason=reason)
        return _appoint(committee, user, at) if user is not None else None


def _appoint(committee: Committee, user: User, at: datetime) -> Membership:
    membership = Membership.objects.filter(committee=committee, user=user).first() or Membership(
        committee=committee, user=user, asked_at=at, display_name=user.display_name
    )
    if membership.role != Membership.Role.COORDINATOR:
        membership.role, membership.state = Membership.Role.COORDINATOR, Membership.State.ACTIVE
        membership.since, membership.answer = membership.since or at, ""
        membership.appointed_at = at
        membership.save()
    Refusal.objects.filter(mark=refusal_mark(committee, user.email)).delete()
    tell("committees.role_changed", user, about_id=membership.pk, at=at)
    tell_coordinators("committees.appointed", committee, occasion=str(membership.pk), at=at, but=user)
    return membership


def accept_appointment(committee: Committee, user: User, *, at: datetime) -> None:
    """Take on what a moderator appointed one to. A committee that was frozen before goes on with it; one
    that was frozen since stays so until a moderator lets it go on."""
    with transaction.atomic():
        lock_account(user)
        committee = lock(committee.pk)
        membership = Membership.objects.coordinators().filter(committee=committee, user=user).first()
        if membership is None or membership.appointed_at is None:
            return
        appointed_at, membership.appointed_at = membership.appointed_at, None
        membership.save(update_fields=["appointed_at"])
        audit.record("accept_appointment", committee, at=at, by=user)
        if committee.frozen_at and committee.frozen_at <= appointed_at:
            committee.frozen_at = None
            committee.save(update_fields=["frozen_at", "changed_at"])
