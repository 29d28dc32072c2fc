"""Where allauth meets the hub: whose limits count, how mail leaves, how long a session lives."""

import base64
import ipaddress
import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hub import accounts, links, qr
from hub.models import User
from hub.permissions import STAFF_SESSION, is_moderator
from hub.sealing import digest, seal, unseal

# allauth's names of mails with a code, and what the code is for.
CODES = {
    "account/email/login_code": "login",
    "account/email/password_reset_code": "reset",
    "account/email/email_confirmation": "address",
    "account/email/email_confirmation_signup": "address",
}
TOO_MANY = _("Too many tries. Wait a few minutes, then try again.")
MISMATCH = _("This e-mail and this password don't belong together. Look at both and try again.")
WRONG_CODE = _("This code is wrong. Look at the newest mail and type its six digits.")


class AccountAdapter(DefaultAccountAdapter):
    """What ACCOUNT_ADAPTER names."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "duplicate_email": _("This is the address your account has now."),
        "email_password_mismatch": MISMATCH,
        "email_taken": _("There is an account with this address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This is not your password."),
        "invalid_login": MISMATCH,
        "rate_limited": TOO_MANY,
        "too_many_login_attempts": TOO_MANY,
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """At a field where there is one, so that the error summary leads somewhere."""
        error = super().validation_error(code, *args)
        return ValidationError({"login": error}) if code == "email_password_mismatch" else error

    # --- Who asks ------------------------------------------------------------------------------
    def get_client_ip(self, request: HttpRequest) -> str:
        """A key for limits in place of the client's address: keyed, and another one every day (UTC).

        Of X-Forwarded-For only what our own proxies wrote counts, from the right: a client may have
        forged the rest. One household's or phone's IPv6 addresses (/64) share a key.
        """
        address = request.META.get("REMOTE_ADDR", "")
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES:
            address = forwarded[-settings.TRUSTED_PROXIES].strip()
        try:
            known = ipaddress.ip_address(address)
            if known.version == 6:
                known = known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False).network_address
            address = str(known)
        except ValueError:
            pass  # a Unix socket has none
        return digest("client", f"{datetime.now(UTC):%Y-%m-%d}\0{address}").hex()

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of this hub, and without its name."""
        return bool(url) and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Whether an account is switched off is nobody's business, whoever knows the password."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Switched off in the middle of logging in."""
        return HttpResponseRedirect(reverse("account_login"))

    # --- Mail ----------------------------------------------------------------------------------
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox; the templates are ours."""
        facts: dict[str, Any] = {"language": get_language() or "en", "at": timezone.now()}
        if template_prefix in CODES:
            if not links.same(context["code"], accounts.mailed_code(email)):
                raise SuspiciousOperation("a code of another address")  # nothing is begun with it
            accounts.mail_code(CODES[template_prefix], email, context["code"], **facts)
        elif template_prefix == "account/email/unknown_account":
            accounts.mail_instead("hub.account_unknown", email, **facts)
        else:
            accounts.mail_notice(template_prefix.rpartition("/")[2], email, **facts)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """As allauth's, but it looks at nobody's machine or browser."""
        what = template_prefix.rpartition("/")[2]
        if what != "email_changed":  # `confirm_email` tells that, when the mailbox has moved
            accounts.mail_notice(what, user.email, language=user.language_or_default, at=timezone.now())

    def generate_login_code(self) -> str:
        """allauth doesn't say for whom. Who is logged in proves once more who they are: by their own
        address alone, whatever the form says."""
        user = allauth_context.request.user
        return accounts.mailed_code(user.email) if user.is_authenticated else self._code_of_typed()

    def generate_password_reset_code(self) -> str:
        return self._code_of_typed()

    def generate_email_verification_code(self) -> str:
        """For the new address of an account."""
        return self._code_of_typed()

    def _code_of_typed(self) -> str:
        """For the address in the form's one field; `send_mail` looks whether it is where the code goes."""
        return accounts.mailed_code(allauth_context.request.POST.get("email", ""))

    # --- Sessions ------------------------------------------------------------------------------
    def login(self, request: HttpRequest, user: Any) -> None:
        """Staff are logged out after twelve hours, members after thirty days."""
        super().login(request, user)
        request.session.set_expiry(STAFF_SESSION if is_moderator(user) else settings.SESSION_COOKIE_AGE)

    def post_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse:
        """The code that led here works no second time."""
        accounts.spend_code(user.email)
        return super().post_login(request, user, **facts)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """One's own page, in one's own language."""
        user = request.user
        with translation.override(user.language_or_default if isinstance(user, User) else get_language()):
            return reverse("me")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login") + "?out=1"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me_settings") + "?saved=1"

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("me_settings") + "?saved=1"

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """A new address is proven: the mailbox follows, and the old address is told."""
        user, at = email_address.user, timezone.now()
        before = user.email
        changed = super().confirm_email(request, email_address)
        if changed and before != email_address.email:
            accounts.follow_address(before, email_address.email, at=at)
            accounts.mail_notice("email_changed", before, language=user.language_or_default, at=at)
        return changed

    # --- Reauthentication ----------------------------------------------------------------------
    def is_reauthentication_required(self, *, app: str, **facts: Any) -> bool:
        """Five minutes after the last proof; having logged in counts as one."""
        request = allauth_context.request
        records = get_authentication_records(request, request.user)
        latest = max((record.get("at", 0) for record in records), default=0)
        return time.time() - latest >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """allauth's, in our words. Of an account with a second factor only that proves who one is."""
        words = {
            "reauthenticate": _("Use your password"),
            "reauthenticate_by_code": _("Get a code by mail"),
            "mfa_reauthenticate": _("Use your authenticator app"),
        }
        methods = super().get_reauthentication_methods(user)
        second = [method for method in methods if method["id"] == "mfa_reauthenticate"]
        return [{**method, "description": words[method["id"]]} for method in second or methods]

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Only what went wrong: pages say by themselves what has been done."""
        if message and level >= messages.ERROR:
            messages.add_message(request, level, message, extra_tags=extra_tags)


class MFAAdapter(DefaultMFAAdapter):
    """What MFA_ADAPTER names: secrets of authenticator apps stand sealed."""

    CONTEXT = "mfa_authenticator.data"
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong. Type the six digits your app shows now."),
        "rate_limited": TOO_MANY,
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text, self.CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), self.CONTEXT)

    def get_totp_label(self, user: Any) -> str:
        """What the app shows beside the hub's name: never the address."""
        return user.display_name or settings.SITE_HOST

    def build_totp_svg(self, url: str) -> str:
        return qr.svg(url)
