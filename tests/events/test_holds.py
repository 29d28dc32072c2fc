"""A hall can't be kept full by who doesn't mean to come, and typing an address tells nothing.

The clock is set; the rules of a single hold are in test_seats.py.
"""

import re
from datetime import timedelta

import pytest
from django.core import mail as outgoing
from django.test import Client
from django.utils import timezone

from events.actions import events as event_actions
from events.actions import rsvps, seats
from events.models import Attendance, Rsvp
from hub import contact, links
from hub.models import Confirmation, Mailbox
from tests import races
from tests.factories import (
    deliver_mail,
    event_details,
    make_event,
    make_rsvp,
    new_address,
    posted_rsvp,
    press_button,
    slot_of,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
VICTIM = "victim@example.org"


@pytest.fixture(autouse=True)
def clock(time_machine):
    """A Monday noon that stands still until a test moves it."""
    time_machine.move_to("2027-03-01T20:00:00Z", tick=False)
    return time_machine


def hall(capacity=20, **details):
    return slot_of(make_event(capacity=capacity, **details))


def pass_by(clock, span):
    """Let time pass, and the clock tick as it does."""
    clock.shift(span)
    return deliver_mail()


# --- Holds -------------------------------------------------------------------------------------


def test_who_holds_and_never_confirms_keeps_a_seat_from_nobody_for_longer_than_half_an_hour(clock):
    slot = hall()
    holding = make_rsvp(slot.event, email=new_address(), party_size=4)
    coming = [make_rsvp(slot.event, confirmed=True, party_size=8) for _party in range(2)]
    late = make_rsvp(slot.event, confirmed=True, party_size=3)
    assert [row.rsvp_id for row in races.waiting(slot)] == [late.pk]
    pass_by(clock, 30 * MINUTE - timedelta(seconds=1))
    assert [row.rsvp_id for row in races.waiting(slot)] == [late.pk]
    sent = pass_by(clock, timedelta(seconds=1))
    assert [mail.to for mail in sent] == [[late.mailbox.address]]
    assert {row.rsvp_id for row in races.seated(slot)} == {late.pk, *(party.pk for party in coming)}
    races.assert_seats_add_up(slot)
    assert slot.seats_pending == 0
    # Confirming after all waits like everybody else's.
    press_button(holding)
    assert [row.rsvp_id for row in races.waiting(slot)] == [holding.pk]


def test_a_flood_of_fake_answers_never_keeps_more_than_a_fifth(clock):
    """Somebody posts from new addresses for two hours and a half; sixteen people get in meanwhile,
    and the other four as soon as it stops."""
    slot = hall()
    real = []
    for _turn in range(20):
        for size in (4, 1, 2):
            make_rsvp(slot.event, email=new_address(), party_size=size)
        real.append(make_rsvp(slot.event, confirmed=True))
        slot.refresh_from_db()
        assert 0 < slot.seats_pending <= 4
        pass_by(clock, 7 * MINUTE)
    assert len(races.seated(slot)) >= 16
    pass_by(clock, 31 * MINUTE)
    assert {row.rsvp_id for row in races.seated(slot)} == {party.pk for party in real}
    races.assert_seats_add_up(slot)
    races.assert_nobody_waits_who_fits(slot)


def test_changing_the_party_again_and_again_does_not_make_the_half_hour_longer(clock):
    slot = hall()
    party = make_rsvp(slot.event, email=new_address(), party_size=2)
    until = timezone.now() + seats.HOLD_LIVES
    for minute in range(29):
        clock.shift(MINUTE)
        rsvps.change(party.pk, party_size=1 + minute % 4, name="", need="", neutral=False, at=timezone.now())
        assert Attendance.objects.get().hold_until == until
        slot.refresh_from_db()
        assert slot.seats_pending == 1 + minute % 4
    for _minute in range(3):
        pass_by(clock, MINUTE)
        rsvps.change(party.pk, party_size=2, name="", need="", neutral=False, at=timezone.now())
    slot.refresh_from_db()
    assert slot.seats_pending == 0
    races.assert_seats_add_up(slot)


def test_a_hold_is_honoured_though_the_capacity_was_lowered_meanwhile():
    """Lowering unseats nobody, those who hold neither."""
    slot = hall()
    make_rsvp(slot.event, confirmed=True, party_size=10)
    make_rsvp(slot.event, confirmed=True, party_size=6)
    holding = make_rsvp(slot.event, email=new_address(), party_size=4)
    _set_capacity(slot, 16)
    press_button(holding)
    slot.refresh_from_db()
    assert (slot.seats_taken, slot.seats_pending, slot.seat_limit) == (20, 0, 20)
    late = make_rsvp(slot.event, confirmed=True)
    assert [row.rsvp_id for row in races.waiting(slot)] == [late.pk]
    races.assert_seats_add_up(slot)


def test_a_limit_raised_by_a_hold_falls_when_the_hold_ends(clock):
    slot = hall()
    make_rsvp(slot.event, confirmed=True, party_size=10)
    make_rsvp(slot.event, confirmed=True, party_size=6)
    make_rsvp(slot.event, email=new_address(), party_size=4)
    _set_capacity(slot, 16)
    pass_by(clock, 31 * MINUTE)
    slot.refresh_from_db()
    assert (slot.seats_taken, slot.seats_pending, slot.seat_limit) == (16, 0, 16)


def _set_capacity(slot, capacity):
    slot.refresh_from_db()
    details = event_details(start=slot.start, capacity=capacity, campaign=slot.event.campaign)
    event_actions.edit_event(slot.event, details, by=None, at=timezone.now())


def test_a_seat_whose_hold_has_run_out_goes_to_who_waits_not_to_who_asks_for_more(clock):
    slot = hall()
    make_rsvp(slot.event, email=new_address(), party_size=4)
    seated = make_rsvp(slot.event, confirmed=True, party_size=6)
    make_rsvp(slot.event, confirmed=True, party_size=10)
    late = make_rsvp(slot.event, confirmed=True, party_size=4)
    clock.shift(31 * MINUTE)  # no tick yet
    rsvps.change(seated.pk, party_size=10, name="", need="", neutral=False, at=timezone.now())
    assert late.pk in {row.rsvp_id for row in races.seated(slot)}
    assert [row.rsvp_id for row in races.waiting(slot)] == [seated.pk]
    races.assert_seats_add_up(slot)


# --- Somebody else's address -------------------------------------------------------------------


@pytest.fixture
def secret_event():
    """A hall whose place only confirmed people see, and one person who is coming there."""
    event = make_event(
        capacity=100, reveal="confirmed", venue="Back Room", street="12 Hidden Lane", title="Quiet meeting"
    )
    make_rsvp(
        event, email=VICTIM, name="Vera Victim", need="a chair by the door", party_size=3, confirmed=True
    )
    deliver_mail()
    outgoing.outbox.clear()
    return event


SECRETS = ("Vera", "Victim", "chair by the door", "Back Room", "Hidden Lane", VICTIM)


def type_address(event, address):
    """A stranger's browser after sending the form with this address: (browser, answer of the POST)."""
    browser = Client()
    door = f"/events/{event.slug}/rsvp/"
    return browser, browser.post(door, posted_rsvp(email=address, name="Sam", party_size="2"))


def seen(response):
    """Everything a browser gets, with what is random in any case made equal."""
    body = response.content.decode()
    body = re.sub(r"/rsvp/[\w-]{32}/", "/rsvp/TOKEN/", body)
    body = re.sub(r"<svg.*?</svg>", "SVG", body, flags=re.DOTALL)  # the QR code of that link
    body = re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]+"', "ONCE", body)
    headers = dict(response.items())
    for name in ("ETag", "Content-Length"):  # they follow the body
        headers.pop(name, None)
    headers["Location"] = re.sub(r"/rsvp/[\w-]{32}/", "/rsvp/TOKEN/", headers.get("Location", ""))
    return response.status_code, headers, sorted(response.cookies), body


def mails_to(address):
    return [mail for mail in outgoing.outbox if mail.to == [address]]


def victims_rows(event):
    """What the victim's answer is made of, as the database has it."""
    party = Rsvp.objects.get(event=event, confirmed_at__isnull=False)
    return [
        rows.values().get()
        for rows in (
            Rsvp.objects.filter(pk=party.pk),
            Attendance.objects.filter(rsvp=party),
            Mailbox.objects.filter(pk=party.mailbox_id),
        )
    ]


def test_a_known_address_is_answered_as_an_unknown_one(secret_event):
    """The form's answer, the own page, everything that can be done there, and the number of mails."""
    before = victims_rows(secret_event)
    stories = []
    for address in (VICTIM, "vacant@example.org"):  # on the page both are v…@
        browser, posted = type_address(secret_event, address)
        own = posted["Location"]
        answers = [posted, browser.get(own)]
        for act in (
            {"act": "code", "code": "000000"},
            {"act": "reveal"},
            {"act": "resend"},
            {"act": "change", "party_size": "4", "name": "Sam", "need": "", "neutral": ""},
            {"act": "keep"},
        ):
            answers += [browser.post(own, act), browser.get(own), browser.get("/mine/")]
        mailed = deliver_mail()
        answers += [browser.post(own, {"act": "cancel"}), browser.get(own)]
        answers += [browser.post(own, {"act": "erase"}), browser.get(own)]
        stories.append(([seen(answer) for answer in answers], len(mailed), len(mails_to(address))))
    victims, strangers = stories
    for with_victims, with_strangers in zip(victims[0], strangers[0], strict=True):
        assert with_victims == with_strangers
    assert victims[1:] == strangers[1:] == (1, 1)
    assert victims_rows(secret_event) == before
    for _status, _headers, _cookies, body in victims[0]:
        for secret in SECRETS:
            assert secret not in body


@pytest.mark.parametrize("coming_already", [True, False])
def test_the_strangers_link_never_opens_the_victims_page(secret_event, coming_already):
    """Not before the victim confirms what the stranger sent, and not after, whether it joins an older
    answer or stands alone."""
    if not coming_already:
        rsvps.erase(Rsvp.objects.get().pk, never_write=False, at=timezone.now())
    browser, posted = type_address(secret_event, VICTIM)
    own = posted["Location"]
    deliver_mail()
    (asked,) = mails_to(VICTIM)
    assert "Sam" not in asked.body
    _press_button_of(asked)
    (party,) = Rsvp.objects.filter(event=secret_event)
    expected = ("Vera Victim", 3) if coming_already else ("Sam", 2)
    assert (party.name, party.attendances.get().party_size) == expected
    assert party.confirmed_at is not None
    for answer in (
        browser.get(own),
        *(browser.post(own, {"act": act}) for act in ("reveal", "cancel", "erase", "keep", "resend")),
        browser.post(own, {"act": "change", "party_size": "1", "name": "Mallory", "need": ""}),
        browser.post(own, {"act": "code", "code": "000000"}),
        browser.get("/mine/"),
        browser.get(f"/es{own}"),
    ):
        page = answer.content.decode()
        for secret in (*SECRETS, "Sam", 'name="act"'):
            assert secret not in page.replace('name="act" value="forget-all"', "")
    party.refresh_from_db()
    assert (party.name, party.attendances.get().party_size) == expected
    assert party.cancelled_at is None


def _press_button_of(mail):
    """Open the mail's button in a browser of one's own and press it."""
    path = re.search(r"http://localhost:8000(/confirm/\S+/)", mail.body)[1]
    browser = Client()
    page = browser.get(path).content.decode()
    (alone,) = re.findall(r'type="hidden" name="act" value="([^"]+)"', page)
    assert browser.post(path, {"act": alone}).status_code == 302


def test_a_stranger_who_burns_the_codes_does_not_lock_the_victim_out():
    """The button in the mail works all the same, and the codes come back with the next mail."""
    event = make_event(capacity=100)
    mine = make_rsvp(event, email=VICTIM)
    deliver_mail()
    browser, posted = type_address(event, VICTIM)  # joins the open mail
    for _guess in range(contact.CODE_TRIES):
        assert browser.post(posted["Location"], {"act": "code", "code": "000000"}).status_code == 422
    (asked,) = mails_to(VICTIM)
    right = links.code("confirm", Confirmation.objects.get().pk)
    assert right in asked.body
    own = Client()
    assert own.post(f"/rsvp/{mine.token}/", {"act": "code", "code": right}).status_code == 422
    _press_button_of(asked)
    kept = Rsvp.objects.get()  # the last answer; the victim's own link leads to it
    assert kept.confirmed_at is not None
    assert rsvps.confirm(mine.pk, timezone.now()) == kept


def test_a_stranger_does_not_guess_on_with_the_codes_of_later_mails(clock):
    """Five tries a mail and three mails a day: fifteen guesses among a million codes."""
    event = make_event(capacity=100)
    make_rsvp(event, email=VICTIM)
    browser, posted = type_address(event, VICTIM)
    for _hour in range(6):
        browser.post(posted["Location"], {"act": "resend"})
        for _guess in range(contact.CODE_TRIES + 1):
            browser.post(posted["Location"], {"act": "code", "code": "000000"})
        clock.shift(61 * MINUTE)
    tries = Confirmation.objects.values_list("code_tries", flat=True)
    assert sum(tries) == contact.CODE_TRIES * contact.MAILS_A_DAY
    assert not Rsvp.objects.filter(confirmed_at__isnull=False).exists()
