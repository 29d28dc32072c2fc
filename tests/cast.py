"""The cast every test can call: fixtures, each a Django test client of its own.

`client.user` is the account behind it, None for the visitor. A coordinator and a moderator are
accounts without any rights until committees and the moderators' queue exist: they are here so that
every table of access has their column from the start.
"""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from hub.models import User
from hub.permissions import MODERATORS
from tests.factories import make_admin, make_user

ROLES = ("visitor", "member", "coordinator", "moderator", "admin")


def logged_in(user: User | None) -> Client:
    """A browser in which this account is logged in; None: nobody is."""
    client = Client()
    client.user = user
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def visitor(db):
    """Somebody without an account."""
    return logged_in(None)


@pytest.fixture
def member(db):
    """Somebody with an account and no rights."""
    return logged_in(make_user("member@example.org", display_name="Mel"))


@pytest.fixture
def coordinator(db):
    """For now an account like any other."""
    return logged_in(make_user("coordinator@example.org", display_name="Cor"))


@pytest.fixture
def moderator(db):
    """Somebody in the moderators' group."""
    user = make_user("moderator@example.org", display_name="Mo")
    user.groups.add(Group.objects.get_or_create(name=MODERATORS)[0])
    return logged_in(user)


@pytest.fixture
def admin(db):
    """An administrator: a superuser."""
    return logged_in(make_admin("admin@example.org", display_name="Ada"))


@pytest.fixture
def cast(visitor, member, coordinator, moderator, admin):
    """All of them by role, in the order of ROLES."""
    return dict(zip(ROLES, (visitor, member, coordinator, moderator, admin), strict=True))
