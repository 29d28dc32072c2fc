"""A member who acts, and erases the account in the same moment, leaves nothing behind."""

import threading
from functools import partial

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from campaigns.models import Signature
from committees.actions import joining
from committees.models import Membership
from events import threads as event_threads
from events.models import Event, Rsvp
from hub import accounts, actions, threads
from hub.actions import AccountGone
from hub.forms import new_form_token
from hub.models import Mailbox, Thread, User
from tests import races
from tests.campaigns.endorsing import endorse
from tests.campaigns.signing import make_appeal, make_signature
from tests.events.hosting import propose
from tests.factories import make_committee, make_event, make_member, make_rsvp, make_user

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
WAIT = 1.5  # seconds: longer than erasing takes, if nothing holds it up


def ask(event, user):
    threads.ask(
        event_threads.QUESTION,
        event.pk,
        form_token=new_form_token(),
        email="",
        text="Is there a ramp?",
        language="en",
        answerer=event.host,
        remembered=None,
        by=user,
        at=timezone.now(),
    )


# Each makes what the act needs, and gives the act.
ACTS = {
    "sign": lambda user: partial(make_signature, make_appeal(), member=user),
    "endorse": lambda user: partial(endorse, make_event(), by=user, confirmed=False),
    "rsvp": lambda user: partial(make_rsvp, make_event(), member=user),
    "propose": lambda user: partial(propose, by=user, confirmed=False),
    "ask": lambda user: partial(ask, make_event(), user),
    "join": lambda user: partial(make_member, make_committee(), user, pending=True),
}


@pytest.fixture
def held(monkeypatch):
    """Holds the act where it has its locks and has yet to store anything, until the account is erased; or,
    where erasing waits for it, for a while."""
    inside, erased = threading.Event(), threading.Event()

    def holding(function):
        def hold(*args, **kwargs):
            result = function(*args, **kwargs)
            inside.set()
            erased.wait(WAIT)
            return result

        return hold

    monkeypatch.setattr(actions, "mailbox_of", holding(actions.mailbox_of))
    monkeypatch.setattr(joining, "is_refused", holding(joining.is_refused))
    return inside, erased


def erase_once(inside, erased, user):
    assert inside.wait(races.PATIENCE)
    accounts.erase_account(user, at=timezone.now())
    erased.set()


def assert_nothing_left(user):
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Mailbox.objects.exists()
    for model in (Signature, Rsvp, Thread, Membership):
        assert not model.objects.exists(), model
    assert not Event.objects.exclude(host=None).exists()


@pytest.mark.parametrize("name", ACTS)
def test_erasing_waits_for_what_the_member_is_doing(held, name):
    user = make_user()
    act = ACTS[name](user)
    races.at_once(
        [
            partial(races.outcome, act, AccountGone, ObjectDoesNotExist),
            partial(erase_once, *held, user),
        ]
    )
    assert_nothing_left(user)


@pytest.mark.parametrize("name", ACTS)
def test_an_account_that_is_gone_does_nothing_more(name):
    user = make_user()
    act = ACTS[name](user)
    known = User.objects.get(pk=user.pk)
    accounts.erase_account(known, at=timezone.now())
    with pytest.raises(AccountGone):
        act()
    assert_nothing_left(user)


def test_a_page_says_so(client, monkeypatch):
    user, event = make_user(), make_event()
    client.force_login(user)

    def gone(user):
        raise AccountGone

    monkeypatch.setattr(actions, "lock_account", gone)
    response = client.post(f"/events/{event.slug}/rsvp/member/", {"form_token": new_form_token(aged=True)})
    assert response.status_code == 403
    assert "your account was erased" in response.content.decode()
