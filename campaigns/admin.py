"""The operator's door to campaigns. That to their documents is `appeal_admin`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from campaigns import (
    appeal_admin,  # noqa: F401  each in a file of its own
    demand_admin,  # noqa: F401
    organization_admin,  # noqa: F401
)
from campaigns.actions import campaigns as actions
from campaigns.models import Campaign
from hub.admin import AuditedAdmin


class CampaignForm(forms.ModelForm):
    """What an operator says of a campaign."""

    def _get_validation_exclusions(self) -> set[str]:
        """That another one is the home page's now is no mistake: saving takes it over."""
        return {*super()._get_validation_exclusions(), "is_home"}  # type: ignore[misc]


@admin.register(Campaign)
class CampaignAdmin(AuditedAdmin):
    """Campaigns; each event belongs to one."""

    names = (pgettext_lazy("table", "campaign"), pgettext_lazy("table", "campaigns"))
    form = CampaignForm
    list_display = ("title", "slug", "is_home")
    list_filter = ("is_home",)
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        actions.save_campaign(obj, by=request.user, at=timezone.now())  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """A campaign stays: its events and their history hang on it."""
        return False
