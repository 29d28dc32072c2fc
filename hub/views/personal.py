"""Pages behind a secret link: kept by nobody, and their address is told to nobody."""

from collections.abc import Callable
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
    text = request.COOKIES.get(cookie_name(KEPT_COOKIE), "")
    return [token for token in text.split(".") if token][:KEPT_MOST]


def keep_tokens(response: HttpResponse, tokens: list[str]) -> None:
    """Store the links this phone keeps; none of them, and the cookie goes."""
    if tokens:
        set_cookie(response, KEPT_COOKIE, ".".join(tokens[:KEPT_MOST]), int(REMEMBERED_FOR.total_seconds()))
    else:
        response.delete_cookie(cookie_name(KEPT_COOKIE))


def exchange_kept(request: HttpRequest, response: HttpResponse, confirmed: list[tuple[str, str]]) -> None:
    """Keep on this phone, in place of the links a form had led to, the permanent ones: `confirmed` is
    each one's token and the path of the page that stays, which not every act has a secret link to."""
    pages = {token: resolve(path).kwargs.get("token") for token, path in confirmed}
    permanent = {token: page for token, page in pages.items() if page}
    kept = kept_tokens(request)
    if not permanent.keys().isdisjoint(kept):
        keep_tokens(response, list(dict.fromkeys(permanent.get(token, token) for token in kept)))
