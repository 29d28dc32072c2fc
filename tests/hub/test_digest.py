"""The weekly digest: on Monday at eight where the reader is, what no mail told them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from committees.actions import announcements as actions
from committees.actions import committees as committee_actions
from committees.actions import members
from committees.models import Committee, Membership
from hub import digest, links, ticking
from hub.models import Heartbeat, Message
from tests.committees.announcing import DIGEST, NOON, announce, delivered, make_taker, with_takers
from tests.factories import deliver_mail, make_member

pytestmark = pytest.mark.django_db

READER = "reader@example.org"
CLOSES = datetime(2026, 7, 6, 14, tzinfo=UTC)  # Monday, seven in San Francisco
MONDAY = CLOSES + timedelta(hours=1)
TICK = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)
    ticking.tick(NOON)  # the clock has been going for a while


def with_reader(**user: str) -> Committee:
    """A committee whose one member takes mail."""
    committee = with_takers(0)
    make_taker(committee, READER, **user)
    Message.objects.all().delete()
    return committee


def announce_three(committee: Committee, *, subject: str = "The third", **words) -> None:
    """Two go as mail (and are forgotten here), the third stands in the digest."""
    for _ in range(2):
        assert announce(committee).by_mail
    assert not announce(committee, subject=subject, **words).by_mail
    deliver_mail()
    Message.objects.filter(state="waiting").delete()


def at(time_machine, moment: datetime) -> list:
    """What goes out at this moment, a Monday's eight o'clock, the clock having gone at seven too."""
    assert delivered(time_machine, moment - timedelta(hours=1)) == []
    return delivered(time_machine, moment)


def test_what_no_mail_told_is_read_on_monday_at_eight(time_machine):
    committee = with_reader()
    announce_three(committee, text="Bring **banners**.")
    assert delivered(time_machine, CLOSES) == []
    (row,) = Message.objects.filter(kind=DIGEST)
    assert row.due_at == MONDAY
    assert delivered(time_machine, MONDAY - TICK) == []
    (mail,) = delivered(time_machine, MONDAY)
    assert (mail.to, mail.subject) == ([READER], "News of the week")
    for text in (committee.name, "The third", "Bring banners."):
        assert text in mail.body
    assert "We meet on Tuesday" not in mail.body  # that went as mail
    assert "<strong>banners</strong>" in mail.alternatives[0].content
    assert delivered(time_machine, MONDAY + timedelta(minutes=20)) == []


@pytest.mark.parametrize(
    ("zone", "monday"),
    [
        ("America/New_York", datetime(2026, 7, 6, 12, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 7, 5, 18, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 7, 6, 2, 15, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 7, 6, 19, tzinfo=UTC)),
    ],
)
def test_eight_is_the_reader_s(time_machine, zone, monday):
    announce_three(with_reader(time_zone=zone))
    assert delivered(time_machine, monday - timedelta(hours=1)) == []
    assert delivered(time_machine, monday - TICK) == []
    assert [mail.to for mail in delivered(time_machine, monday)] == [[READER]]


@pytest.mark.parametrize("sunday", [datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)])
def test_on_the_monday_after_the_clocks_changed_too(time_machine, sunday):
    thursday = sunday - timedelta(days=3) + timedelta(hours=18)
    Heartbeat.objects.all().delete()
    time_machine.move_to(thursday, tick=False)
    ticking.tick(thursday)
    announce_three(with_reader(time_zone="America/New_York"))
    hour = 13 if sunday.month == 11 else 12  # of UTC: eight in New York after the change
    monday = sunday + timedelta(days=1, hours=hour)
    assert delivered(time_machine, monday - timedelta(hours=1)) == []
    assert delivered(time_machine, monday - TICK) == []
    assert len(delivered(time_machine, monday)) == 1


def test_one_mail_for_all_of_a_person_s_committees(time_machine):
    first, second = with_reader(), with_takers(0, name="Second Committee")
    member = make_member(second, Membership.objects.get(committee=first, user__email__in=[READER]).user)
    Membership.objects.filter(pk=member.pk).update(takes_mail=True)
    announce_three(first, subject="From the first")
    announce_three(second, subject="From the second")
    (mail,) = at(time_machine, MONDAY)
    assert "From the first" in mail.body
    assert "From the second" in mail.body


def test_who_has_nothing_to_read_gets_none(time_machine):
    committee = with_reader()
    make_taker(committee, takes_mail=False)
    make_taker(with_takers(0))
    Message.objects.all().delete()
    announce(committee)  # one alone goes as mail
    deliver_mail()
    assert at(time_machine, MONDAY) == []
    assert not Message.objects.filter(kind=DIGEST).exists()


def test_what_is_gone_by_then_makes_it_empty(time_machine):
    for undo in ("stopped", "frozen", "left", "said no"):
        committee = with_takers(0)
        member = make_taker(committee)
        announce_three(committee)
        time_machine.move_to(CLOSES, tick=False)
        Heartbeat.objects.filter(name=DIGEST).update(at=NOON)
        ticking.tick(CLOSES)
        (row,) = Message.objects.filter(kind=DIGEST, state__in=("waiting", "claimed"))
        if undo == "stopped":
            actions.stop(committee.announcements.get(by_mail=False), by=None, at=CLOSES)
        elif undo == "frozen":
            committee_actions.freeze_committee(committee, by=None, at=CLOSES)
        elif undo == "left":
            members.leave(committee, member.user, at=CLOSES)
        else:
            members.stop_announcements([member.pk], at=CLOSES)
        time_machine.move_to(MONDAY, tick=False)
        assert [mail for mail in deliver_mail() if mail.subject == "News of the week"] == [], undo
        row.refresh_from_db()
        assert (row.state, row.reason) == ("skipped", "nothing to tell")
        time_machine.move_to(NOON, tick=False)


def test_what_was_announced_before_somebody_joined_is_not_theirs(time_machine):
    committee = with_reader()
    announce_three(committee, subject="Before")
    time_machine.shift(timedelta(hours=1))
    make_taker(committee, "late@example.org")
    Message.objects.all().delete()
    assert [mail.to for mail in at(time_machine, MONDAY)] == [[READER]]


def test_each_week_has_its_own(time_machine):
    committee = with_reader()
    announce_three(committee, subject="First week")
    assert "First week" in at(time_machine, MONDAY)[0].body
    time_machine.move_to(CLOSES + timedelta(minutes=1), tick=False)  # after it closed
    assert not announce(committee, subject="Second week").by_mail
    (mail,) = at(time_machine, MONDAY + timedelta(days=7))
    assert "Second week" in mail.body
    assert "First week" not in mail.body
    assert at(time_machine, MONDAY + timedelta(days=14)) == []


def test_planned_twice_it_goes_once(time_machine):
    announce_three(with_reader())
    time_machine.move_to(CLOSES, tick=False)
    for _time in range(3):
        Heartbeat.objects.filter(name=DIGEST).update(at=NOON)
        digest.plan_digests(CLOSES)
    assert Message.objects.filter(kind=DIGEST).count() == 1
    assert len(delivered(time_machine, MONDAY)) == 1
    Heartbeat.objects.filter(name=DIGEST).update(at=NOON)
    assert delivered(time_machine, MONDAY + TICK) == []


def test_after_an_outage_it_is_made_up_for(time_machine):
    announce_three(with_reader())
    late = MONDAY + timedelta(days=1, hours=3)
    (mail,) = delivered(time_machine, late)
    assert "The third" in mail.body
    assert delivered(time_machine, late + timedelta(hours=1)) == []


def test_a_new_hub_has_no_week_behind_it():
    announce_three(with_reader())
    Heartbeat.objects.filter(name=DIGEST).delete()
    digest.plan_digests(CLOSES + timedelta(days=1))
    assert not Message.objects.filter(kind=DIGEST).exists()


def test_most_ticks_look_at_nothing(django_assert_num_queries):
    with django_assert_num_queries(1):
        digest.plan_digests(NOON + TICK)


def test_it_is_the_day_s_news(time_machine):
    """What was to go on Monday morning goes on Tuesday, however early a worker has it."""
    committee = with_reader()
    announce_three(committee)
    sunday = MONDAY - timedelta(hours=11)  # nine in the evening
    other = with_takers(0)
    member = make_member(other, Membership.objects.get(committee=committee, role="member").user)
    Membership.objects.filter(pk=member.pk).update(takes_mail=True)
    Message.objects.all().delete()
    time_machine.move_to(sunday, tick=False)
    announce(other, subject="Sunday's")
    assert deliver_mail() == []
    assert Message.objects.get().due_at == MONDAY
    assert [mail.subject for mail in at(time_machine, MONDAY)] == ["News of the week"]
    (mail,) = delivered(time_machine, MONDAY + timedelta(days=1))
    assert "Sunday's" in mail.subject


def test_one_click_stops_all_that_stands_in_it(time_machine):
    committee = with_reader()
    announce_three(committee)
    (mail,) = at(time_machine, MONDAY)
    address = mail.extra_headers["List-Unsubscribe"][1:-1]
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.body
    member = Membership.objects.get(committee=committee, role="member")
    assert address == links.site_url(f"/unsubscribe/{member.mail_token}/")
    Client(enforce_csrf_checks=True).post(
        address.removeprefix(links.site_url("")), {"List-Unsubscribe": "One-Click"}
    )
    member.refresh_from_db()
    assert not member.takes_mail


def test_it_speaks_the_reader_s_language(time_machine):
    announce_three(with_reader(language="es"))
    (mail,) = at(time_machine, MONDAY)
    assert mail.subject == "Noticias de la semana"
    assert mail.extra_headers["Content-Language"] == "es"


@pytest.mark.parametrize("fields", [{"visibility": "hidden"}, {"kind": "workplace"}])
def test_a_discreet_committee_is_not_named(time_machine, fields):
    committee = with_reader()
    Committee.objects.filter(pk=committee.pk).update(name="Zanzibarium", slug="zanzibarium", **fields)
    announce_three(committee, subject="Strike vote")
    (mail,) = at(time_machine, MONDAY)
    assert mail.from_email.startswith("Reminders")
    assert "Strike vote" not in mail.subject
    assert "Strike vote" in mail.body
    assert "zanzibarium" not in f"{mail.subject}{mail.body}{mail.alternatives[0].content}".lower()


def test_planning_asks_the_same_for_few_and_many(time_machine, django_assert_max_num_queries):
    committee = with_takers(0)
    for _ in range(30):
        make_taker(committee)
    announce_three(committee)
    Heartbeat.objects.filter(name=DIGEST).update(at=CLOSES - TICK)
    time_machine.move_to(CLOSES, tick=False)
    with django_assert_max_num_queries(14):
        digest.plan_digests(timezone.now())
    assert Message.objects.filter(kind=DIGEST).count() == 30


def test_every_zone_has_its_monday():
    """A year of quarters of an hour, as the tick sees them: each zone's digest closes once a week."""
    for zone in ("America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"):
        weeks = [digest.week_before(NOON.date() - timedelta(days=2 + 7 * n), zone) for n in range(52)]
        for since, until in weeks:
            assert until.timestamp() % 900 == 0
            assert timedelta(days=6, hours=22) < until - since < timedelta(days=7, hours=2)
        assert all(weeks[n][0] == weeks[n + 1][1] for n in range(51))
