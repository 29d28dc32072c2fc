"""Which campaigns?"""

from typing import Any

from django.db import models


class CampaignQuerySet(models.QuerySet[Any]):
    """Campaigns have nothing to hide."""

    def visible_to(self, user: object) -> "CampaignQuerySet":
        """Every campaign is public."""
        return self.all()

    def home(self) -> "CampaignQuerySet":
        """The home page's campaign."""
        return self.filter(is_home=True)
