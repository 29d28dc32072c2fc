"""The private servers themselves: what they promise to the tests that break them."""

import os
import smtplib
import socket
import subprocess
import sys

import psycopg
import pytest
import redis
from django.core import mail
from django.db import connection

from tests import services

MESSAGE = b"Subject: Prueba\r\n\r\n.a line that begins with a dot\r\n"
needs_postgres = pytest.mark.skipif(
    services.find_program("initdb") is None, reason="no PostgreSQL server on this machine"
)
needs_redis = pytest.mark.skipif(
    services.find_program("redis-server") is None, reason="no redis-server on this machine"
)


def send(port, recipient="b@example.org", timeout=5):
    with smtplib.SMTP("127.0.0.1", port, timeout=timeout) as client:
        client.sendmail("a@example.org", [recipient], MESSAGE)


# --- SMTP -------------------------------------------------------------------------------------


def test_the_sink_keeps_what_it_gets(sink):
    send(sink.port)
    (received,) = sink.messages()
    assert received.sender == "a@example.org"
    assert received.recipients == ["b@example.org"]
    assert received.data == MESSAGE
    assert received.email["Subject"] == "Prueba"
    assert received.answered
    sink.clear()
    assert sink.messages() == []


def test_django_sends_to_the_sink_only_where_a_test_asks_for_it(sink):
    mail.send_mail("Subject", "Text", "hub@example.org", ["b@example.org"])
    assert [received.recipients for received in sink.messages()] == [["b@example.org"]]


def test_mail_of_other_tests_goes_nowhere():
    mail.send_mail("Subject", "Text", "hub@example.org", ["b@example.org"])
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("mode", "code"), [("reject", 550), ("tempfail", 451)])
def test_a_refused_recipient(sink, mode, code):
    sink.mode(mode)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(sink.port)
    assert refusal.value.recipients["b@example.org"][0] == code
    assert sink.messages() == []


def test_a_fault_for_some_recipients_only(sink):
    sink.mode("reject", only="@full.example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sink.port, "b@full.example.org")
    send(sink.port, "b@example.org")
    assert [received.recipients for received in sink.messages()] == [["b@example.org"]]


def test_a_relay_that_closes(sink):
    sink.mode("close")
    with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
        send(sink.port)
    assert refusal.value.smtp_code == 421


def test_a_relay_that_takes_the_message_and_never_says_so(sink):
    sink.mode("drop_after_data")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink.port)
    (received,) = sink.messages()
    assert not received.answered


def test_a_relay_that_hangs(sink):
    sink.mode("hang")
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(sink.port, timeout=0.3)
    assert sink.messages() == []


def test_a_slow_relay_delivers(sink):
    sink.mode("slow", seconds=0.4)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(sink.port, timeout=0.2)
    send(sink.port)
    assert sink.messages()[-1].answered


def test_a_relay_that_is_gone_comes_back_on_its_port(sink):
    port = sink.port
    sink.mode("refuse")
    with pytest.raises(ConnectionRefusedError):
        send(port)
    sink.mode("ok")
    assert sink.port == port
    send(port)
    assert len(sink.messages()) == 1


def test_an_unknown_mode_is_an_error(sink):
    with pytest.raises(ValueError, match="no such mode"):
        sink.mode("explode")


def test_the_sink_ends_with_the_process_that_started_it():
    """A test run killed hard can take nothing down."""
    script = (
        "import os\n"
        "from tests import services\n"
        "manager = services.smtp_sink()  # kept, else it is closed at once\n"
        "sink = manager.__enter__()\n"
        "print(sink.port, sink.folder, flush=True)\n"
        "os._exit(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    port, folder = done.stdout.split()
    services.wait_until(lambda: not services.answers(int(port)), "the sink ends")
    subprocess.run(["rm", "-r", folder], check=True)


# --- Redis ------------------------------------------------------------------------------------


@needs_redis
@pytest.mark.alone
@pytest.mark.once
def test_redis_can_be_stopped_started_and_paused():
    with services.redis() as server:
        client = redis.Redis.from_url(server.url, socket_timeout=0.3)
        try:
            client.set("key", "value")
            server.pause()
            with pytest.raises(redis.TimeoutError):
                client.ping()
            server.resume()
            assert client.get("key") == b"value"
            server.stop()
            with pytest.raises(redis.ConnectionError):
                client.ping()
            server.start()
            assert client.get("key") is None, "nothing is kept"
        finally:
            client.close()
    assert not services.answers(server.port)


def test_the_runs_redis_answers(redis_url):
    client = redis.Redis.from_url(redis_url)
    try:
        assert client.ping()
    finally:
        client.close()


# --- PostgreSQL -------------------------------------------------------------------------------


@needs_postgres
@pytest.mark.alone
@pytest.mark.once
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarts_under_an_open_connection(mode):
    with services.postgres() as server:
        url = server.create("scratch")
        with psycopg.connect(url) as client:
            client.execute("CREATE TABLE kept (number int)")
            client.commit()
            server.restart(mode)
            with pytest.raises(psycopg.OperationalError):
                client.execute("SELECT 1")
        with psycopg.connect(url) as client:
            assert client.execute("SELECT count(*) FROM kept").fetchone() == (0,)
            assert client.execute("SHOW max_connections").fetchone() == ("300",)
    assert not server.folder.exists()


@needs_postgres
def test_a_program_that_fails_says_why(tmp_path):
    folder = services.Postgres(tmp_path)
    with pytest.raises(services.ServiceError, match=r"^pg_ctl failed: "):
        folder.start()


# --- What conftest gives ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_child_process_opens_the_live_test_database(client_env):
    script = (
        "import django\n"
        "django.setup()\n"
        "from django.contrib.contenttypes.models import ContentType\n"
        "from django.db import connection\n"
        "print(ContentType.objects.exists(), connection.settings_dict['NAME'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=client_env, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split() == ["True", str(connection.settings_dict["NAME"])]


def test_a_child_process_reads_what_this_one_seals(client_env, settings):
    script = (
        "import django\n"
        "django.setup()\n"
        "from django.conf import settings\n"
        "print(settings.KEYS == eval(input()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=repr(settings.KEYS),
        env=client_env,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["True"], done.stderr


def test_no_test_reaches_another_machine():
    # An address reserved for documentation (RFC 5737): nobody answers there in any case.
    with pytest.raises(UserWarning, match=r"A test tried to use socket\.socket\.connect"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_this_process_keeps_its_files_to_itself(settings):
    for folder in (settings.BROKER_DIR, settings.DEMO_MAIL_DIR, settings.STATIC_ROOT):
        assert folder.is_relative_to(settings.VAR_DIR)
    assert not settings.VAR_DIR.is_relative_to(settings.BASE_DIR)
    assert os.path.isdir(settings.VAR_DIR)


@pytest.mark.browser
def test_the_browser_opens_a_page(browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto("data:text/html,<h1>hello</h1>")
        assert page.inner_text("h1") == "hello"
