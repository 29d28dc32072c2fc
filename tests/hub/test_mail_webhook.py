"""What a hosted provider reports: posted as two of them post it, and by nobody else."""

import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from events.actions import events as event_actions
from hub import bounces, mail
from hub.models import Block, Message, Suppression, address_digest
from hub.personal import purge_all
from tests.environments import python
from tests.factories import deliver_mail, event_details, make_event, make_rsvp
from tests.hub.bounced import ADDRESS
from tests.hub.test_settings import demo_env, load, production_env, refused

State = Message.State
START = datetime(2026, 7, 4, 18, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 18, tzinfo=UTC)
PATH = "/webhooks/mail/"
KEY = "key-0123456789abcdef"
LOGIN = "hub:0123456789abcdef"


@pytest.fixture
def provider(settings, client):
    """Choose one; gives what posts its event. Every request is checked for forged forms."""
    strict = Client(enforce_csrf_checks=True)

    def choose(name):
        settings.MAIL_WEBHOOK = name
        settings.MAIL_ID_HEADER = settings.MAIL_WEBHOOKS[name]
        settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY, "WEBHOOK_SECRET": LOGIN}
        return mailgun if name == "mailgun" else postmark

    def mailgun(event, key=KEY):
        settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
        token = "ab" * 25
        signature = hmac.new(key.encode(), f"1780336800{token}".encode(), hashlib.sha256).hexdigest()
        signed = {"timestamp": "1780336800", "token": token, "signature": signature}
        return strict.post(PATH, json.dumps({"signature": signed, "event-data": event}), "application/json")

    def postmark(event, login=LOGIN):
        settings.ANYMAIL = {"WEBHOOK_SECRET": LOGIN}
        basic = base64.b64encode(login.encode()).decode()
        headers = {"Authorization": f"Basic {basic}"} if login else {}
        return strict.post(PATH, json.dumps(event), "application/json", headers=headers)

    return choose


@pytest.fixture
def went_out(db, time_machine):
    """Send a mail, and give it."""
    time_machine.move_to(NOW, tick=False)

    def send():
        party = make_rsvp(make_event(start=START, zone="America/New_York"), email=ADDRESS, confirmed=True)
        deliver_mail()
        event_actions.edit_event(
            party.event, event_details(start=START + timedelta(hours=1)), by=None, at=NOW
        )
        by_id = {one.extra_headers["Message-ID"]: one for one in deliver_mail()}
        return by_id[mail.message_id(row())]

    return send


def row() -> Message:
    return Message.objects.get(kind="events.changed")


def mailgun_event(sent, event="failed", **changes):
    return {
        "event": event,
        "id": "ase7i2zsRYeDXztHGENqRA",
        "timestamp": 1521243339.873676,
        "log-level": "error",
        "severity": "permanent",
        "reason": "bounce",
        "delivery-status": {
            "attempt-no": 1,
            "code": 550,
            "message": f"5.1.1 The email account {ADDRESS} does not exist",
            "description": "",
            "session-seconds": 0.4,
        },
        "recipient": ADDRESS,
        "message": {
            "headers": {
                "to": ADDRESS,
                "message-id": sent.extra_headers["Message-ID"].strip("<>"),
                "from": "hub@localhost",
                "subject": "Test deliver webhook",
            },
            "attachments": [],
            "size": 111,
        },
        "user-variables": {},
        **changes,
    }


def postmark_event(sent, kind="HardBounce", record="Bounce", **changes):
    """`sent` carries what Postmark hands back as metadata."""
    metadata = {"anymail_id": sent.extra_headers["X-PM-Metadata-anymail_id"]}
    return {
        "RecordType": record,
        "ID": 901542550,
        "Type": kind,
        "TypeCode": 1,
        "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed",
        "Metadata": metadata,
        "Description": "The server was unable to deliver your message (ex: unknown user).",
        "Details": f"smtp;550 5.1.1 The email account {ADDRESS} does not exist.",
        "Email": ADDRESS,
        "From": "hub@localhost",
        "BouncedAt": "2026-06-01T18:00:00.0000000Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "postmark test bounce",
        **changes,
    }


EVENTS = {"mailgun": mailgun_event, "postmark": postmark_event}
COMPLAINTS = {
    "mailgun": lambda sent: mailgun_event(sent, "complained", reason=None, **{"delivery-status": None}),
    "postmark": lambda sent: postmark_event(sent, "SpamComplaint", "SpamComplaint", Details=""),
}
BOTH = pytest.mark.parametrize("name", ["mailgun", "postmark"])


@BOTH
def test_a_refusal_ends_the_row_and_spares_the_mailbox(provider, went_out, name):
    post = provider(name)
    event = EVENTS[name](went_out())
    assert post(event).status_code == 200
    assert (row().state, row().reason[:42]) == (State.FAILED, "bounced: 5.1.1 The email account … does no")
    assert bytes(Suppression.objects.get().address_digest) == address_digest(ADDRESS)
    assert not Block.objects.exists()
    Suppression.objects.all().delete()
    assert post(event).status_code == 200  # a provider may say it twice
    assert not Suppression.objects.exists()


@BOTH
def test_a_complaint_stops_reminders_and_news(provider, went_out, name):
    post = provider(name)
    assert post(COMPLAINTS[name](went_out())).status_code == 200
    assert bytes(Block.objects.get().address_digest) == address_digest(ADDRESS)
    assert row().state == State.SENT
    assert not Suppression.objects.exists()


@BOTH
def test_after_the_outbox_has_forgotten_the_provider_s_word_is_taken(provider, went_out, time_machine, name):
    post = provider(name)
    event = EVENTS[name](went_out())
    time_machine.move_to(NOW + timedelta(hours=49), tick=False)
    purge_all(NOW + timedelta(hours=49))
    assert row().mailbox is None
    assert post(event).status_code == 200
    assert bytes(Suppression.objects.get().address_digest) == address_digest(ADDRESS)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("mailgun", lambda sent: mailgun_event(sent, severity="temporary")),
        ("mailgun", lambda sent: mailgun_event(sent, "delivered", reason=None)),
        ("mailgun", lambda sent: mailgun_event(sent, "opened", **{"client-info": {}})),
        ("mailgun", lambda sent: mailgun_event(sent, "unsubscribed")),
        ("mailgun", lambda sent: mailgun_event(sent, **{"delivery-status": {"message": "4.2.2 full"}})),
        ("postmark", lambda sent: postmark_event(sent, "SoftBounce")),
        ("postmark", lambda sent: postmark_event(sent, "Transient")),
        ("postmark", lambda sent: postmark_event(sent, "AutoResponder")),
        ("postmark", lambda sent: postmark_event(sent, None, "Delivery")),
        ("postmark", lambda sent: postmark_event(sent, None, "Open")),
        ("postmark", lambda sent: postmark_event(sent, Metadata={})),
        ("postmark", lambda sent: postmark_event(sent, Metadata={"anymail_id": "<x@localhost>"})),
    ],
)
def test_whatever_else_it_tells_is_passed_over(provider, went_out, name, event):
    post = provider(name)
    assert post(event(went_out())).status_code == 200
    assert row().state == State.SENT
    assert not Suppression.objects.exists()
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    ("status", "spared"),
    [
        ({"code": 550, "message": "5.7.1 Message rejected as spam"}, False),
        ({"code": 554, "message": "Blocked"}, False),
        ({"code": 552, "message": "5.2.2 Mailbox full"}, True),
        ({"code": 550, "message": "No such user"}, True),
        ({"code": 605, "message": "", "description": "Not delivering to previously bounced address"}, True),
    ],
)
def test_what_a_refusal_is_about(provider, went_out, status, spared):
    post = provider("mailgun")
    assert post(mailgun_event(went_out(), **{"delivery-status": status})).status_code == 200
    assert row().state == State.FAILED
    assert Suppression.objects.exists() is spared


@BOTH
def test_nobody_else_may_say_it(provider, went_out, client, name):
    post = provider(name)
    event = EVENTS[name](went_out())
    for secret in ("hub:another-password", "", "hub"):
        assert post(event, secret).status_code == 400
    assert client.post(PATH, json.dumps(event), "application/json").status_code == 400
    assert client.post(PATH).status_code == 400
    assert row().state == State.SENT
    assert not Suppression.objects.exists()


@BOTH
@pytest.mark.parametrize("body", [{}, [], [1], "x", None, {"event": 1}, {"RecordType": "Bounce", "Type": []}])
def test_what_can_t_be_read_is_refused_and_changes_nothing(provider, went_out, name, body):
    post = provider(name)
    went_out()
    assert post(body).status_code in (200, 400)
    assert row().state == State.SENT


@BOTH
def test_a_lost_database_is_told_so_that_the_provider_asks_again(provider, went_out, monkeypatch, name):
    post = provider(name)
    event = EVENTS[name](went_out())

    def lost(*args, **facts):
        raise OperationalError

    monkeypatch.setattr(bounces, "record", lost)
    with pytest.raises(OperationalError):  # which the middleware turns into a 503
        post(event)


@BOTH
def test_no_log_names_anybody(provider, went_out, caplog, name):
    post = provider(name)
    sent = went_out()
    with caplog.at_level(logging.DEBUG):
        post(EVENTS[name](sent))
        post(EVENTS[name](sent), "hub:wrong-password-here")
        post({"RecordType": "Bounce", "Email": ADDRESS, "Type": [ADDRESS]})
    formatter = logging.getLogger().handlers[0].formatter or logging.Formatter()
    written = " ".join(formatter.format(record) for record in caplog.records)
    assert "rosa" not in written
    assert sent.extra_headers["Message-ID"] not in written


def test_only_a_provider_that_needs_it_is_told_the_message_id_twice(provider, went_out, settings):
    provider("postmark")
    assert went_out().extra_headers["X-PM-Metadata-anymail_id"] == mail.message_id(row())
    Message.objects.all().delete()
    provider("mailgun")
    assert not [name for name in went_out().extra_headers if name.startswith("X-PM")]


# --- The settings ------------------------------------------------------------------------------------
MOUNTED = """
import django
django.setup()
import sys
from django.urls import NoReverseMatch, reverse
try:
    print(reverse("mail_webhook"))
except NoReverseMatch:
    print("none", "anymail" in sys.modules)
"""


def test_there_is_no_such_address_unless_a_provider_is_named(tmp_path):
    assert python(production_env(tmp_path), "-c", MOUNTED).stdout == "none False\n"
    env = production_env(tmp_path, MAIL_WEBHOOK="Postmark", MAIL_WEBHOOK_SECRET=LOGIN)
    done = python(env, "-c", MOUNTED)
    assert done.stdout == "/webhooks/mail/\n", done.stderr


@pytest.mark.parametrize("env", [production_env, demo_env])
def test_an_unknown_provider(tmp_path, env):
    sentence = refused(env(tmp_path, MAIL_WEBHOOK="pigeon", MAIL_WEBHOOK_SECRET=LOGIN))
    assert sentence.startswith("MAIL_WEBHOOK names no provider")
    assert "mailgun or postmark" in sentence


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("mailgun", "short"),
        ("mailgun", "ñ" * 20),
        ("postmark", "no-colon-in-this-one"),
        ("postmark", "hub:short"),
    ],
)
def test_a_secret_that_is_none(tmp_path, name, secret):
    sentence = refused(production_env(tmp_path, MAIL_WEBHOOK=name, MAIL_WEBHOOK_SECRET=secret))
    assert sentence.startswith("MAIL_WEBHOOK_SECRET must be ")
    assert secret not in sentence
    assert refused(production_env(tmp_path, MAIL_WEBHOOK=name)).startswith("Set MAIL_WEBHOOK_SECRET: ")


def test_a_provider_without_the_extra_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    sentence = refused(production_env(tmp_path, MAIL_WEBHOOK="mailgun", MAIL_WEBHOOK_SECRET=KEY))
    assert sentence.startswith("MAIL_WEBHOOK needs django-anymail")


def test_a_sound_provider_is_taken(tmp_path):
    made = load(production_env(tmp_path, MAIL_WEBHOOK="mailgun", MAIL_WEBHOOK_SECRET=KEY))
    assert made["ANYMAIL"] == {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    assert made["MAIL_ID_HEADER"] == ""
    made = load(production_env(tmp_path, MAIL_WEBHOOK="postmark", MAIL_WEBHOOK_SECRET=LOGIN))
    assert made["ANYMAIL"] == {"WEBHOOK_SECRET": LOGIN}
    assert load(production_env(tmp_path))["ANYMAIL"] == {}
