"""The runner behind `make test`: what it runs, what it says at the end, what it leaves behind."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import run, services

EVERYTHING = set(run.PARTS)
pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    """These tests mean the same whether CI runs them or not, and on whichever database."""
    monkeypatch.setattr(run, "CI", False)
    monkeypatch.delenv("DB", raising=False)


def titles(have):
    return [title for title, _, _ in run.plan(have)]


def test_both_databases_then_the_browser_once():
    assert titles(EVERYTHING) == [
        "SQLite",
        "SQLite, races and faults",
        "PostgreSQL",
        "PostgreSQL, races and faults",
        "timed",
        "browser",
    ]


def test_ci_runs_the_slow_ones_too(monkeypatch):
    monkeypatch.setattr(run, "CI", True)
    assert titles(EVERYTHING)[-2:] == ["slow", "slow, SQLite"]


def test_what_shows_nothing_of_the_database_runs_on_the_one_of_production():
    chosen = {title: " ".join(arguments) for title, _, arguments in run.plan(EVERYTHING)}
    assert [title for title in chosen if chosen[title].endswith(" and not once")] == [
        "SQLite",
        "SQLite, races and faults",
    ]


def test_what_is_missing_is_left_out():
    assert titles(EVERYTHING - {"postgresql"}) == ["SQLite", "SQLite, races and faults", "timed", "browser"]
    assert not any("once" in " ".join(chosen) for _, _, chosen in run.plan(EVERYTHING - {"postgresql"}))
    assert titles(EVERYTHING - {"chromium"})[-1] == "timed"


@pytest.mark.parametrize(
    ("totals", "line"),
    [
        ({"passed": 7}, "7 passed"),
        ({"passed": 7, "failed": 1}, "7 passed, 1 failed"),
        ({"passed": 7, "failed": 1, "skipped": 2}, "7 passed, 1 failed, 2 skipped"),
    ],
)
def test_the_last_line(totals, line):
    assert run.last_line(Counter(totals)) == line


def test_counts_are_read_from_pytest(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="1" errors="2" skipped="3"></testsuite></testsuites>'
    )
    assert run.counts(report) == {"passed": 3, "failed": 3, "skipped": 3}


def test_with_ci_a_missing_part_is_a_failure(monkeypatch, capsys):
    monkeypatch.setattr(run, "CI", True)
    monkeypatch.setattr(run, "install", lambda parts: None)
    monkeypatch.setattr(run, "missing_parts", lambda: ["chromium"])
    assert run.main([]) == 1
    assert capsys.readouterr().out == "missing: browser tests: no chromium\n"


def test_elsewhere_a_missing_part_is_a_plain_line(monkeypatch, capsys):
    monkeypatch.setattr(run, "install", lambda parts: None)
    monkeypatch.setattr(run, "missing_parts", lambda: ["postgresql", "redis", "chromium", "gettext"])
    monkeypatch.setattr(run, "run", lambda title, arguments, env, totals: totals.update(passed=1) or True)
    assert run.main([]) == 0
    assert capsys.readouterr().out.splitlines()[-5:] == [
        "skipped: PostgreSQL tests: no PostgreSQL server",
        "skipped: Redis tests: no redis-server",
        "skipped: browser tests: no chromium",
        "skipped: translation tests: no gettext",
        "3 passed",
    ]


def test_the_first_failing_run_is_the_last(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(run, "missing_parts", lambda: ["postgresql", "redis", "chromium", "gettext"])
    monkeypatch.setattr(run, "install", lambda parts: None)
    monkeypatch.setattr(run, "run", lambda title, *_: ran.append(title))
    assert run.main([]) == 1
    assert ran == ["SQLite"]
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed"


def test_the_callers_own_settings_stay_outside(monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_ENV", "production")
    monkeypatch.setenv("DATABASE_URL", "postgres://a-real-one")
    monkeypatch.setenv("EMAIL_URL", "smtp://a-real-one")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    env = run.environment(tmp_path)
    assert env["HUB_ENV"] == "demo"
    assert env["HUB_VAR"] == str(tmp_path)
    assert env.keys() & {"DATABASE_URL", "EMAIL_URL", "PYTHONDONTWRITEBYTECODE"} == set()


@pytest.mark.alone
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_takes_its_servers_down(tmp_path, number):
    """Told to stop while pytest runs: no server stays and no folder."""
    hangs = tmp_path / "test_hangs.py"
    started = tmp_path / "started"
    hangs.write_text(
        "import pathlib, threading\n"
        "from tests import services\n"
        "def test_hangs():\n"
        "    with services.smtp_sink():\n"
        f"        pathlib.Path({str(started)!r}).touch()\n"
        "        threading.Event().wait(60)\n"
    )
    database = "postgres" if services.find_program("initdb") else "sqlite"
    # The folder this process keeps its own files in is not theirs.
    env = {name: value for name, value in os.environ.items() if name not in ("HUB_VAR", "CI")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.run", "-c", "pyproject.toml", str(hangs)],
        env={**env, "DB": database, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell starts its background jobs with Ctrl-C ignored, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        services.wait_until(
            lambda: started.exists() or process.poll() is not None, "the test inside runs", 60
        )
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does: runner and pytest both get it
        else:
            process.send_signal(number)
        output, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert started.exists(), output
    assert process.returncode == 1
    assert output.splitlines()[-1] == "interrupted"
    assert servers_of(tmp_path) == []
    assert list(tmp_path.glob("hub-*")) == []


def servers_of(folder):
    """Command lines of processes started for a run whose temporary folder was this one."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}".encode() in (path / "environ").read_bytes():
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has ended meanwhile, or belongs to another user
    return found
