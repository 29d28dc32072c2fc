"""May this person? One condition a line, asked anew at each request."""

from typing import Any

from committees.models import Committee, Membership


def membership_in(user: Any, committee: Committee) -> Membership | None:
    """Somebody's active membership, if they have one."""
    if not (user.is_authenticated and user.is_active):
        return None
    return Membership.objects.active().filter(user=user, committee=committee).first()


def is_member(user: Any, committee: Committee) -> bool:
    return membership_in(user, committee) is not None


def is_coordinator(user: Any, committee: Committee) -> bool:
    """Of a committee that is not frozen: until a moderator appoints somebody, nobody acts for it."""
    membership = None if committee.frozen_at else membership_in(user, committee)
    return membership is not None and membership.role == Membership.Role.COORDINATOR
