"""Putting mail about a committee into the outbox, for accounts."""

from datetime import datetime
from uuid import UUID

from committees.models import Committee, Membership
from hub import mail
from hub.actions import mailbox_of
from hub.models import User


def tell(
    kind: str, user: User, *, about_id: UUID, at: datetime, occasion: str = "", topic_id: UUID | None = None
) -> None:
    """One mail to one account. `about_id` is the membership or, where that is gone, the audit entry."""
    mailbox = mailbox_of(user, at=at)
    mail.put(
        [
            mail.draft(
                kind,
                mailbox_id=mailbox.pk,
                about_id=about_id,
                topic_id=topic_id,
                occasion=occasion or at.isoformat(),
                at=at,
            )
        ]
    )


def tell_members(kind: str, committee: Committee, *, at: datetime) -> None:
    """The same mail to everybody who belongs to it. By account, because each mailbox is locked: two
    committees with the same people take those locks in the same order."""
    members = Membership.objects.active().filter(committee=committee, user__is_active=True)
    for membership in members.select_related("user").order_by("user_id"):
        tell(kind, membership.user, about_id=membership.pk, at=at)


def tell_coordinators(
    kind: str, committee: Committee, *, occasion: str, at: datetime, but: User | None = None
) -> None:
    """The same mail to each coordinator, once for an occasion."""
    coordinators = Membership.objects.coordinators().filter(committee=committee, user__is_active=True)
    if but is not None:
        coordinators = coordinators.exclude(user=but)
    for membership in coordinators.select_related("user").order_by("user_id"):
        tell(kind, membership.user, about_id=membership.pk, occasion=occasion, at=at)
