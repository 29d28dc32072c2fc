"""What stands around allauth's pages, and signing up.

An account exists once its mailbox is proven: until the code is typed, what the form said waits in the
sealed session. So nobody can hold an address that isn't theirs, and a known address costs the same
steps as an unknown one.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hub import accounts, links
from hub.account_forms import SignUpCodeForm, SignUpForm
from hub.models import User
from hub.permissions import has_authenticator, has_second_factor, proved_second_factor
from hub.views.personal import private

View = Callable[..., HttpResponse]
STRANGERS_SESSION = 3600  # seconds that a half-finished log-in is kept
CODE_TRIES = 5
SIGN_UP = "hub_sign_up"  # in the session


def page(view: View) -> View:
    """A page of allauth's as the hub has pages: 422 where it shows a form again, kept by nobody, and a
    stranger's session with what they typed gone within the hour."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # allauth answers a sound form with a redirect.
        if request.method == "POST" and isinstance(response, TemplateResponse):
            response.status_code = 422
        if not request.user.is_authenticated and request.session.modified and request.session.keys():
            request.session.set_expiry(STRANGERS_SESSION)
        return response

    return private(require_http_methods(["GET", "HEAD", "POST"])(wrapped))


def personal(view: View) -> View:
    """A page for whoever is logged in; strangers are sent to log in."""
    return private(login_required(view))


def second_factor_required(view: View) -> View:
    """Only with the second factor: staff without it are led to set it up, or to prove it, with a sentence
    that says why. Put it behind the check that says who may come at all, so that nothing is told of
    pages to those they aren't for."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return second_factor_first(request) or view(request, *args, **kwargs)

    return wrapped


def second_factor_first(request: HttpRequest) -> HttpResponse | None:
    """The way to the second factor, for a session that lacks it."""
    if has_second_factor(request):
        return None
    known = request.user.is_authenticated and has_authenticator(request.user)
    place = reverse("mfa_reauthenticate" if known else "mfa_activate_totp")
    return redirect_to_login(request.get_full_path(), place)


def behind_second_factor(view: View) -> View:
    """Where the account has a second factor, only within five minutes of proving that: whoever reads its
    mail, or knows its password, must not take it over, do away with it or with what stands against them."""

    @wraps(view)
    @login_required
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        within = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        if has_authenticator(request.user) and not proved_second_factor(request, within=within):
            return redirect_to_login(request.get_full_path(), reverse("mfa_reauthenticate"))
        return view(request, *args, **kwargs)

    return wrapped


def dangerous(view: View) -> View:
    """Only within five minutes of proving who one is, by the second factor if there is one; asked before
    anything is typed."""
    return behind_second_factor(reauthentication_required(app="hub")(view))


def enter(request: HttpRequest, user: User) -> None:
    """Log somebody in who has just typed a code from their mail, on a page that isn't allauth's. Not for
    accounts with a second step: those take allauth's own way."""
    get_adapter().login(request, user)
    record_authentication(request, user, method="code", email=user.email)


def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """allauth's page; the code that ends the set-up proves the second factor for this session too."""
    response = totp.activate_totp(request)
    if request.method == "POST" and response.status_code == 302 and has_authenticator(request.user):
        record_authentication(request, request.user, method="mfa", reauthenticated=True)
    return response


def sign_up(request: HttpRequest) -> HttpResponse:
    """Take what an account needs, and mail a code; the answer is the same for every address."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("me"))
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refused = ratelimit.consume_or_429(request, app="allauth.account", action="signup")
        if refused:
            return refused
        if form.is_valid():
            _begin(request, form.cleaned_data)
            return HttpResponseRedirect(_with_next(request, reverse("account_sign_up_code")))
    context = {"form": form, "next": _next(request)}
    return render(request, "account/signup.html", context, status=422 if form.is_bound else 200)


def _begin(request: HttpRequest, typed: dict[str, Any]) -> None:
    """Keep it in the session, and write to the address: a code, or that there is an account."""
    address, language = typed["email"], get_language() or settings.LANGUAGE_CODE
    facts: dict[str, Any] = {"language": language, "at": timezone.now()}
    code = ""
    if User.objects.filter(email=address).exists():
        accounts.mail_instead("hub.account_exists", address, **facts)
    else:
        code = accounts.mailed_code(address)
        accounts.mail_code("signup", address, code, **facts)
    request.session[SIGN_UP] = {
        "email": address,
        "display_name": typed["display_name"],
        "password": typed["password"],
        "code": code,
        "tries": 0,
        "at": time.time(),
    }


def sign_up_code(request: HttpRequest) -> HttpResponse:
    """The code makes the account and logs in."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("me"))
    begun = request.session.get(SIGN_UP)
    if not begun or time.time() - begun["at"] > accounts.CODE_LIVES.total_seconds():
        return HttpResponseRedirect(reverse("account_signup"))
    form = SignUpCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        begun["tries"] += 1
        request.session[SIGN_UP] = begun
        if begun["tries"] > CODE_TRIES:
            form.add_error("code", _("Too many tries. Begin again to get another code."))
        elif not _proves(begun, form.cleaned_data["code"]):
            form.add_error("code", _("This code is wrong. Look at the newest mail and type its six digits."))
        else:
            return _open(request, begun)
    context = {"form": form, "email": begun["email"], "next": _next(request)}
    return render(request, "account/sign_up_code.html", context, status=422 if form.is_bound else 200)


def _proves(begun: dict[str, Any], typed: str) -> bool:
    """Whether it is the code that was mailed; a known address got none, and counts the same."""
    a_try = accounts.begin_try(begun["email"])
    right = a_try is not None and bool(begun["code"]) and links.same(typed, begun["code"])
    if right and a_try:
        accounts.undo_try(a_try)
    return right


def _open(request: HttpRequest, begun: dict[str, Any]) -> HttpResponse:
    """The address is proven: make the account and log it in."""
    del request.session[SIGN_UP]
    user = accounts.open_account(
        begun["email"],
        display_name=begun["display_name"],
        password=begun["password"],
        language=get_language() or settings.LANGUAGE_CODE,
        at=timezone.now(),
    )
    accounts.spend_code(begun["email"])
    if user is None:  # made meanwhile, in another browser
        return HttpResponseRedirect(reverse("account_login"))
    record_authentication(request, user, method="code", email=user.email)
    return perform_login(request, Login(user=user, email=user.email, redirect_url=_next(request)))


def _next(request: HttpRequest) -> str:
    """Where to go afterwards, if it is an address of this hub."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def _with_next(request: HttpRequest, path: str) -> str:
    wanted = _next(request)
    return redirect_to_login(wanted, path)["Location"] if wanted else path
