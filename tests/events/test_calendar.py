"""Calendar files, parsed back: what they hold, what they never hold, what nobody can smuggle in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as hub_settings
from icalendar import Calendar

from events.actions import events as event_actions
from events.actions import rsvps
from events.calendar import event_ics
from events.models import Event, Timeslot
from tests.factories import deliver_mail, event_details, make_event, make_rsvp, slot_of

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)
NOW = START - timedelta(days=10)
PROPERTIES = {
    *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "STATUS"),
    *("SUMMARY", "DESCRIPTION", "LOCATION", "URL"),
}
NEUTRAL_PROPERTIES = PROPERTIES - {"DESCRIPTION", "LOCATION", "URL"} | {"CLASS"}


@pytest.fixture(autouse=True)
def _ten_days_before(time_machine):
    time_machine.move_to(NOW, tick=False)


def event_at(**details):
    return make_event(**{"start": START, **details})


def edit(event, **details):
    wanted = event_details(**{"start": START, **details})
    return event_actions.edit_event(event, wanted, by=None, at=NOW)


def fetch(visitor, event, query="") -> Calendar:
    response = visitor.get(f"/events/{event.slug}.ics{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content)


def entry_of(calendar):
    (entry,) = calendar.walk("VEVENT")
    return entry


# --- What it holds -------------------------------------------------------------------------------
def test_the_file_of_an_event(visitor):
    event = event_at(description="Bring a friend.\n\nAnd water.")
    calendar = fetch(visitor, event)
    assert {name: str(calendar[name]) for name in calendar} == {
        "PRODID": "-//Labor Party Hub//EN",
        "VERSION": "2.0",
        "METHOD": "PUBLISH",
    }
    assert [component.name for component in calendar.subcomponents] == ["VEVENT"]
    entry = entry_of(calendar)
    assert set(entry) == PROPERTIES
    assert entry["UID"] == f"{slot_of(event).pk}@{hub_settings.SITE_HOST}"
    assert entry.decoded("DTSTART") == START
    assert entry.decoded("DTEND") == START + timedelta(hours=2)
    assert entry.decoded("DTSTAMP") == entry.decoded("LAST-MODIFIED") == NOW
    assert entry["STATUS"] == "CONFIRMED"
    assert entry["SEQUENCE"] == 0
    assert entry["SUMMARY"] == "Rally for a Labor Party"
    url = f"{hub_settings.SITE_URL}/events/{event.slug}/"
    assert entry["URL"] == url
    assert entry["DESCRIPTION"] == f"Bring a friend.\n\nAnd water.\n\n{url}"
    assert entry["LOCATION"] == "Civic Center Plaza, 355 McAllister Street, San Francisco, CA 94102"


def test_alarms_a_day_and_two_hours_before(visitor):
    alarms = entry_of(fetch(visitor, event_at())).walk("VALARM")
    assert [set(alarm) for alarm in alarms] == [{"ACTION", "DESCRIPTION", "TRIGGER"}] * 2
    assert [alarm["ACTION"] for alarm in alarms] == ["DISPLAY", "DISPLAY"]
    assert [alarm.decoded("TRIGGER") for alarm in alarms] == [timedelta(days=-1), timedelta(hours=-2)]
    assert {str(alarm["DESCRIPTION"]) for alarm in alarms} == {"Rally for a Labor Party"}


def test_times_stand_in_utc_and_need_no_zone(visitor):
    event = event_at(zone="Asia/Kathmandu")
    response = visitor.get(f"/events/{event.slug}.ics")
    assert b"DTSTART:20260704T210000Z\r\n" in response.content
    assert b"TZID" not in response.content
    assert b"VTIMEZONE" not in response.content


@pytest.mark.parametrize(
    ("zone", "start", "end", "days"),
    [
        ("America/Chicago", "2026-09-07 05:00", "2026-09-08 05:00", (date(2026, 9, 7), date(2026, 9, 8))),
        ("America/New_York", "2026-03-07 05:00", "2026-03-09 04:00", (date(2026, 3, 7), date(2026, 3, 9))),
        ("Pacific/Kiritimati", "2026-05-31 10:00", "2026-06-01 10:00", (date(2026, 6, 1), date(2026, 6, 2))),
        # Midnight of the sixth does not exist there: the day begins at one.
        ("America/Santiago", "2026-09-06 04:00", "2026-09-07 03:00", (date(2026, 9, 6), date(2026, 9, 7))),
    ],
    ids=["one day", "two days over a change of clocks", "ahead of everybody", "no midnight"],
)
def test_whole_days_are_dates_with_an_exclusive_end(zone, start, end, days, visitor):
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
    event = make_event(
        zone=zone, start=moments[0], end=moments[1], all_day=True, at=NOW - timedelta(days=200)
    )
    time_of_entry = entry_of(fetch(visitor, event))
    assert (time_of_entry.decoded("DTSTART"), time_of_entry.decoded("DTEND")) == days
    content = visitor.get(f"/events/{event.slug}.ics").content.decode()
    assert f"DTSTART;VALUE=DATE:{days[0]:%Y%m%d}\r\n" in content
    assert f"DTEND;VALUE=DATE:{days[1]:%Y%m%d}\r\n" in content


def test_every_timeslot_is_an_entry_of_its_own(visitor):
    event = event_at()
    later = START + timedelta(days=7)
    Timeslot.objects.create(event=event, start=later, end=later + timedelta(hours=2))
    entries = fetch(visitor, event).walk("VEVENT")
    assert [entry.decoded("DTSTART") for entry in entries] == [START, later]
    assert len({str(entry["UID"]) for entry in entries}) == 2


def test_an_online_event_says_online_and_not_where(visitor):
    event = event_at(city="", online=True, online_link="https://meet.example.org/x")
    entry = entry_of(fetch(visitor, event))
    assert entry["LOCATION"] == "Online"
    assert "meet.example.org" not in str(entry.to_ical())


def test_a_place_that_is_not_public_is_an_area(visitor):
    event = event_at(reveal="confirmed", venue="Secret Hall", street="7 Back Lane")
    entry = entry_of(fetch(visitor, event))
    assert entry["LOCATION"] == "San Francisco, CA"
    assert "Secret" not in str(entry.to_ical())


def test_nobody_is_named_whoever_comes(visitor):
    event = event_at()
    party = make_rsvp(event, email="reader@example.org", confirmed=True, name="Ana")
    (mail,) = deliver_mail()
    for file in (
        visitor.get(f"/events/{event.slug}.ics").content.decode(),
        mail.attachments[0].get_payload(decode=True).decode(),
    ):
        for word in ("ATTENDEE", "ORGANIZER", "CONTACT", "mailto:", "Ana", "reader@", party.mail_token):
            assert word not in file


# --- Changes -----------------------------------------------------------------------------------------
def test_the_sequence_rises_and_the_uid_stays(visitor):
    event = event_at()
    entries = [entry_of(fetch(visitor, event))]
    edit(event, start=START + timedelta(hours=1))
    entries.append(entry_of(fetch(visitor, event)))
    for act in ("postpone", "restore", "cancel", "restore"):
        getattr(event_actions, f"{act}_event")(event, by=None, at=NOW)
        entries.append(entry_of(fetch(visitor, event)))
    assert [entry["SEQUENCE"] for entry in entries] == [0, 1, 2, 3, 4, 5]
    assert len({str(entry["UID"]) for entry in entries}) == 1
    assert [str(entry["STATUS"]) for entry in entries] == [
        *("CONFIRMED", "CONFIRMED", "TENTATIVE", "CONFIRMED", "CANCELLED", "CONFIRMED"),
    ]
    assert [len(entry.walk("VALARM")) for entry in entries] == [2, 2, 0, 2, 0, 2]


def test_the_stamp_moves_with_a_change(visitor, time_machine):
    event = event_at()
    later = NOW + timedelta(hours=5)
    time_machine.move_to(later, tick=False)
    assert entry_of(fetch(visitor, event)).decoded("DTSTAMP") == NOW
    event_actions.cancel_event(event, by=None, at=later)
    assert entry_of(fetch(visitor, event)).decoded("DTSTAMP") == later


def test_cancelling_ones_answer_takes_the_entry_out_of_ones_calendar(visitor):
    event = event_at()
    party = make_rsvp(event, email="reader@example.org", confirmed=True)
    deliver_mail()
    rsvps.cancel(party.pk, at=NOW)
    (mail,) = deliver_mail()
    entry = entry_of(Calendar.from_ical(mail.attachments[0].get_payload(decode=True)))
    assert entry["STATUS"] == "CANCELLED"
    assert entry["UID"] == entry_of(fetch(visitor, event))["UID"]
    assert entry_of(fetch(visitor, event))["STATUS"] == "CONFIRMED"  # for everybody else


# --- Neutral -----------------------------------------------------------------------------------------
def test_a_neutral_file_is_a_meeting_and_no_more(visitor):
    event = event_at(title="Rally", description="About the union.")
    response = visitor.get(f"/events/{event.slug}.ics?neutral=1")
    assert response["Content-Disposition"] == 'attachment; filename="meeting.ics"'
    entry = entry_of(Calendar.from_ical(response.content))
    assert set(entry) == NEUTRAL_PROPERTIES
    assert (entry["SUMMARY"], entry["CLASS"]) == ("Meeting", "PRIVATE")
    assert {str(alarm["DESCRIPTION"]) for alarm in entry.walk("VALARM")} == {"Meeting"}
    for word in ("Rally", "union", "Labor", "Civic", "San Francisco", event.slug):
        assert word not in response.content.decode()


def test_the_file_name_of_a_plain_one_is_its_address(visitor):
    event = event_at()
    response = visitor.get(f"/events/{event.slug}.ics")
    assert response["Content-Disposition"] == f'attachment; filename="{event.slug}.ics"'


# --- Who gets it ----------------------------------------------------------------------------------------
def test_a_draft_has_no_file_but_for_administrators(visitor, member, admin):
    event = event_at(published=False)
    path = f"/events/{event.slug}.ics"
    assert [browser.get(path).status_code for browser in (visitor, member, admin)] == [404, 404, 200]


def test_an_unlisted_one_has(visitor):
    assert entry_of(fetch(visitor, event_at(visibility="unlisted")))


# --- Smuggling --------------------------------------------------------------------------------------------
SMUGGLED = [
    "{}\r\nATTENDEE:mailto:victim@example.org",
    "{}\nATTENDEE:mailto:victim@example.org",
    "{}\rATTENDEE:mailto:victim@example.org",
    "{}\x85ATTENDEE:mailto:victim@example.org",
    "{}\u2028ATTENDEE:mailto:victim@example.org",
    "{}\u2029ATTENDEE:mailto:victim@example.org",
    "{}\x0bATTENDEE:mailto:victim@example.org",
    "{}\x0cATTENDEE:mailto:victim@example.org",
    "{}\\nATTENDEE:mailto:victim@example.org",
    "{}\r\n\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:victim@example.org",
    "{}\r\n ATTENDEE:mailto:victim@example.org",
    '{};X="a",b\\c:d',
    "{}" + "工" * 60,  # folded in the middle of its bytes
]


@pytest.mark.parametrize("text", SMUGGLED, ids=[*map(repr, SMUGGLED[:-1]), "long"])
@pytest.mark.parametrize(
    "field", ["title", "description", "venue", "street", "city", "region", "postal_code"]
)
def test_no_text_becomes_a_property(field, text):
    longest = min(80, Event._meta.get_field(field).max_length)
    event = event_at(**{field: text.format("Word")[:longest]})
    file = event_ics(event, [slot_of(event)], url="https://hub.example.org/events/x/")
    calendar = Calendar.from_ical(file)
    entry = entry_of(calendar)
    assert set(entry) == PROPERTIES
    assert [set(alarm) for alarm in entry.walk("VALARM")] == [{"ACTION", "DESCRIPTION", "TRIGGER"}] * 2
    holder = {"title": "SUMMARY", "description": "DESCRIPTION"}.get(field, "LOCATION")
    assert "Word" in entry[holder]
    # For readers that split lines wherever Unicode does.
    assert not [line for line in file.decode().splitlines() if line.startswith(("ATTENDEE", "X="))]
    for line in file.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line


def test_what_people_write_comes_back_as_it_was(visitor):
    text = 'Comma, semicolon; colon: backslash \\ quote " and\nnew line, ünïon 工会 🚩'
    event = event_at(title=text.replace("\n", " "), description=text)
    entry = entry_of(fetch(visitor, event))
    assert entry["SUMMARY"] == text.replace("\n", " ")
    assert entry["DESCRIPTION"].startswith(text)
