"""Are the translations complete? Run by `make check`; one sentence a fault, exit 1 if there is one.

The texts are collected from a copy of the source, as `make messages` collects them: nothing in the
working tree changes.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("es",)
SOURCES = ("manage.py", "hub", "campaigns", "committees", "events", "templates", "static")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")


def catalogue(root: Path, language: str) -> Path:
    return root / "hub" / "locale" / language / "LC_MESSAGES" / "django.po"


def collect(root: Path) -> str:
    """Copy the source to `root` and bring its .po files up to date. What went wrong, or ""."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, root / name)
    options = [f"--locale={language}" for language in LANGUAGES]
    options += ["--extension=html,txt,py,subject", "--no-obsolete", "--add-location=file"]
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", *options],
        cwd=root,
        env={"HUB_ENV": "demo", "HUB_VAR": str(root / "var"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def short(text: str) -> str:
    """A text as a fault quotes it."""
    flat = " ".join(text.split())
    return f"“{flat[:77]}…”" if len(flat) > 78 else f"“{flat}”"


def where(entry: polib.POEntry) -> str:
    return f" ({entry.occurrences[0][0]})" if entry.occurrences else ""


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def marks(text: str) -> list[str]:
    """What a translation must carry over unchanged: placeholders and tags."""
    return sorted([*PLACEHOLDER.findall(text), *TAG.findall(text)])


def incomplete(entry: polib.POEntry) -> str:
    """What is wrong with one translation, or ""."""
    if entry.fuzzy:
        return "is only guessed (fuzzy)"
    if not entry.translated():
        return "is not translated"
    if not entry.msgid_plural:
        forms = [(entry.msgid, entry.msgstr)]
    else:
        ends = list(entry.msgstr_plural.values())
        forms = [(entry.msgid_plural, text) for text in ends[1:]]
        # The form for one thing may leave out its number, or have it where English leaves it out.
        if not set(marks(ends[0])) <= {*marks(entry.msgid), *marks(entry.msgid_plural)}:
            return "has other placeholders in its translation"
    for original, text in forms:
        if marks(original) != marks(text):
            return "has other placeholders in its translation"
        for edge in ("startswith", "endswith"):
            if getattr(original, edge)("\n") != getattr(text, edge)("\n"):
                return "begins or ends with a line break in one language only"
    return ""


def faults(fresh: polib.POFile, committed: polib.POFile, compiled: polib.MOFile) -> Iterator[str]:
    """Every fault as a sentence. `fresh` is `committed` with the texts of today's source."""
    known = {key(entry) for entry in committed if not entry.obsolete}
    wanted = [entry for entry in fresh if not entry.obsolete]
    for entry in wanted:
        fault = incomplete(entry)
        if key(entry) not in known:
            fault = "is not in django.po: run make messages and translate it"
        if fault:
            yield f"{short(entry.msgid)}{where(entry)} {fault}."
    for entry in committed:
        if not entry.obsolete and key(entry) not in {key(other) for other in wanted}:
            yield f"{short(entry.msgid)} is in django.po but nowhere in the source: run make messages."
    if contents(compiled) != contents(committed):
        yield "django.mo is not what django.po says: run make messages."


def contents(file: polib.POFile | polib.MOFile) -> dict[tuple[str, str, str], object]:
    """What a program reads from a catalogue."""
    entries = file if isinstance(file, polib.MOFile) else file.translated_entries()
    read: dict[tuple[str, str, str], object] = {
        key(entry): {str(n): text for n, text in entry.msgstr_plural.items()} or entry.msgstr
        for entry in entries
    }
    read["", "", ""] = {name: text for name, text in file.metadata.items() if name != "PO-Revision-Date"}
    return read


def check() -> list[str]:
    """Every fault in every language."""
    if not shutil.which("xgettext"):
        return ["The translations can't be checked without gettext: install it (on Debian: gettext)."]
    found = []
    with tempfile.TemporaryDirectory(prefix="hub-messages-") as folder:
        wrong = collect(Path(folder))
        if wrong:
            return [f"The texts can't be collected: {wrong}"]
        for language in LANGUAGES:
            path = catalogue(ROOT, language)
            if not path.exists() or not path.with_suffix(".mo").exists():
                found.append(f"{language}: django.po or django.mo is missing: run make messages.")
                continue
            fresh = polib.pofile(str(catalogue(Path(folder), language)))
            committed, compiled = polib.pofile(str(path)), polib.mofile(str(path.with_suffix(".mo")))
            found += [f"{language}: {fault}" for fault in faults(fresh, committed, compiled)]
    return found


if __name__ == "__main__":
    complaints = check()
    for complaint in complaints:
        print(complaint)
    if not complaints:
        print("The translations are complete.")
    sys.exit(1 if complaints else 0)
