"""The second step: setting it up, logging in with it, and what doesn't open without."""

import html
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from hub.models import User
from hub.permissions import has_second_factor
from tests.cast import logged_in as forced
from tests.cast import proves
from tests.factories import PASSWORD, deliver_mail, make_admin, make_moderator, make_user

pytestmark = pytest.mark.django_db
SET_UP = "/account/second/app/"


@pytest.fixture(autouse=True)
def production(settings):
    """The demo waives the second step."""
    reverse("home")  # the addresses are read with the settings as they are
    settings.DEMO = False


def digits(secret: str, *, later: int = 0) -> str:
    """What an authenticator app shows now, or `later` steps of 30 seconds on."""
    counters = list(auth.yield_hotp_counters_from_time())
    return auth.format_hotp_value(auth.hotp_value(secret, counters[len(counters) // 2] + later))


def log_in(user, client=None) -> Client:
    client = client or Client()
    client.answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def set_up(client) -> str:
    """Turn it on; gives the secret."""
    page = html.unescape(client.get(SET_UP).content.decode())
    secret = re.search(r'id="id_key" value="([A-Z2-7]+)"', page)[1]
    assert client.post(SET_UP, {"code": digits(secret)})["Location"] == "/account/second/recovery/"
    return secret


# --- Setting it up ---------------------------------------------------------------------------------
def test_an_authenticator_app_is_set_up_by_picture_or_key(django_capture_on_commit_callbacks):
    user = make_user("rosa@relay.example", display_name="Rosa")
    client = log_in(user)
    page = client.get(SET_UP).content.decode()
    assert '<div class="qr-code" role="img"' in page
    assert "data:image" not in page
    assert "rosa@relay" not in page
    bad = client.post(SET_UP, {"code": "000000"})
    assert bad.status_code == 422
    assert "This code is wrong" in bad.content.decode()
    assert not Authenticator.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    codes = re.findall(r"<code>(\d{8})</code>", client.get("/account/second/recovery/").content.decode())
    assert len(set(codes)) == 10
    file = client.get("/account/second/recovery/file/")
    assert file["Content-Type"].startswith("text/plain")
    assert file.content.decode().split() == codes
    assert "authenticator app was set up" in deliver_mail()[-1].body


def test_it_can_be_removed_and_codes_made_anew():
    client = log_in(make_user())
    set_up(client)
    first = client.get("/account/second/recovery/").content
    assert client.post("/account/second/recovery/new/")["Location"] == "/account/second/recovery/"
    assert client.get("/account/second/recovery/").content != first
    assert client.get("/account/second/").status_code == 200
    assert client.get("/account/second/app/remove/").status_code == 200
    assert client.post("/account/second/app/remove/")["Location"] == "/account/second/"
    assert not Authenticator.objects.exists()


DOORS = [
    *("/account/second/app/remove/", "/account/second/recovery/"),
    *("/account/second/recovery/new/", "/account/second/recovery/file/"),
    *("/account/email/", "/account/password/set/"),
]


def test_a_mailed_code_or_a_password_opens_no_dangerous_door():
    user = make_user()
    secret = set_up(log_in(user))
    client = forced(user)  # an open session somebody found
    for way in ("", "code/"):  # neither is asked for, and neither proves anything
        answer = client.post(f"/account/again/{way}", {"password": PASSWORD})
        assert answer["Location"] == "/account/again/second/"
    for path in DOORS:
        for answer in (client.get(path), client.post(path, {"email": "x@new.example", "action_add": "on"})):
            assert answer["Location"] == f"/account/again/second/?next={path}"
    assert Authenticator.objects.count() == 2
    assert not deliver_mail()
    client.post("/account/again/second/", {"code": digits(secret, later=1)})
    for path in DOORS[:5]:
        assert client.get(path).status_code == 200
    assert client.post("/account/email/", {"email": "x@new.example", "action_add": "on"}).status_code == 302
    assert [mail.to for mail in deliver_mail()] == [["x@new.example"]]
    assert client.post("/account/second/app/remove/")["Location"] == "/account/second/"


@pytest.mark.parametrize("act", ["erase", "export"])
def test_what_is_one_s_own_is_erased_or_taken_along_with_the_second_step_only(act, time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    user = make_user()
    client = log_in(user)
    secret = set_up(client)
    time_machine.move_to(at + timedelta(minutes=6), tick=False)
    proves(client, "password")  # as it was asked for before there was a second step
    typed = {"act": act, "sure": "on"}
    asked = client.post("/me/data/", typed)
    assert asked["Location"] == "/account/again/second/?next=/me/data/"
    page = client.get(asked["Location"]).content.decode()
    assert "/account/again/?" not in page  # no way round it is offered
    assert User.objects.filter(pk=user.pk).exists()
    back = client.post(asked["Location"], {"code": digits(secret), "next": "/me/data/"})
    assert back["Location"] == "/me/data/"
    answer = client.post("/me/data/", typed)
    assert answer.status_code == (302 if act == "erase" else 200)
    assert User.objects.filter(pk=user.pk).exists() == (act == "export")
    time_machine.move_to(at + timedelta(minutes=12), tick=False)
    if act == "export":
        assert client.post("/me/data/", typed)["Location"] == asked["Location"]


# --- Logging in with it ----------------------------------------------------------------------------
def test_logging_in_takes_the_second_step(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    user = make_user()
    secret = set_up(log_in(user))
    client = log_in(user)
    assert client.answer["Location"] == "/account/login/second/"
    assert client.get("/me/").status_code == 302
    assert client.get("/account/login/second/").status_code == 200
    for typed in ("", "000000", "nonsense"):
        assert client.post("/account/login/second/", {"code": typed}).status_code == 422
    assert client.post("/account/login/second/", {"code": digits(secret)})["Location"] == "/me/"
    assert client.get("/me/").status_code == 200
    again = log_in(user)
    used = again.post("/account/login/second/", {"code": digits(secret)})
    assert used.status_code == 422  # the same six digits log in once
    time_machine.move_to(at + timedelta(seconds=120), tick=False)
    assert again.post("/account/login/second/", {"code": digits(secret)}).status_code == 302


def test_a_recovery_code_logs_in_once():
    user = make_user()
    client = log_in(user)
    set_up(client)
    page = client.get("/account/second/recovery/").content.decode()
    code = re.findall(r"<code>(\d{8})</code>", page)[3]
    assert log_in(user).post("/account/login/second/", {"code": code}).status_code == 302
    assert log_in(user).post("/account/login/second/", {"code": code}).status_code == 422


def test_guessing_the_second_step_is_limited():
    user = make_user()
    secret = set_up(log_in(user))
    client = log_in(user)
    for _try in range(6):
        answer = client.post("/account/login/second/", {"code": "000000"})
    assert "Too many tries" in answer.content.decode()
    assert client.post("/account/login/second/", {"code": digits(secret)}).status_code == 422


# --- What doesn't open without ---------------------------------------------------------------------
@pytest.mark.parametrize("make", [make_admin, make_moderator])
def test_the_admin_opens_with_the_second_step_only(make):
    user = make()
    client = log_in(user)
    answer = client.get("/admin/")
    assert answer["Location"] == f"{SET_UP}?next=/admin/"
    assert "It opens once your account has a second step" in client.get(answer["Location"]).content.decode()
    secret = set_up(client)
    assert client.get("/admin/").status_code == 200
    other = log_in(user)
    other.post("/account/login/second/", {"code": digits(secret, later=1)})
    assert other.get("/admin/").status_code == 200
    # A session that was opened without it, before it was set up or by a forgotten way.
    third = forced(user)
    assert third.get("/admin/")["Location"] == "/account/again/second/?next=/admin/"


def test_roles_open_with_the_second_step_only():
    client = log_in(make_admin())
    assert client.get("/moderation/roles/")["Location"] == f"{SET_UP}?next=/moderation/roles/"
    set_up(client)
    assert client.get("/moderation/roles/").status_code == 200


def test_after_twelve_hours_it_is_asked_for_again(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    user = make_user()
    client = log_in(user)  # a member's session lives longer than twelve hours
    secret = set_up(client)
    make_staff = make_admin().__class__.objects.filter(pk=user.pk)
    make_staff.update(is_superuser=True)
    assert client.get("/admin/").status_code == 200
    time_machine.move_to(at + timedelta(hours=12, seconds=1), tick=False)
    answer = client.get("/admin/")
    assert answer["Location"] == "/account/again/second/?next=/admin/"
    answer = client.post(answer["Location"], {"code": digits(secret), "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_it_counts_no_more_once_it_is_removed():
    client = log_in(make_admin())
    set_up(client)
    assert client.get("/admin/").status_code == 200
    client.post("/account/second/app/remove/")
    assert client.get("/admin/")["Location"] == f"{SET_UP}?next=/admin/"


def test_for_strangers_the_admin_is_missing_all_the_same():
    for client in (Client(), log_in(make_user())):
        assert client.get("/admin/").status_code == 404
        assert client.get("/moderation/roles/").status_code == 404


def test_the_demo_waives_it(settings):
    settings.DEMO = True
    assert has_second_factor(RequestFactory().get("/"))
    assert log_in(make_admin()).get("/admin/").status_code == 200
