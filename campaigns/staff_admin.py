"""The admin as those who run a campaign find it: their own campaign's rows, and nothing else's."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from campaigns.models import Campaign
from campaigns.permissions import campaigns_run_by, runs_any_campaign, runs_campaign
from hub.admin import AuditedAdmin
from hub.models import AuditEntry, User
from hub.permissions import is_moderator

HISTORY = 100  # entries on the page, the newest
# What visitors do with a document: beside the list of names it would tell when each of them has signed.
OF_SIGNERS = (
    *("sign", "confirm_signature", "merge_signature", "change_signature", "sign_newer"),
    *("withdraw_signature", "show_identification", "drop_identification"),
)


class CampaignStaffAdmin(AuditedAdmin):
    """Things of a campaign. Its coordinators add and change them, administrators those of every campaign;
    moderators may read them all. What somebody may not see is missing.

    `campaign_path` leads from a row to its campaign, as a lookup does.
    """

    campaign_path = "campaign"

    # --- Which rows ------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if is_moderator(request.user):
            return rows
        return rows.filter(**{f"{self.campaign_path}__in": campaigns_run_by(request.user)})

    def campaigns_for(self, request: HttpRequest) -> QuerySet[Campaign]:
        """Those into which the reader may put a row."""
        return campaigns_run_by(request.user)

    def campaign_of(self, obj: Any) -> Campaign:
        """The campaign a row belongs to."""
        for name in self.campaign_path.split("__"):
            obj = getattr(obj, name)
        return obj

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """Django would lead to the index and say that there is none."""
        raise Http404

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django would say that it may not be deleted before it looks whether it is there."""
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The things alone: words and tags that go with one are part of it, and Django would name them by
        its address."""
        _all, _counts, needed, protected = super().get_deleted_objects(objs, request)
        return [str(one) for one in objs], {self.opts.verbose_name_plural: len(objs)}, needed, protected

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Campaigns to choose from only for those who see the rows of them all."""
        filters = super().get_list_filter(request)
        return filters if is_moderator(request.user) else [one for one in filters if one != "campaign"]

    # --- Who may do what --------------------------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_moderator(request.user) or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return runs_any_campaign(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return runs_any_campaign(request.user)
        return runs_campaign(request.user, self.campaign_of(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that was public is deleted; an admin that knows drafts says which."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The admin's own form, in which only campaigns stand that the reader runs. Django would rebuild it
        from the model's columns, without the words."""
        own = self.campaigns_for(request).order_by("-is_home", "title", "pk")
        fixed = self.get_readonly_fields(request, obj)
        stored = obj is not None and not obj._state.adding
        reads = stored and not self.has_change_permission(request, obj)

        class OwnCampaigns(self.form):  # type: ignore[name-defined]  # a class made for this request
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                for name in fixed:
                    self.fields.pop(name, None)
                if reads:
                    show_words(self)
                field = self.fields.get("campaign")
                if field is None:
                    return
                field.queryset = own
                if self.instance._state.adding and (first := own.first()):
                    self.initial.setdefault("campaign", first.pk)

        return OwnCampaigns

    # --- What was done ------------------------------------------------------------------------------
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Moderators read the audit log; campaign coordinators what of it is about this thing, without who
        did it, and nothing of signers."""
        if is_moderator(request.user):
            return super().history_view(request, object_id, extra_context)
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        entries = AuditEntry.objects.filter(object_id=thing.pk).exclude(action__in=OF_SIGNERS)
        context = {
            **self.admin_site.each_context(request),
            "title": str(thing),
            "opts": self.opts,
            "original": thing,
            "entries": entries.order_by("-at")[:HISTORY],
        }
        return TemplateResponse(request, "admin/campaigns/history.html", context)


def staff(request: HttpRequest) -> User:
    """The account behind an admin request; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def show_words(form: Any) -> None:
    """Words that stand in rows of their own, to be read: Django shows only what is on the thing itself."""
    columns = {field.name for field in form.instance._meta.fields}
    for name in form.fields.keys() - columns:
        field = form.fields[name]
        field.short_description = field.label  # where Django looks for what it is called
        value = form.get_initial_for_field(field, name)
        if isinstance(value, str):
            setattr(form.instance, name, value)
