"""What people see and send when they endorse, and what everybody reads of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine as machine
from django.test import Client
from django.utils import timezone

from campaigns import endorsing
from campaigns.actions import appeals
from campaigns.models import Organization
from events.actions import events as event_actions
from events.models import Event, EventEndorsement
from hub import links
from hub.models import Confirmation, Mailbox, Review
from tests.campaigns.endorsing import (
    LOCAL_12,
    endorse,
    in_state,
    make_organization,
    posted_endorsement,
    press_button,
    publish,
    rewrite,
    write_appeal,
)
from tests.factories import deliver_mail, event_details, make_day, make_event

pytestmark = pytest.mark.django_db


def form_of(thing, language: str = "") -> str:
    name = {"Event": "event", "DayOfAction": "day", "Appeal": "appeal"}[type(thing).__name__]
    return f"{language}/endorse/{name}/{thing.slug}/"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def send(client, thing, **fields):
    return client.post(form_of(thing), posted_endorsement(**fields))


def act(client, endorsement, act, *, token="", **fields):
    return client.post(f"/endorsement/{token or endorsement.mail_token}/", {"act": act, **fields})


# --- The journey -----------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [write_appeal, make_day, make_event])
def test_from_the_form_to_the_public_list(client, make):
    thing = make()
    assert client.get(form_of(thing)).status_code == 200
    response = send(client, thing)
    (made,) = endorsing.kinds[form_of(thing).split("/")[2]].model.objects.all()
    assert (response.status_code, response.url) == (302, f"/endorsement/{made.token}/")
    page = client.get(response.url)
    assert "One more step: confirm your e-mail" in text(page)
    assert "s…@local12.example.org" in text(page)
    code = links.code("confirm", Confirmation.objects.get().pk)
    response = act(client, made, "code", token=made.token, code=code)
    made.refresh_from_db()
    assert (response.status_code, response.url) == (302, f"/endorsement/{made.mail_token}/")
    assert "A moderator looks at it" in text(client.get(response.url))
    assert LOCAL_12.name not in text(client.get(form_of(thing) + "list/"))
    publish(made)
    listed = text(client.get(form_of(thing) + "list/"))
    assert all(word in listed for word in (LOCAL_12.name, "United States", "Local", "Oakland"))
    assert "It is in the public list" in text(client.get(response.url))


def test_the_browser_s_link_opens_nothing_once_the_mailbox_is_proven(client):
    made = in_state("submitted")
    page = client.get(f"/endorsement/{made.token}/")
    assert "Use the link in the mail" in text(page)
    assert LOCAL_12.name not in text(page)
    act(client, made, "withdraw", token=made.token)
    made.refresh_from_db()
    assert made.withdrawn_at is None


def test_it_stands_on_the_event_s_page_and_on_its_own(client):
    event = make_event()
    made = endorse(event, replace(LOCAL_12, name="UE Local 5"), motion="Resolved.", published=True)
    page = text(client.get(f"/events/{event.slug}/"))
    assert "UE Local 5" in page
    assert "Resolved." not in page
    own = text(client.get(f"/organizations/{made.organization.slug}/"))
    assert event.title in own
    assert "Resolved." in own
    assert "a vote of the members" in own


def test_a_role_is_named_where_there_is_more_than_one_to_have(client):
    plain, organizes = endorse(), endorse(make_event(kind="forum"), role="co_organizer")
    assert "<dt>Role</dt>" not in text(client.get(f"/endorsement/{plain.mail_token}/"))
    assert "<dt>Role</dt>" in text(client.get(f"/endorsement/{organizes.mail_token}/"))


def test_the_usual_country_is_chosen_and_stands_first(client):
    for language, name, next_name in (
        ("", "United States", "Afghanistan"),
        ("/es", "Estados Unidos", "Afganistán"),
    ):
        page = text(client.get(form_of(make_event(), language)))
        assert f'<option value="US" selected>{name}</option>' in page
        assert page.index(f">{name}<") < page.index(f">{next_name}<")
        assert page.count(f">{name}<") == 1
    assert "Voto de la membresía" in page  # a choice begins as a sentence does


def test_withdrawn_it_is_off_every_page_at_once(client):
    made = in_state("published")
    paths = [f"/events/{made.event.slug}/", f"/endorse/event/{made.event.slug}/list/"]
    assert all(LOCAL_12.name in text(client.get(path)) for path in paths)
    response = act(client, made, "withdraw")
    page = text(client.get(response.url))
    assert "You have withdrawn it" in page
    assert "no longer endorses" in page
    assert not any(LOCAL_12.name in text(client.get(path)) for path in paths)
    assert made.event.title not in text(client.get(f"/organizations/{made.organization.slug}/"))


def test_an_event_off_the_site_is_named_on_no_page_of_an_organization(client):
    made = in_state("published")
    event_actions.unpublish_event(made.event, by=None, at=timezone.now())
    assert made.event.title not in text(client.get(f"/organizations/{made.organization.slug}/"))
    own = text(client.get(f"/endorsement/{made.mail_token}/"))
    assert made.event.title not in own
    assert "not on the site at the moment" in own


def test_an_unlisted_event_is_named_only_where_its_address_is_known(client):
    event = make_event(visibility="unlisted", title="Between us")
    made = endorse(event, published=True)
    assert "Between us" not in text(client.get(f"/organizations/{made.organization.slug}/"))
    assert LOCAL_12.name in text(client.get(f"/events/{event.slug}/"))


def test_an_event_for_members_is_named_on_none_either(client):
    made = in_state("published")
    Event.objects.update(visibility="members")
    assert made.event.title not in text(client.get(f"/organizations/{made.organization.slug}/"))


def test_who_endorses_is_grouped_by_country_and_kind(client):
    event = make_event()
    for name, country, level in (
        ("MLPD", "DE", "party"),
        ("IG Metall", "DE", "national"),
        ("Partido Obrero", "AR", "party"),
    ):
        endorse(event, replace(LOCAL_12, name=name, country=country, level=level), published=True)
    page = text(client.get(f"/endorse/event/{event.slug}/list/"))
    order = [page.index(word) for word in (">Argentina<", "Partido Obrero", ">Germany<", "IG Metall", "MLPD")]
    assert order == sorted(order)
    spanish = text(client.get(f"/es/endorse/event/{event.slug}/list/"))
    assert spanish.index(">Alemania<") < spanish.index(">Argentina<")


# --- Another spelling ------------------------------------------------------------------------------
def test_one_that_is_here_in_another_spelling_is_offered(client):
    event, known = make_event(), make_organization()
    response = send(client, event, name="IBT Loc. 12")
    assert response.status_code == 422
    assert "An organization with a name like this is here already" in text(response)
    assert f'value="{known.pk}"' in text(response)
    assert "IBT Loc. 12" in text(response)
    assert not EventEndorsement.objects.exists()
    assert send(client, event, name="IBT Loc. 12", known=str(known.pk)).status_code == 302
    assert (EventEndorsement.objects.get().organization, Organization.objects.count()) == (known, 1)


def test_it_can_be_another_one_all_the_same(client):
    event = make_event()
    make_organization()
    assert send(client, event, name="IBT Loc. 12", known="new").status_code == 302
    assert Organization.objects.count() == 2


def test_the_same_name_in_the_same_city_is_the_same(client):
    event, known = make_event(), make_organization()
    assert send(client, event).status_code == 302
    assert EventEndorsement.objects.get().organization == known
    assert send(client, make_event(), city="Chicago", region="IL").status_code == 422


def test_one_that_waits_for_a_moderator_is_offered_to_nobody(client):
    endorse(make_event(), replace(LOCAL_12, name="Secret Committee"))
    response = send(client, make_event(), name="The Secret Committee")
    assert response.status_code == 302


def test_an_organization_that_is_nobody_s_is_no_answer(client):
    make_organization()
    response = send(client, make_event(), name="IBT Loc. 12", known="0" * 32)
    assert response.status_code == 422


# --- Bad input -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Write the name of the organization."),
        ("name", " … ", "Write the name of the organization."),
        ("name", "x" * 161, "at most 160 characters"),
        ("level", "empire", "Choose one from the list."),
        ("country", "XX", "Choose the country."),
        ("site", "javascript:alert(1)", "Write an address like https://local12.example.org."),
        ("site", "ftp://local12.example.org/", "Write an address like https://local12.example.org."),
        ("adopted_by", "the king", "Choose one from the list."),
        ("adopted_on", "2126-05-01", "That day is in the future."),
        ("adopted_on", "0001-01-01", "That day is too long ago."),
        ("adopted_on", "May", "Write a day like 2027-05-01."),
        ("motion", "x" * 3001, "at most 3,000 characters"),
        ("motion", "x" * 100_000, "at most 3,000 characters"),
        ("email", "nobody", "Write an e-mail address like name@example.org."),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_half_saved(client, field, value, sentence):
    event = make_event()
    response = send(client, event, **{field: value})
    assert response.status_code == 422
    assert sentence in text(response)
    assert [model for model in (EventEndorsement, Organization, Mailbox) if model.objects.exists()] == []


def test_a_role_that_isn_t_to_be_had_is_not_given(client):
    """Nobody makes themselves an initial organizer, and only a forum is organized together."""
    event, forum = make_event(), make_event(kind="forum")
    send(client, event, role="initial")
    assert EventEndorsement.objects.get().role == "endorser"
    response = send(client, forum, role="initial", name="UE Local 5")
    assert response.status_code == 422


def test_what_takes_no_endorsement_says_why(client):
    cancelled, over = (
        make_event(event_status="cancelled"),
        make_event(start=timezone.now() - timedelta(days=2)),
    )
    closed = appeals.close_appeal(write_appeal(), by=None, at=timezone.now())
    for thing, sentence in (
        (cancelled, "This is cancelled"),
        (over, "This is over"),
        (closed, "This is closed"),
    ):
        assert client.get(form_of(thing)).status_code == 410
        response = send(client, thing)
        assert response.status_code == 422
        assert sentence in text(response)
    assert not Organization.objects.exists()


def test_one_that_endorses_already_is_told_so(client):
    event = make_event()
    made = endorse(event, published=True)
    response = send(client, event, known=str(made.organization.pk))
    assert response.status_code == 422
    assert "This organization endorses it already" in text(response)
    assert EventEndorsement.objects.count() == 1


def test_a_second_one_of_the_same_organization_reads_that_it_is_here(client):
    event, organization = make_event(), make_organization()
    endorse(event, organization)
    second = endorse(event, organization, confirmed=False)
    press_button(second)
    page = text(client.get(f"/endorsement/{second.token}/"))
    assert "Somebody has endorsed this for your organization already" in page


def test_what_is_wrong_while_correcting_keeps_what_was_typed(client):
    made = in_state("returned")
    response = act(client, made, "change", name="", adopted_on="2126-05-01", motion="My words")
    assert response.status_code == 422
    assert "My words" in text(response)
    made.refresh_from_db()
    assert made.motion == ""


@pytest.mark.parametrize(("state", "reason"), [("returned", "Which local?"), ("rejected", "No.")])
def test_the_reason_stands_on_its_own_page(client, state, reason):
    made = in_state(state)
    page = text(client.get(f"/endorsement/{made.mail_token}/"))
    assert f"<p>{reason}</p></blockquote>" in page
    assert "mail says why" not in page
    Review.objects.update(reason=b"")  # it is kept for a month
    assert "<blockquote" not in text(client.get(f"/endorsement/{made.mail_token}/"))


def test_too_late_to_correct(client):
    made = in_state("published")
    fields = posted_endorsement(name="Somebody else")
    assert act(client, made, "change", **fields).status_code == 422
    assert Organization.objects.get().name == LOCAL_12.name


def test_withdrawn_meanwhile_it_is_not_corrected(client):
    made = in_state("withdrawn")
    answer = act(client, made, "change", **posted_endorsement(name="Somebody else"))
    assert answer.status_code == 422
    assert "It was withdrawn" in text(answer)


def test_text_of_strangers_is_text(client):
    """In the page, the queue and the admin (tests/campaigns/test_organization_admin.py)."""
    bad = "<script>alert(1)</script>"
    made = endorse(make_event(), replace(LOCAL_12, name=bad, city=bad), motion=bad, published=True)
    for path in (
        f"/organizations/{made.organization.slug}/",
        f"/events/{made.event.slug}/",
        f"/endorsement/{made.mail_token}/",
        "/organizations/",
    ):
        page = client.get(path).content.decode()
        assert "alert(1)" in page
        assert bad not in page


# --- A newer text --------------------------------------------------------------------------------
def test_the_contact_answers_for_the_newer_text_on_their_own_page(client):
    appeal = write_appeal()
    made = endorse(appeal, published=True)
    rewrite(appeal)
    listed = text(client.get(f"/endorse/appeal/{appeal.slug}/list/"))
    assert "endorsed version 1 of the text" in listed
    page = text(client.get(f"/endorsement/{made.mail_token}/"))
    assert "There is a newer text" in page
    assert "Found more." in page
    act(client, made, "newer", version="2")
    assert "endorsed version" not in text(client.get(f"/endorse/appeal/{appeal.slug}/list/"))


def test_a_number_nobody_has_seen_moves_nothing(client):
    appeal = write_appeal()
    made = endorse(appeal, published=True)
    rewrite(appeal)
    for version in ("", "x", "1", "9999999", "٢"):
        assert act(client, made, "newer", version=version).status_code in (302, 422)
    made.refresh_from_db()
    assert made.version.number == 1


# --- The planning meeting ----------------------------------------------------------------------------
def forum_with_meeting() -> Event:
    meeting = make_event(title="Planning meeting", kind="meeting", visibility="unlisted")
    details = event_details(kind="forum", title="International Forum")
    details.values["planning_meeting"] = meeting
    forum = event_actions.create_event(details, by=None, at=timezone.now())
    return event_actions.publish_event(forum, by=None, at=timezone.now())


def test_co_organizers_are_led_to_the_planning_meeting_once_they_are_published(client):
    forum = forum_with_meeting()
    rsvp = f"/events/{forum.planning_meeting.slug}/rsvp/"
    made = endorse(forum, role="co-organizer")
    assert rsvp not in text(client.get(f"/endorsement/{made.mail_token}/"))
    deliver_mail()
    publish(made)
    assert rsvp in text(client.get(f"/endorsement/{made.mail_token}/"))
    mails = [mail for mail in deliver_mail() if "planning meeting" in mail.subject]
    assert len(mails) == 1
    assert links.site_url(rsvp) in mails[0].body
    assert rsvp not in text(client.get(f"/events/{forum.slug}/"))
    assert client.get(rsvp).status_code == 200


def test_endorsers_are_not(client):
    made = endorse(forum_with_meeting(), published=True)
    assert "planning meeting" not in text(client.get(f"/endorsement/{made.mail_token}/")).lower()
    assert not [mail for mail in deliver_mail() if "planning meeting" in mail.subject]


# --- The model resolution ------------------------------------------------------------------------------
def test_the_model_resolution_is_there_in_both_languages(client):
    appeal = write_appeal(title="Urgent call")
    english = text(client.get(f"/endorse/appeal/{appeal.slug}/resolution/"))
    spanish = text(client.get(f"/es/endorse/appeal/{appeal.slug}/resolution/"))
    assert "Motion" in english
    assert "Moción" in spanish
    for page, path in ((english, "/endorse/"), (spanish, "/es/endorse/")):
        assert "Urgent call" in page
        assert links.site_url(f"{path}appeal/{appeal.slug}/") in page


# --- Time --------------------------------------------------------------------------------------------
def test_what_was_not_confirmed_in_time_says_so(client):
    made = in_state("pending")
    with machine.travel(timezone.now() + timedelta(hours=25)):
        assert "Not confirmed in time" in text(client.get(f"/endorsement/{made.token}/"))


def test_the_day_that_begins_east_of_here_is_not_the_future(client):
    with machine.travel("2026-06-30 20:00:00+00:00"):
        assert send(client, make_event(), adopted_on="2026-07-01").status_code == 302
        assert send(client, make_event(), adopted_on="2026-07-02", name="UE 5").status_code == 422


def test_a_signed_in_account_needs_no_mail(member):
    event = make_event()
    fields = posted_endorsement()
    del fields["email"]
    response = member.post(form_of(event), fields)
    made = EventEndorsement.objects.get()
    assert response.url == f"/endorsement/{made.mail_token}/"
    assert Review.objects.waiting().get().object_id == made.pk


def test_a_robot_is_told(client):
    assert send(client, make_event(), website="https://spam.example").status_code == 422


def test_nothing_asks_for_a_cookie_before_the_form():
    event = make_event()
    endorse(event, published=True)
    for path in (
        "/organizations/",
        f"/endorse/event/{event.slug}/list/",
        f"/endorse/event/{event.slug}/resolution/",
    ):
        assert not Client().get(path).cookies
