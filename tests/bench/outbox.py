"""The outbox against a loop without one: the same mails, to the same relay, by as many processes.

The hub's side is the real worker with two children, its clock and Redis, as in production; the other's
two processes that each write and send one half over one line.
"""

import contextlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests import services, workers
from tests.bench.report import Floor
from tests.bench.servers import ROOT, python

PARTIES = 20_000
ROUNDS, MAILS = 3, 2000  # mails a round, on each side
PROCESSES = 2
STEPS = "tests.bench.outbox_steps"


@dataclass
class Outbox:
    """What was measured, a value for each round: seconds and queries of planning, mails a second of both
    sides, and the kilobytes the worker's children held."""

    plan_seconds: list[float] = field(default_factory=list)
    plan_queries: list[int] = field(default_factory=list)
    outbox: list[float] = field(default_factory=list)
    loop: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The table."""
        return [
            f"{PARTIES} reminders planned in {median(self.plan_seconds):.1f} s "
            f"({min(self.plan_seconds):.1f}-{max(self.plan_seconds):.1f}), {self.plan_queries[0]} queries",
            f"outbox {median(self.outbox):.0f} mails/s ({min(self.outbox):.0f}-{max(self.outbox):.0f}), "
            f"loop {median(self.loop):.0f} ({min(self.loop):.0f}-{max(self.loop):.0f}), "
            f"{PROCESSES} processes each",
            "the worker's children held " + ", ".join(f"{size // 1024} MB" for size in self.memory),
        ]

    def floors(self) -> list[Floor]:
        """What is promised of it."""
        share = median(mine / its for mine, its in zip(self.outbox, self.loop, strict=True))
        seconds, queries = median(self.plan_seconds), max(self.plan_queries)
        return [
            Floor("outbox, mails/s at least 0.6 x the loop's", share, share >= 0.6),
            Floor(f"planning {PARTIES} reminders, seconds at most 5", seconds, seconds <= 5),
            Floor(
                "planning, queries a thousand at most 6",
                queries * 1000 // PARTIES,
                queries <= 6 * PARTIES // 1000,
            ),
        ]


def measure(stack: contextlib.ExitStack, env: dict[str, str]) -> Outbox:
    """Bring up relay, Redis and worker; plan, then let both sides send in turns."""
    port = services.free_port()
    relay = [
        sys.executable,
        "-m",
        "aiosmtpd",
        "-n",
        "-c",
        "aiosmtpd.handlers.Sink",
        "-l",
        f"127.0.0.1:{port}",
    ]
    process = subprocess.Popen(relay, cwd=ROOT, start_new_session=True)
    stack.callback(workers.kill, process)
    services.wait_until(lambda: services.answers(port), "the relay comes up")
    redis = stack.enter_context(services.redis())
    env = env | {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "REDIS_URL": redis.url}
    python(STEPS, "make", str(PARTIES), env=env)
    found = Outbox()
    for _ in range(ROUNDS):
        planned = json.loads(python(STEPS, "plan", env=env))
        if planned["rows"] != PARTIES:
            raise services.ServiceError(f"{planned['rows']} reminders were planned")
        found.plan_seconds.append(planned["seconds"])
        found.plan_queries.append(planned["queries"])
    python(STEPS, "due", "0", "0", env=env)
    worker, _clock = stack.enter_context(workers.worker_and_clock(env))
    for number in range(ROUNDS + 1):
        first, last = number * MAILS, (number + 1) * MAILS
        python(STEPS, "due", str(first), str(last), env=env)
        sent = json.loads(python(STEPS, "done", str(first), str(last), env=env))
        if number == 0:  # the worker has compiled its templates by now
            continue
        found.outbox.append(MAILS / sent["seconds"])
        found.memory.append(max(map(_resident, workers.family(worker) - {worker.pid})))
        halves = [(first, first + MAILS // 2), (first + MAILS // 2, last)]
        with ThreadPoolExecutor(PROCESSES) as both:
            steps = both.map(lambda half: python(STEPS, "send", *map(str, half), env=env), halves)
            found.loop.append(MAILS / max(json.loads(step)["seconds"] for step in steps))
    return found


def _resident(pid: int) -> int:
    """Kilobytes of memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
