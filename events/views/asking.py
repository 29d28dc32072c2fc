""" "Ask the host": a question about an event, answered on the web."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from events import standing, threads
from events.views.pages import find
from hub.views.personal import private
from hub.views.threads import question


@require_http_methods(["GET", "HEAD", "POST"])
@private
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """A question to whoever holds this event; their address is told to nobody."""
    event, _slots = find(request, slug)
    if event.host is None and standing.moderators_act(event):
        who = gettext("A moderator reads your question and answers here on the site.")
    else:
        who = gettext("Whoever holds this event reads your question and answers here on the site.")
    return question(
        request,
        threads.QUESTION,
        event.pk,
        answerer=event.host,
        context={
            "heading": gettext("Ask the host"),
            "who": who,
            "topic": threads.topic(event.pk),
        },
    )
