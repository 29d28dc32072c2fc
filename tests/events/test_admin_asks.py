"""Before the admin does what people are told of, it asks: who, how many, when. Nothing is done before."""

import html
from datetime import UTC, datetime, timedelta

import pytest

from events.actions import events as event_actions
from events.models import Event, EventChange
from hub.models import AuditEntry, Message
from tests.events.test_admin import (
    ADD,
    LIST,
    READER,
    change_page,
    coming,
    form_of,
    new_event,
    published,
    said,
)
from tests.factories import deliver_mail, make_rsvp, slot_of
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

NOON = datetime(2026, 6, 20, 19, tzinfo=UTC)  # in San Francisco, two weeks before the event
NIGHT = datetime(2026, 6, 21, 6, tzinfo=UTC)  # 11 PM on June 20 there
SMALL_HOURS = datetime(2026, 6, 21, 9, tzinfo=UTC)  # 2 AM
MOVED = {"first_day": "2026-07-11"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def press(browser, event, button="_save", **fields):
    """Send the event's form with some fields changed, by one of its buttons."""
    path = change_page(event)
    return browser.post(path, {**form_of(browser, path), **fields, button: "1"})


def text_of(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def sent_again(response, button: str) -> dict[str, list[str]]:
    """What the page that asks sends by one of its buttons."""
    fields: dict[str, list[str]] = {button: ["1"]}
    for name, value in response.context["posted"]:
        fields.setdefault(name, []).append(value)
    return fields


def asks(response) -> bool:
    return response.status_code == 200 and "Yes, do it" in response.content.decode()


def trace() -> tuple:
    """Everything that an act leaves behind."""
    events = Event.objects.values_list("pk", "status", "event_status", "sequence", "venue", "changed_at")
    return (
        sorted(events, key=str),
        sorted(slot_of(event).start for event in Event.objects.all()),
        AuditEntry.objects.count(),
        EventChange.objects.count(),
        Message.objects.count(),
    )


@pytest.mark.parametrize(
    ("button", "event_status", "question", "done"),
    [
        ("_cancel", "scheduled", "Cancel the event?", "cancelled"),
        ("_postpone", "scheduled", "Postpone the event?", "postponed"),
        ("_restore", "cancelled", "Is it on after all?", "scheduled"),
        ("_unpublish", "scheduled", "Take off the site?", "draft"),
    ],
)
@pytest.mark.parametrize("people", [0, 3])
def test_acts_ask_and_nothing_happens_before_yes(admin, button, event_status, question, done, people):
    event = published()
    if people:
        coming(event, party_size=people)
    if event_status == "cancelled":
        event = event_actions.cancel_event(event, by=None, at=NOON - timedelta(hours=1))
        deliver_mail()
    before = trace()
    asked = press(admin, event, button, title="Typed")
    assert asks(asked)
    assert question in text_of(asked)
    told = people and button != "_unpublish"
    assert ("3 people will be told now." if told else "Nobody is told.") in text_of(asked)
    assert trace() == before
    assert deliver_mail() == []
    answered = admin.post(change_page(event), sent_again(asked, "_confirmed"))
    assert answered.status_code == 302
    event.refresh_from_db()
    assert done in (event.status, event.event_status)
    assert event.title == "Typed"
    (sentence,) = said(answered)  # one message for one act
    assert sentence.startswith("“Typed” ")
    assert ("3 people are told now." in sentence) == bool(told)
    assert len(deliver_mail()) == bool(told)


@pytest.mark.parametrize("fields", [MOVED, {"venue": "Union Hall"}, {"reveal": "confirmed"}])
def test_a_new_time_or_place_asks_where_somebody_is_told(admin, fields):
    event = published()
    coming(event, party_size=2)
    coming(event, email="waiting@example.org")
    make_rsvp(event, email="unconfirmed@example.org")
    deliver_mail()
    before = trace()
    asked = press(admin, event, **fields)
    assert asks(asked)
    assert "3 people will be told now." in text_of(asked)
    assert "That is 2 mails, one for each party." in text_of(asked)
    assert trace() == before
    answered = admin.post(change_page(event), sent_again(asked, "_confirmed"))
    assert said(answered) == ["“Rally for a Labor Party” is saved. 3 people are told now."]
    assert sorted(mail.to[0] for mail in deliver_mail()) == [READER, "waiting@example.org"]


def test_the_page_shows_what_was_and_what_comes(admin):
    event = published()
    coming(event)
    text = text_of(press(admin, event, **MOVED, venue="Union Hall"))
    for words in (
        "Saturday, July 4, 2026, 2:00 PM to 4:00 PM PDT",
        "Saturday, July 11, 2026, 2:00 PM to 4:00 PM PDT",
        "Civic Center Plaza",
        "Union Hall",
    ):
        assert words in text
    assert "Online link" not in text  # that stays


@pytest.mark.parametrize("fields", [{}, {"title": "New"}, {"description": "New"}, {"capacity": "50"}])
def test_what_nobody_is_told_of_is_saved_at_once(admin, fields):
    event = published()
    coming(event)
    response = press(admin, event, **fields)
    assert response.status_code == 302
    assert said(response) == [f"“{fields.get('title', event.title)}” is saved."]


@pytest.mark.parametrize("details", [{"published": False}, {"event_status": "cancelled"}, {}])
def test_moving_what_nobody_comes_to_is_saved_at_once(admin, details):
    event = published(**details)
    assert press(admin, event, **MOVED).status_code == 302
    assert slot_of(event).start == datetime(2026, 7, 11, 21, tzinfo=UTC)


def test_back_shows_what_was_typed_and_saves_nothing(admin):
    event = published()
    coming(event)
    description = "One\r\n\r\n- two, “three” <four> & five"
    asked = press(admin, event, "_cancel", **MOVED, title="Typed", description=description)
    before = trace()
    page = admin.post(change_page(event), sent_again(asked, "_back"))
    assert page.status_code == 200
    form = page.context["adminform"].form
    assert (form["title"].value(), form["first_day"].value()) == ("Typed", "2026-07-11")
    assert form["description"].value() == description.replace("\r\n", "\n")  # as a browser shows it
    assert "errornote" not in page.content.decode()
    assert trace() == before


def test_back_of_a_new_event(admin):
    asked = admin.post(ADD, new_event(last_day="2026-07-09", _publish="1"))
    assert asks(asked)
    page = admin.post(ADD, sent_again(asked, "_back"))
    assert page.context["adminform"].form["last_day"].value() == "2026-07-09"
    assert not Event.objects.exists()


@pytest.mark.parametrize(("last_day", "asked"), [("2026-07-07", False), ("2026-07-08", True)])
def test_more_than_three_days_are_asked_for(admin, last_day, asked):
    """July 4 at 2 PM until noon of the last day."""
    response = admin.post(ADD, new_event(last_day=last_day, ends="12:00", _save="1"))
    assert asks(response) == asked
    assert Event.objects.exists() != asked
    if asked:
        assert "It goes on for 4 days." in text_of(response)
        assert admin.post(ADD, sent_again(response, "_confirmed")).status_code == 302
        event = Event.objects.get()
        assert press(admin, event, title="Not asked again").status_code == 302


@pytest.mark.parametrize(
    ("now", "when"),
    [
        (NOON, "now"),
        (NIGHT, "tomorrow at 8:00 AM PDT"),
        (SMALL_HOURS, "today at 8:00 AM PDT"),
    ],
)
def test_the_night_s_wait_is_said(admin, now, when, time_machine):
    event = published()
    coming(event)
    time_machine.move_to(now, tick=False)
    admin.force_login(admin.user)  # a session lasts twelve hours
    asked = press(admin, event, **MOVED)
    assert f"1 person will be told {when}." in text_of(asked)
    answered = admin.post(change_page(event), sent_again(asked, "_confirmed"))
    assert said(answered) == [f"“Rally for a Labor Party” is saved. 1 person is told {when}."]
    assert len(deliver_mail()) == (when == "now")


def test_publishing_again_asks_where_it_was_moved_meanwhile(admin):
    event = published()
    coming(event)
    event_actions.unpublish_event(event, by=None, at=NOON)
    assert press(admin, event, **MOVED).status_code == 302
    asked = press(admin, event, "_publish")
    assert "1 person will be told now." in text_of(asked)
    answered = admin.post(change_page(event), sent_again(asked, "_confirmed"))
    assert said(answered) == ["“Rally for a Labor Party” is published. 1 person is told now."]


def test_what_is_over_is_not_asked_for(admin, time_machine):
    event = published()
    time_machine.move_to(datetime(2026, 7, 5, 19, tzinfo=UTC), tick=False)
    admin.force_login(admin.user)  # a session lasts twelve hours
    response = press(admin, event, "_cancel")
    assert said(response) == ["“Rally for a Labor Party” is over."]


def test_yes_does_not_overwrite_what_somebody_else_saved_meanwhile(admin):
    event = published()
    coming(event)
    asked = press(admin, event, **MOVED)
    event_actions.cancel_event(event, by=None, at=NOON + timedelta(seconds=1))
    page = admin.post(change_page(event), sent_again(asked, "_confirmed"))
    assert "Somebody changed this event meanwhile." in text_of(page)
    assert slot_of(event).start == datetime(2026, 7, 4, 21, tzinfo=UTC)


def test_taking_several_off_the_site_asks_once(admin):
    events = [published(title=f"Event {number}") for number in range(2)]
    ticked = {"action": "act_unpublish", "_selected_action": [str(event.pk) for event in events]}
    asked = admin.post(LIST, ticked)
    assert asks(asked)
    assert all(event.title in text_of(asked) for event in events)
    assert set(Event.objects.values_list("status", flat=True)) == {"published"}
    answered = admin.post(LIST, sent_again(asked, "_confirmed"))
    assert sorted(said(answered)) == [f"“Event {number}” is a draft again." for number in range(2)]
    assert set(Event.objects.values_list("status", flat=True)) == {"draft"}


def test_publishing_several_asks_only_where_somebody_is_told(admin):
    event, other = published(), published(title="Other", published=False)
    coming(event)
    event_actions.unpublish_event(event, by=None, at=NOON)
    press(admin, event, **MOVED)
    ticked = {"action": "act_publish", "_selected_action": [str(event.pk), str(other.pk)]}
    asked = admin.post(LIST, ticked)
    assert "Rally for a Labor Party: 1 person will be told now." in text_of(asked)
    assert "Other: Nobody is told." in text_of(asked)
    admin.post(LIST, sent_again(asked, "_confirmed"))
    assert set(Event.objects.values_list("status", flat=True)) == {"published"}
    assert len(deliver_mail()) == 1


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_save"])
def test_each_way_of_saving_says_one_thing_and_goes_on(admin, button):
    event = published()
    filters = "?_changelist_filters=kind__exact%3Drally"
    path = change_page(event) + filters
    response = admin.post(path, {**form_of(admin, path), button: "1"})
    assert said(response) == ["“Rally for a Labor Party” is saved."]
    goes_on = {
        "_continue": change_page(event) + filters,
        "_addanother": ADD + filters,
        "_save": f"{LIST}?kind__exact=rally",
    }
    assert response["Location"] == goes_on[button]


def test_a_title_in_a_message_is_no_markup(admin):
    event = published(published=False)
    response = press(admin, event, title="<b>Bold</b>")
    page = admin.get(response["Location"]).content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;</a>” is saved as a draft." in page
