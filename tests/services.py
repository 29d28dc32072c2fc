"""Private PostgreSQL, Redis and SMTP servers for tests, each a context manager.

Standard library only: the test runner uses this before it knows what is installed. Every wait is
bounded and ends in `ServiceError` with the server's own last words. Nothing listens beyond
loopback, nothing is kept.
"""

import abc
import contextlib
import email
import email.message
import email.policy
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

DEADLINE = 30  # seconds a server may take to come up or go down; they take less than 3
FAULTS = ("ok", "slow", "reject", "tempfail", "close", "drop_after_data", "hang", "refuse")
FAULTS += ("no_starttls", "refuse_starttls", "break_starttls")  # of a relay with a certificate


class ServiceError(RuntimeError):
    """A server is missing, did not start or did not stop in time."""


def find_program(name: str) -> str | None:
    """The path of a program, also of PostgreSQL's, which Debian keeps off the PATH."""
    versions = glob.glob(f"/usr/lib/postgresql/*/bin/{name}")
    newest = max(versions, key=lambda path: float(path.split("/")[4]), default=None)
    return shutil.which(name) or newest


def program(name: str) -> str:
    """As `find_program`; raises ServiceError where there is none."""
    found = find_program(name)
    if found is None:
        raise ServiceError(f"{name} is not installed")
    return found


def wait_until(condition: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
    """Poll until the condition is true; ServiceError after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServiceError(f"{what}: not within {seconds} seconds")
        time.sleep(0.01)


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A folder that goes with the block. Directly under /tmp: socket paths end at 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """One PostgreSQL server that answers on a unix socket in its own folder only."""

    OPTIONS = (
        "-c listen_addresses='' -c max_connections=300 -c shared_buffers=64MB "
        # A test server may lose everything in a power cut: it need not wait for the disk. What it
        # has committed survives its own crash though, so synchronous_commit stays on.
        "-c fsync=off -c full_page_writes=off "
        # What the planner thinks of a table would depend on whether autovacuum has looked at it between
        # two tests, when it was empty: tests that pin a plan ANALYZE themselves.
        "-c autovacuum=off"
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"

    def url(self, dbname: str) -> str:
        """Read alike by django-environ, psycopg and PostgreSQL's own programs."""
        return f"postgres:///{dbname}?host={self.folder}&user=postgres"

    def run(self, *command: str) -> None:
        """One of PostgreSQL's programs. The server refuses root, so root becomes somebody else."""
        name, *arguments = command
        report = self.folder / f"{name}.out"
        # A file, not a pipe: the server inherits it, and a pipe would stay open as long as it lives.
        with report.open("w") as output:
            done = subprocess.run(
                [program(name), *arguments],
                **unprivileged(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=2 * DEADLINE,
                check=False,
            )
        if done.returncode:
            words = report.read_text(errors="replace")
            if self.log.exists():
                words += self.log.read_text(errors="replace")
            raise ServiceError(f"{name} failed: {words[-4000:]}")

    def control(self, *command: str) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", str(DEADLINE), *command)

    def start(self) -> None:
        self.control("-l", str(self.log), "-o", f"-k {self.folder} {self.OPTIONS}", "start")

    def stop(self, mode: str = "fast") -> None:
        """`mode` as in pg_ctl: smart waits for clients, fast ends them, immediate is a crash."""
        self.control("-m", mode, "stop")

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()

    def create(self, dbname: str) -> str:
        """Make an empty database; gives its URL."""
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", dbname)
        return self.url(dbname)


def unprivileged() -> dict:
    """Arguments for `subprocess` that turn root into a user PostgreSQL agrees to run as."""
    if os.getuid() != 0:
        return {}
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        owner = pwd.getpwnam("nobody")
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A fresh PostgreSQL server with user postgres and no password."""
    with private_folder("hub-pg-") as folder:
        who = unprivileged()
        if who:
            os.chown(folder, who["user"], who["group"])
        server = Postgres(folder)
        server.run(
            *("initdb", "-D", str(server.data), "-U", "postgres", "-A", "trust"),
            *("-E", "UTF8", "--locale=C.UTF-8", "-N"),
        )
        try:
            server.start()
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop("immediate")


class Process(abc.ABC):
    """A server that is one child process with an open loopback port."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self.child: subprocess.Popen | None = None

    @abc.abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def start(self) -> None:
        """Come up on the same port as before, or do nothing where it is up."""
        if self.child is not None:
            return
        # Its own session: Ctrl-C at the terminal reaches the runner, which then takes this down.
        self.child = subprocess.Popen(
            self.command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_until(self.is_up, f"{self.name} comes up")
        except ServiceError:
            self.stop()
            raise

    def is_up(self) -> bool:
        if self.child.poll() is not None:
            raise ServiceError(f"{self.name} ended at once with exit code {self.child.returncode}")
        return bool(self.port) and answers(self.port)

    def stop(self) -> None:
        """Gone at once, as in a crash: from here connections are refused."""
        if self.child is not None:
            self.child.kill()  # also ends a paused process
            self.child.wait(DEADLINE)
            self.child.stdin.close()
            self.child = None

    def pause(self) -> None:
        """Freeze: connections are accepted by the kernel and never answered."""
        self.child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.child.send_signal(signal.SIGCONT)


class Redis(Process):
    """One Redis server without persistence: `stop` loses everything."""

    def __init__(self, folder: Path) -> None:
        super().__init__("redis-server", free_port())
        self.folder = folder

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [
            *(program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port)),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder), "--loglevel", "warning"),
        ]


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    """A fresh Redis server on a loopback port."""
    with private_folder("hub-redis-") as folder:
        server = Redis(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@dataclass(frozen=True)
class Received:
    """One message as the relay got it.

    `answered` is False where the relay took the message and closed without saying so: the sender
    can't know, and may rightly send it again.
    """

    sender: str
    recipients: list[str]
    data: bytes
    answered: bool

    @property
    def email(self) -> email.message.EmailMessage:
        return email.message_from_bytes(self.data, policy=email.policy.default)


class SmtpSink(Process):
    """A relay that keeps what it gets and fails on command."""

    def __init__(self, folder: Path, tls: tuple[str, ...] = ()) -> None:
        super().__init__("smtp sink", 0)
        self.folder = folder
        self.tls = tls  # its certificate's file, and "starttls" or "tls"
        self.mode("ok")

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        (self.folder / "port").unlink(missing_ok=True)
        script = Path(__file__).with_name("smtp_sink.py")
        return [sys.executable, str(script), str(self.folder), str(self.port), *self.tls]

    def is_up(self) -> bool:
        # The sink chooses its port itself at the first start: no other process can snatch it.
        path = self.folder / "port"
        if path.exists():
            self.port = int(path.read_text())
        return super().is_up()

    def mode(self, name: str, *, seconds: float = 0.2, only: str = "") -> None:
        """What the relay does from the next command on.

        ok · slow: answers each message after `seconds` · reject: 550 to the recipient · tempfail:
        451 to the recipient · close: 421 and gone · drop_after_data: takes the message, closes
        without an answer · hang: never answers · refuse: nobody listens · with a
        certificate no_starttls: doesn't offer it · refuse_starttls: 454 · break_starttls: agrees and
        breaks the handshake. With `only`, the fault
        meets recipients whose address holds that text (hang and close then come at the recipient).
        """
        if name not in FAULTS:
            raise ValueError(f"no such mode: {name}")
        if name == "refuse":
            self.stop()
            return
        unfinished = self.folder / "mode.new"
        unfinished.write_text(json.dumps({"mode": name, "seconds": seconds, "only": only}))
        os.replace(unfinished, self.folder / "mode.json")
        if self.port and self.child is None:
            self.start()

    def messages(self) -> list[Received]:
        """Everything received since the last `clear`, in order of arrival."""
        received = []
        for path in sorted((self.folder / "messages").glob("*.json")):
            fields = json.loads(path.read_text())
            received.append(Received(**{**fields, "data": fields["data"].encode("latin-1")}))
        return received

    def in_clear(self) -> bytes:
        """With a certificate: everything that came outside of TLS."""
        path = self.folder / "clear"
        return path.read_bytes() if path.exists() else b""

    def clear(self) -> None:
        for path in (self.folder / "messages").glob("*.json"):
            path.unlink()


@contextlib.contextmanager
def smtp_sink(*tls: str) -> Iterator[SmtpSink]:
    """A fresh relay on a loopback port; `tls` as in SmtpSink."""
    with private_folder("hub-smtp-") as folder:
        sink = SmtpSink(folder, tls)
        try:
            sink.start()
            yield sink
        finally:
            sink.stop()
