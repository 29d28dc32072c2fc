"""What an operator does with a committee, and what follows for its events."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from committees.actions import committees as actions
from committees.actions import members
from committees.actions.committees import CommitteeDetails, CommitteeRefused
from committees.models import Committee, Membership, Refusal
from events.actions import events as event_actions
from events.models import Event
from hub.models import AuditEntry, Message
from tests.factories import (
    event_details,
    make_admin,
    make_committee,
    make_event,
    make_member,
    make_moderator,
    make_user,
)

pytestmark = pytest.mark.django_db


def details_of(committee, **changes) -> CommitteeDetails:
    names = (
        *("campaign", "kind", "name", "about", "language", "question", "city", "region", "country"),
        *("latitude", "longitude", "zone", "visibility", "joining"),
    )
    return CommitteeDetails({name: getattr(committee, name) for name in names} | changes)


def edit(committee, **changes):
    return actions.edit_committee(committee, details_of(committee, **changes), by=None, at=timezone.now())


# --- From draft to closed ------------------------------------------------------------------------
def test_a_new_committee_is_a_draft_with_an_address_of_its_own():
    first, second = make_committee(published=False), make_committee(published=False)
    assert first.status == "draft"
    assert first.slug != second.slug
    assert first.slug.startswith("mission-committee-")


def test_the_address_follows_the_name_until_it_is_published():
    committee = make_committee(published=False)
    committee = edit(committee, name="Bayview Committee")
    assert committee.slug.startswith("bayview-committee-")
    committee = actions.publish_committee(committee, by=None, at=timezone.now())
    slug = committee.slug
    committee = edit(committee, name="Another name")
    assert committee.slug == slug


def test_unpublishing_is_immediate_and_keeps_who_belongs_to_it(visitor):
    committee = make_committee()
    make_member(committee)
    actions.unpublish_committee(committee, by=None, at=timezone.now())
    assert visitor.get(f"/committees/{committee.slug}/").status_code == 404
    assert Membership.objects.filter(committee=committee).count() == 1


def test_a_draft_can_be_deleted_and_what_was_published_can_not():
    draft, published = make_committee(published=False), make_committee()
    actions.delete_draft(draft, by=None, at=timezone.now())
    assert not Committee.objects.filter(pk=draft.pk).exists()
    with pytest.raises(CommitteeRefused, match="published"):
        actions.delete_draft(published, by=None, at=timezone.now())


def test_it_is_not_active_without_a_coordinator():
    committee = make_committee()
    with pytest.raises(CommitteeRefused, match="no_coordinator"):
        actions.activate_committee(committee, by=None, at=timezone.now())
    make_member(committee, role="coordinator")
    committee = actions.activate_committee(committee, by=None, at=timezone.now())
    assert (committee.stage, committee.active_since is not None) == ("active", True)


def test_a_frozen_one_goes_on_only_with_a_coordinator():
    committee = make_committee(frozen=True)
    with pytest.raises(CommitteeRefused, match="no_coordinator"):
        actions.unfreeze_committee(committee, by=None, at=timezone.now())
    with pytest.raises(CommitteeRefused, match="frozen"):
        actions.activate_committee(committee, by=None, at=timezone.now())
    make_member(committee, role="coordinator")
    assert actions.unfreeze_committee(committee, by=None, at=timezone.now()).frozen_at is None


def test_freezing_twice_tells_once():
    committee = make_committee()
    make_member(committee)
    for _ in range(2):
        committee = actions.freeze_committee(committee, by=None, at=timezone.now())
    assert Message.objects.filter(kind="committees.frozen").count() == 1


def test_a_closed_one_is_active_no_longer():
    committee = make_committee(stage="active")
    committee = actions.close_committee(committee, by=None, at=timezone.now())
    assert (committee.stage, committee.active_since) == ("closed", None)


def test_every_act_is_in_the_audit_log_with_public_fields_only():
    admin = make_admin()
    at = timezone.now()
    committee = make_committee(by=admin, at=at)
    actions.edit_committee(committee, details_of(committee, name="Sunset", about="New."), by=admin, at=at)
    for act in (actions.freeze_committee, actions.close_committee, actions.unpublish_committee):
        act(committee, by=admin, at=at)
    entries = AuditEntry.objects.filter(object_id=committee.pk)
    assert set(entries.values_list("action", flat=True)) == {
        *("create_committee", "publish_committee", "edit_committee"),
        *("freeze_committee", "set_stage", "unpublish_committee"),
    }
    assert {entry.actor_id for entry in entries} == {admin.pk}
    assert entries.get(action="edit_committee").changes == {"name": ["Mission Committee", "Sunset"]}


# --- Appointing ----------------------------------------------------------------------------------
def test_whoever_has_this_exact_address_is_appointed_and_told():
    committee, user, admin = (
        make_committee(),
        make_user("cora@example.org", display_name="Cora"),
        make_admin(),
    )
    actions.appoint_coordinator(committee, "Cora@Example.org", reason="elected", by=admin, at=timezone.now())
    membership = Membership.objects.get(committee=committee, user=user)
    assert (membership.role, membership.state, membership.display_name) == ("coordinator", "active", "Cora")
    entry = AuditEntry.objects.get(action="appoint_coordinator")
    assert (entry.actor_id, entry.subject_id, entry.reason) == (admin.pk, user.pk, "elected")
    assert Message.objects.filter(kind="committees.role_changed", about_id=membership.pk).count() == 1


@pytest.mark.parametrize("address", ["nobody@example.org", "off@example.org"])
def test_an_address_without_an_active_account_appoints_nobody_and_the_log_does_not_tell(address):
    make_user("off@example.org", is_active=False)
    made = actions.appoint_coordinator(make_committee(), address, reason="x", by=None, at=timezone.now())
    assert made is None
    assert not Membership.objects.exists()
    assert AuditEntry.objects.get(action="appoint_coordinator").reason == "x"


@pytest.mark.parametrize(
    ("make", "stage", "may"),
    [(make_moderator, "forming", False), (make_admin, "forming", True), (make_admin, "active", False)],
)
def test_only_an_administrator_appoints_themselves_where_nobody_coordinates(make, stage, may):
    committee, user = make_committee(stage=stage), make()
    appoint = partial(actions.appoint_coordinator, committee, user.email, reason="x", by=user)
    if may:
        assert appoint(at=timezone.now()).user == user
        return
    with pytest.raises(CommitteeRefused, match="own"):
        appoint(at=timezone.now())
    assert not Membership.objects.filter(user=user).exists()


def test_an_accepted_appointment_thaws_and_lifts_the_refusal():
    committee = make_committee(stage="active")
    cora = Membership.objects.get(committee=committee)
    rosa = make_member(committee)
    members.remove(rosa.pk, reason="x", by=cora.user, at=timezone.now())
    members.leave(committee, cora.user, at=timezone.now())
    committee.refresh_from_db()
    assert committee.frozen_at
    actions.appoint_coordinator(committee, rosa.user.email, reason="x", by=None, at=timezone.now())
    assert not Refusal.objects.exists()
    committee.refresh_from_db()
    assert committee.frozen_at
    for act in (actions.unfreeze_committee, actions.activate_committee):  # nobody is there yet, it seems
        with pytest.raises(CommitteeRefused):
            act(committee, by=None, at=timezone.now())
    for _twice in range(2):
        actions.accept_appointment(committee, rosa.user, at=timezone.now())
    committee.refresh_from_db()
    assert committee.frozen_at is None
    assert AuditEntry.objects.filter(action="accept_appointment", actor=rosa.user).count() == 1


def test_what_was_frozen_since_the_appointment_a_moderator_lets_go_on():
    committee, user, now = make_committee(), make_user(), timezone.now()
    actions.appoint_coordinator(committee, user.email, reason="x", by=None, at=now)
    actions.freeze_committee(committee, by=None, at=now + timedelta(minutes=1))
    actions.accept_appointment(committee, user, at=now + timedelta(minutes=2))
    committee.refresh_from_db()
    assert committee.frozen_at
    assert actions.unfreeze_committee(committee, by=None, at=now).frozen_at is None


def test_who_does_not_want_to_leaves_without_a_trace():
    committee, user = make_committee(), make_user()
    actions.appoint_coordinator(committee, user.email, reason="x", by=None, at=timezone.now())
    members.leave(committee, user, at=timezone.now())
    committee.refresh_from_db()
    assert committee.frozen_at is None  # or it would tell that somebody was there
    assert not Membership.objects.exists()


def test_the_last_who_has_accepted_leaves_it_frozen():
    committee = make_committee(stage="active")
    cora = Membership.objects.get(committee=committee)
    actions.appoint_coordinator(committee, make_user().email, reason="x", by=None, at=timezone.now())
    members.leave(committee, cora.user, at=timezone.now())
    committee.refresh_from_db()
    assert committee.frozen_at


def test_whoever_coordinates_it_already_stays_as_they_are():
    committee = make_committee(stage="active", frozen=True)
    cora = Membership.objects.get(committee=committee)
    actions.appoint_coordinator(committee, cora.user.email, reason="x", by=None, at=timezone.now())
    cora.refresh_from_db()
    assert cora.appointed_at is None
    assert actions.unfreeze_committee(committee, by=None, at=timezone.now()).frozen_at is None


def test_who_has_asked_to_join_can_be_appointed_and_the_answer_is_emptied():
    committee = make_committee()
    request = make_member(committee, pending=True, answer="I work nights")
    actions.appoint_coordinator(committee, request.user.email, reason="x", by=None, at=timezone.now())
    request.refresh_from_db()
    assert (request.state, request.role, request.answer) == ("active", "coordinator", "")


# --- Its events ----------------------------------------------------------------------------------
def hidden_events_are_for_members_only() -> bool:
    return not Event.objects.filter(committee__visibility="hidden").exclude(visibility="members").exists()


def test_hiding_a_committee_takes_its_events_along(visitor):
    committee = make_committee()
    event, other = make_event(committee=committee), make_event()
    assert visitor.get(f"/events/{event.slug}/").status_code == 200
    edit(committee, visibility="hidden")
    assert hidden_events_are_for_members_only()
    event.refresh_from_db()
    other.refresh_from_db()
    assert (event.visibility, other.visibility) == ("members", "public")
    assert visitor.get(f"/events/{event.slug}/").status_code == 404


def test_an_event_made_for_a_hidden_committee_is_for_its_members_whatever_the_form_says():
    make_event(committee=make_committee(visibility="hidden"), visibility="public")
    assert Event.objects.get().visibility == "members"


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
def test_no_edit_lets_an_event_of_a_hidden_committee_out(visibility):
    committee = make_committee(visibility="hidden")
    event = make_event(committee=committee, visibility="members")
    event_actions.edit_event(
        event, event_details(committee=committee, visibility=visibility), by=None, at=timezone.now()
    )
    assert hidden_events_are_for_members_only()


def test_an_event_given_to_a_hidden_committee_later_is_for_its_members():
    event, committee = make_event(), make_committee(visibility="hidden")
    event_actions.edit_event(event, event_details(committee=committee), by=None, at=timezone.now())
    assert hidden_events_are_for_members_only()


def test_events_of_others_stay_as_they_are():
    event = make_event(committee=make_committee(visibility="unlisted"), visibility="public")
    assert event.visibility == "public"
