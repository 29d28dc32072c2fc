"""Who is coming: for the coordinators of the event's own committee, each look written down."""

import re

import pytest
from django.utils import timezone

from committees.models import Committee, Membership
from events.actions import rsvps
from hub.models import AuditEntry
from tests.cast import logged_in
from tests.events.belonging import belong, browser_of, make_committee
from tests.factories import make_event, make_rsvp, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    return make_committee()


@pytest.fixture
def event(committee):
    event = make_event(committee=committee, capacity=4)
    make_rsvp(event, confirmed=True, name="Rosa", party_size=3, need="A chair <please>")
    make_rsvp(event, confirmed=True, party_size=2)
    make_rsvp(event, email="secret.address@example.org", name="Pending")
    gone = make_rsvp(event, confirmed=True, name="Gone")
    rsvps.cancel(gone.pk, at=timezone.now())
    return event


def door(event) -> str:
    return f"/events/{event.slug}/coming/"


def seen(client, event) -> str:
    response = client.get(door(event))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    return response.content.decode()


def counts(html: str) -> list[str]:
    return [part.split("</dd>")[0] for part in html.split("</dt><dd>")[1:]]


def test_a_coordinator_reads_counts_names_and_needs_never_an_address(committee, event):
    html = seen(browser_of(committee, role="coordinator"), event)
    assert counts(html) == ["3", "Said yes 6, confirmed 5", "3", "2"]  # answers; people; seated; waiting
    assert "Rosa" in html
    assert "A chair &lt;please&gt;" in html
    assert "no name given" in html
    assert "<td>waiting</td>" in html
    assert "not confirmed yet" in html
    assert "Gone" not in html
    assert "@" not in html.split("<main")[1]


def test_who_is_coming_and_the_host_s_page_say_the_same_of_the_same(committee, event):
    client = browser_of(committee, role="coordinator")
    coming, own = seen(client, event), client.get(f"/events/{event.slug}/edit/").content.decode()
    (said,) = re.findall(r"<dt>How many people</dt><dd>.*</dd>", coming)
    assert said in own


def test_members_stand_there_as_a_member(committee, event):
    rsvps.rsvp(
        event.timeslots.get().pk,
        form_token="t",
        name="",
        email="",
        party_size=1,
        need="",
        neutral=False,
        language="en",
        member=make_user("zoe@example.org", display_name="Zoe"),
        at=timezone.now(),
    )
    html = seen(browser_of(committee, role="coordinator"), event)
    assert ">a member</th>" in html
    assert "Zoe" not in html


def test_each_look_is_written_down_with_who_and_how_many(committee, event):
    client = browser_of(committee, role="coordinator")
    for _look in range(2):
        seen(client, event)
    entries = AuditEntry.objects.filter(action="see_who_is_coming")
    assert [(one.actor, one.object_id, one.count) for one in entries] == [(client.user, event.pk, 3)] * 2


def test_fifty_a_page(committee):
    event = make_event(committee=committee)
    for number in range(52):
        make_rsvp(event, name=f"Guest {number:02d}")
    client = browser_of(committee, role="coordinator")
    first = seen(client, event)
    assert "Guest 49" in first
    assert "Guest 50" not in first
    assert 'rel="next"' in first
    second = client.get(f"{door(event)}?page=2").content.decode()
    assert "Guest 51" in second
    assert 'rel="next"' not in second
    assert list(
        AuditEntry.objects.filter(action="see_who_is_coming").order_by("at").values_list("count", flat=True)
    ) == [50, 2]


def test_an_event_nobody_comes_to_has_a_page_too(committee):
    html = seen(browser_of(committee, role="coordinator"), make_event(committee=committee))
    assert counts(html) == ["0", "Said yes 0, confirmed 0", "0", "0"]
    assert "Nobody yet." in html


def test_what_ran_out_unconfirmed_is_not_among_them(committee):
    event = make_event(committee=committee, capacity=4)
    make_rsvp(event, email="late@example.org", name="Late", at=timezone.now() - timezone.timedelta(days=2))
    assert "Late" not in seen(browser_of(committee, role="coordinator"), event)


# --- Nobody else (incidents 3 and 26) ---------------------------------------------------------------
def refused(client, event, status: int) -> None:
    before = AuditEntry.objects.filter(action="see_who_is_coming").count()
    response = client.get(door(event))
    assert response.status_code == status
    assert b"Rosa" not in response.content
    assert AuditEntry.objects.filter(action="see_who_is_coming").count() == before


def test_one_organizer_does_not_see_another_s_people(event):
    refused(browser_of(make_committee("Another"), role="coordinator"), event, 403)


def test_members_moderators_and_administrators_do_not_see_them(committee, event, moderator, admin):
    refused(browser_of(committee), event, 403)
    refused(moderator, event, 403)
    refused(admin, event, 403)


def test_an_event_of_no_committee_has_no_coordinator(committee):
    event = make_event()
    refused(browser_of(committee, role="coordinator"), event, 403)


def test_a_removed_coordinator_sees_nothing_from_the_next_request_on(committee, event):
    client = browser_of(committee, role="coordinator")
    seen(client, event)
    Membership.objects.filter(user=client.user).update(role="member")
    refused(client, event, 403)
    Membership.objects.filter(user=client.user).delete()
    refused(client, event, 403)


@pytest.mark.parametrize(
    "state",
    [{"frozen_at": timezone.now()}, {"status": "draft"}, {"stage": "closed"}],
    ids=["frozen", "off", "closed"],
)
def test_coordinators_of_a_committee_that_is_frozen_closed_or_off_the_site_do_not_act(
    committee, event, state
):
    client = browser_of(committee, role="coordinator")
    Committee.objects.update(**state)
    refused(client, event, 403)
    assert client.get(f"/events/{event.slug}/edit/").status_code == 403
    assert "Who is coming" not in client.get(f"/events/{event.slug}/").content.decode()


def test_who_asked_to_join_and_who_is_locked_out_see_nothing(committee, event):
    asked = make_user()
    Membership.objects.create(committee=committee, user=asked, state="pending", asked_at=timezone.now())
    refused(logged_in(asked), event, 403)
    client = browser_of(committee, role="coordinator")
    client.user.is_active = False
    client.user.save()
    refused(client, event, 302)


def test_who_may_not_see_the_event_gets_the_404_of_a_missing_one(visitor, member, committee):
    event = make_event(committee=committee, visibility="members")
    refused(visitor, event, 302)
    refused(member, event, 404)
    seen(browser_of(committee, role="coordinator"), event)


def test_without_a_second_step_the_names_stay_locked(committee, event, settings):
    settings.DEMO = False
    client = browser_of(committee, role="coordinator")
    refused(client, event, 302)
    assert client.get(door(event))["Location"] == f"/account/second/app/?next={door(event)}"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_only_shows(committee, event, method):
    client = browser_of(committee, role="coordinator")
    assert getattr(client, method)(door(event)).status_code == 405


def test_only_coordinators_are_led_there(committee, event):
    link = f'href="{door(event)}"'
    for role, shown in (("coordinator", True), ("member", False)):
        page = browser_of(committee, role=role).get(f"/events/{event.slug}/").content.decode()
        assert (link in page) is shown
    belong(make_committee("Another"), user := make_user(), role="coordinator")
    assert link not in logged_in(user).get(f"/events/{event.slug}/").content.decode()
