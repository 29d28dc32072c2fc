"""Where encryption is configured, nothing leaves without it: no address, no text, no password."""

from contextlib import contextmanager

import environ
import pytest
from django.conf import settings

from hub.models import Message
from tests import services
from tests.certificates import make_certificate
from tests.outbox import deliver_all, once_each, put_answers, put_reminders, states

pytestmark = [pytest.mark.alone, pytest.mark.once, pytest.mark.django_db(transaction=True)]
State = Message.State
PASSWORD = "open-sesame-0123"


@pytest.fixture
def relay_with(tmp_path, settings, monkeypatch):
    """Start a relay whose certificate is for this host, and configure the hub by an EMAIL_URL for it."""

    @contextmanager
    def start(host="127.0.0.1", scheme="smtp+tls", how="starttls", trusted=True):
        pem = make_certificate(tmp_path / "relay.pem", host=host)
        monkeypatch.setenv(
            "SSL_CERT_FILE", str(pem if trusted else make_certificate(tmp_path / "other.pem", host=host))
        )
        with services.smtp_sink(*((str(pem), how) if how else ())) as relay:
            url = f"{scheme}://hub:{PASSWORD}@127.0.0.1:{relay.port}"
            for name, value in environ.Env.email_url_config(url).items():
                setattr(settings, name, value)
            settings.EMAIL_BACKEND = "hub.relay.RelayBackend"
            settings.EMAIL_TIMEOUT = 3
            yield relay

    return start


def put_both():
    return [*put_reminders(1), *put_answers(1)]


def assert_nothing_left(relay, messages, *, reason):
    """The first waits for another try and says that it is for TLS; the other was not begun."""
    assert relay.messages() == []
    said = relay.in_clear().upper()
    assert b"MAIL FROM" not in said
    assert b"RCPT" not in said
    assert b"AUTH" not in said
    for secret in (PASSWORD, settings.MAIL_FROM, *(message.mailbox.address for message in messages)):
        assert secret.upper().encode() not in said
    assert states() == {State.WAITING: 2}
    assert messages[0].reason.startswith(reason)
    assert messages[1].reason == ""
    assert messages[0].attempts == 1


def test_mail_goes_out_encrypted(relay_with):
    messages = put_both()
    with relay_with() as relay:
        deliver_all(*messages)
        assert states() == {State.SENT: 2}
        assert {one.email["Message-ID"] for one in relay.messages()} == set(once_each(messages))
        assert relay.in_clear().split()[0::2][:2] == [b"ehlo", b"STARTTLS"]
        assert messages[0].mailbox.address.encode() not in relay.in_clear()


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("no_starttls", "no TLS: SMTPNotSupportedError"),
        ("refuse_starttls", "no TLS: SMTPResponseException"),
        ("break_starttls", "no TLS: SSL"),  # an end of file, or what else the library makes of it
    ],
)
def test_a_relay_without_encryption_gets_nothing(relay_with, mode, reason):
    messages = put_both()
    with relay_with() as relay:
        relay.mode(mode)
        deliver_all(*messages)
        assert relay.in_clear()  # it was asked
        assert_nothing_left(relay, messages, reason=reason)
        relay.mode("ok")
        deliver_all(*messages)
        assert states() == {State.SENT: 2}


@pytest.mark.parametrize("certificate", [{"host": "relay.example.org"}, {"trusted": False}])
def test_a_relay_that_is_not_the_one_meant_gets_nothing(relay_with, certificate):
    messages = put_both()
    with relay_with(**certificate) as relay:
        deliver_all(*messages)
        assert_nothing_left(relay, messages, reason="no TLS: SSLCertVerificationError")


def test_encryption_from_the_first_byte(relay_with):
    messages = put_both()
    with relay_with(scheme="smtp+ssl", how="tls") as relay:
        deliver_all(*messages)
        assert states() == {State.SENT: 2}
        assert {one.email["Message-ID"] for one in relay.messages()} == set(once_each(messages))


@pytest.mark.parametrize("certificate", [{"host": "relay.example.org"}, {"trusted": False}])
def test_encryption_from_the_first_byte_with_somebody_else(relay_with, certificate):
    messages = put_both()
    with relay_with(scheme="smtp+ssl", how="tls", **certificate) as relay:
        deliver_all(*messages)
        assert_nothing_left(relay, messages, reason="no TLS: SSLCertVerificationError")


def test_encryption_from_the_first_byte_with_a_relay_that_has_none(relay_with):
    messages = put_both()
    with relay_with(scheme="smtp+ssl") as relay:  # one that speaks in clear first
        deliver_all(*messages)
        assert_nothing_left(relay, messages, reason="no TLS: SSLError")


def test_the_sink_of_these_tests_would_see_what_is_sent_in_clear(relay_with, settings):
    """Control: without encryption everything is there to be read."""
    messages = put_both()
    with relay_with() as relay:
        settings.EMAIL_USE_TLS = False
        settings.EMAIL_HOST_USER = ""
        deliver_all(*messages)
        assert states() == {State.SENT: 2}
        for message in messages:
            assert f"RCPT TO:<{message.mailbox.address}>".encode().upper() in relay.in_clear().upper()
