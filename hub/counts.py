"""Counts without tracking: how much was done each day on the whole hub, and nothing of who did it.

Rows of people are purged; the audit log has each act with its time for a year, and says of visitors nothing
else. A day is counted from it once the day is over: a counter raised by the acts themselves would be one row
that all of them wait for, and a number that grows while one looks tells when each of them was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Max, Min, QuerySet

from hub.models import AuditEntry, DailyCount
from hub.personal import register_purge

FEW = 10  # below it, a number could tell of single people
SETTLED = timedelta(minutes=10)  # after midnight, so that acts of the last moment are stored


@dataclass(frozen=True)
class Kind:
    """One thing that is counted: by these actions of the audit log."""

    name: str
    label: Any
    actions: Sequence[str]


kinds: dict[str, Kind] = {}


def register(name: str, label: Any, *actions: str) -> None:
    """Count acts with these names; called from an app's `counts.py`."""
    kinds[name] = Kind(name, label, actions)


@register_purge
def count_days(now: datetime) -> None:
    """Count every day that is over and isn't counted yet: before the log forgets it."""
    last = last_day_over(now)
    for kind in kinds.values():
        entries = AuditEntry.objects.filter(action__in=kind.actions)
        count_each_day(kind.name, entries, "at", last, begin=_first_day(last))


def last_day_over(now: datetime) -> date:
    """The last day, in UTC, that is over and settled."""
    return (now.astimezone(UTC) - SETTLED).date() - timedelta(days=1)


def count_each_day(what: str, rows: QuerySet[Any], column: str, last: date, *, begin: date) -> None:
    """Store how many of these rows each day has by this column, from the first that isn't counted yet
    (`begin` where none is) to the last."""
    counted = DailyCount.objects.filter(what=what).aggregate(newest=Max("day"))["newest"]
    first = counted + timedelta(days=1) if counted else begin
    for days in range((last - first).days + 1):
        day = first + timedelta(days=days)
        midnight = datetime.combine(day, time(), UTC)
        of_day = {f"{column}__gte": midnight, f"{column}__lt": midnight + timedelta(days=1)}
        # Two purges at once find the same.
        made = DailyCount(day=day, what=what, number=rows.filter(**of_day).count())
        DailyCount.objects.bulk_create([made], ignore_conflicts=True)


def _first_day(otherwise: date) -> date:
    """Of the log."""
    oldest = AuditEntry.objects.aggregate(oldest=Min("at"))["oldest"]
    return min(oldest.astimezone(UTC).date(), otherwise) if oldest else otherwise


def last_days(kind: Kind, days: int, today: date) -> list[tuple[date, int | None]]:
    """The last so many days that are over, oldest first; None where there were fewer than FEW, or where
    nobody has counted yet."""
    first = today - timedelta(days=days)
    found = dict(
        DailyCount.objects.filter(what=kind.name, day__gte=first, number__gte=FEW).values_list(
            "day", "number"
        )
    )
    return [(day, found.get(day)) for day in (first + timedelta(days=n) for n in range(days))]
