"""The visitor's way through the pages: form, own page, code, button, change, cancel, erase, keep."""

import html
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.conf import settings as hub_settings
from django.core import mail as outgoing
from django.test import Client

from events.actions import events as event_actions
from events.actions import rsvps
from events.models import MergedLink, Rsvp
from hub import actions as ground
from hub import links
from hub.contact import CODE_TRIES, REMEMBER_COOKIE, REMEMBERED_FOR
from hub.models import Block, Confirmation, Mailbox, Message
from hub.personal import purge_all
from hub.views.personal import KEPT_COOKIE, KEPT_MOST
from tests import races
from tests.factories import (
    deliver_mail,
    event_details,
    links_in,
    make_event,
    make_rsvp,
    posted_rsvp,
    press_button,
    slot_of,
)

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)  # two in the afternoon in San Francisco
NOW = START - timedelta(days=10)
READER = "reader@example.org"
SECRET = {"reveal": "confirmed", "venue": "Secret Hall", "street": "7 Back Lane"}


@pytest.fixture(autouse=True)
def _ten_days_before(time_machine):
    time_machine.move_to(NOW, tick=False)


def open_event(start=START, **details):
    return make_event(start=start, **details)


def hall(capacity=20, **details):
    return make_event(start=START, capacity=capacity, **details)


def path_of(event) -> str:
    return f"/events/{event.slug}/rsvp/"


def page_of(party, *, mailed=True) -> str:
    return f"/rsvp/{party.mail_token if mailed else party.token}/"


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def send(browser, event, **fields):
    """Post the form; gives the response and the party it made, if any."""
    before = list(Rsvp.objects.values_list("pk", flat=True))
    response = browser.post(path_of(event), posted_rsvp(**fields))
    return response, Rsvp.objects.exclude(pk__in=before).first()


def act(browser, path, which, **fields):
    return browser.post(path, {"act": which, **fields})


def code_of(party) -> str:
    newest = Confirmation.objects.filter(mailbox=party.mailbox).order_by("-made_at")[0]
    return links.code("confirm", newest.pk)


def confirm_page(party) -> str:
    newest = Confirmation.objects.filter(mailbox=party.mailbox).order_by("-made_at")[0]
    return f"/confirm/{links.token('confirm', newest.pk)}/"


def dump() -> dict:
    """Every row of every table."""
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
    }


class Fields(HTMLParser):
    """Names and values of the form fields of a page, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attrs = dict(attributes)
        if tag == "input" and "name" in attrs:
            if attrs.get("type") != "checkbox" or "checked" in attrs:
                self.values[attrs["name"]] = attrs.get("value") or "on" * (attrs.get("type") == "checkbox")
        elif tag == "textarea":
            self.area = attrs["name"]
            self.values[self.area] = ""

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""


# --- The form -----------------------------------------------------------------------------------
def test_a_name_and_no_address_is_enough_on_an_open_event(visitor):
    event = open_event()
    response, party = send(visitor, event, name="Ana", party_size="2")
    assert response.status_code == 302
    assert response["Location"] == page_of(party, mailed=False)
    page = text_of(visitor.get(response["Location"]))
    assert "You're coming" in page
    assert "2 people" in page
    assert "We can't tell you if it moves: look here that morning." in page
    assert f'value="{hub_settings.SITE_URL}{page_of(party, mailed=False)}"' in page
    assert "Confirm your e-mail" not in page
    assert "This page is yours" in page


def test_an_address_on_an_open_event_counts_at_once_and_asks_to_be_confirmed(visitor):
    response, party = send(visitor, open_event(), email=READER)
    page = text_of(visitor.get(response["Location"]))
    assert "You're coming" in page
    assert "Confirm your e-mail, else we can't remind you" in page
    (mail,) = deliver_mail()
    assert mail.to == [READER]
    assert party.confirmed_at is None


def test_with_a_capacity_it_is_pending_then_code_then_going(visitor):
    response, party = send(visitor, hall(), email=READER)
    page = text_of(visitor.get(response["Location"]))
    assert "One more step: confirm your e-mail" in page
    assert "We hold your places until 2:30 PM PDT." in page
    assert "You're coming" not in page
    deliver_mail()

    response = act(visitor, page_of(party, mailed=False), "code", code=code_of(party))
    assert response.status_code == 302
    assert response["Location"] == page_of(party)
    page = text_of(visitor.get(response["Location"]))
    assert "You're coming" in page
    assert "We will remind you by mail." in page


def test_without_a_hold_it_says_when_it_counts(visitor):
    response, _party = send(visitor, hall(4), email=READER)
    assert "Your place counts from the moment you confirm." in text_of(visitor.get(response["Location"]))


@pytest.mark.parametrize(("party_size", "waits"), [("2", False), ("3", True)], ids=["fits", "too many"])
def test_page_and_mail_say_that_who_does_not_fit_will_wait(party_size, waits, visitor):
    event = hall(4)
    make_rsvp(event, confirmed=True, party_size=2)
    response, _party = send(visitor, event, email=READER, party_size=party_size)
    for text in (text_of(visitor.get(response["Location"])), deliver_mail()[-1].body):
        assert ("When you confirm, you are on the waiting list" in text) == waits
        assert ("Your place counts from the moment you confirm." in text) == (not waits)


@pytest.mark.parametrize("event", [{"capacity": 20}, SECRET], ids=["capacity", "place not public"])
def test_an_address_is_required_where_it_must_be_confirmed(event, visitor):
    response, party = send(visitor, open_event(**event), name="Ana")
    assert response.status_code == 422
    assert "Write your e-mail address: we keep your place with it." in text_of(response)
    assert party is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"party_size": ""}, "Write how many people are coming, 1 to 10."),
        ({"party_size": "0"}, "Write how many people are coming, 1 to 10."),
        ({"party_size": "many"}, "Write how many people are coming, 1 to 10."),
        ({"party_size": "11"}, "One answer is for 10 people at most."),
        ({"email": "not an address"}, "Write an e-mail address like name@example.org."),
        ({"email": f"{'x' * 170}@example.org"}, "at most 170 characters"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"need": "x" * 501}, "at most 500 characters"),
        ({"name": "nul\0"}, "Null characters are not allowed."),
    ],
    ids=[
        *("no number", "nobody", "no digits", "too many", "no address"),
        *("long address", "long name", "long need", "NUL"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(wrong, sentence, visitor):
    typed = {"name": "Ana", "email": READER, "party_size": "3", "need": "a chair", "neutral": "on"}
    response, party = send(visitor, open_event(), **{**typed, **wrong})
    assert response.status_code == 422
    page = text_of(response)
    assert sentence in page
    assert "There is a problem" in page
    assert party is None
    (name,) = wrong
    assert f'href="#id_{name}"' in page
    kept = Fields(response.content.decode()).values
    assert {field: kept[field] for field in typed if field not in wrong} == {
        field: value for field, value in typed.items() if field not in wrong
    }


@pytest.mark.parametrize("wrong", [{"name": "x" * 81}, {"email": f"{'x' * 170}@example.org"}, {"email": "x"}])
def test_what_is_wrong_is_said_to_a_friend_in_spanish(wrong, visitor):
    response = visitor.post(f"/es{path_of(open_event())}", posted_rsvp(**wrong))
    (sentence,) = re.findall(r'<li><a href="#id_\w+">([^<]+)', text_of(response))
    assert sentence.startswith("Escribe ")


def test_more_people_than_the_hall_holds(visitor):
    response, party = send(visitor, hall(5), email=READER, party_size="6")
    assert response.status_code == 422
    assert "This event has room for 5 people. Write a smaller number." in text_of(response)
    assert party is None


def test_the_form_says_when_the_hall_is_full(visitor):
    event = hall(1)
    make_rsvp(event, confirmed=True)
    assert "We put you on the waiting list" in text_of(visitor.get(path_of(event)))


# --- Forms act once, and cost a robot more ------------------------------------------------------
def test_the_same_form_twice_leads_to_the_same_page(visitor):
    event = open_event()
    fields = posted_rsvp(email=READER)
    first = visitor.post(path_of(event), fields)
    second = Client().post(path_of(event), fields)
    assert first["Location"] == second["Location"]
    assert Rsvp.objects.count() == 1
    assert len(deliver_mail()) == 1


def test_the_same_form_after_erasing_leads_to_the_event(visitor):
    event = open_event()
    fields = posted_rsvp()
    first = visitor.post(path_of(event), fields)
    act(visitor, first["Location"], "erase")
    second = visitor.post(path_of(event), fields)
    assert second["Location"] == f"/events/{event.slug}/"
    assert not Rsvp.objects.exists()


TYPED = {"name": "Ana & Luz", "email": READER, "party_size": "3", "need": "a <chair>", "neutral": "on"}


def test_too_fast_comes_back_with_everything_and_passes_the_second_time(visitor, time_machine):
    event = open_event()
    fresh = Fields(visitor.get(path_of(event)).content.decode()).values
    time_machine.move_to(NOW + timedelta(seconds=1), tick=False)
    response = visitor.post(path_of(event), {**fresh, **TYPED})
    assert response.status_code == 422
    assert "That was very fast. Please press the button once more." in text_of(response)
    assert not Rsvp.objects.exists()

    again = Fields(response.content.decode()).values
    assert {name: again[name] for name in TYPED} == TYPED
    assert visitor.post(path_of(event), again).status_code == 302  # at once: it has been waited for
    assert (Rsvp.objects.get().name, Rsvp.objects.get().need) == ("Ana & Luz", "a <chair>")


@pytest.mark.parametrize("seconds", [1, 25 * 3600])
def test_what_can_be_mended_is_said_first_and_then_it_goes_through(seconds, visitor, time_machine):
    event = open_event()
    fresh = Fields(visitor.get(path_of(event)).content.decode()).values
    time_machine.move_to(NOW + timedelta(seconds=seconds), tick=False)
    response = visitor.post(path_of(event), {**fresh, **TYPED, "party_size": "0"})
    assert response.status_code == 422
    assert "Write how many people are coming" in text_of(response)
    assert "Please press the button once more." not in text_of(response)
    again = Fields(response.content.decode()).values
    assert visitor.post(path_of(event), {**again, "party_size": "2"}).status_code == 302


def test_the_need_says_that_nobody_reads_it_yet(visitor):
    assert "For now nobody reads these answers here" in text_of(visitor.get(path_of(open_event())))


@pytest.mark.parametrize("stale", ["old", "tampered", "missing", "of another purpose", "very long"])
def test_a_stale_form_comes_back_with_everything_and_passes_the_second_time(stale, visitor, time_machine):
    event = open_event()
    fields = {**Fields(visitor.get(path_of(event)).content.decode()).values, **TYPED}
    if stale == "old":
        time_machine.move_to(NOW + timedelta(hours=24, seconds=1), tick=False)
    elif stale == "tampered":
        fields["form_token"] = "x" + fields["form_token"]
    elif stale == "missing":
        del fields["form_token"]
    elif stale == "of another purpose":
        fields["form_token"] = links.sign("value", REMEMBER_COOKIE)
    else:
        fields["form_token"] = "x" * 300
    response = visitor.post(path_of(event), fields)
    assert response.status_code == 422
    assert "Please press the button once more." in text_of(response)
    again = Fields(response.content.decode()).values
    assert {name: again[name] for name in TYPED} == TYPED
    assert visitor.post(path_of(event), again).status_code == 302


def test_the_trap_comes_back_with_everything_and_passes_the_second_time(visitor):
    event = open_event()
    response = visitor.post(path_of(event), posted_rsvp(**TYPED, website="https://spam.example"))
    assert response.status_code == 422
    assert "only robots fill it in" in text_of(response)
    assert not Rsvp.objects.exists()
    again = Fields(response.content.decode()).values
    assert {name: again[name] for name in TYPED} == TYPED
    assert visitor.post(path_of(event), again).status_code == 302


# --- Closed events ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("details", "moment", "sentence"),
    [
        ({}, START + timedelta(hours=2), "This event is over, so you can't sign up for it."),
        ({"event_status": "cancelled"}, NOW, "This event is cancelled, so you can't sign up for it."),
        ({"event_status": "postponed"}, NOW, "This event is postponed and has no new date yet"),
    ],
    ids=["over", "cancelled", "postponed"],
)
def test_a_closed_event_says_why(details, moment, sentence, visitor, time_machine):
    event = open_event(**details)
    time_machine.move_to(moment, tick=False)
    response, party = send(visitor, event, name="Ana")
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert party is None
    response = visitor.get(path_of(event))
    assert response.status_code == 410
    assert sentence in text_of(response)


def test_a_draft_does_not_exist(visitor, member):
    event = open_event(published=False)
    for browser in (visitor, member):
        assert browser.get(path_of(event)).status_code == 404
        assert browser.post(path_of(event), posted_rsvp()).status_code == 404
    assert not Rsvp.objects.exists()


def test_taking_an_event_off_the_site_leaves_peoples_own_pages(visitor):
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    event_actions.unpublish_event(party.event, by=None, at=NOW)
    assert visitor.get(page_of(party)).status_code == 200


# --- The code -----------------------------------------------------------------------------------
def test_a_pasted_code_may_have_spaces_and_dashes(visitor):
    _response, party = send(visitor, hall(), email=READER)
    code = code_of(party)
    response = act(visitor, page_of(party, mailed=False), "code", code=f" {code[:3]}-{code[3:]} ")
    assert response["Location"] == page_of(party)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_costs_no_try(code, visitor):
    _response, party = send(visitor, hall(), email=READER)
    response = act(visitor, page_of(party, mailed=False), "code", code=code)
    assert response.status_code == 422
    assert "Write the six digits from the mail." in text_of(response)
    assert Confirmation.objects.get().code_tries == 0


def wrong_code(party) -> str:
    return f"{(int(code_of(party)) + 1) % 1_000_000:06d}"


def test_a_wrong_code_can_be_tried_five_times(visitor):
    _response, party = send(visitor, hall(), email=READER)
    path = page_of(party, mailed=False)
    for _try in range(CODE_TRIES):
        response = act(visitor, path, "code", code=wrong_code(party))
        assert response.status_code == 422
        assert "That is not the code in the mail." in text_of(response)
    response = act(visitor, path, "code", code=code_of(party))
    assert response.status_code == 422
    assert "Too many wrong codes" in text_of(response)
    assert 'name="code"' not in text_of(response)  # no field that can't help
    assert "A new one is possible from 3:00 PM PDT." in text_of(response)
    party.refresh_from_db()
    assert party.confirmed_at is None
    # The button still works.
    visitor.post(confirm_page(party), {"act": f"events.rsvp:{party.pk}"})
    party.refresh_from_db()
    assert party.confirmed_at == NOW


def test_the_fifth_try_may_be_right(visitor):
    _response, party = send(visitor, hall(), email=READER)
    path = page_of(party, mailed=False)
    for _try in range(CODE_TRIES - 1):
        act(visitor, path, "code", code=wrong_code(party))
    assert act(visitor, path, "code", code=code_of(party)).status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(29, 302), (30, 422)])
def test_a_code_lives_half_an_hour(minutes, status, visitor, time_machine):
    _response, party = send(visitor, hall(), email=READER)
    time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
    response = act(visitor, page_of(party, mailed=False), "code", code=code_of(party))
    assert response.status_code == status
    assert status == 302 or "This code is no longer valid." in text_of(response)


def test_the_code_of_another_mailbox_confirms_nothing(visitor):
    event = hall()
    _response, party = send(visitor, event, email=READER)
    _response, other = send(Client(), event, email="other@example.org")
    response = act(visitor, page_of(party, mailed=False), "code", code=code_of(other))
    assert response.status_code == 422
    assert not Rsvp.objects.filter(confirmed_at__isnull=False).exists()


def test_a_code_confirms_only_what_this_browser_did(visitor):
    _response, first = send(visitor, hall(), email=READER)
    _response, second = send(visitor, hall(), email=READER)
    act(visitor, page_of(second, mailed=False), "code", code=code_of(first))  # one mail for both
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.confirmed_at, second.confirmed_at) == (None, NOW)


def test_the_page_says_when_the_mail_was_asked_for_and_when_a_new_one_is_possible(visitor, time_machine):
    _response, party = send(visitor, hall(), email=READER)
    page = text_of(visitor.get(page_of(party, mailed=False)))
    assert "(asked for: 2:00 PM PDT). A new one is possible from 3:00 PM PDT." in page
    assert "Look in your spam folder too." in page
    assert "Send it again" not in page
    assert page.count("If we wrote to you in the last hour, that mail covers this too.") == 1
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    page = text_of(visitor.get(page_of(party, mailed=False)))
    assert "(asked for: 2:00 PM PDT). Look in your spam folder too." in page
    assert "Send it again" in page
    time_machine.move_to(NOW + timedelta(hours=12), tick=False)
    page = text_of(visitor.get(page_of(party, mailed=False)))
    assert "(asked for: Wednesday, June 24, 2026, 2:00 PM PDT)." in page


def test_send_it_again_says_the_same_and_mails_nothing_within_the_hour(visitor, time_machine):
    _response, party = send(visitor, hall(), email=READER)
    assert len(deliver_mail()) == 1
    sentence = "If no mail went out in the last hour, a new one is on its way; there are three a day at most."
    for minutes, mails in ((0, 0), (60, 1), (61, 0)):
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        response = act(visitor, page_of(party, mailed=False), "resend")
        assert response.status_code == 200
        assert sentence in text_of(response)
        assert text_of(response).count("that mail covers this too") == 1
        assert len(deliver_mail()) == mails


# --- The address, mistyped or left out ----------------------------------------------------------
TYPO, RIGHT = "raeder@example.com", "reader@example.org"


@pytest.mark.parametrize(
    "event", [{}, {"capacity": 20}, {"reveal": "confirmed"}], ids=["open", "hall", "area"]
)
def test_a_mistyped_address_is_corrected(event, visitor):
    response, party = send(
        visitor, open_event(**event), email=TYPO, name="Ana", need="a chair", party_size="2"
    )
    old_pages = page_of(party, mailed=False), page_of(party)
    page = text_of(visitor.get(old_pages[0]))
    assert "The mail is for r…@example.com (" in page
    assert TYPO not in page
    assert "Change my e-mail" in page
    deliver_mail()
    act(visitor, old_pages[0], "keep")
    response = act(visitor, old_pages[0], "email", email=RIGHT)
    assert response.status_code == 302
    now = Rsvp.objects.get()
    assert response["Location"] == page_of(now, mailed=False)
    assert (now.mailbox.address, now.name, now.need) == (RIGHT, "Ana", "a chair")
    assert now.attendances.get().party_size == 2
    assert "The mail is for r…@example.org (" in text_of(visitor.get(response["Location"]))
    (mail,) = deliver_mail()
    assert mail.to == [RIGHT]
    # Nothing is left of the other address, and what was mailed there opens nothing.
    assert not Mailbox.objects.exclude(pk=now.mailbox_id).exists()
    assert visitor.get(old_pages[1]).status_code == 404
    # The browser's old link, and what this phone keeps, lead on.
    assert visitor.get(old_pages[0])["Location"] == page_of(now, mailed=False)
    assert visitor.cookies[KEPT_COOKIE].value == now.token
    act(visitor, page_of(now, mailed=False), "code", code=code_of(now))
    now.refresh_from_db()
    assert now.confirmed_at == NOW
    assert visitor.get(old_pages[1]).status_code == 404


def test_correcting_the_address_makes_the_hold_no_longer(visitor, time_machine):
    event = hall()
    _response, party = send(visitor, event, email=TYPO, party_size="3")
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    act(visitor, page_of(party, mailed=False), "email", email=RIGHT)
    row = Rsvp.objects.get().attendances.get()
    assert (row.seats_held, row.hold_until) == (3, NOW + timedelta(minutes=30))
    races.assert_seats_add_up(slot_of(event))


def test_an_address_can_be_added(visitor, time_machine):
    _response, party = send(visitor, open_event())
    page = text_of(visitor.get(page_of(party, mailed=False)))
    assert "Add my e-mail" in page
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    response = act(visitor, page_of(party, mailed=False), "email", email=READER)
    page = text_of(visitor.get(response["Location"]))
    assert "You're coming" in page
    assert "Confirm your e-mail, else we can't remind you" in page
    purge_all(NOW + timedelta(days=3, hours=1))  # its day begins with the address
    now = Rsvp.objects.get()
    assert now.mailbox.address == READER
    act(visitor, page_of(now, mailed=False), "code", code=code_of(now))
    now.refresh_from_db()
    assert now.confirmed_at


def test_the_same_address_again_changes_nothing(visitor):
    _response, party = send(visitor, hall(), email=READER)
    response = act(visitor, page_of(party, mailed=False), "email", email="Reader@example.org")
    assert response["Location"] == page_of(party, mailed=False)
    assert Rsvp.objects.get() == party
    assert len(deliver_mail()) == 1


def test_an_address_that_is_none_is_refused(visitor):
    _response, party = send(visitor, hall(), email=READER)
    before = dump()
    for typed in ("", "nonsense"):
        response = act(visitor, page_of(party, mailed=False), "email", email=typed)
        assert response.status_code == 422
        assert "Write an e-mail address like name@example.org." in text_of(response)
    assert dump() == before


@pytest.mark.parametrize("why", ["by the mail", "confirmed", "cancelled", "expired", "over"])
def test_the_address_changes_only_by_the_browsers_link_and_until_it_is_proven(why, visitor, time_machine):
    _response, party = send(visitor, hall(), email=READER)
    path = page_of(party, mailed=why == "by the mail")
    if why == "confirmed":
        press_button(party)
    elif why == "cancelled":
        rsvps.cancel(party.pk, at=NOW)
    elif why in ("expired", "over"):
        days = 1 if why == "expired" else 10.5
        time_machine.move_to(NOW + timedelta(days=days), tick=False)
    page = text_of(visitor.get(path))
    assert "Change my e-mail" not in page
    assert "Add my e-mail" not in page
    assert why == "expired" or why == "over" or "r…@" not in page
    before = dump()
    act(visitor, path, "email", email="other@example.org")
    assert dump() == before


def test_the_form_sent_again_leads_to_the_corrected_answer(visitor):
    event, form = hall(), posted_rsvp(email=TYPO)
    first = visitor.post(path_of(event), form)
    act(visitor, first["Location"], "email", email=RIGHT)
    again = visitor.post(path_of(event), form)
    assert again["Location"] == page_of(Rsvp.objects.get(), mailed=False)


# --- Links change nothing by themselves ---------------------------------------------------------
def test_opening_a_link_of_any_mail_changes_nothing(visitor):
    """Mail scanners follow links: every one of every kind of mail, by GET and by HEAD."""
    event = hall(2)
    first = make_rsvp(event, email=READER, confirmed=True)
    waiting = make_rsvp(event, email="waiting@example.org", confirmed=True, party_size=2)
    newer = make_rsvp(event, email=READER, party_size=1)
    pending = make_rsvp(open_event(title="Other"), email="pending@example.org")
    ground.mail_links(READER, language="en", at=NOW)
    event_actions.edit_event(event, event_details(start=START, capacity=2, venue="Hall"), by=None, at=NOW)
    deliver_mail()
    rsvps.cancel(first.pk, at=NOW)
    deliver_mail()
    kinds = set(Message.objects.filter(state="sent").values_list("kind", flat=True))
    assert kinds >= {
        "hub.confirmation",
        "events.changed",
        "events.waiting",
        "events.seated",
        "events.cancelled_by_you",
    }
    assert waiting.event == newer.event != pending.event

    addresses = {address for mail in outgoing.outbox for address in links_in(mail)}
    assert len(addresses) > 6
    before = dump()
    for address in addresses:
        path = address.removeprefix(hub_settings.SITE_URL)
        assert path != address  # every link leads to this site
        for method in (visitor.get, visitor.head):
            assert method(path or "/", follow=True).status_code == 200
    assert dump() == before


def test_opening_ones_pages_changes_nothing(visitor):
    event = open_event(**SECRET, online=True, online_link="https://meet.example.org/x")
    _response, party = send(visitor, event, email=READER)
    paths = [path_of(event), f"/events/{event.slug}/", f"/events/{event.slug}.ics", "/mine/", "/events/"]
    paths += [page_of(party, mailed=False), page_of(party), confirm_page(party), "/mine/erased/"]
    before = dump()
    for path in paths:
        for query in ("", "?act=cancel", "?act=erase&never_write=on", "?act=reveal"):
            for method in (visitor.get, visitor.head):
                assert method(path + query).status_code == 200
    assert dump() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(method, visitor):
    party = make_rsvp(open_event())
    for path in (page_of(party, mailed=False), path_of(party.event)):
        assert getattr(visitor, method)(path).status_code == 405
    assert Rsvp.objects.count() == 1


# --- Wrong links --------------------------------------------------------------------------------
def test_a_wrong_link_is_a_missing_page(visitor):
    party = make_rsvp(open_event(), email=READER)
    token = party.mail_token
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    confirmation = links.token("confirm", Confirmation.objects.get().pk)
    next_one = links.token("rsvp-mail", party.pk, 1)
    for wrong in (
        flipped,
        token[:-1],
        token + "A",
        token.lower(),
        confirmation,
        next_one,
        str(party.pk),
        "x",
    ):
        missing = visitor.get(f"/rsvp/{wrong}/")
        assert missing.status_code == 404
        assert "If you erased your answer, this is right" in text_of(missing)
        assert 'href="/mine/">Lost your link?' in text_of(missing)
        assert act(visitor, f"/rsvp/{wrong}/", "erase").status_code == 404
    assert Rsvp.objects.count() == 1


def test_a_wrong_or_old_confirmation_link_is_gone(visitor, time_machine):
    party = make_rsvp(hall(), email=READER)
    path = confirm_page(party)
    token = path.split("/")[2]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), party.mail_token, party.token, "x"):
        assert visitor.get(f"/confirm/{wrong}/").status_code == 410
        assert visitor.post(f"/confirm/{wrong}/", {"act": f"events.rsvp:{party.pk}"}).status_code == 410
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)
    response = visitor.get(path)
    assert response.status_code == 410
    assert "This link no longer works" in text_of(response)
    assert visitor.post(path, {"act": f"events.rsvp:{party.pk}"}).status_code == 410
    assert not Rsvp.objects.filter(confirmed_at__isnull=False).exists()


def test_erased_links_are_missing_pages(visitor):
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    paths = [page_of(party), page_of(party, mailed=False)]
    act(visitor, paths[0], "erase")
    assert [visitor.get(path).status_code for path in paths] == [404, 404]


# --- The link of the form, once the mailbox is confirmed ----------------------------------------
@pytest.fixture
def spent():
    """A confirmed party with everything one could want to see."""
    event = open_event(**SECRET, online=True, online_link="https://meet.example.org/x")
    return make_rsvp(event, email=READER, confirmed=True, name="Ana", need="a ramp", party_size=7)


def test_the_forms_link_shows_nothing_after_confirming(spent, visitor):
    path = page_of(spent, mailed=False)
    for response in (visitor.get(path), *(act(visitor, path, name) for name in ("reveal", "resend", "keep"))):
        page = text_of(response)
        assert "Use the link in the mail" in page
        for word in ("Ana", "a ramp", "7 people", "Secret Hall", "Back Lane", "meet.example.org", READER):
            assert word not in page
        assert spent.mail_token not in page
        assert not response.cookies


@pytest.mark.parametrize("name", ["cancel", "erase", "change", "code", "resend"])
def test_the_forms_link_does_nothing_after_confirming(name, spent, visitor):
    before = dump()
    act(visitor, page_of(spent, mailed=False), name, party_size="1", code="123456", never_write="on")
    assert dump() == before


def test_typing_somebodys_address_never_opens_their_page(visitor):
    event = open_event(**SECRET)
    make_rsvp(event, email=READER, confirmed=True, name="Ana", need="a ramp", party_size=7)
    response, party = send(visitor, event, email=READER, name="Snoop", party_size="2")
    page = text_of(visitor.get(response["Location"]))
    assert "One more step: confirm your e-mail" in page
    for word in ("Ana", "a ramp", "7 people", "Secret Hall"):
        assert word not in page
    act(visitor, response["Location"], "erase", never_write="on")
    assert Rsvp.objects.get() != party
    assert not Block.objects.exists()


# --- Merged -------------------------------------------------------------------------------------
def test_the_newer_mails_link_leads_to_the_older_answer(visitor):
    event = hall()
    older = make_rsvp(event, email=READER, confirmed=True, name="Ana")
    newer = make_rsvp(event, email=READER, party_size=4)
    link = page_of(newer)
    press_button(newer)
    assert MergedLink.objects.filter(proves=True).count() == 1
    page = text_of(visitor.get(link, follow=True))
    assert "4 people" in page
    assert 'value="Ana"' in page
    # Keeping it keeps the answer.
    kept = visitor.get(link, follow=True).redirect_chain
    assert kept == [(page_of(older), 302)]
    # The link of the browser that sent the form shows what it shows without an older answer.
    spent = visitor.get(page_of(newer, mailed=False))
    assert spent.status_code == 200
    assert "Use the link in the mail" in text_of(spent)
    assert "4 people" not in text_of(spent)


# --- Changing -----------------------------------------------------------------------------------
def change(browser, party, **fields):
    wanted = {"party_size": "1", "name": "", "need": "", **fields}
    return act(browser, page_of(party), "change", **wanted)


def test_changing_up_and_down(visitor):
    party = make_rsvp(hall(10), email=READER, confirmed=True)
    assert "Saved." not in text_of(visitor.get(page_of(party)))
    response = change(visitor, party, party_size="6", name="Luz", need="a ramp")
    assert response["Location"] == page_of(party) + "?saved=1"
    page = text_of(visitor.get(response["Location"]))
    assert '<p class="notice notice-success" role="status">Saved.</p>' in page
    assert "6 people" in page
    assert 'value="Luz"' in page
    assert "a ramp" in page
    change(visitor, party, party_size="2")
    assert "2 people" in text_of(visitor.get(page_of(party)))


def test_more_than_are_left_keeps_seats_and_waits_for_the_rest(visitor):
    event = hall(4)
    party = make_rsvp(event, email=READER, confirmed=True, party_size=2)
    make_rsvp(event, confirmed=True)
    change(visitor, party, party_size="4")
    page = text_of(visitor.get(page_of(party)))
    assert "You're coming" in page
    assert "2 places are yours. You are on the waiting list for 2 more" in page


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ("5", "This event has room for 4 people. Write a smaller number."),
        ("11", "One answer is for 10 people at most."),
        ("0", "Write how many people are coming, 1 to 10."),
        ("", "Write how many people are coming, 1 to 10."),
    ],
)
def test_a_number_that_can_not_be_changes_nothing(size, sentence, visitor):
    party = make_rsvp(hall(4), email=READER, confirmed=True, name="Ana")
    before = dump()
    response = change(visitor, party, party_size=size, name="Luz", need="typed with care")
    assert response.status_code == 422
    page = text_of(response)
    assert sentence in page
    assert "typed with care" in page
    assert dump() == before


def test_a_capacity_lowered_this_moment_changes_nothing(visitor, monkeypatch):
    party = make_rsvp(hall(4), email=READER, confirmed=True)

    def refuse(*args, **kwargs):
        raise rsvps.RsvpRefused("too_large")

    monkeypatch.setattr(rsvps, "change", refuse)
    response = change(visitor, party, party_size="3")
    assert response.status_code == 422
    assert "The event has no room for so many people. Nothing was changed." in text_of(response)


def test_a_number_of_a_closed_event_changes_nothing(visitor):
    event = open_event()
    party = make_rsvp(event, email=READER, confirmed=True)
    event_actions.cancel_event(event, by=None, at=NOW)
    response = change(visitor, party, party_size="3")
    assert response.status_code == 422
    assert "This event takes no changes any more. Nothing was changed." in text_of(response)


# --- Cancelling and erasing ---------------------------------------------------------------------
def test_cancelling(visitor):
    event = hall(1)
    party = make_rsvp(event, email=READER, confirmed=True)
    waiting = make_rsvp(event, confirmed=True)
    assert act(visitor, page_of(party), "cancel")["Location"] == page_of(party)
    page = text_of(visitor.get(page_of(party)))
    assert "You cancelled" in page
    assert path_of(event) in page  # coming after all
    assert "Change my answer" not in page
    assert "You're coming" in text_of(visitor.get(page_of(waiting)))


def test_who_waits_reads_it(visitor):
    event = hall(1)
    make_rsvp(event, confirmed=True)
    party = make_rsvp(event, email=READER, confirmed=True)
    page = text_of(visitor.get(page_of(party)))
    assert "You're on the waiting list" in page
    assert "until three hours before the start" in page


def test_a_party_larger_than_what_is_left_reads_for_how_many_there_is_room(visitor):
    event = hall(10)
    make_rsvp(event, confirmed=True, party_size=3)
    party = make_rsvp(event, email=READER, confirmed=True, party_size=10)
    sentence = "There is room for 7 of your 10 people at the moment."
    assert sentence in text_of(visitor.get(page_of(party)))
    assert "There is room" not in text_of(visitor.get(f"/events/{event.slug}/"))
    change(visitor, party, party_size="7")
    page = text_of(visitor.get(page_of(party)))
    assert "You're coming" in page
    assert "There is room" not in page


def test_nobody_reads_of_room_where_there_is_none(visitor):
    event = hall(1)
    make_rsvp(event, confirmed=True)
    party = make_rsvp(event, email=READER, confirmed=True)
    assert "There is room" not in text_of(visitor.get(page_of(party)))


def test_the_code_to_scan_comes_with_the_link_that_stays(visitor):
    party = make_rsvp(hall(), email=READER)
    page = text_of(visitor.get(page_of(party, mailed=False)))
    assert "The link below is for this browser." in page
    assert "Scan it with another phone." not in page
    press_button(party)
    assert "Scan it with another phone." in text_of(visitor.get(page_of(party)))
    assert "Scan it with another phone." in text_of(
        visitor.get(page_of(make_rsvp(open_event()), mailed=False))
    )


@pytest.mark.parametrize(("make", "given"), [(hall, True), (open_event, False)])
def test_a_place_is_given_to_the_next_only_where_places_are_counted(make, given, visitor):
    party = make_rsvp(make(), email=READER, confirmed=True)
    page = text_of(visitor.get(page_of(party)))
    assert ("Your place goes to the next who is waiting." in page) is given


def test_a_postponed_events_old_date_does_not_look_valid(visitor):
    event = hall(1)
    going = make_rsvp(event, email=READER, confirmed=True)
    waiting = make_rsvp(event, confirmed=True)
    event_actions.postpone_event(event, by=None, at=NOW)
    for path in (page_of(going), page_of(waiting), f"/events/{event.slug}/"):
        page = text_of(visitor.get(path))
        assert "No new date yet" in page
        assert "It was planned for: <s><span>Saturday,</span> <span>July 4, 2026,</span>" in page
        assert "<time" not in page
    page = text_of(visitor.get(page_of(going)))
    assert "You're still signed up" in page
    assert "You keep your place." in page
    assert "panel-going" not in page
    page = text_of(visitor.get(page_of(waiting)))
    assert "You stay on the waiting list." in page
    assert "You keep your place." not in page
    assert "Everyone who said they're coming will be told." in text_of(visitor.get(f"/events/{event.slug}/"))
    assert "July" not in text_of(visitor.get("/events/")).partition("<main")[2]


def test_a_cancelled_event_leaves_nothing_to_do_but_erase(visitor):
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    event_actions.cancel_event(party.event, by=None, at=NOW)
    page = text_of(visitor.get(page_of(party)))
    assert set(re.findall(r'name="act" value="(\w+)"', page)) == {"erase"}
    assert "This page is yours" not in page
    page = text_of(visitor.get(f"/events/{party.event.slug}/"))
    assert 'href="/events/?near=San%20Francisco%2C%20CA">Find other events' in page


def test_a_full_event_says_so_before_its_button(visitor):
    event = hall(1)
    make_rsvp(event, confirmed=True)
    page = text_of(visitor.get(f"/events/{event.slug}/"))
    assert page.index("It is full now.") < page.index(">Join the waiting list</a>")
    assert ">I'm coming</a>" not in page
    assert ">Join the waiting list</button>" in text_of(visitor.get(path_of(event)))


@pytest.mark.parametrize("waits", ["waitlisted", "pending"])
def test_the_calendar_file_of_who_has_no_place_yet_is_tentative(waits, visitor):
    event = hall(1)
    if waits == "waitlisted":
        make_rsvp(event, confirmed=True)
    party = make_rsvp(event, email=READER, confirmed=waits == "waitlisted")
    page = text_of(visitor.get(page_of(party)))
    (path,) = re.findall(r'href="([^"]+\.ics[^"]*)"', page)
    assert b"STATUS:TENTATIVE" in visitor.get(path).content
    assert b"STATUS:CONFIRMED" in visitor.get(f"/events/{event.slug}.ics").content


def test_erasing(visitor):
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    act(visitor, page_of(party), "keep")
    response = act(visitor, page_of(party), "erase")
    assert response["Location"] == "/mine/erased/"
    assert response.cookies[KEPT_COOKIE].value == ""
    assert "Erased" in text_of(visitor.get(response["Location"]))
    assert not Rsvp.objects.exists()
    assert not Mailbox.objects.exists()
    assert not Block.objects.exists()


def test_never_again_says_what_a_new_sign_up_does(visitor):
    party = make_rsvp(hall(), email=READER, confirmed=True)
    assert "(no reminders, no news), unless you sign up again" in text_of(visitor.get(page_of(party)))


def test_erasing_and_never_again(visitor):
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    assert "never write to this address again" in text_of(visitor.get(page_of(party)))
    act(visitor, page_of(party), "erase", never_write="on")
    assert Block.objects.count() == 1


def test_an_answer_nobody_confirmed_expires_after_a_day(visitor, time_machine):
    party = make_rsvp(hall(), email=READER)
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)
    page = text_of(visitor.get(page_of(party, mailed=False)))
    assert "Not confirmed in time" in page
    assert "Write the six digits" not in page
    # Nothing is left to come back for.
    for gone in ("This page is yours", "own-url", "<svg", "Keep on this phone"):
        assert gone not in page
    visitor.cookies[KEPT_COOKIE] = party.token
    assert "Forget it on this phone" in text_of(visitor.get(page_of(party, mailed=False)))


def test_after_the_event_the_page_looks_back(visitor, time_machine):
    party = make_rsvp(open_event(), email=READER, confirmed=True)
    time_machine.move_to(START + timedelta(hours=3), tick=False)
    page = text_of(visitor.get(page_of(party)))
    assert "You said you were coming" in page
    assert "Cancel my place" not in page
    assert "Erase everything about me" in page


@pytest.mark.parametrize(
    ("confirmed", "looked", "sentence"),
    [
        (timedelta(days=3), timedelta(days=2), "We will remind you by mail."),
        # Confirmed in time for eight o'clock, looked at two hours before it.
        (timedelta(hours=10), timedelta(hours=8), "We will remind you by mail."),
        (timedelta(hours=8), timedelta(hours=8), "It is soon: we send no further reminder."),
        (timedelta(days=3), timedelta(hours=5), "It is soon: we send no further reminder."),
    ],
    ids=["early", "before the last round", "confirmed too late", "after the last round"],
)
def test_the_page_says_whether_a_reminder_comes(confirmed, looked, sentence, visitor, time_machine):
    party = make_rsvp(open_event(), email=READER, confirmed=True, at=START - confirmed)
    time_machine.move_to(START - looked, tick=False)
    assert sentence in text_of(visitor.get(page_of(party)))


# --- The place that isn't public ----------------------------------------------------------------
WORDS = ("Secret Hall", "7 Back Lane", "meet.example.org")


def shows(response) -> bool:
    return any(word in response.content.decode() for word in WORDS)


@pytest.fixture
def secret_event():
    return open_event(**SECRET, online=True, online_link="https://meet.example.org/x", capacity=20)


def test_the_place_shows_after_a_post_by_the_mailed_link(secret_event, visitor):
    party = make_rsvp(secret_event, email=READER, confirmed=True)
    assert not shows(visitor.get(page_of(party)))
    response = act(visitor, page_of(party), "reveal")
    assert response.status_code == 200
    page = text_of(response)
    assert all(word in page for word in WORDS)
    assert response["Cache-Control"] == "private, no-store"
    assert not shows(visitor.get(page_of(party)))


def test_the_place_stays_hidden_from_everybody_else(secret_event, visitor):
    pending = make_rsvp(secret_event, email="pending@example.org")
    full = open_event(**SECRET, capacity=1)
    make_rsvp(full, confirmed=True)
    waiting = make_rsvp(full, confirmed=True)
    gone = make_rsvp(secret_event, confirmed=True)
    rsvps.cancel(gone.pk, at=NOW)
    called_off = make_rsvp(open_event(**SECRET), confirmed=True)
    event_actions.cancel_event(called_off.event, by=None, at=NOW)
    for path in (
        page_of(pending),
        page_of(pending, mailed=False),
        page_of(waiting),
        page_of(gone),
        page_of(called_off),
    ):
        response = act(visitor, path, "reveal")
        assert response.status_code == 403
        assert not shows(response)
        assert not shows(visitor.get(path))


def test_who_gave_no_address_while_the_place_was_public_learns_how_to_see_it(visitor):
    event = open_event(venue=SECRET["venue"], street=SECRET["street"])
    party = make_rsvp(event)
    wiped = make_rsvp(event, email=READER, at=NOW - timedelta(hours=25))
    purge_all(NOW)
    told = "The exact place now shows only to people with a confirmed e-mail"
    assert told not in text_of(visitor.get(page_of(party, mailed=False)))
    event_actions.edit_event(event, event_details(start=START, **SECRET), by=None, at=NOW)
    for one in (party, wiped):
        page = text_of(visitor.get(page_of(one, mailed=False)))
        assert told in page
        assert '<a href="#email">Add my e-mail</a>' in page
        assert "Show the place" not in page
        assert SECRET["venue"] not in page
        assert act(visitor, page_of(one, mailed=False), "reveal").status_code == 403

    # The way it names leads there.
    act(visitor, page_of(party, mailed=False), "email", email="other@example.org")
    again = Rsvp.objects.get(mailbox__isnull=False)
    act(visitor, page_of(again, mailed=False), "code", code=code_of(again))
    assert SECRET["venue"] in text_of(act(visitor, page_of(again), "reveal"))


def test_the_place_is_in_no_page_list_file_or_mail(secret_event, visitor, time_machine):
    party = make_rsvp(secret_event, email=READER, confirmed=True)
    slug = secret_event.slug
    for path in (f"/events/{slug}/", f"/events/{slug}.ics", "/events/", "/", path_of(secret_event), "/mine/"):
        assert not shows(visitor.get(path))
    act(visitor, page_of(party), "keep")
    assert not shows(visitor.get("/mine/"))
    details = event_details(
        start=START + timedelta(days=1),
        capacity=20,
        **SECRET,
        online=True,
        online_link="https://meet.example.org/y",
    )
    event_actions.edit_event(secret_event, details, by=None, at=NOW)
    deliver_mail()
    time_machine.move_to(START, tick=False)
    deliver_mail()
    rsvps.cancel(party.pk, at=START)
    deliver_mail()
    assert len(outgoing.outbox) >= 4
    for mail in outgoing.outbox:
        parts = [mail.subject, mail.body, mail.alternatives[0].content, mail.message().as_string()]
        parts += [file.get_payload(decode=True).decode() for file in mail.attachments]
        assert not any(word in part for word in WORDS for part in parts)


def test_the_link_of_a_public_event_shows_the_same_way(visitor):
    event = open_event(online=True, online_link="https://meet.example.org/x")
    party = make_rsvp(event, email=READER)
    assert act(visitor, page_of(party, mailed=False), "reveal").status_code == 403
    press_button(party)
    assert not shows(visitor.get(page_of(party)))
    assert shows(act(visitor, page_of(party), "reveal"))
    nameless = make_rsvp(event)  # no address: the browser's link is all there is
    assert shows(act(visitor, page_of(nameless, mailed=False), "reveal"))


# --- Headers ------------------------------------------------------------------------------------
def test_personal_pages_are_kept_by_nobody(visitor):
    party = make_rsvp(hall(), email=READER)
    paths = (path_of(party.event), page_of(party), confirm_page(party), "/mine/", "/mine/erased/")
    for path in paths:
        response = visitor.get(path)
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex"
    answer = visitor.post(path_of(party.event), posted_rsvp(email=READER))
    assert answer["Cache-Control"] == "private, no-store"


# --- Remembered on this phone -------------------------------------------------------------------
def remember(browser) -> Rsvp:
    _response, party = send(browser, hall(title="First"), email=READER)
    response = act(browser, page_of(party, mailed=False), "code", code=code_of(party), remember="on")
    cookie = response.cookies[REMEMBER_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == REMEMBERED_FOR.total_seconds() == 90 * 24 * 3600
    assert READER not in cookie.value
    return Rsvp.objects.get(pk=party.pk)


def test_a_remembered_phone_goes_straight_to_its_own_page(visitor):
    remember(visitor)
    response, party = send(visitor, hall(), email=READER)
    assert response["Location"] == page_of(party)
    assert "You're coming" in text_of(visitor.get(response["Location"]))


def test_by_the_button_too(visitor):
    _response, party = send(visitor, hall(title="First"), email=READER)
    response = visitor.post(confirm_page(party), {"act": f"events.rsvp:{party.pk}", "remember": "on"})
    assert REMEMBER_COOKIE in response.cookies
    _response, party = send(visitor, hall(), email=READER)
    assert party.confirmed_at == NOW


def test_not_without_the_tick(visitor):
    _response, party = send(visitor, hall(), email=READER)
    response = act(visitor, page_of(party, mailed=False), "code", code=code_of(party))
    assert REMEMBER_COOKIE not in response.cookies


def test_another_address_on_a_remembered_phone_is_not_proven(visitor):
    remember(visitor)
    response, party = send(visitor, hall(), email="other@example.org")
    assert response["Location"] == page_of(party, mailed=False)
    assert party.confirmed_at is None


@pytest.mark.parametrize("broken", ["changed", "of another purpose", "unsigned", "old", "erased", "rubbish"])
def test_a_cookie_that_does_not_hold_is_no_proof(broken, visitor, time_machine):
    first = remember(visitor)
    later = NOW
    value = visitor.cookies[REMEMBER_COOKIE].value
    if broken == "changed":
        value = value[:-1] + ("A" if value[-1] != "A" else "B")
    elif broken == "of another purpose":
        value = links.sign(str(first.mailbox.pk), "form")
    elif broken == "unsigned":
        value = str(first.mailbox.pk)
    elif broken == "old":
        later = NOW + REMEMBERED_FOR + timedelta(seconds=1)
    elif broken == "erased":
        rsvps.erase(first.pk, never_write=False, at=NOW)
    else:
        value = "@:@"
    time_machine.move_to(later, tick=False)
    visitor.cookies[REMEMBER_COOKIE] = value
    event = make_event(start=later + timedelta(days=10), capacity=20)
    _response, party = send(visitor, event, email=READER)
    assert party.event == event
    assert party.confirmed_at is None


# --- Kept on this phone -------------------------------------------------------------------------
def test_keep_forget_and_forget_all(visitor):
    first = make_rsvp(open_event(title="First"), email=READER, confirmed=True)
    second = make_rsvp(open_event(title="Second"))
    for path in (page_of(first), page_of(second, mailed=False)):
        assert "Keep on this phone" in text_of(visitor.get(path))
        response = act(visitor, path, "keep")
        assert response["Location"] == path
        cookie = response.cookies[KEPT_COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert "Forget it on this phone" in text_of(visitor.get(path))
    page = text_of(visitor.get("/mine/"))
    assert "First" in page
    assert "Second" in page

    response = act(visitor, page_of(first), "forget")
    assert response["Location"] == "/mine/"
    page = text_of(visitor.get("/mine/"))
    assert "First" not in page
    assert "Second" in page

    visitor.post("/mine/", {"act": "forget-all"})
    assert KEPT_COOKIE not in visitor.cookies or visitor.cookies[KEPT_COOKIE].value == ""
    assert "Nothing is kept on this phone." in text_of(visitor.get("/mine/"))
    assert Rsvp.objects.count() == 2


@pytest.mark.parametrize("by", ["code", "button"])
def test_what_is_kept_while_pending_stays_kept_after_confirming(by, visitor):
    other = make_rsvp(open_event(title="Other"))
    party = make_rsvp(hall(title="Hall"), email=READER)
    for one in (other, party):
        act(visitor, page_of(one, mailed=False), "keep")
    if by == "code":
        act(visitor, page_of(party, mailed=False), "code", code=code_of(party))
    else:
        visitor.post(confirm_page(party), {"act": f"events.rsvp:{party.pk}"})
    assert visitor.cookies[KEPT_COOKIE].value.split(".") == [party.mail_token, other.token]
    page = text_of(visitor.get("/mine/"))
    assert "Hall" in page
    assert "Other" in page


def test_the_button_keeps_nothing_that_was_not_kept(visitor):
    party = make_rsvp(hall(), email=READER)
    visitor.post(confirm_page(party), {"act": f"events.rsvp:{party.pk}"})
    assert KEPT_COOKIE not in visitor.cookies


def test_two_kept_answers_that_become_one_are_kept_once(visitor):
    event = hall()
    parties = [make_rsvp(event, email=READER) for _party in range(2)]
    for party in parties:
        act(visitor, page_of(party, mailed=False), "keep")
    visitor.post(confirm_page(parties[0]), {"act": [f"events.rsvp:{party.pk}" for party in parties]})
    assert visitor.cookies[KEPT_COOKIE].value == Rsvp.objects.get().mail_token


def test_keeping_twice_keeps_it_once_and_the_newest_first(visitor):
    parties = [make_rsvp(open_event()) for _party in range(3)]
    for party in (*parties, parties[0]):
        act(visitor, page_of(party, mailed=False), "keep")
    kept = visitor.cookies[KEPT_COOKIE].value.split(".")
    assert kept == [parties[0].token, parties[2].token, parties[1].token]


def test_what_is_kept_lives_until_a_week_after_the_last_event(visitor, time_machine):
    soon, late = make_rsvp(open_event()), make_rsvp(open_event(start=START + timedelta(days=190)))
    day = 24 * 3600

    def lives(response) -> int:
        return response.cookies[KEPT_COOKIE]["max-age"]

    assert lives(act(visitor, page_of(soon, mailed=False), "keep")) == 90 * day
    assert visitor.cookies[KEPT_COOKIE].value == soon.token
    # Ten days until START, two hours long.
    assert lives(act(visitor, page_of(late, mailed=False), "keep")) == 207 * day + 2 * 3600
    time_machine.move_to(NOW + timedelta(days=20), tick=False)
    response = visitor.get("/mine/")  # forgets the one that is over
    assert lives(response) == 187 * day + 2 * 3600
    assert [entry["token"] for entry in response.context["kept"]] == [late.token]
    time_machine.move_to(NOW + timedelta(days=150), tick=False)
    another = make_rsvp(open_event(start=NOW + timedelta(days=151)))
    assert lives(act(visitor, page_of(another, mailed=False), "keep")) == 90 * day


def test_a_phone_keeps_no_more_than_it_can_carry(visitor):
    event = open_event()
    parties = [make_rsvp(event) for _party in range(KEPT_MOST + 1)]
    for party in parties:
        act(visitor, page_of(party, mailed=False), "keep")
    kept = visitor.cookies[KEPT_COOKIE].value.split(".")
    assert len(kept) == KEPT_MOST
    assert parties[0].token not in kept
    assert len(visitor.cookies[KEPT_COOKIE].value) < 4000


# --- Languages ----------------------------------------------------------------------------------
def test_who_answers_in_spanish_is_written_to_in_spanish(visitor):
    event = open_event()
    response = visitor.post(f"/es{path_of(event)}", posted_rsvp(email=READER))
    party = Rsvp.objects.get()
    assert response["Location"] == f"/es{page_of(party, mailed=False)}"
    assert party.language == "es"
    (mail,) = deliver_mail()
    assert mail.extra_headers["Content-Language"] == "es"
    assert all("/es/" in address for address in links_in(mail) if address != hub_settings.SITE_URL)


def test_no_name_need_or_address_is_in_a_link(visitor):
    make_rsvp(open_event(), email=READER, name="Anastasia", need="a ramp")
    (mail,) = deliver_mail()
    for address in links_in(mail):
        assert not re.search("reader|example.org|anastasia|ramp", address, re.IGNORECASE)
    assert "Anastasia" not in mail.body  # no text a sender typed in a mail to an unconfirmed mailbox
    assert "a ramp" not in mail.body
