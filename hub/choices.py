"""What a mailbox gets, and what of it its owner can choose: one page of all of it, whichever app sends it.

Each app registers its kinds in its `choices.py`; the page (`hub/views/choices.py`) knows none of them.
Changing them goes through `hub.actions.choose_mail`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.models import Block, Mailbox, Suppression, User, address_digest


@dataclass(frozen=True)
class Reader:
    """Whose mail it is: an address, with its mailbox and its account where it has them. `named` is whether
    everything may be called by its name: on one's own page, but not behind a link, which may be open on
    somebody else's screen."""

    address: str
    mailbox: Mailbox | None
    account: User | None
    named: bool

    @property
    def blocked(self) -> bool:
        """Whether they said "never write again"."""
        return Block.objects.filter(address_digest=address_digest(self.address)).exists()

    @property
    def suppression(self) -> Suppression | None:
        """That a relay has refused the address for good, lately."""
        return Suppression.objects.filter(address_digest=address_digest(self.address)).first()


def reader_of_link(mailbox: Mailbox) -> Reader:
    """Whoever came by the link of a mailbox."""
    account = User.objects.filter(email=mailbox.address, is_active=True).first()
    return Reader(mailbox.address, mailbox, account, named=False)


@dataclass(frozen=True)
class Choice:
    """One thing that is mailed or not: the row that says so, and how the page calls it. `path` leads to its
    own page, if it has one."""

    id: UUID
    title: str
    language: str
    on: bool
    details: str = ""
    path: str = ""


@dataclass(frozen=True)
class ChoiceKind:
    """A kind of mail that its reader can choose. `heading` and `says` are what the page says above the
    choices; `choices(reader, now)` lists those of a reader; `choose(ids, on, at)` changes some of them, with
    its audit entries, inside the caller's transaction."""

    name: str
    heading: Any
    says: Any
    choices: Callable[[Reader, datetime], list[Choice]]
    choose: Callable[[list[UUID], bool, datetime], None]
    place: int  # on the page, lowest first


kinds: dict[str, ChoiceKind] = {}


def register(kind: ChoiceKind) -> None:
    """Let readers choose a kind of mail; called from an app's `choices.py`."""
    kinds[kind.name] = kind


def in_order() -> list[ChoiceKind]:
    """Every kind as the page shows them."""
    return sorted(kinds.values(), key=lambda kind: kind.place)
