"""The operator's door to campaigns. That to their documents is `appeal_admin`."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from campaigns import (
    appeal_admin,  # noqa: F401  each in a file of its own
    demand_admin,  # noqa: F401
    organization_admin,  # noqa: F401
)
from campaigns.actions import campaigns as actions
from campaigns.actions.campaigns import CampaignWords
from campaigns.campaign_forms import CampaignForm
from campaigns.models import Campaign
from hub.admin import AuditedAdmin


@admin.register(Campaign)
class CampaignAdmin(AuditedAdmin):
    """Campaigns; each event belongs to one."""

    names = (pgettext_lazy("table", "campaign"), pgettext_lazy("table", "campaigns"))
    form = CampaignForm
    list_display = ("title", "slug", "is_home")
    list_filter = ("is_home",)
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}

    def get_form(
        self, request: HttpRequest, obj: Campaign | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form as it is: Django would rebuild it from the model's columns, without the words."""
        return CampaignForm

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        """The campaign, then its words, a part for each language."""
        texts = [
            (name, {"fields": [f"{part}_{code}" for part in CampaignWords._fields]})
            for code, name in settings.LANGUAGES
        ]
        return [(None, {"fields": CampaignForm.FIELDS}), *texts]

    def view_on_site(self, campaign: Campaign) -> str:
        """Its page."""
        return reverse("campaign", args=[campaign.slug])

    def save_model(self, request: HttpRequest, obj: Campaign, form: CampaignForm, change: bool) -> None:
        actions.save_campaign(obj, form.texts(), by=request.user, at=timezone.now())  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """A campaign stays: its events and their history hang on it."""
        return False
