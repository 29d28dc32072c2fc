"""Who runs a campaign: given and taken by administrators, and by whoever sits at the server."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Campaign, Coordinator
from hub import audit
from hub.models import User


def appoint_campaign_coordinator(
    campaign: Campaign, user: User, *, reason: str, by: User | None, at: datetime
) -> None:
    """Let an account run a campaign; it holds from its next request. `by` is None for whoever sits at the
    server."""
    with transaction.atomic():
        _row, new = Coordinator.objects.get_or_create(campaign=campaign, user=user, defaults={"since": at})
        if new:
            audit.record("appoint_campaign_coordinator", campaign, at=at, by=by, subject=user, reason=reason)


def dismiss_campaign_coordinator(
    campaign: Campaign, user: User, *, reason: str, by: User | None, at: datetime
) -> None:
    """It runs this campaign no more, from its next request on."""
    with transaction.atomic():
        gone, _of_each = Coordinator.objects.filter(campaign=campaign, user=user).delete()
        if gone:
            audit.record("dismiss_campaign_coordinator", campaign, at=at, by=by, subject=user, reason=reason)


def dismiss_everywhere(user: User, *, reason: str, by: User | None, at: datetime) -> None:
    """It runs no campaign any more."""
    with transaction.atomic():
        for campaign in Campaign.objects.filter(coordinators__user=user).order_by("pk"):
            dismiss_campaign_coordinator(campaign, user, reason=reason, by=by, at=at)
