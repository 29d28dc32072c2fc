"""Twenty seats, two hundred people, at the same moment: through the front door and behind it."""

import random
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from events.actions import holds, rsvps, seats
from events.models import Attendance, Rsvp
from hub import actions as ground
from hub import contact, links
from hub.forms import new_form_token
from hub.models import AuditEntry, Confirmation, Message, SubmittedForm, User
from tests import races, workers
from tests.factories import (
    make_event,
    make_rsvp,
    make_user,
    new_address,
    posted_form,
    posted_rsvp,
    slot_of,
)

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]

SEATS = 20
PEOPLE = 200
ROUNDS = [pytest.param(2, id="2 rounds"), pytest.param(20, id="20 rounds", marks=pytest.mark.slow)]


@pytest.fixture
def web(client_env):
    """The production web server on the test database: two processes, sixteen threads."""
    with workers.web_server(client_env) as server:
        yield server


# --- Through the front door --------------------------------------------------------------------


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_hundred_confirm_at_once(web, rounds):
    for _round in range(rounds):
        slot = slot_of(make_event(capacity=SEATS))
        parties = [make_rsvp(slot.event, email=new_address()) for _person in range(PEOPLE)]
        holding = set(
            Attendance.objects.filter(seats_held=1, timeslot=slot).values_list("rsvp_id", flat=True)
        )
        buttons = Confirmation.objects.filter(mailbox__rsvps__event=slot.event)
        answers = races.at_once([partial(_press, web, one) for one in buttons])
        assert {answer.status for answer in answers} == {302}
        assert {answer.location for answer in answers} == {f"/rsvp/{one.mail_token}/" for one in parties}
        assert len(holding) == 4
        assert holding <= {row.rsvp_id for row in races.seated(slot)}
        _assert_full_and_in_order(slot)


def _press(web, confirmation):
    """Open no page, only press: the mail's button with its own act ticked."""
    token = links.token("confirm", confirmation.pk)
    return web.post(f"/confirm/{token}/", {"act": f"{rsvps.ACT_KIND}:{confirmation.act_id}"})


def test_one_mailbox_confirms_all_its_answers_at_once():
    """However it comes out, one party is left, and its seats add up: the last answer's size, or, where
    an earlier one was confirmed before it, the larger of both."""
    for _round in range(5):
        slot, address, now = slot_of(make_event(capacity=SEATS)), new_address(), timezone.now()
        parties = [
            make_rsvp(slot.event, email=address, party_size=size, at=now + timedelta(seconds=size))
            for size in (3, 1, 2)
        ]
        parties.sort(key=lambda party: party.made_at)
        kept = races.at_once([partial(rsvps.confirm, party.pk, timezone.now()) for party in parties])
        (left,) = Rsvp.objects.filter(event=slot.event)
        assert left.pk in {party.pk for party in kept if party}
        assert left.attendances.get().party_size == 3
        races.assert_seats_add_up(slot)


def test_confirming_and_correcting_the_address_at_once():
    """One of them comes first: the old address is confirmed, or what it was asked for is gone."""
    for _round in range(5):
        slot = slot_of(make_event(capacity=SEATS))
        party = make_rsvp(slot.event, email=new_address(), party_size=2)
        other, now = new_address(), timezone.now()
        confirmed, moved = races.at_once(
            [
                partial(rsvps.confirm, party.pk, now),
                partial(rsvps.set_email, party.pk, email=other, at=now),
            ]
        )
        (left,) = Rsvp.objects.filter(event=slot.event)
        assert (confirmed is None) != (moved is None)
        assert (left.mailbox.address == other) is (moved is not None)
        assert (left.confirmed_at is not None) is (confirmed is not None)
        races.assert_seats_add_up(slot)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_hundred_remembered_phones_post_at_once(web, rounds):
    for _round in range(rounds):
        slot = slot_of(make_event(capacity=SEATS))
        people = [new_address() for _person in range(PEOPLE)]
        phones = [_remembered_phone(address) for address in people]
        door = f"/events/{slot.event.slug}/rsvp/"
        answers = races.at_once(
            [
                partial(web.post, door, posted_rsvp(email=address), phone)
                for address, phone in zip(people, phones, strict=True)
            ]
        )
        assert {answer.status for answer in answers} == {302}
        assert len({answer.location for answer in answers}) == PEOPLE
        _assert_full_and_in_order(slot)


def _remembered_phone(address):
    """The cookie of a phone whose owner has proven this address before."""
    now = timezone.now()
    mailbox = ground.mailbox_for(address, at=now)
    mailbox.confirmed_at = now
    mailbox.save(update_fields=["confirmed_at"])
    return {contact.REMEMBER_COOKIE: contact.remember_cookie(mailbox)}


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_hundred_members_click_at_once(web, rounds):
    """Each of them twice: on the laptop and on the phone, with a form of its own."""
    for _round in range(rounds):
        slot = slot_of(make_event(capacity=SEATS))
        door = f"/events/{slot.event.slug}/rsvp/member/"
        browsers = [_browser_of(make_user()) for _person in range(PEOPLE)]
        clicks = [
            partial(web.post, door, {"form_token": new_form_token(aged=True)}, browser)
            for browser in browsers
            for _device in range(2)
        ]
        answers = races.at_once(clicks)
        assert {answer.status for answer in answers} == {302}
        own_pages = [{answer.location for answer in answers[i : i + 2]} for i in range(0, len(answers), 2)]
        assert {len(pages) for pages in own_pages} == {1}  # both of a person lead to one page
        parties = Rsvp.objects.filter(event=slot.event)
        assert set.union(*own_pages) == {f"/rsvp/{party.mail_token}/" for party in parties}
        _assert_full_and_in_order(slot)


def _browser_of(user):
    """The cookie of a browser in which this account has logged in."""
    client = Client()
    client.force_login(user)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _assert_full_and_in_order(slot):
    races.assert_seats_add_up(slot)
    assert (slot.seats_taken, slot.seats_pending, slot.seat_limit) == (SEATS, 0, SEATS)
    assert len(races.seated(slot)) == SEATS
    line = races.waiting(slot)
    assert len(line) == PEOPLE - SEATS
    assert len(set(races.moments(line))) == len(line)  # nobody stands beside another
    slot.event.refresh_from_db()
    assert slot.event.full


@pytest.mark.parametrize(("capacity", "held"), [(SEATS, {4}), (100, {17, 18, 19, 20})])
def test_a_hundred_posts_at_once_hold_a_fifth_and_take_nothing(web, capacity, held):
    slot = slot_of(make_event(capacity=capacity))
    door = f"/events/{slot.event.slug}/rsvp/"
    sizes = [8, 5, 4, 3, 2, 1] * 16 + [1] * 4
    forms = [posted_rsvp(email=new_address(), party_size=str(size)) for size in sizes]
    answers = races.at_once([partial(web.post, door, form) for form in forms])
    assert {answer.status for answer in answers} == {302}
    races.assert_seats_add_up(slot)
    assert slot.seats_taken == 0
    assert slot.seats_pending in held
    assert Rsvp.objects.filter(event=slot.event).count() == len(forms)
    assert not Attendance.objects.filter(seats_held__gt=4).exists()


@pytest.mark.parametrize("phone", ["new", "remembered", "member"])
def test_one_form_sent_twenty_times_at_once_acts_once(web, phone):
    slot = slot_of(make_event(capacity=SEATS))
    address = new_address()
    door, form, cookies = f"/events/{slot.event.slug}/rsvp/", posted_rsvp(email=address, party_size="3"), {}
    if phone == "remembered":
        cookies = _remembered_phone(address)
    elif phone == "member":
        door, form, cookies = f"{door}member/", posted_form(), _browser_of(make_user(address))
    answers = races.at_once([partial(web.post, door, form, cookies)] * 20)
    assert {answer.status for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert Rsvp.objects.count() == Attendance.objects.count() == SubmittedForm.objects.count() == 1
    assert Message.objects.count() == AuditEntry.objects.filter(action="rsvp").count() == 1
    races.assert_seats_add_up(slot)
    assert slot.seats_taken + slot.seats_pending == (1 if phone == "member" else 3)


# --- Behind it ---------------------------------------------------------------------------------


def test_the_waiting_list_stands_in_the_order_in_which_people_were_accepted(monkeypatch):
    """Who reads the clock first may get the lock last: it is the lock that decides."""
    slot = slot_of(make_event(capacity=5))
    parties = [make_rsvp(slot.event, email=new_address()) for _person in range(60)]
    accepted = []
    original = seats.seat_or_wait

    def noting(locked, attendance, now):
        accepted.append(attendance.pk)  # under the timeslot's lock
        original(locked, attendance, now)

    monkeypatch.setattr(seats, "seat_or_wait", noting)
    races.at_once([partial(_confirm, one) for one in parties])
    races.assert_seats_add_up(slot)
    line = [row.pk for row in races.waiting(slot)]
    assert len(line) == 55
    assert line == [pk for pk in accepted if pk in set(line)]


def _confirm(party):
    rsvps.confirm(party.pk, timezone.now())


OPERATIONS = 320
HANDS = 8


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))], ids="seed {}".format
)
def test_every_mixture_of_what_people_do_leaves_the_seats_right(seed):
    slot = slot_of(make_event(capacity=SEATS))
    party_ids, addresses = [], [new_address() for _person in range(60)]
    for address in addresses:
        make_user(address)
    hands = [random.Random(f"{seed} {hand}") for hand in range(HANDS)]
    acts = [_some_act(hands[number % HANDS], slot, party_ids, addresses) for number in range(OPERATIONS)]
    races.at_once(acts, threads=HANDS)
    assert Attendance.objects.filter(timeslot=slot).count() > 20
    races.assert_seats_add_up(slot)
    races.assert_nobody_waits_who_fits(slot)
    leaving = races.seated(slot)[::2]
    races.at_once([partial(rsvps.cancel, row.rsvp_id, at=timezone.now()) for row in leaving])
    races.assert_seats_add_up(slot)
    races.assert_nobody_waits_who_fits(slot)
    holds.release_holds(timezone.now() + seats.HOLD_LIVES + timedelta(seconds=1))  # what a tick does
    races.assert_seats_add_up(slot)
    races.assert_nobody_waits_who_fits(slot)
    assert slot.seats_pending == 0


def _some_act(chance, slot, party_ids, addresses):
    """One of the things people do, to a party that is there when its turn comes."""
    verb = chance.choice(
        ["rsvp"] * 4 + ["confirm"] * 4 + ["member", "member", "cancel", "cancel", "change", "change", "erase"]
    )
    address, size, dice = chance.choice(addresses), chance.randint(1, 6), chance.random()

    def act():
        now = timezone.now()
        if verb == "member":
            party_ids.append(make_rsvp(slot.event, member=User.objects.get(email=address)).pk)
            return
        if verb == "rsvp" or not party_ids:
            party_ids.append(make_rsvp(slot.event, email=address, party_size=size).pk)
            return
        pk = party_ids[int(dice * len(party_ids))]
        if verb == "confirm":
            rsvps.confirm(pk, now)
        elif verb == "cancel":
            rsvps.cancel(pk, at=now)
        elif verb == "change":
            rsvps.change(pk, party_size=size, name="", need="", neutral=False, at=now)
        else:
            rsvps.erase(pk, never_write=False, at=now)

    return act


# --- The controls: what the tests above would see if the lock were missing ---------------------


@pytest.fixture
def confirm_without_lock(monkeypatch):
    """Confirm parties as if nothing were locked: all read the timeslot, then all decide and write.

    The barrier makes sure of what without it only happens often. Reading has a transaction of its
    own, because SQLite lets only one that writes begin at a time.
    """
    read = seats.lock
    seen = threading.local()

    def confirm_all(slot, parties):
        barrier = threading.Barrier(len(parties))
        monkeypatch.setattr(seats, "lock", lambda _ids: [seen.slot])

        def confirm(party):
            with transaction.atomic():
                (seen.slot,) = read([slot.pk])
            barrier.wait(races.PATIENCE)
            return races.outcome(partial(_confirm, party), IntegrityError)

        return races.at_once([partial(confirm, one) for one in parties])

    return confirm_all


def test_control_without_lock_and_constraint_the_hall_is_oversold(confirm_without_lock):
    with races.another_database():
        races.drop_constraint("never_oversold")
        slot = slot_of(make_event(capacity=SEATS))
        parties = [make_rsvp(slot.event, email=new_address()) for _person in range(60)]
        assert set(confirm_without_lock(slot, parties)) == {"done"}
        assert len(races.seated(slot)) == 60


def test_control_without_lock_the_constraint_alone_holds(confirm_without_lock):
    slot = slot_of(make_event(capacity=SEATS))
    parties = [make_rsvp(slot.event, email=new_address()) for _person in range(60)]
    outcomes = confirm_without_lock(slot, parties)
    assert outcomes.count("IntegrityError") == 60 - SEATS
    assert outcomes.count("done") == len(races.seated(slot)) == SEATS
    taken, pending = races.seats_in_rows(slot)
    slot.refresh_from_db()
    assert (slot.seats_taken, slot.seats_pending) == (taken, pending)
