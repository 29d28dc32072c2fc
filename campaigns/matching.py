"""Whether two names are two spellings of one organization. Reads and writes nothing.

Names are compared in Python, so that both databases agree; `keys` says which ones are worth comparing. A
name is taken apart into its numbers ("Local 12", "Loc. 12", "L. 12", "No. 12" and "12" are one) and its
words, in which abbreviations, well-known unions' other names, accents, punctuation and small slips make no
difference.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from campaigns.name_words import (
    FEDERATIONS,
    FILLERS,
    LOCAL,
    LOCAL_ALONE,
    LONG,
    NUMBERED,
    PARENTS,
    SEVERAL,
    UNIONS,
    WEAK,
)
from hub.places import fold

SLIP = 0.85  # of the letters of a word that are the same where one of two is mistyped
RUN_TOGETHER = 0.95  # of the letters of whole names, spaces left out
KEY_LETTERS = 3


@dataclass(frozen=True)
class Name:
    """What of a name tells it from others: `numbers` like "12", "1199nw" or "district 9", and `words`,
    unions by their short names."""

    numbers: frozenset[str]
    words: frozenset[str]

    @property
    def strong(self) -> frozenset[str]:
        """The words that are in few names; all, where there is no such."""
        return (self.words - WEAK) or self.words


# --- Taking apart ----------------------------------------------------------------------------------
@lru_cache(maxsize=4096)
def read(name: str) -> Name:
    """A name taken apart."""
    tokens = _with_short_names([token for token in _tokens(name) if token not in FILLERS])
    numbers, words = set(), set()
    for position, token in enumerate(tokens):
        if token[0].isdigit():
            kind = NUMBERED.get(_before(tokens, position), "")
            numbers.add(f"{kind} {token}".strip())
        elif not _is_mark(tokens, position):
            words |= set(SEVERAL.get(token, (LONG.get(token, token),)))
    if any(number.startswith("council ") for number in numbers):
        words.discard("district")  # "District Council 16"
    return Name(frozenset(numbers), frozenset(words - FEDERATIONS or words))


def _tokens(name: str) -> list[str]:
    """Folded words and numbers: "32-B" and "32 b" are one number, "DL54" a word and a number, and leading
    zeros are none. "N/A" and the like are left out."""
    text = re.sub(r"\bn/a\b|\(\s*\)", " ", name, flags=re.IGNORECASE)
    text = re.sub(r"([a-z]{2,})(\d)", r"\1 \2", fold(text.replace("#", " ")))
    text = re.sub(r"\b0+(?=\d)", "", text)
    text = re.sub(r"(\d[a-z]*) ([a-z])(?= |$)", r"\1\2", text)  # a letter behind a number belongs to it
    return text.split()


def _before(tokens: list[str], position: int) -> str:
    """The word in front of a number; "District Lodge 37" is numbered as a district."""
    ahead = [word for word in tokens[max(0, position - 2) : position] if word != "lodge"]
    return ahead[-1] if ahead else ""


def _is_mark(tokens: list[str], position: int) -> bool:
    """Whether a word only says what kind of number follows, or that a local is meant."""
    token = tokens[position]
    after = [other for other in tokens[position + 1 : position + 3] if other != "lodge"]
    followed = bool(after) and after[0][0].isdigit()
    if followed:
        return token in LOCAL or token in NUMBERED
    return token in LOCAL_ALONE


def _with_short_names(tokens: list[str]) -> list[str]:
    """Every well-known union by its short name, the longest of its names first."""
    found, position = [], 0
    while position < len(tokens):
        for length in range(min(LONGEST, len(tokens) - position), 0, -1):
            phrase = tuple(LONG.get(token, token) for token in tokens[position : position + length])
            if short := _short_names().get(phrase):
                found.append(short)
                position += length
                break
        else:
            found.append(tokens[position])
            position += 1
    return found


@cache
def _short_names() -> dict[tuple[str, ...], str]:
    return {
        tuple(LONG.get(word, word) for word in name.split()): short
        for short, names in UNIONS.items()
        for name in (short, *names)
    }


LONGEST = max(len(name.split()) for names in UNIONS.values() for name in names)


# --- Comparing -------------------------------------------------------------------------------------
def same_organization(first: str, second: str) -> bool:
    """Whether two names are most likely spellings of one organization. What stands in brackets may be left
    out, or be the whole name."""
    return any(_same(read(one), read(other)) for one in spellings(first) for other in spellings(second))


def spellings(name: str) -> list[str]:
    """A name, without what it has in brackets, and that alone: "TIR (Revolutionary Tendency)"."""
    inside = re.search(r"\(([^()]*[^\W\d][^()]*)\)", name)
    if inside is None:
        return [name]
    without = f"{name[: inside.start()]} {name[inside.end() :]}"
    alone = inside.group(1)
    return [one for one in (name, without, alone) if read(one).words]


def _same(one: Name, other: Name) -> bool:
    if one.numbers != other.numbers or bool(one.words) != bool(other.words):
        return False
    fewer, more = sorted((one, other), key=lambda name: len(name.words))
    left = _unmatched(more.strong, fewer.words)
    if _unmatched(fewer.strong, more.words):
        return not one.numbers and _alike(
            "".join(sorted(one.words)), "".join(sorted(other.words)), RUN_TOGETHER
        )
    # With a number, who says more ("IUOE Stationary Engineers 39") means the same local.
    return bool(one.numbers) or (bool(one.words) and left <= PARENTS)


def _unmatched(words: Set[str], others: Set[str]) -> set[str]:
    """Those words that none of the others stands for."""
    return {word for word in words if not any(_word_alike(word, other) for other in others)}


def _word_alike(one: str, other: str) -> bool:
    return one == other or _abbreviates(one, other) or _abbreviates(other, one) or _mistyped(one, other)


def _abbreviates(short: str, long: str) -> bool:
    """Whether a word is short for another: "vic" for "vicinity", "mn" for "minnesota". Short names of unions
    stand for nothing else."""
    if len(short) < 2 or len(long) < len(short) + 2 or {short, long} & UNIONS.keys():
        return False
    letters = iter(long)
    return short[0] == long[0] and len(long) > 3 and all(letter in letters for letter in short)


def _mistyped(one: str, other: str) -> bool:
    if len(one) == len(other) == 4 and one[0] == other[0] and sorted(one) == sorted(other):
        return True  # two letters changed places
    return min(len(one), len(other)) > 4 and _alike(one, other, SLIP)


def _alike(one: str, other: str, least: float) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= least


# --- Blocks ----------------------------------------------------------------------------------------
def keys(name: str) -> set[str]:
    """What two spellings of one organization have at least one of in common: their numbers or, without
    any, how their words begin. Stored and indexed, so that only names worth it are compared."""
    found = set()
    for spelling in spellings(name):
        parts = read(spelling)
        if parts.numbers:
            found.add("#" + ",".join(sorted(parts.numbers))[:60])
        else:
            found |= {word[:KEY_LETTERS] for word in parts.strong}
    return found
