"""The hub's own processes for tests (web server, worker, clock), and a browser for many hands.

Each process is the one `make run` starts, in a session of its own, on the environment the fixture
`client_env` gives; all end with the block that started them.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from hub.processes import CLOCK, WORKER
from tests import services

ROOT = Path(__file__).resolve().parent.parent
GRACE = 10  # seconds a process gets to be gone
CSRF = "c" * 32  # the cookie and the form only have to say the same


@contextlib.contextmanager
def process(command: str | list[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    """A Python module with its arguments (`celery -A hub beat`) as a running process."""
    arguments = command.split() if isinstance(command, str) else command
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments], env=dict(env), cwd=ROOT, start_new_session=True
    )
    try:
        yield child
    finally:
        kill(child)


def kill(child: subprocess.Popen) -> None:
    """kill -9 for the process and all of its children, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(GRACE)


@contextlib.contextmanager
def worker_and_clock(env: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen, subprocess.Popen]]:
    """What sends the mail: a worker with two children, and the clock that ticks."""
    with process(WORKER, env) as worker, process(CLOCK, env) as clock:
        yield worker, clock


def family(child: subprocess.Popen) -> set[int]:
    """The process and its children, by id."""
    return {child.pid} | children_of(child.pid)


def children_of(parent: int) -> set[int]:
    """Ids of the processes a process has started. Linux only, as is /proc."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.add(int(folder.name))
    return found


@dataclass(frozen=True)
class Answer:
    """What the web server said; `location` is a path, empty where it led nowhere."""

    status: int
    location: str
    body: str


class WebServer:
    """gunicorn on a loopback port."""

    def __init__(self, child: subprocess.Popen, port: int) -> None:
        self.child = child
        self.port = port

    def get(self, path: str, cookies: Mapping[str, str] | None = None) -> Answer:
        return self._ask("GET", path, None, cookies or {})

    def post(
        self, path: str, fields: Mapping[str, object], cookies: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form as a browser does that has seen it: with the cookie against forged requests."""
        body = urlencode({**fields, "csrfmiddlewaretoken": CSRF})
        return self._ask("POST", path, body, {**(cookies or {}), "csrf": CSRF})

    def _ask(self, method: str, path: str, body: str | None, cookies: Mapping[str, str]) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
            return Answer(response.status, response.getheader("Location", ""), text)
        finally:
            connection.close()

    def is_up(self) -> bool:
        try:
            return self.get("/livez").status == 200
        except OSError:
            return False


@contextlib.contextmanager
def web_server(env: Mapping[str, str], *, processes: int = 2, threads: int = 8) -> Iterator[WebServer]:
    """gunicorn with so many processes and threads; its errors show, its single requests don't."""
    port = services.free_port()
    command = f"gunicorn hub.wsgi:application --bind 127.0.0.1:{port} --workers {processes}"
    command += f" --threads {threads} --log-level warning --no-control-socket"
    with process(command, env) as child:
        server = WebServer(child, port)
        services.wait_until(server.is_up, "the web server comes up")
        yield server
