"""Who sees which event: role by visibility by status, generated, and asked of the page, the calendar
file, the list and the feed."""

from itertools import product

import pytest

from events.models import Event
from tests.cast import logged_in
from tests.events.belonging import browser_of, make_committee
from tests.factories import make_admin, make_event, make_moderator

pytestmark = pytest.mark.django_db

ROLES = ("visitor", "member", "member of another", "coordinator", "moderator", "admin")
VISIBILITIES = ("public", "unlisted", "members")
HIDDEN = "public, of a hidden committee"
STATUSES = ("draft", "submitted", "published", "returned", "rejected", "archived")
CASES = list(product(ROLES, (*VISIBILITIES, HIDDEN), STATUSES))


def may_see(role: str, visibility: str, status: str) -> bool:
    if role == "admin":
        return True
    if role == "moderator":
        return status != "draft"
    if status != "published":
        return False
    return visibility in ("public", "unlisted") or role in ("member", "coordinator")


def stands_in_list(role: str, visibility: str, status: str) -> bool:
    if status != "published" or visibility == "unlisted":
        return False
    return visibility == "public" or role in ("member", "coordinator")


def browser(role: str, committee):
    match role:
        case "member":
            return browser_of(committee)
        case "coordinator":
            return browser_of(committee, role="coordinator")
        case "member of another":
            return browser_of(make_committee("Another"), role="coordinator")
        case "moderator":
            return logged_in(make_moderator())
        case "admin":
            return logged_in(make_admin())
    return logged_in(None)


def test_there_are_enough_cases():
    assert len(CASES) >= 80


@pytest.mark.parametrize(("role", "visibility", "status"), CASES)
def test_access(role, visibility, status):
    committee = make_committee(visibility="hidden" if visibility == HIDDEN else "public")
    event = make_event(title="Whether it shows", committee=committee)
    Event.objects.filter(pk=event.pk).update(status=status, visibility=visibility.partition(",")[0])
    client = browser(role, committee)
    seen = may_see(role, visibility, status)
    for path in ("/", ".ics", "/rsvp/"):
        answer = client.get(f"/events/{event.slug}{path}")
        closed = path == "/rsvp/" and status != "published"
        assert answer.status_code == ((410 if closed else 200) if seen else 404), path
        assert seen or b"Whether it shows" not in answer.content
    listed = stands_in_list(role, visibility, status)
    for path in ("/events/", "/es/events/"):
        assert (b"Whether it shows" in client.get(path).content) is listed, path
    # The home page is the same for everybody.
    on_home = stands_in_list("visitor", visibility, status)
    assert (b"Whether it shows" in client.get("/").content) is on_home
    if role == "visitor":
        feed = client.get(f"/committees/{committee.slug}/events.ics")
        assert (b"Whether it shows" in feed.content) is listed
