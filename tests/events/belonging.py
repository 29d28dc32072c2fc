"""Committees and who belongs to them, as the pages of events see them."""

from typing import Any

from committees.models import Committee
from hub.models import User
from tests import factories
from tests.cast import logged_in


def make_committee(
    name: str = "Committee of Oakland", *, status: str = "published", **fields: Any
) -> Committee:
    """A committee as the factory makes it; nothing that people do makes one archived yet."""
    committee = factories.make_committee(name=name, **fields)
    Committee.objects.filter(pk=committee.pk).update(status=status)
    return Committee.objects.get(pk=committee.pk)


def belong(committee: Committee, user: User | None = None, *, role: str = "member") -> User:
    """An account that belongs to the committee."""
    return factories.make_member(committee, user, role=role).user


def browser_of(committee: Committee, *, role: str = "member") -> Any:
    """A client in which somebody who belongs to the committee is logged in."""
    return logged_in(belong(committee, role=role))
