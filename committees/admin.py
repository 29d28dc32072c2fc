"""The operator's door to committees: every change goes through the actions. Who belongs to one is not
here; a coordinator is appointed by exact address."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committees.actions import committees as actions
from committees.actions.committees import CommitteeRefused
from committees.forms import CommitteeForm
from committees.models import Committee
from hub.admin import AuditedAdmin
from hub.models import User

ACTS: dict[str, tuple[Any, Callable[..., Committee], Any]] = {
    "publish": (_("Publish"), actions.publish_committee, _("“%s” is published.")),
    "unpublish": (_("Take off the site"), actions.unpublish_committee, _("“%s” is a draft again.")),
    "activate": (_("It is active now"), actions.activate_committee, _("“%s” is active.")),
    "freeze": (_("Freeze"), actions.freeze_committee, _("“%s” is frozen, its members are told.")),
    "unfreeze": (_("Let it go on"), actions.unfreeze_committee, _("“%s” goes on.")),
    "close": (_("Close"), actions.close_committee, _("“%s” is closed.")),
}
REFUSALS = {
    "no_coordinator": _("Nobody coordinates “%s”: appoint somebody first."),
    "frozen": _("“%s” is frozen: let it go on first."),
    "own": _("You can't appoint yourself to “%s”: somebody else has to do that."),
}


@admin.register(Committee)
class CommitteeAdmin(AuditedAdmin):
    """Make and publish committees, freeze and close them, appoint who coordinates them."""

    names = (pgettext_lazy("table", "committee"), pgettext_lazy("table", "committees"))
    form = CommitteeForm
    change_form_template = "admin/committees/committee/change_form.html"
    list_display = ("name", "kind", "where", "status", "stage", "visibility", "joining", "frozen_at")
    list_filter = ("status", "stage", "kind", "visibility", "joining", "country")
    search_fields = ("name", "city", "slug")
    ordering = ("name", "id")
    list_per_page = 50
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("campaign", "kind", "name", "about", "language"),
                    *("visibility", "joining", "question"),
                )
            },
        ),
        (_("Where"), {"fields": ("city", "region", "country")}),
        (_("Appoint a coordinator"), {"fields": ("appoint", "appoint_reason")}),
    )

    def get_form(
        self, request: HttpRequest, obj: Committee | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form as it is: Django would rebuild it from the model's columns."""
        return CommitteeForm

    def view_on_site(self, committee: Committee) -> str:
        """The committee's page; of a draft what only moderators and administrators see."""
        return reverse("committees:detail", args=[committee.slug])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Committee]:
        """Starts where every door starts."""
        return Committee.objects.visible_to(request.user)

    @admin.display(description=_("Where"), ordering="city")
    def where(self, committee: Committee) -> str:
        return committee.area

    def has_delete_permission(self, request: HttpRequest, obj: Committee | None = None) -> bool:
        """Drafts nobody has seen can be deleted; everything else is closed instead."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and obj.published_at is None

    def save_model(self, request: HttpRequest, obj: Committee, form: CommitteeForm, change: bool) -> None:
        by, now = administrator(request), timezone.now()
        details = form.details()
        saved = (
            actions.edit_committee(Committee.objects.get(pk=obj.pk), details, by=by, at=now)
            if change
            else actions.create_committee(details, by=by, at=now)
        )
        obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: Committee) -> None:
        actions.delete_draft(obj, by=administrator(request), at=timezone.now())

    def save_related(self, request: HttpRequest, form: CommitteeForm, formsets: Any, change: bool) -> None:
        """There are no related rows in the form, but a person may be named in it. What is said is the same
        whether or not there is such an account: nobody is to be looked up."""
        data = form.cleaned_data
        if data.get("appoint"):
            self._run(
                request,
                form.instance,
                lambda: actions.appoint_coordinator(
                    form.instance,
                    data["appoint"],
                    reason=data["appoint_reason"],
                    by=administrator(request),
                    at=timezone.now(),
                ),
                _("If there is an account with this address, we have asked it to take “%s” on."),
            )

    def response_add(
        self, request: HttpRequest, obj: Committee, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Committee) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_change(request, obj)

    def _act_from_button(self, request: HttpRequest, obj: Committee) -> None:
        for name in ACTS:
            if f"_{name}" in request.POST:
                self._act(request, name, obj)

    def _act(self, request: HttpRequest, name: str, committee: Committee) -> None:
        _label, action, done = ACTS[name]
        self._run(
            request,
            committee,
            lambda: action(committee, by=administrator(request), at=timezone.now()),
            done,
        )

    def _run(self, request: HttpRequest, committee: Committee, act: Callable[[], object], done: Any) -> None:
        try:
            act()
        except CommitteeRefused as refused:
            self.message_user(request, str(REFUSALS[refused.reason]) % committee.name, messages.ERROR)
        else:
            self.say(request, str(done) % committee.name)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Publish and unpublish. What members are told of is on the committee's own page only; the stock
        "delete selected" is nowhere."""

        def acting(name: str) -> Callable[..., None]:
            def run(model_admin: CommitteeAdmin, request: HttpRequest, chosen: QuerySet[Committee]) -> None:
                for committee in chosen:
                    model_admin._act(request, name, committee)

            return run

        return {
            f"act_{name}": (acting(name), f"act_{name}", ACTS[name][0]) for name in ("publish", "unpublish")
        }


def administrator(request: HttpRequest) -> User:
    """The account behind an admin request; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
