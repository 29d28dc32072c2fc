"""Signing up, logging in, resetting, changing: walked as people walk them."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from hub import accounts
from hub.models import AuditEntry, Message, User
from hub.sessions import opened
from tests.factories import PASSWORD, deliver_mail, make_event, make_rsvp, make_user, posted_form

pytestmark = pytest.mark.django_db
ADDRESS = "rosa@relay.example"
NEW_PASSWORD = "several words that I remember"


def mailed_code() -> str:
    """The six digits of the one mail that goes out now."""
    (sent,) = deliver_mail()
    return re.search(r"^(\d{6})$", sent.body, re.MULTILINE)[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def sign_up(client, email=ADDRESS, *, prefix="", **fields):
    form = posted_form(**{"email": email, "display_name": "Rosa", "password": "", **fields})
    return client.post(f"{prefix}/account/signup/", form)


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def logged_in(user) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert is_in(client)
    return client


# --- Signing up ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/es", "es")])
def test_a_newcomer_signs_up_by_code_without_a_password(prefix, language):
    client = Client()
    assert client.get(f"{prefix}/account/signup/").status_code == 200
    answer = sign_up(client, prefix=prefix)
    assert (answer.status_code, answer["Location"]) == (302, f"{prefix}/account/signup/code/")
    assert not User.objects.exists()
    page = client.get(answer["Location"]).content.decode()
    assert ADDRESS in page
    answer = client.post(answer["Location"], {"code": mailed_code()})
    assert (answer.status_code, answer["Location"]) == (302, f"{prefix}/me/")
    user = User.objects.get()
    assert (user.email, user.display_name, user.language) == (ADDRESS, "Rosa", language)
    assert not user.has_usable_password()
    assert is_in(client)
    assert AuditEntry.objects.get().action == "open_account"
    assert client.get("/me/").status_code == 200


def test_a_newcomer_may_set_a_password_at_once():
    client = Client()
    sign_up(client, password=NEW_PASSWORD)
    for session in Session.objects.all():
        assert NEW_PASSWORD not in opened(session.session_data)
    client.post("/account/signup/code/", {"code": mailed_code()})
    assert User.objects.get().check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": ""}, "Write your e-mail address."),
        ({"email": "no address"}, "Write an e-mail address like"),
        ({"password": "short"}, "too short"),
        ({"password": "password1234"}, "too common"),
        ({"display_name": "n" * 81}, "at most 80 characters"),
        ({"website": "https://spam.example"}, "Leave this field empty"),
    ],
)
def test_a_wrong_sign_up_is_said_and_nothing_sent(fields, sentence):
    answer = sign_up(Client(), **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Message.objects.exists()


def test_the_code_alone_makes_the_account():
    client = Client()
    sign_up(client)
    code = mailed_code()
    other = Client()
    assert other.post("/account/signup/code/", {"code": code})["Location"] == "/account/signup/"
    for typed in ("", wrong(code), "nonsense", "\0"):
        assert client.post("/account/signup/code/", {"code": typed}).status_code == 422
    assert not User.objects.exists()
    assert client.post("/account/signup/code/", {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert User.objects.exists()


def test_six_tries_are_too_many_even_with_the_right_code():
    client = Client()
    sign_up(client)
    code = mailed_code()
    for _try in range(5):
        client.post("/account/signup/code/", {"code": wrong(code)})
    answer = client.post("/account/signup/code/", {"code": code})
    assert answer.status_code == 422
    assert "Too many tries" in answer.content.decode()
    assert not User.objects.exists()


def test_a_code_is_good_for_a_quarter_of_an_hour_and_once(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    client = Client()
    sign_up(client)
    code = mailed_code()
    time_machine.move_to(at + timedelta(minutes=15, seconds=1), tick=False)
    assert client.post("/account/signup/code/", {"code": code})["Location"] == "/account/signup/"
    sign_up(client)
    fresh = mailed_code()
    assert fresh != code
    client.post("/account/signup/code/", {"code": fresh})
    assert User.objects.count() == 1
    client.post("/account/logout/")
    assert client.post("/account/signup/code/", {"code": fresh})["Location"] == "/account/signup/"


def test_who_has_an_account_is_mailed_so_and_nobody_can_tell():
    make_user(ADDRESS)
    client = Client()
    sign_up(client, password=NEW_PASSWORD, display_name="Mallory")
    (sent,) = deliver_mail()
    assert "There is one already" in sent.body
    for code in ("000000", "", "123456"):
        assert client.post("/account/signup/code/", {"code": code}).status_code == 422
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert user.display_name == ""


def test_nobody_holds_an_address_that_is_not_theirs():
    """Signing up with somebody's address, and a password, leaves nothing its owner could walk into."""
    mallory, rosa = Client(), Client()
    sign_up(mallory, password="the password of mallory")
    deliver_mail()
    sign_up(rosa)
    rosa.post("/account/signup/code/", {"code": mailed_code()})
    user = User.objects.get()
    assert not user.has_usable_password()
    mallory.post("/account/login/", {"login": ADDRESS, "password": "the password of mallory"})
    assert not is_in(mallory)
    # The code was spent with the account, and the address is taken by now.
    assert mallory.post("/account/signup/code/", {"code": "000000"}).status_code == 422


def test_two_browsers_with_the_same_code_make_one_account():
    first, second = Client(), Client()
    sign_up(first)
    code = mailed_code()
    sign_up(second)
    assert mailed_code() == code
    first.post("/account/signup/code/", {"code": code})
    assert second.post("/account/signup/code/", {"code": code})["Location"] == "/account/login/"
    assert User.objects.count() == 1


# --- Logging in by code ----------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_logging_in_by_code(prefix):
    make_user(ADDRESS, language="es")
    client = Client()
    answer = client.post(f"{prefix}/account/login/code/", {"email": ADDRESS.upper()})
    assert answer["Location"] == f"{prefix}/account/login/code/confirm/"
    assert client.get(answer["Location"]).status_code == 200
    code = mailed_code()
    page = client.post(answer["Location"], {"code": wrong(code)})
    assert page.status_code == 422
    assert not is_in(client)
    answer = client.post(answer["Location"], {"code": code})
    assert answer["Location"] == "/es/me/"  # the account's own language
    assert is_in(client)
    client.post("/account/logout/")
    client.post("/account/login/code/", {"email": ADDRESS})
    assert mailed_code() != code  # spent


def test_a_login_code_is_for_the_browser_that_asked():
    make_user(ADDRESS)
    client, other = Client(), Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    answer = other.post("/account/login/code/confirm/", {"code": mailed_code()})
    assert answer["Location"] == "/account/login/code/"
    assert not is_in(other)


def test_too_many_wrong_login_codes_begin_anew():
    make_user(ADDRESS)
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    code = mailed_code()
    statuses = [
        client.post("/account/login/code/confirm/", {"code": wrong(code)}).status_code for _try in range(5)
    ]
    assert statuses == [422, 422, 422, 422, 302]
    assert "Too many tries" in client.get("/account/login/code/").content.decode()
    assert client.post("/account/login/code/confirm/", {"code": code})["Location"] == "/account/login/code/"


def test_somebody_without_an_account_is_mailed_where_to_make_one():
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    (sent,) = deliver_mail()
    assert "/account/signup/" in sent.body
    assert client.post("/account/login/code/confirm/", {"code": ""}).status_code == 422


def test_logging_in_leads_on_to_where_one_was_going():
    make_user(ADDRESS)
    client = Client()
    answer = client.get("/es/me/settings/")
    assert answer["Location"] == "/es/account/login/?next=/es/me/settings/"
    page = client.get(answer["Location"]).content.decode()
    assert "/es/account/login/code/?next=%2Fes%2Fme%2Fsettings%2F" in page
    answer = client.post("/account/login/code/", {"email": ADDRESS, "next": "/me/settings/"})
    target = urlsplit(answer["Location"])
    assert parse_qs(target.query) == {"next": ["/me/settings/"]}
    answer = client.post(answer["Location"], {"code": mailed_code(), "next": "/me/settings/"})
    assert answer["Location"] == "/me/settings/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "http://testserver/"]
)
def test_no_way_of_logging_in_leads_elsewhere(target):
    make_user(ADDRESS)
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS, "next": target})
    answer = client.post("/account/login/code/confirm/", {"code": mailed_code(), "next": target})
    assert answer["Location"] == "/me/"
    client = Client()
    answer = sign_up(client, "new@relay.example", next=target)
    answer = client.post(answer["Location"], {"code": mailed_code(), "next": target})
    assert answer["Location"] == "/me/"


# --- Resetting and changing ------------------------------------------------------------------------
def test_a_forgotten_password_is_reset_by_code():
    user = make_user(ADDRESS)
    client = Client()
    answer = client.post("/account/password/reset/", {"email": ADDRESS})
    assert answer["Location"] == "/account/password/reset/code/"
    code = mailed_code()
    assert client.post(answer["Location"], {"code": wrong(code)}).status_code == 422
    answer = client.post(answer["Location"], {"code": code})
    assert answer["Location"] == "/account/password/reset/new/"
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(answer["Location"], {"password1": "short"}).status_code == 422
    assert client.post(answer["Location"], {"password1": NEW_PASSWORD})["Location"] == "/me/"
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert is_in(client)
    (told,) = deliver_mail()
    assert "new password" in told.body


def test_nothing_is_reset_without_the_code():
    make_user(ADDRESS)
    client = Client()
    client.post("/account/password/reset/", {"email": ADDRESS})
    answer = client.post("/account/password/reset/new/", {"password1": NEW_PASSWORD})
    assert answer["Location"] == "/account/password/reset/code/"
    stranger = Client()
    stranger.post("/account/password/reset/", {"email": "nobody@relay.example"})
    assert stranger.post("/account/password/reset/code/", {"code": ""}).status_code == 422
    assert stranger.post("/account/password/reset/code/", {"code": "000000"}).status_code == 422


def test_changing_the_password_takes_the_old_one_and_is_told():
    user = make_user(ADDRESS)
    client, elsewhere = logged_in(user), logged_in(user)
    page = "/account/password/change/"
    assert client.get(page).status_code == 200
    bad = client.post(page, {"oldpassword": "wrong", "password1": NEW_PASSWORD})
    assert bad.status_code == 422
    assert "not your current password" in bad.content.decode()
    answer = client.post(page, {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})
    assert answer["Location"] == "/me/settings/?saved=1"
    assert client.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    (told,) = deliver_mail()
    assert "new password" in told.body


def test_an_account_without_a_password_gets_one():
    user = User.objects.create_user(ADDRESS)
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    client.post("/account/login/code/confirm/", {"code": mailed_code()})
    assert client.get("/account/password/change/")["Location"] == "/account/password/set/"
    assert client.post("/account/password/set/", {"password1": NEW_PASSWORD}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_the_address_is_changed_by_a_code_to_the_new_one_and_what_is_one_s_own_moves():
    user = make_user(ADDRESS)
    party = make_rsvp(make_event(), email=ADDRESS, confirmed=True)
    deliver_mail()
    client = logged_in(user)
    assert client.get("/account/email/").status_code == 200
    new = "rosa@new.example"
    answer = client.post("/account/email/", {"email": new, "action_add": "on"})
    assert answer["Location"] == "/account/email/code/"
    code = mailed_code()
    assert client.post("/account/email/code/", {"code": wrong(code)}).status_code == 422
    user.refresh_from_db()
    assert user.email == ADDRESS
    assert client.post("/account/email/code/", {"code": code})["Location"] == "/me/settings/?saved=1"
    user.refresh_from_db()
    assert user.email == new
    assert [one.email for one in user.emailaddress_set.all()] == [new]
    party.refresh_from_db()
    assert party.mailbox.address == new
    (told,) = deliver_mail()
    assert told.to == [ADDRESS]
    assert new not in told.body


def test_somebody_else_s_address_is_not_told_and_not_taken():
    make_user("other@relay.example")
    client = logged_in(make_user(ADDRESS))
    answer = client.post("/account/email/", {"email": "other@relay.example", "action_add": "on"})
    assert answer["Location"] == "/account/email/code/"  # as for any other
    bad = client.post("/account/email/code/", {"code": mailed_code()})
    assert bad.status_code == 422
    assert "There is an account with this address already" in bad.content.decode()
    assert User.objects.filter(email=ADDRESS).exists()


# --- Dangerous acts --------------------------------------------------------------------------------
DANGEROUS = ["/account/email/", "/account/second/app/", "/account/second/recovery/new/"]


@pytest.mark.parametrize("path", DANGEROUS)
def test_dangerous_pages_ask_again_after_five_minutes(path, time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    client = logged_in(make_user(ADDRESS))
    assert client.get(path).status_code == 200
    time_machine.move_to(at + timedelta(minutes=5, seconds=1), tick=False)
    answer = client.get(path)
    assert answer["Location"] == f"/account/again/?next={path}"
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(answer["Location"], {"password": "wrong", "next": path}).status_code == 422
    assert client.post(answer["Location"], {"password": PASSWORD, "next": path})["Location"] == path
    assert client.get(path).status_code == 200
    assert client.post("/me/data/", {"act": "export"}).status_code == 200


def test_without_a_password_a_code_proves_it(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    User.objects.create_user(ADDRESS)
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    client.post("/account/login/code/confirm/", {"code": mailed_code()})
    time_machine.move_to(at + timedelta(minutes=20), tick=False)
    answer = client.get("/account/email/")
    assert answer["Location"] == "/account/again/code/?next=/account/email/"
    page = client.get(answer["Location"]).content.decode()
    recipient = re.search(r'name="recipient" value="([^"]+)"', page)[1]
    answer = client.post(answer["Location"], {"recipient": recipient, "next": "/account/email/"})
    code = mailed_code()
    assert client.post(answer["Location"], {"code": wrong(code)}).status_code == 422
    answer = client.post(answer["Location"], {"code": code, "next": "/account/email/"})
    assert answer["Location"] == "/account/email/"
    assert client.get("/account/email/").status_code == 200


def test_a_dangerous_form_is_not_kept_with_the_machine_it_came_from(settings, time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    settings.DEMO = False
    client = Client(REMOTE_ADDR="198.51.100.77", HTTP_USER_AGENT="SeededBrowser/9")
    client.post("/account/login/", {"login": make_user(ADDRESS).email, "password": PASSWORD})
    time_machine.move_to(at + timedelta(minutes=6), tick=False)
    answer = client.post("/me/data/", {"act": "export"})
    assert answer["Location"] == "/account/again/?next=/me/data/"
    for session in Session.objects.all():
        assert "198.51" not in opened(session.session_data)
        assert "SeededBrowser" not in opened(session.session_data)


# --- What isn't offered ----------------------------------------------------------------------------
NOT_OFFERED = ["inactive/", "confirm-email/abc/", "password/reset/key/1-abc/", "social/", "signup/passkey/"]
NOT_OFFERED += ["webauthn/", "2fa/", "phone/change/", "sessions/", "provider/"]


@pytest.mark.parametrize("path", NOT_OFFERED)
def test_nothing_else_of_allauth_is_there(path):
    client = Client()
    client.force_login(make_user())
    assert client.get(f"/account/{path}").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("path", ["login/", "login/code/", "signup/", "password/reset/"])
def test_pages_of_accounts_take_no_other_method(path, method):
    assert getattr(Client(), method)(f"/account/{path}").status_code == 405


def test_pages_of_accounts_are_kept_by_nobody():
    for path in ("login/", "login/code/", "signup/", "password/reset/"):
        answer = Client().get(f"/account/{path}")
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "no-referrer"


# --- Whose code it is ------------------------------------------------------------------------------
def test_an_open_session_is_not_proven_by_somebody_else_s_code():
    user = make_user(ADDRESS)
    client = logged_in(user)
    foreign = accounts.mailed_code("other@relay.example")
    begun = client.post("/account/again/code/", {"recipient": ADDRESS, "email": "other@relay.example"})
    assert begun["Location"] == "/account/again/code/confirm/"
    assert client.post("/account/again/code/confirm/", {"code": foreign}).status_code == 422
    assert client.post("/account/again/code/confirm/", {"code": mailed_code()}).status_code == 302


def test_a_code_of_another_address_begins_nothing(monkeypatch):
    make_user(ADDRESS)
    foreign = accounts.mailed_code("other@relay.example")
    monkeypatch.setattr("hub.adapters.AccountAdapter._code_of_typed", lambda adapter: foreign)
    client = Client()
    assert client.post("/account/login/code/", {"email": ADDRESS}).status_code == 400
    client.post("/account/login/code/confirm/", {"code": foreign})
    assert not is_in(client)


# --- Guessing --------------------------------------------------------------------------------------
BEGIN = {  # what asks for a code, where it is typed
    "login": ("/account/login/code/", "/account/login/code/confirm/"),
    "reset": ("/account/password/reset/", "/account/password/reset/code/"),
    "signup": ("/account/signup/", "/account/signup/code/"),
}


def guess(way: str, code: str):
    """Type a code in a new browser."""
    begin, confirm = BEGIN[way]
    client = Client()
    client.post(begin, posted_form(email=ADDRESS, display_name="", password=""))
    return client.post(confirm, {"code": code})


@pytest.mark.parametrize("way", BEGIN)
def test_a_code_is_not_guessed_by_beginning_anew(way, time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    if way != "signup":
        make_user(ADDRESS)
    code = accounts.mailed_code(ADDRESS)
    for _try in range(accounts.WRONG_TRIES):
        refused = guess(way, wrong(code))
    for answer in (refused, guess(way, code)):  # the right one comes too late
        assert answer.status_code == 422
        assert "This code is wrong. Look at the newest mail" in answer.content.decode()
    assert accounts.mailed_code(ADDRESS) != code
    assert guess(way, accounts.mailed_code(ADDRESS)).status_code == 422
    time_machine.move_to(at + timedelta(minutes=15, seconds=1), tick=False)
    assert guess(way, accounts.mailed_code(ADDRESS)).status_code == 302


def test_wrong_codes_count_over_all_ways_and_for_unknown_addresses_too():
    code = accounts.mailed_code(ADDRESS)
    for way in ("login", "reset", "signup") * 5:
        assert guess(way, wrong(code)).status_code == 422
    assert guess("signup", code).status_code == 422


def test_right_codes_do_not_count():
    make_user(ADDRESS)
    for _time in range(accounts.WRONG_TRIES + 2):
        assert guess("login", accounts.mailed_code(ADDRESS)).status_code == 302


def test_guesses_of_an_open_session_and_of_a_new_address_count():
    client, new = logged_in(make_user(ADDRESS)), "new@relay.example"
    client.post("/account/again/code/", {"recipient": ADDRESS})
    client.post("/account/again/code/confirm/", {"code": wrong(accounts.mailed_code(ADDRESS))})
    client.post("/account/email/", {"email": new, "action_add": ""})
    client.post("/account/email/code/", {"code": wrong(accounts.mailed_code(new))})
    for address in (ADDRESS, new):
        for _try in range(accounts.WRONG_TRIES - 1):
            assert accounts.begin_try(address)
    codes = [accounts.mailed_code(ADDRESS), accounts.mailed_code(new)]
    assert client.post("/account/again/code/confirm/", {"code": codes[0]}).status_code == 422
    assert client.post("/account/email/code/", {"code": codes[1]}).status_code == 422
    assert not User.objects.filter(email=new).exists()


def test_logging_out_says_so():
    client = logged_in(make_user(ADDRESS))
    answer = client.post("/account/logout/")
    assert answer["Location"] == "/account/login/?out=1"
    page = client.get(answer["Location"]).content.decode()
    assert "You are logged out." in page
    assert "You are logged out." not in client.get("/account/login/").content.decode()
    bad = client.post(answer["Location"], {"login": ADDRESS, "password": "wrong"})
    assert "You are logged out." not in bad.content.decode()


@pytest.mark.parametrize(("prefix", "word"), [("", "Make the account"), ("/es", "Crear la cuenta")])
def test_the_page_of_a_mailed_code_says_what_it_is_for_and_goes_on(prefix, word):
    client = Client()
    answer = sign_up(client, prefix=prefix, next="/committees/")
    page = client.get(answer["Location"]).content.decode()
    assert word in page
    assert '<input type="hidden" name="next" value="/committees/">' in page
    assert f'href="{prefix}/account/signup/"' in page
