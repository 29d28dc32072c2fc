"""The days of the demo, counted from the day it is made."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
WEEKS_AHEAD = 3  # the day of action lies at least this far ahead
AT_LEAST_AHEAD = timedelta(hours=6)  # of the event that comes up next: late enough to prepare for


@dataclass(frozen=True)
class Days:
    """Local dates. The campaign's actions keep the distances they had from each other in 2025."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    def ahead(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    @property
    def day_of_action(self) -> date:
        """A month's second Saturday, as in February 2025, three weeks ahead or more."""
        earliest = self.ahead(7 * WEEKS_AHEAD)
        for first in (earliest.replace(day=1), _next_month(earliest)):
            saturday = first + timedelta(days=(SATURDAY - first.weekday()) % 7 + 7)
            if saturday >= earliest:
                return saturday
        raise AssertionError("one of two months has a second Saturday ahead")

    @property
    def statewide_rally(self) -> date:
        return self.day_of_action + timedelta(weeks=2)

    @property
    def federal_workers_day(self) -> date:
        return self.day_of_action + timedelta(weeks=5)

    @property
    def forum_planning(self) -> date:
        return self.day_of_action + timedelta(days=41)

    @property
    def forum(self) -> date:
        return self.day_of_action + timedelta(weeks=11)

    @property
    def may_day(self) -> date:
        """The next May 1 that is ahead in every time zone."""
        this_year = date(self.today.year, 5, 1)
        return this_year if this_year > self.ahead(1) else date(self.today.year + 1, 5, 1)

    @property
    def last_may_day(self) -> date:
        """The last May 1 that is over in every time zone."""
        this_year = date(self.today.year, 5, 1)
        return this_year if this_year < self.ago(1) else date(self.today.year - 1, 5, 1)

    def next_at(self, clock: time, zone: str) -> date:
        """The day on which it is next this late in a zone, between 6 and 30 hours from now."""
        earliest = (self.now + AT_LEAST_AHEAD).astimezone(ZoneInfo(zone))
        day = earliest.date()
        return day if earliest.time() <= clock else day + timedelta(days=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
