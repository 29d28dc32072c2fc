"""What changed between two texts, so that people can read it: words taken out and put in."""

import difflib
import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_PIECES = re.compile(r"\n+|[^\S\n]+|[^\s]+")
_LONGEST = 20_000  # pieces of two texts together; the matcher's time grows with their product


def difference(before: str, after: str) -> SafeString:
    """`after` as HTML, with what was taken out of `before` as <del> and what was put in as <ins>. Lines
    stay lines; the texts' Markdown is shown as it was written."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > _LONGEST:  # by lines then: coarser, and quick
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    return format_html_join(
        "",
        "{}",
        (
            (_shown(kind, "".join(old[i1:i2]), "".join(new[j1:j2])),)
            for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        ),
    )


def _shown(kind: str, taken: str, put: str) -> SafeString:
    if kind == "equal":
        return _lines(put)
    html = SafeString("")
    if taken:
        html += format_html("<del>{}</del>", _lines(taken))
    if put:
        html += format_html("<ins>{}</ins>", _lines(put))
    return html


def _lines(text: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in text.split("\n")))
