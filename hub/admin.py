"""The operator's view of the ground floor: what was done. People and their mail are not here."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from taggit.models import Tag

from hub.models import AuditEntry

admin.site.unregister([Group, EmailAddress, Authenticator, Tag])


class AuditList(ChangeList):
    """The page's entries with the things they are about, one query for each kind of thing."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        wanted: defaultdict[str, set[UUID]] = defaultdict(set)
        for entry in self.result_list:
            wanted[entry.object_kind].add(entry.object_id)
        site = self.model_admin.admin_site
        found = {kind: things(site, kind, ids) for kind, ids in wanted.items()}
        for entry in self.result_list:
            entry.thing = found[entry.object_kind].get(entry.object_id)


def things(site: admin.AdminSite, kind: str, ids: set[UUID]) -> dict[UUID, Any]:
    """The rows of this kind by their keys; only of a kind the admin shows, so never a person's."""
    try:
        model = apps.get_model(kind)
    except LookupError:  # a kind that is no more
        return {}
    if not site.is_registered(model):
        return {}
    door: Any = site.get_model_admin(model)
    return door.titled(model._default_manager.all()).in_bulk(ids)


class NamedAdmin(admin.ModelAdmin):
    """A table that has a name in the reader's language."""

    names: Any = None  # one of its rows and several, if its model doesn't say it

    def __init__(self, model: Any, admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.names:
            model._meta.verbose_name, model._meta.verbose_name_plural = self.names

    def titled(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that know their titles, whatever is needed for it; of most kinds each does anyway."""
        return rows

    def say(self, request: HttpRequest, sentence: Any) -> None:
        """What an act has come to: in the place of Django's own sentence, so that one act has one."""
        request.act_was_said = True  # type: ignore[attr-defined]
        messages.success(request, sentence)

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: Any = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        if level != messages.SUCCESS or not hasattr(request, "act_was_said"):
            super().message_user(request, message, level, extra_tags, fail_silently)


@admin.register(AuditEntry)
class AuditEntryAdmin(NamedAdmin):
    """The audit log, to be read."""

    names = (pgettext_lazy("table", "audit entry"), pgettext_lazy("table", "audit entries"))
    list_display = ("moment", "action", "who", "what", "count", "changed", "reason")
    list_display_links = ("moment",)
    list_filter = ("action", "object_kind")
    list_select_related = ("actor",)
    search_fields = ("object_id",)
    date_hierarchy = "at"
    ordering = ("-at",)
    list_per_page = 100
    fields = ("moment", "action", "who", "what", "object_kind", "object_id", "count", "reason", "changed")
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuditList

    @admin.display(description=_("When"), ordering="at")
    def moment(self, entry: AuditEntry) -> str:
        return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"

    @admin.display(description=_("Who acted"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        """The account's short name, never its address; "-" for a visitor, a command, or somebody erased."""
        return str(entry.actor) if entry.actor else "-"

    @admin.display(description=_("About"))
    def what(self, entry: AuditEntry) -> str:
        """Its title, with a link to its form; of what is gone or not shown here, its kind."""
        if hasattr(entry, "thing"):
            thing = entry.thing
        else:  # on an entry's own page
            thing = things(self.admin_site, entry.object_kind, {entry.object_id}).get(entry.object_id)
        if thing is None:
            return f"{entry.object_kind} {str(entry.object_id)[:8]}"
        return format_html('<a href="{}">{}</a>', form_of(thing), thing)

    @admin.display(description=_("Changed"))
    def changed(self, entry: AuditEntry) -> str:
        """ "city: Oakland → Berkeley", a line each."""
        rows = [
            (name, *(as_moment(value) if name == "start" else value or "-" for value in values))
            for name, values in entry.changes.items()
        ]
        return format_html_join(mark_safe("<br>"), "{}: {} → {}", rows) or "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False


def as_moment(iso: str) -> str:
    """An instant as changes hold it."""
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def form_of(thing: Any) -> str:
    """The address of its page in the admin."""
    options = thing._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[thing.pk])


class AuditedAdmin(NamedAdmin):
    """Things whose history is what the audit log has of them."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            return super().history_view(request, object_id, extra_context)
        path = reverse("admin:hub_auditentry_changelist")
        return HttpResponseRedirect(f"{path}?object_id__exact={thing.pk}")
