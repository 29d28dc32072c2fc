"""The cast every test can call: fixtures, each a Django test client of its own.

`client.user` is the account behind it, None for the visitor. The coordinator coordinates
`client.committee`.
"""

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory
from django.utils import timezone

from committees.actions.committees import activate_committee
from hub.models import User
from tests.factories import make_admin, make_committee, make_member, make_moderator, make_user

COMMITTEE = "Committee of the cast"  # the coordinator's
ROLES = ("visitor", "member", "coordinator", "moderator", "admin")


def logged_in(user: User | None) -> Client:
    """A browser in which this account is logged in; None: nobody is."""
    client = Client()
    client.user = user
    if user is not None:
        client.force_login(user)
    return client


def proves(client: Client, method: str) -> None:
    """Let this browser have proven a moment ago who it is: by "password", "code" or "mfa"."""
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, client.user, method=method, reauthenticated=True)
    request.session.save()


def prove_second_factor(client: Client) -> None:
    """As if this browser's account had an authenticator app and had just typed its code."""
    Authenticator.objects.create(user=client.user, type=Authenticator.Type.TOTP, data={})
    proves(client, "mfa")


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
    """Somebody who coordinates an active committee."""
    client = logged_in(make_user("coordinator@example.org", display_name="Cor"))
    client.committee = make_committee(name=COMMITTEE)
    make_member(client.committee, client.user, role="coordinator")
    activate_committee(client.committee, by=None, at=timezone.now())
    return client


@pytest.fixture
def moderator(db):
    """Somebody in the group of moderators."""
    return logged_in(make_moderator("moderator@example.org", display_name="Mo"))


@pytest.fixture
def admin(db):
    """An administrator: a superuser."""
    return logged_in(make_admin("admin@example.org", display_name="Ada"))


@pytest.fixture
def cast(visitor, member, coordinator, moderator, admin):
    """All of them by role, in the order of ROLES."""
    return dict(zip(ROLES, (visitor, member, coordinator, moderator, admin), strict=True))
