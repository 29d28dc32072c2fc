"""The link in a reminder or news that stops more of its kind (RFC 8058)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hub import actions, unsubscribing
from hub.views.personal import private


# A mail program's own button sends the POST: without cookie, so without a token against forged forms.
# The secret in the address is what allows it, and all it can do is stop mail and start it again.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@private
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button, since whatever scans mail opens links; any POST stops, but one that says
    otherwise: to have it sent again, or to be mailed the link to everything this mailbox gets. That link
    isn't shown here, because a mail gets passed on."""
    found = unsubscribing.find(token)
    if found is None:
        return render(request, "hub/unsubscribe_spent.html", status=410)
    kind, things = found
    address = kind.address(things)
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "everything" and address:
            language = translation.get_language() or "en"
            actions.mail_links(address, language=language, at=timezone.now())
            return HttpResponseRedirect(f"{request.path}?sent=1")
        (kind.resume if act == "resume" else kind.stop)(things, timezone.now())
        return HttpResponseRedirect(request.path)
    context = {"has_address": bool(address), "sent": request.GET.get("sent") == "1"}
    return render(request, kind.template, kind.context(things) | context)
