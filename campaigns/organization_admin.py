"""The moderators' door to organizations: correct what is said of one, verify it, merge two, take an
endorsement off. Who its contacts are is not here."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import endorsing
from campaigns.actions import endorsements
from campaigns.actions import organizations as actions
from campaigns.actions.organizations import OrganizationRefused
from campaigns.models import Organization
from campaigns.organization_forms import OrganizationFields
from hub.admin import AuditedAdmin
from hub.models import User
from hub.slugs import is_slug
from hub.uploads import PictureField

NOTE_MAX = 200  # characters: what an audit entry's reason holds
ACTS: dict[str, Any] = {
    "publish": _("“%s” is published."),
    "unpublish": _("“%s” is off the site, with everything it endorses."),
    "link": _("“%s” is verified by a link on its own site."),
    "call": _("“%s” is verified by a call."),
    "unverify": _("“%s” is not verified any more."),
    "merge": _("It is merged into “%s”."),
}
REFUSALS = {
    "itself": _("An organization can't be merged into itself."),
    "site": _("Write its own site first: that is where you have seen the link."),
    "note": _("Write what the call was: when, and with which office."),
    "unpublished": _("The other one is not on the site. Merge that one into this."),
}


class OrganizationField(forms.ModelChoiceField):
    """An organization by the last part of its address."""

    def to_python(self, value: Any) -> Organization | None:
        if value and not is_slug(str(value)):
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class OrganizationForm(OrganizationFields, forms.ModelForm):
    """What a moderator says of an organization."""

    note = forms.CharField(
        required=False,
        max_length=NOTE_MAX,
        label=_("Note about the call"),
        help_text=_("When, and with which office; no names of persons. It stands in the audit log."),
    )
    merge_into = OrganizationField(
        Organization.objects.all(),
        required=False,
        to_field_name="slug",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        label=_("It is the same as"),
        help_text=_(
            "The last part of the other one's address, like teamsters-local-12-2a3b4. Everything this one "
            "endorses moves there, and its address leads there."
        ),
        error_messages={"invalid_choice": _("There is no organization with this address.")},
    )
    logo = PictureField(
        required=False, label=_("Logo"), help_text=_("JPEG, PNG or WebP. Only its pixels are kept.")
    )
    no_logo = forms.BooleanField(required=False, label=_("Take the logo away"))
    take_off = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Take these endorsements off the site"),
    )

    class Meta:
        model = Organization
        fields = OrganizationFields.DETAILS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [] if self.instance._state.adding else list(published(self.instance))
        take_off = self.fields["take_off"]
        assert isinstance(take_off, forms.ChoiceField)
        take_off.choices = [(f"{kind.name}:{row.pk}", titled.title) for kind, row, titled in shown]
        for name in (
            ("merge_into", "take_off", "note", "logo", "no_logo") if self.instance._state.adding else ()
        ):
            del self.fields[name]


def published(organization: Organization) -> Any:
    """What of each kind it endorses on the site, with its title."""
    for kind in endorsing.kinds.values():
        rows = kind.rows().listed().filter(organization=organization).order_by("published_at")
        for row, titled in kind.titled(rows, get_language() or "en"):
            yield kind, row, titled


@admin.register(Organization)
class OrganizationAdmin(AuditedAdmin):
    """Organizations; every change goes through the actions."""

    names = (pgettext_lazy("table", "organization"), pgettext_lazy("table", "organizations"))
    form = OrganizationForm
    change_form_template = "admin/campaigns/organization/change_form.html"
    list_display = ("name", "level", "area", "status", "verified_how")
    list_filter = ("status", "level", "verified_how", "country")
    search_fields = ("name", "city", "slug")
    ordering = ("name", "id")
    list_per_page = 50

    def get_form(
        self, request: HttpRequest, obj: Organization | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form as it is: Django would rebuild it from the model's columns."""
        return OrganizationForm

    def get_fieldsets(self, request: HttpRequest, obj: Organization | None = None) -> Any:
        details = (None, {"fields": OrganizationFields.DETAILS})
        if obj is None:
            return [details]
        return [
            details,
            (_("Logo"), {"fields": ("logo", "no_logo")}),
            (_("Verifying"), {"fields": ("note",)}),
            (_("Twice here?"), {"fields": ("merge_into",)}),
            (_("Endorsements"), {"fields": ("take_off",)}),
        ]

    def view_on_site(self, organization: Organization) -> str:
        """Its page; of one that isn't on the site what only moderators and administrators see."""
        return reverse("organizations:detail", args=[organization.slug])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """Starts where every door starts."""
        return Organization.objects.visible_to(request.user)

    @admin.display(description=_("Where"), ordering="country")
    def area(self, organization: Organization) -> str:
        return organization.area

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        """It is taken off the site or merged instead: endorsements hang on it."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """All acts are on an organization's own page."""
        return {}

    def save_model(
        self, request: HttpRequest, obj: Organization, form: OrganizationForm, change: bool
    ) -> None:
        by, now = account(request), timezone.now()
        details = form.organization_details()
        if change:
            saved = actions.edit_organization(Organization.objects.get(pk=obj.pk), details, by=by, at=now)
        else:
            saved = actions.create_organization(details, by=by, at=now)
        obj.__dict__.update(saved.__dict__)
        if form.cleaned_data.get("logo"):
            actions.set_logo(saved, form.cleaned_data["logo"], by=by, at=now)
        elif form.cleaned_data.get("no_logo"):
            actions.remove_logo(saved, by=by, at=now)
        for chosen in form.cleaned_data.get("take_off", ()):
            name, _colon, pk = chosen.partition(":")
            endorsements.take_off(endorsing.kinds[name], pk, by=by, at=now)

    def response_add(
        self, request: HttpRequest, obj: Organization, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._act_from_button(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Organization) -> HttpResponse:
        return self._act_from_button(request, obj) or super().response_change(request, obj)

    def _act_from_button(self, request: HttpRequest, obj: Organization) -> HttpResponse | None:
        """Do what a button says besides saving; None leaves it to Django where to go on."""
        name = next((name for name in ACTS if f"_{name}" in request.POST), "")
        if not name:
            return None
        try:
            done = self._acts(request, obj)[name]()
        except OrganizationRefused as refused:
            self.message_user(request, str(REFUSALS[refused.reason]), messages.ERROR)
            done = obj
        else:
            self.say(request, str(ACTS[name]) % done.name)
        return HttpResponseRedirect(reverse("admin:campaigns_organization_change", args=[done.pk]))

    def _acts(self, request: HttpRequest, obj: Organization) -> dict[str, Callable[[], Organization]]:
        by, now = account(request), timezone.now()
        slug, note = request.POST.get("merge_into", ""), request.POST.get("note", "")[:NOTE_MAX]
        into = Organization.objects.filter(slug=slug).first() or obj
        return {
            "publish": lambda: actions.publish_organization(obj, by=by, at=now),
            "unpublish": lambda: actions.unpublish_organization(obj, by=by, at=now),
            "link": lambda: actions.verify_by_link(obj, by=by, at=now),
            "call": lambda: actions.verify_by_call(obj, note=note, by=by, at=now),
            "unverify": lambda: actions.unverify(obj, by=by, at=now),
            "merge": lambda: actions.merge(obj, into, by=by, at=now),
        }


def account(request: HttpRequest) -> User:
    """The account behind an admin request; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
