"""The whole hub for browser tests: web server, worker, clock and relay on the live test database.

They come up once for this folder and read what the tests commit, so nothing is rolled back between
tests: each makes its own events. Every browser is watched: whatever comes from another host, fails,
or is complained of in the console fails the test that opened it.
"""

from dataclasses import dataclass

import pytest
from django.conf import settings as hub_settings
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, expect

from hub.management.commands import run
from hub.models.images import media_folder
from tests import services, workers
from tests.browser.gallery import PAGES, make_rows
from tests.browser.watch import Watch
from tests.environments import demo_env
from tests.factories import make_campaign
from tests.hub.places_fixture import load_excerpt

PHONE = {"width": 360, "height": 740}
PATIENCE = 10_000  # milliseconds a page may take; it takes a tenth of one second
expect.set_options(timeout=PATIENCE)


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
    var = tmp_path_factory.mktemp("var")
    # Pictures that tests add are files, too.
    media_folder().mkdir(exist_ok=True)
    (var / "media").symlink_to(media_folder())
    env = demo_env(
        var,
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


class Phones:
    """Opens browser contexts, each like a phone of its own, and watches them all."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self.watch = Watch(site.url)
        self.opened: list[BrowserContext] = []

    def __call__(self, **options) -> BrowserContext:
        """`phone()`, `phone(java_script_enabled=False)`: options as Playwright's `new_context`."""
        chosen = {"viewport": PHONE, "locale": "en-US", "timezone_id": "America/New_York"}
        # Colours that change in steps would be measured in between.
        chosen |= {"reduced_motion": "reduce", **options}
        context = self.browser.new_context(base_url=self.site.url, **chosen)
        self.opened.append(context)
        context.set_default_timeout(PATIENCE)
        self.watch.follow(context)
        return context

    def close(self) -> None:
        for context in self.opened:
            context.close()


@pytest.fixture
def phone(browser, site, db):
    """Opens the browser of one more visitor. At the end nothing may have been complained of."""
    phones = Phones(browser, site)
    yield phones
    phones.close()
    assert phones.watch.complaints == []


@pytest.fixture(scope="package")
def gallery(browser, site):
    """One phone for all pages of the gallery: a new one for each would cost more than all tests on it."""
    phones = Phones(browser, site)
    page = phones().new_page()
    yield page, phones.watch.complaints
    phones.close()


@pytest.fixture(scope="package", params=PAGES)
def shown(request, gallery, rows):
    """Each page of the gallery in turn, opened once for all tests that only look at it. They leave
    it as they found it, but for the size of the window and the colours."""
    page, complaints = gallery
    complaints.clear()
    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    PAGES[request.param](page, rows)
    yield page
    page.unroute_all()
    assert complaints == []
