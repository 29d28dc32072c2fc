"""`manage.py run`: starts everything, keeps it running, leaves nothing behind, refuses in one sentence."""

import contextlib
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hub.management.commands import run
from tests import services

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "hub.example.org", "", "127.0.0.1.example.org"]
)
def test_a_host_others_can_reach_is_refused(host):
    with pytest.raises(CommandError, match=r"^HOST is .* such as 127\.0\.0\.1\.$"):
        call_command("run", host=host)


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("127.1.2.3", "127.1.2.3"), ("[::1]", "::1")],
)
def test_loopback_is_accepted(host, address):
    assert run.loopback(host) == address


@pytest.mark.parametrize("port", ["", "abc", "0", "-1", "65536", "80.5"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(CommandError, match=r"^PORT is .* from 1 to 65535"):
        call_command("run", port=port)


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"^Port {port} is in use"):
            call_command("run", port=str(port))


def test_production_is_refused(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="HUB_ENV is production"):
        call_command("run")


def test_a_refusal_is_one_sentence_and_exit_code_1(client_env):
    done = subprocess.run(
        [sys.executable, "manage.py", "run", "--host", "0.0.0.0"],
        env=client_env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_process_that_keeps_dying_is_started_less_and_less_often(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(run.time, "monotonic", lambda: now)
    child = run.Child("worker", "this.module.does.not.exist", 8000)
    pauses = []
    for _ in range(6):
        said = child.keep_running()
        if not said:  # on a busy machine it has ended before this call returns
            child.process.wait(20)
            said = child.keep_running()
        assert said.startswith("The worker ended (exit code 1); it starts again in")
        pauses.append(child.pause)
        assert child.keep_running() == ""
        assert child.process is None, "started before its pause was over"
        now = child.start_at
    assert pauses == [0.5, 1, 2, 4, 5, 5]


@pytest.fixture
def demo_hub(client_env, tmp_path):
    """`manage.py run` on a database of its own, as on a new machine; gives a function that starts it."""
    del client_env["DATABASE_URL"]
    started = []

    def start():
        port = services.free_port()
        output = tmp_path / f"output-{len(started)}"
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "run", "--port", str(port)],
                env=client_env,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(process)
        site = f"http://localhost:{port}\n"
        services.wait_until(
            lambda: process.poll() is not None or site in output.read_text(), "hub is up", 120
        )
        assert process.poll() is None, output.read_text()
        return process, port, output

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait(10)
    for pid in processes_of(tmp_path):
        os.kill(pid, signal.SIGKILL)


def processes_of(folder):
    """Ids and command lines of the processes whose HUB_VAR lies in this folder."""
    found = {}
    mark = f"HUB_VAR={folder}/".encode()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes():
                found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has ended meanwhile
    return found


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def worker_ids(folder):
    return {pid for pid, command in processes_of(folder).items() if "celery -q -A hub worker" in command}


def event_ids(folder):
    with contextlib.closing(sqlite3.connect(folder / "var" / "hub.sqlite3")) as database:
        return {row[0] for row in database.execute("SELECT id FROM events_event")}


@pytest.mark.alone
def test_run_starts_everything_restarts_the_dead_stops_without_a_trace_and_starts_again(demo_hub, tmp_path):
    process, port, output = demo_hub()
    text = output.read_text()
    assert f"http://localhost:{port}" in text
    for name in ("admin", "moderator", "coordinator", "member"):
        assert f"{name}@example.org" in text
    assert "labor-party-demo" in text
    assert get(port, "/livez") == 200
    assert get(port, "/") == 200
    services.wait_until(lambda: len(worker_ids(tmp_path)) == 3, "the worker and its two children")
    services.wait_until(lambda: output.read_text().count("ready.") == 1, "the worker is ready")
    assert "Traceback" not in output.read_text()

    killed = worker_ids(tmp_path)
    # The parent was there first. A child that has not told it yet that it is up says so at length.
    os.kill(min(killed), signal.SIGKILL)
    services.wait_until(
        lambda: len(worker_ids(tmp_path) - killed) == 3 and not worker_ids(tmp_path) & killed,
        "a new worker instead of the old one and its children",
    )
    services.wait_until(lambda: output.read_text().count("ready.") == 2, "the new one is ready")
    assert re.search(r"The worker ended \(exit code -9\); it starts again in 0\.5 s\.", output.read_text())

    process.send_signal(signal.SIGINT)
    assert process.wait(8) == 0
    assert processes_of(tmp_path) == {}
    assert "Traceback" not in output.read_text().rpartition("ready.")[2]

    # Again: nothing is made twice, nothing is lost, and SIGTERM does what Ctrl-C does.
    events = event_ids(tmp_path)
    assert len(events) >= 40
    process, port, output = demo_hub()
    assert get(port, "/events/") == 200
    assert event_ids(tmp_path) == events
    process.terminate()
    assert process.wait(8) == 0
    assert processes_of(tmp_path) == {}
