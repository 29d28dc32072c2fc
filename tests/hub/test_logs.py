"""Logs that can be handed around: the route's name instead of the path, and of an error only where."""

import io
import logging
import sys

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from events.models import Event
from hub.logs import LineFormatter, NoPaths, route_name
from tests.factories import make_event, make_rsvp


@pytest.fixture
def log():
    """What the console would show: our own handler's formatter and filter on a stream of the test's."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("{asctime} {levelname} {name}: {message}", style="{"))
    handler.addFilter(NoPaths())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.mark.django_db
def test_a_request_is_one_line_without_its_path(log, settings):
    settings.DEMO = False  # the demo answers nobody from elsewhere
    party = make_rsvp(make_event(), name="Emma")
    client = Client(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="OddBrowser/7")
    client.get(f"/rsvp/{party.token}/?secret=1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    lines = log.getvalue()
    assert "INFO hub.request: GET rsvp 200 " in lines
    for secret in (party.token, "secret=1", "203.0.113.9", "198.51.100.7", "OddBrowser", "/rsvp/"):
        assert secret not in lines


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/rsvp/not-a-token/", "WARNING django.request: GET rsvp 404"),
        ("/no/such/page-for-rosa@example.org/", "WARNING django.request: GET no-route 404"),
    ],
)
def test_a_missing_page_is_named_by_its_route(log, path, line):
    Client().get(path)
    lines = log.getvalue()
    assert line in lines
    assert path not in lines
    assert "rosa@example.org" not in lines


@pytest.mark.django_db
def test_an_error_shows_where_and_what_kind_but_not_its_text(log, monkeypatch):
    quoted = "Key (address)=(rosa@example.org) already exists"  # as PostgreSQL writes it

    def failing(*args, **kwargs):
        raise OperationalError(quoted)

    monkeypatch.setattr(Event.objects, "visible_to", failing)
    assert Client(raise_request_exception=False).get("/events/").status_code == 503
    lines = log.getvalue()
    assert "django.db.utils.OperationalError" in lines
    assert "in failing" in lines
    assert "rosa@example.org" not in lines


@pytest.mark.django_db
def test_a_request_refused_for_its_token_is_named_by_its_route(log):
    client = Client(enforce_csrf_checks=True)
    event = make_event()
    assert client.post(f"/events/{event.slug}/rsvp/", {}).status_code == 403
    assert event.slug not in log.getvalue()
    assert "WARNING django.security.csrf: POST events:rsvp 403" in log.getvalue()


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_not_repeated(log):
    assert Client(SERVER_NAME="evil.example").get("/events/").status_code == 400
    assert "/events/" not in log.getvalue()


def test_an_exception_chain_shows_no_text():
    cause, effect = "rosa@example.org", "hunter2"
    try:
        try:
            raise ValueError(cause)
        except ValueError as error:
            raise RuntimeError(effect) from error
    except RuntimeError:
        text = LineFormatter().formatException(sys.exc_info())
    assert text.endswith("RuntimeError")
    assert effect not in text
    assert "rosa" not in text
    assert "test_an_exception_chain" in text


def test_no_exception_gives_no_text():
    assert LineFormatter().formatException((None, None, None)) == ""


def test_records_of_others_stay_as_they_are():
    record = logging.LogRecord("hub.delivery", logging.INFO, "", 0, "sent %d", (3,), None)
    record.request = RequestFactory().get("/rsvp/secret/")
    assert NoPaths().filter(record)
    assert record.getMessage() == "sent 3"


def test_a_request_without_a_route():
    assert route_name(RequestFactory().get("/x/")) == "no-route"
    assert route_name(object()) == "no-route"


def test_the_console_uses_them(settings):
    handler = settings.LOGGING["handlers"]["console"]
    assert handler["filters"] == ["no_paths"]
    assert handler["formatter"] == "line"
    assert settings.LOGGING["filters"]["no_paths"]["()"] == "hub.logs.NoPaths"
    assert settings.LOGGING["formatters"]["line"]["()"] == "hub.logs.LineFormatter"
    assert settings.LOGGING["loggers"]["django"]["handlers"] == []
    assert settings.LOGGING["root"]["handlers"] == ["console"]
