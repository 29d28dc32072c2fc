"""What changed between two Markdown texts, word by word, for people to read.

Lines are compared first, then the words of those that differ: that keeps a long document quick, and what
was only moved to another line readable.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from hub.markdown import to_plain

# Above this many lines or words on both sides together a passage is shown whole, as taken out and added:
# comparing each of them with each would hold up the page, and what is so different reads no better.
COMPARED_MOST = 4_000
# So is what is left once this many pairs of equal lines and words were there to be tried: 2,000 words of a
# language are 30,000 pairs with another 2,000, but two words over and over are millions, and take minutes.
PAIRS_MOST = 150_000

Kind = Literal["same", "removed", "added"]
MARKS: dict[str, str] = {"removed": "del", "added": "ins"}
_WORDS = re.compile(r"\n|[^\S\n]+|\w+(?:['’-]\w+)*|[^\w\s]")


class Run(NamedTuple):
    """A stretch of text that stayed, was taken out, or is new."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Run]:
    """From one text to the other: all that is not "added" is the first one, all that is not "removed" the
    second. Neighbours are of different kinds."""
    old, new = (text.replace("\r\n", "\n").splitlines(keepends=True) for text in (before, after))
    pairs, runs = 0, []
    pairs, steps = _steps(old, new, pairs)
    for equal, left, right in steps:
        if equal:
            runs.append(Run("same", left))
            continue
        pairs, words = _steps(_WORDS.findall(left), _WORDS.findall(right), pairs)
        for same, removed, added in words:
            runs += [Run("same", removed)] if same else [Run("removed", removed), Run("added", added)]
    return _joined(runs)


def _steps(old: list[str], new: list[str], pairs: int) -> tuple[int, list[tuple[bool, str, str]]]:
    """The way from one list of words or lines to another: passages as (whether it stayed, before, after).
    `pairs` is how many were tried before; what it gives holds these too."""
    there = Counter(new)
    pairs += sum(there[part] for part in old if not _is_blank(part))
    if len(old) + len(new) > COMPARED_MOST or pairs > PAIRS_MOST:
        return pairs, [(old == new, "".join(old), "".join(new))]
    # A blank alone is no reason to see two passages as alike.
    matcher = SequenceMatcher(_is_blank, old, new, autojunk=False)
    return pairs, [
        (tag == "equal", "".join(old[i:j]), "".join(new[k:n])) for tag, i, j, k, n in matcher.get_opcodes()
    ]


def _is_blank(part: str) -> bool:
    return not part.strip(" \t")


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Without empty ones; what was taken out or put in with nothing but blanks between them as one."""
    found = [run for run in runs if run.text]
    whole: list[Run] = []
    for changed, stretch in groupby(_blanks_between(found), key=lambda run: run.kind != "same"):
        if not changed:
            whole.append(Run("same", "".join(run.text for run in stretch)))
            continue
        parts = list(stretch)
        for kind in MARKS:
            text = "".join(run.text for run in parts if run.kind == kind)
            if text:
                whole.append(Run(kind, text))  # type: ignore[arg-type]  # the keys of MARKS
    return whole


def _blanks_between(runs: Sequence[Run]) -> Iterator[Run]:
    """Blanks that stayed between two changes belong to both of them: "one two" became "three four"."""
    for place, run in enumerate(runs):
        inside = 0 < place < len(runs) - 1 and "same" not in (runs[place - 1].kind, runs[place + 1].kind)
        if run.kind == "same" and inside and not run.text.strip(" \t"):
            yield Run("removed", run.text)
            yield Run("added", run.text)
        else:
            yield run


def difference_html(before: str, after: str) -> SafeString:
    """The difference as HTML that is safe whatever the texts hold: paragraphs, in which <del> is what was
    taken out and <ins> what is new. Markdown stands as it was written."""
    paragraphs: list[list[Run]] = [[]]
    for run in difference(before, after):
        first, *others = re.split(r"\n\s*\n", run.text)
        paragraphs[-1].append(Run(run.kind, first))
        paragraphs += [[Run(run.kind, text)] for text in others]
    return format_html_join("\n", "<p>{}</p>", ((html,) for html in map(_paragraph, paragraphs) if html))


def markdown_difference_html(before: str, after: str) -> SafeString:
    """The difference of two Markdown texts as their readers see them; with Markdown's signs only where
    nothing else differs."""
    plain = to_plain(before), to_plain(after)
    return difference_html(*(plain if plain[0] != plain[1] else (before, after)))


def _paragraph(runs: list[Run]) -> SafeString:
    html = "".join(_marked(run) for run in runs if run.text)
    return mark_safe(html.strip().removesuffix("<br>"))  # noqa: S308 - made of escaped parts


def _marked(run: Run) -> str:
    text = escape(run.text).replace("\n", "<br>")
    mark = MARKS.get(run.kind)
    return f"<{mark}>{text}</{mark}>" if mark and run.text.strip() else text
