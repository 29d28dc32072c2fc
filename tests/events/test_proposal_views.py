"""Proposing an event and a host's own page, as a browser meets them."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from committees.models import Committee, Membership
from events.models import DayOfAction, DayText, Event
from events.views import hosts
from events.when import day_text, days_text
from hub import links, moderation
from hub.contact import owned_things, remember_cookie
from hub.models import Confirmation, Mailbox, Review
from tests.cast import logged_in
from tests.events.hosting import (
    confirm,
    in_state,
    make_committee,
    posted_event,
    propose,
    review_of,
    trust,
)
from tests.factories import (
    deliver_mail,
    make_campaign,
    make_event,
    make_rsvp,
    make_user,
    new_address,
    posted_form,
    slot_of,
)
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]


@pytest.fixture(autouse=True)
def a_campaign():
    return make_campaign(is_home=True)


def post(client, step="send", path="/events/propose/", **fields):
    return client.post(path, posted_form(step=step, **posted_event(**fields)))


def hidden(page: str) -> dict[str, str]:
    """What the hidden fields of a page would send."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if parts.get("type") == "hidden" and parts["name"] != "csrfmiddlewaretoken":
            found[parts["name"]] = html.unescape(parts.get("value", ""))
    return found


# --- The form and its answers ----------------------------------------------------------------------
def test_the_form_its_answers_and_sending_them(visitor):
    address = new_address()
    page = visitor.get("/events/propose/").content.decode()
    assert "Host an event" in page
    check = post(visitor, "check", email=address, online="on", online_link="https://meet.example.org/r")
    assert check.status_code == 200
    page = check.content.decode()
    assert "Check your answers" in page
    for answer in ("Rally at City Hall", "Civic Center Plaza", address, "https://meet.example.org/r", "Yes"):
        assert answer in page
    assert "That of the place: America/Los_Angeles" in page
    assert not Event.objects.exists()
    assert not Mailbox.objects.exists()
    answer = visitor.post("/events/propose/", {**hidden(page), "step": "send", "website": ""})
    event = Event.objects.get()
    assert answer.headers["Location"] == f"/host/{event.host_form_token}/"
    assert (event.status, event.online, event.host_name) == ("draft", True, "Friends of Labor")
    assert (event.city, event.zone, event.online_link) == (
        "San Francisco",
        "America/Los_Angeles",
        "https://meet.example.org/r",
    )
    own = visitor.get(answer.headers["Location"]).content.decode()
    assert "One more step: confirm your e-mail" in own
    assert address not in own


def test_changing_keeps_everything_that_was_typed(visitor):
    page = post(visitor, "check", email=new_address(), all_day="", capacity="40").content.decode()
    form = visitor.post("/events/propose/", {**hidden(page), "step": "change"})
    assert form.status_code == 200
    text = form.content.decode()
    for value in ("Rally at City Hall", "Bring a friend.", "40", "14:00", "Civic Center Plaza"):
        assert value in text
    assert not re.search(r'name="all_day"[^>]* checked', text)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"title": ""}, "title", "Write a title."),
        ({"city": ""}, "city", "Write the city, or tick that people can take part online."),
        ({"city": "Nowhereville", "postal_code": ""}, "city", ""),
        ({"country": ""}, "country", "Choose the country."),
        ({"first_day": ""}, "first_day", "Choose the day."),
        ({"first_day": "2020-01-01"}, "first_day", "That day is in the past."),
        ({"first_day": "tomorrow"}, "first_day", "Write the date like"),
        ({"starts": ""}, "starts", "Write when it starts"),
        ({"starts": "25:99"}, "starts", "Write a time like 7:00 PM or 19:00."),
        ({"ends": "13:00"}, "ends", "It ends before it starts."),
        ({"first_day": "2027-03-14", "starts": "02:30"}, "starts", "That time does not exist on that day"),
        ({"city": "", "online": "on"}, "zone", "Choose the time zone of this online event."),
        ({"capacity": "0"}, "capacity", "Write 1 or more"),
        ({"email": ""}, "email", "Write your e-mail address"),
        ({"email": "nonsense"}, "email", "Write an e-mail address like name@example.org."),
        ({"online_link": "not a link"}, "online_link", "Write a link like"),
        ({"reveal": "approved"}, "reveal", "Choose one from the list."),
        ({"kind": "riot"}, "kind", "Choose one from the list."),
        ({"description": "x" * 10_001}, "description", ""),
        ({"title": "x" * 121}, "title", ""),
    ],
)
@pytest.mark.parametrize("step", ["check", "send"])
def test_bad_input_is_a_sentence_at_its_field_with_everything_kept(visitor, step, fields, field, sentence):
    answer = post(visitor, step, **{"email": new_address(), "venue": "Main Library", **fields})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'href="#id_{field}"' in page
    assert sentence in html.unescape(page)
    assert "Main Library" in page
    assert not Event.objects.exists()
    assert not Mailbox.objects.exists()


def test_one_post_is_answered_with_all_that_is_wrong(visitor):
    wrong = {"title": "", "city": "Nowhereville", "postal_code": "", "capacity": "0", "email": ""}
    wrong |= {"first_day": "2020-01-01", "starts": "", "ends": "25:99"}
    answer = post(visitor, "check", website="https://example.org/", **wrong)
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    summary = page.split("data-error-summary")[1].split("</ul>")[0]
    fields = {"title", "city", "first_day", "starts", "ends", "capacity", "email"}
    assert set(re.findall(r'href="#id_(\w+)"', summary)) == fields
    assert "Leave this field empty: only robots fill it in." in summary
    assert "That was very fast" not in summary
    assert summary.count("<li>") == len(fields) + 1
    assert 'name="website" value=' not in page


def test_what_only_robots_fill_in_is_said_before_the_answers_are_read_over(visitor):
    answer = post(visitor, "check", email=new_address(), website="https://example.org/")
    assert answer.status_code == 422
    assert "only robots fill it in" in answer.content.decode()
    assert post(visitor, "check", email=new_address(), website=" ").status_code == 200


def test_what_is_needed_under_a_condition_is_not_called_optional(visitor):
    event = in_state("approved")
    for path, prefix in (("/events/propose/", "id"), (f"/host/{event.host_token}/", "edit")):
        page = visitor.get(path).content.decode()
        labels = dict(re.findall(rf'<label for="{prefix}_(\w+)">(.*?)</label>', page))
        optional = {name for name, label in labels.items() if "(optional)" in label}
        assert {"city", "region", "country", "starts", "ends", "zone"} & optional == set()
        assert {"venue", "street", "last_day", "capacity"} <= optional
        for name in ("city", "country", "starts", "ends", "zone"):
            assert "Needed" in page.split(f'id="{prefix}_{name}_helptext">')[1].split("</div>")[0]


def test_the_same_form_sent_twice_acts_once(visitor):
    fields = posted_form(step="send", **posted_event(email=new_address()))
    first, second = visitor.post("/events/propose/", fields), visitor.post("/events/propose/", fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert Event.objects.count() == 1
    assert Confirmation.objects.count() == 1


def test_a_robot_is_asked_once_more(visitor):
    answer = post(visitor, email=new_address(), website="https://spam.example")
    assert answer.status_code == 422
    assert "Check your answers" in answer.content.decode()
    assert not Event.objects.exists()


def test_known_and_unknown_addresses_are_answered_alike(visitor):
    known = make_user().email
    answers = [post(visitor, email=address) for address in (known, new_address())]
    assert [answer.status_code for answer in answers] == [302, 302]
    pages = [visitor.get(answer.headers["Location"]).content for answer in answers]
    assert len({re.sub(rb"host/[\w-]+|token\W+value=\"[^\"]+\"|<svg.*?</svg>", b"", p) for p in pages}) <= 2
    assert Event.objects.filter(status="draft").count() == 2


def test_a_remembered_phone_needs_no_code(visitor):
    address = new_address()
    event = propose(email=address)
    visitor.cookies["remember"] = remember_cookie(Mailbox.objects.get(pk=event.host_id))
    post(visitor, email=address, title="Second")
    assert Event.objects.get(title="Second").status == "submitted"


def test_the_page_is_kept_by_nobody_and_named_to_nobody(visitor):
    for answer in (visitor.get("/events/propose/"), post(visitor, "check", email=new_address())):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_several_campaigns_are_chosen_from(visitor):
    other = make_campaign(title="Another campaign")
    assert "Another campaign" in visitor.get("/events/propose/").content.decode()
    post(visitor, email=new_address(), campaign=str(other.pk))
    assert Event.objects.get().campaign == other


def test_without_a_campaign_nothing_breaks(visitor, a_campaign):
    a_campaign.delete()
    assert post(visitor, email=new_address()).status_code == 422


# --- For a day of action -----------------------------------------------------------------------------
def make_day(campaign, **fields) -> DayOfAction:
    first = (timezone.now() + timedelta(days=14)).date()
    day = DayOfAction.objects.create(
        **{
            "campaign": campaign,
            "slug": "day-of-action",
            "first_date": first,
            "last_date": first,
            "status": "published",
            **fields,
        }
    )
    DayText.objects.create(day=day, language="en", title="Federal Workers Day", call="Act.")
    return day


def test_a_day_of_action_is_filled_in_and_kept(visitor, a_campaign):
    day = make_day(a_campaign)
    page = visitor.get("/events/propose/?day=day-of-action").content.decode()
    assert "Federal Workers Day" in page
    assert f'value="{day.first_date.isoformat()}"' in page
    check = post(visitor, "check", email=new_address(), day="day-of-action").content.decode()
    visitor.post("/events/propose/", {**hidden(check), "step": "send", "website": ""})
    assert Event.objects.get().day == day


def test_a_local_event_is_on_the_day_of_action(visitor, a_campaign):
    day = make_day(a_campaign)
    other = (day.first_date + timedelta(days=1)).isoformat()
    answer = post(visitor, "check", email=new_address(), day="day-of-action", first_day=other)
    assert answer.status_code == 422
    said = f"The day of action is on another day: {day_text(day.first_date, 'en')}."
    assert said in answer.content.decode()
    DayOfAction.objects.update(last_date=day.first_date + timedelta(days=2))
    later = (day.first_date + timedelta(days=3)).isoformat()
    answer = post(visitor, "check", email=new_address(), day="day-of-action", first_day=later)
    days = days_text(day.first_date, day.first_date + timedelta(days=2), "en")
    assert f"another day: {days}." in answer.content.decode()


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"slug": "another"}])
def test_a_day_nobody_sees_is_none(visitor, a_campaign, fields):
    make_day(a_campaign, **fields)
    assert "Federal Workers Day" not in visitor.get("/events/propose/?day=day-of-action").content.decode()


# --- With an account ---------------------------------------------------------------------------------
def test_an_account_is_asked_for_no_address(member):
    assert 'name="email"' not in member.get("/events/propose/").content.decode()
    answer = post(member)
    event = Event.objects.get()
    assert answer.headers["Location"] == f"/host/{event.host_token}/"
    assert event.status == "submitted"
    assert "A moderator looks at it" in member.get(answer.headers["Location"]).content.decode()


def test_coordinators_choose_among_their_own_committees(coordinator):
    own = make_committee(coordinator.user, active_days=60, name="Own Committee")
    other = make_committee(make_user(), active_days=60, name="Other Committee")
    page = coordinator.get("/events/propose/").content.decode()
    assert "Own Committee" in page
    assert "Other Committee" not in page
    assert post(coordinator, committee=str(other.pk)).status_code == 422
    answer = post(coordinator, committee=str(own.pk), visibility="members")
    event = Event.objects.get()
    assert (event.committee, event.visibility, event.status) == (own, "members", "published")
    assert answer.headers["Location"] == f"/events/{event.slug}/edit/"


def test_for_members_only_needs_a_committee(coordinator):
    make_committee(coordinator.user)
    answer = post(coordinator, visibility="members")
    assert answer.status_code == 422
    assert 'href="#id_committee"' in answer.content.decode()


def test_a_hidden_committee_s_event_is_for_its_members_without_asking(coordinator):
    hidden = make_committee(coordinator.user, active_days=60, visibility="hidden")
    assert post(coordinator, committee=str(hidden.pk), visibility="public").status_code == 302
    assert Event.objects.get().visibility == "members"


def test_a_committee_is_chosen_by_the_link_from_its_page_but_not_another_s(coordinator):
    own, other = make_committee(coordinator.user, name="Own"), make_committee(make_user(), name="Other")
    page = coordinator.get(f"/events/propose/?committee={own.slug}").content.decode()
    assert f'<option value="{own.pk}" selected>' in page
    page = coordinator.get(f"/events/propose/?committee={other.slug}").content.decode()
    assert str(other.pk) not in page


def test_coordinators_are_led_to_hosting_and_to_changing(coordinator, member):
    committee = coordinator.committee
    assert f"/events/propose/?committee={committee.slug}" in page_of(coordinator, committee)
    assert "/events/propose/?committee=" not in page_of(member, committee)
    event = make_event(committee=committee)
    path = f"/events/{event.slug}/"
    assert f"{path}edit/" in coordinator.get(path).content.decode()
    assert f"{path}edit/" not in member.get(path).content.decode()


def page_of(client, committee) -> str:
    return client.get(f"/committees/{committee.slug}/").content.decode()


def test_members_are_offered_no_committee(member):
    committee = make_committee(make_user())
    Membership.objects.create(
        committee=committee, user=member.user, state="active", asked_at=timezone.now(), since=timezone.now()
    )
    assert 'name="committee"' not in member.get("/events/propose/").content.decode()
    post(member, committee=str(committee.pk), visibility="members")
    assert Event.objects.get().committee is None
    assert Event.objects.get().visibility == "public"


def test_a_coordinator_without_the_role_any_more_is_refused(coordinator):
    committee = make_committee(coordinator.user, active_days=60)
    Membership.objects.all().delete()
    post(coordinator, committee=str(committee.pk))
    assert not Event.objects.exclude(committee=None).exists()


# --- The host's page ---------------------------------------------------------------------------------
def own_page(client, event) -> str:
    answer = client.get(f"/host/{event.host_token}/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("state", "sentences"),
    [
        ("unconfirmed", ["One more step: confirm your e-mail"]),
        ("submitted", ["A moderator looks at it", "It has been waiting since"]),
        ("returned", ["A moderator has a question", "Where?"]),
        ("rejected", ["It was not accepted", "No."]),
        ("approved", ["It is published", "Said yes 0, confirmed 0"]),
        ("changed", ["It is published", "Your change waits for a moderator"]),
    ],
)
def test_its_state_in_plain_words(visitor, state, sentences):
    event = in_state(state)
    page = own_page(visitor, event)
    for sentence in sentences:
        assert sentence in page
    assert ("/events/" + event.slug in page) == (event.status == "published")


def test_the_code_of_the_mail_confirms(visitor):
    address = new_address()
    event = propose(email=address, confirmed=False)
    path = f"/host/{event.host_form_token}/"
    wrong = visitor.post(path, {"act": "code", "code": "000 000"})
    assert wrong.status_code == 422
    code = links.code("confirm", Confirmation.objects.get().pk)
    (mail,) = deliver_mail()
    assert code in mail.body
    answer = visitor.post(path, {"act": "code", "code": code, "remember": "on"})
    assert answer.headers["Location"] == f"/host/{event.host_token}/"
    assert "remember" in answer.cookies
    assert "A moderator looks at it" in own_page(visitor, event)
    again = visitor.post(f"/host/{event.host_token}/", {"act": "code", "code": code})
    assert again.status_code == 302
    assert Review.objects.count() == 1


def test_the_button_of_the_mail_confirms(visitor):
    event = propose(confirmed=False)
    confirmation = Confirmation.objects.get()
    path = f"/confirm/{links.token('confirm', confirmation.pk)}/"
    assert event.title in visitor.get(path).content.decode()
    answer = visitor.post(path, {"act": f"events.proposal:{event.pk}"})
    assert answer.headers["Location"] == f"/host/{event.host_token}/"
    event.refresh_from_db()
    assert event.status == "submitted"


# --- The browser's link and the mailed one -----------------------------------------------------------
ACTS = ("code", "resend", "edit", "withdraw", "erase", "update", "remove_update", "ask_change", "change_code")


@pytest.mark.parametrize("trusted", [False, True])
def test_who_typed_somebody_s_address_can_do_nothing_once_that_is_proven(visitor, trusted):
    """A trusted host presses the button of a mail they did not ask for: whoever asked gets nothing."""
    address = new_address()
    if trusted:
        trust(address)
    event = propose(email=address, reveal="public")
    assert event.status == ("published" if trusted else "submitted")
    path, before = f"/host/{event.host_form_token}/", Event.objects.values().get()
    for act in (*ACTS, "stop", ""):
        said = {"act": act, "change": "cancel", "text": "Come elsewhere", "code": "123456", **posted_event()}
        answer = visitor.post(path, said)
        assert "Use the link in the mail" in answer.content.decode(), act
    assert event.title not in visitor.get(path).content.decode()
    assert Event.objects.values().get() == before
    assert not event.updates.exists()
    assert not event.host_changes.exists()
    assert Review.objects.waiting().count() == (0 if trusted else 1)


@pytest.mark.parametrize("act", ["edit", "withdraw", "erase"])
def test_proven_between_finding_the_page_and_the_act_nothing_is_done(visitor, monkeypatch, act):
    event = propose(confirmed=False)
    found = hosts.find

    def find_and_then_prove(request, token):
        door = found(request, token)
        confirm(event)
        return door

    monkeypatch.setattr(hosts, "find", find_and_then_prove)
    path = f"/host/{event.host_form_token}/"
    answer = visitor.post(path, {"act": act, **posted_event(title="Forged")})
    assert answer.headers["Location"] == path
    event.refresh_from_db()
    assert (event.title, event.status) == ("Rally for a Labor Party", "submitted")


@pytest.mark.parametrize("act", ["update", "ask_change", "stop", "change_code", "remove_update"])
def test_proven_and_published_at_that_moment_nothing_is_said_or_asked_for(visitor, monkeypatch, act):
    """A trusted host's event is on the site as soon as the mailbox is proven."""
    address = new_address()
    trust(address)
    event = propose(email=address, confirmed=False)
    found = hosts.find

    def find_and_then_prove(request, token):
        door = found(request, token)
        confirm(event)
        return door

    monkeypatch.setattr(hosts, "find", find_and_then_prove)
    path = f"/host/{event.host_form_token}/"
    answer = visitor.post(path, posted_form(act=act, text="Come elsewhere", change="cancel", code="000000"))
    assert answer.headers["Location"] == path
    event.refresh_from_db()
    assert event.status == "published"
    assert not event.updates.exists()
    assert not event.host_changes.exists()


def test_until_then_the_browser_that_sent_it_goes_on(visitor):
    event = propose(confirmed=False)
    path = f"/host/{event.host_form_token}/"
    page = visitor.get(path).content.decode()
    assert "The link below is for this browser." in page
    assert "QR code of my link" not in page
    assert visitor.post(path, {"act": "edit", **posted_event()}).status_code == 302
    event.refresh_from_db()
    assert event.title == "Rally at City Hall"


def test_the_same_form_sent_again_leads_to_no_page_of_the_owner_s(visitor):
    """The forger's own form, sent again after the owner has proven the mailbox."""
    form = posted_form(step="send", **posted_event(email="owner@example.org"))
    visitor.post("/events/propose/", form)
    event = Event.objects.get()
    confirm(event)
    again = visitor.post("/events/propose/", form)
    assert Event.objects.count() == 1
    assert again.headers["Location"] == f"/host/{event.host_form_token}/"
    again = logged_in(make_user()).post("/events/propose/", form)
    assert again.headers["Location"] == f"/host/{event.host_form_token}/"


def test_a_remembered_phone_is_led_to_the_permanent_page(visitor):
    host = propose(email="owner@example.org").host
    visitor.cookies["remember"] = remember_cookie(host)
    answer = post(visitor, email="owner@example.org")
    event = Event.objects.order_by("-proposed_at")[0]
    assert answer.headers["Location"] == f"/host/{event.host_token}/"


def test_asking_for_the_mail_again_says_so_and_sends_no_second_one(visitor):
    event = propose(confirmed=False)
    answer = visitor.post(f"/host/{event.host_token}/", {"act": "resend"})
    assert "If we wrote to you in the last hour" in answer.content.decode()
    assert Confirmation.objects.count() == 1


def test_counts_are_totals_and_never_names(visitor):
    event = in_state("approved")
    make_rsvp(event, email=new_address(), name="Zyx Quill", party_size=3, confirmed=True)
    make_rsvp(event, name="Vex Jolt", party_size=2)
    cancelled = make_rsvp(event, email=new_address(), party_size=4, confirmed=True)
    visitor.post(f"/rsvp/{cancelled.mail_token}/", {"act": "cancel"})
    page = own_page(visitor, event)
    assert "Said yes 5, confirmed 3" in page
    assert "Zyx" not in page
    assert "Vex" not in page


def edit(client, event, path="", **fields):
    page = client.get(path or f"/host/{event.host_token}/").content.decode()
    said = posted_event(title=event.title, sequence=re.search(r'name="sequence" value="(\d+)"', page)[1])
    slot = slot_of(event)
    local = slot.start.astimezone(event.tz)
    said |= {"first_day": local.date().isoformat(), "starts": f"{local:%H:%M}"}
    end = slot.end.astimezone(event.tz)
    said |= {"last_day": end.date().isoformat(), "ends": f"{end:%H:%M}"}
    said |= {"postal_code": "94102", "zone": event.zone}
    return client.post(path or f"/host/{event.host_token}/", {"act": "edit", **said, **fields})


def test_editing_before_publication(visitor):
    event = in_state("returned")
    answer = edit(visitor, event, title="Better", postal_code="94110")
    assert answer.status_code == 302
    assert "Your change is saved" in visitor.get(answer.headers["Location"]).content.decode()
    event.refresh_from_db()
    assert (event.title, event.status) == ("Better", "submitted")


def test_editing_a_published_one_waits_and_the_form_holds_what_waits(visitor):
    event = in_state("approved")
    assert edit(visitor, event, title="Better", postal_code="94110").status_code == 302
    page = own_page(visitor, event)
    assert "Your change waits for a moderator" in page
    assert 'value="Better"' in page
    assert "Better" not in visitor.get(f"/events/{event.slug}/").content.decode()


def test_bad_input_keeps_the_page_and_what_was_typed(visitor):
    event = in_state("approved")
    answer = edit(visitor, event, title="", venue="Main Library", postal_code="94110")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#edit_title"' in page
    assert "Main Library" in page
    assert event.title in page  # as the heading, unchanged
    assert not Review.objects.waiting()


def test_somebody_else_changed_it_meanwhile(visitor):
    event = in_state("approved")
    answer = edit(visitor, event, sequence="7", postal_code="94110")
    assert answer.status_code == 422
    assert "Somebody changed this event meanwhile" in answer.content.decode()


def test_what_was_rejected_says_so_and_changes_nothing(visitor):
    event = in_state("returned")
    page = visitor.get(f"/host/{event.host_token}/")
    assert page.status_code == 200
    Event.objects.update(status="rejected")
    answer = edit_blind(visitor, event)
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()


def edit_blind(client, event):
    """Send the form of a page that was open before."""
    said = posted_event(title="Better", sequence=str(event.sequence))
    return client.post(f"/host/{event.host_token}/", {"act": "edit", **said})


def test_taking_it_back(visitor):
    event = in_state("submitted")
    assert "Take it back" in own_page(visitor, event)
    answer = visitor.post(f"/host/{event.host_token}/", {"act": "withdraw"})
    assert "The event is deleted" in answer.content.decode()
    assert visitor.get(f"/host/{event.host_token}/").status_code == 404
    assert not Mailbox.objects.exists()


def test_a_published_one_can_not_be_taken_back(visitor):
    event = in_state("approved")
    assert "Take it back" not in own_page(visitor, event)
    answer = visitor.post(f"/host/{event.host_token}/", {"act": "withdraw"})
    assert answer.status_code == 422
    assert "can't be taken back" in html.unescape(answer.content.decode())
    assert Event.objects.filter(pk=event.pk).exists()


def test_erasing_one_s_address(visitor):
    event = in_state("approved")
    host, path = event.host, f"/host/{event.host_token}/"
    assert 'value="erase"' not in own_page(visitor, event)
    answer = visitor.post(path, {"act": "erase"})  # whoever has the link
    assert answer.status_code == 422
    assert "log in with your e-mail to erase it" in html.unescape(answer.content.decode())
    event.refresh_from_db()
    assert event.host == host
    logged_in(make_user(host.address)).post(path, {"act": "erase"})
    event.refresh_from_db()
    assert (event.host, event.status) == (None, "published")
    assert "Erase my e-mail" not in own_page(visitor, event)
    assert edit(visitor, event, title="Still", postal_code="94110").status_code == 302
    assert review_of(event).mailbox is None


def test_after_the_event_the_link_is_enough_to_erase(visitor, time_machine):
    event = in_state("approved")
    time_machine.move_to(slot_of(event).end + timedelta(hours=1))
    assert 'value="erase"' in own_page(visitor, event)
    visitor.post(f"/host/{event.host_token}/", {"act": "erase"})
    event.refresh_from_db()
    assert event.host is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("returned", "Your change is saved, and a moderator reads it."),
        ("unconfirmed", "Your change is saved."),
    ],
)
def test_a_saved_change_says_so(visitor, state, words):
    event = in_state(state)
    answer = edit(visitor, event, title="Better", postal_code="94110")
    assert said_after(visitor, answer) == words


def test_a_saved_change_of_what_is_published_says_who_reads_it(visitor):
    event = in_state("approved")
    answer = edit(visitor, event, title="Better", postal_code="94110")
    assert said_after(visitor, answer) == "Your change is saved, and a moderator reads it."


def said_after(client, answer) -> str:
    """The status line of the page an act leads to."""
    assert answer.status_code == 302
    page = html.unescape(client.get(answer.headers["Location"].split("#")[0]).content.decode())
    (words,) = re.findall(r'<p class="notice notice-success" role="status">(.*?)</p>', page)
    return words


@pytest.mark.parametrize("who", ["link", "coordinator"])
def test_each_act_of_the_page_says_what_was_done(visitor, coordinator, who):
    if who == "link":
        event = in_state("approved")
        client, path = visitor, f"/host/{event.host_token}/"
    else:
        event = propose(by=coordinator.user, committee=make_committee(coordinator.user, active_days=60))
        client, path = coordinator, f"/events/{event.slug}/edit/"

    def said(act, **fields):
        # From the page that an act before this one has led to.
        answer = client.post(f"{path}?done=edit", {"act": act, **fields})
        return said_after(client, answer)

    words = posted_form(text="We meet at the north gate.")
    assert said("update", **words) == "It is on the event's page now."
    assert said("remove_update", update=str(event.updates.get().pk)) == "It is taken off."
    begun = "Its ten minutes have begun."
    if who == "link":
        assert said("ask_change", change="cancel") == "Asked for. It waits for your code."
        code = re.search(r"\b\d{6}\b", deliver_mail()[-1].body)[0]
        assert said("change_code", code=code) == f"Confirmed. {begun}"
        (confirmed,) = event.host_changes.all()
        said("ask_change", change="postpone")
        wanted = event.host_changes.get(confirmed_at=None)
        assert said("stop", change=str(wanted.pk)) == "That is stopped."
        assert said("stop", change=str(confirmed.pk)) == "Stopped. Nobody is told."
    else:
        assert said("ask_change", change="cancel") == f"Asked for. {begun}"
        assert said("stop") == "Stopped. Nobody is told."
    refused = client.post(f"{path}?done=edit", {"act": "stop"})
    assert refused.status_code == 422
    assert "Your change is saved" not in refused.content.decode()


def test_erasing_says_so(visitor, time_machine):
    event = in_state("approved")
    time_machine.move_to(slot_of(event).end + timedelta(hours=1))
    answer = visitor.post(f"/host/{event.host_token}/", {"act": "erase"})
    assert said_after(visitor, answer) == "Your e-mail is erased."
    assert (
        "is erased"
        not in visitor.get(f"/host/{in_state('approved').host_token}/?done=erase").content.decode()
    )


@pytest.mark.parametrize("name", ["day", "committee"])
@pytest.mark.parametrize("typed", ["\0", "a\0b", "../x", "é"])
def test_what_is_the_address_of_nothing_is_ignored(coordinator, name, typed):
    assert coordinator.get("/events/propose/", {name: typed}).status_code == 200
    assert post(coordinator, **{name: typed}).status_code in (200, 302, 422)


def test_erasing_before_confirming_deletes_the_proposal(visitor):
    event = in_state("unconfirmed")
    visitor.post(f"/host/{event.host_token}/", {"act": "erase"})
    assert not Event.objects.exists()
    assert not Mailbox.objects.exists()


def test_another_s_link_is_missing(visitor):
    event = in_state("submitted")
    for token in (links.token("rsvp", event.pk), links.token("host", event.pk, 1), "x"):
        assert visitor.get(f"/host/{token}/").status_code == 404


# --- Coordinators ------------------------------------------------------------------------------------
def test_a_coordinator_edits_the_committee_s_event_at_once(coordinator):
    event = propose(by=coordinator.user, committee=make_committee(coordinator.user, active_days=60))
    path = f"/events/{event.slug}/edit/"
    answer = edit(coordinator, event, path, title="Better", postal_code="94110")
    assert answer.headers["Location"] == f"{path}?done=edit"
    event.refresh_from_db()
    assert event.title == "Better"


def test_a_coordinator_reads_why_it_was_returned(coordinator, moderator):
    event = propose(by=coordinator.user, committee=make_committee(coordinator.user))
    moderation.send_back(review_of(event), reason="Which gate?", by=moderator.user, at=timezone.now())
    page = coordinator.get(f"/events/{event.slug}/edit/").content.decode()
    assert "A moderator has a question" in page
    assert "Which gate?" in page


def test_the_role_s_loss_acts_on_the_next_request(coordinator):
    event = propose(by=coordinator.user, committee=make_committee(coordinator.user, active_days=60))
    path = f"/events/{event.slug}/edit/"
    assert coordinator.get(path).status_code == 200
    Membership.objects.all().delete()
    assert coordinator.get(path).status_code == 403
    assert coordinator.post(path, {"act": "withdraw"}).status_code == 403
    Committee.objects.update(visibility="hidden")
    Event.objects.update(visibility="members")
    assert coordinator.get(path).status_code == 404


def test_a_visitor_is_sent_to_log_in_whether_or_not_there_is_such_an_event(visitor):
    for slug in (make_event().slug, make_event(published=False).slug, "no-such-thing-2a3b4"):
        answer = visitor.get(f"/events/{slug}/edit/")
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith(f"?next=/events/{slug}/edit/")


# --- All the way -------------------------------------------------------------------------------------
def test_submit_return_edit_publish_edit_queue(visitor, moderator):
    """As two browsers walk it."""
    post(visitor, email=new_address(), title="Walk")
    event = Event.objects.get()
    own = f"/host/{event.host_token}/"
    code = links.code("confirm", Confirmation.objects.get().pk)
    visitor.post(own, {"act": "code", "code": code})
    decide(moderator, event, "return", words="Which library?")
    assert "Which library?" in own_page(visitor, event)
    edit(visitor, event, venue="Main Library", postal_code="94110")
    decide(moderator, event, "publish")
    event.refresh_from_db()
    assert event.status == "published"
    assert "Main Library" in visitor.get(f"/events/{event.slug}/").content.decode()
    edit(visitor, event, venue="Branch Library", postal_code="94110")
    assert "Branch Library" not in visitor.get(f"/events/{event.slug}/").content.decode()
    assert "Walk" in moderator.get("/moderation/").content.decode()
    decide(moderator, event, "publish")
    assert "Branch Library" in visitor.get(f"/events/{event.slug}/").content.decode()
    assert "Nothing is waiting." in moderator.get("/moderation/").content.decode()


def decide(client: Client, event: Event, act: str, **fields) -> None:
    review = Review.objects.waiting().get(object_id=event.pk)
    path = f"/moderation/{review.pk}/"
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(path).content.decode())[1]
    assert client.post(path, {"act": act, "seen": seen, **fields}).status_code == 302


def test_links_by_mail_lead_to_one_s_own_events():
    event, unproven = in_state("approved"), in_state("unconfirmed")
    (mine,) = owned_things(event.host, timezone.now())
    assert mine.path == f"/host/{event.host_token}/"
    assert owned_things(unproven.host, timezone.now()) == []
