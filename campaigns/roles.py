"""Running a campaign, as the page of roles gives it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from campaigns.actions.coordinators import (
    appoint_campaign_coordinator,
    dismiss_campaign_coordinator,
    dismiss_everywhere,
)
from campaigns.models import Campaign
from campaigns.permissions import runs_any_campaign
from hub.models import User
from hub.roles import Role, register_role


def offered() -> list[tuple[str, Any, Any]]:
    """Each campaign, the home page's first."""
    return [
        (
            str(campaign.pk),
            _("Campaign coordinator: what stands in the admin of “%s”, and of it alone") % campaign.title,
            _("No campaign coordinator of “%s” any more") % campaign.title,
        )
        for campaign in Campaign.objects.order_by("-is_home", "title", "pk")
    ]


def give(key: str, user: User, *, reason: str, by: User | None, at: datetime) -> None:
    """Appoint an account to the campaign of this key."""
    appoint_campaign_coordinator(Campaign.objects.get(pk=UUID(key)), user, reason=reason, by=by, at=at)


def take(key: str, user: User, *, reason: str, by: User | None, at: datetime) -> None:
    """Dismiss it from the campaign of this key."""
    dismiss_campaign_coordinator(Campaign.objects.get(pk=UUID(key)), user, reason=reason, by=by, at=at)


register_role(Role("campaign", offered, give, take, dismiss_everywhere, runs_any_campaign))
