"""Secret links: long, unequal, made again from the row alone; signed values that age."""

import base64
import hashlib
import time
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from hub import links

ROW = UUID("5d2c8f6e-0000-4000-8000-000000000001")


@given(kind=st.text(max_size=20), pk=st.uuids(), generation=st.integers(0, 10_000))
def test_a_token_is_long_and_fits_an_address(kind, pk, generation):
    token = links.token(kind, pk, generation)
    assert len(base64.urlsafe_b64decode(token)) * 8 >= 128
    assert len(token) == links.TOKEN_LENGTH
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in token)
    assert token == links.token(kind, pk, generation)


def test_tokens_of_kinds_rows_and_generations_differ():
    kinds, rows = ("rsvp", "rsvp-mail", "confirm"), [uuid4() for _ in range(50)]
    made = {links.token(kind, pk, n) for kind in kinds for pk in rows for n in range(3)}
    assert len(made) == len(kinds) * len(rows) * 3


def test_a_token_needs_the_link_key():
    with override_settings(LINK_KEY=b"x" * 32):
        theirs = links.token("rsvp", ROW), links.code("confirm", ROW)
    with override_settings(LINK_KEY=b"y" * 32):
        assert links.token("rsvp", ROW) != theirs[0]
        assert links.code("confirm", ROW) != theirs[1]


def test_the_hash_is_what_is_stored_and_not_the_token():
    token = links.token("rsvp", ROW)
    assert links.token_hash(token) == hashlib.sha256(token.encode()).digest()
    assert len(links.token_hash("")) == 32


@given(pk=st.uuids(), generation=st.integers(0, 100))
def test_a_code_has_six_digits(pk, generation):
    code = links.code("confirm", pk, generation)
    assert len(code) == 6
    assert code.isascii()
    assert code.isdigit()


def test_codes_are_spread_over_all_there_are():
    rows = [uuid4() for _ in range(2000)]
    codes = [links.code("confirm", pk) for pk in rows]
    assert len(set(codes)) > 1950  # of a million, 2,000 meet about twice
    assert {code[0] for code in codes} == set("0123456789")  # leading zeros are kept


def test_codes_of_kinds_and_generations_differ():
    rows = [uuid4() for _ in range(200)]
    for other in (lambda pk: links.code("log-in", pk), lambda pk: links.code("confirm", pk, 1)):
        assert sum(other(pk) == links.code("confirm", pk) for pk in rows) <= 2


@pytest.mark.parametrize(
    ("left", "right", "equal"), [("a", "a", True), ("a", "b", False), ("a", "", False), ("é", "é", True)]
)
def test_secrets_are_compared_whole(left, right, equal):
    assert links.same(left, right) is equal


def test_addresses_come_from_the_settings_in_the_language_that_is_active():
    with override_settings(SITE_URL="https://hub.example.org"):
        assert links.url("events:detail", "a-rally") == "https://hub.example.org/events/a-rally/"
        with translation.override("es"):
            assert links.url("rsvp", "t") == "https://hub.example.org/es/rsvp/t/"


# --- Signed values -------------------------------------------------------------------------------
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=100).filter(lambda text: "@" not in text)


@given(value=VALUES)
def test_what_was_signed_comes_back(value):
    assert links.unsign(links.sign(value, "form"), "form", 60) == value


def test_a_signature_ages():
    start = time.time()
    with time_machine.travel(start, tick=False):
        signed = links.sign("mailbox", "remember")
    with time_machine.travel(start + 59, tick=False):
        assert links.unsign(signed, "remember", 60) == "mailbox"
        value, age = links.unsign_with_age(signed, "remember")
        assert (value, round(age)) == ("mailbox", 59)
    with time_machine.travel(start + 61, tick=False):
        assert links.unsign(signed, "remember", 60) is None


def test_an_aged_signature_was_made_earlier():
    _value, age = links.unsign_with_age(links.sign("x", "form", age=10), "form")
    assert 9.9 <= age < 15  # written with one decimal


@given(position=st.integers(min_value=0), character=st.characters(codec="ascii"))
def test_a_changed_signature_is_worth_nothing(position, character):
    signed = links.sign("0123456789", "form")
    place = position % len(signed)
    changed = signed[:place] + character + signed[place + 1 :]
    if changed != signed:
        assert links.unsign(changed, "form", 60) is None
        assert links.unsign_with_age(changed, "form") == (None, 0.0)


@pytest.mark.parametrize("text", ["", ":", "a:b", "a@1:b", "é:é", "a" * 10_000, "\0", "x@nan:sig"])
def test_nonsense_is_worth_nothing(text):
    assert links.unsign(text, "form", 60) is None


def test_a_signature_serves_one_purpose_under_one_key():
    signed = links.sign("x", "form")
    assert links.unsign(signed, "remember", 60) is None
    with override_settings(LINK_KEY=b"y" * 32):
        assert links.unsign(signed, "form", 60) is None
