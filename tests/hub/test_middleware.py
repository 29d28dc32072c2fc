"""The demo stays on its own machine, whatever stands before it."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from hub.middleware import DemoStaysHomeMiddleware


def answer(**meta: str) -> int:
    return DemoStaysHomeMiddleware(lambda request: HttpResponse())(
        RequestFactory().get("/", **meta)
    ).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1", ""])
def test_it_answers_this_machine(address):
    assert answer(REMOTE_ADDR=address) == 200


@pytest.mark.parametrize("address", ["198.51.100.7", "10.0.0.2", "2001:db8::7", "::ffff:10.0.0.2", "odd"])
def test_it_answers_no_other(address):
    assert answer(REMOTE_ADDR=address) == 400


@pytest.mark.parametrize("header", ["X_FORWARDED_FOR", "FORWARDED", "X_REAL_IP", "VIA"])
def test_it_answers_nothing_that_came_through_a_proxy(header):
    assert answer(**{f"HTTP_{header}": "127.0.0.1"}) == 400


@pytest.mark.django_db
def test_it_stands_before_everything_else(client, settings):
    assert settings.MIDDLEWARE[0] == "hub.middleware.DemoStaysHomeMiddleware"
    assert client.get("/livez", HTTP_VIA="1.1 proxy").status_code == 400
    assert client.get("/livez").status_code == 200


def test_production_does_not_look(settings):
    settings.DEMO = False
    with pytest.raises(MiddlewareNotUsed):
        DemoStaysHomeMiddleware(lambda request: HttpResponse())
