"""Redis gone, or there and silent: visitors notice nothing, and mail goes out once it is back."""

import contextlib
import os
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone
from redis import Redis

from events import reminders
from events.models import Timeslot
from hub import links
from hub.models import Confirmation, Heartbeat, Message
from tests import services, workers
from tests.bench.parties import event_with
from tests.factories import make_admin, make_event, new_address, posted_form, posted_rsvp, slot_of
from tests.kept_running import kept_running
from tests.outbox import next_ticks

pytestmark = [pytest.mark.alone, pytest.mark.once, pytest.mark.django_db(transaction=True)]
SLOW = 5.0  # seconds; a web process that asked a silent Redis would hang for at least that long
AWAY = 60.0  # seconds without Redis, and with a silent one
QUICK = 1.5  # seconds: 95 of 100 answers take less
BACK_WITHIN = 120.0  # seconds until the backlog is gone


@pytest.fixture
def redis():
    """A Redis of this test's own, to be stopped and paused."""
    if not services.find_program("redis-server"):
        pytest.skip("no redis-server on this machine")
    with services.redis() as server:
        yield server


@pytest.fixture
def env(client_env, redis, sink):
    return {**client_env, "REDIS_URL": redis.url, "EMAIL_URL": sink.url}


HASTY_WORKER = """
import sys
from hub import celery
celery.SILENCE = 8.0  # HASTY: longer than from one tick to the next
celery.app.worker_main(sys.argv[1:])
"""


@contextlib.contextmanager
def client_of(server):
    """A line of the test's own to Redis."""
    client = Redis.from_url(server.url)
    try:
        yield client
    finally:
        client.close()


def keep_answering(web, event, seconds):
    """Look at the page and send its form, again and again; gives how long each took, and who answered."""
    spent, people = [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        people.append(new_address())
        for ask in (
            partial(web.get, f"/events/{event.slug}/"),
            partial(web.post, f"/events/{event.slug}/rsvp/", posted_rsvp(email=people[-1])),
        ):
            begun = time.monotonic()
            assert ask().status in (200, 302)
            spent.append(time.monotonic() - begun)
        time.sleep(0.2)
    return spent, people


def ask_everything(web, event):
    """Every page and every form of the site, as (what, status). Fails on an answer that takes long."""
    asked = []

    def ask(method, path, fields=None, what=""):
        started = time.monotonic()
        answer = web.get(path) if method == "GET" else web.post(path, fields)
        assert time.monotonic() - started < SLOW, path
        asked.append((f"{method} {what or path}", answer.status))
        return answer

    detail = f"/events/{event.slug}/"
    for path in ("/", "/events/", "/events/?near=Nowhere", detail, f"/events/{event.slug}.ics", "/mine/"):
        ask("GET", path)
    for path in (
        "/es/",
        "/es/events/",
        "/account/login/",
        "/livez",
        "/readyz",
        "/nowhere/",
        f"{detail}rsvp/",
    ):
        ask("GET", path)
    address = new_address()
    ask("POST", f"{detail}rsvp/", posted_rsvp(email="not an address"), what="rsvp, refused")
    own = ask("POST", f"{detail}rsvp/", posted_rsvp(email=address)).location
    for act in (
        {"act": "code", "code": "nonsense"},
        {"act": "resend"},
        {"act": "change", "party_size": "2"},
        {"act": "keep"},
        {"act": "forget"},
        {"act": "reveal"},
    ):
        ask("POST", own, act, what=act["act"])
    ask("GET", own, what="own page")
    newest = Confirmation.objects.latest("made_at")
    button = f"/confirm/{links.token('confirm', newest.pk)}/"
    ask("GET", button, what="button")
    pressed = ask("POST", button, {"act": f"{newest.act_kind}:{newest.act_id}"}, what="button")
    ask("GET", pressed.location, what="mailed page")
    ask("POST", pressed.location, {"act": "cancel"}, what="cancel")
    ask("POST", pressed.location, {"act": "erase"}, what="erase")
    ask("POST", "/mine/", posted_form(email=address))
    ask(
        "POST",
        "/account/login/",
        {"login": "admin@example.org", "password": "wrong"},
        what="log-in, wrong",
    )
    ask("POST", "/account/login/", {"login": "admin@example.org", "password": "right password"})
    return asked


def test_every_page_and_form_answers_as_before(env, redis):
    event = make_event(capacity=20)
    make_admin("admin@example.org", password="right password")
    with workers.web_server(env, processes=1) as web:
        before = ask_everything(web, event)
        assert {status // 100 for _what, status in before} == {2, 3, 4}
        redis.pause()
        assert ask_everything(web, event) == before
        redis.stop()
        assert ask_everything(web, event) == before


def test_the_web_never_speaks_to_redis_and_the_backlog_goes_out_when_it_is_back(env, redis, sink):
    event = make_event(capacity=20)
    with workers.web_server(env) as web, workers.worker_and_clock(env) as (worker, clock):
        services.wait_until(Heartbeat.objects.filter(name="tick").exists, "the first tick", 30)
        ask_everything(web, event)
        assert _talks_to(redis.port, worker)
        assert _talks_to(redis.port, clock)
        assert not _talks_to(redis.port, web.child)
        pids = workers.family(worker) | workers.family(clock)
        services.wait_until(_all_done, "mail goes out", 60)
        redis.stop()
        sink.clear()
        for _person in range(20):
            answer = web.post(f"/events/{event.slug}/rsvp/", posted_rsvp(email=new_address()))
            assert answer.status == 302
        assert not _talks_to(redis.port, web.child)
        redis.start()
        services.wait_until(_all_done, "the backlog goes out", 120)
        assert len(sink.messages()) == 20
        assert len({one.email["Message-ID"] for one in sink.messages()}) == 20
        assert workers.family(worker) | workers.family(clock) == pids


@pytest.mark.parametrize("broker", ["redis", "folder"])
def test_no_request_opens_a_line_to_the_broker(env, redis, broker):
    """Not for a moment either: Redis counts every connection there ever was. Without Redis the broker is
    a folder, and nothing of a web process is in it. A failure means that a dead broker hurts visitors."""
    env = env if broker == "redis" else {**env, "REDIS_URL": ""}
    make_admin("admin@example.org", password="right password")
    with client_of(redis) as look, workers.web_server(env) as web:
        before = look.info()["total_connections_received"]
        ask_everything(web, make_event(capacity=20))
        assert look.info()["total_connections_received"] == before
        assert not list(Path(env["HUB_VAR"]).glob("broker/*"))


def test_reminders_planned_three_times_with_redis_emptied_between_go_out_once(env, redis, sink):
    """A failure means that people are reminded again because a machine forgot what it had done."""
    event = event_with(50, start=timezone.now() + timedelta(hours=4))
    slot = slot_of(event)
    first = reminders.instants(slot.start, event.zone)[0][0]  # has passed, whatever the hour
    with client_of(redis) as look, workers.worker_and_clock(env):
        for _run in range(3):
            look.flushall()
            Timeslot.objects.update(next_reminder_at=first)
            planned = Timeslot.objects.exclude(next_reminder_at=first)
            services.wait_until(planned.exists, "the round is planned", 30)
            services.wait_until(_all_done, "it goes out", 60)
        next_ticks(1)
    ids = [one.email["Message-ID"] for one in sink.messages()]
    assert len(ids) == len(set(ids)) == 50
    assert len({one.recipients[0] for one in sink.messages()}) == 50


@pytest.mark.slow
def test_a_minute_without_redis_and_a_minute_of_silence(env, redis, sink):
    """Visitors notice nothing, none of it is lost, and nobody has to come and start a worker by hand. A
    failure means that a broker that is away takes the site or its mail along."""
    make_admin("admin@example.org", password="right password")
    event = make_event(capacity=None)
    with workers.web_server(env) as web, kept_running(env) as said:
        ticks = Heartbeat.objects.filter(name="tick")
        services.wait_until(ticks.exists, "the first tick", 30)
        before = ask_everything(web, event)
        for leave, come_back in ((redis.stop, redis.start), (redis.pause, redis.resume)):
            services.wait_until(_all_done, "mail goes out", 60)
            sink.clear()
            leave()
            spent, people = keep_answering(web, event, AWAY)
            assert ask_everything(web, event) == before
            last = ticks.get().at
            come_back()
            back = time.monotonic()
            services.wait_until(ticks.filter(at__gt=last).exists, "a tick", BACK_WITHIN)
            ticked = time.monotonic() - back
            services.wait_until(_all_done, "the backlog goes out", BACK_WITHIN - ticked)
            done = time.monotonic() - back
            got = Counter(one.recipients[0] for one in sink.messages())
            p95 = sorted(spent)[len(spent) * 95 // 100]
            print(
                f"{len(people)} answers, p95 {p95:.2f} s, at most {max(spent):.2f}; first tick after "
                f"{ticked:.0f} s, all mail after {done:.0f} s; {said or 'no process ended'}"
            )
            assert p95 < QUICK
            assert {got[address] for address in people} == {1}
        last = ticks.get().at
        services.wait_until(ticks.filter(at__gt=last).exists, "another tick", 10)


def test_a_worker_that_hangs_is_ended_and_started_again(env, redis, tmp_path):
    """Its children are stopped in mid-air, as by a disk that doesn't answer: the watchdog ends them all,
    and whoever started it starts it again. A failure means that mail stops until somebody notices."""
    hasty = [sys.executable, "-c", HASTY_WORKER, *workers.WORKER.split()[1:]]
    with kept_running(env, worker=hasty) as said:
        ticks = Heartbeat.objects.filter(name="tick")
        services.wait_until(ticks.exists, "the first tick", 30)
        (worker,) = [pid for pid in workers.children_of(os.getpid()) if b"HASTY" in _command(pid)]
        stopped = workers.children_of(worker)
        assert stopped
        for child in stopped:
            os.kill(child, signal.SIGSTOP)
        last = ticks.get().at
        services.wait_until(lambda: said, "the watchdog ends it", 30)
        services.wait_until(ticks.filter(at__gt=last).exists, "it ticks again", 30)
        assert "The worker ended (exit code 1)" in said[0]
        assert not [child for child in stopped if _lives(child)]


def _lives(pid):
    """Not where it is dead and nobody has asked how it ended: its parent was ended before."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def _command(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _all_done():
    return not Message.objects.exclude(state__in=Message.FINAL).exists()


def _talks_to(port, child):
    """Whether the process, or a child of it, holds a connection to this loopback port."""
    inodes = set()
    for pid in workers.family(child):
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(handle.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[len("socket:[") : -1])
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            remote, inode = fields[2], fields[9]
            if inode in inodes and int(remote.rpartition(":")[2], 16) == port:
                return True
    return False
