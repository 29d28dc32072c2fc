"""Dates and times as people read them, in the event's zone and the reader's language."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import translation
from django.utils.formats import date_format
from hypothesis import given, settings
from hypothesis import strategies as st

from events.when import (
    clock_text,
    day_text,
    days_text,
    start_html,
    start_text,
    when_html,
    when_text,
    whole_days,
)
from hub.zones import zone_info, zone_name


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("day", "english", "spanish"),
    [
        ("2026-12-05", "Saturday, December 5, 2026", "sábado 5 de diciembre de 2026"),
        ("2026-03-02", "Monday, March 2, 2026", "lunes 2 de marzo de 2026"),
        ("2026-05-01", "Friday, May 1, 2026", "viernes 1 de mayo de 2026"),
        ("2028-02-29", "Tuesday, February 29, 2028", "martes 29 de febrero de 2028"),
        ("2026-09-13", "Sunday, September 13, 2026", "domingo 13 de septiembre de 2026"),
        ("2026-08-12", "Wednesday, August 12, 2026", "miércoles 12 de agosto de 2026"),
        ("2026-10-01", "Thursday, October 1, 2026", "jueves 1 de octubre de 2026"),
    ],
)
def test_days(day, english, spanish):
    moment = datetime.fromisoformat(day)
    assert day_text(moment, "en") == english
    assert day_text(moment, "es") == spanish


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("hours", [2, 24, 60])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "America/Sao_Paulo", "Asia/Kathmandu"])
@pytest.mark.parametrize("all_day", [True, False])
def test_on_a_page_a_time_is_the_same_words_in_pieces_that_stay_whole(language, hours, zone, all_day):
    start = utc("2026-12-05 08:00")
    times = (start, start + timedelta(hours=hours), zone, language)
    page = when_html(*times, all_day=all_day)
    assert re.sub(r"</?span>", "", page) == when_text(*times, all_day=all_day)
    pieces = re.findall(r"<span>([^<]*)</span>", page)
    assert " ".join(pieces) == when_text(*times, all_day=all_day)
    clocks = [piece for piece in pieces if ":" in piece]
    assert len(clocks) == (0 if all_day else 2)
    assert all_day or re.search(r"\d:\d\d.* (PST|UTC[-+][\d:]+)$", clocks[-1])


@pytest.mark.parametrize(
    ("clock", "english", "spanish"),
    [
        ("00:00", "12:00 AM", "0:00"),
        ("00:05", "12:05 AM", "0:05"),
        ("09:30", "9:30 AM", "9:30"),
        ("11:59", "11:59 AM", "11:59"),
        ("12:00", "12:00 PM", "12:00"),
        ("14:00", "2:00 PM", "14:00"),
        ("23:59", "11:59 PM", "23:59"),
    ],
)
def test_clocks(clock, english, spanish):
    moment = datetime.fromisoformat(f"2026-12-05 {clock}")
    assert clock_text(moment, "en") == english
    assert clock_text(moment, "es") == spanish


@pytest.mark.parametrize(
    ("moment", "zone", "name"),
    [
        ("2026-12-05 14:00", "America/Los_Angeles", "PST"),
        ("2026-07-04 14:00", "America/Los_Angeles", "PDT"),
        ("2026-07-04 14:00", "Europe/London", "BST"),
        ("2026-07-04 14:00", "America/Sao_Paulo", "UTC-3"),
        ("2026-07-04 14:00", "Asia/Kathmandu", "UTC+5:45"),
        ("2026-07-04 14:00", "Pacific/Marquesas", "UTC-9:30"),
        ("2026-07-04 14:00", "Pacific/Chatham", "UTC+12:45"),
        ("2026-07-04 14:00", "Asia/Kolkata", "IST"),
        ("2026-07-04 14:00", "Pacific/Kiritimati", "UTC+14"),
        ("2026-07-04 14:00", "UTC", "UTC"),
    ],
)
def test_a_zone_has_its_name_or_its_offset(moment, zone, name):
    assert zone_name(local(moment, zone)) == name


@given(
    st.sampled_from(sorted(available_timezones())), st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))
)
@settings(deadline=None, max_examples=200)
def test_every_zone_has_a_name_people_can_read(zone, moment):
    name = zone_name(moment.replace(tzinfo=zone_info(zone)))
    assert name
    assert name[0].isalpha()
    assert len(name) <= 10


@pytest.mark.parametrize(
    ("start", "end", "english", "spanish"),
    [
        (
            "2026-12-05 22:00",
            "2026-12-06 00:00",
            "Saturday, December 5, 2026, 2:00 PM to 4:00 PM PST",
            "sábado 5 de diciembre de 2026, 14:00 a 16:00 PST",
        ),
        (
            "2026-12-06 05:00",
            "2026-12-06 10:00",
            "Saturday, December 5, 2026, 9:00 PM to Sunday, December 6, 2026, 2:00 AM PST",
            "sábado 5 de diciembre de 2026, 21:00 a domingo 6 de diciembre de 2026, 2:00 PST",
        ),
    ],
    ids=["one day", "over midnight"],
)
def test_from_and_until(start, end, english, spanish):
    zone = "America/Los_Angeles"
    assert when_text(utc(start), utc(end), zone, "en") == english
    assert when_text(utc(start), utc(end), zone, "es") == spanish


@pytest.mark.parametrize(
    ("first", "last", "zone", "english", "spanish"),
    [
        (
            "2026-09-07 05:00",
            "2026-09-08 05:00",
            "America/Chicago",
            "Monday, September 7, 2026",
            "lunes 7 de septiembre de 2026",
        ),
        (
            "2026-03-07 05:00",  # the clocks go forward on the second day
            "2026-03-09 04:00",
            "America/New_York",
            "Saturday, March 7 to Sunday, March 8, 2026",
            "del sábado 7 al domingo 8 de marzo de 2026",
        ),
        (
            "2026-09-06 04:00",  # there is no midnight on that day
            "2026-09-07 03:00",
            "America/Santiago",
            "Sunday, September 6, 2026",
            "domingo 6 de septiembre de 2026",
        ),
    ],
    ids=["one day", "two days", "a day without midnight"],
)
def test_whole_days(first, last, zone, english, spanish):
    assert when_text(utc(first), utc(last), zone, "en", all_day=True) == english
    assert when_text(utc(first), utc(last), zone, "es", all_day=True) == spanish


@pytest.mark.parametrize(
    ("first", "last", "english", "spanish"),
    [
        (
            *("2027-01-08", "2027-01-09"),
            "Friday, January 8 to Saturday, January 9, 2027",
            "del viernes 8 al sábado 9 de enero de 2027",
        ),
        (
            *("2027-01-29", "2027-02-01"),
            "Friday, January 29 to Monday, February 1, 2027",
            "del viernes 29 de enero al lunes 1 de febrero de 2027",
        ),
        (
            *("2027-12-31", "2028-01-01"),
            "Friday, December 31, 2027 to Saturday, January 1, 2028",
            "del viernes 31 de diciembre de 2027 al sábado 1 de enero de 2028",
        ),
        (*("2027-01-08", "2027-01-08"), "Friday, January 8, 2027", "viernes 8 de enero de 2027"),
    ],
)
def test_what_two_days_share_is_said_once(first, last, english, spanish):
    span = date.fromisoformat(first), date.fromisoformat(last)
    assert days_text(*span, "en") == english
    assert days_text(*span, "es") == spanish


def test_the_start_for_a_card():
    start = utc("2026-12-05 22:00")
    assert start_text(start, "America/Los_Angeles", "en") == "Saturday, December 5, 2026, 2:00 PM PST"
    assert start_text(start, "America/Los_Angeles", "es") == "sábado 5 de diciembre de 2026, 14:00 PST"
    assert re.findall("<span>(.*?)</span>", start_html(start, "America/Los_Angeles", "es")) == [
        *("sábado", "5 de diciembre", "de 2026,", "14:00 PST")
    ]
    midnight = utc("2026-09-07 05:00")
    assert start_text(midnight, "America/Chicago", "en", all_day=True) == "Monday, September 7, 2026"
    assert start_text(midnight, "America/Chicago", "en") == "Monday, September 7, 2026, 12:00 AM CDT"


@pytest.mark.parametrize(
    ("start", "hours", "whole"),
    [("2026-09-07 05:00", 24, True), ("2026-09-07 05:00", 2, False), ("2026-09-07 06:00", 24, False)],
)
def test_what_goes_from_midnight_to_midnight(start, hours, whole):
    end = utc(start) + timedelta(hours=hours)
    assert whole_days(utc(start), end, "America/Chicago") is whole


def test_the_same_moment_in_another_language_is_not_cached_wrong():
    start = utc("2026-12-05 22:00")
    texts = [start_text(start, "UTC", language) for language in ("en", "es", "en")]
    assert texts[0] == texts[2] != texts[1]


@pytest.mark.parametrize(
    ("language", "day", "clock"),
    [("en", "December 5, 2026", "2:05 PM"), ("es", "5 de diciembre de 2026", "14:05")],
)
def test_django_s_filters_write_days_and_times_the_same(language, day, clock):
    local = datetime(2026, 12, 5, 14, 5)
    assert day in day_text(local.date(), language)
    assert clock_text(local, language) == clock
    with translation.override(language):
        assert date_format(local, "DATE_FORMAT") == day
        assert date_format(local, "TIME_FORMAT") == clock
        assert date_format(local, "DATETIME_FORMAT") == f"{day}, {clock}"


def test_no_page_of_members_has_a_form_of_its_own():
    pages = [*Path("templates/committees").rglob("*.html"), *Path("templates/account").rglob("*.html")]
    pages += [Path("templates/hub") / f"{name}.html" for name in ("me", "settings", "data", "thread", "ask")]
    forms = {form for page in pages for form in re.findall(r'\|date:"([^"]*)"', page.read_text())}
    assert forms <= {"DATE_FORMAT", "DATETIME_FORMAT", "TIME_FORMAT"}
