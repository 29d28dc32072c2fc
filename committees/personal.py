"""What committees keep about people, and for how long."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from committees.actions import joining, members
from committees.actions.announcements import forget_announcement
from committees.models import Announcement, Application, Committee, Membership, Refusal
from hub.contact import ADDRESS_KEPT
from hub.models import User
from hub.personal import (
    purge_each,
    register_erasure,
    register_export,
    register_holder,
    register_move,
    register_purge,
)

ANNOUNCEMENTS_KEPT = timedelta(days=365)  # after they were sent
DRAFTS_KEPT = timedelta(days=30)  # after they were last changed

register_holder(Application)


@register_purge
def purge_applications(now: datetime) -> None:
    """An application nobody confirmed within a day goes, and its address with it."""
    stale = Application.objects.filter(made_at__lte=now - ADDRESS_KEPT).values_list("pk", flat=True)
    purge_each(list(stale), joining.wipe_application)


@register_purge
def purge_requests(now: datetime) -> None:
    """A request nobody answered for thirty days goes, and its maker is told."""
    old = Membership.objects.pending().filter(asked_at__lte=now - joining.REQUEST_LIVES)
    purge_each(list(old.values_list("pk", flat=True)), lambda pk: joining.expire(pk, at=now))


@register_purge
def purge_refusals(now: datetime) -> None:
    """A removal is forgotten after a year."""
    Refusal.objects.filter(made_at__lte=now - joining.REFUSED_FOR).delete()


@register_purge
def purge_announcements(now: datetime) -> None:
    """What was announced a year ago is no news; a draft nobody has touched for a month is none either. What
    the outbox still knows of its mail goes along."""
    sent = Announcement.objects.filter(sent_at__lte=now - ANNOUNCEMENTS_KEPT)
    drafts = Announcement.objects.drafts().filter(changed_at__lte=now - DRAFTS_KEPT)
    old = [*sent.values_list("pk", flat=True), *drafts.values_list("pk", flat=True)]
    purge_each(old, forget_announcement)


@register_export
def export_announcements(user: User) -> dict[str, Any]:
    """What an account has written to members, as it stands; of a committee it can't see any more without
    the name."""
    own = Announcement.objects.filter(made_by=user).select_related("committee").order_by("changed_at", "pk")
    seen = set(
        Committee.objects.visible_to(user).filter(announcements__made_by=user).values_list("pk", flat=True)
    )
    unseen = gettext("a committee you can no longer see")
    return {
        "announcements": [
            {
                "committee": one.committee.name if one.committee_id in seen else unseen,
                "subject": one.subject,
                "text": one.text,
                "language": one.language,
                "changed_at": one.changed_at.isoformat(),
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
            }
            for one in own
        ]
    }


@register_erasure
def erase_drafts(user: User, at: datetime) -> None:
    """What an account wrote and nobody has sent goes with it. What was sent is the committee's, and stands
    there under nobody's name."""
    Announcement.objects.drafts().filter(made_by=user).delete()


@register_export
def export_memberships(user: User) -> dict[str, Any]:
    """The committees an account belongs to or has asked to join, and what it says of itself there. One that
    isn't there for it any more, as one that was hidden since it asked, is not named."""
    own = Membership.objects.filter(user=user).select_related("committee").order_by("asked_at", "pk")
    seen = set(Committee.objects.visible_to(user).filter(memberships__user=user).values_list("pk", flat=True))
    unseen = gettext("a committee you can no longer see")
    return {
        "committees": [
            {
                "committee": membership.committee.name if membership.committee_id in seen else unseen,
                "role": membership.role,
                "state": membership.state,
                "name": membership.display_name,
                "answer": membership.answer,
                "shows_name": membership.shows_name,
                "takes_mail": membership.takes_mail,
                "asked_at": membership.asked_at.isoformat(),
                "since": membership.since.isoformat() if membership.since else None,
                "appointed_at": membership.appointed_at.isoformat() if membership.appointed_at else None,
            }
            for membership in own
        ]
    }


@register_erasure
def erase_memberships(user: User, at: datetime) -> None:
    """Leave everywhere. A mark of a removal stays: it is a keyed digest, and it refuses."""
    members.leave_everywhere(user, at=at)


@register_move
def move_refusals(before: str, after: str, at: datetime) -> None:
    """A removal goes with the person, and goes on refusing the old address."""
    members.carry_refusals(before, after)
