"""Many hands at the same moment on one committee."""

import contextlib
import threading
from functools import partial

import pytest
from django.utils import timezone

from committees.actions import joining, members
from committees.actions.joining import RequestGone
from committees.models import Committee, Membership
from events.actions import events as event_actions
from events.models import Event
from hub import audit
from hub.models import Message, User
from tests import races
from tests.committees.test_committee_actions import edit
from tests.factories import event_details, make_application, make_committee, make_member, make_user

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
ROUNDS = 8
WAIT = 3  # seconds: long enough for a thread that opens its connection on a busy machine


@pytest.fixture
def both_between(monkeypatch):
    """Holds each of two leavers after their row is gone and before anybody looks who is left, until the
    other is there too: only with a lock one of them never comes, and the wait ends."""
    meeting, record = threading.Barrier(2), audit.record

    def waiting(action, *args, **kwargs):
        entry = record(action, *args, **kwargs)
        if action == "leave":
            with contextlib.suppress(threading.BrokenBarrierError):
                meeting.wait(timeout=WAIT)
        return entry

    monkeypatch.setattr(audit, "record", waiting)


@pytest.mark.usefixtures("both_between")
def test_two_last_coordinators_who_leave_at_once_leave_a_frozen_committee():
    committee = make_committee(stage="active")
    make_member(committee, role="coordinator")
    rosa = make_member(committee)
    coordinators = Membership.objects.coordinators().filter(committee=committee)
    people = [one.user for one in coordinators.select_related("user")]
    assert len(people) == 2
    races.at_once([partial(members.leave, committee, person, at=timezone.now()) for person in people])
    committee.refresh_from_db()
    assert not coordinators.exists()
    assert committee.frozen_at is not None
    assert Message.objects.filter(kind="committees.frozen", about_id=rosa.pk).count() == 1


def test_two_coordinators_who_remove_each_other_at_once_leave_one_or_a_frozen_committee():
    for _round in range(ROUNDS):
        committee = make_committee(stage="active")
        make_member(committee, role="coordinator")
        first, second = Membership.objects.coordinators().filter(committee=committee).select_related("user")
        races.at_once(
            [
                partial(members.remove, first.pk, reason="x", by=second.user, at=timezone.now()),
                partial(members.remove, second.pk, reason="x", by=first.user, at=timezone.now()),
            ]
        )
        committee.refresh_from_db()
        left = Membership.objects.coordinators().filter(committee=committee).count()
        assert (left == 0) == (committee.frozen_at is not None)


def test_two_answers_at_once_are_one():
    for _round in range(ROUNDS):
        request = make_member(make_committee(), pending=True)
        by = make_user()
        answers = [
            partial(joining.approve, request.pk, by=by, at=timezone.now()),
            partial(joining.decline, request.pk, word="", by=by, at=timezone.now()),
        ]
        outcomes = races.at_once([partial(races.outcome, one, RequestGone) for one in answers])
        assert sorted(outcomes) == ["RequestGone", "done"]
        told = Message.objects.filter(kind__in=("committees.approved", "committees.declined"))
        assert told.count() == 1
        told.delete()


def test_a_button_pressed_twice_at_once_makes_one_account_and_one_membership():
    for _round in range(ROUNDS):
        applications = [make_application(make_committee(), email=f"rosa{_round}@example.org") for _ in "ab"]
        races.at_once(
            [
                partial(joining.confirm_application, one.pk, timezone.now())
                for one in (*applications, *applications)
            ]
        )
        user = User.objects.get(email=f"rosa{_round}@example.org")
        assert user.memberships.count() == 2


def test_an_event_made_while_its_committee_is_hidden_does_not_stay_public():
    for _round in range(ROUNDS):
        committee = make_committee()
        details = event_details(committee=committee)
        races.at_once(
            [
                partial(edit, committee, visibility="hidden"),
                partial(event_actions.create_event, details, by=None, at=timezone.now()),
            ]
        )
        assert Committee.objects.get(pk=committee.pk).is_hidden
        assert Event.objects.get(committee=committee).visibility == "members"
