"""One click: a member comes. And what a member's own mailbox is known by."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from committees.actions import committees as committee_actions
from committees.actions import members
from events.actions import events as event_actions
from events.actions import rsvps
from events.models import Attendance, Rsvp
from hub import actions as ground
from hub import links
from hub.forms import new_form_token
from hub.models import Confirmation, Mailbox, Message, address_digest
from tests import factories
from tests.cast import logged_in
from tests.events.belonging import belong, make_committee
from tests.factories import deliver_mail, event_details, make_event, make_rsvp, make_user, slot_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa():
    return logged_in(make_user("Rosa@example.org", display_name="Rosa"))


def door(event) -> str:
    return f"/events/{event.slug}/rsvp/member/"


def pressed(client, event, **fields):
    """The one button of the event's page, as a browser sends what stands in its form."""
    html = client.get(f"/events/{event.slug}/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', html)
    assert token, "no form for members"
    return client.post(door(event), {"form_token": token[1], **fields})


def party_of(event) -> Rsvp:
    return Rsvp.objects.get(event=event)


@pytest.mark.parametrize("details", [{}, {"capacity": 10}, {"reveal": "confirmed"}])
def test_one_click_counts_at_once_and_leads_to_the_own_page(rosa, details):
    event = make_event(**details)
    response = pressed(rosa, event)
    party = party_of(event)
    assert response["Location"] == f"/rsvp/{party.mail_token}/"
    assert response["Cache-Control"] == "private, no-store"
    assert (party.name, party.need, party.as_member) == ("", "", True)
    assert party.confirmed_at == party.counted_at == party.made_at
    assert Attendance.objects.get().seats_held == 1
    assert party.mailbox.address_digest == address_digest("rosa@example.org")
    assert party.mailbox.confirmed_at is not None
    assert b"panel-going" in Client().get(response["Location"]).content
    assert list(Message.objects.values_list("kind", flat=True)) == ["events.coming"]
    (mail,) = deliver_mail()
    assert mail.to == ["rosa@example.org"]
    assert party.mail_token in mail.body


def test_a_second_click_leads_to_the_same_page(rosa):
    event = make_event(capacity=10)
    html = rosa.get(f"/events/{event.slug}/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', html)[1]
    places = [rosa.post(door(event), {"form_token": token})["Location"] for _ in range(2)]
    places.append(rosa.post(door(event), {"form_token": new_form_token(aged=True)})["Location"])
    assert len(set(places)) == 1
    assert Rsvp.objects.count() == 1
    assert slot_of(event).seats_taken == 1


def test_it_joins_what_the_same_mailbox_said_before(rosa):
    event = make_event(capacity=10)
    before = make_rsvp(event, email="rosa@example.org", confirmed=True, party_size=3, name="R.")
    response = pressed_anew(rosa, event)
    party = party_of(event)
    assert party.pk == before.pk
    assert response["Location"] == f"/rsvp/{party.mail_token}/"
    assert (party.name, party.as_member) == ("R.", True)
    assert slot_of(event).seats_taken == 3


def pressed_anew(client, event):
    return client.post(door(event), {"form_token": new_form_token(aged=True)})


@pytest.mark.parametrize("capacity", [10, None])
def test_what_the_same_mailbox_said_and_never_confirmed_gives_way(rosa, capacity):
    event = make_event(capacity=capacity)
    waiting = make_rsvp(event, email="rosa@example.org", party_size=3, name="CANARY", need="A chair")
    response = pressed(rosa, event)
    party = party_of(event)
    # Anybody can have typed a name with that address: she comes as "a member".
    assert (party.name, party.need) == ("", "A chair")
    assert (party.as_member, Attendance.objects.get().party_size) == (True, 1)
    assert slot_of(event).seats_taken == 1
    assert slot_of(event).seats_pending == 0
    # The mail that asked whether that was them leads to what they said since.
    assert Client().get(f"/rsvp/{waiting.mail_token}/")["Location"] == response["Location"]
    assert rsvps.confirm(waiting.pk, timezone.now()) == party


def test_coming_back_shows_where_one_stands(rosa):
    event = make_event(capacity=1)
    pressed(rosa, event)
    html = rosa.get(f"/events/{event.slug}/").content.decode()
    own = f"/rsvp/{party_of(event).mail_token}/"
    assert "panel-going" in html
    assert f'href="{own}"' in html
    assert "form_token" not in html
    zoe = logged_in(make_user())
    pressed(zoe, event)
    html = zoe.get(f"/events/{event.slug}/").content.decode()
    assert "panel-waiting" in html
    assert own not in html
    rsvps.cancel(party_of_account(event, rosa).pk, at=timezone.now())
    assert "form_token" in rosa.get(f"/events/{event.slug}/").content.decode()
    assert "panel-going" in zoe.get(f"/events/{event.slug}/").content.decode()


def party_of_account(event, client) -> Rsvp:
    return Rsvp.objects.get(event=event, mailbox__address_digest=address_digest(client.user.email))


def test_who_cancelled_comes_again_with_one_click(rosa):
    event = make_event()
    pressed(rosa, event)
    rsvps.cancel(party_of(event).pk, at=timezone.now())
    assert pressed(rosa, event).status_code == 302
    assert Rsvp.objects.filter(event=event, cancelled_at=None).count() == 1


@pytest.mark.parametrize("capacity", [5, None])
def test_what_somebody_said_with_one_s_address_is_not_one_s_own_until_it_is_confirmed(rosa, capacity):
    event = make_event(capacity=capacity)
    party = make_rsvp(event, email="rosa@example.org")
    assert (party.as_member, party.confirmed_at) == (False, None)
    html = rosa.get(f"/events/{event.slug}/").content.decode()
    assert "form_token" in html
    assert "panel-going" not in html
    assert party.mail_token not in html


def test_a_committee_is_named_only_by_choice_and_only_one_that_everybody_may_know(rosa):
    fresno = make_committee("Committee of Fresno")
    for fields in ({"visibility": "hidden"}, {"visibility": "unlisted"}, {"kind": "workplace"}):
        belong(make_committee("CANARY", **fields), rosa.user)
    foreign = make_committee("Committee of Chico")
    belong(fresno, rosa.user)
    event = make_event()
    html = rosa.get(f"/events/{event.slug}/").content.decode()
    assert "a member of Committee of Fresno" in html
    assert "CANARY" not in html
    for wrong in (foreign.pk, "x"):
        response = pressed(rosa, event, shown_as=str(wrong))
        assert response.status_code == 422
        assert 'aria-invalid="true"' in response.content.decode()
    assert not Rsvp.objects.exists()
    pressed(rosa, event, shown_as=str(fresno.pk))
    assert party_of(event).name == "a member of Committee of Fresno"


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_an_old_page_comes_back_with_a_new_button_that_works(rosa, token):
    event = make_event()
    response = rosa.post(door(event), {"form_token": token})
    html = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in html
    assert not Rsvp.objects.exists()
    token = re.search(r'name="form_token" value="([^"]+)"', html)[1]
    assert rosa.post(door(event), {"form_token": token}).status_code == 302


@pytest.mark.parametrize("status", ["cancelled", "postponed", "over"])
def test_what_takes_no_answers_says_so_and_keeps_nothing(rosa, status):
    event = make_event()
    if status == "over":
        event = make_event(start=timezone.now() - timezone.timedelta(days=2))
    else:
        act = {"cancelled": event_actions.cancel_event, "postponed": event_actions.postpone_event}[status]
        act(event, by=None, at=timezone.now())
    assert "form_token" not in rosa.get(f"/events/{event.slug}/").content.decode()
    response = pressed_anew(rosa, event)
    assert response.status_code == 422
    assert not Rsvp.objects.exists()


def test_without_an_account_the_click_leads_to_the_log_in_and_back(visitor, rosa):
    event = make_event()
    response = pressed_anew(visitor, event)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/?next=")
    assert not Rsvp.objects.exists()
    back = rosa.get(door(event))
    assert back["Location"] == f"/events/{event.slug}/"


def test_a_page_for_everybody_holds_no_form_and_no_token(visitor):
    html = visitor.get(f"/events/{make_event().slug}/").content.decode()
    assert "form_token" not in html
    assert "csrfmiddlewaretoken" not in html


def test_an_account_s_address_is_found_whatever_way_it_is_written():
    user = make_user("Rosa@Example.org")
    mailbox = ground.mailbox_of(user, at=timezone.now())
    assert Mailbox.objects.get(address_digest=address_digest("rosa@example.org")) == mailbox


def test_a_full_event_puts_a_member_on_the_waiting_list(rosa):
    event = make_event(capacity=1)
    make_rsvp(event, confirmed=True)
    response = pressed(rosa, event)
    assert b"waiting list" in rosa.get(response["Location"]).content
    assert slot_of(event).seats_taken == 1


@pytest.mark.parametrize("how", ["leaves", "is removed"])
def test_whoever_is_gone_from_the_committee_is_gone_from_its_events(how, django_capture_on_commit_callbacks):
    committee = factories.make_committee()
    coordinator, member = (
        factories.make_member(committee, role="coordinator"),
        factories.make_member(committee),
    )
    inside = make_event(committee=committee, visibility="members", reveal="confirmed", capacity=5)
    outside = make_event(committee=committee)
    parties = [make_rsvp(event, email=member.user.email, confirmed=True) for event in (inside, outside)]
    with django_capture_on_commit_callbacks(execute=True):
        if how == "leaves":
            members.leave(committee, member.user, at=timezone.now())
        else:
            members.remove(member.pk, reason="-", by=coordinator.user, at=timezone.now())
    assert [Rsvp.objects.get(pk=party.pk).cancelled_at is None for party in parties] == [False, True]
    assert slot_of(inside).seats_taken == 0
    page = Client().post(f"/rsvp/{parties[0].mail_token}/", {"act": "reveal"})
    assert inside.full_place[0] not in page.content.decode()


# --- An event for members, and who isn't one (any more) ---------------------------------------------
def hide(committee):
    names = (*("kind", "name", "about", "language", "question", "city"), "region", "country", "joining")
    fields = {name: getattr(committee, name) for name in names}
    details = committee_actions.CommitteeDetails({**fields, "visibility": "hidden"})
    committee_actions.edit_committee(committee, details, by=None, at=timezone.now())


def told(party, mails) -> str:
    """Everything the links and mails of a party say, to whoever holds them without an account."""
    browser = Client()
    pages = [browser.get(f"/rsvp/{token}/", follow=True) for token in (party.token, party.mail_token)]
    browser.post(f"/rsvp/{party.mail_token}/", {"act": "keep"})
    asked = [links.token("confirm", one.pk) for one in Confirmation.objects.filter(mailbox=party.mailbox)]
    pages += [browser.get(path, follow=True) for path in ("/mine/", *(f"/confirm/{one}/" for one in asked))]
    return "".join(page.content.decode() for page in pages) + "".join(
        mail.subject + mail.body for mail in mails
    )


def test_nothing_of_an_event_for_members_is_told_to_whoever_is_gone():
    """Even before the RSVP is cancelled, which happens after the commit."""
    committee = factories.make_committee(stage="active", visibility="hidden")
    member = factories.make_member(committee)
    details = {"committee": committee, "visibility": "members", "title": "Quartz", "zone": "Asia/Tokyo"}
    event = make_event(**details)
    party = make_rsvp(event, email=member.user.email, confirmed=True)
    deliver_mail()
    assert "Quartz" in told(party, [])
    members.leave(committee, member.user, at=timezone.now())
    event_actions.edit_event(event, event_details(**details, venue="Onyx Hall"), by=None, at=timezone.now())
    Client().post("/mine/", factories.posted_form(email=member.user.email))
    said = told(party, deliver_mail())
    assert not re.search("Quartz|Onyx|McAllister", said)
    assert Rsvp.objects.get(pk=party.pk).cancelled_at is None
    Client().post(f"/rsvp/{party.mail_token}/", {"act": "cancel"})
    assert Rsvp.objects.get(pk=party.pk).cancelled_at is not None


@pytest.mark.parametrize("how", ["committee hidden", "event edited"])
def test_strangers_come_no_more_to_an_event_that_is_for_members_now(how, django_capture_on_commit_callbacks):
    committee = factories.make_committee(stage="active")
    member = factories.make_member(committee)
    event = make_event(committee=committee, title="Quartz", reveal="confirmed", zone="Asia/Tokyo")
    stranger, unproven = make_rsvp(event, confirmed=True), make_rsvp(event, email="new@example.org")
    theirs = make_rsvp(event, email=member.user.email, confirmed=True)
    deliver_mail()
    with django_capture_on_commit_callbacks(execute=True):
        if how == "committee hidden":
            hide(committee)
        else:
            details = event_details(
                committee=committee, title="Quartz", visibility="members", street="Onyx 1"
            )
            event_actions.edit_event(event, details, by=None, at=timezone.now())
    mails = [mail for mail in deliver_mail() if mail.to != [member.user.email]]
    assert mails == []
    for party, comes in ((stranger, False), (unproven, False), (theirs, True)):
        assert (Rsvp.objects.get(pk=party.pk).cancelled_at is None) is comes
        assert ("Quartz" in told(party, [])) is comes


def test_a_member_reads_a_party_without_an_address_while_logged_in():
    committee = factories.make_committee(stage="active")
    event = make_event(committee=committee, visibility="members", title="Quartz")
    party, member = make_rsvp(event), belong(committee)
    assert "Quartz" in logged_in(member).get(f"/rsvp/{party.token}/").content.decode()
    assert "Quartz" not in Client().get(f"/rsvp/{party.token}/").content.decode()


def test_the_door_for_members_opens_nobody_elses_answer(rosa):
    event = make_event()
    form = factories.posted_rsvp(email="zoe@example.org")
    Client().post(f"/events/{event.slug}/rsvp/", form)
    answer = rosa.post(door(event), {"form_token": form["form_token"]})
    assert answer["Location"] == f"/events/{event.slug}/"
