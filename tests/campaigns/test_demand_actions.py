"""Demands: proposed, worded, adopted, put in order, retired and supported."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from campaigns.actions import demands
from campaigns.actions.demands import DemandRefused, Words, words_of
from campaigns.models import Appeal, Demand, DemandSupporter, DemandText, DemandVersion
from hub import accounts
from hub.models import AuditEntry, TaggedItem
from hub.personal import export_all
from tests.factories import (
    demand_details,
    make_admin,
    make_campaign,
    make_campaign_coordinator,
    make_demand,
    make_moderator,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LATER = {
    "en": ("Free shelter for everyone", "A home is **no** commodity.", "2027, conference"),
    "es": ("Refugio gratuito", "La vivienda **no** se vende.", "2027, conferencia"),
}


def change(demand, *, seen=None, correction=False, **details):
    details = demand_details(**{"campaign": demand.campaign, **details})
    seen = seen or demand.newest
    return demands.edit_demand(demand, details, seen=seen, correction=correction, by=None, at=NOW)


def in_order(campaign=None):
    rows = Demand.objects.adopted()
    return list((rows.filter(campaign=campaign) if campaign else rows).values_list("slug", "order"))


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(DemandRefused) as caught:
        call(*args, **kwargs)
    return caught.value.reason


# --- Words -----------------------------------------------------------------------------------------
def test_a_proposal_is_seen_by_those_who_run_its_campaign():
    demand = make_demand(status="proposed")
    other = make_campaign()
    seen = {
        name: Demand.objects.visible_to(user).filter(pk=demand.pk).exists()
        for name, user in (
            ("member", make_user()),
            ("own", make_campaign_coordinator(demand.campaign)),
            ("other", make_campaign_coordinator(other)),
            ("moderator", make_moderator()),
            ("admin", make_admin()),
        )
    }
    assert seen == {"member": False, "own": True, "other": False, "moderator": True, "admin": True}
    assert not Demand.objects.adopted().exists()


def test_two_coordinators_make_no_row_twice():
    demand = make_demand()
    user = make_campaign_coordinator(demand.campaign)
    make_campaign_coordinator(demand.campaign)
    assert Demand.objects.visible_to(user).count() == 1


def test_words_of_a_proposal_change_in_place():
    demand = make_demand(status="proposed")
    slug = demand.slug
    demand = change(demand, texts={"en": ("Homes for all", "", "")})
    assert demand.newest == 1
    assert demand.slug != slug
    assert demand.slug.startswith("homes-for-all-")
    assert words_of(DemandVersion.objects.get(demand=demand)) == {"en": Words("Homes for all")}


def test_changed_words_of_an_adopted_demand_are_a_version():
    demand = make_demand()
    slug, before = demand.slug, words_of(DemandVersion.objects.get(demand=demand))
    demand = change(demand, texts=LATER)
    assert (demand.newest, demand.slug) == (2, slug)
    assert words_of(DemandVersion.objects.get(demand=demand, number=1)) == before
    assert {text.title for text in DemandText.objects.in_force()} == {LATER["en"][0], LATER["es"][0]}
    entry = AuditEntry.objects.get(action="edit_demand")
    assert entry.changes == {"version": ["1", "2"]}


def test_the_same_words_are_no_version():
    demand = make_demand()
    demand = change(demand, tags=["health", "rights"])
    assert demand.newest == 1
    assert sorted(demand.tags.names()) == ["health", "rights"]
    assert AuditEntry.objects.get(action="edit_demand").changes == {"tags": ["housing", "health, rights"]}


def test_of_two_editors_the_second_is_told():
    demand = make_demand()
    change(demand, texts=LATER)
    assert refusal(change, demand, seen=1, texts={"en": ("Mine", "", "today")}) == "changed"
    assert DemandVersion.objects.count() == 2


def test_words_nobody_adopted_are_neither_adopted_nor_a_version():
    proposal = make_demand(status="proposed", texts={"en": ("Title", "", " ")})
    assert refusal(demands.adopt_demand, proposal, by=None, at=NOW) == "adopted"
    demand = make_demand()
    assert refusal(change, demand, texts={"en": ("Other", "", "")}) == "adopted"
    assert Demand.objects.get(pk=demand.pk).newest == 1


@pytest.mark.parametrize("status", ["adopted", "retired"])
def test_new_words_do_not_keep_the_old_adoption(status):
    demand = make_demand(status=status)
    old = demand_details(campaign=demand.campaign).texts
    one_kept = {**LATER, "es": (*LATER["es"][:2], f" {old['es'].adopted} ")}
    assert refusal(change, demand, texts=one_kept) == "anew"
    assert Demand.objects.get(pk=demand.pk).newest == 1
    assert change(demand, texts=one_kept, correction=True).newest == 2
    untouched = {"en": ("Homes for all", "", "2028, Fresno"), "es": one_kept["es"]}
    assert change(Demand.objects.get(pk=demand.pk), texts=untouched).newest == 3


def test_words_in_another_language_may_have_been_adopted_the_same_day():
    demand = make_demand(texts={"en": ("Shelter", "", "2020")})
    assert change(demand, texts={"en": ("Shelter", "", "2020"), "es": ("Refugio", "", "2020")}).newest == 2


def test_how_a_browser_ends_lines_changes_no_words():
    demand = make_demand(texts={"en": ("Shelter", "One.\r\nTwo.", "2020")})
    assert change(demand, texts={"en": ("Shelter", "One.\nTwo.", "2020")}).newest == 1


def test_an_adopted_demand_stays_with_its_campaign_and_is_not_deleted():
    demand, other = make_demand(), make_campaign()
    assert refusal(change, demand, campaign=other) == "public"
    assert refusal(demands.delete_proposal, demand, by=None, at=NOW) == "public"
    proposal = make_demand(status="proposed")
    assert change(proposal, campaign=other).campaign == other


def test_a_deleted_proposal_leaves_nothing():
    proposal = make_demand(status="proposed", tags=["housing"])
    demands.delete_proposal(proposal, by=None, at=NOW)
    kind = ContentType.objects.get_for_model(Demand)
    assert not TaggedItem.objects.filter(content_type=kind).exists()
    assert not DemandText.objects.exists()
    assert refusal(demands.adopt_demand, proposal, by=None, at=NOW) == "gone"


# --- Order -----------------------------------------------------------------------------------------
def test_adopted_demands_are_numbered_in_order_and_close_up():
    some = [make_demand(texts={"en": (name, "", "2020")}) for name in "abcd"]
    make_demand(status="proposed")
    other = make_demand(campaign=make_campaign())
    names = [one.slug for one in some]
    own = some[0].campaign

    assert [order for _slug, order in in_order(own)] == [1, 2, 3, 4]
    demands.move_demand(some[3], 1, by=None, at=NOW)
    assert in_order(own) == [(names[3], 1), (names[0], 2), (names[1], 3), (names[2], 4)]
    demands.move_demand(some[3], 3, by=None, at=NOW)
    assert in_order(own) == [(names[0], 1), (names[1], 2), (names[3], 3), (names[2], 4)]
    demands.move_demand(some[0], 99, by=None, at=NOW)
    assert in_order(own) == [(names[1], 1), (names[3], 2), (names[2], 3), (names[0], 4)]
    demands.retire_demand(some[3], by=None, at=NOW)
    assert in_order(own) == [(names[1], 1), (names[2], 2), (names[0], 3)]
    demands.adopt_demand(some[3], by=None, at=NOW)
    assert in_order(own)[-1] == (names[3], 4)
    assert Demand.objects.get(pk=other.pk).order == 1


def test_what_is_not_adopted_has_no_place():
    proposal, retired = make_demand(status="proposed"), make_demand(status="retired")
    for one in (proposal, retired):
        assert refusal(demands.move_demand, one, 1, by=None, at=NOW) == "not-adopted"
        assert refusal(demands.retire_demand, one, by=None, at=NOW) == "not-adopted"


def test_each_step_is_in_the_log_with_who_did_it():
    by = make_admin()
    demand = make_demand(status="retired", by=by)
    first = make_demand(by=by)
    make_demand(by=by)
    demands.move_demand(first, 2, by=by, at=NOW)
    log = (
        AuditEntry.objects.filter(object_id=demand.pk).order_by("at", "action").values_list("action", "actor")
    )
    assert set(log) == {(name, by.pk) for name in ("propose_demand", "adopt_demand", "retire_demand")}
    assert AuditEntry.objects.get(action="move_demand").changes == {"order": ["1", "2"]}


def test_what_an_appeal_carries_is_logged():
    demand = make_demand()
    appeal = Appeal.objects.create(campaign=demand.campaign, slug="call")
    demands.carry_demands(appeal, [demand], by=None, at=NOW)
    demands.carry_demands(appeal, [demand], by=None, at=NOW)
    assert list(demand.appeals.all()) == [appeal]
    assert AuditEntry.objects.get(action="carry_demands").changes == {"demands": ["", demand.slug]}


# --- Support ---------------------------------------------------------------------------------------
def counted(demand) -> tuple[int, int]:
    return Demand.objects.get(pk=demand.pk).supporters, DemandSupporter.objects.filter(demand=demand).count()


def test_support_counts_once_and_is_taken_back():
    demand, rosa, karl = make_demand(), make_user(), make_user()
    for member in (rosa, rosa, karl):
        demands.support_demand(demand, member, at=NOW)
    assert counted(demand) == (2, 2)
    for _again in range(2):
        demands.withdraw_support(demand, rosa, at=NOW)
    assert counted(demand) == (1, 1)


@pytest.mark.parametrize("status", ["proposed", "retired"])
def test_only_an_adopted_demand_takes_support(status):
    demand, rosa = make_demand(status=status), make_user()
    assert refusal(demands.support_demand, demand, rosa, at=NOW) == "not-adopted"
    assert counted(demand) == (0, 0)


def test_support_of_a_retired_demand_can_still_be_taken_back():
    demand, rosa = make_demand(), make_user()
    demands.support_demand(demand, rosa, at=NOW)
    demands.retire_demand(demand, by=None, at=NOW)
    demands.withdraw_support(demand, rosa, at=NOW)
    assert counted(demand) == (0, 0)


def test_the_log_does_not_say_who_supports_what():
    demand, rosa = make_demand(), make_user()
    demands.support_demand(demand, rosa, at=NOW)
    demands.withdraw_support(demand, rosa, at=NOW)
    entries = AuditEntry.objects.filter(action__in=["support_demand", "withdraw_support"])
    assert entries.count() == 2
    assert set(entries.values_list("actor", "subject")) == {(None, None)}


def test_support_is_handed_out_and_goes_with_the_account():
    demand, rosa = make_demand(), make_campaign_coordinator(make_campaign(title="Our campaign"))
    demands.support_demand(demand, rosa, at=NOW)
    held = export_all(rosa)
    assert held["demands_you_support"] == [demand.slug]
    assert [run["campaign"] for run in held["campaigns_you_run"]] == ["Our campaign"]
    accounts.erase_account(rosa, at=NOW)
    assert counted(demand) == (0, 0)


def test_support_follows_a_changed_address():
    demand, rosa = make_demand(), make_user("rosa@relay.example")
    demands.support_demand(demand, rosa, at=NOW)
    accounts.follow_address("rosa@relay.example", "new@relay.example", at=NOW + timedelta(minutes=1))
    assert counted(demand) == (1, 1)
