"""PostgreSQL dies and comes back while people answer and mail goes out.

A failure here means error pages nobody understands, an RSVP lost that the page had confirmed or counted
twice when its form is sent again, or web and worker processes that hang on to a dead connection.
"""

import contextlib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests import services, workers
from tests.environments import python
from tests.factories import new_address, posted_rsvp

pytestmark = [pytest.mark.slow, pytest.mark.once]
RESTARTS, DOWN = 3, 1.0  # times, seconds
HANDS = 6
HEALTHY_WITHIN = 10.0  # seconds

MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import make_event
print(make_event().slug)
"""


@pytest.fixture
def server():
    """A PostgreSQL of this test's own."""
    if not services.find_program("initdb"):
        pytest.skip("no PostgreSQL server on this machine")
    with services.postgres() as own:
        yield own


@pytest.fixture
def env(client_env, server, sink):
    return {**client_env, "DATABASE_URL": server.create("hub"), "EMAIL_URL": sink.url}


class Visitors:
    """People who answer, each with a form of their own, and send it again where they are told to."""

    def __init__(self, web, slug):
        self.web = web
        self.page = f"/events/{slug}/"
        self.stop = threading.Event()
        self.forms = []
        self.answers = []  # (seconds, "GET" or "POST", status or the error's name)

    def ask(self, method, fields=None):
        """One request; gives its status, notes it, and holds a 503 to what it has to say."""
        begun = time.monotonic()
        try:
            answer = (
                self.web.get(self.page) if method == "GET" else self.web.post(f"{self.page}rsvp/", fields)
            )
        except OSError as error:
            status, body = type(error).__name__, ""
        else:
            status, body = answer.status, answer.body
        self.answers.append((time.monotonic() - begun, method, status))
        assert status != 503 or "it does not count twice" in body, body
        return status

    def answer_until_told_to_stop(self):
        while not self.stop.is_set():
            self.ask("GET")
            form = posted_rsvp(email=new_address())
            self.forms.append(form)
            while self.ask("POST", form) != 302:
                time.sleep(0.2)

    @contextlib.contextmanager
    def at_work(self):
        """Many of them until the block ends; then whoever was told to tries until it is done."""
        with ThreadPoolExecutor(HANDS) as pool:
            busy = [pool.submit(self.answer_until_told_to_stop) for _hand in range(HANDS)]
            try:
                yield
            finally:
                self.stop.set()
        for one in busy:
            one.result()


def asked(url, question):
    """The one value a query gives."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def told(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def restart(server, url, web):
    """Crash it, and bring it back after a while; gives after how many seconds the page and the worker were
    well again."""
    server.stop("immediate")
    time.sleep(DOWN)
    server.start()
    back = time.monotonic()
    moment = asked(url, "SELECT now()")
    services.wait_until(lambda: web.get("/readyz").status == 200, "the web is well again", HEALTHY_WITHIN)
    for_web = time.monotonic() - back
    ticked = f"SELECT count(*) FROM hub_heartbeat WHERE name = 'tick' AND at > '{moment.isoformat()}'"
    services.wait_until(lambda: asked(url, ticked), "the worker ticks again", HEALTHY_WITHIN)
    return for_web, time.monotonic() - back


def test_postgresql_restarted_under_load(env, server, sink):
    url = env["DATABASE_URL"]
    slug = python(env, "-c", MAKE).stdout.strip()
    with workers.web_server(env) as web, workers.worker_and_clock(env) as (worker, clock):
        beats = "SELECT count(*) FROM hub_heartbeat"
        services.wait_until(lambda: asked(url, beats), "the first tick")
        pids = [workers.family(process) for process in (worker, clock, web.child)]
        visitors = Visitors(web, slug)
        with visitors.at_work():
            time.sleep(2)
            well = []
            for _restart in range(RESTARTS):
                well.append(restart(server, url, web))
                time.sleep(2)
        assert [workers.family(process) for process in (worker, clock, web.child)] == pids
        done = asked(url, "SELECT count(*) FROM events_rsvp")
        for form in visitors.forms:
            assert web.post(f"/events/{slug}/rsvp/", form).status == 302
        assert asked(url, "SELECT count(*) FROM events_rsvp") == done == len(visitors.forms)
        open_ones = "SELECT count(*) FROM hub_message WHERE state IN ('waiting', 'claimed', 'sending')"
        for _round in range(2):  # what was being sent when it died: settled, then sent again
            time.sleep(6)
            told(
                url,
                "UPDATE hub_message SET state_at = state_at - interval '11 min', "
                "due_at = due_at - interval '11 min' WHERE state IN ('waiting', 'claimed', 'sending')",
            )
        services.wait_until(lambda: not asked(url, open_ones), "all mail goes out")
    statuses = Counter((method, status) for _spent, method, status in visitors.answers)
    twice = Counter(one.email["Message-ID"] for one in sink.messages())
    extra = sum(twice.values()) - len(twice)
    longest = max(spent for spent, _method, _status in visitors.answers)
    print(f"{dict(statuses)}, the longest {longest:.1f} s; web and worker well after {well} s")
    print(f"{len(visitors.forms)} forms, {done} RSVPs, {len(twice)} mails, {extra} of them twice")
    assert set(statuses) - {("GET", 503)} == {("GET", 200), ("POST", 302), ("POST", 503)}
    assert longest < HEALTHY_WITHIN
    assert {one.recipients[0] for one in sink.messages()} == {form["email"] for form in visitors.forms}
    assert len(twice) == len(visitors.forms)
    assert extra <= 2 * RESTARTS  # one for each child of the worker
