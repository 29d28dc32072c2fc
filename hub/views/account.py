"""Logging in."""

from django import forms
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import views as auth_views
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _


class LoginForm(auth_forms.AuthenticationForm):
    """Django's, in our words. What it refuses, it refuses alike, whether or not there is such an account."""

    username = auth_forms.UsernameField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"spellcheck": "false"}),
        error_messages={"required": _("Write the e-mail address of your account.")},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Write your password.")},
    )

    def get_invalid_login_error(self) -> ValidationError:
        """At a field, so that the error summary leads somewhere."""
        sentence = _("This e-mail and this password don't belong together. Look at both and try again.")
        return ValidationError({"username": ValidationError(sentence, code="invalid_login")})


class LoginView(auth_views.LoginView):
    """Django's, with the status every refused form has here."""

    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_invalid(self, form: forms.BaseForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
