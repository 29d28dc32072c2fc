"""Who belongs to a committee: the roster, roles, removing, leaving, freezing."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from committees.actions import committees, members
from committees.actions.members import MemberRefused
from committees.models import Membership, Refusal
from hub.models import AuditEntry, Message
from tests.cast import logged_in
from tests.factories import deliver_mail, make_committee, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    """An active committee with one coordinator."""
    return make_committee(stage="active")


@pytest.fixture
def cora(committee):
    """Its coordinator's browser."""
    return logged_in(Membership.objects.get(committee=committee).user)


def roster(committee) -> str:
    return f"/committees/{committee.slug}/members/"


def page_of(committee, membership) -> str:
    return f"{roster(committee)}{membership.pk}/"


# --- The roster ----------------------------------------------------------------------------------
def test_the_roster_shows_names_roles_and_requests_first(committee, cora):
    make_member(committee, name="Xiomara", at=timezone.now() - timedelta(days=3))
    make_member(committee, name="Yolanda", pending=True, answer="I drive a bus")
    page = cora.get(roster(committee)).content.decode()
    assert page.index("Yolanda") < page.index("Xiomara")
    assert "I drive a bus" in page
    assert "@" not in page.partition("<main")[2].partition("</main>")[0]


def test_the_roster_is_paged(committee, cora):
    for number in range(21):
        make_member(committee, name=f"Member {number:02}")
    first, second = cora.get(roster(committee)), cora.get(roster(committee) + "?page=2")
    assert first.content.decode().count('scope="row"') == 20
    assert second.content.decode().count('scope="row"') == 2


def test_the_queries_of_the_roster_don_t_grow(committee, cora, django_assert_max_num_queries):
    for number in range(15):
        make_member(committee, name=f"Member {number:02}", pending=number % 2 == 0)
    with django_assert_max_num_queries(12):
        cora.get(roster(committee))


def test_every_look_is_recorded(committee, cora):
    rosa = make_member(committee)
    before = AuditEntry.objects.filter(action="look_at_members").count()
    cora.get(roster(committee))
    cora.get(page_of(committee, rosa))
    entries = AuditEntry.objects.filter(action="look_at_members").order_by("at")
    assert entries.count() == before + 2
    assert [(one.actor_id, one.count) for one in entries] == [(cora.user.pk, 2), (cora.user.pk, 1)]
    assert entries[1].subject_id == rosa.user_id


def test_only_its_own_coordinators_see_it(committee, visitor, moderator, admin):
    rosa = make_member(committee)
    others = make_committee(stage="active")
    other_coordinator = Membership.objects.get(committee=others).user
    for path in (roster(committee), page_of(committee, rosa)):
        assert visitor.get(path).status_code == 302
        for client in (logged_in(rosa.user), logged_in(other_coordinator), moderator, admin):
            assert client.get(path).status_code == 403
    assert not AuditEntry.objects.filter(action="look_at_members").exists()


def test_a_member_of_another_committee_is_none_of_this_one(committee, cora):
    stranger = make_member(make_committee())
    assert cora.get(page_of(committee, stranger)).status_code == 404
    cora.post(page_of(committee, stranger), {"act": "remove", "reason": "x"})
    assert Membership.objects.filter(pk=stranger.pk).exists()


def test_a_coordinator_without_a_second_step_sees_no_names(committee, cora, settings):
    make_member(committee, name="Xiomara")
    settings.DEMO = False
    answer = cora.get(roster(committee))
    assert answer["Location"] == f"/account/second/app/?next={roster(committee)}"
    assert "Xiomara" not in answer.content.decode()
    assert not AuditEntry.objects.filter(action="look_at_members").exists()


def test_a_lost_role_is_lost_with_the_next_request(committee, cora):
    make_member(committee, role="coordinator")
    assert cora.get(roster(committee)).status_code == 200
    Membership.objects.filter(user=cora.user).update(role="member")
    assert cora.get(roster(committee)).status_code == 403


def test_nobody_caches_the_roster(committee, cora):
    assert cora.get(roster(committee))["Cache-Control"] == "private, no-store"


# --- What a coordinator does ---------------------------------------------------------------------
def test_a_coordinator_approves_and_declines_with_a_word(committee, cora):
    first, second = (make_member(committee, pending=True) for _ in range(2))
    assert cora.post(page_of(committee, first), {"act": "approve"}).status_code == 302
    cora.post(page_of(committee, second), {"act": "decline", "word": "Ask again in May."})
    first.refresh_from_db()
    assert first.state == "active"
    assert not Membership.objects.filter(pk=second.pk).exists()
    entry = AuditEntry.objects.get(action="decline_membership")
    assert (entry.reason, entry.subject, entry.actor_id) == ("Ask again in May.", second.user, cora.user.pk)


def test_a_word_that_is_too_long_is_kept_and_refused(committee, cora):
    request = make_member(committee, pending=True)
    answer = cora.post(page_of(committee, request), {"act": "decline", "word": "x" * 201})
    assert answer.status_code == 422
    assert "x" * 201 in answer.content.decode()
    assert Membership.objects.filter(pk=request.pk).exists()


def test_who_comes_too_late_is_told(committee, cora):
    request = make_member(committee, pending=True)
    path = page_of(committee, request)
    cora.post(path, {"act": "decline"})
    answer = cora.post(path, {"act": "approve"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    rosa = make_member(committee)
    answer = cora.post(page_of(committee, rosa), {"act": "approve"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()


def test_roles_are_handed_out_and_told(committee, cora):
    rosa = make_member(committee)
    Message.objects.all().delete()
    cora.post(page_of(committee, rosa), {"act": "role", "role": "coordinator"})
    rosa.refresh_from_db()
    assert rosa.role == "coordinator"
    assert logged_in(rosa.user).get(roster(committee)).status_code == 200
    cora.post(page_of(committee, rosa), {"act": "role", "role": "member"})
    rosa.refresh_from_db()
    assert rosa.role == "member"
    assert Message.objects.filter(kind="committees.role_changed", about_id=rosa.pk).count() == 2
    cora.post(page_of(committee, rosa), {"act": "role", "role": "king"})
    rosa.refresh_from_db()
    assert rosa.role == "member"


def test_removing_needs_a_reason_deletes_the_row_and_leaves_a_mark(committee, cora):
    rosa = make_member(committee, make_user("rosa@example.org"), name="Rosa")
    assert cora.post(page_of(committee, rosa), {"act": "remove", "reason": " "}).status_code == 422
    assert cora.post(page_of(committee, rosa), {"act": "remove", "reason": "Threats"}).status_code == 302
    assert not Membership.objects.filter(pk=rosa.pk).exists()
    assert len(bytes(Refusal.objects.get().mark)) == 32
    entry = AuditEntry.objects.get(action="remove_member")
    assert (entry.reason, entry.subject_id) == ("Threats", rosa.user_id)
    page = cora.get(roster(committee)).content.decode()
    assert "Removed in the last year" in page
    assert "Rosa" not in page


def test_nobody_removes_themselves(committee, cora):
    own = Membership.objects.get(user=cora.user)
    answer = cora.post(page_of(committee, own), {"act": "remove", "reason": "x"})
    assert answer.status_code == 422
    assert "You can&#x27;t remove yourself" in answer.content.decode() or "remove yourself" in (
        answer.content.decode()
    )
    with pytest.raises(MemberRefused, match="yourself"):
        members.remove(own.pk, reason="x", by=cora.user, at=timezone.now())


def test_a_refusal_is_lifted_from_the_roster(committee, cora):
    rosa = make_member(committee)
    cora.post(page_of(committee, rosa), {"act": "remove", "reason": "x"})
    refusal = Refusal.objects.get()
    lift = f"/committees/{committee.slug}/refusals/{refusal.pk}/lift/"
    assert logged_in(make_user()).post(lift).status_code == 403
    assert cora.post(lift).status_code == 302
    assert not Refusal.objects.exists()


def test_a_refusal_of_another_committee_is_not_lifted_from_here(committee, cora):
    other = make_committee(stage="active")
    by = Membership.objects.get(committee=other).user
    members.remove(make_member(other).pk, reason="x", by=by, at=timezone.now())
    refusal = Refusal.objects.get()
    cora.post(f"/committees/{committee.slug}/refusals/{refusal.pk}/lift/")
    assert Refusal.objects.exists()


# --- Leaving and freezing ------------------------------------------------------------------------
def is_frozen(committee) -> bool:
    committee.refresh_from_db()
    return committee.frozen_at is not None


def test_leaving_leaves_no_row_and_no_name(committee):
    rosa = make_member(committee)
    client = logged_in(rosa.user)
    assert client.get(f"/committees/{committee.slug}/leave/").status_code == 405
    answer = client.post(f"/committees/{committee.slug}/leave/")
    assert answer["Location"] == "/committees/left/"
    assert not Membership.objects.filter(user=rosa.user).exists()
    assert not AuditEntry.objects.filter(subject=rosa.user).exists()
    assert not AuditEntry.objects.filter(actor=rosa.user).exclude(action="approve_membership").exists()
    assert not is_frozen(committee)
    assert client.post(f"/committees/{committee.slug}/leave/").status_code == 403


def test_a_request_is_taken_back_by_leaving(committee):
    request = make_member(committee, pending=True)
    logged_in(request.user).post(f"/committees/{committee.slug}/leave/")
    assert not Membership.objects.filter(pk=request.pk).exists()


@pytest.mark.parametrize("how", ["leaves", "gives up", "erases"])
def test_the_last_coordinator_leaves_a_frozen_committee_and_the_members_are_told(committee, cora, how):
    rosa = make_member(committee)
    own = Membership.objects.get(user=cora.user)
    match how:
        case "leaves":
            cora.post(f"/committees/{committee.slug}/leave/")
        case "gives up":
            cora.post(page_of(committee, own), {"act": "role", "role": "member"})
        case "erases":
            members.leave_everywhere(cora.user, at=timezone.now())
    assert is_frozen(committee)
    told = Message.objects.filter(kind="committees.frozen").values_list("about_id", flat=True)
    assert set(told) == {rosa.pk} | ({own.pk} if how == "gives up" else set())


def test_the_last_but_one_leaves_it_going_on(committee, cora):
    make_member(committee, role="coordinator")
    cora.post(f"/committees/{committee.slug}/leave/")
    assert not is_frozen(committee)


def test_a_removed_last_coordinator_freezes_it(committee, cora):
    """Only by the action: a coordinator who removes another one is one themselves."""
    own = Membership.objects.get(user=cora.user)
    members.remove(own.pk, reason="x", by=make_user(), at=timezone.now())
    assert is_frozen(committee)


def test_nobody_acts_for_a_frozen_committee(committee, cora):
    rosa = make_member(committee, pending=True)
    type(committee).objects.update(frozen_at=timezone.now())
    assert cora.get(roster(committee)).status_code == 403
    assert cora.post(page_of(committee, rosa), {"act": "approve"}).status_code == 403


def test_nobody_is_promoted_when_it_freezes(committee, cora):
    make_member(committee)
    cora.post(f"/committees/{committee.slug}/leave/")
    assert not Membership.objects.coordinators().exists()


# --- One's own settings --------------------------------------------------------------------------
def test_a_member_changes_name_and_consents(committee):
    rosa = make_member(committee, name="Rosa")
    client, path = logged_in(rosa.user), f"/committees/{committee.slug}/me/"
    assert 'value="Rosa"' in client.get(path).content.decode()
    client.post(path, {"name": "R.", "takes_mail": "on"})
    rosa.refresh_from_db()
    assert (rosa.display_name, rosa.shows_name, rosa.takes_mail) == ("R.", False, True)
    assert client.post(path, {"name": ""}).status_code == 422


def test_others_have_no_settings(committee, visitor, member):
    path = f"/committees/{committee.slug}/me/"
    assert visitor.get(path)["Location"].startswith("/account/login/?next=")
    assert member.get(path).status_code == 403
    request = make_member(committee, pending=True)
    assert logged_in(request.user).get(path).status_code == 403


def test_members_read_who_coordinates_of_those_who_agreed(committee, cora):
    own = Membership.objects.get(user=cora.user)
    members.save_own_settings(own, name="Cora Zinnia", shows_name=False, takes_mail=False, at=timezone.now())
    rosa, page = make_member(committee), f"/committees/{committee.slug}/"
    assert b"Cora Zinnia" not in logged_in(rosa.user).get(page).content
    members.save_own_settings(own, name="Cora Zinnia", shows_name=True, takes_mail=False, at=timezone.now())
    assert b"Cora Zinnia" in logged_in(rosa.user).get(page).content
    asking = make_member(committee, pending=True)
    for client in (logged_in(None), logged_in(make_user()), logged_in(asking.user)):
        assert b"Cora Zinnia" not in client.get(page).content


# --- What a moderator appointed one to -------------------------------------------------------------
def test_who_is_appointed_reads_it_and_says_yes_by_a_button(committee, member, visitor):
    committees.appoint_coordinator(committee, member.user.email, reason="x", by=None, at=timezone.now())
    (told,) = [mail for mail in deliver_mail() if mail.to == [member.user.email]]
    assert "A moderator has appointed you to coordinate this group" in told.body
    page, button = f"/committees/{committee.slug}/", f"/committees/{committee.slug}/accept/"
    assert button in member.get(page).content.decode()
    assert visitor.post(button).status_code == 302
    assert logged_in(make_user()).post(button).status_code == 403
    assert member.post(button)["Location"] == page
    shown = member.get(page).content.decode()
    assert button not in shown
    assert "You coordinate this committee" in shown


# --- What has been done is said --------------------------------------------------------------------
def told(client, answer) -> str:
    """The words on the page an act leads to, once."""
    pages = [client.get(answer["Location"]).content.decode() for _twice in range(2)]
    said = r'<p class="notice notice-success" role="status">([^<]*)</p>'
    words = [re.findall(said, page) for page in pages]
    assert words[1] == []
    return words[0][0]


def test_the_roster_says_what_was_done(committee, cora):
    asking = [make_member(committee, pending=True) for _number in range(2)]
    rosa, path = make_member(committee), roster(committee)
    for membership, typed, words in (
        (asking[0], {"act": "approve"}, "Approved. We write to them."),
        (asking[1], {"act": "decline", "word": ""}, "Declined. We write to them."),
        (rosa, {"act": "role", "role": "coordinator"}, "The role is saved."),
        (rosa, {"act": "remove", "reason": "x"}, "Removed. We write to them."),
    ):
        assert told(cora, cora.post(page_of(committee, membership), typed)) == words
    refusal = Refusal.objects.get()
    lifted = cora.post(f"/committees/{committee.slug}/refusals/{refusal.pk}/lift/")
    assert lifted["Location"] == path
    assert told(cora, lifted) == "They can ask again."


def test_one_s_own_page_says_what_was_done(committee):
    rosa = logged_in(make_member(committee).user)
    saved = rosa.post(f"/committees/{committee.slug}/me/", {"name": "R."})
    assert told(rosa, saved) == "Saved."
    asking = logged_in(make_member(committee, pending=True).user)
    back = asking.post(f"/committees/{committee.slug}/leave/")
    assert back["Location"] == "/me/"
    assert told(asking, back) == "Your request is taken back."
