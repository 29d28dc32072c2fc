"""Those who belong to a committee: roles, removing, leaving, one's own name and consents."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from committees.actions.committees import freeze_if_nobody_coordinates, lock
from committees.actions.telling import tell
from committees.models import Application, Committee, Membership, Refusal, refusal_mark
from hub import audit
from hub.models import User, address_digest

# What follows on the floors above when somebody belongs to a committee no more.
when_gone: list[Callable[[Committee, User, datetime], None]] = []


class MemberRefused(Exception):
    """This can't be done with this member; `reason` is gone or yourself."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _locked_member(membership_id: UUID) -> tuple[Committee, Membership]:
    """An active membership, with its committee locked. Raises MemberRefused."""
    found = Membership.objects.filter(pk=membership_id).first()
    if found is None:
        raise MemberRefused("gone")
    committee = lock(found.committee_id)
    member = Membership.objects.active().select_related("user").filter(pk=membership_id).first()
    if member is None:
        raise MemberRefused("gone")
    return committee, member


def look_at_members(
    committee: Committee, *, by: User, at: datetime, count: int, subject: User | None = None
) -> None:
    """Record that a coordinator read names, and how many."""
    audit.record("look_at_members", committee, at=at, by=by, count=count, subject=subject)


def change_role(membership_id: UUID, role: str, *, by: User, at: datetime) -> Membership:
    """Make a member a coordinator, or a coordinator a member; the last one who is none any more leaves
    the committee frozen. Raises MemberRefused."""
    with transaction.atomic():
        committee, member = _locked_member(membership_id)
        before = member.role
        if before == role:
            return member
        member.role, member.appointed_at = role, None
        member.save(update_fields=["role", "appointed_at"])
        audit.record(
            "change_role",
            committee,
            at=at,
            by=by,
            subject=member.user,
            changes={"role": [str(before), str(role)]},
        )
        tell("committees.role_changed", member.user, about_id=member.pk, at=at)
        if before == Membership.Role.COORDINATOR:
            freeze_if_nobody_coordinates(committee, at=at)
        return member


def remove(membership_id: UUID, *, reason: str, by: User, at: datetime) -> None:
    """Put somebody out: the row goes, a keyed mark refuses them for a year, and they are told why.
    Raises MemberRefused; oneself one doesn't remove, one leaves."""
    with transaction.atomic():
        committee, member = _locked_member(membership_id)
        if member.user_id == by.pk:
            raise MemberRefused("yourself")
        user, was = member.user, member.role
        member.delete()
        mark = refusal_mark(committee, user.email)
        Refusal.objects.update_or_create(mark=mark, defaults={"committee": committee, "made_at": at})
        entry = audit.record("remove_member", committee, at=at, by=by, subject=user, reason=reason)
        tell("committees.removed", user, about_id=entry.pk, at=at)
        if was == Membership.Role.COORDINATOR:
            freeze_if_nobody_coordinates(committee, at=at)
        _gone(committee, user, at)


def _gone(committee: Committee, user: User, at: datetime) -> None:
    """Let the floors above know, after this commit: they lock timeslots, and whoever has locked one may be
    waiting for the committee."""
    for act in when_gone:
        transaction.on_commit(partial(act, committee, user, at))


def lift_refusal(refusal: Refusal, *, by: User, at: datetime) -> None:
    """Let whoever was removed ask again."""
    with transaction.atomic():
        audit.record("lift_refusal", refusal.committee, at=at, by=by)
        # What followed a changed address is of the same moment and lifted with it.
        Refusal.objects.filter(committee=refusal.committee, made_at=refusal.made_at).delete()


def carry_refusals(before: str, after: str) -> None:
    """An account's address has changed: whoever was removed is refused under the new one too, and as long."""
    refusing = Committee.objects.filter(refusals__isnull=False).distinct()
    marks = [refusal_mark(committee, before) for committee in refusing]
    for old in Refusal.objects.filter(mark__in=marks):
        mark = refusal_mark(old.committee, after)
        Refusal.objects.get_or_create(
            mark=mark, defaults={"committee": old.committee, "made_at": old.made_at}
        )


def leave(committee: Committee, user: User, *, at: datetime) -> None:
    """Leave, or take a request back: the row is gone, and nothing tells who it was. The last coordinator
    leaves a frozen committee: the lock makes two who go at the same moment go one after the other."""
    with transaction.atomic():
        committee = lock(committee.pk)
        membership = Membership.objects.filter(committee=committee, user=user).first()
        if membership is None:
            return
        membership.delete()
        audit.record("leave", committee, at=at, by=None)
        if membership.role == Membership.Role.COORDINATOR and membership.appointed_at is None:
            freeze_if_nobody_coordinates(committee, at=at)
        _gone(committee, user, at)


def leave_everywhere(user: User, *, at: datetime) -> None:
    """What goes with an account: its memberships, requests and applications, and marks stay. The locks
    are taken in the order of the committees' keys, as everybody's who takes several."""
    with transaction.atomic():
        for committee in Committee.objects.filter(memberships__user=user).order_by("pk"):
            leave(committee, user, at=at)
        Application.objects.filter(mailbox__address_digest=address_digest(user.email)).delete()


def save_own_settings(
    membership: Membership, *, name: str, shows_name: bool, takes_mail: bool, at: datetime
) -> Membership:
    """One's name in one committee, and what one agrees to there."""
    with transaction.atomic():
        membership.display_name, membership.shows_name = name, shows_name
        membership.takes_mail = takes_mail
        membership.save(update_fields=["display_name", "shows_name", "takes_mail"])
        audit.record("save_own_settings", membership.committee, at=at, by=None)
        return membership


def stop_announcements(memberships: Iterable[UUID], *, at: datetime) -> None:
    """Mail these members nothing that their committees announce: neither what comes nor what is about to
    go out. Everything else stays."""
    _set_takes_mail(memberships, False, "stop_announcements", at)


def take_announcements(memberships: Iterable[UUID], *, at: datetime) -> None:
    """Mail them announcements again, from the next one on."""
    _set_takes_mail(memberships, True, "take_announcements", at)


@transaction.atomic
def _set_takes_mail(memberships: Iterable[UUID], takes_mail: bool, act: str, at: datetime) -> None:
    """The log says that somebody did, not who."""
    rows = Membership.objects.active().select_for_update(of=("self",)).select_related("committee")
    for membership in rows.filter(pk__in=list(memberships)).order_by("pk"):
        if membership.takes_mail != takes_mail:
            membership.takes_mail = takes_mail
            membership.save(update_fields=["takes_mail"])
            audit.record(act, membership.committee, at=at, by=None)
