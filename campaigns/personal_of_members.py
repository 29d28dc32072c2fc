"""What campaigns keep about accounts: which campaigns one runs, which demands one supports, what
one wrote for the feed. It hangs on the
account, so it goes with it, and needs nothing when the address changes."""

from datetime import datetime
from typing import Any

from campaigns.actions import demands
from campaigns.models import Coordinator, Demand, Post
from hub.models import User
from hub.personal import register_erasure, register_export


@register_export
def export_campaigns(user: User) -> dict[str, Any]:
    """The campaigns an account runs, the demands it supports and its posts."""
    supported = Demand.objects.filter(supporter_rows__user=user).order_by("slug")
    return {
        "campaigns_you_run": [
            {"campaign": row.campaign.title, "since": row.since.isoformat()}
            for row in Coordinator.objects.filter(user=user).select_related("campaign").order_by("since")
        ],
        "demands_you_support": list(supported.values_list("slug", flat=True)),
        # These stay when the account goes: they are the campaign's.
        "posts_you_wrote": list(
            Post.objects.filter(author=user).order_by("slug").values_list("slug", flat=True)
        ),
    }


@register_erasure
def erase_campaigns(user: User, at: datetime) -> None:
    """Support is taken back, so that the counts agree; whoever runs a campaign runs it no more."""
    demands.withdraw_everywhere(user, at=at)
    Coordinator.objects.filter(user=user).delete()
