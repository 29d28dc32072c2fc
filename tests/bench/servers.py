"""The servers under load, all alike, and what they cost: CPU seconds from /proc."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
TICKS = os.sysconf("SC_CLK_TCK")  # of /proc's CPU times, a second


@dataclass(frozen=True)
class Server:
    """A gunicorn with two sync workers on a loopback port."""

    name: str
    port: int
    master: int

    def cpu(self) -> float:
        """CPU seconds its workers have used."""
        return sum(sum(times[:2]) for times in _children(self.master).values())


def postgres_cpu(postmaster: int) -> float:
    """CPU seconds of all of a PostgreSQL server's processes, those that have ended included."""
    running = sum(sum(times[:2]) for times in _children(postmaster).values())
    return running + sum(_stat(postmaster)[1])


def _stat(pid: int | str) -> tuple[int, tuple[float, float, float, float]]:
    """A process's parent and its CPU seconds: user, system, and both of its ended children (proc(5))."""
    # The name in parentheses may hold anything, so count from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), tuple(int(ticks) / TICKS for ticks in fields[11:15])


def _children(parent: int) -> dict[int, tuple[float, float, float, float]]:
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):  # it ended between the two looks
                its_parent, times = _stat(entry)
                if its_parent == parent:
                    found[int(entry)] = times
    return found


def python(module: str, *arguments: str, env: dict[str, str]) -> str:
    """Run a module of ours to its end; gives its output, raises ServiceError with its last words."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if done.returncode:
        raise services.ServiceError(f"{module} failed:\n{done.stderr[-4000:]}")
    return done.stdout


@contextlib.contextmanager
def gunicorn(name: str, application: str, port: int, folder: Path, env: dict[str, str]) -> Iterator[Server]:
    """The application under the same settings as every other one; its words go to a file."""
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--worker-class", "sync", "--no-control-socket"]
    with log.open("w") as words:
        # Its own session: Ctrl-C at the terminal reaches the benchmark, which then takes this down.
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=words, stderr=words, start_new_session=True
        )
    try:
        services.wait_until(
            lambda: (
                process.poll() is not None
                or (services.answers(port) and len(_children(process.pid)) == WORKERS)
            ),
            f"{name} comes up",
        )
        if process.poll() is not None:
            raise services.ServiceError(f"{name} ended at once:\n{log.read_text()[-4000:]}")
        yield Server(name, port, process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(services.DEADLINE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(services.DEADLINE)
