"""How many questions each busy page asks the database: committed numbers, the same with 20 events
and with 2,000. A number that has to change is changed here, where everybody sees it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from taggit.models import Tag

from campaigns.models import Campaign, Post
from committees.models import Committee
from events.models import DayOfAction, Event, Timeslot, Update
from hub import links, moderation
from hub.actions import mailbox_for
from hub.models import Confirmation, Image, Mailbox, Review, TaggedItem, Thread, ThreadPost
from tests.cast import prove_second_factor
from tests.factories import (
    make_campaign,
    make_committee,
    make_day,
    make_member,
    make_rsvp,
    make_user,
    posted_rsvp,
)
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db

# PostgreSQL takes all of what an act makes in one round trip, SQLite row by row.
IN_ONE = connection.vendor == "postgresql"
FORM = 4 if IN_ONE else 7
FORM_WITH_ADDRESS = 6 if IN_ONE else 11

QUERIES = {
    # The soonest events, the next day of action and where it is, the newest posts; the campaign, its appeal,
    # who endorses it.
    "/": 7,
    "/campaigns/a-campaign/": 8,  # and its demands
    # The page of events and, unless it is the last one, how many there are.
    "/events/": 2,
    "/events/?page=2": 2,
    "/events/?kind=rally&online=no&from=2020-01-01&to=2099-01-01": 2,
    "/es/events/": 2,
    "/events/?near=94110": 3,  # and before that the place
    "/events/?near=94110&page=2": 3,
    "/events/?committee=oakland": 3,  # and before that the committee
    "/events/?day=may-day": 4,  # and before that the day and its words
    "/events/rally-7/": 1,  # its times with the event, its campaign, committee and day
    "/events/rally-6/": 2,  # and what its host wrote, where there is something
    "/events/rally-7.ics": 1,
    "/events/rally-7/rsvp/": 1,
    "/days/": 3,  # the days, their words, where they are
    "/days/may-day/": 3,  # the day with its words, where it is, a page of its events
    "/es/days/may-day/?page=2": 3,
    "/days/may-day/host/": 1,
    "/days/may-day/events.ics": 3,  # the day, its words, its events
    "/committees/oakland/": 2,  # the committee, its next events
    "/committees/oakland/events.ics": 2,  # the committee, its events
    "/news/": 4,  # a page of posts, their photos, their tags, the tags of all
    "/news/?tag=health": 4,
    "/es/news/?page=2": 4,
    "/news/post-7/": 5,  # the post with its appeal's title, photos, tags, events, committees
    "/news.atom": 2,  # the posts, their tags
    "/news.atom?tag=health": 2,
    # The event; then, in a transaction: its lock, everything that is made, the counters.
    "the form, sent without an address": FORM,
    # And before them mails that were not answered, between them the mailbox.
    "the form, sent with an address": FORM_WITH_ADDRESS,
    "one's own page, by the mailed link": 2,  # the party with its event and mailbox, its attendance
    "one's own page, by the browser's link": 3,  # the mailed link is looked for first
    # The confirmation; what waits of each kind of act, and what is confirmed of most.
    "what waits to be confirmed": 18,
    "/events/propose/": 1,  # the campaigns
    # The mailbox, its account and whether that moderates; what it comes to, what it belongs to; whether it
    # was refused, or wants nothing.
    "what a mailbox gets": 7,
    "what this phone keeps": 2,  # every kept link at once: of RSVPs, of signatures
}
# With 20 events these are the last page: what stands on it need not be counted again.
LAST_PAGES = [path for path in QUERIES if path.partition("?")[0].endswith("/events/") and "page" not in path]


def make_many(number: int) -> None:
    """Published events with a timeslot each, an hour apart, half of them near 94110: written past the
    actions, which would take minutes, with the columns as the actions leave them."""
    campaign = Campaign.objects.order_by("-is_home", "created_at").first() or make_campaign(
        slug="a-campaign", is_home=True
    )
    start = timezone.now() + timedelta(days=1)
    day = DayOfAction.objects.first() or make_day()
    DayOfAction.objects.update(slug="may-day")
    committees = list(Committee.objects.all()) or [make_committee() for _ in range(10)]
    if not Committee.objects.filter(slug="oakland").exists():
        Committee.objects.filter(pk=committees[0].pk).update(slug="oakland")
    made, slots = [], []
    for n in range(number):
        begins = start + timedelta(hours=n)
        ends = begins + timedelta(hours=2)
        here = n % 2 == 0
        event = Event(
            campaign=campaign,
            committee=committees[n % 10],
            day=day,
            kind="rally",
            title=f"Rally {n}",
            slug=f"rally-{n}",
            language="en",
            status="published",
            published_at=start,
            city="San Francisco" if here else "Chicago",
            region="CA" if here else "IL",
            country="US",
            latitude=37.75 if here else 41.88,
            longitude=-122.41 if here else -87.63,
            zone="America/Los_Angeles" if here else "America/Chicago",
            next_start=begins,
            next_end=ends,
            next_date=begins.date(),
        )
        made.append(event)
        slots.append(Timeslot(event=event, start=begins, end=ends))
    Event.objects.bulk_create(made, batch_size=500)
    Timeslot.objects.bulk_create(slots, batch_size=500)
    if number > 6:
        make_posts(number, campaign, made)
        Update.objects.bulk_create([Update(event=made[6], made_at=start, text=f"News {n}") for n in range(9)])


def make_posts(number: int, campaign: Campaign, events: list[Event]) -> None:
    """As many published posts, each with a photo, two tags, and an event and a committee it is about."""
    now = timezone.now()
    posts = [
        Post(
            campaign=campaign,
            slug=f"post-{n}",
            title=f"Post {n}",
            comment="Words.",
            status="published",
            published_at=now + timedelta(minutes=n),
            changed_at=now,
        )
        for n in range(number)
    ]
    Post.objects.bulk_create(posts, batch_size=500)
    tags = [Tag.objects.create(name=name, slug=name) for name in ("health", "housing")]
    kind = ContentType.objects.get_for_model(Post)
    tagged = [TaggedItem(content_type=kind, object_id=post.pk, tag=tag) for post in posts for tag in tags]
    TaggedItem.objects.bulk_create(tagged, batch_size=500)
    photo = {"kind": "jpeg", "width": 640, "height": 480, "language": "en", "owner_kind": "campaigns.Post"}
    photos = [
        Image(name=f"{n:032x}", alt=f"Photo {n}", owner_id=post.pk, added_at=now, **photo)
        for n, post in enumerate(posts)
    ]
    Image.objects.bulk_create(photos, batch_size=500)
    for event in events[:6]:
        event.posts.add(posts[6], posts[7])
    for committee in Committee.objects.all()[:6]:
        committee.posts.add(posts[6], posts[7])


def asked(act: Callable[[], object]) -> list[str]:
    """The SQL of everything asked meanwhile. Savepoints are left out: without a test around it, the
    outermost of them is the transaction itself."""
    with CaptureQueriesContext(connection) as captured:
        act()
    queries = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in queries if not sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]


def opened(path: str, client: Client | None = None) -> Callable[[], None]:
    def act() -> None:
        assert (client or Client()).get(path).status_code == 200

    return act


def sent(path: str, **fields: str) -> Callable[[], None]:
    def act() -> None:
        assert Client().post(path, posted_rsvp(**fields)).status_code == 302

    return act


def acts() -> dict[str, Callable[[], None]]:
    """Everything counted, by the names in QUERIES. There are more of each than one: what is asked
    once for each of them shows."""
    seventh = Event.objects.get(slug="rally-7")
    parties = [make_rsvp(seventh, confirmed=True) for _ in range(5)]
    pending = [make_rsvp(Event.objects.get(slug=f"rally-{n}"), email="rosa@example.org") for n in (7, 8, 9)]
    waiting = Confirmation.objects.get(mailbox=pending[0].mailbox)
    reader = make_user(parties[0].mailbox.address)
    for n in (7, 8, 9):
        make_rsvp(Event.objects.get(slug=f"rally-{n}"), email=reader.email, confirmed=True)
    for committee in Committee.objects.all()[:3]:
        make_member(committee, reader)
    phone = Client()
    phone.cookies["kept"] = ".".join(make_rsvp(Event.objects.get(slug=f"rally-{n}")).token for n in range(5))
    return {path: opened(path) for path in QUERIES if path.startswith("/")} | {
        "the form, sent without an address": sent("/events/rally-7/rsvp/", name="Rosa"),
        "the form, sent with an address": sent("/events/rally-7/rsvp/", email="new@example.org"),
        "one's own page, by the mailed link": opened(f"/rsvp/{parties[0].mail_token}/"),
        "one's own page, by the browser's link": opened(f"/rsvp/{pending[0].token}/"),
        "what waits to be confirmed": opened(f"/confirm/{links.token('confirm', waiting.pk)}/"),
        "what a mailbox gets": opened(f"/mail/{parties[0].mailbox.token}/"),
        "what this phone keeps": opened("/mine/", phone),
    }


def make_threads(ids: list[UUID], asker: Mailbox, now: datetime) -> None:
    """What moderators have asked about each of these things, two words each."""
    asked = [
        Thread(
            kind=moderation.THREAD_KIND,
            about_id=pk,
            asker=asker,
            language="en",
            made_at=now,
            opened_at=now,
            last_at=now,
            asker_link_hash=pk.bytes * 2,
            answerer_link_hash=pk.bytes * 2,
        )
        for pk in ids
    ]
    Thread.objects.bulk_create(asked, batch_size=500)
    words = [
        ThreadPost(thread=thread, at=now, by_asker=False, text=text) for thread in asked for text in "ab"
    ]
    ThreadPost.objects.bulk_create(words, batch_size=500)


@pytest.mark.parametrize("number", [20, 2000])
def test_the_moderators_queue_asks_little(number, moderator, settings):
    settings.DEMO = False  # there the second step is waived
    prove_second_factor(moderator)
    make_many(number)
    now = timezone.now()
    Event.objects.update(status="submitted")
    same = {"language": "en", "mailbox": mailbox_for("host@example.org", at=now)}
    ids = list(Event.objects.values_list("pk", flat=True))
    Review.objects.bulk_create(
        [Review(kind="events.event", object_id=pk, submitted_at=now, needed_by=now, **same) for pk in ids],
        batch_size=500,
    )
    make_threads(ids, same["mailbox"], now)
    # The session, its account with role and second step; what waits, what that is, what was asked. On the
    # first page also whether there are short words to look at.
    assert len(asked(opened("/moderation/", moderator))) == 6
    if number > 20:
        assert len(asked(opened("/moderation/?page=2", moderator))) == 5
    assert ">Asked<" in moderator.get("/moderation/").content.decode()


@pytest.mark.parametrize("number", [20, 2000])
def test_pages_ask_as_much_as_they_are_allowed(number, places):  # noqa: F811
    make_many(number)
    found = {name: asked(act) for name, act in acts().items()}
    allowed = QUERIES if number > 20 else QUERIES | {path: QUERIES[path] - 1 for path in LAST_PAGES}
    too_many = {name: sql for name, sql in found.items() if len(sql) != allowed[name]}
    assert {name: len(sql) for name, sql in found.items()} == allowed, json.dumps(too_many, indent=1)


def test_what_everybody_opens_asks_little():
    """Home and a campaign's page have the beginnings of everything on them, a query each."""
    gathering = {"/", "/campaigns/a-campaign/"}
    assert all(QUERIES[path] <= 5 for path in QUERIES if path.startswith("/") and path not in gathering)


def test_the_admin_s_list_asks_the_same_for_few_and_many(admin):
    counts = []
    for number in (3, 40):
        Event.objects.all().delete()
        make_many(number)
        counts.append(len(asked(opened("/admin/events/event/", admin))))
    assert counts[0] == counts[1]


# --- The index behind the list ---------------------------------------------------------------------
def explained(how: str) -> str:
    """The database's plan for the very query the list sends, over 2,000 rows it has counted."""
    make_many(2000)
    Event.objects.filter(slug__endswith="3").update(visibility="unlisted")
    (query, *_) = [sql for sql in asked(opened("/events/")) if "ORDER BY" in sql]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # else it plans for an empty table
        cursor.execute(f"{how} {query}")
        return " ".join(str(row) for row in cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's plan has a test of its own")
def test_postgresql_reads_the_list_from_its_index():
    plan = explained("EXPLAIN")
    assert "Index Scan using event_listed" in plan
    assert "Sort" not in plan  # read in the order of the page


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's plan has a test of its own")
def test_sqlite_reads_the_list_from_its_index():
    plan = explained("EXPLAIN QUERY PLAN")
    assert "USING INDEX event_listed" in plan
    assert "TEMP B-TREE" not in plan  # read in the order of the page
