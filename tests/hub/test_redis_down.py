"""Redis gone, or there and silent: visitors notice nothing, and mail goes out once it is back."""

import contextlib
import time
from pathlib import Path

import pytest

from hub import links
from hub.models import Confirmation, Heartbeat, Message
from tests import services, workers
from tests.factories import make_admin, make_event, new_address, posted_form, posted_rsvp

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
SLOW = 5.0  # seconds; a web process that asked a silent Redis would hang for at least that long


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
