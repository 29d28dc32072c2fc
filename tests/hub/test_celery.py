"""The worker and the clock, as real processes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from hub.celery import app
from hub.models import Heartbeat
from tests import services, workers

WORKER = ["-q", "-A", "hub", "worker", "--concurrency", "2"]
WORKER += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
BEAT = ["-q", "-A", "hub", "beat", "--pidfile="]


@pytest.fixture
def celery(client_env):
    """Starts Celery processes, each in its own session, and ends them all."""
    started = []

    def start(*arguments, **env):
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *arguments], env={**client_env, **env}, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def next_tick(seconds=30):
    """Wait for a tick that is newer than the last one seen; gives its time."""
    last = Heartbeat.objects.filter(name="tick").first()
    ticks = Heartbeat.objects.filter(name="tick")
    newer = ticks.filter(at__gt=last.at) if last else ticks
    services.wait_until(newer.exists, "a tick", seconds)
    return newer.get().at


def no_tick():
    """The clock is really stopped: for longer than from one tick to the next, none comes."""
    with pytest.raises(services.ServiceError, match="not within"):
        next_tick(seconds=8)


def test_what_the_database_decides_is_safe_to_say_twice_and_never_parked():
    """Late acknowledgement, nothing taken ahead, JSON only, no task that waits in the broker."""
    assert app.conf.task_acks_late
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_ignore_result
    assert app.conf.timezone == "UTC"
    for entry in app.conf.beat_schedule.values():
        assert set(entry["options"]) == {"expires"}


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.alone
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_worker_and_clock_tick_through_the_broker_folder_and_stop_when_told(celery, tmp_path):
    worker, beat = celery(*WORKER), celery(*BEAT)
    first = next_tick()
    second = next_tick()
    assert 3 < (second - first).total_seconds() < 8
    for process in (worker, beat):
        process.terminate()
    assert beat.wait(10) == 0
    assert worker.wait(10) == 0
    assert list((tmp_path / "var" / "broker").glob("*.new")) == []


@pytest.mark.alone
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["folder", "redis"])
def test_children_killed_while_they_wait_for_work_are_replaced(celery, broker, request):
    """Otherwise no mail would leave for a minute and a half, until the watchdog ends the worker: children
    that share one queue share its lock, and whoever waits for work holds it."""
    env = {"REDIS_URL": request.getfixturevalue("redis_url")} if broker == "redis" else {}
    worker, _clock = celery(*WORKER, **env), celery(*BEAT, **env)
    next_tick()
    before = workers.family(worker)
    time.sleep(1)  # the tick is over: both wait
    for child in before - {worker.pid}:
        os.kill(child, signal.SIGKILL)
    for _tick in range(2):
        next_tick(seconds=20)
    assert worker.poll() is None
    assert workers.family(worker) & before == {worker.pid}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_dead_redis_is_waited_out(celery):
    """Gone at the start, gone for a while, silent for a while: each time work goes on by itself. A worker
    that could not say that it had done what it held takes nothing more, until the watchdog ends it."""

    def next_tick_is_over():
        next_tick()
        time.sleep(1)

    with services.redis() as redis:
        redis.stop()
        celery(*WORKER, REDIS_URL=redis.url)
        celery(*BEAT, REDIS_URL=redis.url)
        no_tick()
        redis.start()
        next_tick_is_over()
        redis.stop()
        no_tick()
        redis.start()
        next_tick_is_over()
        redis.pause()
        no_tick()
        redis.resume()
        next_tick()


HUNG_WORKER = """
import sys
from hub import celery
celery.SILENCE = 2.0
celery.app.worker_main(sys.argv[1:])
"""


@pytest.mark.alone
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_a_worker_without_a_tick_ends_itself_and_its_children(client_env):
    """No clock runs, so no tick comes: as in a worker whose connection is open and dead."""
    process = subprocess.Popen(
        [sys.executable, "-c", HUNG_WORKER, *WORKER[3:]],
        env=client_env,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        # Ends only when every process that holds standard error is gone: the children too.
        _, log = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 1
    assert "no tick has finished for 2 seconds: this worker ends itself" in log
