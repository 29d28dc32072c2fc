"""How many mails leave a minute: no more than are allowed, and an answer needn't wait for its end."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from hub import rate, ticking
from hub.models import MailPace, Message
from tests import races
from tests.factories import make_event, make_rsvp
from tests.hub.test_delivery_faults import put_answers, put_reminders

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TICK = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def a_rate(settings):
    settings.MAIL_RATE = 60


def ticks(count, wanted=1000, begin=NOW):
    """What so many ticks, one after the other, may hand out."""
    return [rate.take(wanted, begin + number * TICK) for number in range(count)]


@pytest.mark.django_db
def test_without_a_limit_everything_may_go(settings):
    settings.MAIL_RATE = 0
    assert rate.take(20_000, NOW) == 20_000
    assert not MailPace.objects.exists()


@pytest.mark.django_db
def test_mail_leaves_evenly():
    first, *others = ticks(121)
    assert first == 1
    assert others == [5] * 120  # sixty a minute


@pytest.mark.django_db
@pytest.mark.parametrize("a_minute", [1, 7, 60, 90, 1000])
def test_no_minute_has_more_than_is_made_up_for(settings, a_minute):
    """Ten seconds of unused time are made up for, and not more."""
    settings.MAIL_RATE = a_minute
    ticks(3)
    later = NOW + timedelta(hours=1)
    taken = ticks(200, begin=later)
    minutes = [sum(taken[number : number + 12]) for number in range(len(taken) - 12)]
    assert max(minutes) <= a_minute + a_minute // 6 + 1
    assert sum(taken[12:]) * 60 == pytest.approx(a_minute * len(taken[12:]) * 5, abs=60 * (1 + a_minute / 12))


@pytest.mark.django_db
def test_what_is_not_wanted_is_not_used_up():
    ticks(12, wanted=0)
    assert not MailPace.objects.exists()
    rate.take(1, NOW)
    assert rate.take(100, NOW + timedelta(minutes=5)) == 11


@pytest.mark.django_db
def test_a_low_rate_lets_the_first_through_at_once(settings):
    settings.MAIL_RATE = 1
    assert ticks(13, wanted=5) == [1] + [0] * 11 + [1]


@pytest.mark.django_db
@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_jumps_holds_up_no_mail(by):
    ticks(3)
    assert rate.take(100, NOW + by) >= 1
    assert rate.take(100, NOW + by + TICK) == 5


@pytest.mark.django_db
def test_a_tick_hands_out_no_more_and_answers_first(settings, time_machine):
    settings.MAIL_RATE = 12
    put_reminders(5)
    make_rsvp(make_event(capacity=20), email="waits@example.org")
    batches = ticking.tick(timezone.now())
    handed_out = [pk for batch in batches for pk in batch]
    assert [Message.objects.get(pk=pk).kind for pk in handed_out] == ["hub.confirmation"]
    assert Message.objects.filter(state="claimed").count() == 1


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_ticks_at_once_share_one_budget():
    """Control for the lock: without it each hands out as much as there is for all."""
    rate.take(1, NOW)
    for second in range(1, 6):
        at = NOW + second * TICK
        assert sum(races.at_once([partial(rate.take, 3, at)] * 6)) == 5


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_the_very_first_ticks_at_once_share_it_too():
    assert sum(races.at_once([partial(rate.take, 3, NOW)] * 6)) == 1
    assert MailPace.objects.count() == 1


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_hand_out_no_more_than_one(settings):
    settings.MAIL_RATE = 600
    rate.take(1, timezone.now() - timedelta(minutes=1))
    put_answers(15)
    put_reminders(150)
    now = timezone.now()
    races.at_once([partial(ticking.tick, now)] * 4)
    assert Message.objects.filter(state="claimed").count() <= 101
