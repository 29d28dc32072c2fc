"""What every page may name."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import get_language

from hub.permissions import is_moderator


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, whether this is the demo, this very page in every language as (code, own name,
    address), with an empty address for the language it is in, whether the reader has an admin, and whether
    they moderate."""
    language = get_language() or settings.LANGUAGE_CODE
    path = request.get_full_path()
    if language != settings.LANGUAGE_CODE:
        # Two slashes at the front would name another host.
        path = "/" + path.removeprefix(f"/{language}").lstrip("/")
    prefixes = {settings.LANGUAGE_CODE: ""}
    languages = [
        (code, name, "" if code == language else prefixes.get(code, f"/{code}") + path)
        for code, name in settings.LANGUAGES
    ]
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "SOURCE_URL": settings.SOURCE_URL,
        "DEMO": settings.DEMO,
        "languages": languages,
        # Asked only where a template does: most pages are read by nobody who has one.
        "administers": lambda: admin.site.has_permission(request),
        "moderates": lambda: is_moderator(request.user),
    }
