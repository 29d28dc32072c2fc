"""Questions to a committee: its coordinators answer, and nobody else."""

import pytest
from django.test import Client
from django.utils import timezone

from committees.actions.members import leave
from committees.models import Membership
from hub import links
from hub.models import Confirmation, Thread
from tests.cast import logged_in
from tests.factories import deliver_mail, make_committee, make_event, make_member, make_user, posted_form

pytestmark = pytest.mark.django_db


def asked(committee, client=None, email="ana@example.org"):
    fields = posted_form(text="When do you meet?", email=email)
    assert (client or Client()).post(f"/committees/{committee.slug}/contact/", fields).status_code == 302
    return Thread.objects.get()


def opened(thread):
    code = links.code("confirm", Confirmation.objects.latest("made_at").pk)
    Client().post(f"/threads/{thread.browser_token}/", {"act": "code", "code": code})
    return Thread.objects.get(pk=thread.pk)


def test_coordinators_are_told_and_answer_and_a_lost_role_is_gone_at_once():
    committee = make_committee()
    coordinator, member = make_member(committee, role="coordinator"), make_member(committee)
    deliver_mail()
    thread = opened(asked(committee))
    mails = [mail for mail in deliver_mail() if mail.subject == "Somebody asks you something"]
    assert [mail.to for mail in mails] == [[coordinator.user.email]]
    path = f"/threads/{thread.answerer_token}/"
    assert Client().get(path).status_code == 302
    assert logged_in(member.user).get(path).status_code == 404
    client = logged_in(coordinator.user)
    assert "When do you meet?" in client.get(path).content.decode()
    Membership.objects.filter(pk=coordinator.pk).update(role="member")
    assert client.get(path).status_code == 404


def test_a_coordinator_of_another_committee_may_not_answer():
    committee = make_committee()
    make_member(committee, role="coordinator")
    elsewhere = make_member(make_committee(name="Another"), role="coordinator")
    thread = opened(asked(committee))
    assert logged_in(elsewhere.user).get(f"/threads/{thread.answerer_token}/").status_code == 404


def test_a_hidden_committee_can_be_asked_by_its_members_and_mail_does_not_name_it():
    committee = make_committee(name="Quartz Mill Committee", visibility="hidden")
    make_member(committee, role="coordinator")
    member = make_member(committee)
    deliver_mail()
    path = f"/committees/{committee.slug}/contact/"
    for client in (Client(), logged_in(make_user())):
        assert client.get(path).status_code == 404
        assert client.post(path, posted_form(text="?", email="ana@example.org")).status_code == 404
    asked(committee, logged_in(member.user))
    mails = deliver_mail()
    assert mails
    assert not any("Quartz" in mail.subject + mail.body + str(mail.alternatives) for mail in mails)


@pytest.mark.parametrize("how", [{"frozen": True}, {"stage": "closed"}])
def test_where_nobody_acts_nothing_can_be_asked(how):
    committee = make_committee(**how)
    path = f"/committees/{committee.slug}/contact/"
    assert Client().get(path).status_code == 410
    assert Client().post(path, posted_form(text="?", email="ana@example.org")).status_code == 422
    assert not Thread.objects.exists()


@pytest.mark.parametrize(
    ("how", "can_be_asked"),
    [({}, True), ({"stage": "dormant"}, True), ({"frozen": True}, False), ({"stage": "closed"}, False)],
    ids=["acting", "quiet", "frozen", "closed"],
)
def test_a_page_leads_to_the_form_where_something_can_be_asked(how, can_be_asked):
    """The moderators answer for events of a committee nobody acts for."""
    committee = make_committee(**how)
    event = make_event(committee=committee)
    page = Client().get(f"/committees/{committee.slug}/").content.decode()
    contact, ask = f"/committees/{committee.slug}/contact/", f"/events/{event.slug}/ask/"
    assert (contact in page) is can_be_asked
    assert Client().get(contact).status_code == (200 if can_be_asked else 410)
    assert contact not in Client().get(f"/events/{event.slug}/").content.decode()
    assert ask in Client().get(f"/events/{event.slug}/").content.decode()
    form = Client().get(ask)
    assert form.status_code == 200
    assert ("A moderator reads your question" in form.content.decode()) is not can_be_asked


def test_a_hidden_committee_is_named_to_no_asker_who_is_gone():
    committee = make_committee(name="Quartz Mill Committee", visibility="hidden", stage="active")
    member = make_member(committee)
    thread = asked(committee, logged_in(member.user))
    path = f"/threads/{thread.asker_token}/"
    assert "Quartz" in Client().get(path).content.decode()
    leave(committee, member.user, at=timezone.now())
    html = Client().get(path).content.decode()
    assert "Quartz" not in html
    assert committee.slug not in html
