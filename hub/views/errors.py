"""Pages for what went wrong, in plain words."""

import sys
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from hub.actions import AccountGone
from hub.sealing import SealedDataError

# What is down or locked away, not broken: the visitor may try again.
UNAVAILABLE = (OperationalError, InterfaceError, SealedDataError)


@cache
def static_page(name: str) -> str:
    """A page rendered once, without request, database or session."""
    return get_template(f"errors/{name}.html").render({"SITE_NAME": settings.SITE_NAME})


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever escaped a view or a middleware: 503 for a lost database or key, else 500."""
    unavailable = isinstance(sys.exc_info()[1], UNAVAILABLE)
    response = HttpResponse(static_page("503" if unavailable else "500"), status=503 if unavailable else 500)
    response["Cache-Control"] = "no-store"
    if unavailable:
        response["Retry-After"] = "30"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A missing page, and one the visitor may not see: the same answer. Behind a link of one's own it
    says how one gets there again."""
    match = request.resolver_match
    own_link = match is not None and match.url_name == "rsvp"
    return render(request, "errors/404.html", {"own_link": own_link}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What they see but may not do; or an act of an account that was erased while it waited."""
    context = {"account_gone": isinstance(exception, AccountGone)}
    return render(request, "errors/403.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request no browser of ours makes; or a text longer than any form takes, which whoever wrote it has
    still in front of them."""
    too_long = isinstance(exception, RequestDataTooBig)
    return HttpResponse(static_page("too_long" if too_long else "400"), status=400)


def gone(request: HttpRequest) -> HttpResponse:
    """A link that worked once."""
    response = render(request, "errors/410.html", status=410)
    response["Cache-Control"] = "no-store"
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    """A limit of log-ins is reached."""
    response = render(request, "errors/429.html", status=429)
    response["Cache-Control"] = "no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """The form's cookie is missing: say how to go on. To whom the admin doesn't exist, it has no
    forms either."""
    match = request.resolver_match
    if match and match.app_name == "admin" and not admin.site.has_permission(request):
        return not_found(request)
    return render(request, "errors/403.html", {"cookie_missing": True}, status=403)
