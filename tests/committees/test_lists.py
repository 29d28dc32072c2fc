"""The list of committees and a committee's page: who finds what, and what is never said."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from committees.models import Committee
from hub.paging import PAGE
from tests.cast import logged_in
from tests.factories import make_campaign, make_committee, make_event, make_member, make_user
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

WORKPLACES = "For safety we never say whether a workplace has a committee."


def names(client, query: str = "") -> list[str]:
    return [card["name"] for card in client.get(f"/committees/?{query}").context["cards"]]


def test_public_ones_are_listed_by_name(visitor):
    for name in ("Sunset", "Bayview"):
        make_committee(name=name)
    make_committee(name="Unlisted", visibility="unlisted")
    make_committee(name="Hidden", visibility="hidden")
    make_committee(name="Draft", published=False)
    make_committee(name="Closed", stage="closed")
    assert names(visitor) == ["Bayview", "Sunset"]


def test_near_a_place_the_nearest_comes_first(visitor):
    make_committee(name="Farther", lat=37.8, lon=-122.27)
    make_committee(name="Nearer", lat=37.75, lon=-122.41)
    make_committee(name="Away", lat=41.88, lon=-87.63)
    assert names(visitor, "near=94110") == ["Nearer", "Farther"]
    assert names(visitor, "near=94110&within=5") == ["Nearer"]
    page = visitor.get("/committees/?near=94110").content.decode()
    assert "2 committees near" in page
    assert "San Francisco, CA · " in page


def test_by_kind(visitor):
    for kind in ("neighborhood", "union", "campus", "community"):
        make_committee(kind=kind, name=kind)
    assert names(visitor, "kind=union") == ["union"]
    assert len(names(visitor)) == 4


def test_a_workplace_is_never_said_to_have_one(visitor, member):
    before = visitor.get("/committees/?kind=workplace").content
    assert WORKPLACES in before.decode()
    make_committee(kind="workplace", name="Warehouse Committee")
    assert visitor.get("/committees/?kind=workplace").content == before
    for client in (visitor, member):
        for query in ("", "near=94110", "kind=workplace", "near=94110&kind=workplace&within=250"):
            page = client.get(f"/committees/?{query}").content.decode()
            assert "Warehouse" not in page
            assert WORKPLACES in page


def test_bad_filters_are_sentences(visitor):
    answer = visitor.get("/committees/?near=nowhere+at+all&kind=nothing&within=7")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Choose a kind of committee from the list." in page
    assert "Choose a distance from the list." in page
    assert "nowhere at all" in page


def test_an_empty_list_offers_a_wider_one(visitor):
    page = visitor.get("/committees/?near=94110").content.decode()
    assert "No committees within 25 miles" in page
    assert "within=100" in page


def many(number: int) -> None:
    campaign = make_campaign(is_home=True)
    Committee.objects.bulk_create(
        [
            Committee(
                campaign=campaign,
                kind="neighborhood",
                name=f"Committee {n:04}",
                slug=f"committee-{n}",
                status="published",
                latitude=37.75,
                longitude=-122.41,
                city="San Francisco",
                region="CA",
                country="US",
            )
            for n in range(number)
        ]
    )


def test_it_is_paged(visitor):
    many(PAGE + 1)
    assert len(names(visitor)) == PAGE
    assert names(visitor, "page=2") == [f"Committee {PAGE:04}"]


@pytest.mark.parametrize("number", [20, 2000])
@pytest.mark.parametrize(("query", "most"), [("", 2), ("near=94110", 3), ("kind=union", 2)])
def test_the_list_asks_little(visitor, number, query, most):
    many(number)
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get(f"/committees/?{query}").status_code == 200
    assert len(asked) <= most


# --- The page ------------------------------------------------------------------------------------
def test_the_page_says_what_it_is_and_nobody_s_name(visitor):
    committee = make_committee(about="We **meet**.", stage="active")
    make_member(committee, make_user(display_name="Xiomara"), name="Xiomara")
    page = visitor.get(f"/committees/{committee.slug}/").content.decode()
    for text in ("Mission Committee", "San Francisco, CA", "Neighborhood", "Active", "<strong>meet</strong>"):
        assert text in page
    assert "Xiomara" not in page
    assert "Ask to join" in page


def test_the_page_shows_its_next_events_that_the_reader_may_see(visitor):
    committee = make_committee(visibility="unlisted")
    make_event(title="Open rally", committee=committee)
    make_event(title="Quiet rally", committee=committee, visibility="unlisted")
    make_event(title="Inner meeting", committee=committee, visibility="members")
    make_event(title="Past rally", committee=committee, start=timezone.now() - timedelta(days=3))
    make_event(title="Draft rally", committee=committee, published=False)
    make_event(title="Foreign rally", committee=make_committee())
    path = f"/committees/{committee.slug}/"
    page = visitor.get(path).content.decode()
    titles = ["Open", "Quiet", "Inner", "Past", "Draft", "Foreign"]
    assert [title for title in titles if title in page] == ["Open"]
    inside = logged_in(make_member(committee).user).get(path).content.decode()
    assert [title for title in titles if title in inside] == ["Open", "Inner"]


@pytest.mark.parametrize("number", [20, 2000])
def test_the_page_asks_little(visitor, number):
    many(number)
    committee = Committee.objects.get(slug="committee-7")
    for _ in range(7):
        make_event(committee=committee)
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get("/committees/committee-7/").status_code == 200
    assert len(asked) <= 2  # the committee, its events
    client = logged_in(make_member(committee).user)
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/committees/committee-7/").status_code == 200
    # Before that the session, the account, whether they moderate (twice asked, once looked up); then
    # their membership, and who coordinates.
    assert len(asked) <= 8


@pytest.mark.parametrize(
    ("fields", "indexed"),
    [({}, True), ({"visibility": "unlisted"}, False), ({"kind": "workplace"}, False)],
)
def test_what_is_not_for_everybody_is_in_no_search_engine(visitor, fields, indexed):
    committee = make_committee(**fields)
    page = visitor.get(f"/committees/{committee.slug}/").content.decode()
    assert ("noindex" in page) is not indexed


def test_the_page_of_a_hidden_one_is_kept_by_no_cache(visitor):
    committee = make_committee(visibility="hidden")
    client = logged_in(make_member(committee).user)
    answer = client.get(f"/committees/{committee.slug}/")
    assert answer["Cache-Control"] == "private, no-store"
    assert "This committee is hidden" in answer.content.decode()


def test_spanish_pages_speak_spanish_addresses(visitor):
    committee = make_committee(language="es", name="Comité")
    page = visitor.get(f"/es/committees/{committee.slug}/").content.decode()
    assert f'href="/es/committees/{committee.slug}/join/"' in page
