"""What every test stands on: a private var folder and database per process, no way out to the network.

`tests/run.py` says through the environment what there is: DATABASE_URL, HUB_VAR, HUB_TEST_REDIS,
HUB_TEST_CHROMIUM. Started by hand, `pytest` uses SQLite and whatever the machine has.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
import pytest_socket
from django.conf import settings as hub_settings
from django.urls import get_resolver
from django.utils import timezone, translation

from tests import services

pytest_plugins = ["tests.cast"]
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
CHROMIUM_FLAGS = [
    "--no-sandbox",  # the tests may run as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    # What Chromium would otherwise ask its maker's hosts at every start.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config):
    """Give this process (one xdist worker, or the only one) its own folder, and quick settings."""
    private = Path(tempfile.mkdtemp(prefix="hub-test-", dir=os.environ.get("HUB_VAR")))
    config.add_cleanup(lambda: shutil.rmtree(private, ignore_errors=True))
    hub_settings.VAR_DIR = private
    hub_settings.BROKER_DIR = private / "broker"
    hub_settings.DEMO_MAIL_DIR = private / "mail"
    hub_settings.STATIC_ROOT = private / "static"
    hub_settings.STATIC_ROOT.mkdir()  # else WhiteNoise warns, and warnings are errors
    # Each test client makes the middleware anew, which would look at every static file: a quarter of a test.
    hub_settings.WHITENOISE_USE_FINDERS = False
    database = hub_settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # A file, not memory: threads and child processes open the same database.
        database.setdefault("TEST", {})["NAME"] = str(private / "test.sqlite3")
    # Every address there can be; what it does has tests of its own.
    hub_settings.MAIL_WEBHOOK = "mailgun"
    hub_settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "for tests only"}
    hub_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    hub_settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }


def pytest_runtest_setup(item):
    # Mail goes to Django's locmem backend: pytest-django sets that for the whole session.
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True, resolution_cache={"localhost": set()})


@pytest.fixture(autouse=True, scope="session")
def every_address_of_the_demo():
    """Addresses are read once, with the first request: not in a test that has just switched the demo off."""
    get_resolver().url_patterns  # noqa: B018  read for its effect


@pytest.fixture(autouse=True)
def default_language_and_zone():
    """A request leaves its language and time zone behind in the thread; the next test starts afresh."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(scope="session")
def database_url(django_db_setup):
    """The address of the live test database, for child processes.

    They see only what is committed: use it with `transactional_db`.
    """
    name = hub_settings.DATABASES["default"]["NAME"]
    if hub_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return f"sqlite:///{name}"
    server, question, options = hub_settings.DATABASE_URL.partition("?")
    return server.rpartition("/")[0] + f"/{name}{question}{options}"


@pytest.fixture
def client_env(database_url, tmp_path):
    """The environment for a subprocess (manage.py, celery) on the live test database.

    The same keys as this process, so that both read the same sealed data and links; a var folder
    of its own. Add what the test needs: `client_env["EMAIL_URL"] = sink.url`.
    """
    inherited = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        **hub_settings.KEYS,
        "DJANGO_SETTINGS_MODULE": "hub.settings",
        "HUB_ENV": "demo",
        "HUB_VAR": str(tmp_path / "var"),
        "DATABASE_URL": database_url,
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def smtp_relay():
    """One relay a process; tests take `sink`, which is empty and healthy."""
    with services.smtp_sink() as relay:
        yield relay


@pytest.fixture
def sink(smtp_relay, settings):
    """A real relay, and this process's mail goes to it. See `tests.services.SmtpSink`."""
    smtp_relay.mode("ok")
    smtp_relay.clear()
    settings.EMAIL_BACKEND = "hub.relay.RelayBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = smtp_relay.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return smtp_relay


@pytest.fixture(scope="session")
def redis_url():
    """The address of the run's Redis. A test that stops or pauses Redis starts its own."""
    url = os.environ.get("HUB_TEST_REDIS")
    if url:
        yield url
    elif services.find_program("redis-server"):
        with services.redis() as server:
            yield server.url
    else:
        pytest.skip("no redis-server on this machine")


@pytest.fixture(scope="session")
def browser():
    """Chromium, driven by Playwright. Each test opens its own context: `browser.new_context()`."""
    path = os.environ.get("HUB_TEST_CHROMIUM") or services.find_program("chromium")
    if not path:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop running in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
            yield chromium
            chromium.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
