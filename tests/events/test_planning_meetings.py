"""A forum's planning meeting, as an operator names it."""

import pytest

from events.models import Event
from tests.events.test_operator_form import change_page, loaded
from tests.factories import make_event
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]


def saved(admin, event: Event, slug: str, **fields: str):
    data = loaded(event) | {"planning_meeting": slug, "_confirmed": "1", **fields}
    return admin.post(change_page(event), data)


def test_it_is_named_by_its_address_and_filled_in_again(admin):
    forum = make_event(kind="forum", postal_code="94110")
    meeting = make_event(kind="meeting", visibility="unlisted")
    assert saved(admin, forum, meeting.slug).status_code == 302
    forum.refresh_from_db()
    assert forum.planning_meeting == meeting
    assert loaded(forum)["planning_meeting"] == meeting.slug
    assert saved(admin, forum, "").status_code == 302
    forum.refresh_from_db()
    assert forum.planning_meeting is None


@pytest.mark.parametrize(
    ("kind", "slug", "sentence"),
    [
        ("forum", "no-such-thing", "There is no event with this address."),
        ("forum", "itself", "A forum can&#x27;t be its own planning meeting."),
        ("rally", "meeting", "Only a forum has a planning meeting."),
    ],
)
def test_what_makes_no_sense_is_a_sentence(admin, kind, slug, sentence):
    event, meeting = make_event(kind=kind, postal_code="94110"), make_event(kind="meeting")
    chosen = {"itself": event.slug, "meeting": meeting.slug}.get(slug, slug)
    answer = saved(admin, event, chosen)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    event.refresh_from_db()
    assert event.planning_meeting is None
