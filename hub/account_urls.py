"""What of allauth is offered, under names allauth itself asks for. What isn't here doesn't exist: social
log-in, several addresses, passkeys, links by mail."""

from functools import wraps

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from hub.permissions import has_authenticator, proved_second_factor
from hub.views.account import View, page, set_up_second_factor, sign_up, sign_up_code


def dangerous(view: View) -> View:
    """Only within five minutes of proving who one is; asked before anything is typed."""

    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return view(request, *args, **kwargs)

    return page(reauthentication_required(app="allauth.account")(wrapped))


def behind_second_factor(view: View) -> View:
    """Where the account has a second factor, only within five minutes of proving that: whoever reads its
    mail, or knows its password, must not do away with what stands against them."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if has_authenticator(request.user) and not proved_second_factor(
            request, within=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        ):
            return redirect_to_login(request.get_full_path(), reverse("mfa_reauthenticate"))
        return view(request, *args, **kwargs)

    return page(login_required(wrapped))


urlpatterns = [
    path("login/", page(account.login), name="account_login"),
    path("login/", page(account.login), name="login"),
    path("login/code/", page(account.request_login_code), name="account_request_login_code"),
    path("login/code/confirm/", page(account.confirm_login_code), name="account_confirm_login_code"),
    path("login/second/", page(mfa.authenticate), name="mfa_authenticate"),
    path("logout/", require_POST(page(account.logout)), name="account_logout"),
    path("logout/", require_POST(page(account.logout)), name="logout"),
    path("signup/", page(sign_up), name="account_signup"),
    path("signup/code/", page(sign_up_code), name="account_sign_up_code"),
    path("password/reset/", page(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/code/",
        page(account.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/reset/new/", page(account.complete_password_reset), name="account_complete_password_reset"
    ),
    path(
        "password/reset/done/",
        page(account.password_reset_from_key_done),
        name="account_password_reset_completed",
    ),
    path("password/change/", page(account.password_change), name="account_change_password"),
    path("password/set/", dangerous(account.password_set), name="account_set_password"),
    path("email/", dangerous(account.email), name="account_email"),
    path("email/code/", page(account.email_verification_sent), name="account_email_verification_sent"),
    path("again/", page(account.reauthenticate), name="account_reauthenticate"),
    path(
        "again/code/",
        page(account.request_reauthentication_code),
        name="account_request_reauthentication_code",
    ),
    path(
        "again/code/confirm/",
        page(account.confirm_reauthentication_code),
        name="account_confirm_reauthentication_code",
    ),
    path("again/second/", page(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("second/", page(mfa.index), name="mfa_index"),
    path("second/app/", page(set_up_second_factor), name="mfa_activate_totp"),
    path("second/app/remove/", behind_second_factor(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second/recovery/", behind_second_factor(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second/recovery/new/",
        behind_second_factor(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second/recovery/file/",
        behind_second_factor(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
