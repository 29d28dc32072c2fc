"""What screen readers are told: which language a title is in, which filter is wrong."""

import re

import pytest
from django.utils import timezone

from events.actions import events as event_actions
from tests.factories import deliver_mail, make_event, make_rsvp, press_button

pytestmark = pytest.mark.django_db
TITLE = "¡Huelga ya!"


def element_of(page: str) -> str:
    """The opening tag of the element, below the head, that holds the title and nothing else."""
    return re.search(rf"(<[^>]*>){re.escape(TITLE)}</", page.partition("<body")[2])[1]


@pytest.mark.parametrize(("prefix", "foreign"), [("", True), ("/es", False)])
def test_a_title_in_another_language_says_so_on_the_form(visitor, prefix, foreign):
    event = make_event(title=TITLE, language="es")
    page = visitor.get(f"{prefix}/events/{event.slug}/rsvp/").content.decode()
    assert ('lang="es"' in element_of(page)) is foreign


@pytest.mark.parametrize(("prefix", "foreign"), [("", True), ("/es", False)])
def test_a_title_in_another_language_says_so_where_it_is_too_late(visitor, prefix, foreign):
    event = event_actions.cancel_event(make_event(title=TITLE, language="es"), by=None, at=timezone.now())
    page = visitor.get(f"{prefix}/events/{event.slug}/rsvp/").content.decode()
    assert ('lang="es"' in element_of(page)) is foreign


def test_a_title_in_another_language_says_so_on_the_page_of_a_spent_link(visitor):
    party = make_rsvp(make_event(title=TITLE, language="es"), email="reader@example.org")
    deliver_mail()
    press_button(party)
    page = visitor.get(f"/rsvp/{party.token}/").content.decode()
    assert "Use the link in the mail" in page
    assert 'lang="es"' in element_of(page)


@pytest.mark.parametrize(
    ("query", "name", "folded"),
    [
        ("kind=feast", "kind", True),
        ("online=maybe", "online", True),
        ("from=tomorrow", "from", True),
        ("from=2027-05-02&to=2027-05-01", "to", True),
        ("when=soon", "when", False),
        ("within=7", "within", False),
        ("near=Atlantis", "near", False),
    ],
)
def test_the_filter_that_is_wrong_says_so_and_is_not_folded_away(visitor, query, name, folded):
    answer = visitor.get(f"/events/?{query}")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.findall(r'id="id_(\w+)"[^>]*aria-invalid="true"', page) == [name]
    assert ('<details class="fold" open>' in page) is folded


def test_sound_filters_stay_folded(visitor):
    page = visitor.get("/events/?kind=rally").content.decode()
    assert "aria-invalid" not in page
    assert '<details class="fold">' in page
