"""Demo only: the mail this hub would have sent, and every component of its pages."""

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import pgettext_lazy

from hub import dev_mail, gallery, ledger
from hub.mail import Category
from hub.models import Message

HOURS_SHOWN = 20


def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "dev/style.html")


def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest mails of the demo's folder, and how many wait for their hour."""
    later = Message.objects.filter(state=Message.State.WAITING, due_at__gt=timezone.now())
    waiting = later.values("due_at").annotate(mails=Count("pk")).order_by("due_at")[:HOURS_SHOWN]
    context = {
        "mails": dev_mail.newest(settings.DEMO_MAIL_DIR),
        "waiting": waiting,
        "held": ledger.held() is not None,
    }
    return render(request, "dev/mail_list.html", context)


CATEGORIES = {
    Category.ANSWER: pgettext_lazy("kind of mail", "Answer"),
    Category.CHANGE: pgettext_lazy("kind of mail", "Change"),
    Category.REMINDER: pgettext_lazy("kind of mail", "Reminder"),
    Category.NEWS: pgettext_lazy("kind of mail", "News"),
}


def mail_kinds(request: HttpRequest) -> HttpResponse:
    """Every kind of mail once, as it would go out in the page's language; nothing of it is kept."""
    shown = gallery.shown(translation.get_language() or "en", timezone.now())
    entries = [(one.kind.name, CATEGORIES[one.kind.category], one.mail) for one in shown]
    return render(request, "dev/mail_kinds.html", {"entries": entries})


def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: headers, text, attachments."""
    mail = dev_mail.read(settings.DEMO_MAIL_DIR, name)
    if mail is None:
        raise Http404
    return render(request, "dev/mail_detail.html", {"mail": mail})
