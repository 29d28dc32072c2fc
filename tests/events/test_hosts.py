"""Who holds an event, as each reader may know it; what of a hidden committee never shows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from committees.models import Committee, Membership
from events.actions import days as day_actions
from events.models import Event, Update
from tests.cast import logged_in
from tests.events.belonging import belong, browser_of, make_committee
from tests.factories import make_day, make_event, make_user, posted_rsvp

pytestmark = pytest.mark.django_db

CANARY = "Canary of the night shift"


def page(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def who(client, event) -> str:
    """The line "Who" of an event's page."""
    html = page(client, f"/events/{event.slug}/")
    return html.split("<dt>Who</dt><dd>")[1].split("</dd>")[0]


# --- The host's line -------------------------------------------------------------------------------
def test_the_host_s_name_goes_first_then_the_committee_then_the_campaign(visitor):
    committee = make_committee("Committee of Fresno")
    named = make_event(host_name="Friends of the harbor", committee=committee)
    held = make_event(committee=committee)
    bare = make_event()
    link = f'<a href="/committees/{committee.slug}/">Committee of Fresno</a>'
    assert [who(visitor, event) for event in (named, held, bare)] == [
        "Friends of the harbor",
        link,
        f'<a href="/campaigns/{bare.campaign.slug}/">A Labor Party for Working People</a>',
    ]
    spanish = page(visitor, f"/es/events/{held.slug}/")
    assert f'<a href="/es/committees/{committee.slug}/">' in spanish


@pytest.mark.parametrize(
    ("fields", "on_page", "in_list"),
    [
        ({}, True, True),
        ({"visibility": "unlisted"}, True, False),
        ({"kind": "workplace"}, False, False),
        ({"status": "draft"}, False, False),
        ({"status": "archived"}, False, False),
        ({"stage": "dormant"}, True, True),
    ],
)
def test_a_committee_is_named_where_its_readers_may_know_it(visitor, fields, on_page, in_list):
    committee = make_committee("Committee of Fresno", **fields)
    event = make_event(committee=committee)
    line = who(visitor, event)
    assert ("Committee of Fresno" in line) is on_page
    assert ("Committee of Fresno" in page(visitor, "/events/")) is in_list
    assert ("Committee of Fresno" in page(visitor, "/")) is in_list
    if fields:
        linked = committee.slug in line
        assert linked is (fields == {"stage": "dormant"})


def test_a_workplace_committee_s_members_read_its_name_on_their_own_events():
    committee = make_committee("Committee at the mill", kind="workplace")
    event = make_event(committee=committee, visibility="members")
    assert "Committee at the mill" in who(browser_of(committee), event)


# --- Hidden ----------------------------------------------------------------------------------------
@pytest.fixture
def night_shift():
    """A hidden committee with an event of each visibility, all on a day of action."""
    committee = make_committee(CANARY, visibility="hidden")
    day = make_day()
    for visibility in ("public", "unlisted", "members"):
        event = make_event(title=f"{CANARY}: {visibility}", committee=committee, day=day)
        # The act sees to it that it is for members; the pages hold even where that went wrong.
        Event.objects.filter(pk=event.pk).update(visibility=visibility)
    # The address of a hidden thing may be guessed: what is answered must not give its name.
    Committee.objects.filter(pk=committee.pk).update(slug="guessed")
    Event.objects.filter(committee=committee).update(slug=Concat(Value("guessed-"), "visibility"))
    return Committee.objects.get(pk=committee.pk)


def every_address(committee):
    day = committee.events.first().day
    yield from ("/", "/es/", "/events/", "/es/events/", "/events/?near=San+Francisco", "/events/?online=no")
    yield from (f"/events/?committee={committee.slug}", f"/events/?day={day.slug}", "/days/", "/es/days/")
    yield from (f"/days/{day.slug}/", f"/days/{day.slug}/events.ics", f"/days/{day.slug}/host/")
    yield from (f"/committees/{committee.slug}/events.ics", "/committees/no-such-thing/events.ics")
    yield from (
        "/committees/",
        "/committees/?near=San+Francisco",
        "/es/committees/",
        "/events/propose/",
        "/mine/",
    )
    for path in ("/", "/join/", "/join/done/", "/contact/", "/members/", "/me/"):
        yield f"/committees/{committee.slug}{path}"
    for event in committee.events.all():
        for path in ("/", ".ics", "/rsvp/", "/rsvp/member/", "/coming/", "/ask/", "/changes/", "/edit/"):
            yield f"/events/{event.slug}{path}"


def answers(client, committee):
    """Everything a reader is answered with, headers too; without the address they asked for."""
    for path in every_address(committee):
        response = client.get(path, follow=False)
        yield path, f"{response.headers} {response.content.decode()}"
        if path.endswith(("/rsvp/", "/rsvp/member/", "/ask/", "/edit/", "/join/", "/contact/")):
            response = client.post(path, posted_rsvp(name="Rosa", email="rosa@example.org"))
            yield path, f"{response.headers} {response.content.decode()}"


def test_a_hidden_committee_s_name_is_in_no_answer_to_anybody_else(visitor, member, night_shift):
    other = browser_of(make_committee("Committee of Fresno"), role="coordinator")
    removed = browser_of(night_shift)
    asked = make_user()
    Membership.objects.filter(user=removed.user).delete()
    Membership.objects.create(
        committee=night_shift, user=asked, state="pending", asked_at=timezone.now(), display_name="R"
    )
    for client in (visitor, member, other, removed, logged_in(asked)):
        for path, answer in answers(client, night_shift):
            assert CANARY not in answer, path


def test_its_members_and_moderators_find_it(night_shift, moderator, admin):
    for client in (browser_of(night_shift), moderator, admin):
        for event in night_shift.events.all():
            assert CANARY in page(client, f"/events/{event.slug}/")
    html = page(browser_of(night_shift), "/events/")
    assert f"{CANARY}: members" in html
    assert f"{CANARY}: unlisted" not in html
    assert f"{CANARY}: public" in html


def test_an_event_of_a_hidden_committee_takes_nobody_else_s_answer(visitor, member, night_shift):
    for event in night_shift.events.all():
        for client in (visitor, member):
            for path in ("rsvp/", "rsvp/member/"):
                client.post(f"/events/{event.slug}/{path}", posted_rsvp(name="Rosa"))
        assert not event.rsvps.exists()


def test_leaving_acts_on_the_next_request(night_shift):
    client = browser_of(night_shift)
    event = night_shift.events.get(visibility="members")
    page(client, f"/events/{event.slug}/")
    Membership.objects.filter(user=client.user).delete()
    page(client, f"/events/{event.slug}/", 404)
    assert CANARY not in page(client, "/events/")


def test_what_is_listed_for_nobody_is_listed_for_anybody():
    committee = make_committee()
    make_event()
    make_event(committee=committee, visibility="members")
    make_event(committee=committee, visibility="unlisted")
    rows = Event.objects
    assert rows.listed_for(AnonymousUser()).count() == rows.listed().count() == 1
    assert rows.listed_for(make_user()).count() == 1
    assert rows.listed_for(belong(committee)).count() == 2
    away = belong(committee)
    away.is_active = False
    assert rows.listed_for(away).count() == 1


# --- The day and the host's words -------------------------------------------------------------------
def test_the_day_of_action_is_named_in_the_reader_s_language_while_it_is_on_the_site(visitor):
    day = make_day()
    event = make_event(day=day)
    assert f'href="/days/{day.slug}/">Day of action' in page(visitor, f"/events/{event.slug}/")
    assert f'href="/es/days/{day.slug}/">Jornada' in page(visitor, f"/es/events/{event.slug}/")
    day_actions.unpublish_day(day, by=None, at=timezone.now())
    assert day.slug not in page(visitor, f"/events/{event.slug}/")


def test_the_newest_five_updates_stand_with_their_time_in_the_event_s_zone(visitor):
    event = make_event()
    start = timezone.now().replace(month=6, day=1, hour=20, minute=0)
    for number in range(7):
        Update.objects.create(
            event=event, made_at=start + timedelta(minutes=number), text=f"<b>Word {number}</b>"
        )
    html = page(visitor, f"/events/{event.slug}/")
    at = 0
    for number in (6, 5, 4, 3, 2):
        at = html.index(f"&lt;b&gt;Word {number}&lt;/b&gt;", at)
    assert "Word 1&" not in html
    assert "1:06 PM PDT" in html


def test_without_updates_there_is_no_heading_for_them(visitor):
    assert 'id="updates"' not in page(visitor, f"/events/{make_event().slug}/")
