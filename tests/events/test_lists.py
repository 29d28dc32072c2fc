"""The event list: near a place, on some days, of a kind; what it shows and what it never shows."""

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from events.models import Event
from hub.paging import COUNT_TO, LAST_PAGE, PAGE
from hub.places import Point
from tests.factories import make_campaign, make_event, make_rsvp
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

# A Saturday, half past ten in the evening in San Francisco (UTC-7): Sunday in New York and Athens.
NOW = datetime(2026, 6, 21, 5, 30, tzinfo=UTC)
SOON = NOW + timedelta(days=2)

# City, region, country, latitude, longitude, zone.
TOWNS = {
    "San Francisco": ("CA", "US", 37.7749, -122.4194, "America/Los_Angeles"),
    "Berkeley": ("CA", "US", 37.8716, -122.2728, "America/Los_Angeles"),
    "San Jose": ("CA", "US", 37.3394, -121.895, "America/Los_Angeles"),
    "Sacramento": ("CA", "US", 38.5816, -121.4944, "America/Los_Angeles"),
    "New York City": ("NY", "US", 40.7143, -74.006, "America/New_York"),
    "Athens": ("Attica", "GR", 37.9838, 23.7278, "Europe/Athens"),
    "Piraeus": ("Attica", "GR", 37.942, 23.6462, "Europe/Athens"),
    "Suva": ("Central", "FJ", -18.1368, 178.4253, "Pacific/Fiji"),
    "Paris": ("Île-de-France", "FR", 48.8534, 2.3488, "Europe/Paris"),
}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def event_in(town, title="", **details) -> Event:
    region, country, lat, lon, zone = TOWNS[town]
    there = {"city": town, "region": region, "country": country, "lat": lat, "lon": lon, "zone": zone}
    return make_event(**{"title": title or town, "start": SOON, **there, **details})


def look(browser, query="", status=200, path="/events/") -> str:
    response = browser.get(f"{path}?{query}")
    assert response.status_code == status
    return html.unescape(response.content.decode())


def titles(page) -> list[str]:
    return re.findall(r'class="card-title"><a href="[^"]+"(?: lang="[^"]+")?>([^<]+)</a>', page)


def cards(page) -> dict[str, str]:
    """The text of each card by its title."""
    found = re.findall(
        r"<li class=\"card.*?</h3>.*?(?=<li class=\"card|</ul>\s*(?:<nav|</main|$))", page, re.DOTALL
    )
    return {titles(card)[0]: " ".join(re.sub(r"</?[a-z][^>]*>", " ", card).split()) for card in found}


def status(page) -> str:
    return re.search(r'class="status-line" role="status">([^<]*)<', page)[1]


def link(page, text) -> str | None:
    """The address of the link with this text."""
    found = re.search(rf'href="([^"]*)"[^>]*>(?:<span[^>]*>[^<]*</span>)?\s*{re.escape(text)}\s*</a>', page)
    return found[1] if found else None


def query_of(address) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


# --- Near ----------------------------------------------------------------------------------------
@pytest.fixture
def bay_area():
    for days, town in enumerate(["Sacramento", "San Jose", "Berkeley", "San Francisco", "New York City"]):
        event_in(town, start=SOON + timedelta(days=days))


@pytest.mark.parametrize("near", ["94110", "San Francisco", "San Francisco, CA", "San Francisco, CA 94110"])
@pytest.mark.parametrize(
    ("within", "found"),
    [
        ("", ["Berkeley", "San Francisco"]),  # 25 miles
        ("5", ["San Francisco"]),
        ("10", ["San Francisco"]),
        ("50", ["San Jose", "Berkeley", "San Francisco"]),
        ("100", ["Sacramento", "San Jose", "Berkeley", "San Francisco"]),
    ],
)
@pytest.mark.usefixtures("bay_area")
def test_within_so_many_miles_soonest_first(near, within, found, visitor):
    page = look(visitor, f"near={near}&within={within}")
    assert titles(page) == found


@pytest.mark.usefixtures("bay_area")
def test_the_card_says_how_far(visitor):
    page = look(visitor, "near=San Francisco&within=50")
    found = cards(page)
    assert "Berkeley, CA · 10 miles" in found["Berkeley"]
    assert "San Jose, CA · 42 miles" in found["San Jose"]
    assert "San Francisco, CA · < 1 mile" in found["San Francisco"]
    assert "miles" not in "".join(cards(look(visitor)).values())


def test_outside_the_usa_it_is_kilometres(visitor):
    event_in("Athens")
    event_in("Piraeus")  # 8.5 km
    event_in("Athens", "Between", lat=37.9838 + 0.06)  # 6.7 km: more than 5 km, less than 5 miles
    assert set(titles(look(visitor, "near=Athens, Greece&within=5"))) == {"Athens"}
    page = look(visitor, "near=Athens, Greece&within=10")
    assert set(titles(page)) == {"Athens", "Between", "Piraeus"}
    assert "9 km" in cards(page)["Piraeus"]
    assert "selected>10 km</option>" in page


def test_in_the_territories_it_is_miles(visitor):
    assert "selected>25 miles</option>" in look(visitor, "near=00926")
    assert "selected>25 km</option>" in look(visitor, "near=Toronto, Canada")


def test_across_the_antimeridian(visitor):
    event_in("Suva", "East of the line", lon=-179.9, lat=-18.0)
    event_in("Suva", "West of the line", lon=179.9, lat=-18.0)
    assert set(titles(look(visitor, "near=Suva, Fiji&within=250"))) == {
        "East of the line",
        "West of the line",
    }
    assert titles(look(visitor, "near=Suva, Fiji&within=100")) == []
    event_in("Suva", "Across", lon=179.0, lat=51.9)
    assert titles(look(visitor, "near=99546&within=250")) == ["Across"]  # Adak, at 177 degrees west


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (Point(0, 0), Point(0, 0)),
        (Point(37.7749, -122.4194), Point(37.7749, -122.4194)),  # equal points: a cosine over 1
        (Point(90, 0), Point(89.9, 135)),
        (Point(-90, 12), Point(-89.9, -170)),
        (Point(51.9, 180), Point(51.9, -179.9)),
        (Point(51.9, -180), Point(51.9, 179.9)),
    ],
)
def test_distances_hold_at_the_ends_of_the_world(here, there):
    event = event_in("Suva", lat=there.latitude, lon=there.longitude)
    row = Event.objects.near(here, 50).get()
    assert row == event
    assert 0 <= row.distance <= 12
    assert not Event.objects.near(Point(-here.latitude / 2 + 20, here.longitude / 2 + 60), 50).exists()


def test_an_online_event_without_a_place_is_near_nothing(visitor):
    make_event(title="Online", city="", online=True, start=SOON)
    assert titles(look(visitor, "near=94110&within=250")) == []
    assert titles(look(visitor)) == ["Online"]


def test_a_hidden_place_is_found_by_its_coarse_point_only(visitor):
    """Measured from any side, it is where the point says, which is rounded to a kilometre."""
    event = event_in("San Francisco", reveal="confirmed", lat=37.77, lon=-122.42, venue="Secret Hall")
    page = look(visitor, "near=94110")
    assert titles(page) == [event.title]
    assert "Secret" not in page


@pytest.mark.parametrize(
    ("near", "sentence"),
    [
        ("99999", "We don't know the US ZIP code 99999."),
        ("Atlantis", "We don't know a place called “Atlantis”."),
        ("Texas", "“Texas” is a whole country or state."),
        ("x" * 101, "That is too long."),
        ("x" * 300, "That is too long."),
        ("a%00b", "Null characters are not allowed."),
        ("%3Cscript%3Ealert(1)%3C/script%3E", "We don't know a place called “<script>alert(1)</script>”."),
    ],
    ids=["ZIP", "city", "state", "long", "very long", "NUL", "script"],
)
def test_an_unknown_place_gets_a_sentence_and_keeps_what_was_typed(near, sentence, visitor):
    event_in("San Francisco")
    response = visitor.get(f"/events/?near={near}&kind=rally")
    assert response.status_code == 422
    page = html.unescape(response.content.decode())
    assert sentence in page
    assert 'href="#id_near"' in page
    assert titles(page) == []
    assert "<script>alert" not in response.content.decode()
    assert 'value="rally" selected' in page


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_a_misspelled_city_is_offered_as_it_is_written(prefix, visitor):
    response = visitor.get(f"{prefix}/events/?near=San+Fransisco&kind=rally&page=2")
    page = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert query_of(link(page, "San Francisco, CA")) == {"near": "San Francisco, CA", "kind": "rally"}


def test_without_a_place_no_distance_is_chosen(visitor):
    page = look(visitor)
    assert '<option value="">Any distance</option>' in page
    assert "selected" not in page
    page = look(visitor, "near=94110")
    assert "Any distance" not in page
    assert '<option value="25" selected>25 miles</option>' in page
    assert '<option value="25" selected>25 km</option>' in look(visitor, "near=Athens, Greece")


def test_other_places_of_that_name_are_offered(visitor):
    page = look(visitor, "near=Paris&kind=rally")
    assert status(page) == "0 events near Paris, France"
    other = link(page, "Paris, TX")
    assert query_of(other) == {"near": "Paris, TX", "kind": "rally"}
    assert status(look(visitor, urlsplit(other).query)) == "0 events near Paris, TX"


def test_an_empty_list_offers_a_wider_one(visitor):
    page = look(visitor, "near=94110&kind=rally")
    assert "No events within 25 miles of San Francisco, CA 94110" in page
    assert query_of(link(page, "Look within 100 miles")) == {
        "near": "94110",
        "kind": "rally",
        "within": "100",
    }
    page = look(visitor, "near=94110&within=100")
    assert query_of(link(page, "Look within 250 miles"))["within"] == "250"
    page = look(visitor, "near=94110&within=250")
    assert "Look within" not in page
    assert link(page, "All events") == "/events/"
    assert "No events like this" in look(visitor, "kind=march")


# --- When ------------------------------------------------------------------------------------------
def at(text, zone_offset) -> datetime:
    return datetime.fromisoformat(f"{text}{zone_offset}").astimezone(UTC)


@pytest.fixture
def around_midnight():
    """Late on June 20 and early on June 21, there where they are."""
    event_in("San Francisco", "SF late", start=at("2026-06-20 23:00", "-07:00"))
    event_in("San Francisco", "SF early", start=at("2026-06-21 00:30", "-07:00"))
    event_in("Berkeley", "Berkeley Monday", start=at("2026-06-22 00:00", "-07:00"))
    event_in("New York City", "NY early", start=at("2026-06-21 02:00", "-04:00"))
    event_in("New York City", "NY late", start=at("2026-06-21 23:59", "-04:00"))
    event_in("Athens", "Athens", start=at("2026-06-21 20:00", "+03:00"))
    event_in("Athens", "Athens Monday", start=at("2026-06-22 00:00", "+03:00"))


@pytest.mark.usefixtures("around_midnight")
@pytest.mark.parametrize(
    ("near", "found"),
    [
        ("94110", {"SF late"}),  # it is still the twentieth there
        ("10001", {"NY early", "NY late"}),
        ("Athens, Greece", {"Athens"}),
        # Without a place it is each event's own day.
        ("", {"SF late", "NY early", "NY late", "Athens"}),
    ],
)
def test_today_is_the_places_own_day(near, found, visitor):
    assert set(titles(look(visitor, f"near={near}&when=today"))) == found


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("2026-06-17 12:00", [20, 21]),  # Wednesday
        ("2026-06-19 23:59", [20, 21]),  # Friday night
        ("2026-06-20 00:00", [20, 21]),
        ("2026-06-20 23:59", [20, 21]),
        ("2026-06-21 00:00", [21]),  # Sunday
        ("2026-06-21 23:30", [21]),
        ("2026-06-22 00:00", [27, 28]),
    ],
)
def test_the_weekend(moment, days, visitor, time_machine):
    now = at(moment, "-07:00")
    time_machine.move_to(at("2026-06-15 12:00", "-07:00"), tick=False)
    for day in range(16, 31):
        event_in("San Francisco", str(day), start=at(f"2026-06-{day} 23:45", "-07:00"))
    time_machine.move_to(now, tick=False)
    assert titles(look(visitor, "near=94110&when=weekend")) == [str(day) for day in days]


@pytest.mark.parametrize(("when", "last"), [("week", 26), ("month", 19)])
def test_a_week_and_a_month_count_today(when, last, visitor):
    for day in range(20, 31):
        event_in("San Francisco", f"06-{day}", start=at(f"2026-06-{day} 23:45", "-07:00"))
    for day in range(1, 29):
        event_in("San Francisco", f"07-{day:02d}", start=at(f"2026-07-{day:02d} 23:45", "-07:00"))
    pages = [look(visitor, f"near=94110&when={when}&page={number}") for number in (1, 2)]
    found = [title for page in pages for title in titles(page)]
    assert found[0] == "06-20"
    assert found[-1] == (f"06-{last}" if when == "week" else f"07-{last}")
    assert len(found) == {"week": 7, "month": 30}[when]


@pytest.mark.usefixtures("around_midnight")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from=2026-06-22", {"Berkeley Monday", "Athens Monday"}),
        ("to=2026-06-20", {"SF late"}),
        ("from=2026-06-21&to=2026-06-21", {"SF early", "NY early", "NY late", "Athens"}),
        ("from=2026-07-01", set()),
    ],
)
def test_from_and_until_count_in_each_events_zone(query, found, visitor):
    assert set(titles(look(visitor, query))) == found


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=tomorrow", "“tomorrow” is not a day of the calendar. Write the date like 2027-05-01."),
        ("to=2026-02-30", "“2026-02-30” is not a day of the calendar."),
        (f"to={'9' * 200}", f"“{'9' * 40}” is not a day"),
        ("from=2026-07-02&to=2026-07-01", "The last day is before the first one."),
        ("when=someday", "Choose a time from the list."),
        ("kind=riot", "Choose a kind of event from the list."),
        ("online=maybe", "Choose in person or online."),
        ("near=94110&within=7", "Choose a distance from the list."),
        ("near=94110&within=x", "Choose a distance from the list."),
    ],
)
def test_what_no_list_offers_gets_a_sentence(query, sentence, visitor):
    assert sentence in look(visitor, query, status=422)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("from=tomorrow&to=2026-07-01", "", "2026-07-01"),
        ("from=2026-07-02&to=2026-07-01", "2026-07-02", "2026-07-01"),
        ("from=7/2/2026&kind=riot", "2026-07-02", ""),
        ("from=%22%3E%3Cb%3E&to=0001-01-01", "", "0001-01-01"),
    ],
)
def test_a_date_field_shows_only_what_it_can_take(query, first, last, visitor):
    page = look(visitor, query, status=422)
    shown = dict(re.findall(r'<input type="date" name="(\w+)" id="\w+" value="([^"]*)"', page))
    assert shown == {"from": first, "to": last}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_last_day_there_is(day, visitor):
    event_in("San Francisco")
    assert len(titles(look(visitor, f"from={day}"))) == (day[0] == "0")


# --- Kinds, online ---------------------------------------------------------------------------------
def test_kinds(visitor):
    event_in("San Francisco", "A rally")
    event_in("San Francisco", "A picket", kind="picket")
    assert titles(look(visitor, "kind=picket")) == ["A picket"]


def test_in_person_and_online(visitor):
    event_in("San Francisco", "Here")
    event_in("San Francisco", "Both", online=True, start=SOON + timedelta(hours=1))
    make_event(title="Online", city="", online=True, start=SOON + timedelta(hours=2))
    assert titles(look(visitor, "online=no")) == ["Here", "Both"]
    page = look(visitor, "online=yes")
    assert titles(page) == ["Both", "Online"]
    assert "San Francisco, CA, and online" in cards(page)["Both"]
    assert "Online" in cards(page)["Online"]


# --- What is never listed --------------------------------------------------------------------------
LISTS = ["/events/", "/es/events/", "/"]


@pytest.mark.parametrize("path", LISTS)
def test_drafts_and_unlisted_ones_are_in_no_list(path, visitor, member, admin):
    event_in("San Francisco", "Public")
    event_in("San Francisco", "Draft", published=False)
    event_in("San Francisco", "Unlisted", visibility="unlisted")
    taken_off = event_in("San Francisco", "Taken off")
    Event.objects.filter(pk=taken_off.pk).update(status="draft")
    for browser in (visitor, member, admin):
        assert titles(look(browser, path=path)) == ["Public"]


def test_an_unlisted_one_opens_by_its_address_and_asks_not_to_be_found(visitor):
    event = event_in("San Francisco", visibility="unlisted")
    page = look(visitor, path=f"/events/{event.slug}/")
    assert '<meta name="robots" content="noindex">' in page
    assert 'name="robots"' not in look(visitor, path=f"/events/{event_in('Berkeley').slug}/")


def test_what_is_running_is_listed_until_its_end(visitor, time_machine):
    event_in("San Francisco", start=NOW, hours=2)
    time_machine.move_to(NOW + timedelta(hours=2) - timedelta(seconds=1), tick=False)
    assert titles(look(visitor)) == ["San Francisco"]
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)
    assert titles(look(visitor)) == []


# --- Cards -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("details", "badge"),
    [
        ({}, ""),
        ({"event_status": "cancelled"}, "Cancelled"),
        ({"event_status": "postponed"}, "Postponed"),
        ({"capacity": 10}, "Full"),
        ({"capacity": 11}, "Few places left"),
        ({"capacity": 10, "event_status": "cancelled"}, "Cancelled"),
    ],
)
def test_badges(details, badge, visitor):
    make_campaign(title="Our campaign", is_home=True)
    event_status = details.pop("event_status", "scheduled") if "capacity" in details else None
    event = event_in("San Francisco", **details)
    if event_status is not None:
        make_rsvp(event, confirmed=True, party_size=10)
    if event_status == "cancelled":
        Event.objects.update(event_status="cancelled")
    page = look(visitor)
    words = ("Cancelled", "Postponed", "Full", "Few places left")
    assert [word for word in words if word in cards(page)["San Francisco"]] == [badge] * bool(badge)
    assert ("is-cancelled" in page) is (badge == "Cancelled")
    assert "10" not in re.sub(r"10:|\b2026\b", "", cards(page)["San Francisco"])  # never a number of people


def test_a_card(visitor):
    make_campaign(title="Our campaign", is_home=True)
    event = event_in("San Francisco", "Títulos & <b>más</b>", language="es", kind="picket")
    page = look(visitor)
    assert f'<a href="/events/{event.slug}/" lang="es">' in page
    raw = visitor.get("/events/").content.decode()
    assert "Títulos &amp; &lt;b&gt;más&lt;/b&gt;" in raw
    assert "<span>Monday,</span> <span>June 22, 2026,</span> <span>10:30 PM PDT</span>" in page
    assert "Picket · Our campaign" in page
    assert f'datetime="{SOON.isoformat()}"' in page


def test_a_card_of_a_postponed_event_has_no_date(visitor):
    event_in("San Francisco", event_status="postponed")
    page = look(visitor)
    assert '<p class="card-when">No new date yet</p>' in page
    assert "2026" not in cards(page)["San Francisco"]


def test_a_card_in_spanish(visitor):
    event = event_in("San Francisco")
    page = look(visitor, path="/es/events/")
    assert f'<a href="/es/events/{event.slug}/" lang="en">' in page
    assert "lunes 22 de junio de 2026, 22:30 PDT" in re.sub("</?span>", "", page)


def test_a_whole_day_has_no_hour(visitor):
    event_in("San Francisco", start=at("2026-07-04 00:00", "-07:00"), hours=24, all_day=True)
    assert "<span>Saturday,</span> <span>July 4, 2026</span></time>" in look(visitor)


# --- Chips, pages, count ---------------------------------------------------------------------------
def test_each_chip_removes_one_filter(visitor):
    query = "near=94110&within=50&kind=rally&when=month&online=no&from=2026-07-01&page=2"
    page = look(visitor, query)
    filters = query_of(f"?{query}")
    del filters["page"]
    without = {
        "San Francisco, CA 94110": {"near", "within"},
        "Rally": {"kind"},
        "Next 30 days": {"when"},
        "In person": {"online"},
        "From 2026-07-01": {"from"},
    }
    for text, names in without.items():
        assert query_of(link(page, text)) == {
            name: value for name, value in filters.items() if name not in names
        }
    assert look(visitor).count('class="chip"') == 0


def many(count) -> None:
    """Events put straight into the table: what is looked at here is counting and paging."""
    template = event_in("San Francisco", "Template", visibility="unlisted")
    fields = {field.attname: getattr(template, field.attname) for field in Event._meta.concrete_fields}
    Event.objects.bulk_create(
        Event(
            **{
                **fields,
                "id": uuid4(),
                "slug": f"event-{number}",
                "title": f"Event {number:04d}",
                "visibility": "public",
                "next_start": SOON + timedelta(minutes=number),
            }
        )
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 events"), (1, "1 event"), (PAGE, "20 events"), (PAGE + 1, "21 events")]
)
def test_the_count(count, text, visitor):
    many(count)
    page = look(visitor)
    assert status(page) == text
    assert len(titles(page)) == min(count, PAGE)
    assert status(look(visitor, "near=94110")) == f"{text} near San Francisco, CA 94110"


def test_pages(visitor):
    many(2 * PAGE + 5)
    first = look(visitor, "kind=rally")
    second = look(visitor, urlsplit(link(first, "Next")).query)
    third = look(visitor, urlsplit(link(second, "Next")).query)
    assert query_of(link(second, "Next")) == {"kind": "rally", "page": "3"}
    found = titles(first) + titles(second) + titles(third)
    assert found == [f"Event {number:04d}" for number in range(45)]
    assert [link(page, "Previous") is None for page in (first, second, third)] == [True, False, False]
    assert [link(page, "Next") is None for page in (first, second, third)] == [False, False, True]
    assert [status(page) for page in (first, second, third)] == ["45 events"] * 3
    assert query_of(link(second, "Previous")) == {"kind": "rally", "page": "1"}


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "1e3", "٣", "1.5"])
def test_a_page_that_is_no_number_is_the_first(number, visitor):
    many(PAGE + 5)
    assert titles(look(visitor, f"page={number}"))[0] == "Event 0000"


@pytest.mark.parametrize("number", ["3", "49", "999", "50"])
def test_beyond_the_last_page_there_is_nothing_and_the_count_stays_true(number, visitor):
    many(PAGE + 5)
    page = look(visitor, f"page={number}")
    assert titles(page) == []
    assert status(page) == "25 events"
    assert link(page, "Next") is None
    assert f"There is no page {number}" in page
    assert "No events" not in page
    assert link(page, "Go to page 1") == "/events/"


def test_beyond_the_last_page_of_a_place_the_way_back_keeps_the_filters(visitor):
    page = look(visitor, "near=94110&page=99")
    assert "There is no page 99" in page
    assert query_of(link(page, "Go to page 1")) == {"near": "94110"}


def test_more_than_a_thousand_are_not_counted_out(visitor):
    many(COUNT_TO + 1)
    assert status(look(visitor)) == "More than 1,000 events"
    last = look(visitor, f"page={LAST_PAGE}")
    assert len(titles(last)) == PAGE
    assert link(last, "Next") is None
    assert status(look(visitor, "kind=march")) == "0 events"
    Event.objects.filter(title="Event 0000").delete()
    assert status(look(visitor)) == "1000 events"


# --- Home ------------------------------------------------------------------------------------------
def test_the_home_page_shows_the_five_soonest_in_different_cities(visitor):
    make_campaign(title="Our campaign", summary="One sentence.", summary_es="Una frase.", is_home=True)
    for hours, town in enumerate(
        ["Berkeley", "Berkeley", "San Jose", "Sacramento", "Athens", "Piraeus", "Suva"]
    ):
        event_in(town, f"{hours} {town}", start=SOON + timedelta(hours=hours))
    event_in("Paris", "Called off", start=NOW + timedelta(hours=1), event_status="cancelled")
    page = look(visitor, path="/")
    assert titles(page) == ["0 Berkeley", "2 San Jose", "3 Sacramento", "4 Athens", "5 Piraeus"]
    assert "One sentence." in page
    assert "Una frase." in look(visitor, path="/es/")


def test_an_empty_home_page_has_no_empty_heading(visitor):
    page = look(visitor, path="/")
    assert "The next events" not in page
    assert 'name="near"' in page
