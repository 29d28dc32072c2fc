"""Committees and who belongs to them, as the pages of events see them."""

import itertools
from typing import Any

from django.utils import timezone

from campaigns.models import Campaign
from committees.models import Committee, Membership
from hub.models import User
from tests.cast import logged_in
from tests.factories import make_campaign, make_user

_numbers = itertools.count(1)


def make_committee(name: str = "Committee of Oakland", **fields: Any) -> Committee:
    """A published committee; columns that a test doesn't name have sound values."""
    number = next(_numbers)
    return Committee.objects.create(
        **{
            "campaign": Campaign.objects.first() or make_campaign(is_home=True),
            "name": name,
            "slug": f"oakland-{number}",
            "kind": "neighborhood",
            "stage": "active",
            "status": "published",
            "city": "Oakland",
            "region": "CA",
            "country": "US",
            **fields,
        }
    )


def belong(committee: Committee, user: User | None = None, *, role: str = "member") -> User:
    """An account that belongs to the committee."""
    user = user or make_user()
    now = timezone.now()
    Membership.objects.create(
        committee=committee, user=user, role=role, state="active", asked_at=now, since=now
    )
    return user


def browser_of(committee: Committee, *, role: str = "member") -> Any:
    """A client in which somebody who belongs to the committee is logged in."""
    return logged_in(belong(committee, role=role))
