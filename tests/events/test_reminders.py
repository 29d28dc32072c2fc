"""When reminders go out: a table written by hand, run through the real clock, planner and delivery."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.actions import events as event_actions
from events.actions import rsvps
from events.models import Attendance
from events.reminders import DAY_BEFORE, SAME_DAY, WAITING, instants, next_instant, none_left
from hub.models import Message
from tests.factories import deliver_mail, event_details, make_event, make_rsvp

NEW_YORK = "America/New_York"
ADDRESS = "reader@example.org"
KINDS = (DAY_BEFORE, SAME_DAY, WAITING)


class Case(NamedTuple):
    """One row of the table. Every moment is local to `zone`, but those of `expected`: these are UTC.

    `start` without a clock is a whole day. `confirmed` empty is three days before the start. `acts`
    are what happens in between. `full`: the only seat is somebody else's. `ticks`: the clock stood
    still but for these moments (else it ticks all the time).
    """

    name: str
    zone: str
    start: str
    expected: list[tuple[str, str]]
    confirmed: str = ""
    acts: tuple[tuple[str, ...], ...] = ()
    full: bool = False
    ticks: tuple[str, ...] = ()


# The Fourth of July in New York (UTC-4) at two in the afternoon is the event of all cases about
# people and changes: its rounds are at 15:00 UTC on the third and 12:00 UTC on the fourth.
JULY_4 = (NEW_YORK, "2026-07-04 14:00")
BEFORE = ("2026-07-03 15:00", DAY_BEFORE)
ON_THE_DAY = ("2026-07-04 12:00", SAME_DAY)
STILL_WAITING = ("2026-07-03 22:00", WAITING)

CASES = [
    # --- The two rounds, and the clocks that change between them -------------------------------
    Case(
        "winter",
        NEW_YORK,
        "2026-12-05 14:00",
        [("2026-12-04 16:00", DAY_BEFORE), ("2026-12-05 13:00", SAME_DAY)],
    ),
    Case("summer", *JULY_4, [BEFORE, ON_THE_DAY]),
    Case(
        "New York, clocks go forward in the night between",
        NEW_YORK,
        "2026-03-08 14:00",
        [("2026-03-07 16:00", DAY_BEFORE), ("2026-03-08 12:00", SAME_DAY)],
    ),
    Case(
        "New York, clocks go back in the night between",
        NEW_YORK,
        "2026-11-01 14:00",
        [("2026-10-31 15:00", DAY_BEFORE), ("2026-11-01 13:00", SAME_DAY)],
    ),
    Case(
        "New York, starts in the hour that comes twice",
        NEW_YORK,
        "2026-11-01 01:30",
        [("2026-10-31 23:00", DAY_BEFORE)],
    ),
    Case(
        "New York, starts right after the hour that is skipped",
        NEW_YORK,
        "2026-03-08 03:00",
        [("2026-03-08 00:00", DAY_BEFORE)],
    ),
    Case(
        "New York, the morning after the clocks went forward",
        NEW_YORK,
        "2026-03-09 09:00",
        [("2026-03-08 23:00", DAY_BEFORE)],
    ),
    Case(
        "London, clocks go forward",
        "Europe/London",
        "2026-03-29 15:00",
        [("2026-03-28 11:00", DAY_BEFORE), ("2026-03-29 07:00", SAME_DAY)],
    ),
    Case(
        "London, clocks go back",
        "Europe/London",
        "2026-10-25 15:00",
        [("2026-10-24 10:00", DAY_BEFORE), ("2026-10-25 08:00", SAME_DAY)],
    ),
    Case(
        "Santiago, clocks go forward at midnight",
        "America/Santiago",
        "2026-09-06 12:00",
        [("2026-09-05 15:00", DAY_BEFORE), ("2026-09-06 11:00", SAME_DAY)],
    ),
    Case(
        "Santiago, clocks go back at midnight",
        "America/Santiago",
        "2026-04-05 12:00",
        [("2026-04-04 14:00", DAY_BEFORE), ("2026-04-05 12:00", SAME_DAY)],
    ),
    Case(
        "Sydney, clocks go forward",
        "Australia/Sydney",
        "2026-10-04 14:00",
        [("2026-10-03 01:00", DAY_BEFORE), ("2026-10-03 21:00", SAME_DAY)],
    ),
    Case(
        "Sydney, clocks go back",
        "Australia/Sydney",
        "2026-04-05 14:00",
        [("2026-04-04 00:00", DAY_BEFORE), ("2026-04-04 22:00", SAME_DAY)],
    ),
    Case(
        "Lord Howe, clocks go forward by half an hour",
        "Australia/Lord_Howe",
        "2026-10-04 13:00",
        [("2026-10-03 00:30", DAY_BEFORE), ("2026-10-03 21:00", SAME_DAY)],
    ),
    Case(
        "Lord Howe, clocks go back by half an hour",
        "Australia/Lord_Howe",
        "2026-04-05 13:00",
        [("2026-04-04 00:00", DAY_BEFORE), ("2026-04-04 21:30", SAME_DAY)],
    ),
    Case(
        "Asunción, clocks go forward for the last time",
        "America/Asuncion",
        "2024-10-06 15:00",
        [("2024-10-05 15:00", DAY_BEFORE), ("2024-10-06 11:00", SAME_DAY)],
    ),
    Case(
        "Asunción, clocks go back for the last time",
        "America/Asuncion",
        "2024-03-24 15:00",
        [("2024-03-23 14:00", DAY_BEFORE), ("2024-03-24 12:00", SAME_DAY)],
    ),
    # --- Zones whose hours are not everybody's ---------------------------------------------------
    Case(
        "Kolkata, half an hour off",
        "Asia/Kolkata",
        "2026-08-15 16:00",
        [("2026-08-14 05:30", DAY_BEFORE), ("2026-08-15 02:30", SAME_DAY)],
    ),
    Case(
        "St John's in summer, half an hour off",
        "America/St_Johns",
        "2026-06-20 14:00",
        [("2026-06-19 13:30", DAY_BEFORE), ("2026-06-20 10:30", SAME_DAY)],
    ),
    Case(
        "St John's, clocks go back",
        "America/St_Johns",
        "2026-11-01 14:00",
        [("2026-10-31 13:30", DAY_BEFORE), ("2026-11-01 11:30", SAME_DAY)],
    ),
    Case(
        "Kathmandu, three quarters of an hour off",
        "Asia/Kathmandu",
        "2026-05-01 12:00",
        [("2026-04-30 05:15", DAY_BEFORE), ("2026-05-01 02:15", SAME_DAY)],
    ),
    Case(
        "Chatham, three quarters of an hour off, clocks go forward",
        "Pacific/Chatham",
        "2026-09-27 14:00",
        [("2026-09-25 22:15", DAY_BEFORE), ("2026-09-26 18:15", SAME_DAY)],
    ),
    Case(
        "Phoenix has no summer time",
        "America/Phoenix",
        "2026-07-10 18:00",
        [("2026-07-09 18:00", DAY_BEFORE), ("2026-07-10 15:00", SAME_DAY)],
    ),
    Case(
        "Honolulu has none either, the day New York's begins",
        "Pacific/Honolulu",
        "2026-03-08 18:00",
        [("2026-03-07 21:00", DAY_BEFORE), ("2026-03-08 18:00", SAME_DAY)],
    ),
    Case(
        "Tokyo, both rounds on the day before in UTC",
        "Asia/Tokyo",
        "2026-11-03 13:00",
        [("2026-11-02 02:00", DAY_BEFORE), ("2026-11-02 23:00", SAME_DAY)],
    ),
    Case(
        "Kiritimati, the earliest zone there is, on New Year's Eve",
        "Pacific/Kiritimati",
        "2026-12-31 20:00",
        [("2026-12-29 21:00", DAY_BEFORE), ("2026-12-30 18:00", SAME_DAY)],
    ),
    Case(
        "Pago Pago, the latest zone, on New Year's Day",
        "Pacific/Pago_Pago",
        "2026-01-01 12:00",
        [("2025-12-31 22:00", DAY_BEFORE), ("2026-01-01 19:00", SAME_DAY)],
    ),
    # --- Starts before eleven: one reminder at seven the evening before --------------------------
    Case("nine", "America/Los_Angeles", "2026-05-01 09:00", [("2026-05-01 02:00", DAY_BEFORE)]),
    Case("a minute to eleven", NEW_YORK, "2026-06-10 10:59", [("2026-06-09 23:00", DAY_BEFORE)]),
    Case(
        "eleven",
        NEW_YORK,
        "2026-06-10 11:00",
        [("2026-06-09 15:00", DAY_BEFORE), ("2026-06-10 12:00", SAME_DAY)],
    ),
    Case("midnight", NEW_YORK, "2026-06-10 00:00", [("2026-06-09 23:00", DAY_BEFORE)]),
    Case(
        "a minute to midnight",
        NEW_YORK,
        "2026-06-10 23:59",
        [("2026-06-09 15:00", DAY_BEFORE), ("2026-06-10 12:00", SAME_DAY)],
    ),
    Case("all day", "America/Chicago", "2026-09-07", [("2026-09-07 00:00", DAY_BEFORE)]),
    Case("all day, clocks go forward on it", NEW_YORK, "2026-03-08", [("2026-03-08 00:00", DAY_BEFORE)]),
    Case(
        "all day, on a day without a midnight",
        "America/Santiago",
        "2026-09-06",
        [("2026-09-05 23:00", DAY_BEFORE)],
    ),
    # --- Ends of months and years ----------------------------------------------------------------
    Case(
        "New Year's Day",
        NEW_YORK,
        "2027-01-01 13:00",
        [("2026-12-31 16:00", DAY_BEFORE), ("2027-01-01 13:00", SAME_DAY)],
    ),
    Case("New Year's morning", NEW_YORK, "2027-01-01 08:00", [("2027-01-01 00:00", DAY_BEFORE)]),
    Case(
        "the day after February 29",
        NEW_YORK,
        "2028-03-01 14:00",
        [("2028-02-29 16:00", DAY_BEFORE), ("2028-03-01 13:00", SAME_DAY)],
    ),
    Case("the morning of February 29", NEW_YORK, "2028-02-29 09:00", [("2028-02-29 00:00", DAY_BEFORE)]),
    Case(
        "March 1 of a year without February 29",
        NEW_YORK,
        "2027-03-01 14:00",
        [("2027-02-28 16:00", DAY_BEFORE), ("2027-03-01 13:00", SAME_DAY)],
    ),
    # --- Who answers late ------------------------------------------------------------------------
    Case("exactly three hours before a round", *JULY_4, [BEFORE, ON_THE_DAY], confirmed="2026-07-03 08:00"),
    Case("a second less before a round", *JULY_4, [ON_THE_DAY], confirmed="2026-07-03 08:00:01"),
    Case("at the moment of a round", *JULY_4, [ON_THE_DAY], confirmed="2026-07-03 11:00"),
    Case("after a round", *JULY_4, [ON_THE_DAY], confirmed="2026-07-03 15:00"),
    Case("three hours before the last round", *JULY_4, [ON_THE_DAY], confirmed="2026-07-04 05:00"),
    Case("less before the last round", *JULY_4, [], confirmed="2026-07-04 05:01"),
    Case("after the last round", *JULY_4, [], confirmed="2026-07-04 09:00"),
    Case("when it has begun", *JULY_4, [], confirmed="2026-07-04 14:30"),
    Case(
        "three hours before the only round",
        NEW_YORK,
        "2026-07-04 10:00",
        [("2026-07-03 23:00", DAY_BEFORE)],
        confirmed="2026-07-03 16:00",
    ),
    Case("less before the only round", NEW_YORK, "2026-07-04 10:00", [], confirmed="2026-07-03 16:01"),
    # --- The waiting list ------------------------------------------------------------------------
    Case("waits to the end", *JULY_4, [STILL_WAITING], full=True),
    Case(
        "waits for a morning",
        NEW_YORK,
        "2026-07-04 09:00",
        [STILL_WAITING],
        full=True,
    ),
    Case("waits since three hours before", *JULY_4, [STILL_WAITING], full=True, confirmed="2026-07-03 15:00"),
    Case("waits since less", *JULY_4, [], full=True, confirmed="2026-07-03 15:01"),
    Case(
        "seated in time", *JULY_4, [BEFORE, ON_THE_DAY], full=True, acts=(("2026-07-02 20:00", "free seat"),)
    ),
    Case(
        "seated exactly three hours before a round",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        full=True,
        acts=(("2026-07-03 08:00", "free seat"),),
    ),
    Case(
        "seated a minute later",
        *JULY_4,
        [ON_THE_DAY],
        full=True,
        acts=(("2026-07-03 08:01", "free seat"),),
    ),
    Case(
        "seated after the round of those waiting",
        *JULY_4,
        [STILL_WAITING, ON_THE_DAY],
        full=True,
        acts=(("2026-07-03 20:00", "free seat"),),
    ),
    Case(
        "seated in the last night: that mail is the reminder",
        *JULY_4,
        [STILL_WAITING],
        full=True,
        acts=(("2026-07-04 05:01", "free seat"),),
    ),
    # --- Moved -----------------------------------------------------------------------------------
    Case(
        "later on the same day",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(("2026-07-02 12:00", "move", "2026-07-04 18:00"),),
    ),
    Case(
        "earlier, to before eleven",
        *JULY_4,
        [("2026-07-03 23:00", DAY_BEFORE)],
        acts=(("2026-07-02 12:00", "move", "2026-07-04 09:00"),),
    ),
    Case(
        "into another day, between the rounds",
        *JULY_4,
        [BEFORE, ("2026-07-04 15:00", DAY_BEFORE), ("2026-07-05 12:00", SAME_DAY)],
        acts=(("2026-07-03 12:00", "move", "2026-07-05 14:00"),),
    ),
    Case(
        "into another week, after both rounds",
        *JULY_4,
        [BEFORE, ON_THE_DAY, ("2026-07-10 15:00", DAY_BEFORE), ("2026-07-11 12:00", SAME_DAY)],
        acts=(("2026-07-04 09:00", "move", "2026-07-11 14:00"),),
    ),
    Case(
        "later on the same day, between the rounds: not told twice",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(("2026-07-03 12:00", "move", "2026-07-04 18:00"),),
    ),
    Case(
        "later on the day, after both rounds: not told twice",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(("2026-07-04 09:00", "move", "2026-07-04 20:00"),),
    ),
    Case(
        "to within hours: the notice of the move is the reminder",
        *JULY_4,
        [],
        acts=(("2026-07-03 10:00", "move", "2026-07-03 13:00"),),
    ),
    Case(
        "at the very moment of a round: the notice is the reminder",
        *JULY_4,
        [ON_THE_DAY],
        acts=(("2026-07-03 11:00", "move", "2026-07-04 18:00"),),
    ),
    Case(
        "twice",
        *JULY_4,
        [("2026-07-04 15:00", DAY_BEFORE), ("2026-07-05 12:00", SAME_DAY)],
        acts=(
            ("2026-07-01 15:00", "move", "2026-07-11 14:00"),
            ("2026-07-02 12:00", "move", "2026-07-05 14:00"),
        ),
    ),
    Case(
        "away and back again between the rounds: the first is not repeated",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(
            ("2026-07-03 12:00", "move", "2026-07-11 14:00"),
            ("2026-07-03 13:00", "move", "2026-07-04 14:00"),
        ),
    ),
    Case(
        "to another coast: its hours count from then on",
        *JULY_4,
        [("2026-07-03 18:00", DAY_BEFORE), ("2026-07-04 15:00", SAME_DAY)],
        acts=(("2026-07-02 12:00", "move", "2026-07-04 14:00", "America/Los_Angeles"),),
    ),
    Case(
        "another text is not a move",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(("2026-07-03 12:00", "reword"), ("2026-07-04 09:00", "reword")),
    ),
    # --- Called off, and on again ----------------------------------------------------------------
    Case("cancelled before", *JULY_4, [], acts=(("2026-07-02 12:00", "cancel"),)),
    Case("cancelled between the rounds", *JULY_4, [BEFORE], acts=(("2026-07-03 12:00", "cancel"),)),
    Case(
        "cancelled, on again before a round",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(("2026-07-02 12:00", "cancel"), ("2026-07-03 09:00", "restore")),
    ),
    Case(
        "cancelled over a round: it is not made up for",
        *JULY_4,
        [ON_THE_DAY],
        acts=(("2026-07-03 09:00", "cancel"), ("2026-07-03 12:00", "restore")),
    ),
    Case(
        "cancelled over the last round",
        *JULY_4,
        [BEFORE],
        acts=(("2026-07-03 12:00", "cancel"), ("2026-07-04 09:00", "restore")),
    ),
    Case("postponed", *JULY_4, [], acts=(("2026-07-02 12:00", "postpone"),)),
    Case(
        "postponed, on again",
        *JULY_4,
        [ON_THE_DAY],
        acts=(("2026-07-02 12:00", "postpone"), ("2026-07-03 20:00", "restore")),
    ),
    Case(
        "postponed, then given a new date",
        *JULY_4,
        [("2026-07-10 15:00", DAY_BEFORE), ("2026-07-11 12:00", SAME_DAY)],
        acts=(("2026-07-02 12:00", "postpone"), ("2026-07-05 12:00", "move", "2026-07-11 14:00")),
    ),
    Case("taken off the site", *JULY_4, [], acts=(("2026-07-02 12:00", "unpublish"),)),
    Case(
        "taken off the site and put back",
        *JULY_4,
        [BEFORE, ON_THE_DAY],
        acts=(("2026-07-02 12:00", "unpublish"), ("2026-07-03 09:00", "publish")),
    ),
    Case("the party cancels", *JULY_4, [], acts=(("2026-07-02 12:00", "leave"),)),
    Case("the party cancels between the rounds", *JULY_4, [BEFORE], acts=(("2026-07-03 12:00", "leave"),)),
    # --- After an outage -------------------------------------------------------------------------
    Case(
        "back at noon of the day: one mail, the same day's",
        *JULY_4,
        [("2026-07-04 16:00", SAME_DAY)],
        ticks=("2026-07-01 12:00", "2026-07-04 12:00"),
    ),
    Case(
        "back in the afternoon before: late is better than not",
        *JULY_4,
        [("2026-07-03 20:00", DAY_BEFORE), ON_THE_DAY],
        ticks=("2026-07-01 12:00", "2026-07-03 16:00", "2026-07-04 08:00", "2026-07-04 12:00"),
    ),
    Case("back at the start", *JULY_4, [], ticks=("2026-07-01 12:00", "2026-07-04 14:00")),
    Case("back after the start", *JULY_4, [], ticks=("2026-07-01 12:00", "2026-07-04 15:00")),
    Case(
        "back in the morning of an early start",
        NEW_YORK,
        "2026-07-04 10:00",
        [("2026-07-04 12:00", DAY_BEFORE)],
        ticks=("2026-07-01 12:00", "2026-07-04 08:00"),
    ),
    Case(
        "back at night, still waiting",
        *JULY_4,
        [("2026-07-04 03:00", WAITING)],
        full=True,
        ticks=("2026-07-01 15:00", "2026-07-03 23:00"),
    ),
    Case(
        "the text was edited while the clock stood still",
        *JULY_4,
        [("2026-07-03 16:00", DAY_BEFORE), ON_THE_DAY],
        acts=(("2026-07-03 11:30", "reword"),),
        ticks=("2026-07-01 12:00", "2026-07-03 12:00", "2026-07-04 08:00"),
    ),
]


def local(text: str, zone: str) -> datetime:
    """A moment of the table, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times_of(start: str, zone: str) -> dict:
    """Start and end of a row: two hours, or the whole local day."""
    first = local(start, zone)
    if " " in start:
        return {"start": first, "end": first + timedelta(hours=2), "all_day": False}
    day_after = (datetime.fromisoformat(start) + timedelta(days=1)).isoformat()
    return {"start": first, "end": local(day_after, zone), "all_day": True}


def make_act(case: Case, event, party, other, at: datetime, act: str, *words: str) -> None:
    """Do to the event, or as a party, what a row says."""
    if act == "move":
        zone = words[1] if len(words) > 1 else case.zone
        details = event_details(zone=zone, capacity=1 if case.full else None, **times_of(words[0], zone))
        event_actions.edit_event(event, details, by=None, at=at)
    elif act == "reword":
        details = event_details(
            zone=case.zone, description=f"As of {at}", capacity=None, **times_of(case.start, case.zone)
        )
        event_actions.edit_event(event, details, by=None, at=at)
    elif act == "free seat":
        rsvps.cancel(other.pk, at=at)
    elif act == "leave":
        rsvps.cancel(party.pk, at=at)
    else:
        getattr(event_actions, f"{act}_event")(event, by=None, at=at)


def moments(case: Case, first: datetime) -> list[datetime]:
    """When the clock ticks: as the row says, or often enough that nothing could slip in between,
    at each instant expected, and a second before it."""
    if case.ticks:
        return [local(text, case.zone) for text in case.ticks]
    starts = [case.start, *(act[2] for act in case.acts if act[1] == "move")]
    end = max(local(text, case.zone) for text in starts) + timedelta(hours=3)
    ticks = {first + timedelta(hours=6 * n) for n in range((end - first) // timedelta(hours=6) + 2)}
    for text in starts:
        start = local(text, case.zone)
        ticks |= {start - timedelta(minutes=30 * n) for n in range(8)} | {start - timedelta(seconds=1)}
    for text, _kind in case.expected:
        ticks |= {utc(text), utc(text) - timedelta(seconds=1)}
    return sorted(tick for tick in ticks if tick >= first)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_table(case, time_machine):
    """Exactly these reminders, each at its instant and never after the start."""
    start = local(case.start, case.zone)
    confirmed = local(case.confirmed, case.zone) if case.confirmed else start - timedelta(days=3)
    time_machine.move_to(confirmed - timedelta(days=1), tick=False)
    event = make_event(zone=case.zone, capacity=1 if case.full else None, **times_of(case.start, case.zone))
    other = make_rsvp(event, confirmed=True) if case.full else None
    time_machine.move_to(confirmed, tick=False)
    party = make_rsvp(event, email=ADDRESS, confirmed=True)
    attendance = Attendance.objects.get(rsvp=party)

    acts = [(local(act[0], case.zone), 0, act[1:]) for act in case.acts]
    ticks = [(moment, 1, ()) for moment in moments(case, confirmed)]
    mails, sent = 0, []
    for moment, _order, act in sorted(acts + ticks):
        time_machine.move_to(moment, tick=False)
        if act:
            make_act(case, event, party, other, moment, *act)
            continue
        delivered = [mail for mail in deliver_mail() if mail.to == [ADDRESS]]
        mails += sum(
            mail.subject.startswith(("Tomorrow: ", "Today: ", "Still on the waiting list: "))
            for mail in delivered
        )
        rows = Message.objects.filter(
            about_id=attendance.pk, kind__in=KINDS, state=Message.State.SENT, state_at=moment
        )
        sent += [(moment, row.kind) for row in rows]

    assert sent == [(utc(text), kind) for text, kind in case.expected]
    assert mails == len(case.expected)


def test_the_table_is_large_enough():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


# --- The function behind it --------------------------------------------------------------------
ZONES = sorted(available_timezones())


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
@settings(deadline=None, max_examples=300)
def test_every_reminder_comes_before_the_start_and_at_its_hour(start, zone):
    due = instants(start, zone)
    day = start.astimezone(ZoneInfo(zone)).date()
    assert due == sorted(due)
    for at, kind in due:
        assert at < start
        local_at = at.astimezone(ZoneInfo(zone))
        if kind == SAME_DAY:
            assert local_at.date() == day
            assert local_at.hour == 8
        else:
            assert local_at.date() == day - timedelta(days=1)
            assert local_at.hour == (18 if kind == WAITING else 19 if len(due) == 2 else 11)
        assert next_instant(start, zone, at - timedelta(microseconds=1)) == at
    assert next_instant(start, zone, due[-1][0]) is None


@pytest.mark.parametrize(
    ("counted", "nothing_comes"),
    [
        ("2026-07-03 08:00", False),
        ("2026-07-03 12:00", False),
        ("2026-07-04 05:00", False),
        ("2026-07-04 05:00:01", True),
        ("2026-07-04 13:00", True),
    ],
)
def test_none_left_agrees_with_the_planner(counted, nothing_comes):
    start = local("2026-07-04 14:00", NEW_YORK)
    assert none_left(start, NEW_YORK, local(counted, NEW_YORK)) is nothing_comes
