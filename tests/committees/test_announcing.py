"""The tick puts an announcement's mail: a thousand members at a time, whatever happens in between."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from committees.actions import announcements as actions
from committees.actions import announcing
from committees.models import Committee, Membership
from hub import mail as hub_mail
from hub.models import Mailbox, Message, User
from tests.committees.announcing import KIND, NOON, announce, make_taker, with_takers
from tests.factories import deliver_mail, make_committee

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def crowd(number: int, **fields) -> Committee:
    """A committee with many members who agreed, written past the actions, which would take minutes."""
    committee = make_committee(stage="active", **fields)
    run = committee.slug
    users = User.objects.bulk_create(
        [User(email=f"{n}.{run}@example.org", password="!") for n in range(number)], batch_size=500
    )
    rows = [
        Membership(committee=committee, user=user, state="active", takes_mail=True, asked_at=NOON, since=NOON)
        for user in users
    ]
    for row in rows:
        row.mail_link_hash = row.pk.bytes * 2
    Membership.objects.bulk_create(rows, batch_size=500)
    Message.objects.all().delete()
    return committee


def asked(now=NOON) -> int:
    """How much one tick asks the database for announcements."""
    with CaptureQueriesContext(connection) as captured:
        announcing.put_announcements(now)
    return len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]])


def put(announcement) -> int:
    return actions.mail_of(announcement).count()


def test_every_thousand_members_cost_the_same_few_queries():
    announcement = announce(crowd(3001))
    counts = [asked() for _tick in range(4)]
    assert put(announcement) == 3001
    announcement.refresh_from_db()
    assert announcement.planned_at == NOON
    assert counts[0] == counts[1] == counts[2]
    # SQLite takes a thousand parameters in one statement, so a hundred rows.
    assert counts[0] < (25 if connection.vendor == "postgresql" else 60)
    assert asked() == 1


def test_members_with_mailboxes_cost_less():
    committee = crowd(400)
    announce(committee)
    first = asked()
    announce(committee)
    assert asked() < first
    assert Mailbox.objects.filter(confirmed_at=NOON).count() >= 400


def test_each_tick_takes_the_next_ones_and_nobody_twice(monkeypatch):
    for module in (actions, announcing):
        monkeypatch.setattr(module, "CHUNK", 4)
    announcement = announce(with_takers(10))
    so_far = []
    for _tick in range(5):
        announcing.put_announcements(NOON)
        so_far.append(put(announcement))
    assert so_far == [4, 8, 10, 10, 10]
    assert actions.mail_of(announcement).values("about_id").distinct().count() == 10
    assert len(deliver_mail()) == 10


def test_the_request_puts_no_mail():
    announcement = announce(with_takers(3))
    assert put(announcement) == 0
    assert announcement.people == 3


def test_a_tick_that_dies_in_the_middle_is_made_good(monkeypatch):
    for module in (actions, announcing):
        monkeypatch.setattr(module, "CHUNK", 4)
    announcement = announce(with_takers(6))
    announcing.put_announcements(NOON)

    def broken(_drafts):
        raise RuntimeError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(hub_mail, "put", broken)
        announcing.put_announcements(NOON)
    assert put(announcement) == 4
    announcing.put_announcements(NOON)
    assert put(announcement) == 6


def test_one_that_fails_does_not_hold_up_the_others(monkeypatch):
    first, second = announce(with_takers(1)), announce(with_takers(1))
    whole = announcing._drafts

    def broken(announcement, *rest):
        if announcement == first:
            raise RuntimeError("broken")
        return whole(announcement, *rest)

    monkeypatch.setattr(announcing, "_drafts", broken)
    announcing.put_announcements(NOON)
    assert (put(first), put(second)) == (0, 1)


def test_stopped_between_two_ticks_the_others_are_never_put(monkeypatch):
    for module in (actions, announcing):
        monkeypatch.setattr(module, "CHUNK", 4)
    announcement = announce(with_takers(6))
    announcing.put_announcements(NOON)
    actions.stop(announcement, by=None, at=NOON)
    announcing.put_announcements(NOON)
    assert put(announcement) == 4
    assert deliver_mail() == []


def test_at_night_it_waits_where_each_reader_is(time_machine):
    """At eight in the evening in San Francisco it is night in New York and morning in Tokyo."""
    committee = with_takers(0)
    make_taker(committee, "here@example.org")
    make_taker(committee, "new-york@example.org", time_zone="America/New_York")
    make_taker(committee, "tokyo@example.org", time_zone="Asia/Tokyo")
    Message.objects.all().delete()
    evening = NOON + timedelta(hours=8)  # 20:00, 23:00, 12:00 of the next day
    time_machine.move_to(evening, tick=False)
    announce(committee)
    assert sorted(mail.to[0] for mail in deliver_mail()) == ["here@example.org", "tokyo@example.org"]
    (waits,) = Message.objects.filter(kind=KIND, state="waiting")
    assert waits.due_at == NOON + timedelta(hours=17)  # 08:00 in New York
    time_machine.move_to(waits.due_at - timedelta(seconds=1), tick=False)
    assert deliver_mail() == []
    time_machine.move_to(waits.due_at, tick=False)
    assert [mail.to for mail in deliver_mail()] == [["new-york@example.org"]]
    assert timezone.now() == waits.due_at
