"""What is wrong with the environment ends the start: one sentence, exit 1, no traceback."""

import json
import os
import runpy
import stat
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured

from hub.starting import BOOT_FAILED
from tests.environments import ROOT, a_key, demo_env, production_env, python

REQUIRED = (
    *("SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "LINK_KEY"),
    *("SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL"),
)


def load(env: dict[str, str]) -> dict[str, Any]:
    """The settings file run in this environment, as it is at every start."""
    with patch.dict(os.environ, env, clear=True):
        return runpy.run_path(str(ROOT / "hub" / "settings.py"))


def refused(env: dict[str, str]) -> str:
    """The sentence that ends the start."""
    with pytest.raises(ImproperlyConfigured) as caught:
        load(env)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


# --- Production ------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", REQUIRED)
def test_production_needs_it(tmp_path, name):
    done = python(production_env(tmp_path, **{name: None}), "manage.py", "migrate")
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"hub: Set {name}: ")
    assert refused(production_env(tmp_path, **{name: "  "})).startswith(f"Set {name}: ")


@pytest.mark.parametrize("program", ["worker", "beat --pidfile="])
def test_celery_without_it_ends_in_one_sentence(tmp_path, program):
    celery = f"-m celery -q -A hub {program}"
    done = python(production_env(tmp_path, DATA_KEYS=None), *celery.split())
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("hub: Set DATA_KEYS: ")


def test_the_web_server_without_it_ends_with_the_sentence_and_is_not_started_again(tmp_path):
    gunicorn = "-m gunicorn hub.wsgi:application --bind 127.0.0.1:0 --workers 1 --no-control-socket"
    done = python(production_env(tmp_path, DATA_KEYS=None), *gunicorn.split())
    assert done.returncode == BOOT_FAILED
    assert done.stderr.count("hub: Set DATA_KEYS: ") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["hub.wsgi", "hub.asgi"])
def test_any_other_server_without_it_gets_the_sentence_alone(tmp_path, module):
    done = python(production_env(tmp_path, DATA_KEYS=None), "-m", module)
    assert done.returncode == BOOT_FAILED
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("hub: Set DATA_KEYS: ")


def test_production_with_everything_is_checked_without_a_word(tmp_path):
    done = python(production_env(tmp_path), "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["System check identified no issues (0 silenced)."]


def test_production_is_strict(tmp_path):
    made = load(production_env(tmp_path))
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "HTTPS"):
        assert made[name] is True
    for name in ("DEBUG", "DEMO", "WHITENOISE_USE_FINDERS"):
        assert made[name] is False
    assert (made["SESSION_COOKIE_NAME"], made["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")
    assert made["SECURE_HSTS_SECONDS"] > 31_000_000
    assert made["ALLOWED_HOSTS"] == ["hub.example.org"]
    assert made["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert made["EMAIL_BACKEND"] == "hub.relay.RelayBackend"
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"], made["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("user", "password")


def test_production_makes_no_keys_of_its_own(tmp_path):
    load(production_env(tmp_path))
    assert not (tmp_path / "demo-keys.json").exists()


def test_production_has_no_pages_of_the_demo(tmp_path):
    program = """
import django
django.setup()
from django.test import Client
from django.urls import get_resolver
client = Client(SERVER_NAME="hub.example.org", raise_request_exception=False)
names = [name for name in get_resolver().reverse_dict if isinstance(name, str)]
print(sorted(name for name in names if "dev" in name or "style" in name))
for path in ("/dev/style/", "/dev/mail/", "/dev/mail/x/", "/es/dev/style/", "/es/dev/mail/"):
    print(client.get(path, secure=True).status_code)
"""
    # The 404 page has static files of production's kind: they must have been collected.
    env = production_env(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/hub.sqlite3")
    assert python(env, "manage.py", "collectstatic", "--no-input", "-v", "0").returncode == 0
    done = python(env, "-c", program)
    assert done.stdout.splitlines() == ["[]", *["404"] * 5], done.stderr


# --- Values ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["DATA_KEYS", "INDEX_KEY", "LINK_KEY"])
@pytest.mark.parametrize(
    "value",
    ["short", "not base64!", a_key()[:-4], a_key() + "AAAA", "é" * 44],
    ids=lambda v: f"{len(v)} signs",
)
@pytest.mark.parametrize("kind", [production_env, demo_env], ids=["production", "demo"])
def test_a_malformed_key(tmp_path, kind, name, value):
    sentence = refused(kind(tmp_path, **{name: value}))
    assert sentence.startswith(f"{name} must be 32 random bytes in base64; make one with: ")
    assert value not in sentence  # a key with a typing error is still a secret


@pytest.mark.parametrize("value", [f"{a_key(1)},short", f"short,{a_key(1)}"])
def test_each_of_several_data_keys_is_looked_at(tmp_path, value):
    assert refused(production_env(tmp_path, DATA_KEYS=value)).startswith("DATA_KEYS must be")


@pytest.mark.parametrize("value", [",", " , ,"])
def test_data_keys_without_a_key(tmp_path, value):
    assert refused(production_env(tmp_path, DATA_KEYS=value)).startswith("DATA_KEYS holds no key")


def test_several_data_keys_are_read_in_their_order(tmp_path):
    env = production_env(tmp_path, DATA_KEYS=f" {a_key(7)} , {a_key(8)} ")
    assert load(env)["DATA_KEYS"] == [bytes([7]) * 32, bytes([8]) * 32]


@pytest.mark.parametrize(
    "value",
    [
        "hub.example.org",
        "ftp://hub.example.org",
        "https://",
        "https:///x",
        "https://h.example/path",
        "https://h.example?x=1",
        "https://a@h.example",
        "https://h.example:port",
        "://",
        "http://[",
    ],
)
def test_a_malformed_site_url(tmp_path, value):
    assert "SITE_URL" in refused(production_env(tmp_path, SITE_URL=value))
    assert "SITE_URL" in refused(demo_env(tmp_path, SITE_URL=value))


@pytest.mark.parametrize(
    "value",
    [
        "code.example.org/hub",
        "javascript:alert(1)",
        "ssh://git@code.example.org/hub",
        "https://",
        "https:///hub",
        "https://me:secret@code.example.org/hub",
        "https://code.example.org/a hub",
        "https://code.example.org:port/",
    ],
)
def test_a_malformed_source_url(tmp_path, value):
    sentence = refused(production_env(tmp_path, SOURCE_URL=value))
    assert sentence.startswith("SOURCE_URL ")
    assert "secret" not in sentence


def test_a_source_url_may_be_left_out(tmp_path):
    assert load(production_env(tmp_path))["SOURCE_URL"] == load(demo_env(tmp_path))["SOURCE_URL"] == ""
    address = "https://code.example.org/hub?at=main"
    assert load(production_env(tmp_path, SOURCE_URL=f" {address} "))["SOURCE_URL"] == address


def test_a_site_url_with_a_slash_at_its_end_is_the_same(tmp_path):
    made = load(production_env(tmp_path, SITE_URL="https://hub.example.org/"))
    assert (made["SITE_URL"], made["SITE_HOST"]) == ("https://hub.example.org", "hub.example.org")


@pytest.mark.parametrize(
    "value",
    ["mysql://hub:hunter2@db/hub", "nonsense", "oracle://x", "postgres://hub:hunter2@db:port/hub", ""],
)
def test_a_malformed_database_url(tmp_path, value):
    sentence = refused(production_env(tmp_path, DATABASE_URL=value))
    assert "DATABASE_URL" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("value", ["es", "en,fr", "en,es,xx", "english"])
def test_languages_without_a_translation(tmp_path, value):
    assert "LANGUAGES" in refused(production_env(tmp_path, LANGUAGES=value))


def test_languages(tmp_path):
    assert load(production_env(tmp_path, LANGUAGES="en"))["LANGUAGES"] == [("en", "English")]
    both = [("en", "English"), ("es", "Español")]
    assert load(production_env(tmp_path, LANGUAGES="en,es"))["LANGUAGES"] == both
    assert load(production_env(tmp_path))["LANGUAGES"] == both


@pytest.mark.parametrize("value", ["staging", "Production", ""])
def test_an_unknown_hub_env(tmp_path, value):
    assert "HUB_ENV" in refused(demo_env(tmp_path, HUB_ENV=value))


@pytest.mark.parametrize("value", ["many", "1.5"])
def test_a_malformed_number_of_proxies(tmp_path, value):
    assert "TRUSTED_PROXIES" in refused(production_env(tmp_path, TRUSTED_PROXIES=value))


@pytest.mark.parametrize(
    "value", ["nonsense", "gopher://mail.example.org", "smtp://", "smtp://mail.example.org:port"]
)
def test_a_malformed_email_url(tmp_path, value):
    assert "EMAIL_URL" in refused(production_env(tmp_path, EMAIL_URL=value))


@pytest.mark.parametrize(
    "value",
    [
        "smtp://user:hunter2@mail.example.org:587",
        "smtp://mail.example.org",
        "smtp://192.0.2.9.example",
        "smtp://8.8.8.8:25",
        "smtp://[2a00::1]",
    ],
)
def test_a_relay_that_is_reached_in_clear_over_other_networks(tmp_path, value):
    sentence = refused(production_env(tmp_path, EMAIL_URL=value))
    assert sentence.startswith("EMAIL_URL would send addresses, texts and the password in clear")
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    "value",
    [
        "smtp://localhost:25",
        "smtp://127.0.0.1",
        "smtp://[::1]:25",
        "smtp://mail:1025",
        "smtp://10.0.0.5",
        "smtps://mail.example.org:587",
        "smtp+tls://mail.example.org:587",
        "smtp+ssl://mail.example.org:465",
    ],
)
def test_a_relay_that_is_encrypted_or_near(tmp_path, value):
    made = load(production_env(tmp_path, EMAIL_URL=value))
    assert (made["EMAIL_USE_TLS"] or made["EMAIL_USE_SSL"]) is ("smtp:" not in value)


@pytest.mark.parametrize("value", ["many", "0", "-5", "1.5", "1e3", "10000000"])
def test_a_malformed_rate_of_mail(tmp_path, value):
    assert refused(production_env(tmp_path, MAIL_RATE=value)).startswith("MAIL_RATE is how many mails")


def test_a_rate_of_mail(tmp_path):
    assert (
        load(production_env(tmp_path))["MAIL_RATE"]
        == load(demo_env(tmp_path, MAIL_RATE=" "))["MAIL_RATE"]
        == 0
    )
    assert load(production_env(tmp_path, MAIL_RATE="120"))["MAIL_RATE"] == 120


@pytest.mark.parametrize("value", [None, "", "0"])
def test_no_proxy_is_believed_unless_one_is_named(tmp_path, value):
    assert load(production_env(tmp_path, TRUSTED_PROXIES=value))["SECURE_PROXY_SSL_HEADER"] is None


def test_a_proxy_that_is_named_is_believed(tmp_path):
    made = load(production_env(tmp_path, TRUSTED_PROXIES="1"))
    assert made["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


# --- The demo ----------------------------------------------------------------------------------------
def test_the_demo_needs_nothing_and_keeps_its_keys(tmp_path):
    var = tmp_path / "fresh" / "var"
    first = load(demo_env(var))["KEYS"]
    assert load(demo_env(var))["KEYS"] == first
    file = var / "demo-keys.json"
    assert json.loads(file.read_text()) == first
    assert set(first) == {"SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "LINK_KEY"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in var.glob("demo-keys*")] == ["demo-keys.json"]


def test_the_demo_answers_this_machine_only(tmp_path):
    made = load(demo_env(tmp_path))
    assert made["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert made["EMAIL_BACKEND"] == "hub.dev_mail.FolderBackend"


def test_a_key_that_is_set_wins_over_the_demo_s_own(tmp_path):
    made = load(demo_env(tmp_path, LINK_KEY=a_key(9)))
    assert made["LINK_KEY"] == bytes([9]) * 32
    assert made["INDEX_KEY"] != made["LINK_KEY"]


def test_of_processes_that_start_at_once_the_first_to_finish_makes_the_keys(tmp_path):
    winner = load(demo_env(tmp_path / "elsewhere"))["KEYS"]

    def another_finishes_first(_bytes):
        (tmp_path / "demo-keys.json").write_text(json.dumps(winner))
        return "mine"

    # The last thing before the file is written: this process has seen that there is none.
    with patch("secrets.token_hex", another_finishes_first):
        assert load(demo_env(tmp_path))["KEYS"] == winner
    assert json.loads((tmp_path / "demo-keys.json").read_text()) == winner
    assert [path.name for path in tmp_path.glob("demo-keys*")] == ["demo-keys.json"]


def test_keys_differ_from_each_other_and_between_machines(tmp_path):
    here, there = load(demo_env(tmp_path / "a"))["KEYS"], load(demo_env(tmp_path / "b"))["KEYS"]
    assert len({*here.values(), *there.values()}) == 8


# --- Who the mail is from --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    ["Hub <hub@example.org>", "<hub@example.org>", "hub", "a@b@example.org", "hüb@example.org", "a b@x"],
)
def test_the_sender_is_an_address_alone(tmp_path, address):
    assert refused(production_env(tmp_path, MAIL_FROM=address)).startswith(
        "MAIL_FROM must be an address alone"
    )


def test_a_sound_sender_is_taken(tmp_path):
    made = load(production_env(tmp_path, MAIL_FROM="hub+mail@mail.example.org", SITE_NAME='The "Hub", ¡ya!'))
    assert (made["MAIL_FROM"], made["SITE_NAME"]) == ("hub+mail@mail.example.org", 'The "Hub", ¡ya!')
    assert load(production_env(tmp_path))["MAIL_FROM"] == "hub@hub.example.org"


@pytest.mark.parametrize("name", ["Hub\nBcc: all@example.org", "Hub\r", "Hub\t", "Hub\u2028"])
def test_the_site_s_name_is_one_line(tmp_path, name):
    assert refused(production_env(tmp_path, SITE_NAME=name)).startswith("SITE_NAME holds a line break")
