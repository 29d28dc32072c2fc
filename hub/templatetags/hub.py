"""Template filters used on every floor."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format

from hub import markdown

register = template.Library()

register.filter("markdown", markdown.to_html)


@register.filter
def moment(instant: datetime, reader: Any) -> str:
    """ "December 5, 2026, 2:00 PM PST": an instant by the clock of an account's own zone; for whoever has
    named none in UTC, and it says so."""
    local = instant.astimezone(ZoneInfo(getattr(reader, "time_zone", "") or "UTC"))
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"
