"""Permanent links that say nothing of what they belong to: the token alone decides."""

from django.http import HttpRequest, HttpResponse

from campaigns.views import signatures
from committees.views import joining


def permanent(request: HttpRequest, token: str) -> HttpResponse:
    """A signature's own page, or a newcomer's."""
    if signatures.look_up(token) is not None:
        return signatures.signature_page(request, token)
    return joining.application(request, token)
