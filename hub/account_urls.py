"""What of allauth is offered, under names allauth itself asks for. What isn't here doesn't exist: social
log-in, several addresses, passkeys, links by mail."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path
from django.views.decorators.http import require_POST

from hub.views.account import (
    behind_second_factor,
    dangerous,
    page,
    set_up_second_factor,
    sign_up,
    sign_up_code,
)

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
    path("password/set/", page(dangerous(account.password_set)), name="account_set_password"),
    path("email/", page(dangerous(account.email)), name="account_email"),
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
    path("second/app/remove/", page(behind_second_factor(totp.deactivate_totp)), name="mfa_deactivate_totp"),
    path(
        "second/recovery/",
        page(behind_second_factor(codes.view_recovery_codes)),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second/recovery/new/",
        page(behind_second_factor(codes.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second/recovery/file/",
        page(behind_second_factor(codes.download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
]
