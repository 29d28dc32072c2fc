"""What an account's tables, sessions and limits hold, and what its mails say."""

import base64
import json
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core import mail as outgoing
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from hub import accounts, sessions
from hub.adapters import AccountAdapter, MFAAdapter
from hub.models import Limit, Mailbox, Message, Trust, User, address_digest
from hub.personal import purge_all
from hub.sealing import SealedDataError, SealedEmail
from hub.sessions import SessionStore
from tests.factories import deliver_mail, make_moderator, make_user, posted_form

pytestmark = pytest.mark.django_db
ADDRESS = "rosa@relay.example"


def stored(table: str, column: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return [row[0] for row in cursor.fetchall()]


# --- Addresses -------------------------------------------------------------------------------------
def test_the_address_of_an_account_is_sealed_in_both_tables():
    user = make_user("Rosa@Relay.example")
    assert isinstance(EmailAddress._meta.get_field("email"), SealedEmail)
    assert EmailAddress.objects.get(email="ROSA@relay.example") == user.emailaddress_set.get()
    proven = user.emailaddress_set.get()
    assert (proven.email, proven.verified, proven.primary) == (ADDRESS, True, True)
    for table in ("hub_user", "account_emailaddress"):
        (text,) = stored(table, "email")
        assert "rosa" not in text.lower()
        assert "@" not in text


def test_an_address_too_long_to_be_sealed_is_refused():
    long = "r" * 200 + "@relay.example"
    for path in ("/account/login/code/", "/account/password/reset/", "/account/signup/"):
        answer = Client().post(path, posted_form(email=long, display_name="", password=""))
        assert answer.status_code == 422, path
    assert not Message.objects.exists()


def test_neither_addresses_nor_authenticators_are_in_the_admin():
    assert not {EmailAddress, Authenticator, User} & set(admin.site._registry)


# --- Sessions --------------------------------------------------------------------------------------
def test_a_session_is_sealed():
    store = SessionStore()
    store["account_login"] = {"email": ADDRESS}
    store.save()
    data = Session.objects.get().session_data
    assert ADDRESS not in data
    assert ADDRESS.encode() not in base64.b64decode(data)
    assert SessionStore(store.session_key)["account_login"] == {"email": ADDRESS}


@pytest.mark.parametrize(
    "data", ["", "nonsense", "AAAA", base64.b64encode(b"\x01" * 60).decode(), "é", "===="]
)
def test_a_session_that_does_not_open_is_empty(data):
    client = Client()
    client.force_login(make_user())
    Session.objects.update(session_data=data)
    assert SessionStore().decode(data) == {}
    answer = client.get("/me/")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


def test_a_session_of_a_lost_key_is_empty(settings):
    client = Client()
    client.force_login(make_user())
    settings.DATA_KEYS = [b"k" * 32]
    assert SessionStore(client.session.session_key).load() == {}


def test_forgetting_ends_the_sessions_that_name_somebody():
    rosa, other = make_user(ADDRESS), make_user()
    for user in (rosa, rosa, other):
        Client().force_login(user)
    begun = SessionStore()
    begun["account_login"] = {"email": ADDRESS}
    begun.save()
    sessions.forget([str(rosa.pk), ADDRESS])
    (left,) = Session.objects.all()
    assert str(other.pk) in sessions.opened(left.session_data)


def test_what_a_stranger_began_is_gone_after_an_hour():
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    assert timezone.now() + timedelta(minutes=50) < Session.objects.get().expire_date
    purge_all(timezone.now() + timedelta(minutes=61))
    assert not Session.objects.exists()


@pytest.mark.parametrize(("make", "hours"), [(make_user, 30 * 24), (make_moderator, 12)])
def test_staff_are_logged_out_sooner(make, hours):
    user = make()
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": "a password for tests only"})
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(hours=hours) - timedelta(minutes=1) < left <= timedelta(hours=hours)


# --- Second factors --------------------------------------------------------------------------------
def test_secrets_of_second_factors_are_sealed():
    user = make_user()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(user).generate_codes()
    held = json.dumps([str(text) for text in stored("mfa_authenticator", "data")])
    assert "JBSWY3DPEHPK3PXP" not in held
    assert "used_mask" in held
    assert not [code for code in codes if code in held]
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes() == codes
    sealed = MFAAdapter().encrypt("secret")
    assert MFAAdapter().decrypt(sealed) == "secret"
    with pytest.raises(SealedDataError):
        MFAAdapter().decrypt(base64.b64encode(b"\x01" * 60).decode())


# --- Limits ----------------------------------------------------------------------------------------
def test_limits_hold_neither_an_address_nor_its_hash_nor_a_machine(settings):
    settings.DEMO = False
    client = Client(REMOTE_ADDR="198.51.100.7")
    make_user(ADDRESS)
    client.post("/account/login/", {"login": ADDRESS, "password": "wrong"})
    client.post("/account/login/code/", {"email": ADDRESS})
    rows = list(Limit.objects.all())
    assert len(rows) >= 4
    for row in rows:
        assert len(row.cache_key) == 64
        assert set(row.cache_key) <= set("0123456789abcdef")
        value = base64.b64decode(row.value)
        assert b"rosa" not in value
        assert b"198.51" not in value


def test_limits_are_kept_no_longer_than_a_day():
    Client().post("/account/login/code/", {"email": ADDRESS})
    assert Limit.objects.exists()
    assert Limit.objects.order_by("-expires")[0].expires < timezone.now() + timedelta(hours=24)
    purge_all(timezone.now() + timedelta(hours=1))
    assert not Limit.objects.exists()


def test_the_cache_is_that_table():
    cache.set("something", "x", 60)
    assert cache.get("something") == "x"
    assert Limit.objects.count() == 1
    cache.delete("something")
    assert not Limit.objects.exists()


def client_key(settings, proxies: int, forwarded: str | None, address: str = "203.0.113.9") -> str:
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return AccountAdapter().get_client_ip(RequestFactory().get("/", REMOTE_ADDR=address, **headers))


def test_a_client_s_key_tells_no_address_and_changes_every_day(settings, time_machine):
    time_machine.move_to("2026-11-27T23:59:59Z", tick=False)
    first = client_key(settings, 0, None)
    assert len(first) == 64
    assert first == client_key(settings, 0, None)
    assert first != client_key(settings, 0, None, "203.0.113.10")
    time_machine.move_to("2026-11-28T00:00:00Z", tick=False)
    assert first != client_key(settings, 0, None)


def test_a_forged_header_makes_no_other_client(settings):
    plain = client_key(settings, 0, None)
    for forged in ("1.2.3.4", "1.2.3.5, 6.7.8.9", "nonsense", ""):
        assert client_key(settings, 0, forged) == plain
    behind_one = client_key(settings, 1, "198.51.100.7")
    assert behind_one != plain
    for forged in ("1.2.3.4", "9.9.9.9, 8.8.8.8", "nonsense", "198.51.100.8"):
        assert client_key(settings, 1, f"{forged}, 198.51.100.7") == behind_one
    assert client_key(settings, 2, "1.1.1.1, 198.51.100.7, 10.0.0.1") == behind_one
    assert client_key(settings, 2, "198.51.100.7") == plain  # not through our proxies


def test_addresses_of_one_ipv6_network_share_a_key(settings):
    first = client_key(settings, 0, None, "2001:db8:1:2::1")
    assert client_key(settings, 0, None, "2001:db8:1:2:ffff::9") == first
    assert client_key(settings, 0, None, "2001:db8:1:3::1") != first
    assert client_key(settings, 0, None, "::ffff:203.0.113.9") == client_key(settings, 0, None)


@pytest.mark.parametrize("proxies", [0, 1])
def test_limits_survive_a_rotated_header(settings, proxies):
    """Of one machine, over many addresses; and of one address, over many machines."""
    settings.DEMO, settings.TRUSTED_PROXIES = False, proxies
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "4/m/ip,3/m/key"}

    def status(number: int, address: str, machine: str) -> tuple[int, bool]:
        forged = f"10.9.8.{number}"
        seen = {"HTTP_X_FORWARDED_FOR": f"{forged}, {machine}" if proxies else forged}
        client = Client(REMOTE_ADDR="127.0.0.1" if proxies else machine, **seen)
        page = client.post("/account/login/", {"login": address, "password": "wrong"})
        return page.status_code, b"Too many tries" in page.content

    tries = [status(n, f"person{n}@relay.example", "198.51.100.7") for n in range(6)]
    assert tries == [(422, False)] * 4 + [(422, True)] * 2
    tries = [status(n, ADDRESS, f"198.51.100.{n + 10}") for n in range(5)]
    assert tries == [(422, False)] * 3 + [(422, True)] * 2


# --- Mail ------------------------------------------------------------------------------------------
def test_a_code_is_sealed_until_it_is_sent_and_then_gone():
    make_user(ADDRESS)
    Client().post("/account/login/code/", {"email": ADDRESS})
    message = Message.objects.get()
    code = message.sealed_secret
    assert len(code) == 6
    assert code.encode() not in bytes(stored("hub_message", "sealed_secret")[0])
    (sent,) = deliver_mail()
    assert code in sent.body
    assert code not in sent.subject
    message.refresh_from_db()
    assert (message.state, bytes(stored("hub_message", "sealed_secret")[0])) == ("sent", b"")


def test_a_code_too_old_is_not_sent_and_gone():
    make_user(ADDRESS)
    accounts.mail_code("login", ADDRESS, "123456", language="en", at=timezone.now() - timedelta(minutes=16))
    assert deliver_mail() == []
    assert Message.objects.get().state == "skipped"
    assert bytes(stored("hub_message", "sealed_secret")[0]) == b""


def test_a_code_nobody_could_send_is_gone_within_an_hour():
    accounts.mail_code("login", ADDRESS, "123456", language="en", at=timezone.now())
    purge_all(timezone.now() + timedelta(minutes=61))
    assert bytes(stored("hub_message", "sealed_secret")[0]) == b""


def test_five_mails_in_a_quarter_of_an_hour_with_the_same_code(time_machine):
    make_user(ADDRESS)
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    codes = []
    for number in range(8):
        assert Client().post("/account/login/code/", {"email": ADDRESS}).status_code == 302
        codes += [message.sealed_secret for message in Message.objects.exclude(sealed_secret=b"")]
        assert len(deliver_mail()) == (1 if number < 5 else 0)
    assert len(codes) == 5
    assert len(set(codes)) == 1
    time_machine.move_to(at + timedelta(minutes=15, seconds=1), tick=False)
    Client().post("/account/login/code/", {"email": ADDRESS})
    (fresh,) = Message.objects.exclude(sealed_secret=b"")
    assert fresh.sealed_secret != codes[0]


def test_tagged_addresses_share_a_limit():
    for number in range(8):
        Client().post("/account/login/code/", {"email": f"rosa+{number}@relay.example"})
    assert Message.objects.count() == 5


def test_a_stranger_who_uses_up_the_mails_keeps_nobody_out():
    make_user(ADDRESS)
    for _time in range(6):
        Client().post("/account/password/reset/", {"email": ADDRESS})
        Client().post("/account/signup/", posted_form(email=ADDRESS, display_name="", password=""))
    client = Client()
    client.post("/account/login/code/", {"email": ADDRESS})
    sent = deliver_mail()
    assert len(sent) == 10  # five codes, and five times that there is an account
    codes = {code for mail in sent for code in re.findall(r"^\d{6}$", mail.body, re.MULTILINE)}
    (code,) = codes
    answer = client.post("/account/login/code/confirm/", {"code": code})
    assert answer["Location"] == "/me/"


@pytest.mark.parametrize(("path", "language"), [("", "en"), ("/es", "es")])
def test_mails_speak_the_page_s_language_or_the_account_s(path, language):
    make_user(ADDRESS, language="es")
    Client().post(f"{path}/account/login/code/", {"email": "nobody@relay.example"})
    Client().post(f"{path}/account/login/code/", {"email": ADDRESS})
    sent = {mail.to[0]: mail.extra_headers["Content-Language"] for mail in deliver_mail()}
    assert sent == {"nobody@relay.example": language, ADDRESS: "es"}


def test_every_mail_can_be_written():
    make_user(ADDRESS)
    for what in ("password_changed", "email_changed", "totp_activated", "totp_deactivated", "other"):
        accounts.mail_notice(what, ADDRESS, language="en", at=timezone.now())
    accounts.mail_instead("hub.account_exists", ADDRESS, language="en", at=timezone.now())
    for purpose in accounts.PURPOSES:
        accounts.mail_code(purpose, ADDRESS, "123456", language="en", at=timezone.now())
    sent = deliver_mail()
    assert len(sent) == 5 + 5
    assert len({mail.body for mail in sent}) == 10
    for mail in outgoing.outbox:
        assert ADDRESS not in mail.body


# --- A changed address -----------------------------------------------------------------------------
def test_the_mailbox_follows_a_changed_address():
    at = timezone.now()
    accounts.mail_notice("other", ADDRESS, language="en", at=at)
    box = Mailbox.objects.get()
    accounts.follow_address(ADDRESS, "new@relay.example", at=at)
    box.refresh_from_db()
    assert (box.address, box.confirmed_at) == ("new@relay.example", at)
    accounts.follow_address("unheard@relay.example", "other@relay.example", at=at)
    assert Mailbox.objects.count() == 1


def test_trust_follows_a_changed_address_and_goes_with_the_account():
    user, at = make_user("new@relay.example"), timezone.now()
    for _time in range(2):  # the second time the new address is trusted already
        Trust.objects.create(address_digest=address_digest(ADDRESS), made_at=at)
        accounts.follow_address(ADDRESS, user.email, at=at)
        assert bytes(Trust.objects.get().address_digest) == address_digest(user.email)
    accounts.erase_account(user, at=at)
    assert not Trust.objects.exists()
