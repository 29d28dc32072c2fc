"""Roles that floors above give over one thing of theirs, such as one campaign.

Each registers in its `roles.py` what it offers; the page of roles and the admin ask here, so that the
ground floor needs to know no campaign.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hub.models import User


class Change(Protocol):
    """Gives or takes one: of this thing's key, for this account."""

    def __call__(self, key: str, user: User, *, reason: str, by: User | None, at: datetime) -> None: ...


class End(Protocol):
    """Takes all an account has."""

    def __call__(self, user: User, *, reason: str, by: User | None, at: datetime) -> None: ...


@dataclass(frozen=True)
class Role:
    """A kind of role. `offered` gives what it can be given over, as (key, sentence that gives it, sentence
    that takes it); whoever `works_in_admin` finds the admin, where each page asks what they may do."""

    name: str
    offered: Callable[[], list[tuple[str, Any, Any]]]
    give: Change
    take: Change
    take_all: End
    works_in_admin: Callable[[Any], bool]


_roles: dict[str, Role] = {}


def register_role(role: Role) -> None:
    """Register a kind of role; called while the app is discovered."""
    _roles[role.name] = role


def has_role(user: Any) -> bool:
    """Whether somebody has any of these roles."""
    return any(role.works_in_admin(user) for role in _roles.values())


def choices() -> list[tuple[str, Any]]:
    """Everything that can be given and taken, as a form's choices."""
    return [
        (f"{what}:{role.name}:{key}", sentence)
        for role in _roles.values()
        for key, *sentences in role.offered()
        for what, sentence in zip(("give", "take"), sentences, strict=True)
    ]


def change(user: User, choice: str, *, reason: str, by: User | None, at: datetime) -> None:
    """Do what one of `choices` says."""
    what, name, key = choice.split(":", 2)
    role = _roles[name]
    act = role.give if what == "give" else role.take
    act(key, user, reason=reason, by=by, at=at)


def take_all(user: User, *, reason: str, by: User | None, at: datetime) -> None:
    """From now on the account has none of these roles."""
    for role in _roles.values():
        role.take_all(user, reason=reason, by=by, at=at)
