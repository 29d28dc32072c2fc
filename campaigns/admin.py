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
from campaigns.staff_admin import CampaignStaffAdmin
from hub.permissions import is_administrator, is_moderator


@admin.register(Campaign)
class CampaignAdmin(CampaignStaffAdmin):
    """Campaigns; each event belongs to one. Administrators add them and say which is the home page's; what
    one says of itself, and its colour, its coordinators and moderators change."""

    names = (pgettext_lazy("table", "campaign"), pgettext_lazy("table", "campaigns"))
    form = CampaignForm
    list_display = ("title", "slug", "is_home")
    list_filter = ("is_home",)
    search_fields = ("title", "slug")
    campaign_path = "pk"

    def campaign_of(self, obj: Campaign) -> Campaign:
        return obj

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators alone begin one."""
        return is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return is_moderator(request.user) or super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        """A stored campaign's address is on flyers and in mails."""
        if obj is None:
            return ()
        return ("slug",) if is_administrator(request.user) else ("title", "slug", "is_home")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Campaign | None = None) -> dict[str, Any]:
        return {"slug": ("title",)} if obj is None else {}

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
