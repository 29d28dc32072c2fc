"""Days of action: what operators do with them, and what people read."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from events.actions import days as actions
from events.actions import events as event_actions
from events.models import DayOfAction, DayText, Event
from hub.models import AuditEntry
from tests.cast import logged_in
from tests.events.belonging import belong, browser_of, make_committee
from tests.factories import (
    day_details,
    make_admin,
    make_campaign,
    make_campaign_coordinator,
    make_day,
    make_event,
)
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SATURDAY = date(2026, 12, 5)
NOON_UTC = datetime(2026, 12, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _two_weeks_before(time_machine):
    time_machine.move_to(NOW, tick=False)


def day(**details):
    return make_day(**{"first_date": SATURDAY, **details})


def local(of_day, *, city="San Francisco", region="CA", country="US", start=NOON_UTC, **details):
    return make_event(day=of_day, city=city, region=region, country=country, start=start, **details)


def page(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- What an operator does -----------------------------------------------------------------------
def test_a_new_day_is_a_draft_with_its_words_and_an_address_people_could_guess():
    ada = make_admin()
    made = actions.create_day(day_details(first_date=SATURDAY), by=ada, at=NOW)
    assert (made.status, made.slug) == ("draft", "day-of-action-for-a-labor-party-2026")
    assert {text.language: text.title for text in made.texts.all()}["es"].startswith("Jornada")
    assert AuditEntry.objects.get(action="create_day").actor == ada


def test_two_days_of_one_title_and_year_have_addresses_of_their_own():
    first, second = day(), day()
    assert second.slug.startswith(f"{first.slug}-")


def test_editing_changes_the_words_and_takes_a_language_away():
    made = day()
    actions.edit_day(
        made,
        day_details(first_date=SATURDAY + timedelta(days=1), texts={"en": ("Another day", "Come.")}),
        by=None,
        at=NOW,
    )
    made.refresh_from_db()
    assert made.first_date == SATURDAY + timedelta(days=1)
    assert [(text.language, text.title) for text in made.texts.all()] == [("en", "Another day")]
    entry = AuditEntry.objects.get(action="edit_day")
    assert entry.changes["first_date"] == ["2026-12-05", "2026-12-06"]
    assert made.slug == "day-of-action-for-a-labor-party-2026"


def test_the_mode_keeps_only_what_belongs_to_it():
    made = day(mode="same-hour", hour=time(12), instant=NOON_UTC)
    assert (made.hour, made.instant) == (time(12), None)
    actions.edit_day(
        made, day_details(first_date=SATURDAY, mode="free", hour=time(12), instant=NOON_UTC), by=None, at=NOW
    )
    made.refresh_from_db()
    assert (made.hour, made.instant) == (None, None)


def test_unpublishing_takes_it_off_every_page_and_leaves_its_events(visitor):
    made = day()
    event = local(made)
    actions.unpublish_day(made, by=None, at=NOW)
    for path in ("", "host/", "events.ics"):
        page(visitor, f"/days/{made.slug}/{path}", 404)
    assert made.texts.all()[0].title not in page(visitor, "/days/") + page(visitor, "/")
    event_page = page(visitor, f"/events/{event.slug}/")
    assert "Part of" not in event_page
    page(visitor, f"/events/?day={made.slug}", 422)
    actions.publish_day(made, by=None, at=NOW)
    assert "Part of" in page(visitor, f"/events/{event.slug}/")


# --- The operator's door -------------------------------------------------------------------------
def posted(**fields):
    return {
        "campaign": str(make_campaign().pk),
        "first_date": "2026-12-05",
        "last_date": "",
        "mode": "free",
        "hour": "",
        "instant_0": "",
        "instant_1": "",
        "title_en": "May Day",
        "call_en": "Come **out**.",
        "title_es": "",
        "call_es": "",
        **fields,
    }


def test_the_admin_makes_publishes_edits_and_takes_off(admin):
    assert admin.get("/admin/events/dayofaction/add/").status_code == 200
    response = admin.post("/admin/events/dayofaction/add/", posted(_publish="1"))
    assert response.status_code == 302
    made = DayOfAction.objects.get()
    assert (made.status, made.last_date) == ("published", SATURDAY)
    assert made.text_in("es").title == "May Day"
    change = f"/admin/events/dayofaction/{made.pk}/change/"
    assert 'value="May Day"' in page(admin, change)
    admin.post(change, posted(title_es="Primero de Mayo", _save="1"))
    assert DayText.objects.get(language="es").title == "Primero de Mayo"
    admin.post(change, posted(_unpublish="1"))
    made.refresh_from_db()
    assert made.status == "draft"
    assert set(AuditEntry.objects.filter(object_id=made.pk).values_list("action", "actor")) == {
        (action, admin.user.pk) for action in ("create_day", "publish_day", "edit_day", "unpublish_day")
    }
    assert "May Day" in page(admin, "/admin/events/dayofaction/?q=may")


def test_a_moderator_sees_how_the_draft_they_made_will_look(moderator, visitor):
    moderator.post("/admin/events/dayofaction/add/", posted(_save="1"))
    path = f"/days/{DayOfAction.objects.get().slug}/"
    assert (
        "This is not on the site. Only those who run the campaign, moderators and administrators see it."
        in page(moderator, path)
    )
    assert "May Day" in page(moderator, "/admin/events/dayofaction/")
    assert "May Day" not in page(moderator, "/days/")
    page(visitor, path, 404)


def test_a_campaign_coordinator_makes_those_of_their_campaign(visitor):
    campaign, other = make_campaign(title="Ours"), make_campaign(title="Theirs")
    cora = logged_in(make_campaign_coordinator(campaign))
    theirs = make_day(campaign=other)
    add = "/admin/events/dayofaction/add/"
    assert "Theirs" not in page(cora, add)
    cora.post(add, posted(campaign=str(campaign.pk), _save="1"))
    made = DayOfAction.objects.get(campaign=campaign)
    assert "Only those who run the campaign" in page(cora, f"/days/{made.slug}/")
    page(visitor, f"/days/{made.slug}/", 404)
    change = f"/admin/events/dayofaction/{made.pk}/change/"
    cora.post(change, posted(campaign=str(campaign.pk), _publish="1"))
    page(visitor, f"/days/{made.slug}/")
    listed = page(cora, "/admin/events/dayofaction/")
    assert str(made.pk) in listed
    assert str(theirs.pk) not in listed
    for path in ("change", "history", "delete"):
        page(cora, f"/admin/events/dayofaction/{theirs.pk}/{path}/", 404)
    # Into another campaign nothing is put, neither a new one nor one's own.
    for path in (add, change):
        refused = cora.post(path, posted(campaign=str(other.pk), _save="1"))
        assert "errorlist" in refused.content.decode()
    assert DayOfAction.objects.filter(campaign=other).count() == 1


def test_moderators_make_them_for_every_campaign(moderator):
    campaign = make_campaign()
    moderator.post("/admin/events/dayofaction/add/", posted(campaign=str(campaign.pk), _publish="1"))
    assert DayOfAction.objects.get().campaign == campaign


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title_en": ""}, "Write a title for this call."),
        ({"title_en": "", "call_en": ""}, "Write a title in one language at least."),
        ({"last_date": "2026-12-04"}, "The last day is before the first one."),
        ({"mode": "same-hour"}, "Write the hour that is the same everywhere."),
        ({"mode": "same-instant"}, "Write the moment that is the same everywhere."),
        (
            {"mode": "same-instant", "instant_0": "2026-12-09", "instant_1": "12:00:00"},
            "That moment is not on the day of action.",
        ),
        ({"mode": "same-instant", "instant_0": "soon", "instant_1": "12:00:00"}, "Enter a valid date."),
        ({"first_date": "soon"}, "Enter a valid date."),
    ],
)
def test_what_is_wrong_in_the_admin_gets_a_sentence_and_saves_nothing(admin, fields, sentence):
    response = admin.post("/admin/events/dayofaction/add/", posted(**fields))
    assert sentence in response.content.decode()
    assert DayOfAction.objects.count() == DayText.objects.count() == 0


# --- Its page ------------------------------------------------------------------------------------
def test_the_page_says_what_when_and_where_in_the_reader_s_language(visitor):
    made = day()
    local(made)
    local(made, city="Berkeley")
    local(made, city="Piraeus", region="", country="GR", zone="Europe/Athens", language="es")
    read = text_of(page(visitor, f"/days/{made.slug}/"))
    assert "Day of action for a labor party" in read
    assert "Saturday, December 5, 2026, wherever you are" in read
    assert "3 cities in 2 countries" in read
    assert "Stand up everywhere ." in read
    spanish = text_of(page(visitor, f"/es/days/{made.slug}/"))
    assert "Jornada por un partido de trabajadores" in spanish
    assert "sábado 5 de diciembre de 2026" in spanish


def test_words_in_another_language_are_labelled(visitor):
    made = day(texts={"es": ("Jornada global", "¡De pie!")})
    html = page(visitor, f"/days/{made.slug}/")
    assert '<h1 lang="es">Jornada global</h1>' in html
    assert '<div class="prose" lang="es">' in html
    assert 'lang="es">Jornada global</a>' in page(visitor, "/days/")
    assert 'lang="es">Jornada global</a>' in page(visitor, "/")
    assert 'lang="es">Jornada global</a>' in page(visitor, f"/events/{local(made).slug}/")
    assert "<h1>Jornada global</h1>" in page(visitor, f"/es/days/{made.slug}/")


def test_events_stand_by_country_and_city_each_in_its_own_zone(visitor):
    made = day()
    local(made, city="Piraeus", region="", country="GR", zone="Europe/Athens", title="In Greece")
    local(made, city="Oakland", title="Later in Oakland", start=NOON_UTC + timedelta(hours=9))
    local(made, city="Oakland", title="In Oakland")
    local(made, city="Berkeley", title="In Berkeley")
    local(made, city="Buenos Aires", region="", country="AR", zone="America/Argentina/Buenos_Aires")
    local(made, city="", online=True, title="On the screen", zone="America/Mexico_City")
    read = text_of(page(visitor, f"/days/{made.slug}/"))
    order = [
        *("Argentina", "Buenos Aires", "9:00 AM UTC-3", "Greece", "Piraeus", "2:00 PM EET"),
        *("United States", "Berkeley, CA", "4:00 AM PST", "Oakland, CA", "In Oakland", "Later in Oakland"),
        *("1:00 PM PST", "Online", "On the screen", "6:00 AM CST"),
    ]
    at = read.index("Where it takes place")
    for words in order:
        at = read.index(words, at)
    assert "4 cities in 3 countries" in read
    # By the names of the reader's language: Estados Unidos comes before Grecia.
    spanish = text_of(page(visitor, f"/es/days/{made.slug}/"))
    assert spanish.index("Estados Unidos") < spanish.index("Grecia")


@pytest.mark.parametrize(
    ("details", "sentence", "off"),
    [
        (
            {"mode": "same-hour", "hour": time(4)},
            "It begins at 4:00 AM by the clock of each place.",
            {"Athens"},
        ),
        (
            {"mode": "same-instant", "instant": NOON_UTC},
            "It begins everywhere at the same moment: Saturday, December 5, 2026, 12:00 PM UTC.",
            {"Oakland"},
        ),
        ({"mode": "free"}, "Each place chooses its own hour.", set()),
    ],
)
def test_the_mode_is_a_sentence_and_who_keeps_another_hour_is_labelled(visitor, details, sentence, off):
    made = day(**details)
    local(made, title="Fresno", city="Fresno")
    local(made, title="Athens", city="Athens", region="", country="GR", zone="Europe/Athens")
    local(made, title="Oakland", city="Oakland", zone="America/New_York", start=NOON_UTC - timedelta(hours=3))
    html = page(visitor, f"/days/{made.slug}/")
    assert sentence in text_of(html)
    labelled = {
        title
        for title, rest in re.findall(r'<p><a href="[^"]+">(\w+)</a>(.*?)</p>', html)
        if "its own hour" in rest
    }
    assert labelled == off


def test_cancelled_events_stay_with_their_badge_and_count_in_no_city(visitor):
    made = day()
    local(made)
    local(made, city="Berkeley", event_status="cancelled")
    read = text_of(page(visitor, f"/days/{made.slug}/"))
    assert "1 city in 1 country" in read
    assert "Cancelled" in read


def test_fifty_a_page(visitor):
    made = day()
    for number in range(53):
        local(made, city=f"Town {number:02d}", title=f"Rally {number:02d}")
    first, second = (page(visitor, f"/days/{made.slug}/?page={number}") for number in (1, 2))
    assert re.findall(r">(Rally \d\d)<", first) == [f"Rally {number:02d}" for number in range(50)]
    assert re.findall(r">(Rally \d\d)<", second) == ["Rally 50", "Rally 51", "Rally 52"]
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert "53 cities in 1 country" in text_of(first)
    assert "53 cities in 1 country" in text_of(second)


def test_a_day_without_events_invites_to_the_first(visitor):
    read = text_of(page(visitor, f"/days/{day().slug}/"))
    assert "No local event yet" in read
    assert "Where it takes place" not in read
    assert " 0 " not in read


def test_only_what_the_reader_may_see_is_listed_and_counted(visitor):
    made, committee = day(), make_committee()
    local(made, title="For all")
    local(made, title="CANARY members", city="Berkeley", committee=committee, visibility="members")
    local(made, title="CANARY unlisted", city="Fresno", visibility="unlisted")
    local(made, title="CANARY draft", city="Chico", published=False)
    for client in (visitor, browser_of(make_committee())):
        html = page(client, f"/days/{made.slug}/")
        assert "CANARY" not in html
        assert "1 city in 1 country" in html
    html = page(browser_of(committee), f"/days/{made.slug}/")
    assert re.findall(r"CANARY \w+", html) == ["CANARY members"]
    assert "2 cities in 1 country" in html


def test_find_yours_keeps_the_day(visitor, places):  # noqa: F811
    made = day()
    local(made, title="Of the day", lat=37.75, lon=-122.41)
    make_event(title="Of another day", lat=37.75, lon=-122.41)
    html = page(visitor, f"/days/{made.slug}/")
    assert f'<input type="hidden" name="day" value="{made.slug}">' in html
    found = page(visitor, f"/events/?day={made.slug}&near=94110")
    assert "Of the day" in found
    assert "Of another day" not in found
    assert f'<input type="hidden" name="day" value="{made.slug}">' in found
    assert "Day of action for a labor party</a></li>" in found  # the chip


def test_nobody_near_is_offered_to_host_one(visitor, places):  # noqa: F811
    made = day()
    empty = page(visitor, f"/events/?day={made.slug}&near=94110")
    assert f'href="/days/{made.slug}/host/"' in empty
    past = day(first_date=date(2026, 11, 1))
    assert "/host/" not in page(visitor, f"/events/?day={past.slug}&near=94110")


# --- Hosting one ---------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_host_one_here_leads_to_the_form_with_the_day(visitor, prefix):
    made = day()
    assert f'href="{prefix}/days/{made.slug}/host/"' in page(visitor, f"{prefix}/days/{made.slug}/")
    html = page(visitor, f"{prefix}/days/{made.slug}/host/")
    form = f"{prefix}/events/propose/?day={made.slug}"
    assert f'href="{form}"' in html
    assert made.text_in("es" if prefix else "en").title in page(visitor, form)


def test_a_day_that_is_over_is_neither_found_nor_hosted(visitor):
    made = day(first_date=date(2026, 11, 1))
    html = page(visitor, f"/days/{made.slug}/")
    assert "This day of action is over." in html
    assert "/host/" not in html
    assert "find-yours" not in html
    assert f"?day={made.slug}" not in page(visitor, f"/days/{made.slug}/host/", 410)


@pytest.mark.parametrize(("today", "over"), [(6, False), (7, True)])
def test_it_is_over_when_it_is_over_everywhere(visitor, time_machine, today, over):
    """At noon UTC on the 6th it is still the 5th on Baker Island's last hour."""
    made = day()
    time_machine.move_to(datetime(2026, 12, today, 11, 59, tzinfo=UTC), tick=False)
    assert ("This day of action is over." in page(visitor, f"/days/{made.slug}/")) is over


# --- The list ------------------------------------------------------------------------------------
def test_ahead_come_first_soonest_first_then_past_the_last_first(visitor):
    for title, when in (
        ("Far", date(2027, 5, 1)),
        ("Long ago", date(2020, 5, 1)),
        ("Soon", SATURDAY),
        ("Lately", date(2026, 10, 1)),
    ):
        day(first_date=when, texts={"en": (title, "")})
    html = page(visitor, "/days/")
    assert re.findall(r'card-title"><a href="[^"]+">([^<]+)<', html) == ["Soon", "Far", "Lately", "Long ago"]
    assert html.index("Ahead") < html.index("Soon") < html.index("Past") < html.index("Lately")


def test_the_list_is_paged(visitor):
    for number in range(21):
        day(first_date=SATURDAY + timedelta(days=number), texts={"en": (f"Day {number:02d}", "")})
    assert len(re.findall("card-title", page(visitor, "/days/"))) == 20
    assert "Day 20" in page(visitor, "/days/?page=2")
    assert "Past</h2>" not in page(visitor, "/days/?page=2")


def test_an_empty_list_says_so_without_headings(visitor):
    html = page(visitor, "/days/")
    assert "No day of action is planned at the moment." in html
    assert "<h2>" not in html


# --- Home ----------------------------------------------------------------------------------------
def test_home_shows_the_next_day_between_the_field_and_the_events(visitor):
    day(first_date=SATURDAY + timedelta(days=30), texts={"en": ("The one after", "")})
    day(first_date=date(2026, 11, 1), texts={"en": ("The last one", "")})
    made = day()
    local(made)
    html = page(visitor, "/")
    order = ["hero-find", "The next day of action", made.text_in("en").title, "Saturday, December 5, 2026"]
    order += ["1 city in 1 country", "find-yours", f"/days/{made.slug}/host/", "The next events"]
    at = 0
    for words in order:
        at = html.index(words, at)
    assert "The one after" not in html
    assert "The last one" not in html


def test_home_without_a_day_has_no_heading_for_it(visitor):
    html = page(visitor, "/")
    assert "day of action" not in html
    assert "0 cities" not in html
    assert 'href="/committees/"' in html


# --- The feed ------------------------------------------------------------------------------------
def feed(client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_the_feed_holds_the_public_events_by_the_rules_of_their_own_files(visitor):
    made = day()
    shown = local(made, title="Shown", description="Come.")
    local(made, title="Area only", reveal="confirmed", venue="CANARY hall", street="CANARY street")
    local(made, title="CANARY unlisted", visibility="unlisted")
    local(made, title="CANARY draft", published=False)
    local(made, title="CANARY members", visibility="members", committee=make_committee())
    make_event(title="CANARY of no day")
    entries = feed(visitor, f"/days/{made.slug}/events.ics")
    assert {str(entry["SUMMARY"]) for entry in entries} == {"Shown", "Area only"}
    places_there = {str(entry["SUMMARY"]): str(entry["LOCATION"]) for entry in entries}
    assert "Civic Center Plaza" in places_there["Shown"]
    assert places_there["Area only"] == "San Francisco, CA"
    own = feed(visitor, f"/events/{shown.slug}.ics")[0]
    (same,) = [entry for entry in entries if entry["SUMMARY"] == "Shown"]
    for name in ("UID", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "LOCATION", "URL", "DESCRIPTION"):
        assert same[name] == own[name] or same[name].dt == own[name].dt
    assert not any(entry.subcomponents for entry in entries)  # no alarms: nobody comes to all of them
    assert b"CANARY" not in visitor.get(f"/days/{made.slug}/events.ics").content


def test_a_feed_holds_the_same_for_everybody_with_a_session_too(admin):
    committee = make_committee()
    made = day()
    local(made, title="CANARY members", visibility="members", committee=committee)
    for client in (browser_of(committee, role="coordinator"), admin):
        assert feed(client, f"/days/{made.slug}/events.ics") == []
        assert feed(client, f"/committees/{committee.slug}/events.ics") == []
        draft = day(published=False)
        assert client.get(f"/days/{draft.slug}/events.ics").status_code == 404


def test_the_feed_s_name_is_in_the_language_that_is_asked_for(visitor):
    made = day()
    for query, name in (("", "Day of action"), ("?lang=es", "Jornada por"), ("?lang=xx", "Day of action")):
        file = visitor.get(f"/days/{made.slug}/events.ics{query}").content
        assert str(Calendar.from_ical(file)["X-WR-CALNAME"]).startswith(name)


def test_a_cancelled_event_stays_in_the_feed_as_cancelled_and_goes_a_month_after(visitor, time_machine):
    made = day()
    event = local(made)
    event_actions.cancel_event(event, by=None, at=timezone.now())
    (entry,) = feed(visitor, f"/days/{made.slug}/events.ics")
    assert entry["STATUS"] == "CANCELLED"
    time_machine.move_to(NOON_UTC + timedelta(days=33), tick=False)
    assert feed(visitor, f"/days/{made.slug}/events.ics") == []


def test_nothing_can_be_smuggled_into_a_feed(visitor):
    made = day(texts={"en": ("May Day\r\nATTENDEE:mailto:x@example.org", "")})
    local(made, title="Rally\r\nBEGIN:VALARM")
    file = visitor.get(f"/days/{made.slug}/events.ics").content.decode()
    assert not re.search(r"^(ATTENDEE|BEGIN:VALARM)", file, re.MULTILINE)


def test_a_committee_s_feed_holds_its_public_events(visitor):
    committee = make_committee()
    make_event(title="Ours", committee=committee)
    make_event(title="Not ours")
    (entry,) = feed(visitor, f"/committees/{committee.slug}/events.ics")
    assert entry["SUMMARY"] == "Ours"


@pytest.mark.parametrize("fields", [{"visibility": "hidden"}, {"status": "draft"}])
def test_a_hidden_committee_has_no_feed_for_its_members_neither(visitor, fields):
    committee = make_committee(**fields)
    make_event(committee=committee)
    missing = page(visitor, "/committees/no-such-thing/events.ics", 404)
    for client in (visitor, browser_of(committee)):
        assert client.get(f"/committees/{committee.slug}/events.ics").status_code == 404
    hidden = page(visitor, f"/committees/{committee.slug}/events.ics", 404)
    assert hidden.replace(committee.slug, "no-such-thing") == missing


# --- Filters -------------------------------------------------------------------------------------
def test_the_list_filters_by_committee(visitor):
    committee = make_committee("Committee of Fresno")
    make_event(title="Ours", committee=committee)
    make_event(title="Not ours")
    html = page(visitor, f"/events/?committee={committee.slug}")
    assert "Ours" in html
    assert "Not ours" not in html
    assert "Committee of Fresno</a></li>" in html  # the chip
    assert f'name="committee" value="{committee.slug}"' in html


@pytest.mark.parametrize("name", ["committee", "day"])
def test_what_is_hidden_answers_as_what_is_not_there(visitor, member, name):
    if name == "committee":
        thing = make_committee("CANARY", visibility="hidden")
        belong(thing)
    else:
        thing = day(published=False)
    for client in (visitor, member):
        hidden = page(client, f"/events/?{name}={thing.slug}", 422)
        missing = page(client, f"/events/?{name}=no-such-thing", 422)
        token = r'name="csrfmiddlewaretoken" value="[^"]*"'
        bodies = [re.sub(token, "", html) for html in (hidden.replace(thing.slug, "no-such-thing"), missing)]
        assert bodies[0] == bodies[1]
        assert "CANARY" not in hidden
        assert f'id="id_{name}"' in hidden


def test_a_member_filters_by_their_hidden_committee(visitor):
    committee = make_committee("Night shift", visibility="hidden")
    make_event(title="Ours", committee=committee, visibility="members")
    html = page(browser_of(committee), f"/events/?committee={committee.slug}")
    assert "Ours" in html
    assert "Night shift" in html
    assert Event.objects.listed().count() == 0


# --- The way to them -----------------------------------------------------------------------------
@pytest.mark.parametrize(("prefix", "word"), [("", "Days of action"), ("/es", "Jornadas")])
def test_the_menu_and_the_list_of_events_lead_to_the_days(visitor, prefix, word):
    make_day()
    for path, current in ((f"{prefix}/committees/", ""), (f"{prefix}/days/", ' aria-current="page"')):
        assert f'<a href="{prefix}/days/"{current}>{word}</a>' in page(visitor, path)
    lists = page(visitor, f"{prefix}/events/").partition("<main")[2].partition("</main>")[0]
    assert f'href="{prefix}/days/"' in lists
