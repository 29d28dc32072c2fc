"""The whole hub for browser tests: web server, worker, clock and relay on the live test database.

They come up once for this folder and read what the tests commit, so nothing is rolled back between
tests: each makes its own events. Every browser is watched: whatever comes from another host, fails,
or is complained of in the console fails the test that opened it.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings as hub_settings
from django.core.management import call_command
from playwright.sync_api import BrowserContext

from hub.management.commands import run
from tests import services, workers
from tests.browser.gallery import PAGES, make_rows
from tests.browser.watch import Watch
from tests.environments import demo_env
from tests.factories import make_campaign
from tests.hub.places_fixture import load_excerpt

PHONE = {"width": 360, "height": 740}
PATIENCE = 10_000  # milliseconds a page may take; it takes a tenth of one second


@dataclass(frozen=True)
class Site:
    """The hub that runs: its address, and the relay its mail goes to."""

    url: str
    sink: services.SmtpSink


def pytest_collection_modifyitems(items):
    """Everything in this folder needs a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture(scope="package")
def site(browser, database_url, django_db_blocker, smtp_relay, tmp_path_factory):
    """The hub of one campaign, with the places of the excerpt."""
    port = services.free_port()
    url = f"http://127.0.0.1:{port}"
    env = demo_env(
        tmp_path_factory.mktemp("var"),
        **hub_settings.KEYS,
        DATABASE_URL=database_url,
        SITE_URL=url,
        EMAIL_URL=smtp_relay.url,
    )
    # The tests' own links, and what they reckon to be a link of the hub's.
    address_before, hub_settings.SITE_URL = hub_settings.SITE_URL, url
    smtp_relay.mode("ok")
    smtp_relay.clear()
    with django_db_blocker.unblock():
        load_excerpt()
        make_campaign(title="A Labor Party for Working People", is_home=True, summary_es="Por un partido.")
        with workers.process(f"{run.WEB} --bind 127.0.0.1:{port}", env), workers.worker_and_clock(env):
            services.wait_until(lambda: run.answers("127.0.0.1", port), "the web server comes up")
            yield Site(url, smtp_relay)
        # Only now: a worker in the middle of something and an emptying would wait for each other.
        call_command("flush", interactive=False, verbosity=0)
    hub_settings.SITE_URL = address_before


@pytest.fixture
def db(site):
    """In this folder: rows are committed, so that the running hub sees them, and stay.

    The name is pytest-django's: by it the plugin knows that a test wants the database made.
    """


@pytest.fixture(scope="package")
def rows(site):
    """What the pages of the gallery show."""
    return make_rows()


@contextlib.contextmanager
def watched_contexts(browser, site) -> Iterator[Callable[..., BrowserContext]]:
    """Gives what opens one more browser context, a phone unless told otherwise. At the end all are
    closed, and nothing may have been complained of."""
    watch = Watch(site.url)
    with contextlib.ExitStack() as stack:

        def open_context(**options) -> BrowserContext:
            chosen = {"viewport": PHONE, "locale": "en-US", "timezone_id": "America/New_York"}
            # Colours that change in steps would be measured in between.
            chosen |= {"reduced_motion": "reduce", **options}
            context = browser.new_context(base_url=site.url, **chosen)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            watch.follow(context)
            return context

        yield open_context
    assert watch.complaints == []


@pytest.fixture
def phone(browser, site, db):
    """Opens the browser of one more visitor: `phone()`, `phone(java_script_enabled=False)`."""
    with watched_contexts(browser, site) as open_context:
        yield open_context


@pytest.fixture(scope="package", params=PAGES)
def shown(request, browser, site, rows):
    """Each page of the gallery in turn, opened once for all tests that only look at it. They leave
    it as they found it, but for the size of the window and the colours."""
    with watched_contexts(browser, site) as open_context:
        page = open_context().new_page()
        PAGES[request.param](page, rows)
        yield page
