"""Who runs the hub: roles by exact address and with a reason. There is no list of people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hub import accounts
from hub.accounts import RoleRefused
from hub.forms import email_field
from hub.models import User
from hub.permissions import administrators, is_administrator, is_moderator
from hub.roles import change, choices
from hub.views.account import second_factor_required
from hub.views.personal import private

REASON_MAX = 200

# What is said after a role of the hub itself was given or taken; the others say it themselves.
SAVED = {
    "moderator": _("The account is a moderator now."),
    "administrator": _("The account is an administrator now."),
    "none": _("The account has no role any more."),
}
# The same to whoever has taken their own: the page of roles is not there for them any more.
GIVEN_UP = {
    "moderator": _("You are a moderator now, and no administrator any more."),
    "none": _("You have no role on this site any more."),
}
ONLY_YOU = _("You are the only administrator: appoint another one first.")
ONLY_ONE = _("This is the only administrator: appoint another one first.")


class RoleForm(forms.Form):
    """Whom, what and why."""

    email = email_field(error_messages={"required": _("Write the address of the account.")})
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            (
                "moderator",
                _(
                    "Moderator: the queue; in the admin events, committees, days of action and "
                    "organizations, and what campaigns say of themselves"
                ),
            ),
            ("administrator", _("Administrator: everything, roles too")),
            ("none", _("None: a member like any other, who runs no campaign either")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        help_text=_("It stands in the log, without a name: write none."),
        error_messages={"required": _("Write why.")},
    )
    own = forms.BooleanField(required=False, label=_("It is my own role, and I mean to give it up"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.by = by
        self.account: User | None = None
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [*self.base_fields["role"].choices, *choices()]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """Administrators may know which accounts exist: they give roles."""
        address = self.cleaned_data["email"]
        self.account = User.objects.filter(email=address, is_active=True).first()
        if self.account is None:
            raise forms.ValidationError(_("No account has this address."))
        return address

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        others = administrators().exclude(pk=self.by.pk)  # of the only one the act says what is to be done
        if self.gives_up and not data.get("own") and others.exists():
            sentence = _(
                "This is your own account: you could give no more roles. Tick the box if you mean it."
            )
            self.add_error("own", sentence)
        return data

    @property
    def gives_up(self) -> bool:
        """Whether an administrator would take their own role."""
        return self.account == self.by and self.cleaned_data.get("role") in ("moderator", "none")


@require_http_methods(["GET", "HEAD", "POST"])
@private
def roles(request: HttpRequest) -> HttpResponse:
    """Administrators give and take roles; moderators see that they may not, others nothing at all."""
    if not is_moderator(request.user):
        raise Http404
    if not is_administrator(request.user):
        raise PermissionDenied
    return _roles(request)


@second_factor_required
def _roles(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)  # an administrator
    form = RoleForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid() and _saved(request, form):
        return HttpResponseRedirect(reverse("me" if form.gives_up else "roles"))
    return render(request, "hub/roles.html", {"form": form}, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, form: RoleForm) -> bool:
    """Whether the role was given or taken; of a refusal the form says why."""
    assert isinstance(request.user, User)
    assert form.account is not None
    role = form.cleaned_data["role"]
    act = accounts.give_role if role in accounts.ROLES else change
    try:
        act(form.account, role, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    except RoleRefused:
        form.add_error("role", ONLY_YOU if form.account == request.user else ONLY_ONE)
        return False
    saved = SAVED.get(role) or gettext("Saved. {role}").format(role=dict(choices())[role])
    messages.success(request, str(GIVEN_UP[role] if form.gives_up else saved))
    return True
