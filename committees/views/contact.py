"""A question to a committee, answered on the web by its coordinators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from committees import threads
from committees.models import Committee
from hub.views.personal import private
from hub.views.threads import question


@require_http_methods(["GET", "HEAD", "POST"])
@private
def contact(request: HttpRequest, slug: str) -> HttpResponse:
    """The form; what is closed or frozen says so."""
    committee = get_object_or_404(Committee.objects.visible_to(request.user), slug=slug)
    topic = threads.topic(committee.pk)
    if topic is None:
        status = 422 if request.method == "POST" else 410
        return render(request, "committees/contact_closed.html", {"committee": committee}, status=status)
    return question(
        request,
        threads.QUESTION,
        committee.pk,
        answerer=None,
        context={
            "heading": gettext("Ask the committee"),
            "who": gettext("A coordinator reads your question and answers here on the site."),
            "topic": topic,
        },
    )
