"""What an operator does with a campaign."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from campaigns.models import Campaign, CampaignText
from hub import audit
from hub.models import User


class CampaignWords(NamedTuple):
    """What a campaign says of itself in one language."""

    summary: str
    about: str = ""
    legal_support: str = ""


def save_campaign(
    campaign: Campaign, texts: Mapping[str, CampaignWords], *, by: User | None, at: datetime
) -> Campaign:
    """Store a campaign with its words by language; if it is the home page's now, no other one is."""
    with transaction.atomic():
        if campaign.is_home:
            Campaign.objects.filter(is_home=True).exclude(pk=campaign.pk).update(is_home=False)
        campaign.save()
        campaign.texts.exclude(language__in=texts).delete()
        for language, words in texts.items():
            CampaignText.objects.update_or_create(
                campaign=campaign, language=language, defaults=words._asdict()
            )
        audit.record("save_campaign", campaign, at=at, by=by)
        return campaign
