"""The demo: made once, whole or not at all, of facts and made-up people, and nobody is written to."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, time, timedelta
from functools import cache
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core import mail as outgoing
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from campaigns.models import Campaign
from events import reminders
from events.actions import rsvps, seats
from events.models import Attendance, Event, Rsvp, Timeslot
from hub import delivery, links, ticking
from hub.demo import content, logins, making, scale
from hub.demo.dates import Days
from hub.demo.everyday_events import everyday_events
from hub.models import City, Mailbox, Message, Review, User, ZipCode
from hub.places import DATA, find_place
from tests.hub.demo_places import NOW, load_demo_places, place_rows, planned


@pytest.fixture
def demo_places(db):
    load_demo_places()


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
@pytest.mark.parametrize("hour", [0, 12, 23])
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
