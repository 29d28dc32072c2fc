"""The operator's door: an event from its first draft to its cancelling, by the pages of the admin."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.utils.html import strip_tags

from events.actions import events as event_actions
from events.models import Event, EventChange, Rsvp
from hub.models import AuditEntry, Message
from tests.factories import deliver_mail, make_campaign, make_event, make_rsvp, slot_of
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

NOW = datetime(2026, 6, 20, 16, tzinfo=UTC)
START = datetime(2026, 7, 4, 21, tzinfo=UTC)  # two in the afternoon in San Francisco
LIST = "/admin/events/event/"
ADD = f"{LIST}add/"
READER = "reader@example.org"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def change_page(event) -> str:
    return f"{LIST}{event.pk}/change/"


def form_of(browser, path) -> dict[str, str]:
    """What a browser sends when nothing is changed."""
    form = browser.get(path).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else str(value)
        for name, value in values.items()
        if value is not None and value is not False and value != []
    }


def new_event(**fields) -> dict[str, str]:
    campaign = make_campaign(is_home=True)
    return {
        "campaign": str(campaign.pk),
        "kind": "rally",
        "title": "Rally for a Labor Party",
        "description": "Bring a friend.",
        "language": "en",
        "visibility": "public",
        "reveal": "public",
        "venue": "Civic Center Plaza",
        "street": "355 McAllister Street",
        "city": "San Francisco",
        "region": "CA",
        "country": "US",
        "first_day": "2026-07-04",
        "starts": "14:00",
        "ends": "16:00",
        **fields,
    }


def press(browser, event, button="_save", **fields):
    """Send the event's form with some fields changed, by one of its buttons, and say yes."""
    path = change_page(event)
    response = browser.post(path, {**form_of(browser, path), **fields, button: "1", "_confirmed": "1"})
    event.refresh_from_db()
    return response


def said(response) -> list[str]:
    """The messages, without their links."""
    return [strip_tags(str(message)) for message in get_messages(response.wsgi_request)]


def acts(event) -> list[str]:
    """Names of what the audit log has of it; acts of one moment have no order."""
    return sorted(AuditEntry.objects.filter(object_id=event.pk).values_list("action", flat=True))


def published(**details) -> Event:
    return make_event(**{"start": START, "postal_code": "", **details})


def coming(event, email=READER, **details) -> Rsvp:
    party = make_rsvp(event, email=email, confirmed=True, **details)
    deliver_mail()
    return party


# --- From the first draft to the end ---------------------------------------------------------------
def test_an_event_from_its_draft_to_its_cancelling(admin, visitor, time_machine):
    def at(minutes):
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)

    response = admin.post(ADD, new_event(_save="1"))
    assert response.status_code == 302
    event = Event.objects.get()
    assert (event.status, event.event_status) == ("draft", "scheduled")
    assert (slot_of(event).start, event.zone) == (START, "America/Los_Angeles")
    page = f"/events/{event.slug}/"
    assert visitor.get(page).status_code == 404

    at(1)
    press(admin, event, "_publish")
    assert event.status == "published"
    assert visitor.get(page).status_code == 200

    coming(event)
    at(2)
    press(admin, event, first_day="2026-07-11", last_day="2026-07-11")
    assert slot_of(event).start == START + timedelta(days=7)
    (mail,) = deliver_mail()
    assert mail.subject == "New time: Rally for a Labor Party"
    assert "July 4" in mail.body.split("Now:")[0]
    assert "July 11" in mail.body.split("Now:")[1]

    subjects = []
    for minutes, button in enumerate(("_postpone", "_restore", "_cancel"), 3):
        at(minutes)
        press(admin, event, button)
        subjects += [mail.subject for mail in deliver_mail()]
    assert subjects == [
        f"{word}: Rally for a Labor Party" for word in ("Postponed", "On after all", "Cancelled")
    ]
    assert event.event_status == "cancelled"
    assert "This event is cancelled." in visitor.get(page).content.decode()

    entries = AuditEntry.objects.filter(object_id=event.pk, actor=admin.user)
    assert set(entries.values_list("action", flat=True)) == {
        *("create_event", "publish_event", "edit_event", "postponed_event", "restored_event"),
        "cancelled_event",
    }
    assert entries.get(action="postponed_event").changes == {"event_status": ["scheduled", "postponed"]}
    assert Message.objects.filter(kind="events.changed").count() == 4


def test_save_and_publish_at_once(admin, visitor):
    response = admin.post(ADD, new_event(_publish="1"))
    event = Event.objects.get()
    assert event.status == "published"
    assert "“Rally for a Labor Party” is published." in said(response)
    assert acts(event) == ["create_event", "publish_event"]


def test_saving_without_a_change_announces_nothing(admin):
    event = published()
    coming(event)
    press(admin, event)
    assert deliver_mail() == []
    assert not EventChange.objects.exists()


def test_each_confirmed_party_is_told_once_of_a_new_place(admin):
    event = published(capacity=1)
    coming(event)
    coming(event, email="waiting@example.org")
    make_rsvp(event, email="unconfirmed@example.org")
    deliver_mail()
    press(admin, event, venue="Union Hall", street="")
    mails = deliver_mail()
    assert sorted(mail.to[0] for mail in mails) == [READER, "waiting@example.org"]
    for mail in mails:
        before, now = mail.body.split("Now:")
        assert "Civic Center Plaza\n355 McAllister Street" in before
        assert "Union Hall" in now
    assert deliver_mail() == []


def test_moving_and_cancelling_at_once_tells_only_of_the_cancelling(admin):
    event = published()
    coming(event)
    press(admin, event, "_cancel", first_day="2026-07-11", last_day="2026-07-11")
    assert [mail.subject for mail in deliver_mail()] == ["Cancelled: Rally for a Labor Party"]


def test_a_larger_capacity_seats_who_waits(admin):
    event = published(capacity=1)
    coming(event)
    waiting = coming(event, email="waiting@example.org")
    press(admin, event, capacity="2")
    assert [mail.to for mail in deliver_mail()] == [["waiting@example.org"]]
    assert waiting.attendances.get().seats_held == 1


def test_a_capacity_below_the_seats_taken_unseats_nobody_and_says_so(admin):
    event = published(capacity=10)
    party = coming(event, party_size=5)
    warning = "Nobody is unseated: 3 people more than the new capacity keep their places."
    assert said(press(admin, event, capacity="2")) == ["“Rally for a Labor Party” is saved.", warning]
    assert party.attendances.get().seats_held == 5
    assert said(press(admin, event, title="Same")) == ["“Same” is saved."]
    assert said(press(admin, event, capacity="5")) == ["“Same” is saved."]


def test_hiding_the_place_hides_it_everywhere(admin, visitor):
    event = published()
    press(admin, event, reveal="confirmed")
    assert event.hidden_place == "Civic Center Plaza\n355 McAllister Street"
    for path in (f"/events/{event.slug}/", f"/events/{event.slug}.ics", "/events/", "/"):
        assert "Civic Center" not in visitor.get(path).content.decode()
    assert form_of(admin, change_page(event))["venue"] == "Civic Center Plaza"


def test_taking_it_off_the_site(admin, visitor):
    event = published()
    press(admin, event, "_unpublish")
    assert event.status == "draft"
    assert visitor.get(f"/events/{event.slug}/").status_code == 404


# --- What is refused ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"first_day": "2027-03-14", "starts": "02:30", "ends": "04:00"},
            "That time does not exist on that day",
        ),
        ({"ends": "13:00"}, "It ends before it starts."),
        ({"first_day": "2026-06-19", "last_day": "2026-06-19"}, "That day is in the past."),
        ({"city": "Atlantis"}, "We don't know a place called “Atlantis, CA”."),
        ({"postal_code": "99999"}, "We don't know the US ZIP code 99999."),
        ({"city": ""}, "Write the city, or tick that people can take part online."),
        ({"title": ""}, "This field is required."),
        ({"capacity": "0"}, "greater than or equal to 1"),
    ],
    ids=["clocks", "end", "past", "city", "ZIP code", "nowhere", "title", "capacity"],
)
def test_what_is_unsound_is_said_and_nothing_happens(fields, sentence, admin):
    response = admin.post(ADD, new_event(**fields, _publish="1"))
    assert response.status_code == 200
    page = html.unescape(response.content.decode())
    assert sentence in page
    assert not Event.objects.exists()
    if "city" not in fields:
        assert 'value="San Francisco"' in page  # what was typed stays

    event = published()
    coming(event)
    before = acts(event)
    page = html.unescape(press(admin, event, "_cancel", **fields).content.decode())
    assert sentence in page
    assert event.event_status == "scheduled"
    assert acts(event) == before
    assert deliver_mail() == []


@pytest.mark.parametrize(("button", "status"), [("_cancel", "scheduled"), ("_postpone", "scheduled")])
def test_what_is_over_is_not_called_off(button, status, admin, time_machine):
    event = published()
    coming(event)
    time_machine.move_to(START + timedelta(days=1), tick=False)
    admin.force_login(admin.user)  # a session lasts twelve hours
    response = press(admin, event, button)
    assert "“Rally for a Labor Party” is over." in said(response)
    assert event.event_status == status
    assert deliver_mail() == []


def test_a_typo_can_be_mended_after_the_event_and_nobody_is_written_to(admin, time_machine):
    event = published()
    coming(event)
    time_machine.move_to(START + timedelta(days=1), tick=False)
    admin.force_login(admin.user)  # a session lasts twelve hours
    press(admin, event, venue="Civic Centre Plaza")
    assert event.venue == "Civic Centre Plaza"
    assert deliver_mail() == []


def test_two_people_at_one_event_do_not_overwrite_each_other(admin):
    event = published()
    path = change_page(event)
    mine = form_of(admin, path)
    press(admin, event, title="Saved by somebody else")
    response = admin.post(path, {**mine, "description": "Mine", "_save": "1"})
    assert "Somebody changed this event meanwhile." in response.content.decode()
    event.refresh_from_db()
    assert (event.title, event.description) == ("Saved by somebody else", "Bring a friend.")


# --- Buttons, list, deleting ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("details", "buttons"),
    [
        ({"published": False}, {"_publish"}),
        ({}, {"_postpone", "_cancel", "_unpublish"}),
        ({"event_status": "cancelled"}, {"_restore", "_unpublish"}),
        ({"event_status": "postponed"}, {"_restore", "_unpublish"}),
    ],
    ids=["draft", "published", "cancelled", "postponed"],
)
def test_the_buttons_are_those_that_do_something(details, buttons, admin):
    page = admin.get(change_page(published(**details))).content.decode()
    found = set(re.findall(r'<input type="submit"[^>]* name="(_\w+)"', page))
    assert found - {"_save", "_addanother", "_continue"} == buttons


def test_the_list_says_what_an_operator_looks_for(admin):
    full = published(title="Full", capacity=1)
    coming(full)
    published(title="Open")
    make_event(title="Online", city="", online=True, start=START, published=False)
    make_event(
        title="A day",
        start=datetime(2026, 7, 4, 7, tzinfo=UTC),
        hours=24,
        all_day=True,
        visibility="unlisted",
    )
    page = html.unescape(admin.get(LIST).content.decode())
    for text in ("1 / 1", "0 / ∞", "San Francisco, CA", "Saturday, July 4, 2026, 2:00 PM PDT", "draft"):
        assert text in page
    assert "Saturday, July 4, 2026<" in page
    assert "reader" not in page
    for query in ("?q=Full", "?status__exact=draft", "?kind__exact=rally", "?visibility__exact=unlisted"):
        assert admin.get(LIST + query).status_code == 200
    found = admin.get(LIST + "?q=Full").content.decode()
    assert "Full" in found
    assert "Online<" not in found


def test_what_comes_next_stands_first_and_then_what_was_last(admin):
    for days in (-10, 20, 3, -2):
        published(title=f"In {days}", start=NOW + timedelta(days=days), hours=2)
    published(title="Running", start=NOW - timedelta(hours=1))
    page = admin.get(LIST).content.decode()
    assert re.findall(r">(In -?\d+|Running)</a></th>", page) == [
        *("Running", "In 3", "In 20", "In -2", "In -10"),
    ]
    assert admin.get(f"{LIST}?o=3").status_code == 200  # by a column


def test_countries_are_named_in_the_filter(admin):
    published(title="Here")
    published(title="There", city="Athens", region="", country="GR")
    page = admin.get(LIST).content.decode()
    assert re.findall(r'href="\?country=(\w\w)">([^<]*)</a>', page) == [
        ("GR", "Greece"),
        ("US", "United States"),
    ]
    found = admin.get(f"{LIST}?country=GR").content.decode()
    assert "There</a>" in found
    assert "Here</a>" not in found


@pytest.mark.parametrize(
    ("details", "texts"),
    [
        ({"published": False}, ["draft", "yes"]),
        ({}, ["yes", "yes"]),
        ({"visibility": "unlisted"}, ["yes, unlisted", "yes"]),
        ({"event_status": "cancelled"}, ["yes", "cancelled"]),
        ({"event_status": "postponed"}, ["yes", "postponed"]),
    ],
)
def test_two_columns_say_whether_it_is_published_and_takes_place(details, texts, admin):
    published(**details)
    page = html.unescape(admin.get(LIST).content.decode())
    assert re.findall(r'<td class="field-(?:published|takes_place)">([^<]*)</td>', page) == texts
    assert "Published?" in page
    assert "Takes place?" in page


def test_many_rows_need_no_more_queries(admin, django_assert_max_num_queries):
    for number in range(12):
        published(title=f"Event {number}")
    with django_assert_max_num_queries(9):
        admin.get(LIST)


def test_publishing_several_at_once(admin):
    drafts = [published(title=f"Event {n}", published=False) for n in range(2)]
    response = admin.post(
        LIST, {"action": "act_publish", "_selected_action": [str(event.pk) for event in drafts]}
    )
    assert response.status_code == 302
    assert set(Event.objects.values_list("status", flat=True)) == {"published"}
    assert AuditEntry.objects.filter(action="publish_event", actor=admin.user).count() == 2


@pytest.mark.parametrize("action", ["delete_selected", "act_cancel", "act_postpone", "act_restore"])
def test_what_writes_to_everybody_is_not_done_by_ticking_rows(action, admin):
    event = published()
    admin.post(LIST, {"action": action, "_selected_action": [str(event.pk)], "post": "yes"})
    event.refresh_from_db()
    assert event.event_status == "scheduled"


def test_a_draft_nobody_saw_can_be_deleted(admin):
    event = published(published=False)
    path = f"{LIST}{event.pk}/delete/"
    assert admin.get(path).status_code == 200
    assert admin.post(path, {"post": "yes"}).status_code == 302
    assert not Event.objects.exists()
    assert AuditEntry.objects.get(action="delete_draft").actor == admin.user


def test_what_was_published_can_not(admin):
    event = published()
    event_actions.unpublish_event(event, by=None, at=NOW)
    path = f"{LIST}{event.pk}/delete/"
    assert admin.get(path).status_code == 403
    assert admin.post(path, {"post": "yes"}).status_code == 403
    assert Event.objects.exists()


# --- The ways there and back -------------------------------------------------------------------------
def test_administrators_find_the_admin_and_the_event_s_form(admin, member, visitor):
    event = published()
    page = f"/events/{event.slug}/"
    for path in ("/", "/es/events/", page):
        header = admin.get(path).content.decode().split("</header>")[0]
        assert 'href="/admin/"' in header
    assert f'href="{change_page(event)}"' in admin.get(page).content.decode()
    for browser in (member, visitor):
        for path in ("/", page):
            assert "/admin/" not in browser.get(path).content.decode()


@pytest.mark.parametrize("is_published", [True, False])
def test_the_form_leads_to_the_event_s_page(is_published, admin):
    event = published(published=is_published)
    page = admin.get(change_page(event)).content.decode()
    (link,) = re.findall(r'<a href="([^"]*)" class="viewsitelink"', page)
    assert link == f"/events/{event.slug}/"
    assert admin.get(link).status_code == 200


# --- For whom ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["", "add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/"])
def test_for_everybody_else_there_is_no_such_page(path, visitor, member, coordinator):
    event = published()
    path = LIST + path.format(pk=event.pk)
    for browser in (visitor, member, coordinator):
        for response in (browser.get(path), browser.post(path, {"_cancel": "1"})):
            assert response.status_code == 404
            assert "django" not in response.content.decode().lower()
    event.refresh_from_db()
    assert event.event_status == "scheduled"


def test_who_is_no_longer_an_administrator_is_out_at_once(admin):
    assert admin.get(LIST).status_code == 200
    admin.user.is_superuser = False
    admin.user.save()
    assert admin.get(LIST).status_code == 404


def test_people_are_nowhere_in_the_admin(admin):
    party = coming(published(), name="Anastasia", need="a ramp")
    index = admin.get("/admin/").content.decode()
    assert set(re.findall(r'href="/admin/(\w+/\w+)/"', index)) == {
        *("events/event", "events/dayofaction", "events/update"),
        *("committees/committee", "campaigns/campaign"),
        *("hub/auditentry", "campaigns/demand", "campaigns/appeal", "campaigns/post"),
        "campaigns/organization",
    }
    for model in ("rsvp", "attendance", "timeslot", "mergedlink", "eventchange"):
        assert admin.get(f"/admin/events/{model}/").status_code == 404
    for model in ("mailbox", "message", "confirmation", "block", "user", "submittedform"):
        assert admin.get(f"/admin/hub/{model}/").status_code == 404
    event = party.event
    for path in (LIST, change_page(event), f"{LIST}{event.pk}/history/", "/admin/hub/auditentry/"):
        page = admin.get(path, follow=True).content.decode()
        for word in ("Anastasia", "a ramp", READER, str(party.pk), party.token, party.mail_token):
            assert word not in page


def test_the_admins_own_log_holds_nothing_secret(admin):
    event = published(
        reveal="confirmed", venue="Secret Hall", online=True, online_link="https://meet.example.org"
    )
    press(admin, event, venue="Other Secret Hall", online_link="https://meet.example.org/2")
    entry = LogEntry.objects.get()
    assert "Secret" not in entry.change_message + entry.object_repr
    assert "meet.example.org" not in entry.change_message


# --- Strict content security -------------------------------------------------------------------------------
def pages(admin) -> dict[str, bytes]:
    event = published(published=False)
    return {
        path: admin.get(path).content
        for path in (
            *("/admin/", LIST, f"{LIST}?status__exact=draft", ADD, change_page(event)),
            *(f"{LIST}{event.pk}/delete/", f"{LIST}{event.pk}/history/"),
            *("/admin/campaigns/campaign/", "/admin/campaigns/campaign/add/"),
            *("/admin/hub/auditentry/", f"/admin/hub/auditentry/{AuditEntry.objects.first().pk}/change/"),
            *("/admin/password_change/", "/account/login/"),
        )
    } | {
        "an error": admin.post(ADD, {}).content,
        "a question": admin.post(
            change_page(event), form_of(admin, change_page(event)) | {"_cancel": "1"}
        ).content,
        "log-in refused": admin.post("/account/login/", {"login": "x", "password": "y"}).content,
    }


@pytest.mark.parametrize("language", ["en", "es"])
def test_days_and_times_are_the_browsers_own_fields(admin, language):
    event = published(hours=26)
    page = admin.get(change_page(event), headers={"accept-language": language}).content.decode()
    tags = {
        name: f'<input type="{kind}" name="{name}" value="{value}"'
        for name, kind, value in (
            ("first_day", "date", "2026-07-04"),
            ("starts", "time", "14:00"),
            ("last_day", "date", "2026-07-05"),
            ("ends", "time", "16:00"),
        )
    }
    assert [name for name, tag in tags.items() if tag not in page] == []


def test_no_page_has_an_inline_script_or_style(admin):
    for path, content in pages(admin).items():
        page = content.decode()
        for script in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
            assert "src=" in script[0] or "application/json" in script[0], path
            assert "src=" in script[0] or script[1].strip().startswith(("{", "[", '"')), path
        assert "<style" not in page, path
        assert not re.search(r"<[^>]+\sstyle=", page), path
        assert not re.search(r"<[^>]+\son[a-z]+=", page), path
        assert "javascript:" not in page, path
        assert not re.search(r'(src|href|action)="(https?:)?//(?!localhost)', page), path


def test_every_page_has_the_strict_policy(admin):
    for path in ("/admin/", LIST, ADD):
        policy = admin.get(path)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert (
            admin.get(path)["Cache-Control"] == "private, no-store"
            or "no-cache" in admin.get(path)["Cache-Control"]
        )
