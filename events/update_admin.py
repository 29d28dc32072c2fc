"""The short words of hosts, for moderators: they stand on the site at once, and are looked at afterwards."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from events.actions import updates
from events.models import Event, Update
from hub.admin import NamedAdmin
from hub.permissions import is_moderator
from hub.zones import moment_text, zone_for


class LookedAtFilter(admin.SimpleListFilter):
    """Those that nobody has looked at, and the others."""

    title = _("looked at")
    parameter_name = "looked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Not yet")), ("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Update]) -> QuerySet[Update]:
        return queryset.filter(looked_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Update)
class UpdateAdmin(NamedAdmin):
    """Read them; leave them where they are or take them off."""

    names = (pgettext_lazy("table", "short word"), pgettext_lazy("table", "short words"))
    list_display = ("text", "of_event", "posted", "looked")
    list_display_links = None
    list_filter = (LookedAtFilter,)
    list_select_related = ("event",)
    search_fields = ("text", "event__title")
    ordering = ("-made_at",)
    list_per_page = 50
    actions = ("leave_there", "take_off")
    fields = ("text", "of_event", "posted", "looked")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Update]:
        return super().get_queryset(request).filter(event__in=Event.objects.visible_to(request.user))

    @admin.display(description=_("Event"), ordering="event__title")
    def of_event(self, update: Update) -> str:
        url = reverse("admin:events_event_change", args=[update.event_id])
        return format_html('<a href="{}" lang="{}">{}</a>', url, update.event.language, update.event.title)

    @admin.display(description=_("Posted"), ordering="made_at")
    def posted(self, update: Update) -> str:
        return moment_text(update.made_at, zone_for(None, update.event.zone))

    @admin.display(description=_("Looked at"), ordering="looked_at")
    def looked(self, update: Update) -> Any:
        return _("Yes") if update.looked_at else _("Not yet")

    # --- What is done with those that are ticked -----------------------------------------------------
    @admin.action(description=_("They can stay"))
    def leave_there(self, request: HttpRequest, ticked: QuerySet[Update]) -> None:
        by: Any = request.user
        for pk in ticked.values_list("pk", flat=True):
            updates.look_at_update(pk, by=by, at=timezone.now())
        self.say(request, _("They stay on the site, and stand here as looked at."))

    @admin.action(description=_("Take them off the site"))
    def take_off(self, request: HttpRequest, ticked: QuerySet[Update]) -> None:
        by: Any = request.user
        rows = list(ticked.values_list("pk", flat=True))
        gone = sum(updates.remove_update(pk, by=by, at=timezone.now()) for pk in rows)
        self.say(
            request, ngettext("One is off the site.", "%(count)s are off the site.", gone) % {"count": gone}
        )

    # --- Who may -------------------------------------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_moderator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Update | None = None) -> bool:
        return is_moderator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Update | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Update | None = None) -> bool:
        return False
