"""What an operator's form takes, fills in again, and refuses."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from events.admin import EventAdmin
from events.calendar import event_ics
from events.forms.events import EventForm
from events.models import Event
from events.when import start_text, when_text, whole_days
from hub.admin_site import HubAdminSite
from hub.models import City
from tests.factories import event_details, make_campaign, make_event, slot_of
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

NOW = datetime(2027, 4, 1, 12, tzinfo=UTC)
START = datetime(2027, 4, 10, 21, tzinfo=UTC)  # two in the afternoon in San Francisco


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def loaded(event: Event) -> dict:
    """What the browser sends back of a form nobody has changed."""
    form = EventForm(instance=Event.objects.get(pk=event.pk))
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value is not None and value is not False and value != []
    }


def change_page(event: Event) -> str:
    return f"/admin/events/event/{event.pk}/change/"


# --- Two operators -------------------------------------------------------------------------------
def test_a_form_that_somebody_overtook_changes_nothing(admin):
    event = make_event(title="Before", postal_code="94110")
    page = admin.get(change_page(event)).content.decode()
    assert 'type="hidden" name="sequence" value="0"' in page
    mine, theirs = loaded(event) | {"title": "Mine"}, loaded(event) | {"title": "Theirs"}
    first = admin.post(change_page(event), theirs)
    assert first.status_code == 302, first.context["errors"]
    refused = admin.post(change_page(event), mine)
    assert refused.status_code == 200
    assert "Somebody changed this event meanwhile" in refused.content.decode()
    event.refresh_from_db()
    assert event.title == "Theirs"
    assert admin.post(change_page(event), loaded(event) | {"title": "Mine"}).status_code == 302
    event.refresh_from_db()
    assert event.title == "Mine"


# --- Days without a midnight -----------------------------------------------------------------------
def test_a_whole_day_begins_where_the_clocks_skip_midnight():
    """In Cairo the clocks go from 24:00 on April 29, 2027, to 1:00 on April 30."""
    data = loaded(make_event(published=False)) | {
        "sequence": "",
        "online": "on",
        "city": "",
        "zone": "Africa/Cairo",
        "first_day": "2027-04-30",
        "last_day": "",
        "all_day": "on",
    }
    form = EventForm(data)
    assert form.is_valid(), form.errors
    event = make_event(
        zone="Africa/Cairo",
        all_day=True,
        start=form.details().start,
        end=form.details().end,
    )
    slot = slot_of(event)
    assert (slot.start, slot.end) == (
        datetime(2027, 4, 29, 22, tzinfo=UTC),
        datetime(2027, 4, 30, 21, tzinfo=UTC),
    )
    assert whole_days(slot.start, slot.end, event.zone)
    assert start_text(slot.start, event.zone, "en", all_day=True) == "Friday, April 30, 2027"
    assert when_text(slot.start, slot.end, event.zone, "en", all_day=True) == "Friday, April 30, 2027"
    assert b"DTSTART;VALUE=DATE:20270430" in event_ics(event, [slot], url="https://hub.example.org/")
    again = EventForm(instance=event)
    assert (again["first_day"].value(), again["last_day"].value()) == (date(2027, 4, 30), None)
    eve = EventForm(data | {"first_day": "2027-04-29"})
    assert eve.is_valid(), eve.errors
    assert eve.details().end == slot.start


def test_one_in_the_morning_is_not_the_start_of_other_days():
    one, end = datetime(2027, 4, 28, 23, tzinfo=UTC), datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert not whole_days(one, end, "Africa/Cairo")


# --- A new event -------------------------------------------------------------------------------------
def chosen(name: str) -> list[str]:
    return [str(value) for value, _label in EventForm().fields[name].choices]


def test_the_home_page_s_or_the_only_campaign_is_chosen():
    assert EventForm()["campaign"].value() is None
    only = make_campaign()
    assert EventForm()["campaign"].value() == only.pk
    make_campaign()
    assert EventForm()["campaign"].value() is None
    home = make_campaign(is_home=True)
    assert EventForm()["campaign"].value() == home.pk


def test_the_united_states_are_the_first_country():
    assert chosen("country")[:3] == ["", "US", "AF"]


def test_zones_are_areas_and_cities():
    zones = chosen("zone")
    assert {"America/Los_Angeles", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "UTC"} <= set(zones)
    odd = {"Factory", "localtime", "GMT", "EST", "US/Pacific", "America/Buenos_Aires", "Asia/Calcutta"}
    assert not odd & set(zones)
    assert not [zone for zone in zones if zone.startswith(("Etc/", "posix", "SystemV/", "US/"))]
    assert set(City.objects.values_list("zone", flat=True)) <= set(zones)


def test_an_old_event_keeps_its_zone_of_another_name():
    event = make_event(zone="US/Pacific", start=START, postal_code="94110")
    form = EventForm(loaded(event), instance=event)
    assert form.is_valid(), form.errors
    assert form.details().fields["zone"] == "US/Pacific"


@pytest.mark.parametrize(
    "typed", ["7pm", "7 PM", "7:00 pm", "07:00pm", "7:00 PM", "19:00", "19:00:00", " 7 pm "]
)
def test_a_time_can_be_written_as_people_write_it(typed):
    event = make_event(start=START, postal_code="94110")
    form = EventForm(loaded(event) | {"starts": typed, "ends": "11:30 pm"}, instance=event)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["starts"] == time(19)
    assert form.cleaned_data["ends"] == time(23, 30)


def test_what_is_no_time_is_answered_with_an_example():
    event = make_event(start=START, postal_code="94110")
    form = EventForm(loaded(event) | {"starts": "evening"}, instance=event)
    assert form.errors["starts"] == ["Write a time like 7:00 PM or 19:00."]


def test_the_form_explains_itself(admin):
    page = admin.get("/admin/events/event/add/").content.decode()
    for words in ("Who sees the exact place", "**bold**", "only who has said they", "State or region"):
        assert words in page
    assert "Reveal" not in page


# --- A city of a name that others have -----------------------------------------------------------------
def typed_city(**fields) -> EventForm:
    event = make_event(start=START, postal_code="")
    return EventForm(loaded(event) | {"zone": "", **fields}, instance=event)


def test_a_city_that_may_be_another_one_needs_its_state():
    form = typed_city(city="Portland", region="")
    assert form.errors["region"] == [
        "There is more than one Portland. Write the state or region too, as in: Portland, OR; Portland, ME."
    ]
    assert typed_city(city="Portland", region="ME").is_valid()
    assert typed_city(city="Portland", region="", postal_code="94110").is_valid()  # that says it


def test_a_city_without_a_rival_needs_no_state():
    form = typed_city(city="San Francisco", region="")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["zone"] == "America/Los_Angeles"


def test_a_city_without_a_state_is_looked_for_in_its_country():
    """The largest Richmond of the excerpt is in Canada."""
    form = typed_city(city="Richmond", region="")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["zone"] == "America/Los_Angeles"


# --- Moving a day --------------------------------------------------------------------------------
@pytest.mark.parametrize("day", ["2027-04-09", "2027-04-12"])
def test_moving_the_day_alone_moves_the_end_too(day):
    event = make_event(start=START, postal_code="94110")
    form = EventForm(loaded(event) | {"first_day": day}, instance=event)
    assert form.is_valid(), form.errors
    details = form.details()
    assert (details.start - START).days == (date.fromisoformat(day) - date(2027, 4, 10)).days
    assert details.end - details.start == timedelta(hours=2)


@pytest.mark.parametrize("all_day", [False, True])
def test_the_last_day_stands_there_where_it_is_another_one(all_day):
    start = datetime(2027, 4, 10, 7, tzinfo=UTC)  # midnight
    same = EventForm(instance=make_event(start=start, hours=24 if all_day else 20, all_day=all_day))
    assert same["last_day"].value() is None
    later = EventForm(instance=make_event(start=start, hours=48 if all_day else 30, all_day=all_day))
    assert later["last_day"].value() == date(2027, 4, 11)


def test_a_last_day_before_the_first_one_is_said_where_it_stands():
    event = make_event(start=START, hours=30, postal_code="94110")
    form = EventForm(loaded(event) | {"first_day": "2027-04-20"}, instance=event)
    assert form.errors == {"last_day": ["The last day is before the first one."]}


@pytest.mark.parametrize(
    ("hours", "fields", "errors"),
    [
        # A wrong year leaves the last day where it was.
        (48, {"first_day": "2025-04-10", "last_day": "2027-04-11"}, {"first_day"}),
        (48, {"first_day": "2027-03-31", "last_day": "2027-04-11"}, {"first_day"}),
        (48, {"first_day": "2027-04-01", "starts": "04:59", "last_day": "2027-04-11"}, {"starts"}),
        (48, {"first_day": "2027-04-01", "starts": "05:01", "last_day": "2027-04-11"}, set()),
        (-2, {"first_day": "2027-03-31"}, {"first_day"}),
        (-1, {"ends": "09:00"}, set()),  # it is running: until later
        (-1, {"capacity": "50"}, set()),
        (-1, {"starts": "04:30"}, {"starts"}),
        (-1, {"all_day": "on"}, set()),
        (-10, {"title": "Mended"}, set()),  # it is over
        (-10, {"ends": "20:00"}, {"first_day"}),
        (-10, {"first_day": "2027-04-02"}, set()),
    ],
)
def test_nothing_is_moved_into_the_past(hours, fields, errors):
    """It is five in the morning in San Francisco; the event starts this many hours from now."""
    event = make_event(start=NOW + timedelta(hours=hours), postal_code="94110")
    form = EventForm(loaded(event) | fields, instance=event)
    assert set(form.errors) == errors, form.errors


def test_what_has_begun_today_can_still_be_written_down():
    event = make_event(start=NOW + timedelta(hours=2), postal_code="94110", published=False)
    data = loaded(event) | {"sequence": "", "first_day": "2027-04-01", "starts": "03:00", "ends": "06:00"}
    assert EventForm(data).is_valid()
    yesterday = EventForm(data | {"first_day": "2027-03-31", "last_day": "2027-04-01"})
    assert set(yesterday.errors) == {"first_day"}


# --- An hour whose zone's name changes ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "hours", "text"),
    [
        (
            datetime(2027, 11, 7, 6, tzinfo=UTC),
            12,
            "Saturday, November 6, 2027, 11:00 PM PDT to Sunday, November 7, 2027, 10:00 AM PST",
        ),
        (datetime(2027, 11, 7, 8, tzinfo=UTC), 10, "Sunday, November 7, 2027, 1:00 AM PDT to 10:00 AM PST"),
        (datetime(2027, 11, 7, 18, tzinfo=UTC), 2, "Sunday, November 7, 2027, 10:00 AM to 12:00 PM PST"),
    ],
)
def test_both_zones_are_named_where_the_clocks_change_in_between(start, hours, text):
    assert when_text(start, start + timedelta(hours=hours), "America/Los_Angeles", "en") == text


# --- A hidden place ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("venue", "street"), [("", "7 Back Lane"), ("Hall", ""), ("Hall", "7 Back Lane"), ("", "")]
)
def test_a_hidden_place_comes_back_into_its_own_fields(venue, street):
    event = make_event(reveal="confirmed", venue=venue, street=street)
    form = EventForm(instance=Event.objects.get(pk=event.pk))
    assert (form["venue"].value(), form["street"].value()) == (venue, street)
    assert event.full_place == [line for line in (venue, street, event.area) if line]


def test_nothing_hidden_is_nothing_sealed():
    assert event_details(reveal="confirmed", venue="", street="").values["hidden_place"] == ""


# --- The list of events --------------------------------------------------------------------------------
def test_what_writes_to_everybody_is_no_action_on_ticked_rows(admin, rf):
    acts = EventAdmin(Event, HubAdminSite()).get_actions(rf.get("/"))
    assert set(acts) == {"act_publish", "act_unpublish"}
    event = make_event()
    ticked = {"_selected_action": str(event.pk)}
    admin.post("/admin/events/event/", {"action": "act_cancel", **ticked})
    event.refresh_from_db()
    assert event.event_status == "scheduled"
    admin.post("/admin/events/event/", {"action": "act_unpublish", **ticked, "_confirmed": "1"})
    event.refresh_from_db()
    assert event.status == "draft"
    page = admin.get(change_page(make_event())).content.decode()
    assert 'name="_cancel"' in page
    assert 'name="_postpone"' in page
