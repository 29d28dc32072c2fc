"""A committee's support of a demand: who gives it, and that none is named that isn't for everybody."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import demands as demand_actions
from campaigns.actions.demands import DemandRefused
from committees.actions import demands as actions
from committees.actions.demands import SupportRefused
from committees.models import Committee, DemandSupport
from hub.models import AuditEntry
from tests.cast import logged_in
from tests.factories import make_committee, make_demand, make_member

pytestmark = pytest.mark.django_db
NAME = "Committee with a name of its own"


@pytest.fixture
def demand(db):
    return make_demand()


def form(demand) -> str:
    return f"/demands/{demand.slug}/committee/"


def read(client, demand) -> str:
    return client.get(f"/demands/{demand.slug}/").content.decode()


def named(committee, demand):
    actions.give_support(committee, demand, by=None, at=timezone.now())


# --- By a coordinator -------------------------------------------------------------------------------
def test_a_coordinator_gives_and_takes_back_the_support_of_their_committee(coordinator, visitor, demand):
    assert form(demand) in read(coordinator, demand)
    assert coordinator.committee.name in coordinator.get(form(demand)).content.decode()
    fields = {"committee": str(coordinator.committee.pk)}
    for _twice in range(2):
        answer = coordinator.post(form(demand), fields)
        assert answer["Location"] == f"/demands/{demand.slug}/#support"
    assert DemandSupport.objects.get().committee == coordinator.committee
    assert AuditEntry.objects.get(action="give_support").actor == coordinator.user
    page = read(visitor, demand)
    assert coordinator.committee.name in page
    assert "Supported by 1 committee" in page
    assert "Supported by 1 committee" in visitor.get("/demands/").content.decode()
    coordinator.post(form(demand), {**fields, "act": "withdraw"})
    assert not DemandSupport.objects.exists()
    assert coordinator.committee.name not in read(visitor, demand)


def test_nobody_else_gives_it(visitor, member, moderator, admin, demand):
    committee = make_committee()
    person = logged_in(make_member(committee).user)
    fields = {"committee": str(committee.pk)}
    assert "login" in visitor.post(form(demand), fields)["Location"]
    for client in (member, person, moderator, admin):
        assert client.post(form(demand), fields).status_code == 403
        assert form(demand) not in read(client, demand)
    assert not DemandSupport.objects.exists()


def test_not_for_a_committee_of_somebody_else(coordinator, demand):
    other = make_committee(name=NAME)
    for value in (str(other.pk), "", "x"):
        answer = coordinator.post(form(demand), {"committee": value})
        assert answer.status_code == 403
        assert "Choose a committee you coordinate." in answer.content.decode()
        assert NAME not in answer.content.decode()
    assert not DemandSupport.objects.exists()


def test_not_for_one_that_stands_still(coordinator, demand):
    Committee.objects.update(frozen_at=timezone.now())
    fields = {"committee": str(coordinator.committee.pk)}
    assert coordinator.post(form(demand), fields).status_code == 403


def test_it_wants_the_second_factor(coordinator, demand, settings):
    reverse("home")
    settings.DEMO = False
    for answer in (
        coordinator.get(form(demand)),
        coordinator.post(form(demand), {"committee": str(coordinator.committee.pk)}),
    ):
        assert "second" in answer["Location"]
    assert not DemandSupport.objects.exists()


@pytest.mark.parametrize("status", ["proposed", "retired"])
def test_only_an_adopted_demand_takes_it(coordinator, status):
    demand = make_demand(status=status)
    answer = coordinator.post(form(demand), {"committee": str(coordinator.committee.pk)})
    assert answer.status_code == (404 if status == "proposed" else 410)
    with pytest.raises(DemandRefused):
        named(coordinator.committee, demand)


# --- Who is never named -----------------------------------------------------------------------------
HIDING = [{"visibility": "hidden"}, {"visibility": "unlisted"}, {"kind": "workplace"}, {"status": "draft"},
          {"stage": "closed"}]  # fmt: skip


@pytest.mark.parametrize("change", HIDING, ids=str)
def test_one_that_is_not_for_everybody_can_t(coordinator, change, demand):
    Committee.objects.update(**change)
    with pytest.raises(SupportRefused):
        named(coordinator.committee, demand)
    answer = coordinator.post(form(demand), {"committee": str(coordinator.committee.pk)})
    assert answer.status_code in (403, 422)
    assert not DemandSupport.objects.exists()


@pytest.mark.parametrize("change", HIDING, ids=str)
@pytest.mark.parametrize("role", ["visitor", "member", "coordinator", "moderator", "admin"])
def test_one_that_is_no_more_for_everybody_is_neither_named_nor_counted(cast, role, change, demand):
    committee = make_committee(name=NAME)
    named(committee, demand)
    assert NAME in read(cast[role], demand)
    Committee.objects.filter(pk=committee.pk).update(**change)
    for path in (f"/demands/{demand.slug}/", "/demands/", f"/es/demands/{demand.slug}/"):
        page = cast[role].get(path).content.decode()
        assert NAME not in page
        assert "Supported by" not in page
        assert "Con el apoyo" not in page


def test_its_coordinators_read_that_it_is_not_named_and_can_take_it_back(coordinator, demand):
    named(coordinator.committee, demand)
    Committee.objects.update(visibility="hidden")
    assert "is not named" in coordinator.get(form(demand)).content.decode()
    coordinator.post(form(demand), {"committee": str(coordinator.committee.pk), "act": "withdraw"})
    assert not DemandSupport.objects.exists()


def test_a_committee_stays_with_a_retired_demand_and_may_leave_it(coordinator, demand):
    named(coordinator.committee, demand)
    demand_actions.retire_demand(demand, by=None, at=timezone.now())
    page = coordinator.get(form(demand))
    assert page.status_code == 410
    assert "Take its support back" in page.content.decode()
    coordinator.post(form(demand), {"committee": str(coordinator.committee.pk), "act": "withdraw"})
    assert not DemandSupport.objects.exists()


def test_those_beyond_the_list_are_a_number(visitor, demand):
    for n in range(32):
        named(make_committee(name=f"Committee {n:02}"), demand)
    page = read(visitor, demand)
    assert "Committee 29" in page
    assert "Committee 30" not in page
    assert "And 2 more." in page
