"""Words that stand in several languages, a row each."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Case, When

Text = TypeVar("Text", bound=Any)


def in_language(texts: Iterable[Text], language: str) -> Text | None:
    """Of the words of one thing those in a language; in English, or any, where there are none."""
    by_language = {text.language: text for text in texts}
    return by_language.get(language) or by_language.get("en") or next(iter(by_language.values()), None)


def in_this_language_first(language: str) -> Case:
    """The order in which a query prefers the texts of one thing. Twin of `in_language`."""
    return Case(When(language=language, then=0), When(language="en", then=1), default=2)


def foreign(text: Any, language: str) -> str:
    """The language to mark a text with: empty where it is the page's."""
    return text.language if text is not None and text.language != language else ""


def one_line_break(text: str) -> str:
    """A text whose lines end alike: browsers send them otherwise than they are stored, and a text that nobody
    touched must not look changed."""
    return text.replace("\r\n", "\n")
