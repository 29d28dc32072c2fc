"""Accounts, and logging in and out."""

import html

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from hub.models import User
from tests.factories import PASSWORD, make_admin, make_user

LOGIN = "/account/login/"
pytestmark = pytest.mark.django_db


def log_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


# --- Accounts --------------------------------------------------------------------------------------
def test_an_account_needs_no_more_than_an_address():
    user = make_user("Rosa@Example.org")
    assert (user.email, user.display_name, user.language, user.time_zone) == (
        "rosa@example.org",
        "",
        "en",
        "",
    )
    assert not user.is_staff
    assert not user.is_superuser
    assert user.is_active


def test_an_account_without_an_address_is_refused():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")


def test_an_account_without_a_password_can_not_be_entered_by_one():
    user = User.objects.create_user("rosa@example.org")
    assert not user.has_usable_password()
    assert authenticate(username="rosa@example.org", password="") is None


def test_an_administrator_is_staff_and_superuser():
    admin = make_admin()
    assert admin.is_staff
    assert admin.is_superuser


def test_two_accounts_can_not_share_an_address():
    make_user("rosa@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("ROSA@example.org")
    with pytest.raises(ValidationError):
        User(email="Rosa@example.org", password="x").validate_unique()


def test_no_text_of_an_account_names_its_person():
    user = make_user("rosa@example.org", display_name="Rosa")
    for text in (str(user), repr(user), str([user])):
        assert "rosa" not in text.lower()
        assert str(user.pk)[:8] in text


def test_a_language_that_is_not_offered_any_more_falls_back(settings):
    user = make_user(language="es")
    assert user.language_or_default == "es"
    settings.LANGUAGES = [("en", "English")]
    assert user.language_or_default == "en"


# --- Logging in ------------------------------------------------------------------------------------
def test_logging_in_and_out():
    make_user("rosa@example.org")
    client = Client()
    assert client.get(LOGIN).status_code == 200
    response = log_in(client, " Rosa@Example.org ")
    assert (response.status_code, response["Location"]) == (302, "/me/")
    assert "_auth_user_id" in client.session
    home = client.get("/")
    assert b'action="/account/logout/"' in home.content
    assert "rosa" not in home.content.decode().lower()
    response = client.post("/account/logout/")
    assert (response.status_code, response["Location"]) == (302, "/account/login/?out=1")
    assert "_auth_user_id" not in client.session


def test_who_is_logged_in_is_led_on():
    client = Client()
    client.force_login(make_user())
    assert client.get(LOGIN).status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("rosa@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("nobody@example.org", "wrong"),
        ("inactive@example.org", PASSWORD),
        ("no-password@example.org", ""),
        ("rosa@example.org", ""),
        ("", ""),
        ("no address", PASSWORD),
        ("rosa@example.org\0", PASSWORD),
        ("r" * 5000 + "@example.org", PASSWORD),
        ("rosa@example.org", "p" * 5000),
        ("рοsa@example.org", PASSWORD),
    ],
)
def test_what_does_not_log_in(email, password):
    make_user("rosa@example.org")
    make_user("inactive@example.org", is_active=False)
    User.objects.create_user("no-password@example.org")
    client = Client()
    response = log_in(client, email, password)
    assert response.status_code == 422
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("fields", "path", "field", "sentence"),
    [
        (("rosa@example.org", "no"), "/account/login/", "login", "This e-mail and this password don't"),
        (("rosa@example.org", "no"), "/es/account/login/", "login", "Este correo y esta contraseña no"),
        (("", PASSWORD), "/account/login/", "login", "Write the e-mail address of your account."),
        (("rosa@example.org", ""), "/account/login/", "password", "Write your password."),
        (("rosa@example.org", ""), "/es/account/login/", "password", "Escribe tu contraseña."),
    ],
)
def test_what_is_wrong_is_said_at_a_field_and_the_address_kept(fields, path, field, sentence):
    make_user("rosa@example.org")
    response = Client().post(path, dict(zip(("login", "password"), fields, strict=True)))
    page = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert f'<a href="#id_{field}">{sentence}' in page
    assert f'id="id_{field}"' in page
    assert f'value="{fields[0]}"' in page or not fields[0]
    assert PASSWORD not in page


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address():
    make_user("rosa@example.org")
    make_user("inactive@example.org", is_active=False)

    def answer(email):
        client = Client()
        client.get(LOGIN)
        token = client.cookies["csrf"].value
        body = log_in(client, email, "wrong").content.decode().replace(email, "ADDRESS")
        assert token
        return [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line]

    assert answer("rosa@example.org") == answer("nobody@example.org") == answer("inactive@example.org")


@pytest.mark.parametrize(
    ("target", "led_to"),
    [
        ("/events/", "/events/"),
        ("https://evil.example/", "/me/"),
        ("//evil.example/", "/me/"),
        ("/\\evil.example/", "/me/"),
        ("javascript:alert(1)", "/me/"),
        ("http:///evil.example/", "/me/"),
        ("\t//evil.example/", "/me/"),
    ],
)
def test_logging_in_leads_only_to_this_site(target, led_to):
    make_user("rosa@example.org")
    assert log_in(Client(), "rosa@example.org", next=target)["Location"] == led_to
    client = Client()
    client.force_login(User.objects.get(email="rosa@example.org"))
    assert client.get(LOGIN, {"next": target})["Location"] == led_to


def test_the_session_cookie_is_for_the_server_only_and_ends(settings):
    make_user("rosa@example.org")
    client = Client()
    log_in(client, "rosa@example.org")
    cookie = client.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == settings.SESSION_COOKIE_AGE == 30 * 24 * 60 * 60


def test_logging_in_makes_a_new_session_and_out_ends_it():
    make_user("rosa@example.org")
    client = Client()
    log_in(client, "rosa@example.org")
    first = client.session.session_key
    client.post("/account/logout/")
    assert not Session.objects.filter(session_key=first).exists()
    log_in(client, "rosa@example.org")
    assert client.session.session_key != first


def test_a_new_password_ends_the_other_sessions():
    user = make_user("rosa@example.org")
    client = Client()
    client.force_login(user)
    user.set_password("another password for tests")
    user.save()
    assert b"/account/logout/" not in client.get("/").content


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_superuser": False}])
def test_lost_rights_act_on_the_next_request(change):
    admin = make_admin()
    client = Client()
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=admin.pk).update(**change)
    assert client.get("/admin/").status_code == 404


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_superuser": False}])
def test_staff_alone_is_not_enough_for_the_admin(change):
    client = Client()
    client.force_login(make_user(is_staff=True))
    assert client.get("/admin/").status_code == 404


def test_pages_of_somebody_logged_in_are_kept_by_nobody():
    client = Client()
    client.force_login(make_user())
    assert client.get("/events/")["Cache-Control"] == "private, no-store"
    assert Client().get("/events/")["Cache-Control"] == "no-cache"


def test_the_login_page_speaks_spanish():
    response = Client().get("/es/account/login/")
    assert response.status_code == 200
    assert b'<html lang="es"' in response.content
