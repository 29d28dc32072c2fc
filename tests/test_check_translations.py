"""The check of the translations finds what it is for."""

import polib
import pytest

from tests.check_translations import faults, incomplete, marks, short


def entry(msgid, msgstr="", **more):
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **more)


def file(*entries, kind=polib.POFile):
    made = kind()
    made.metadata = {"Language": "es"}
    made.extend(entries)
    return made


GOOD = [
    entry("Home", "Inicio"),
    entry("%(n)d of {total}", "{total}: %(n)d"),
    entry("<b>bold</b>", "<b>negrita</b>"),
    entry(
        "%(n)d person", msgid_plural="%(n)d people", msgstr_plural={0: "%(n)d persona", 1: "%(n)d personas"}
    ),
    entry("one", msgid_plural="%(n)d people", msgstr_plural={0: "una", 1: "%(n)d personas"}),
    entry("one", msgid_plural="%(n)d people", msgstr_plural={0: "%(n)d persona", 1: "%(n)d personas"}),
    entry("100 %", "100 %"),
]
BAD = [
    (entry("Home"), "not translated"),
    (entry("Home", "Inicio", flags=["fuzzy"]), "fuzzy"),
    (entry("%(n)d people", "personas"), "placeholders"),
    (entry("%(n)d people", "%(m)d personas"), "placeholders"),
    (entry("%(n)d people", "%(n)d personas %(n)d"), "placeholders"),
    (entry("%s people", "%d personas"), "placeholders"),
    (entry("Your time: {time}", "Tu hora: {hora}"), "placeholders"),
    (entry("<b>bold</b>", "negrita"), "placeholders"),
    (entry("one\n", "uno"), "line break"),
    (entry("\none", "uno"), "line break"),
    (
        entry("%(n)d person", msgid_plural="%(n)d people", msgstr_plural={0: "%(n)d p", 1: "personas"}),
        "placeholders",
    ),
    (
        entry("%(n)d person", msgid_plural="%(n)d people", msgstr_plural={0: "%(m)d p", 1: "%(n)d p"}),
        "placeholders",
    ),
    (
        entry("%(n)d person", msgid_plural="%(n)d people", msgstr_plural={0: "%(n)d p", 1: ""}),
        "not translated",
    ),
]


@pytest.mark.parametrize("good", GOOD, ids=lambda e: e.msgid)
def test_a_sound_translation_passes(good):
    assert incomplete(good) == ""


@pytest.mark.parametrize(
    ("bad", "fault"), BAD, ids=[f"{n} {bad.msgid.strip()}" for n, (bad, _) in enumerate(BAD)]
)
def test_a_fault_is_named(bad, fault):
    assert fault in incomplete(bad)


def test_complete_files_have_no_faults():
    assert list(faults(file(*GOOD), file(*GOOD), file(*GOOD, kind=polib.MOFile))) == []


def test_a_new_text_is_named_with_its_place():
    new = entry("New", occurrences=[("hub/forms.py", "")])
    (fault,) = faults(file(*GOOD, new), file(*GOOD), file(*GOOD, kind=polib.MOFile))
    assert fault == "“New” (hub/forms.py) is not in django.po: run make messages and translate it."


def test_a_text_that_is_gone_is_named():
    (fault,) = faults(file(*GOOD[1:]), file(*GOOD), file(*GOOD, kind=polib.MOFile))
    assert fault == "“Home” is in django.po but nowhere in the source: run make messages."


@pytest.mark.parametrize(
    "compiled", [GOOD[1:], [entry("Home", "Casa"), *GOOD[1:]], [*GOOD, entry("More", "Más")]]
)
def test_a_stale_mo_is_named(compiled):
    (fault,) = faults(file(*GOOD), file(*GOOD), file(*compiled, kind=polib.MOFile))
    assert fault == "django.mo is not what django.po says: run make messages."


def test_a_mo_with_another_plural_rule_is_named():
    compiled = file(*GOOD, kind=polib.MOFile)
    compiled.metadata = {"Language": "es", "Plural-Forms": "nplurals=1; plural=0;"}
    assert len(list(faults(file(*GOOD), file(*GOOD), compiled))) == 1


def test_texts_are_quoted_short():
    assert short("a\n  b") == "“a b”"
    assert len(short("word " * 100)) == 80
    assert marks("%(n)s <a href='{url}'>x</a> 5%") == sorted(["%(n)s", "<a href='{url}'>", "{url}", "</a>"])
