"""What the repository itself must hold, and must never hold."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pip._internal.models.index import PyPI

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
# Fixed by the person the hub is for; beside it only what every repository has.
LAYOUT = {
    *("manage.py", "pyproject.toml", "hub", "campaigns", "committees", "events"),
    *("templates", "static", "tests", "docker-compose.yml"),
}
CUSTOMARY = {
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"),
    *("Makefile", "Dockerfile", "docs", *LOCKS),
}
# Folders that a document may rightly name, even where the repository happens to lie in one.
STANDARD_FOLDERS = {Path("/"), Path("/home"), Path("/opt"), Path("/srv"), Path("/usr/src"), Path("/var")}


@pytest.fixture(scope="module")
def tracked():
    """Every tracked text file: its path inside the repository and its text."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = {}
    for name in filter(None, listing.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode("utf-8", "replace")
    return texts


def lines_with(pattern, texts):
    return [
        f"{name}:{number}: {line[:160]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


def pins(name):
    """What a lock file pins, with its conditions, without hashes."""
    return {line for line in (ROOT / name).read_text().splitlines() if not line.startswith(" ")}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_hold_pins_and_hashes_only(name):
    text = (ROOT / name).read_text()
    assert lines_with(r"://|^-", {name: text}) == []
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9._-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_tests_run_on_what_production_runs_on():
    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_the_top_level_is_the_fixed_layout(tracked):
    top = {name.split("/")[0] for name in tracked}
    assert LAYOUT - top == set()
    assert {name for name in top - LAYOUT - CUSTOMARY if not name.startswith(".")} == set()


def test_no_file_names_a_registry(tracked):
    """Asked of pip, so that this file names none either."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    configured = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    hosts = {
        PyPI.netloc,
        PyPI.file_storage_domain,
        *re.findall(r"https?://(?:[^/@]*@)?([^/'\s]+)", configured),
    }
    assert lines_with("|".join(map(re.escape, sorted(hosts))), tracked) == []


def test_no_file_names_a_folder_of_this_machine(tracked):
    folders = {ROOT, ROOT.parent, Path.home()} - STANDARD_FOLDERS - {Path(tempfile.gettempdir())}
    names = "|".join(re.escape(str(folder)) for folder in sorted(folders))
    assert lines_with(rf"(^|[^A-Za-z0-9_.])({names})/", tracked) == []


def test_the_version_of_postgresql_stands_in_one_place(tracked):
    code = {name: text for name, text in tracked.items() if name not in LOCKS}
    (place,) = lines_with(r"(?i)\bpostgres(ql)?[ :-]\d", code)
    assert place.startswith("docker-compose.yml:")


def test_the_readme_names_the_two_commands_first():
    commands = re.findall(r"\bmake [a-z]+", (ROOT / "README.md").read_text())
    assert commands[:2] == ["make run", "make test"]


@pytest.mark.parametrize("target", ["run", "test", "check", "bench", "lock", "messages"])
def test_make_help_names_every_command(target):
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(rf"^make {target} ", done.stdout, re.MULTILINE)


def test_ci_runs_check_and_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make check test" in script.read_text()
