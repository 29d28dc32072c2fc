"""The files of pictures, each for whoever may see what it belongs to."""

import re

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hub import images
from hub.models.images import SUFFIXES, media_folder

NAME = re.compile(rf"([0-9a-f]{{32}})(-small)?({'|'.join(re.escape(end) for end in SUFFIXES.values())})")
EVERYBODY = AnonymousUser()
# A file never changes. In no shared cache, so that what is taken off the site is gone for whoever has
# not seen it.
KEPT_BY_READERS = "private, max-age=31536000, immutable"


@require_safe
def image(request: HttpRequest, name: str) -> HttpResponse:
    """One file of a picture. What everybody may see is asked for first: most readers have no session that
    would have to be looked up."""
    match = NAME.fullmatch(name)
    if match is None:
        raise Http404
    named = images.visible_to(EVERYBODY).filter(name=match[1]).first()
    public = named is not None
    if named is None:
        named = images.visible_to(request.user).filter(name=match[1]).first()
    if named is None or name not in (named.file_name, named.small_name):
        raise Http404
    try:
        data = (media_folder() / name).read_bytes()
    except FileNotFoundError as error:  # removed this very moment, or lost with a disk
        raise Http404 from error
    response = HttpResponse(data, content_type=f"image/{named.kind}")
    response["Cache-Control"] = KEPT_BY_READERS if public else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
