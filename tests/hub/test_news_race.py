"""Two workers at the same moment, each with news for the same person."""

import contextlib
import threading
from functools import partial

import pytest

from committees.actions.announcing import put_announcements
from hub import delivery, news
from hub.models import Message
from tests import races
from tests.committees.announcing import KIND, NOON, announce, make_taker, with_takers
from tests.factories import make_member

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
WAIT = 3  # seconds: long enough for a thread that opens its connection on a busy machine


def two_for_one_reader() -> list:
    """The ids of two announcements' mail to one person, both due."""
    first, second = with_takers(0), with_takers(0)
    reader = make_taker(first).user
    other = make_member(second, reader)
    other.takes_mail = True
    other.save()
    Message.objects.all().delete()
    for committee in (first, second):
        announce(committee)
    put_announcements(NOON)
    return list(Message.objects.filter(kind=KIND).values_list("pk", flat=True))


def states(ids: list) -> list[str]:
    return sorted(Message.objects.filter(pk__in=ids).values_list("state", flat=True))


@pytest.fixture
def both_have_looked(monkeypatch):
    """Holds each worker after it has seen that the reader has had no news today, until the other has seen so
    too: with the mailbox's lock one of them never gets there, and the wait ends."""
    meeting, looked = threading.Barrier(2), news._had_news

    def waiting(*args):
        had = looked(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=WAIT)
        return had

    monkeypatch.setattr(news, "_had_news", waiting)


@pytest.mark.usefixtures("both_have_looked")
def test_two_workers_at_once_send_one_person_one_news_mail(time_machine):
    time_machine.move_to(NOON, tick=False)
    ids = two_for_one_reader()
    assert len(ids) == 2
    rows = Message.objects.filter(pk__in=ids)
    taken = races.at_once([partial(delivery.take, row, NOON) for row in rows])
    assert sorted(companions is not None for companions in taken) == [False, True]
    assert states(ids) == [
        "sending",
        "waiting",
    ]


def test_many_workers_at_once_send_one(time_machine):
    time_machine.move_to(NOON, tick=False)
    for _round in range(4):
        ids = two_for_one_reader()
        races.at_once([partial(delivery.deliver, [pk]) for pk in ids * 3])
        assert states(ids) == [
            "sent",
            "waiting",
        ]
