"""Demo only: the mail this hub would have sent, and every component of its pages."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from hub import dev_mail


def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "dev/style.html")


def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest mails of the demo's folder."""
    return render(request, "dev/mail_list.html", {"mails": dev_mail.newest(settings.DEMO_MAIL_DIR)})


def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: headers, text, attachments."""
    mail = dev_mail.read(settings.DEMO_MAIL_DIR, name)
    if mail is None:
        raise Http404
    return render(request, "dev/mail_detail.html", {"mail": mail})
