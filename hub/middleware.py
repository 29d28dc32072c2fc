"""What happens around every request."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from hub.logs import route_name

logger = logging.getLogger("hub.request")
GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(self), interest-cohort=(), browsing-topics=()"


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
