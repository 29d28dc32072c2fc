"""What `manage.py doctor` notices, and that it is silent when all is well."""

import secrets
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from hub import actions
from hub.management.commands import doctor
from hub.models import City, Heartbeat, Message, ZipCode
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def healthy():
    """A hub at which there is nothing to complain about."""
    City.objects.create(name="X", folded="x", country="US", population=1, latitude=0, longitude=0, zone="UTC")
    ZipCode.objects.create(code="00001", city="X", folded="x", region="CA", latitude=0, longitude=0)
    factories.make_campaign(is_home=True)
    factories.make_admin()
    actions.mailbox_for("somebody@example.org", at=timezone.now())
    Heartbeat.objects.create(name="tick", at=timezone.now())
    Heartbeat.objects.create(name="purge", at=timezone.now())


@pytest.mark.usefixtures("healthy")
def test_a_healthy_hub_has_nothing_to_say(capsys):
    call_command("doctor")
    assert "is well" in capsys.readouterr().out


def test_an_empty_hub_is_told_every_step_and_exits_1(capsys):
    with pytest.raises(SystemExit) as stopped:
        call_command("doctor")
    said = capsys.readouterr().out
    assert stopped.value.code == 1
    for sentence in ("load_places", "home page", "createsuperuser", "No tick"):
        assert sentence in said


@pytest.mark.usefixtures("healthy")
def test_a_lost_key_is_a_sentence(settings):
    settings.DATA_KEYS = [secrets.token_bytes(32)]
    (complaint,) = doctor.check_data()
    assert "DATA_KEYS do not open" in complaint


@pytest.mark.usefixtures("healthy")
def test_standing_still_is_noticed():
    Heartbeat.objects.filter(name="tick").update(at=timezone.now() - timedelta(minutes=2))
    Heartbeat.objects.filter(name="purge").update(at=timezone.now() - timedelta(hours=25))
    said = " ".join(doctor.check_worker())
    assert "No tick" in said
    assert "Nothing was purged" in said


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("state", "age", "word"),
    [
        ("waiting", 6, "overdue"),
        ("claimed", 6, "overdue"),
        ("uncertain", 0, "uncertain"),
        ("failed", 60, "failed"),
    ],
)
def test_mail_that_does_not_move_is_noticed(state, age, word):
    at = timezone.now() - timedelta(minutes=age)
    Message.objects.create(kind="x", key=b"k", made_at=at, due_at=at, state_at=at, state=state)
    (complaint,) = doctor.check_worker()
    assert word in complaint


@pytest.mark.usefixtures("healthy")
def test_what_failed_long_ago_is_not_complained_of():
    at = timezone.now() - timedelta(hours=25)
    Message.objects.create(kind="x", key=b"k", made_at=at, due_at=at, state_at=at, state="failed")
    assert list(doctor.check_worker()) == []


def test_a_database_that_is_down_is_one_sentence(monkeypatch):
    def refuse(*args):
        raise OperationalError("no")

    monkeypatch.setattr(doctor, "MigrationExecutor", refuse)
    (complaint,) = doctor.check_database()
    assert "does not answer" in complaint


def test_a_relay_that_refuses_is_noticed(settings):
    settings.EMAIL_BACKEND = "hub.relay.RelayBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    (complaint,) = doctor.check_mail()
    assert "EMAIL_URL" in complaint


def test_production_is_looked_at_more_strictly(settings):
    settings.DEMO = False
    settings.HTTPS = False
    settings.SITE_HOST, settings.ALLOWED_HOSTS = "hub.example.org", ["other.example.org"]
    settings.REDIS_URL = ""
    said = " ".join(doctor.check_settings())
    for word in ("https", "ALLOWED_HOSTS", "REDIS_URL", "SOURCE_URL"):
        assert word in said
    settings.SOURCE_URL = "https://code.example.org/hub"
    assert "SOURCE_URL" not in " ".join(doctor.check_settings())
