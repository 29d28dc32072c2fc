"""The runner behind `make test`: `python -m tests.run [pytest arguments]`. Standard library only.

Brings up private servers, runs the suite on SQLite and on PostgreSQL, the browser tests once, and
ends with one line `N passed` summed over its runs. Stops at the first run that fails. With pytest
arguments it is a single run, on SQLite unless DB=postgres. With CI=true the slow tests run too, and
a missing part of the system is a failure; elsewhere it is one plain line at the end.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tests import services

CI = os.environ.get("CI") == "true"
ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's exit code where nothing was collected
PARALLEL = ["-n", "2", "-m", "not alone and not browser and not slow"]
TIMED = "tests/hub/test_account_enumeration.py"  # compares times: nothing else may run beside it
# Two files beside each other, of each one test at a time: most of them wait most of the time.
BY_FILE = ["-n", "2", "--dist", "loadfile", f"--ignore={TIMED}"]
ALONE = [*BY_FILE, "-m", "alone and not browser and not slow"]
ELSEWHERE = " and not once"  # on SQLite, where PostgreSQL runs what shows nothing of the database

# What the suite needs of the system: a program, Debian's package, what can't be tested without it.
PARTS = {
    "postgresql": ("initdb", "postgresql", "PostgreSQL tests: no PostgreSQL server"),
    "redis": ("redis-server", "redis-server", "Redis tests: no redis-server"),
    "chromium": ("chromium", "chromium", "browser tests: no chromium"),
    "gettext": ("msgfmt", "gettext", "translation tests: no gettext"),
}


def missing_parts() -> list[str]:
    return [part for part, (program, _, _) in PARTS.items() if not services.find_program(program)]


def install(parts: list[str]) -> None:
    """As root on Debian, fetch what is missing. A failure shows as the part still missing."""
    if not parts or os.getuid() != 0 or not shutil.which("apt-get"):
        return
    packages = [PARTS[part][1] for part in parts]
    print("installing", *packages, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)


def environment(var: Path) -> dict[str, str]:
    """For pytest: the demo, in a private folder, with nothing of the caller's own settings."""
    own = ("HUB_", "SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "LINK_KEY", "DATABASE_URL", "REDIS_URL")
    own += ("EMAIL_URL", "SITE_", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "LANGUAGES", "MAIL_FROM", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    # Without bytecode every one of the many child processes compiles all imports again.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "HUB_ENV": "demo", "HUB_VAR": str(var)}


def run(title: str, arguments: list[str], env: dict[str, str], totals: Counter) -> bool:
    """One pytest run; adds its counts to the totals. False where it failed."""
    print(f"\n== {title}", flush=True)
    report = Path(env["HUB_VAR"]) / "report.xml"
    report.unlink(missing_ok=True)
    slowest = ["--durations=10"] if CI else []
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *slowest, *arguments]
    process = subprocess.Popen(command, env=env, cwd=ROOT)
    try:
        code = process.wait()
    except KeyboardInterrupt as interrupt:
        # Ctrl-C at a terminal reached pytest too; only what came to this process alone is passed
        # on. Then pytest takes down what its tests started.
        if isinstance(interrupt, Terminated):
            process.send_signal(signal.SIGINT)
        try:
            process.wait(services.DEADLINE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
        raise
    if report.exists():
        totals.update(counts(report))
    return code in (0, NO_TESTS)


def counts(report: Path) -> Counter:
    """passed, failed and skipped tests of one pytest run. An error in a fixture counts as failed."""
    total = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total.update(passed=int(suite.get("tests", 0)) - failed - skipped, failed=failed, skipped=skipped)
    return total


def plan(have: set[str]) -> list[tuple[str, str, list[str]]]:
    """The runs in order: title, database, pytest arguments."""
    if "postgresql" in have:
        parallel, alone = ([*most, chosen + ELSEWHERE] for *most, chosen in (PARALLEL, ALONE))
        runs = [("SQLite", "sqlite", parallel), ("SQLite, races and faults", "sqlite", alone)]
        runs += [("PostgreSQL", "postgres", PARALLEL), ("PostgreSQL, races and faults", "postgres", ALONE)]
        once = "postgres"
    else:
        runs = [("SQLite", "sqlite", PARALLEL), ("SQLite, races and faults", "sqlite", ALONE)]
        once = "sqlite"
    runs.append(("timed", once, [TIMED, "-m", "alone" if CI else "alone and not slow"]))
    if "chromium" in have:
        runs.append(("browser", once, ["-n", "2", "-m", "browser and not slow"]))
    if CI:
        runs.append(("slow", once, [*BY_FILE, "-m", "slow"]))
        if once == "postgres":  # the long races for the seats have to hold on both
            runs.append(("slow, SQLite", "sqlite", ["-m", "slow", "tests/events/test_never_oversold.py"]))
    return runs


def last_line(totals: Counter) -> str:
    """`N passed`, and the others only where there are any."""
    parts = [f"{totals['passed']} passed"]
    parts += [f"{totals[name]} {name}" for name in ("failed", "skipped") if totals[name]]
    return ", ".join(parts)


def main(arguments: list[str]) -> int:
    """Run everything, or just what the arguments ask for. Returns the exit code."""
    install(missing_parts())
    missing = missing_parts()
    have = set(PARTS) - set(missing)
    if CI and missing:
        for part in missing:
            print("missing:", PARTS[part][2])
        return 1
    database = os.environ.get("DB", "sqlite")
    if database not in ("sqlite", "postgres") or (database == "postgres" and "postgresql" not in have):
        print("DB can be sqlite, or postgres where a PostgreSQL server is installed.")
        return 1
    runs = [("chosen tests", database, arguments)] if arguments else plan(have)

    totals = Counter()
    succeeded = True
    with contextlib.ExitStack() as stack:
        env = environment(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-"))))
        if "redis" in have:
            env["HUB_TEST_REDIS"] = stack.enter_context(services.redis()).url
        if "chromium" in have:
            env["HUB_TEST_CHROMIUM"] = services.program("chromium")
        if any(database == "postgres" for _, database, _ in runs):
            postgres_url = stack.enter_context(services.postgres()).url("hub")
        for title, database, chosen in runs:
            url = {"DATABASE_URL": postgres_url} if database == "postgres" else {}
            succeeded = run(title, chosen, {**env, **url}, totals)
            if not succeeded:
                break
    print()
    for part in missing:
        print("skipped:", PARTS[part][2])
    print(last_line(totals))
    return 0 if succeeded else 1


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends the run like Ctrl-C, through the context managers, so that no server stays."""


def stop(*_: object) -> None:
    raise Terminated


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("interrupted")
    except services.ServiceError as error:
        sys.exit(f"tests: {error}")
