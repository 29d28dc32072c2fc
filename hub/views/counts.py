"""Counts of the whole hub by day, for administrators."""

from datetime import UTC

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from hub import charts
from hub.counts import FEW, kinds, last_days
from hub.permissions import is_administrator

DAYS = 28


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """A chart of each kind of act with its table; `hub.admin_site` lets only its own staff in."""
    if not is_administrator(request.user):
        raise PermissionDenied
    today = timezone.now().astimezone(UTC).date()
    few = gettext("under %(few)d") % {"few": FEW}
    shown = []
    for kind in kinds.values():
        rows = last_days(kind, DAYS, today)
        points = [(formats.date_format(day, "SHORT_DATE_FORMAT"), number) for day, number in rows]
        description = gettext(
            "A bar for each of the last %(days)d days. Days with %(few)s have bars of one height. The table "
            "has the numbers."
        ) % {"days": DAYS, "few": few}
        shown.append(
            {
                "label": kind.label,
                "chart": charts.bars(kind.name, str(kind.label), description, points),
                "rows": [(day, few if number is None else str(number)) for day, number in reversed(rows)],
            }
        )
    context = {**admin.site.each_context(request), "title": gettext("Counts"), "kinds": shown, "few": few}
    return TemplateResponse(request, "admin/hub/counts.html", context)
