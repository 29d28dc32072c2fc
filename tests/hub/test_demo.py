"""The demo: made once, whole or not at all, of facts and made-up people, and nobody is written to."""

import re
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from functools import cache
from io import StringIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import zipcodes
from django.apps import apps
from django.core import mail as outgoing
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.test import Client
from django.utils import timezone
from taggit.models import Tag

from campaigns.models import Appeal, AppealText, Campaign, Demand, DemandText, Post, Signature
from campaigns.tags import KNOWN_TAGS
from committees.models import Announcement, Committee, Membership
from events import reminders
from events.actions import rsvps, seats
from events.models import Attendance, DayOfAction, Event, EventEndorsement, Rsvp, Timeslot
from events.still_coming import answers
from hub import delivery, links, ticking
from hub.demo import content, logins, making, scale
from hub.demo.campaign_events import FORUM, PLANNING, campaign_events
from hub.demo.changes import MOVED, NO_MORE, STILL, WORD
from hub.demo.committees import COMMITTEES
from hub.demo.content import CAMPAIGN_TITLE
from hub.demo.dates import Days
from hub.demo.everyday_events import everyday_events
from hub.demo.queue import queue_plans
from hub.management.commands.load_places import read_cities, read_zip_codes
from hub.models import City, Image, Mailbox, Message, Review, User, ZipCode
from hub.places import DATA, find_place, fold

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def planned(now=NOW):
    days = Days(now)
    return [*campaign_events(days), *everyday_events(days), *queue_plans(days).values()]


@cache
def place_rows():
    """The committed data's rows for the places of the demo: all 75,000 would take ten seconds."""
    names = {plan.place for plan in (*planned(), *COMMITTEES) if plan.place}
    cities = {fold(name.split(",")[0]) for name in names} | {"mexico city", "new york city"}
    rows = read_cities((DATA / "cities.csv.gz").read_bytes())
    codes = [entry for entry in zipcodes.list_all() if entry["zip_code"] in names]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipcodes, "list_all", lambda: codes)
        return [row for row in rows if row.folded in cities], read_zip_codes()


@pytest.fixture
def demo_places(db):
    cities, codes = place_rows()
    City.objects.bulk_create(cities)
    ZipCode.objects.bulk_create(codes)


@pytest.fixture
def few_events(monkeypatch):
    """Three events with people instead of all of them, for what doesn't depend on which they are."""
    monkeypatch.setattr(making, "campaign_events", lambda days: [])
    monkeypatch.setattr(making, "make_queue", lambda *_, **__: set())
    monkeypatch.setattr(
        making,
        "everyday_events",
        lambda days: [
            plan for plan in everyday_events(days) if plan.waiting or plan.event_status != "scheduled"
        ],
    )


def demo(**options):
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def everything():
    """How many rows each table has, and when each event was last written."""
    rows = {model._meta.label: model.objects.count() for model in apps.get_models() if model._meta.managed}
    return rows, dict(Event.objects.values_list("pk", "changed_at"))


# --- For a person trying the hub --------------------------------------------------------------------
@pytest.mark.usefixtures("demo_places")
def test_a_second_run_changes_nothing(django_assert_max_num_queries):
    assert demo() == f"Demo data: {Event.objects.count()} events, {Rsvp.objects.count()} RSVPs.\n"
    before = everything()
    with django_assert_max_num_queries(3):
        assert demo() == "The demo data is there already.\n"
    assert everything() == before


@pytest.mark.usefixtures("demo_places")
def test_its_events_are_what_the_contract_asks_for_and_what_a_form_would_take():
    making.make_demo(timezone.now())
    now = timezone.now()
    events = list(Event.objects.filter(proposed_at=None))
    assert len(events) >= 40
    assert len({(event.city, event.country) for event in events if event.city}) >= 20
    assert len({event.country for event in events if event.country}) >= 6
    assert len({event.zone for event in events}) >= 10
    assert {event.status for event in events} == {"published"}
    assert {event.event_status for event in events} == {"scheduled", "cancelled", "postponed"}
    assert {event.visibility for event in events} == {"public", "unlisted", "members"}
    assert {event.kind for event in events} == set(Event.Kind.values)
    assert any(event.online and not event.city for event in events)
    assert sum(event.is_over(now) for event in events) >= 5
    assert Timeslot.objects.filter(all_day=True).exists()
    soon = [event for event in events if now < event.next_start < now + timedelta(hours=36)]
    assert [event.city for event in soon] == ["San Francisco"]
    spanish = {event.city for event in events if event.language == "es"}
    assert spanish >= {"Buenos Aires", "San Juan", "Chicago", "Ciudad de México", "Houston", ""}
    for event in events:
        event.clean_fields(exclude=["hidden_place", "online_link"])
        assert bool(event.city) == (event.latitude is not None) == bool(event.country)

        assert event.city or (event.online and event.online_link)
    hidden = Event.objects.get(reveal="confirmed")
    assert (hidden.venue, hidden.street, hidden.postal_code) == ("", "", "")
    assert hidden.full_place == ["Demo Apartments, door 12", "12 Example Lane", "San Jose, CA"]
    assert (hidden.latitude, hidden.longitude) == (round(hidden.latitude, 2), round(hidden.longitude, 2))
    home = Campaign.objects.home().get()
    assert home.title == CAMPAIGN_TITLE
    assert home.text_in("en").summary != home.text_in("es").summary


@pytest.mark.usefixtures("demo_places")
def test_its_day_of_action_is_in_six_countries_and_two_languages(visitor):
    making.make_demo(timezone.now())
    ahead = DayOfAction.objects.listed().ahead(timezone.now().date())
    assert [day.text_in("en").title for day in ahead][1:] == ["May Day"]
    defense = ahead[0]
    countries = set(defense.events.exclude(country="").values_list("country", flat=True))
    assert countries == {"AR", "DE", "GB", "GR", "TR", "US"}
    for day in DayOfAction.objects.all():
        assert {text.language for text in day.texts.all()} == {"en", "es"}
        dates = set(day.events.values_list("next_date", flat=True))
        assert (min(dates), max(dates)) == (day.first_date, day.last_date)
    spoken_of = defense.events.get(updates__isnull=False)
    assert spoken_of.committee is not None
    assert spoken_of.updates.get().text in visitor.get(f"/events/{spoken_of.slug}/").content.decode()
    assert b"8 cities in 6 countries" in visitor.get("/").content
    assert "Global day of action" in visitor.get("/days/").content.decode()


@pytest.mark.usefixtures("demo_places")
def test_its_documents_are_read_in_two_languages_and_signed_by_made_up_people(visitor):
    making.make_demo(timezone.now())
    kinds = Appeal.objects.filter(status="published").values_list("kind", "signable")
    assert set(kinds) == {("appeal", True), ("open-letter", False), ("call", True)}
    languages = AppealText.objects.values_list("version__appeal__kind", "language")
    assert set(languages) == {(kind, code) for kind, _signable in kinds for code in ("en", "es")}
    shown = {line for signature in Signature.objects.shown() for line in signature.lines[:1]}
    assert {line.rstrip("0123456789") for line in shown} == {"Demo Signer ", "D. S."}
    call = Appeal.objects.get(kind="appeal")
    assert b"<strong>61</strong>" in visitor.get(f"/appeals/{call.slug}/").content  # 34 and 27 on paper


@pytest.mark.usefixtures("demo_places")
def test_it_has_the_28_demands_in_both_languages_and_events_held_for_some(visitor):
    making.make_demo(timezone.now())
    adopted = list(Demand.objects.adopted())
    assert [demand.order for demand in adopted] == list(range(1, 29))
    words = DemandText.objects.in_force()
    assert set(words.filter(language="en").values_list("adopted", flat=True)) == {"2020, urgent call"}
    assert set(words.filter(language="es").values_list("adopted", flat=True)) == {"2020, llamado urgente"}
    assert words.count() == 2 * 28
    assert len(set(words.values_list("title", flat=True))) == 2 * 28
    assert all(demand.tags.exists() for demand in adopted)
    assert {tag.name for tag in Tag.objects.all()} <= set(KNOWN_TAGS)  # those of its posts, too
    day = Event.objects.filter(day__texts__title="Global day of action to defend immigrants")[0]
    assert [demand.order for demand in day.demands.order_by("order")] == [15, 18]
    amnesty = adopted[14]
    page = visitor.get(f"/demands/{amnesty.slug}/").content.decode()
    assert "Amnesty for all immigrants" in page
    assert "Supported by 2 members and 2 committees" in page
    assert "Mission District Committee" in page
    assert "Day of action to defend immigrants: San Francisco" in page
    assert "Huelga general" in visitor.get("/es/demands/platform/").content.decode()


@pytest.mark.usefixtures("demo_places")
def test_its_feed_has_a_post_of_every_kind(client):
    making.make_demo(NOW)
    posts = list(Post.objects.all())
    assert {post.status for post in posts} == {"published", "draft"}
    assert {post.language for post in posts} == {"en", "es"}
    for kind in ("comment", "credit", "link_url", "videos", "further", "pinned", "publish_at"):
        assert any(getattr(post, kind) for post in posts), kind
    for about in ("events", "committees", "tags"):
        assert any(getattr(post, about).exists() for post in posts), about
    photo = Image.objects.filter(owner_kind="campaigns.Post")[0]
    assert client.get(photo.url).status_code == 200
    page = client.get("/news/").content.decode()
    assert "<details" in page
    assert "A draft." not in page
    links_out = {urlsplit(url).hostname for url in re.findall(r'href="(https?://[^"]+)"', page)}
    assert links_out <= {"ufclp.org", "localhost"} | {
        f"{name}.example.org" for name in ("video", "radio", "paper")
    }
    waiting = Post.objects.get(publish_at__isnull=False)
    ticking.tick(waiting.publish_at)
    assert waiting.title in client.get("/news/").content.decode()


@pytest.mark.usefixtures("demo_places")
@pytest.mark.parametrize("hour", [0, 1, 7, 12, 23])
def test_something_waits_for_the_moderators(hour):
    making.make_demo(timezone.now().replace(hour=hour, minute=30))
    waiting = list(Review.objects.waiting())
    kinds = Counter(review.kind for review in waiting)
    assert kinds == {"events.event": 4, "campaigns.signature": 1, "events.endorsement.day": 1}
    assert waiting[0].needed_by < waiting[0].submitted_at + timedelta(hours=24)  # urgent: it is soon
    assert [bool(review.values) for review in waiting].count(True) == 1  # a change of what is published
    returned = Review.objects.filter(decision="returned").values_list("object_id", flat=True)
    assert len(set(returned) & {review.object_id for review in waiting}) == 1  # handed in again
    assert Event.objects.filter(status="returned").count() == 1


@pytest.mark.usefixtures("demo_places")
def test_the_forum_has_its_six_first_organizers():
    making.make_demo(timezone.now())
    first = EventEndorsement.objects.listed().filter(event__title=FORUM).select_related("organization")
    assert {(one.organization.name, one.organization.country) for one in first} == {
        ("Communist Liberation", "GR"),
        ("MLPD", "DE"),
        ("Partido Obrero (PO)", "AR"),
        ("SEP", "TR"),
        ("SWP", "GB"),
        ("TIR (Revolutionary Internationalist Tendency)", "IT"),
    }
    # Nothing else is said of them: not who decided, nor when, nor in which words.
    assert {(one.role, one.adopted_by, one.adopted_on, one.motion) for one in first} == {
        ("initial", "", None, "")
    }
    assert Event.objects.get(title=FORUM).planning_meeting == Event.objects.get(title=PLANNING)


@pytest.mark.usefixtures("demo_places")
def test_its_people_are_plainly_made_up_and_some_wait(client):
    making.make_demo(timezone.now())
    assert {party.name.rstrip("0123456789") for party in Rsvp.objects.all()} == {"", "Demo Member "}
    for mailbox in Mailbox.objects.all():
        local, _, domain = mailbox.address.partition("@")
        kinds = ("demo.member.", "demo.host.", "demo.signer.", "demo.contact.")
        assert local.startswith(kinds) or local in ("coordinator", "member")
        assert domain == "example.org"
    slot = Timeslot.objects.get(event__full=True)
    assert slot.capacity == slot.seats_taken == 24
    waiting = list(slot.attendances.filter(waiting_since__isnull=False).order_by("waiting_since"))
    assert len({attendance.waiting_since for attendance in waiting}) == len(waiting) == 4
    nearly = Timeslot.objects.get(event__few_left=True)
    assert (nearly.capacity, nearly.seats_taken, nearly.seats_pending) == (30, 28, 0)

    wrong = client.post("/account/login/", {"login": logins.ADMIN_EMAIL, "password": "x"})
    assert wrong.status_code in (200, 422)
    right = client.post("/account/login/", {"login": logins.ADMIN_EMAIL, "password": logins.PASSWORD})
    assert right.status_code == 302
    assert client.get("/admin/").status_code == 200
    found = {}
    for address in logins.DEMO_LOGINS:
        own = Client()
        own.post("/account/login/", {"login": address, "password": logins.PASSWORD})
        found[address] = (own.get("/me/").status_code, own.get("/moderation/roles/").status_code)
    assert found == {
        "admin@example.org": (200, 200),
        "moderator@example.org": (200, 403),
        "coordinator@example.org": (200, 404),
        "member@example.org": (200, 404),
    }


@pytest.mark.usefixtures("demo_places", "few_events")
def test_its_committees_are_of_all_kinds_and_those_who_log_in_have_a_part(client):
    making.make_demo(timezone.now())
    committees = list(Committee.objects.all())
    assert len(committees) == 10
    assert {committee.kind for committee in committees} == set(Committee.Kind.values)
    assert {committee.visibility for committee in committees} == set(Committee.Visibility.values)
    assert {committee.joining for committee in committees} == set(Committee.Joining.values)
    assert {committee.stage for committee in committees} == {"forming", "active"}
    assert all(committee.latitude is not None and committee.zone for committee in committees)
    names = {membership.display_name for membership in Membership.objects.all()}
    assert {name.rstrip("0123456789 ") for name in names} == {"Demo Member", "Demo Coordinator"}
    own = Membership.objects.get(user__email=logins.COORDINATOR_EMAIL)
    assert own.role == "coordinator"
    assert Membership.objects.pending().filter(committee=own.committee).count() == 2
    assert Membership.objects.active().filter(user__email=logins.MEMBER_EMAIL).count() == 2
    client.force_login(own.user)
    assert client.get(f"/committees/{own.committee.slug}/members/").status_code == 200


@pytest.mark.usefixtures("demo_places", "few_events")
def test_the_member_reads_what_the_coordinator_announced(client):
    making.make_demo(timezone.now())
    announcement = Announcement.objects.get()
    client.force_login(User.objects.get(email=logins.MEMBER_EMAIL))
    page = client.get(f"/committees/{announcement.committee.slug}/announcements/").content.decode()
    assert announcement.subject in page
    client.force_login(User.objects.get(email=logins.COORDINATOR_EMAIL))
    page = client.get(f"/jobs/{announcement.pk}/").content.decode()
    assert f'max="{announcement.people}" value="{announcement.people}"' in page
    assert announcement.people == 5  # a coordinator, three members and the one who logs in


@pytest.mark.usefixtures("demo_places")
def test_of_the_meeting_that_moved_some_have_answered():
    making.make_demo(timezone.now())
    event = Event.objects.get(title=MOVED)
    counted = answers(event, timezone.now())
    assert (counted.told, counted.still, counted.no_more, counted.failed) == (3, STILL, NO_MORE, 0)
    assert counted.pending == 1
    assert [update.text for update in event.updates.all()] == [WORD]


@pytest.mark.usefixtures("demo_places")
def test_nobody_is_written_to_but_who_was_waiting_before():
    other = Mailbox.objects.create(
        address="somebody@example.org", address_digest=b"1", bucket_digest=b"1", created_at=NOW
    )
    waiting = Message.objects.create(
        kind="hub.confirmation", key=b"1", mailbox=other, made_at=NOW, due_at=NOW, state_at=NOW
    )
    making.make_demo(timezone.now())
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    of_demo = Message.objects.exclude(pk=waiting.pk)
    # What its pages say has been mailed: nobody mails it.
    told = {"committees.announcement", "events.changed", "events.update"}
    assert set(of_demo.filter(state="sent").values_list("kind", "reason")) == {(kind, "") for kind in told}
    of_demo = of_demo.exclude(state="sent")
    kinds = {"hub.confirmation", "events.waiting", "events.changed", "events.planning_meeting"}
    kinds |= {"events.cancelled_by_you"}
    kinds |= {f"committees.{name}" for name in ("received", "new_request", "approved", "role_changed")}
    kinds |= {f"hub.review_{what}" for what in ("received", "returned", "published")}
    assert set(of_demo.values_list("kind", flat=True)) == kinds
    assert set(of_demo.values_list("state", "reason")) == {("skipped", "demo data")}
    for minutes in (0, 1, 31):
        for batch in ticking.tick(timezone.now() + timedelta(minutes=minutes)):
            delivery.deliver(batch)
    assert outgoing.outbox == []
    assert not of_demo.exclude(state="skipped").exists()


@pytest.mark.usefixtures("demo_places", "few_events")
def test_an_administrator_of_one_s_own_is_kept():
    User.objects.create_superuser(logins.ADMIN_EMAIL, "a password of one's own")
    making.make_demo(timezone.now())
    own = User.objects.get(email=logins.ADMIN_EMAIL)
    assert own.check_password("a password of one's own")


@pytest.mark.usefixtures("demo_places", "few_events")
def test_an_interrupted_run_leaves_nothing_and_is_repeated(monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(making.event_actions, "postpone_event", interrupted)
        with pytest.raises(KeyboardInterrupt):
            demo()
    assert everything() == before
    assert demo().startswith("Demo data: ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo_places", "few_events")
def test_two_runs_at_once_make_it_once():
    ready, made, failures = threading.Barrier(2), [], []

    def run():
        try:
            ready.wait(timeout=10)
            made.append(making.make_demo(timezone.now()))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert sorted(result is None for result in made) == [False, True]
    assert Event.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("few_events")
def test_places_are_loaded_where_there_are_none(monkeypatch):
    loaded = []

    def load(name, **options):
        loaded.append(name)
        cities, codes = place_rows()
        City.objects.bulk_create(cities)
        ZipCode.objects.bulk_create(codes)

    monkeypatch.setattr("hub.management.commands.demo.call_command", load)
    demo()
    demo()
    assert loaded == ["load_places"]


@pytest.mark.django_db
def test_production_stays_without_it(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match=r"^HUB_ENV is production: .*\.$") as caught:
        demo()
    assert caught.value.returncode == 1
    assert not User.objects.exists()


# --- On any day --------------------------------------------------------------------------------
def test_the_day_of_action_is_a_second_saturday_ahead():
    for day in range(800):
        days = Days(NOW + timedelta(days=day))
        assert days.day_of_action.weekday() == 5
        assert 8 <= days.day_of_action.day <= 14
        assert 21 <= (days.day_of_action - days.today).days <= 21 + 34
        assert days.last_may_day < days.ago(1)
        assert days.may_day > days.ahead(1)
        assert (days.may_day.year - days.last_may_day.year) in (1, 2)


def test_the_next_evening_is_six_to_thirty_hours_ahead():
    clock, zone = time(18, 30), "America/Los_Angeles"
    for quarter in range(4 * 24):
        days = Days(NOW + timedelta(minutes=15 * quarter))
        start = datetime.combine(days.next_at(clock, zone), clock, ZoneInfo(zone))
        assert timedelta(hours=6) <= start - days.now <= timedelta(hours=30)


@pytest.mark.usefixtures("demo_places")
def test_no_day_of_the_year_makes_an_hour_that_does_not_exist(monkeypatch):
    """Clocks change on different days in the demo's zones; what is made must be sound on each."""
    monkeypatch.setattr(content, "find_place", cache(find_place))
    campaign = Campaign(title="Any")
    for day in range(366):
        now = NOW + timedelta(days=day, hours=day % 24)
        for plan in planned(now):
            details = making.event_details(plan, campaign)
            assert details.start < details.end
            # Clear of now on either side, so that no test or reader meets it half way.
            assert details.end < now - timedelta(hours=6) or details.start >= now + timedelta(hours=6)


# --- Very much of it ------------------------------------------------------------------------------
def test_bad_numbers_are_a_sentence_and_exit_code_2(client_env):
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--events", "many"],
        cwd=DATA.parent.parent,
        env=client_env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.endswith("argument --events: 'many' is not a number of 0 or more.\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--people", "-1"], "'-1' is not a number of 0 or more"),
        (["--rsvps", "1.5"], "'1.5' is not a number of 0 or more"),
        (["--rsvps", "1"], "0 new events and 0 new people have room for 0"),
        (["--events", "20", "--people", "2", "--rsvps", "37"], "have room for 36"),
    ],
)
def test_numbers_that_make_no_sense_make_nothing(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("demo", *options)
    assert not Campaign.objects.exists()


def numbers_agree():
    """Every counter and badge says what the rows say."""
    held = Coalesce(Sum("attendances__seats_held", filter=Q(attendances__rsvp__counted_at__isnull=False)), 0)
    assert not Timeslot.objects.annotate(held=held).exclude(held=F("seats_taken")).exists()
    for slot in Timeslot.objects.select_related("event"):
        shown = (slot.event.full, slot.event.few_left)
        seats.show_badges(slot, slot.event)
        assert (slot.event.full, slot.event.few_left) == shown
    assert not Attendance.objects.filter(waiting_since__isnull=False, seats_held=F("party_size")).exists()


@pytest.mark.usefixtures("demo_places", "few_events")
@pytest.mark.parametrize(
    ("events", "people", "parties"),
    [(0, 0, 0), (1, 0, 0), (0, 3, 0), (1, 70, 70), (20, 2, 36), (40, 30, 701)],
)
def test_many_rows_agree_with_each_other(monkeypatch, events, people, parties):
    monkeypatch.setattr(scale, "EVENTS_AT_ONCE", 7)
    monkeypatch.setattr(scale, "ROWS_AT_ONCE", 30)
    demo()
    before = [Event.objects.count(), Mailbox.objects.count(), Rsvp.objects.count(), Message.objects.count()]
    demo(events=events, people=people, rsvps=parties)
    after = [Event.objects.count(), Mailbox.objects.count(), Rsvp.objects.count(), Message.objects.count()]
    assert [new - old for new, old in zip(after, before, strict=True)] == [events, people, parties, 0]
    assert Attendance.objects.count() == Rsvp.objects.count()
    numbers_agree()


@pytest.mark.usefixtures("demo_places", "few_events")
def test_many_rows_are_like_those_that_people_make():
    demo(events=40, people=50, rsvps=1800)
    now = timezone.now()
    events = Event.objects.filter(title__startswith="Demo event ").order_by("next_start")
    assert {event.title for event in events} == {f"Demo event {number}" for number in range(1, 41)}
    for event in events:
        slot = event.timeslots.get()
        event.clean_fields(exclude=["hidden_place", "online_link"])
        assert (event.next_start, event.next_end) == (slot.start, slot.end)
        assert event.next_date == slot.start.astimezone(event.tz).date()
        if not event.is_over(now):
            assert slot.next_reminder_at == reminders.next_instant(slot.start, event.zone, now)
    states = Counter(
        attendance.state(now)
        for attendance in Attendance.objects.filter(rsvp__event__in=events).select_related("rsvp")
    )
    assert {"going", "pending", "waitlisted", "cancelled"} == set(states)
    party = Rsvp.objects.filter(event__in=events, confirmed_at__isnull=False, cancelled_at=None).first()
    assert bytes(party.link_hash) == links.token_hash(party.token)
    assert bytes(party.mail_link_hash) == links.token_hash(party.mail_token)
    assert party.name.startswith("Demo Person ")
    assert party.mailbox.address.endswith("@example.org")
    rsvps.cancel(party.pk, at=now)
    numbers_agree()


@pytest.mark.usefixtures("demo_places", "few_events")
def test_more_is_added_to_what_is_there():
    for _ in range(2):
        said = demo(events=3, people=2, rsvps=4)
    titles = Event.objects.filter(title__startswith="Demo event ").values_list("title", flat=True)
    assert sorted(titles) == [f"Demo event {number}" for number in range(1, 7)]
    assert "people: 2 of 2\n" in said
    assert said.endswith("RSVPs: 4 of 4\nevents: 3 of 3\n")
