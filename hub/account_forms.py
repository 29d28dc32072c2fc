"""allauth's forms in our words and shape: labels instead of placeholders, one field a question."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal import flows
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hub import accounts, zones
from hub.forms import CodeForm, VisitorForm, email_field
from hub.models import User
from hub.sealing import EMAIL_MAX_LENGTH, fits_sealed

NAME_MAX = 80
PASSWORD_HINT = _("At least 12 characters. Several words that you remember are fine.")
WORDS = {
    "login": (_("E-mail"), _("Write the e-mail address of your account.")),
    "email": (_("E-mail"), _("Write your e-mail address.")),
    "password": (_("Password"), _("Write your password.")),
    "oldpassword": (_("Current password"), _("Write your current password.")),
    "password1": (_("New password"), _("Write a new password.")),
    "code": (_("Six-digit code"), _("Write the six digits from the mail.")),
}


class OurWords:
    """Changes what allauth's forms say, not what they do."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for name, (label, missing) in WORDS.items():
            if name not in self.fields:
                continue
            field = self.fields[name]
            field.label, field.error_messages["required"] = label, missing
            field.help_text = PASSWORD_HINT if name == "password1" else ""
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _("Write an e-mail address like name@example.org.")
                field.validators = [*field.validators, fits_sealed]
                field.widget.attrs |= {"spellcheck": "false", "maxlength": EMAIL_MAX_LENGTH}
            if name == "code":
                field.widget.attrs |= {"class": "input-code", "inputmode": "numeric", "maxlength": 12}


class LoginForm(OurWords, account.LoginForm):
    """E-mail and password."""

    def _login_with_password(
        self, request: HttpRequest, redirect_url: str | None, credentials: dict[str, Any]
    ) -> HttpResponse:
        """As allauth's, but how long the session lives is the adapter's to say."""
        self._login.redirect_url = redirect_url
        return flows.login.perform_password_login(request, credentials, self._login)


class RequestLoginCodeForm(OurWords, account.RequestLoginCodeForm):
    pass


class CountedCode(OurWords):
    """A code from a mail. Wrong ones are counted by the address, not only by the session they are typed
    in; beyond that even the right one is wrong."""

    def address(self) -> str:
        """Where the code went, as this session remembers it."""
        raise NotImplementedError

    def clean_code(self) -> str:
        begun = accounts.begin_try(self.address())
        if begun is None:
            raise get_adapter().validation_error("incorrect_code")
        code = super().clean_code()  # type: ignore[misc]
        accounts.undo_try(begun)
        return code


class ConfirmLoginCodeForm(CountedCode, account.ConfirmLoginCodeForm):
    def address(self) -> str:
        return context.request._login_stage.state["email"]


class ResetPasswordForm(OurWords, account.ResetPasswordForm):
    pass


class ConfirmPasswordResetCodeForm(CountedCode, account.ConfirmPasswordResetCodeForm):
    def address(self) -> str:
        return context.request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY]["email"]


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(OurWords, account.ChangePasswordForm):
    pass


class SetPasswordForm(OurWords, account.SetPasswordForm):
    pass


class ReauthenticateForm(OurWords, account.ReauthenticateForm):
    pass


class ConfirmReauthenticationCodeForm(CountedCode, account.ConfirmReauthenticationCodeForm):
    def address(self) -> str:
        return context.request.user.email


class AddEmailForm(OurWords, account.AddEmailForm):
    pass


class ConfirmEmailVerificationCodeForm(CountedCode, account.ConfirmEmailVerificationCodeForm):
    def address(self) -> str:
        return self.email


class TwoKindsOfCode(OurWords):
    """Six digits of the app or the eight of a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].error_messages["required"] = _("Write the digits.")


class SecondFactorForm(TwoKindsOfCode, mfa.AuthenticateForm):
    pass


class SecondFactorAgainForm(TwoKindsOfCode, mfa.ReauthenticateForm):
    pass


class ActivateTotpForm(OurWords, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = _("Write the digits.")


class SignUpForm(VisitorForm):
    """The least an account needs. Whether there is one already makes no difference to it."""

    email = email_field(error_messages={"required": _("Write your e-mail address.")})
    display_name = forms.CharField(
        required=False,
        max_length=NAME_MAX,
        label=_("Name"),
        help_text=_("Any name; a pseudonym is fine. It may stay empty."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=200,
        label=_("Password"),
        help_text=_("Without one we mail you a code each time. If you want one: at least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """The hash of it, made whether or not the address is known. Empty stays empty."""
        typed = self.cleaned_data["password"]
        if not typed:
            return ""
        validate_password(typed, User(email=self.cleaned_data.get("email") or ""))
        return make_password(typed)


class SignUpCodeForm(CodeForm):
    """The code that proves the address of a new account."""

    remember = None  # type: ignore[assignment]  # of visitors: an account stays logged in


class SettingsForm(forms.Form):
    """How a member is called, and in which language and zone they are written to."""

    display_name = forms.CharField(
        required=False,
        max_length=NAME_MAX,
        label=_("Name"),
        help_text=_("Any name; a pseudonym is fine. It may stay empty."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language"))
    time_zone = forms.ChoiceField(
        required=False,
        label=_("Time zone"),
        help_text=_("Every event shows its own time; this one is for your list. Choose a place near you."),
        error_messages={"invalid_choice": _("Choose a place from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zones.choices(self.initial["time_zone"])
