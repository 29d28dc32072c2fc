"""Who has which part in running the hub. Asked anew at each request: a role that is taken away is gone
with the next one."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from hub import roles
from hub.models import User

STAFF_SESSION = 12 * 3600  # seconds after which staff prove their second factor again
MODERATORS = "Moderators"  # the group that `manage.py seed_roles` makes


def is_administrator(user: Any) -> bool:
    return user.is_authenticated and user.is_active and user.is_superuser


def is_moderator(user: Any) -> bool:
    """Moderators and administrators. The account of a request brings the answer (`hub.backends`), of another
    one the database is asked once."""
    if is_administrator(user):
        return True
    if not (user.is_authenticated and user.is_active):
        return False
    if not hasattr(user, "in_moderators"):
        user.in_moderators = user.groups.filter(name=MODERATORS).exists()
    return user.in_moderators


def works_in_admin(user: Any) -> bool:
    """Whoever finds the admin: moderators, administrators, and whom a floor above gives a role in it. What
    each may do there, its pages ask."""
    return is_moderator(user) or roles.has_role(user)


def moderators() -> QuerySet[User]:
    """Everybody who moderates, administrators too."""
    return User.objects.filter(Q(groups__name=MODERATORS) | Q(is_superuser=True), is_active=True).distinct()


def administrators() -> QuerySet[User]:
    """Everybody who administers the hub."""
    return User.objects.filter(is_superuser=True, is_active=True)


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this very session was opened, or renewed in the last twelve hours, with the account's second
    factor. Waived in the demo. Whoever is about to see people is asked for it."""
    if settings.DEMO:
        return True
    if not request.user.is_authenticated:
        return False
    if not proved_second_factor(request, within=STAFF_SESSION):
        return False
    # One that was taken away meanwhile counts no more. It comes with the account of the request.
    account: Any = request.user
    return account.had_authenticator if hasattr(account, "had_authenticator") else has_authenticator(account)


def proved_second_factor(request: HttpRequest, *, within: int) -> bool:
    """Whether this session's second factor was typed in the last so many seconds."""
    return any(
        record.get("method") == "mfa" and time.time() - record.get("at", 0) < within
        for record in get_authentication_records(request, request.user)
    )


def has_authenticator(user: Any) -> bool:
    """Whether the account has set up an authenticator app."""
    return get_adapter().is_mfa_enabled(user, [Authenticator.Type.TOTP])
