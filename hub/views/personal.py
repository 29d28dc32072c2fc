"""Pages behind a secret link: kept by nobody, and their address is told to nobody."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from hub.contact import REMEMBER_COOKIE, REMEMBERED_FOR, remember_cookie
from hub.models import Mailbox

KEPT_COOKIE = "kept"
KEPT_MOST = 20  # things one phone keeps


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """No cache keeps the page, no other page learns its address, no search engine lists it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


def set_cookie(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    """A cookie only this hub reads, and no script."""
    response.set_cookie(
        cookie_name(name), value, max_age=seconds, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )


def cookie_name(name: str) -> str:
    """`__Host-` keeps other hosts of the same domain from setting it."""
    return f"__Host-{name}" if settings.HTTPS else name


def remember(response: HttpResponse, mailbox: Mailbox) -> None:
    """Let this phone skip confirming its mailbox for 90 days."""
    set_cookie(response, REMEMBER_COOKIE, remember_cookie(mailbox), int(REMEMBERED_FOR.total_seconds()))


def forget_remembered(response: HttpResponse) -> None:
    """Let this phone confirm again like any other."""
    response.delete_cookie(cookie_name(REMEMBER_COOKIE))


def kept_tokens(request: HttpRequest) -> list[str]:
    """Links this phone keeps, newest first."""
    return [part for part in _kept_parts(request) if part and not part.isdecimal()][:KEPT_MOST]


def _kept_parts(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(cookie_name(KEPT_COOKIE), "").split(".")


def keep_tokens(
    request: HttpRequest, response: HttpResponse, tokens: list[str], *, until: datetime | None = None
) -> None:
    """Store the links this phone keeps, for 90 days or `until` then if that is later; none of them, and
    the cookie goes. The latest such moment stands in the cookie itself, in hours from 1970."""
    if not tokens:
        response.delete_cookie(cookie_name(KEPT_COOKIE))
        return
    now = time.time()
    hours = [int(part) for part in _kept_parts(request) if part.isdecimal() and len(part) < 8]
    last = max([*hours, int(until.timestamp()) // 3600 if until else 0])
    days_90 = int(REMEMBERED_FOR.total_seconds())
    longer = last * 3600 > now + days_90
    value = ".".join([*tokens[:KEPT_MOST], *([str(last)] if longer else [])])
    set_cookie(response, KEPT_COOKIE, value, int(last * 3600 - now) if longer else days_90)


def exchange_kept(request: HttpRequest, response: HttpResponse, confirmed: list[tuple[str, str]]) -> None:
    """Keep on this phone, in place of the links a form had led to, the permanent ones: `confirmed` is
    each one's token and the path of the page that stays, which not every act has a secret link to."""
    pages = {token: resolve(path).kwargs.get("token") for token, path in confirmed}
    permanent = {token: page for token, page in pages.items() if page}
    kept = kept_tokens(request)
    if not permanent.keys().isdisjoint(kept):
        keep_tokens(request, response, list(dict.fromkeys(permanent.get(token, token) for token in kept)))
