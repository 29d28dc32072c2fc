"""The operator's view of the ground floor: what was done. People and their mail are not here."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from hub.models import AuditEntry

admin.site.unregister(Group)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """The audit log, to be read."""

    list_display = ("at", "action", "object_kind", "object_id", "count", "reason")
    list_filter = ("action", "object_kind")
    search_fields = ("object_id",)
    date_hierarchy = "at"
    list_per_page = 100
    fields = ("at", "action", "object_kind", "object_id", "count", "reason", "changes")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
