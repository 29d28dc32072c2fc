"""The operator's door to days of action: every change goes through the actions."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.staff_admin import CampaignStaffAdmin
from events.actions import days as actions
from events.forms.days import DayForm
from events.models import DayOfAction
from hub.models import User
from hub.permissions import is_moderator

ACTS = {
    "publish": (actions.publish_day, _("“{title}” is published.")),
    "unpublish": (actions.unpublish_day, _("“{title}” is a draft again.")),
}


@admin.register(DayOfAction)
class DayOfActionAdmin(CampaignStaffAdmin):
    """Create, edit and publish days of action: those who run the campaign, and moderators. Which events
    belong to one, each event says."""

    form = DayForm
    change_form_template = "admin/events/dayofaction/change_form.html"
    list_display = ("title", "first_date", "last_date", "mode", "status", "local_events")
    list_filter = ("status", "mode", "campaign")
    search_fields = ("slug", "texts__title")
    ordering = ("-first_date",)
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: DayOfAction | None = None) -> Any:
        """The day, then its words, a part for each language."""
        fields = DayForm.FIELDS
        texts = [(name, {"fields": (f"title_{code}", f"call_{code}")}) for code, name in settings.LANGUAGES]
        return [(None, {"fields": fields}), *texts]

    def view_on_site(self, day: DayOfAction) -> str:
        """The day's page; of a draft what only moderators and administrators see."""
        return reverse("days:detail", args=[day.slug])

    def get_queryset(self, request: HttpRequest) -> QuerySet[DayOfAction]:
        days = super().get_queryset(request).prefetch_related("texts")
        return self.titled(days).annotate(events_there=Count("events"))

    def titled(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.with_title(get_language() or "en")  # type: ignore[attr-defined]

    @admin.display(description=_("Title"), ordering="title_shown")
    def title(self, day: DayOfAction) -> str:
        return str(day)

    @admin.display(description=_("Local events"), ordering="events_there")
    def local_events(self, day: Any) -> int:
        return day.events_there

    def campaigns_for(self, request: HttpRequest) -> QuerySet[Campaign]:
        """Moderators make days of action for every campaign."""
        return Campaign.objects.all() if is_moderator(request.user) else super().campaigns_for(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_moderator(request.user) or super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: DayOfAction | None = None) -> bool:
        return is_moderator(request.user) or super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: DayOfAction, form: DayForm, change: bool) -> None:
        by, now = request.user, timezone.now()
        assert isinstance(by, User)
        saved = (
            actions.edit_day(obj, form.details(), by=by, at=now)
            if change
            else actions.create_day(form.details(), by=by, at=now)
        )
        obj.__dict__.pop("_prefetched_objects_cache", None)  # the words as they were
        obj.__dict__.update(saved.__dict__)
        obj.title_shown = str(saved.text_in(get_language() or "en"))  # type: ignore[attr-defined]  # as it is by now

    def response_add(
        self, request: HttpRequest, obj: DayOfAction, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: DayOfAction) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_change(request, obj)

    def _act_from_button(self, request: HttpRequest, obj: DayOfAction) -> None:
        by = request.user
        assert isinstance(by, User)
        for name, (action, done) in ACTS.items():
            if f"_{name}" in request.POST:
                action(obj, by=by, at=timezone.now())
                self.say(request, str(done).format(title=obj))
