"""What an operator does with a campaign."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Campaign
from hub import audit
from hub.models import User


def save_campaign(campaign: Campaign, *, by: User | None, at: datetime) -> Campaign:
    """Store a campaign; if it is the home page's now, no other one is."""
    with transaction.atomic():
        if campaign.is_home:
            Campaign.objects.filter(is_home=True).exclude(pk=campaign.pk).update(is_home=False)
        campaign.save()
        audit.record("save_campaign", campaign, at=at, by=by)
        return campaign
