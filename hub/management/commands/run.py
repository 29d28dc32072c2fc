"""Everything of the demo in one terminal: `make run`."""

import contextlib
import errno
import http.client
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from hub.demo.logins import DEMO_LOGINS, PASSWORD
from hub.processes import CLOCK, WEB, WORKER

PREPARATIONS = ("migrate --noinput --verbosity 0", "demo")

LONGEST_PAUSE = 5.0  # seconds between two starts of a process that keeps dying
LONG_ENOUGH = 30.0  # seconds a process lives before its death counts as the first again
PATIENCE = 3.0  # seconds the processes get to stop by themselves


class Command(BaseCommand):
    """Prepare the demo and keep its web server, worker and clock running until told to stop."""

    help = "Run the demo: web server, worker and clock, on this machine only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
        parser.add_argument("--port", default="8000", help="the port to listen on (8000)")

    def handle(self, *args: object, host: str, port: str, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError(
                "HUB_ENV is production, and this command is for trying the hub out: see docs/deploy.md."
            )
        address = loopback(host)
        number = free_port(address, port)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.default_int_handler)
        try:
            self.prepare()
        except KeyboardInterrupt:
            self.say("Stopped.")
            return
        children = [Child(name, command, number) for name, command in commands(address, number)]
        self.supervise(children, note_stop_signals(), address, number)
        self.say("Stopped.")

    def prepare(self) -> None:
        """Tables and demo data; nothing changes where both are there. SystemExit where one fails.

        In processes of their own: the lists of places they may load would stay in this one's memory
        as long as it runs, and take seconds to clear away at its end.
        """
        self.say("Preparing the database …")
        for command in PREPARATIONS:
            process = subprocess.Popen(  # noqa: S603 - constants
                [sys.executable, "manage.py", *command.split()], cwd=settings.BASE_DIR, start_new_session=True
            )
            try:
                code = process.wait()
            except KeyboardInterrupt:
                process.kill()
                process.wait()
                raise
            if code:  # it has said why
                raise SystemExit(1)

    def supervise(self, children: list["Child"], stop: list[int], address: str, port: int) -> None:
        """Start what is due to start, say once where the hub is, and at the end stop everything."""
        announced = False
        try:
            while not stop:
                for child in children:
                    if message := child.keep_running():
                        self.say(message)
                if not announced and answers(address, port):
                    announced = True
                    self.announce(port)
                time.sleep(0.1)
        finally:
            stop_all(children)

    def announce(self, port: int) -> None:
        site = f"http://localhost:{port}"
        self.say(
            f"\nThe hub runs at {site}\n"
            f"Log in at {site}/account/login/ as {', '.join(DEMO_LOGINS)}, password {PASSWORD}\n"
            f"Mail it sends is kept at {site}/dev/mail/\n"
            "Ctrl-C stops it.\n"
        )

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


class Child:
    """One of the processes, in a session of its own, so that its children end with it."""

    def __init__(self, name: str, command: str, port: int) -> None:
        self.name = name
        self.command = [sys.executable, "-m", *command.split()]
        # The links in mail name the port that was asked for.
        self.env = {"SITE_URL": f"http://localhost:{port}", **os.environ}
        self.process: subprocess.Popen | None = None
        self.started = 0.0
        self.pause = 0.0
        self.start_at = time.monotonic()

    def keep_running(self) -> str:
        """Start it if that is due; a sentence where it has died."""
        now = time.monotonic()
        if self.process is None and now >= self.start_at:
            self.process = subprocess.Popen(  # noqa: S603 - a constant, a loopback address and a number
                self.command, env=self.env, cwd=settings.BASE_DIR, start_new_session=True
            )
            self.started = now
        if self.process is None or self.process.poll() is None:
            return ""
        code = self.process.returncode
        self.kill()
        first = now - self.started > LONG_ENOUGH
        self.pause = 0.5 if first else min(max(2 * self.pause, 0.5), LONGEST_PAUSE)
        self.start_at = now + self.pause
        return f"The {self.name} ended (exit code {code}); it starts again in {self.pause:g} s."

    def terminate(self) -> None:
        """Ask the process to stop; it tells its own children."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End whatever of its session is left."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def stop_all(children: list[Child]) -> None:
    """Ask all, wait a little, then end them."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        if child.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(deadline - time.monotonic(), 0))
        child.kill()


def note_stop_signals() -> list[int]:
    """A list that gets the number of each signal to stop. An exception instead could come between
    the start of a process and the moment its number is known, and leave it running."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, note)
    return received


def commands(address: str, port: int) -> list[tuple[str, str]]:
    """What runs: a name people understand, and the module with its arguments."""
    host = f"[{address}]" if ":" in address else address
    return [("web server", f"{WEB} --bind {host}:{port}"), ("worker", WORKER), ("clock", CLOCK)]


def loopback(host: str) -> str:
    """The address behind HOST. CommandError unless only this machine can reach it."""
    name = host.strip().strip("[]")
    try:
        address = ipaddress.ip_address("127.0.0.1" if name == "localhost" else name)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise CommandError(
            f"HOST is {host!r}, but the demo's passwords are public: "
            "it runs on this machine's own address only, such as 127.0.0.1."
        )
    return str(address)


def free_port(address: str, port: str) -> int:
    """The number behind PORT. CommandError where nobody can listen there."""
    if not port.strip().isdecimal() or not 1 <= int(port) <= 65535:
        raise CommandError(f"PORT is {port!r}: set it to a number from 1 to 65535.")
    number = int(port)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, number))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {number} is in use: stop what runs there, or take another, as in make run PORT=8001."
            ) from error
        raise CommandError(f"Nothing can listen on {address} port {number}: {error.strerror}.") from error
    return number


def answers(address: str, port: int) -> bool:
    """Whether the web server is up."""
    connection = http.client.HTTPConnection(address, port, timeout=1)
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
