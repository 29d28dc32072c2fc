"""The ledger of mail: what was planned, what became of it and why, for administrators."""

from datetime import UTC
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hub import charts, ledger, mail
from hub.models import User
from hub.paging import page_number, page_of, pager
from hub.permissions import is_administrator

DAYS = 14
TOPICS = 25  # on a page
LABELS = {"mail-sent": _("Sent"), "mail-skipped": _("Skipped"), "mail-failed": _("Failed")}


@require_http_methods(["GET", "HEAD", "POST"])
def mail_ledger(request: HttpRequest) -> HttpResponse:
    """What mail was about, the last first; `hub.admin_site` lets only its own staff in."""
    if not is_administrator(request.user):
        raise PermissionDenied
    if request.method == "POST":
        return _act(request)
    number, in_trouble = page_number(request), request.GET.get("show") == "trouble"
    rows = page_of(ledger.topics_by_time(in_trouble=in_trouble), number, TOPICS)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Mail"),
        "held": ledger.held(),
        "in_trouble": in_trouble,
        "now": timezone.now(),
        "entries": ledger.entries(row["topic_id"] for row in rows[:TOPICS]),
        "charts": _charts(),
        **pager(request, number, rows, TOPICS),
    }
    return TemplateResponse(request, "admin/hub/ledger.html", context)


def _charts() -> list[dict[str, Any]]:
    today = timezone.now().astimezone(UTC).date()
    shown = []
    for name, label in LABELS.items():
        rows = ledger.last_days(name, DAYS, today)
        points = [(formats.date_format(day, "SHORT_DATE_FORMAT"), number) for day, number in rows]
        description = gettext("A bar for each of the last %(days)d days. The table has the numbers.")
        drawn = charts.bars(name, str(label), description % {"days": DAYS}, points)
        shown.append(
            {
                "label": label,
                "chart": drawn if any(number for _day, number in rows) else "",
                "rows": list(reversed(rows)),
            }
        )
    return shown


def _act(request: HttpRequest) -> HttpResponse:
    by, now = request.user, timezone.now()
    assert isinstance(by, User)
    act = request.POST.get("act")
    if act == "hold":
        reason = request.POST.get("reason", "").strip()[:200]
        if not reason:
            messages.error(request, gettext("Write why mail is held. Nothing was changed."))
        else:
            ledger.hold(reason=reason, by=by, at=now)
            messages.success(request, gettext("Mail is held: nothing leaves until you release it."))
    elif act == "release":
        if ledger.release(by=by, at=now):
            messages.success(request, gettext("Mail is sent again, what has waited first."))
    elif act in ("again", "drop"):
        _on_lines(request, by)
    query = "?show=trouble" if request.POST.get("show") == "trouble" else ""
    return HttpResponseRedirect(reverse("admin:ledger") + query)


def _on_lines(request: HttpRequest, by: User) -> None:
    """Do it with every line that is ticked."""
    now = timezone.now()
    chosen = [line for line in map(_line, request.POST.getlist("line")) if line is not None]
    if not chosen:
        messages.error(request, gettext("Tick the lines it is about. Nothing was changed."))
        return
    again = request.POST.get("act") == "again"
    act = ledger.try_again if again else ledger.let_go
    number = sum(act(topic, kind, by=by, at=now) for topic, kind in chosen)
    words = (
        ngettext("%(n)d mail is tried again.", "%(n)d mails are tried again.", number)
        if again
        else ngettext("%(n)d mail is not sent any more.", "%(n)d mails are not sent any more.", number)
    )
    messages.success(request, words % {"n": number})


def _line(text: str) -> tuple[UUID | None, str] | None:
    """A ticked line: the key of what it is about, perhaps none, and the kind."""
    topic, _between, kind = text.partition("|")
    if kind not in mail.kinds:
        return None
    try:
        return (UUID(topic) if topic else None), kind
    except ValueError:
        return None
