"""What mail somebody can stop by the link in it. Each app registers its own in its `unsubscribing.py`: the
link's token is one the app knows already, so that nothing more is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Stoppable:
    """One kind of mail that can be stopped. `find(tokens)` gives what they lead to, an empty list for tokens
    of another kind. `stop` and `resume` take that, and the moment; `context` gives what the page says of it:
    `things`, a list of titles with language and address, and `stopped`. `address` is whose mail it is:
    the page offers to mail the link to all of that there; empty, and it doesn't."""

    template: str
    find: Callable[[list[str]], list[Any]]
    stop: Callable[[list[Any], datetime], None]
    resume: Callable[[list[Any], datetime], None]
    context: Callable[[list[Any]], dict[str, Any]]
    address: Callable[[list[Any]], str] = lambda things: ""


stoppable: list[Stoppable] = []


def register(kind: Stoppable) -> None:
    """Let mail be stopped by its link; called from an app's `unsubscribing.py`."""
    stoppable.append(kind)


def find(token: str) -> tuple[Stoppable, list[Any]] | None:
    """What a link of a mail stops: one token, or several with dots between them."""
    tokens = token.split(".")
    for kind in stoppable:
        if found := kind.find(tokens):
            return kind, found
    return None
