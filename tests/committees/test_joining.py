"""Joining: as a newcomer by the code of a mail, with an account in one step, and the coordinators' answer."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from committees.actions import committees as committee_actions
from committees.actions import joining, members
from committees.actions.joining import JoinRefused, RequestGone
from committees.models import Application, Committee, Membership, Refusal
from hub import accounts, links
from hub import actions as ground
from hub.models import Confirmation, Mailbox, Message, SubmittedForm, User
from tests.cast import logged_in
from tests.factories import (
    deliver_mail,
    make_application,
    make_committee,
    make_member,
    make_user,
    posted_form,
)

pytestmark = pytest.mark.django_db

ROSA = "rosa@example.org"


def post_join(client, committee, **fields):
    data = posted_form(**{"name": "Rosa", "email": ROSA, **fields})
    return client.post(f"/committees/{committee.slug}/join/", data)


def code_of() -> str:
    newest = Confirmation.objects.latest("made_at")
    return links.code("confirm", newest.pk)


def send_code(client, url, code=None):
    return client.post(url, {"act": "code", "code": code or code_of()})


# --- A newcomer ----------------------------------------------------------------------------------
def test_a_newcomer_joins_by_code(visitor):
    committee = make_committee(question="Where do you live?")
    answer = post_join(visitor, committee, answer="Valencia Street")
    assert answer.status_code == 302
    assert re.fullmatch(r"/t/[\w-]{32}/", answer["Location"])
    page = visitor.get(answer["Location"])
    assert "We have written to you" in page.content.decode()
    assert not User.objects.exists()

    (mail,) = deliver_mail()
    assert mail.to == [ROSA]
    assert "Rosa" not in mail.body
    assert "Valencia" not in mail.body
    after = send_code(visitor, answer["Location"], re.search(r"\b\d{6}\b", mail.body)[0])
    assert (after.status_code, after["Location"]) == (302, f"/committees/{committee.slug}/")

    user = User.objects.get()
    assert (user.email, user.display_name, user.has_usable_password()) == (ROSA, "Rosa", False)
    membership = Membership.objects.get()
    assert (membership.user_id, membership.state, membership.answer) == (
        user.pk,
        "pending",
        "Valencia Street",
    )
    assert (membership.shows_name, membership.takes_mail) == (False, False)
    assert not Application.objects.exists()
    assert visitor.session["_auth_user_id"] == str(user.pk)
    assert "You have asked to join" in visitor.get(after["Location"]).content.decode()


def test_in_an_open_committee_the_code_makes_a_member(visitor):
    committee = make_committee(joining="open", question="Never asked")
    page = visitor.get(f"/committees/{committee.slug}/join/").content.decode()
    assert "Never asked" not in page
    url = post_join(visitor, committee)["Location"]
    send_code(visitor, url)
    membership = Membership.objects.get()
    assert (membership.state, membership.since is not None) == ("active", True)
    assert "You belong to this committee" in visitor.get(f"/committees/{committee.slug}/").content.decode()


def test_the_button_of_the_mail_does_the_same_and_logs_nobody_in(visitor):
    committee = make_committee()
    application = make_application(committee, email=ROSA)
    token = links.token("confirm", Confirmation.objects.get().pk)
    page = visitor.get(f"/confirm/{token}/").content.decode()
    assert committee.name in page
    answer = visitor.post(f"/confirm/{token}/", {"act": f"{joining.ACT_KIND}:{application.pk}"})
    assert answer["Location"] == f"/committees/{committee.slug}/join/done/"
    assert "log in" in visitor.get(answer["Location"]).content.decode()
    assert Membership.objects.get().user.email == ROSA
    assert "_auth_user_id" not in visitor.session


def test_a_newcomer_with_an_account_keeps_it_and_is_logged_in(visitor):
    user = make_user(ROSA, display_name="Rosalind")
    committee = make_committee()
    url = post_join(visitor, committee, name="Rosa of the Mission")["Location"]
    send_code(visitor, url)
    assert User.objects.count() == 1
    membership = Membership.objects.get()
    assert (membership.user_id, membership.display_name) == (user.pk, "Rosa of the Mission")
    user.refresh_from_db()
    assert user.display_name == "Rosalind"
    assert user.has_usable_password()
    assert visitor.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize("how", ["staff", "moderator", "second step"])
def test_the_code_of_a_form_lets_nobody_into_an_account_that_may_do_more(visitor, how, monkeypatch):
    user = make_user(ROSA, is_staff=how == "staff")
    if how == "moderator":
        user.groups.add(Group.objects.get_or_create(name="Moderators")[0])
    if how == "second step":
        monkeypatch.setattr("committees.views.joining.has_authenticator", lambda user: True)
    committee = make_committee()
    after = send_code(visitor, post_join(visitor, committee)["Location"])
    assert after["Location"] == f"/committees/{committee.slug}/join/done/"
    assert "_auth_user_id" not in visitor.session
    assert Membership.objects.get().user_id == user.pk


def test_the_code_does_not_log_out_who_is_logged_in(member):
    application = make_application(make_committee(), email=ROSA)
    send_code(member, f"/t/{application.token}/")
    assert member.session["_auth_user_id"] == str(member.user.pk)


def test_a_switched_off_account_does_not_come_back_by_joining(visitor):
    make_user(ROSA, is_active=False)
    url = post_join(visitor, make_committee())["Location"]
    assert send_code(visitor, url).status_code == 422
    assert not Membership.objects.exists()
    assert "_auth_user_id" not in visitor.session


def test_known_and_unknown_addresses_get_the_same_answer_and_the_same_mail():
    committee = make_committee()
    make_user("known@example.org", display_name="Known")
    make_member(committee, make_user("inside@example.org"))
    Message.objects.all().delete()
    seen = []
    for address in ("new@example.org", "known@example.org", "inside@example.org"):
        browser = Client()
        answer = post_join(browser, committee, email=address)
        page = browser.get(answer["Location"])
        body = re.sub(r'value="[^"]*"|/t/[\w-]{32}/', "", page.content.decode())
        (mail,) = deliver_mail()
        text = re.sub(r"https?://\S+|\b\d{6}\b", "", mail.body)
        seen.append((answer.status_code, page.status_code, body, mail.subject, text, sorted(browser.cookies)))
    assert seen[0] == seen[1] == seen[2]


def test_wrong_codes_are_counted_and_told(visitor):
    url = post_join(visitor, make_committee())["Location"]
    right = code_of()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        answer = send_code(visitor, url, wrong)
        assert answer.status_code == 422
        assert "not the code in the mail" in answer.content.decode()
    answer = send_code(visitor, url, right)
    assert answer.status_code == 422
    assert "Too many wrong codes" in answer.content.decode()
    assert not User.objects.exists()


def test_an_old_code_is_refused(visitor, time_machine):
    url = post_join(visitor, make_committee())["Location"]
    code = code_of()
    time_machine.move_to(timezone.now() + timedelta(minutes=31))
    assert "no longer valid" in send_code(visitor, url, code).content.decode()
    assert not User.objects.exists()


def test_a_code_works_once(visitor):
    url = post_join(visitor, make_committee())["Location"]
    code = code_of()
    assert send_code(visitor, url, code).status_code == 302
    assert send_code(Client(), url, code).status_code == 410
    assert Membership.objects.count() == 1


def test_the_tab_that_waits_for_the_code_says_what_comes_next(visitor, member):
    confirmed = post_join(visitor, make_committee())["Location"]
    assert send_code(Client(), confirmed, code_of()).status_code == 302  # elsewhere
    withdrawn = post_join(visitor, make_committee(), email="other@relay.example")["Location"]
    visitor.post(withdrawn, {"act": "withdraw"})
    pages = [visitor.get(path) for path in (confirmed, withdrawn, "/t/never-was/")]
    assert {page.status_code for page in pages} == {410}
    assert len({re.sub(r'href="[^"]*"', "", page.content.decode()) for page in pages}) == 1  # nothing is told
    assert "Log in with your e-mail to go on" in pages[0].content.decode()
    assert '<a class="button" href="/me/">' in member.get(confirmed).content.decode()


def test_the_code_of_one_address_confirms_nothing_of_another(visitor):
    committee = make_committee()
    mine, other = make_application(committee, email="me@example.org"), make_application(committee, email=ROSA)
    code = links.code("confirm", Confirmation.objects.get(mailbox=mine.mailbox).pk)
    assert send_code(visitor, f"/t/{other.token}/", code).status_code == 422
    assert not Membership.objects.exists()


def test_the_same_form_sent_twice_acts_once(visitor):
    committee = make_committee()
    data = posted_form(name="Rosa", email=ROSA)
    first, second = (visitor.post(f"/committees/{committee.slug}/join/", data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Application.objects.count() == 1
    send_code(visitor, first["Location"])
    third = Client().post(f"/committees/{committee.slug}/join/", data)
    assert third["Location"] == f"/committees/{committee.slug}/join/done/"
    assert Application.objects.count() == 0


def test_a_form_with_mistakes_comes_back_with_what_was_typed(visitor):
    committee = make_committee(question="Why?")
    answer = post_join(visitor, committee, name="", email="not an address", answer="because")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "There is a problem" in page
    assert "not an address" in page
    assert "because" in page
    assert not Application.objects.exists()
    assert post_join(visitor, committee, answer="").status_code == 422


def test_two_applications_of_one_mailbox_make_one_membership(visitor):
    committee = make_committee()
    first, _second = (make_application(committee, email=ROSA) for _ in range(2))
    send_code(visitor, f"/t/{first.token}/")
    assert Membership.objects.count() == 1
    assert Application.objects.count() == 0


def test_one_member_of_several_committees(visitor):
    for committee in (make_committee(joining="open"), make_committee(joining="open")):
        application = make_application(committee, email=ROSA)
        joining.confirm_application(application.pk, timezone.now())
    assert Membership.objects.filter(user__email=ROSA).count() == 2
    assert User.objects.count() == 1


def test_deleting_what_one_wrote_takes_a_second_press(visitor):
    """The first one opens the fold, which says what goes; only in it stands the button."""
    application = make_application(make_committee(), email=ROSA)
    page = html.unescape(visitor.get(f"/t/{application.token}/").content.decode())
    before, fold = page.split('<details class="fold" id="withdraw">')
    assert "withdraw" not in before
    assert "<summary>Delete what I wrote</summary>" in fold
    assert "It can't be undone." in fold.split('<button class="button button-danger">')[0]


def test_what_nobody_confirms_can_be_taken_back(visitor):
    application = make_application(make_committee(), email=ROSA)
    assert visitor.post(f"/t/{application.token}/", {"act": "withdraw"}).status_code == 302
    assert (Application.objects.count(), Mailbox.objects.count()) == (0, 0)


def test_a_mail_can_be_asked_for_again_within_the_limits(visitor):
    application = make_application(make_committee(), email=ROSA)
    page = visitor.post(f"/t/{application.token}/", {"act": "resend"})
    assert "that mail covers this too" in page.content.decode()
    assert Confirmation.objects.count() == 1


# --- Where nobody joins --------------------------------------------------------------------------
CLOSED = "This committee takes no new members at the moment."


@pytest.mark.parametrize("how", ["closed", "frozen"])
def test_closed_and_frozen_say_so_and_save_nothing(how, visitor, member):
    committee = make_committee(stage="closed" if how == "closed" else "forming", frozen=how == "frozen")
    for client in (visitor, member):
        assert client.get(f"/committees/{committee.slug}/join/").status_code == 410
        answer = post_join(client, committee)
        assert answer.status_code == 422
        assert CLOSED in answer.content.decode()
    assert not Application.objects.exists()
    assert not Membership.objects.exists()
    assert not SubmittedForm.objects.exists()


@pytest.mark.parametrize("how", ["closed", "frozen", "hidden", "draft"])
def test_an_application_of_before_makes_nothing_then(how, visitor):
    committee = make_committee()
    application = make_application(committee, email=ROSA)
    now = timezone.now()
    match how:
        case "closed":
            committee_actions.close_committee(committee, by=None, at=now)
        case "frozen":
            committee_actions.freeze_committee(committee, by=None, at=now)
        case "hidden":
            Committee.objects.update(visibility="hidden")
        case "draft":
            committee_actions.unpublish_committee(committee, by=None, at=now)
    assert joining.confirm_application(application.pk, now) is None
    assert send_code(visitor, f"/t/{application.token}/").status_code in (410, 422)
    assert not User.objects.exists()
    assert not Membership.objects.exists()
    assert deliver_mail() == []


def test_a_link_that_is_none_and_one_of_a_hidden_committee_answer_alike(visitor):
    committee = make_committee()
    application = make_application(committee, email=ROSA)
    Committee.objects.update(visibility="hidden")
    hidden, missing = visitor.get(f"/t/{application.token}/"), visitor.get(f"/t/{'x' * 32}/")
    assert (hidden.status_code, hidden.content.replace(application.token.encode(), b"x" * 32)) == (
        missing.status_code,
        missing.content,
    )


# --- With an account -----------------------------------------------------------------------------
def test_a_member_joins_in_one_step(member):
    committee = make_committee(question="Why?")
    page = member.get(f"/committees/{committee.slug}/join/").content.decode()
    assert 'value="Mel"' in page
    assert "E-mail" not in page
    answer = post_join(member, committee, name="Mel M", answer="To act", shows_name="on")
    assert answer["Location"] == f"/committees/{committee.slug}/"
    membership = Membership.objects.get()
    assert (membership.user_id, membership.display_name) == (member.user.pk, "Mel M")
    assert (membership.shows_name, membership.takes_mail, membership.state) == (True, False, "pending")


def test_joining_twice_is_a_sentence(member):
    committee = make_committee()
    assert post_join(member, committee).status_code == 302
    answer = post_join(member, committee)
    assert answer.status_code == 422
    assert "You have asked to join already" in answer.content.decode()
    joining.approve(Membership.objects.get().pk, by=member.user, at=timezone.now())
    answer = post_join(member, committee)
    assert answer.status_code == 422
    assert "You belong to this committee already" in answer.content.decode()
    assert Membership.objects.count() == 1
    assert member.get(f"/committees/{committee.slug}/join/")["Location"] == f"/committees/{committee.slug}/"


def test_a_member_s_form_sent_twice_acts_once(member):
    committee = make_committee()
    data = posted_form(name="Mel")
    for _ in range(2):
        assert member.post(f"/committees/{committee.slug}/join/", data).status_code == 302
    assert Membership.objects.count() == 1


def test_a_hidden_committee_is_missing_to_who_wants_to_join_it(visitor, member):
    committee = make_committee(visibility="hidden")
    for client in (visitor, member):
        assert client.get(f"/committees/{committee.slug}/join/").status_code == 404
        assert post_join(client, committee).status_code == 404


# --- Refused -------------------------------------------------------------------------------------
@pytest.fixture
def removed():
    """A committee and the account that was removed from it."""
    committee = make_committee(stage="active")
    cora = Membership.objects.get(committee=committee).user
    rosa = make_member(committee, make_user(ROSA))
    members.remove(rosa.pk, reason="x", by=cora, at=timezone.now())
    return committee, rosa.user


def test_who_was_removed_reads_what_everybody_reads_of_a_closed_one(removed, visitor):
    committee, user = removed
    client = logged_in(user)
    assert client.get(f"/committees/{committee.slug}/join/").status_code == 410
    answer = post_join(client, committee)
    assert answer.status_code == 422
    closed = make_committee(stage="closed", name=committee.name)
    same = post_join(client, closed)
    tokens = r'name="csrfmiddlewaretoken" value="[^"]*"'
    bodies = [
        re.sub(tokens, "", one.content.decode()).replace(slug, "SLUG")
        for one, slug in ((answer, committee.slug), (same, closed.slug))
    ]
    assert bodies[0] == bodies[1]


def test_who_was_removed_is_refused_as_a_newcomer_too_but_only_with_the_code(removed, visitor):
    committee, _user = removed
    answer = post_join(visitor, committee)
    assert answer.status_code == 302
    assert visitor.get(answer["Location"]).status_code == 200
    mailbox = Mailbox.objects.get(applications__isnull=False)
    code = links.code("confirm", Confirmation.objects.get(mailbox=mailbox).pk)
    after = send_code(visitor, answer["Location"], code)
    assert after.status_code == 422
    assert CLOSED in after.content.decode()
    assert not Membership.objects.filter(user__email=ROSA).exists()
    assert not Application.objects.exists()


def test_others_are_not_refused_and_other_committees_don_t_refuse(removed, member):
    committee, user = removed
    assert post_join(member, committee).status_code == 302
    assert post_join(logged_in(user), make_committee()).status_code == 302


def test_a_refusal_ends_after_a_year_or_when_it_is_lifted(removed, time_machine):
    committee, user = removed
    assert joining.is_refused(committee, ROSA.upper(), timezone.now())
    assert not joining.is_refused(committee, ROSA, timezone.now() + timedelta(days=365, seconds=1))
    members.lift_refusal(Refusal.objects.get(), by=user, at=timezone.now())
    assert post_join(logged_in(user), committee).status_code == 302


def test_a_tag_or_another_address_is_no_way_around_a_refusal(removed):
    committee, user = removed
    name, domain = ROSA.split("@")
    now = timezone.now()
    assert joining.is_refused(committee, f"{name}+again@{domain}", now)
    accounts.follow_address(ROSA, f"other+hub@{domain}", at=now)
    for address in (ROSA, f"other@{domain}"):
        assert joining.is_refused(committee, address, now)
        assert not joining.is_refused(make_committee(), address, now)
    # It ends for all of them at once.
    assert len(set(Refusal.objects.values_list("made_at", flat=True))) == 1
    members.lift_refusal(Refusal.objects.first(), by=user, at=now)
    assert not Refusal.objects.exists()


# --- The answer ----------------------------------------------------------------------------------
def test_approving_empties_the_answer():
    request = make_member(make_committee(), pending=True, answer="I work nights")
    joining.approve(request.pk, by=make_user(), at=timezone.now())
    request.refresh_from_db()
    assert (request.state, request.answer, request.since is not None) == ("active", "", True)


def test_declining_deletes_the_request():
    request = make_member(make_committee(), pending=True)
    joining.decline(request.pk, word="We are full.", by=make_user(), at=timezone.now())
    assert not Membership.objects.exists()


def test_a_request_is_answered_once():
    request = make_member(make_committee(), pending=True)
    joining.approve(request.pk, by=make_user(), at=timezone.now())
    with pytest.raises(RequestGone):
        joining.approve(request.pk, by=make_user(), at=timezone.now())
    with pytest.raises(RequestGone):
        joining.decline(request.pk, word="", by=make_user(), at=timezone.now())
    assert Message.objects.filter(kind__in=("committees.approved", "committees.declined")).count() == 1


def test_join_raises_for_whom_nothing_was_made():
    committee = make_committee(stage="closed")
    with pytest.raises(JoinRefused, match="closed"):
        joining.join(
            committee.pk,
            make_user(),
            form_token="a" * 20,
            name="x",
            answer="",
            shows_name=False,
            takes_mail=False,
            at=timezone.now(),
        )


# --- The account ---------------------------------------------------------------------------------
def test_account_for_makes_one_account_and_says_so():
    now = timezone.now()
    mailbox = ground.mailbox_for(ROSA, at=now)
    user, made = ground.account_for(mailbox, display_name="Rosa", language="es", at=now)
    assert (made, user.email, user.language, user.has_usable_password()) == (True, ROSA, "es", False)
    again, made_again = ground.account_for(mailbox, display_name="Other", language="en", at=now)
    assert (again.pk, made_again, again.display_name) == (user.pk, False, "Rosa")
