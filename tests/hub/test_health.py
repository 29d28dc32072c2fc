"""Probes: yes or no, and nothing else."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from hub.views import health
from tests.environments import demo_env, python


@pytest.fixture(autouse=True)
def not_looked_up_yet(monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)


def test_the_process_answers_without_a_database(monkeypatch):
    def no_database(*args, **kwargs):
        raise AssertionError("livez asked the database")

    monkeypatch.setattr(connection, "cursor", no_database)
    response = Client().get("/livez")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response["Content-Type"] == "text/plain"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


@pytest.mark.django_db
def test_ready_with_every_migration_applied(django_assert_num_queries):
    first = Client().get("/readyz")
    assert (first.status_code, first.content) == (200, b"ok")
    assert first["Cache-Control"] == "no-store"
    with django_assert_num_queries(1):  # from then on it only asks whether the database is there
        assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'events'")
    for _ in range(2):
        response = Client().get("/readyz")
        assert (response.status_code, response.content) == (503, b"unavailable")


@pytest.mark.django_db
@pytest.mark.parametrize("migrated", [False, True])
def test_not_ready_without_the_database(monkeypatch, migrated):
    def lost(*args, **kwargs):
        raise DatabaseError("connection to server at 10.0.0.1 failed")

    monkeypatch.setattr(health, "_migrated", migrated)
    monkeypatch.setattr(connection, "cursor", lost)
    response = Client().get("/readyz")
    assert (response.status_code, response.content) == (503, b"unavailable")


PROBE = """
import django
django.setup()
from django.test import Client
for path in ("/livez", "/readyz"):
    response = Client(raise_request_exception=False, SERVER_NAME="localhost").get(path)
    print(path, response.status_code, response.content.decode())
"""


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/hub.sqlite3", "postgres://nobody:secret@127.0.0.1:9/none"]
)
def test_a_database_that_is_really_gone(tmp_path, url):
    done = python(demo_env(tmp_path, DATABASE_URL=url), "-c", PROBE)
    assert done.stdout.splitlines() == ["/livez 200 ok", "/readyz 503 unavailable"]
    assert "secret" not in done.stderr
