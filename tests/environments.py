"""Environments for processes of their own that need no test database: the demo's, and production's
with made-up but sound values. Both want a folder of the test's own."""

import base64
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


def a_key(byte: int = 1) -> str:
    """32 bytes in base64."""
    return base64.b64encode(bytes([byte]) * 32).decode()


def demo_env(var: Path, **changes: str | None) -> dict[str, str]:
    """As on a fresh machine where nothing is set; None leaves a variable out."""
    return _env(var, {"HUB_ENV": "demo"}, changes)


def production_env(var: Path, **changes: str | None) -> dict[str, str]:
    """Everything production asks for; None leaves a variable out."""
    values = {
        "HUB_ENV": "production",
        "SECRET_KEY": a_key(1) + a_key(2),
        "DATA_KEYS": a_key(3),
        "INDEX_KEY": a_key(4),
        "LINK_KEY": a_key(5),
        "SITE_URL": "https://hub.example.org",
        "ALLOWED_HOSTS": "hub.example.org",
        "DATABASE_URL": "postgres://hub@127.0.0.1:9/hub",
        "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    }
    return _env(var, values, changes)


def _env(var: Path, values: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"HUB_VAR": str(var), "DJANGO_SETTINGS_MODULE": "hub.settings"}
    merged = {**inherited, **own, **values, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def python(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    """Run Python with these arguments from the project's folder, warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
