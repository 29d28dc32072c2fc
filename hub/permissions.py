"""Who has which part in running the hub. Asked anew at each request: a role that is taken away is gone
with the next one."""

from typing import Any

from django.db.models import Q, QuerySet

from hub.models import User

MODERATORS = "Moderators"  # the group that `manage.py seed_roles` makes


def is_administrator(user: Any) -> bool:
    return user.is_authenticated and user.is_active and user.is_superuser


def is_moderator(user: Any) -> bool:
    """Moderators and administrators. Asks the database once for each request's user object."""
    if is_administrator(user):
        return True
    if not (user.is_authenticated and user.is_active):
        return False
    if not hasattr(user, "_is_moderator"):
        user._is_moderator = user.groups.filter(name=MODERATORS).exists()
    return user._is_moderator


def moderators() -> QuerySet[User]:
    """Everybody who moderates, administrators too."""
    return User.objects.filter(Q(groups__name=MODERATORS) | Q(is_superuser=True), is_active=True).distinct()
