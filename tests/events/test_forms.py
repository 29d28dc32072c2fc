"""Is the input sound? What a form says of an event, of a party, of a code."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django import forms

from events.forms.events import EventForm, in_zone
from events.forms.rsvps import RsvpChangeForm, RsvpForm
from hub.forms import CodeForm
from hub.places import Point
from tests.factories import make_campaign, make_event, posted_rsvp
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

NOW = datetime(2026, 2, 20, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- Local times -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "clock", "zone", "moment"),
    [
        ("2026-07-04", "14:00", "America/Los_Angeles", "2026-07-04 21:00"),
        ("2026-12-05", "14:00", "America/Los_Angeles", "2026-12-05 22:00"),
        ("2026-11-01", "01:30", "America/New_York", "2026-11-01 05:30"),  # twice on that day: the first
        ("2026-03-08", "03:00", "America/New_York", "2026-03-08 07:00"),
        ("2026-07-04", "14:00", "Asia/Kathmandu", "2026-07-04 08:15"),
    ],
)
def test_a_local_time_becomes_a_moment(day, clock, zone, moment):
    assert in_zone(date.fromisoformat(day), time.fromisoformat(clock), zone) == utc(moment)


@pytest.mark.parametrize(
    ("day", "clock", "zone"),
    [
        ("2026-03-08", "02:00", "America/New_York"),
        ("2026-03-08", "02:59", "America/New_York"),
        ("2026-03-29", "01:30", "Europe/London"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe"),
        ("2026-09-06", "00:00", "America/Santiago"),
    ],
)
def test_a_time_the_clocks_skip_is_refused(day, clock, zone):
    with pytest.raises(forms.ValidationError, match="That time does not exist on that day"):
        in_zone(date.fromisoformat(day), time.fromisoformat(clock), zone)


# --- Events ------------------------------------------------------------------------------------------
def event_form(**fields) -> EventForm:
    """What an operator posts: two hours in San Francisco on the Fourth of July."""
    posted = {
        "campaign": str(make_campaign().pk),
        "kind": "rally",
        "title": "Rally",
        "description": "",
        "language": "en",
        "visibility": "public",
        "reveal": "public",
        "venue": "Civic Center Plaza",
        "street": "",
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "",
        "country": "US",
        "zone": "",
        "online_link": "",
        "first_day": "2026-07-04",
        "starts": "14:00",
        "last_day": "",
        "ends": "16:00",
        "capacity": "",
    }
    return EventForm({**posted, **fields})


def details_of(**fields):
    form = event_form(**fields)
    assert form.is_valid(), form.errors.as_json()
    return form.details()


def errors_of(**fields) -> dict[str, str]:
    form = event_form(**fields)
    assert not form.is_valid()
    return {name: " ".join(errors) for name, errors in form.errors.items()}


@pytest.fixture
def atlas(places):  # noqa: F811
    """The tables of places."""


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("atlas")]


def test_the_zone_and_the_point_are_those_of_the_place():
    details = details_of()
    assert (details.start, details.end) == (utc("2026-07-04 21:00"), utc("2026-07-04 23:00"))
    assert details.fields["zone"] == "America/Los_Angeles"
    assert (details.fields["latitude"], details.fields["longitude"]) == (37.7749, -122.4194)
    assert (details.all_day, details.capacity, details.venue) == (False, None, "Civic Center Plaza")


@pytest.mark.parametrize(
    ("fields", "point", "zone"),
    [
        ({"postal_code": "94110"}, Point(37.7509, -122.4153), "America/Los_Angeles"),
        ({"postal_code": "94110-1234"}, Point(37.7509, -122.4153), "America/Los_Angeles"),
        # A hidden place is not measured more finely than its city.
        ({"postal_code": "94110", "reveal": "confirmed"}, Point(37.77, -122.42), "America/Los_Angeles"),
        (
            {"city": "Athens", "region": "", "country": "GR", "postal_code": "105 57"},
            Point(37.9838, 23.7278),
            "Europe/Athens",
        ),
        ({"city": "Athens", "region": "GA"}, Point(33.9609, -83.3779), "America/New_York"),
        (
            {"city": "San Juan", "region": "", "country": "PR"},
            Point(18.4663, -66.1057),
            "America/Puerto_Rico",
        ),
        (
            {"city": "San Jose", "region": "Caraga", "country": "PH"},  # the smaller of three
            Point(10.18, 125.5683),
            "Asia/Manila",
        ),
        (
            {"city": "San Jose", "region": "somewhere", "country": "PH"},
            Point(12.3528, 121.0676),
            "Asia/Manila",
        ),
        ({"zone": "America/Phoenix"}, Point(37.7749, -122.4194), "America/Phoenix"),
    ],
    ids=[
        *("ZIP code", "long ZIP code", "hidden", "Greece", "Georgia", "Puerto Rico", "division"),
        *("unknown division", "another zone"),
    ],
)
def test_where_it_is(fields, point, zone):
    found = details_of(**fields).fields
    assert Point(found["latitude"], found["longitude"]) == point
    assert found["zone"] == zone


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"city": "Atlantis"}, "city", "We don't know a place called “Atlantis, CA”."),
        ({"city": "Atlantis", "country": "GR", "region": ""}, "city", "“Atlantis, Greece”"),
        ({"postal_code": "99999"}, "postal_code", "We don't know the US ZIP code 99999."),
        ({"country": ""}, "country", "Choose the country."),
        ({"city": ""}, "city", "Write the city, or tick that people can take part online."),
        ({"city": "", "online": "on"}, "zone", "Choose the time zone of this online event."),
        ({"postal_code": "96505"}, "zone", "Choose the time zone."),  # a ZIP code without a known zone
        ({"zone": "Mars/Olympus"}, "zone", "Select a valid choice."),
        ({"country": "XX"}, "country", "Select a valid choice."),
    ],
    ids=[
        *("city", "city abroad", "ZIP code", "no country", "nowhere", "online nowhere", "no zone known"),
        *("no such zone", "no such country"),
    ],
)
def test_an_unsound_place_is_said(fields, field, sentence):
    errors = errors_of(**fields)
    assert list(errors) == [field]
    assert sentence in errors[field]


def test_an_online_event_has_a_zone_and_no_point():
    details = details_of(city="", region="", country="", online="on", zone="America/New_York", venue="")
    assert details.start == utc("2026-07-04 18:00")
    assert (details.fields["latitude"], details.fields["longitude"]) == (None, None)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"first_day": "2026-03-08", "starts": "02:30"}, "starts", "That time does not exist on that day"),
        ({"first_day": "2026-03-08", "starts": "01:30", "ends": "02:30"}, "ends", "does not exist"),
        ({"ends": "13:59"}, "ends", "It ends before it starts."),
        ({"ends": "14:00"}, "ends", "It ends before it starts."),
        ({"last_day": "2026-07-03"}, "last_day", "The last day is before the first one."),
        ({"all_day": "on", "last_day": "2026-07-03"}, "last_day", "before the first one"),
        ({"first_day": "2026-02-19"}, "first_day", "That day is in the past."),
        ({"first_day": "2026-02-20", "starts": "06:00", "ends": "08:00"}, "first_day", "in the past"),
        ({"starts": ""}, "starts", "Write when it starts, or tick “all day”."),
        ({"ends": ""}, "ends", "Write when it ends, or tick “all day”."),
        ({"first_day": ""}, "first_day", "required"),
        ({"first_day": "2026-02-30"}, "first_day", "valid date"),
        ({"first_day": "9999-12-31", "all_day": "on"}, "first_day", "That date is out of range."),
        ({"first_day": "0001-01-01"}, "first_day", "past"),
        ({"first_day": "0001-01-01", "zone": "Asia/Tokyo", "starts": "01:00"}, "first_day", "past"),
        ({"first_day": "9999-12-31", "starts": "23:00", "ends": "23:30"}, "first_day", "out of range"),
        ({"starts": "25:00"}, "starts", "Write a time like 7:00 PM or 19:00."),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else None,
)
def test_an_unsound_time_is_said(fields, field, sentence):
    errors = errors_of(**fields)
    assert list(errors) == [field]
    assert sentence in errors[field]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": "", "country": "", "ends": "13:00"}, {"title", "country", "ends"}),
        ({"city": "Atlantis", "first_day": "2025-07-04"}, {"city", "first_day"}),
        ({"city": "Atlantis", "first_day": "2025-07-04", "starts": ""}, {"city", "first_day", "starts"}),
        ({"starts": "", "ends": "", "capacity": "0"}, {"starts", "ends", "capacity"}),
        ({"starts": "noon", "ends": "", "last_day": "2026-07-03"}, {"starts", "ends", "last_day"}),
        ({"city": "", "last_day": "2026-07-03", "kind": "riot"}, {"city", "last_day", "kind"}),
        (
            {"city": "", "country": "", "online": "on", "all_day": "on", "first_day": ""},
            {"zone", "first_day"},
        ),
        (
            {"first_day": "2026-03-08", "starts": "02:10", "ends": "02:30", "title": ""},
            {"starts", "ends", "title"},
        ),
        # One mistake is said once: what is wrong isn't also missing.
        ({"city": "x" * 81}, {"city"}),
        ({"country": "XX", "title": ""}, {"country", "title"}),
        ({"city": "", "online": "on", "zone": "Mars/Olympus"}, {"zone"}),
        ({"starts": "noon"}, {"starts"}),
        # Where it is not known whether the day is over, nothing is said of that.
        ({"city": "Atlantis", "first_day": "2026-02-20", "starts": "00:10", "ends": "23:59"}, {"city"}),
    ],
    ids=lambda value: " ".join(sorted(value)),
)
def test_all_that_is_wrong_is_said_at_once_and_each_thing_once(fields, wrong):
    form = event_form(**fields)
    assert set(form.errors) == wrong, form.errors.as_json()
    assert {len(sentences) for sentences in form.errors.values()} == {1}


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        ({"ends": "02:00", "last_day": "2026-07-05"}, "2026-07-04 21:00", "2026-07-05 09:00"),
        ({"all_day": "on", "starts": "", "ends": ""}, "2026-07-04 07:00", "2026-07-05 07:00"),
        ({"all_day": "on"}, "2026-07-04 07:00", "2026-07-05 07:00"),  # what stands in the times is ignored
        ({"all_day": "on", "last_day": "2026-07-06"}, "2026-07-04 07:00", "2026-07-07 07:00"),
        (
            {"all_day": "on", "first_day": "2026-03-07", "last_day": "2026-03-08"},
            "2026-03-07 08:00",
            "2026-03-09 07:00",
        ),
        (  # there is no midnight at its start
            {"all_day": "on", "first_day": "2026-09-06", "zone": "America/Santiago"},
            "2026-09-06 04:00",
            "2026-09-07 03:00",
        ),
        (  # nor at the end of the day before
            {"all_day": "on", "first_day": "2026-09-05", "zone": "America/Santiago"},
            "2026-09-05 04:00",
            "2026-09-06 04:00",
        ),
        (
            {"first_day": "2026-02-20", "starts": "00:00", "ends": "23:59"},
            "2026-02-20 08:00",
            "2026-02-21 07:59",
        ),
    ],
    ids=[
        *("over midnight", "all day", "all day with times", "three days", "clocks go forward"),
        *("no midnight", "no midnight after it", "running"),
    ],
)
def test_from_and_until(fields, start, end):
    details = details_of(**fields)
    assert (details.start, details.end) == (utc(start), utc(end))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"kind": "riot"}, "kind"),
        ({"language": "fr"}, "language"),
        ({"reveal": "never"}, "reveal"),
        ({"campaign": ""}, "campaign"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "-1"}, "capacity"),
        ({"capacity": "100001"}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"online_link": "javascript:alert(1)"}, "online_link"),
        ({"online_link": "nonsense"}, "online_link"),
        ({"postal_code": "x" * 17}, "postal_code"),
        ({"venue": "x" * 121}, "venue"),
        ({"street": "x" * 161}, "street"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_unsound_field_is_said(fields, field):
    assert field in errors_of(**fields)


def test_a_link_without_a_scheme_is_https():
    assert details_of(online_link="meet.example.org/x").fields["online_link"] == "https://meet.example.org/x"


SHAPES = {
    "public": {},
    "hidden": {"reveal": "confirmed"},
    "hidden, a street only": {"reveal": "confirmed", "venue": ""},
    "hidden, a venue only": {"reveal": "confirmed", "street": ""},
    "online": {"city": "", "online": True, "online_link": "https://meet.example.org/x"},
    "all day": {"start": utc("2026-07-04 07:00"), "hours": 24, "all_day": True},
    "with a capacity": {"capacity": 12},
    "over midnight": {"start": utc("2026-07-05 05:00"), "hours": 4},
    "abroad": {"city": "Athens", "region": "", "country": "GR", "zone": "Europe/Athens", "postal_code": ""},
}


def posted_by(form) -> dict:
    """What a browser sends of a form nobody has changed."""
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_event_saved_as_it_is_stays_as_it_is(shape):
    event = make_event(**{"start": utc("2026-07-04 21:00"), "postal_code": "94110", **SHAPES[shape]})
    shown = EventForm(instance=event)
    posted = posted_by(shown)
    form = EventForm({**posted, "all_day": "on" if posted.get("all_day") else ""}, instance=event)
    assert form.is_valid(), form.errors.as_json()
    details = form.details()
    slot = event.timeslots.get()
    assert (details.start, details.end, details.all_day) == (slot.start, slot.end, slot.all_day)
    assert details.capacity == slot.capacity
    kept = ("title", "reveal", "venue", "street", "hidden_place", "city", "region", "postal_code", "country")
    event.refresh_from_db()
    assert {name: details.values[name] for name in kept} == {name: getattr(event, name) for name in kept}
    assert (details.values["zone"], details.values["online_link"]) == (event.zone, event.online_link)


def test_a_past_event_can_be_corrected_and_not_moved_into_another_past():
    event = make_event(start=NOW - timedelta(days=3), postal_code="94110")
    shown = EventForm(instance=event)
    posted = posted_by(shown)
    assert EventForm({**posted, "title": "Corrected"}, instance=event).is_valid()
    moved = EventForm({**posted, "first_day": "2026-02-18", "last_day": "2026-02-18"}, instance=event)
    assert "first_day" in moved.errors


# --- Parties and codes -----------------------------------------------------------------------------------
def test_which_folds_stand_open():
    assert RsvpForm().folded_open == {"need": False, "neutral": False}
    form = RsvpForm(posted_rsvp(need="a ramp", neutral="on"))
    assert form.folded_open == {"need": True, "neutral": True}
    assert RsvpForm(posted_rsvp(need="x" * 501)).folded_open["need"]


def test_what_is_asked_is_the_least():
    form = RsvpForm(posted_rsvp())
    assert form.is_valid()
    assert set(form.fields) == {
        *("form_token", "website", "name", "email", "party_size", "need", "neutral"),
    }
    required = RsvpForm(posted_rsvp(), email_required=True)
    assert list(required.errors) == ["email"]


@pytest.mark.parametrize(("size", "capacity", "sound"), [(5, 5, True), (6, 5, False), (10, None, True)])
def test_a_party_must_fit_the_hall(size, capacity, sound):
    for form in (RsvpForm, RsvpChangeForm):
        assert form(posted_rsvp(party_size=str(size)), capacity=capacity).is_valid() is sound


def test_one_forms_address_does_not_become_anothers():
    """Fields are shared by the class: what one event asks must not be asked of the next."""
    RsvpForm(email_required=True)
    assert RsvpForm(posted_rsvp()).is_valid()
    assert not RsvpForm.base_fields["email"].required


@pytest.mark.parametrize("typed", ["123456", " 123456 ", "123 456", "123-456", "1 2 3 4 5 6"])
def test_a_code_as_people_paste_it(typed):
    form = CodeForm({"code": typed})
    assert form.is_valid()
    assert form.cleaned_data["code"] == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６", "1" * 21])
def test_what_is_no_code(typed):
    assert not CodeForm({"code": typed}).is_valid()
