"""Stopping a committee's announcements: by the mail program's own button, by the link, on the site."""

import pytest
from django.test import Client
from django.utils import timezone

from committees.actions import committees as committee_actions
from committees.actions import members
from committees.actions.announcing import put_announcements
from committees.models import Committee, Membership
from hub import links
from hub.models import AuditEntry, Message
from tests.committees.announcing import NOON, announce, make_taker, states, with_takers
from tests.factories import deliver_mail, make_committee, make_member

pytestmark = pytest.mark.django_db

READER = "reader@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def reader():
    member = make_taker(with_takers(0), READER)
    Message.objects.all().delete()
    return member


def path_of(mail) -> str:
    address = mail.extra_headers["List-Unsubscribe"]
    assert address[0] + address[-1] == "<>"
    return address[1:-1].removeprefix(links.site_url(""))


def takes_mail(member: Membership) -> bool:
    return Membership.objects.get(pk=member.pk).takes_mail


def test_an_announcement_carries_the_headers_of_one_click(reader):
    announce(reader.committee)
    (mail,) = deliver_mail()
    assert path_of(mail) == f"/unsubscribe/{reader.mail_token}/"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert links.site_url(path_of(mail)) in mail.body
    assert "No more of these announcements" in mail.alternatives[0].content


@pytest.mark.parametrize("language", ["en", "es"])
def test_one_click_stops_them_for_this_committee_alone(reader, language):
    type(reader.user).objects.filter(pk=reader.user_id).update(language=language)
    other = make_member(make_committee(stage="active"), reader.user)
    Membership.objects.filter(pk=other.pk).update(takes_mail=True)
    Message.objects.all().delete()
    announce(reader.committee)
    (mail,) = deliver_mail()
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(path_of(mail), ONE_CLICK).status_code in (200, 302)
    assert not browser.cookies
    assert not takes_mail(reader)
    assert takes_mail(other)
    entry = AuditEntry.objects.get(action="stop_announcements")
    assert (entry.object_id, entry.actor, entry.subject) == (reader.committee_id, None, None)
    second = announce(reader.committee)
    assert deliver_mail() == []
    assert states(second) == []


def test_looking_stops_nothing(reader):
    for ask in (Client().get, Client().head):
        answer = ask(f"/unsubscribe/{reader.mail_token}/")
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
    assert takes_mail(reader)


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_a_person_presses_the_button_and_takes_it_back(client, reader, prefix):
    path = f"{prefix}/unsubscribe/{reader.mail_token}/"
    assert reader.committee.name in client.get(path).content.decode()
    client.post(path)
    assert not takes_mail(reader)
    client.post(path, {"act": "resume"})
    assert takes_mail(reader)
    assert AuditEntry.objects.filter(action__endswith="_announcements").count() == 2


def test_stopped_while_it_is_about_to_go_out(reader):
    announcement = announce(reader.committee)
    put_announcements(NOON)
    members.stop_announcements([reader.pk], at=NOON)
    assert deliver_mail() == []
    assert states(announcement) == [("skipped", "switched off")]


def test_twice_is_once(client, reader):
    for _time in range(2):
        client.post(f"/unsubscribe/{reader.mail_token}/", ONE_CLICK)
    assert AuditEntry.objects.filter(action="stop_announcements").count() == 1


def test_whoever_left_has_nothing_left_to_stop(client, reader):
    members.leave(reader.committee, reader.user, at=timezone.now())
    assert client.get(f"/unsubscribe/{reader.mail_token}/").status_code == 410


DISCREET = [{"visibility": "hidden"}, {"kind": "workplace"}]


@pytest.mark.parametrize("fields", DISCREET, ids=["hidden", "workplace"])
def test_the_page_names_no_discreet_committee(client, reader, fields):
    Committee.objects.filter(pk=reader.committee_id).update(name="Zanzibarium", **fields)
    page = client.get(f"/unsubscribe/{reader.mail_token}/").content.decode()
    assert "Zanzibarium" not in page
    assert reader.committee.slug not in page
    client.post(f"/unsubscribe/{reader.mail_token}/", ONE_CLICK)
    assert not takes_mail(reader)


def test_nor_one_that_is_off_the_site(client, reader):
    committee_actions.unpublish_committee(reader.committee, by=None, at=NOON)
    assert reader.committee.name not in client.get(f"/unsubscribe/{reader.mail_token}/").content.decode()


def test_everybody_who_belongs_to_a_committee_has_a_link_of_their_own():
    committee = make_committee()
    rows = [make_member(committee), make_member(committee, role="coordinator"), make_taker(committee)]
    hashes = {bytes(Membership.objects.get(pk=row.pk).mail_link_hash) for row in rows}
    assert hashes == {links.token_hash(row.mail_token) for row in rows}
    assert len(hashes) == 3
