"""May this person? One condition a line, asked anew at each request."""

from typing import Any

from committees.models import Committee, Membership
from hub.models import Mailbox, User
from hub.permissions import is_moderator


def membership_in(user: Any, committee: Committee) -> Membership | None:
    """Somebody's active membership, if they have one."""
    if not (user.is_authenticated and user.is_active):
        return None
    return Membership.objects.active().filter(user=user, committee=committee).first()


def is_member(user: Any, committee: Committee) -> bool:
    return membership_in(user, committee) is not None


def is_coordinator(user: Any, committee: Committee) -> bool:
    """Of a committee that acts."""
    membership = membership_in(user, committee) if committee.acts else None
    return membership is not None and membership.role == Membership.Role.COORDINATOR


def mailbox_belongs(mailbox: Mailbox | None, committee: Committee | None) -> bool:
    """Whether what is for this committee's members may be told to this mailbox: to that of an account that
    belongs to it, or moderates. Links in mail are asked this too, since they outlive a membership."""
    user = None if mailbox is None else User.objects.filter(email=mailbox.address, is_active=True).first()
    if user is None:
        return False
    return (committee is not None and is_member(user, committee)) or is_moderator(user)
