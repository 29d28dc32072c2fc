""" "Ask the host": a question about an event, answered on the web."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from events import threads
from events.views.pages import find
from hub.views.personal import private
from hub.views.threads import question


@require_http_methods(["GET", "HEAD", "POST"])
@private
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """A question to whoever holds this event; their address is told to nobody."""
    event, _slots = find(request, slug)
    return question(
        request,
        threads.QUESTION,
        event.pk,
        answerer=event.host,
        context={
            "heading": gettext("Ask the host"),
            "who": gettext("Whoever holds this event reads your question and answers here on the site."),
            "topic": threads.topic(event.pk),
        },
    )
