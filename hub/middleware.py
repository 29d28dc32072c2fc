"""What happens around every request."""

import ipaddress
import logging
import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import MiddlewareNotUsed, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import resolve_url

from hub.logs import route_name

logger = logging.getLogger("hub.request")
GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(self), interest-cohort=(), browsing-topics=()"


class DemoStaysHomeMiddleware:
    """The demo, whose passwords are public, answers this machine only: a forgotten HUB_ENV behind a
    proxy, which may well send a loopback Host, must not put it on the net. Keeps nothing it reads."""

    FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

    def __init__(self, get_response: GetResponse) -> None:
        if not settings.DEMO:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        came_far = any(header in request.META for header in self.FORWARDED)
        if came_far or not self._is_loopback(request.META.get("REMOTE_ADDR", "")):
            # Before the language is known, and for whoever set this hub up.
            return HttpResponseBadRequest(
                "This is the demo, which answers its own machine only. Set HUB_ENV=production.\n",
                content_type="text/plain",
            )
        return self.get_response(request)

    def _is_loopback(self, address: str) -> bool:
        """Also of a Unix socket, which has no address."""
        try:
            ip = ipaddress.ip_address(address or "127.0.0.1")
        except ValueError:
            return False
        return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


class RequestLineMiddleware:
    """Our access log: method, route, status and milliseconds. No path, no address, no agent."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        spent = (time.perf_counter() - started) * 1000
        logger.info("%s %s %d %d ms", request.method, route_name(request), response.status_code, spent)
        return response


class CachingMiddleware:
    """Pages for everybody may be kept but must be asked for again (an ETag makes that cheap);
    pages of somebody with a session are kept by nobody. A view that knows better sets its own header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            reading = request.method in ("GET", "HEAD")
            personal = not reading or settings.SESSION_COOKIE_NAME in request.COOKIES
            response["Cache-Control"] = "private, no-store" if personal else "no-cache"
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


class ReauthenticationMiddleware:
    """Sends whoever does something dangerous to prove once more who they are, and then back.

    Stands behind allauth's middleware and so catches this first: allauth would keep the whole request,
    with the client's address and browser, in the session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A redirect in place of allauth's ReauthenticationRequired."""
        if not isinstance(exception, ReauthenticationRequired):
            return None
        back = request.get_full_path()
        if not request.user.is_authenticated:
            return redirect_to_login(back, resolve_url(settings.LOGIN_URL))
        methods = get_adapter().get_reauthentication_methods(request.user)
        if not methods:
            raise PermissionDenied
        return redirect_to_login(back, methods[0]["url"])
