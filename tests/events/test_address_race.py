"""An answer in the very moment in which an account's address changes: it goes along, and counts once."""

import secrets
import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.utils import timezone

from events.actions import rsvps
from events.models import Rsvp
from hub import accounts, personal
from hub.models import Mailbox, User, address_digest
from tests.factories import make_event, make_rsvp, make_user, slot_of

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
OLD, NEW = "old@relay.example", "new@relay.example"
WAIT = 3  # seconds: long enough for a thread that opens its connection on a busy machine


@pytest.fixture
def meanwhile(monkeypatch):
    """Does something in another thread after a change of address has looked what there is, before it
    moves anything: with the lock it never ends in time, and the wait does."""
    threads, prepare = [], personal.prepare_move

    def begin(act: Callable[[], object]) -> None:
        def work() -> None:
            try:
                act()
            finally:
                connections.close_all()  # of this thread

        def preparing(*args) -> None:
            prepare(*args)
            thread = threading.Thread(target=work)
            threads.append(thread)
            thread.start()
            thread.join(WAIT)

        monkeypatch.setattr(personal, "prepare_move", preparing)

    yield begin
    for thread in threads:
        thread.join()


def change_address(user: User) -> User:
    """As allauth does it: the account first, then its mailbox."""
    User.objects.filter(pk=user.pk).update(email=NEW)
    accounts.follow_address(OLD, NEW, at=timezone.now())
    return User.objects.get(pk=user.pk)


def answers_of(event) -> list[tuple[str, bool]]:
    parties = Rsvp.objects.filter(event=event, cancelled_at=None).select_related("mailbox")
    return [(one.mailbox.address, one.confirmed_at is not None) for one in parties]


@pytest.mark.parametrize(("confirmed", "asked"), [(OLD, NEW), (NEW, OLD)])
def test_what_is_confirmed_while_the_mailbox_follows_goes_along(meanwhile, confirmed, asked):
    user, event = make_user(OLD), make_event()
    make_rsvp(event, email=confirmed, confirmed=True)
    pending = make_rsvp(event, email=asked)
    done = threading.Event()

    def confirm() -> None:
        rsvps.confirm(pending.pk, timezone.now())
        done.set()

    meanwhile(confirm)
    change_address(user)
    assert done.wait(60)
    assert answers_of(event) == [(NEW, True)]
    assert slot_of(event).seats_taken == 1
    assert not Mailbox.objects.filter(address_digest=address_digest(OLD)).exists()


def test_one_click_while_the_address_changes_is_the_new_one_s(meanwhile):
    """The page was asked for with the account as it was."""
    user, event = make_user(OLD), make_event()
    make_rsvp(make_event(), email=OLD, confirmed=True)
    accounts.mail_code("address", NEW, "123456", language="en", at=timezone.now())  # knows the new one
    as_it_was = User.objects.get(pk=user.pk)
    done = threading.Event()

    def click() -> None:
        come(event, as_it_was)
        done.set()

    meanwhile(click)
    change_address(user)
    assert done.wait(60)
    assert answers_of(event) == [(NEW, True)]


def test_one_click_after_the_address_has_changed_is_the_new_one_s():
    user, event = make_user(OLD), make_event()
    as_it_was = User.objects.get(pk=user.pk)
    change_address(user)
    come(event, as_it_was)
    assert answers_of(event) == [(NEW, True)]


def come(event, member: User) -> None:
    """A member's one click."""
    rsvps.rsvp(
        slot_of(event).pk,
        form_token=secrets.token_urlsafe(9),
        name="",
        email="",
        need="",
        party_size=1,
        language="en",
        neutral=False,
        remembered=None,
        member=member,
        at=timezone.now(),
    )
