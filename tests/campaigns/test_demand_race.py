"""Many hands at the same moment on demands: counts and places still agree with the rows."""

import contextlib
import threading
from functools import partial

import pytest
from django.utils import timezone

from campaigns.actions import demands
from campaigns.actions.demands import DemandRefused
from campaigns.models import Demand, DemandSupporter, DemandVersion
from hub import accounts
from hub.actions import AccountGone
from tests import races
from tests.factories import demand_details, make_demand, make_user

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
ROUNDS = 4
WAIT = 3  # seconds: long enough for a thread that opens its connection on a busy machine


def agrees(demand) -> bool:
    return (
        Demand.objects.get(pk=demand.pk).supporters == DemandSupporter.objects.filter(demand=demand).count()
    )


def test_members_who_support_and_withdraw_at_once_are_counted_as_they_stand():
    demand, people = make_demand(), [make_user() for _ in range(6)]
    for _round in range(ROUNDS):
        at = timezone.now()
        calls = [partial(demands.support_demand, demand, one, at=at) for one in (*people, *people[:3])]
        calls += [partial(demands.withdraw_support, demand, one, at=at) for one in people[:3]]
        races.at_once(calls)
        assert agrees(demand)
    for one in people:
        demands.support_demand(demand, one, at=timezone.now())
    assert Demand.objects.get(pk=demand.pk).supporters == len(people)


def test_whoever_supports_while_their_account_is_erased_is_gone_from_the_count():
    some = [make_demand() for _ in range(3)]
    for _round in range(ROUNDS):
        rosa, at = make_user(), timezone.now()
        calls = [partial(demands.support_demand, one, rosa, at=at) for one in some]
        races.at_once(
            [partial(races.outcome, call, AccountGone) for call in calls]
            + [partial(accounts.erase_account, rosa, at=at)]
        )
        assert [Demand.objects.get(pk=one.pk).supporters for one in some] == [0, 0, 0]


def test_places_stay_one_after_the_other_whoever_moves_adopts_and_retires():
    some = [make_demand() for _ in range(5)]
    proposals = [make_demand(status="proposed") for _ in range(3)]
    for place in (1, 5, 3):
        at = timezone.now()
        calls = [partial(demands.move_demand, one, place, by=None, at=at) for one in some[:3]]
        calls += [partial(demands.adopt_demand, one, by=None, at=at) for one in proposals]
        calls.append(partial(demands.retire_demand, some[4], by=None, at=at))
        races.at_once([partial(races.outcome, call, DemandRefused) for call in calls])
        orders = list(Demand.objects.adopted().values_list("order", flat=True))
        assert orders == list(range(1, len(orders) + 1))
        demands.adopt_demand(some[4], by=None, at=timezone.now())


@pytest.fixture
def both_between(monkeypatch):
    """Holds each of two editors after they have looked which version is the newest and before they write,
    until the other is there too: only with a lock one of them never comes, and the wait ends."""
    meeting, words_of = threading.Barrier(2), demands.words_of

    def waiting(version):
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=WAIT)
        return words_of(version)

    monkeypatch.setattr(demands, "words_of", waiting)


@pytest.mark.usefixtures("both_between")
def test_of_two_new_versions_at_once_one_is_made():
    demand = make_demand(status="proposed")
    Demand.objects.update(status="adopted", order=1)
    details = [demand_details(texts={"en": (f"Words {n}", "", "2027")}) for n in range(2)]
    calls = [partial(demands.edit_demand, demand, one, seen=1, by=None, at=timezone.now()) for one in details]
    found = races.at_once([partial(races.outcome, call, DemandRefused) for call in calls])
    assert sorted(found) == ["DemandRefused", "done"]
    assert DemandVersion.objects.filter(demand=demand).count() == 2
