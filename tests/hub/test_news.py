"""How news is paced: never at night, one a day and person, all by the reader's own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from committees.models import Committee
from hub import accounts, delivery, news, ticking
from hub.actions import mailbox_for
from hub.models import Message
from tests.committees.announcing import KIND, NOON, announce, delivered, make_taker, with_takers
from tests.factories import deliver_mail, make_committee, make_member, make_user

pytestmark = pytest.mark.django_db

State = Message.State
READER = "reader@example.org"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# --- Hours: a table written by hand ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "zone", "hour"),
    [
        # New York in winter, UTC-5.
        (utc(2026, 1, 15, 12, 59, 59), "America/New_York", utc(2026, 1, 15, 13)),
        (utc(2026, 1, 15, 13), "America/New_York", utc(2026, 1, 15, 13)),
        (utc(2026, 1, 16, 1, 59, 59), "America/New_York", utc(2026, 1, 16, 1, 59, 59)),
        (utc(2026, 1, 16, 2), "America/New_York", utc(2026, 1, 16, 13)),
        (utc(2026, 1, 16, 5), "America/New_York", utc(2026, 1, 16, 13)),  # midnight
        # The night in which its clocks go forward (8 March) is an hour shorter, that of 1 November longer.
        (utc(2026, 3, 8, 2), "America/New_York", utc(2026, 3, 8, 12)),
        (utc(2026, 3, 8, 6, 59), "America/New_York", utc(2026, 3, 8, 12)),
        (utc(2026, 11, 1, 1), "America/New_York", utc(2026, 11, 1, 13)),
        (utc(2026, 11, 1, 5, 30), "America/New_York", utc(2026, 11, 1, 13)),  # half past one, the first time
        (utc(2026, 11, 1, 6, 30), "America/New_York", utc(2026, 11, 1, 13)),  # and the second
        # London's, and zones with odd offsets and on the other side of the date line.
        (utc(2026, 3, 28, 22), "Europe/London", utc(2026, 3, 29, 7)),
        (utc(2026, 10, 24, 21), "Europe/London", utc(2026, 10, 25, 8)),
        (utc(2026, 7, 1, 15, 15), "Asia/Kathmandu", utc(2026, 7, 2, 2, 15)),
        (utc(2026, 7, 1, 7), "Pacific/Kiritimati", utc(2026, 7, 1, 18)),
        (utc(2026, 7, 1, 7), "UTC", utc(2026, 7, 1, 8)),
    ],
)
def test_night_is_the_reader_s_own(moment, zone, hour):
    assert news.loud_hour(moment, zone) == hour


def test_an_account_s_zone_is_its_own_else_its_first_committee_s_else_utc():
    here = with_takers(0, zone="America/Chicago")
    later = with_takers(0, zone="Europe/Madrid")
    nowhere = with_takers(0, zone="", city="", region="", country="", lat=None, lon=None)
    said, member, of_two, of_nowhere, alone, nonsense = (
        make_user(time_zone=zone) for zone in ("Asia/Tokyo", "", "", "", "", "No/Where")
    )
    for committee, user, days in (
        (here, said, 0),
        (here, member, 0),
        (later, of_two, 0),
        (here, of_two, 5),
        (nowhere, of_two, 9),
        (nowhere, of_nowhere, 0),
    ):
        make_member(committee, user, at=NOON - timedelta(days=days))
    make_member(later, alone, pending=True)
    users = [said, member, of_two, of_nowhere, alone, nonsense]
    zones = news.zones_of(users)
    assert [zones[user.pk] for user in users] == [
        "Asia/Tokyo",
        "America/Chicago",
        "America/Chicago",
        "UTC",
        "UTC",
        "UTC",
    ]
    assert news.zone_of(mailbox_for(said.email, at=NOON)) == "Asia/Tokyo"
    assert news.zone_of(mailbox_for("visitor@example.org", at=NOON)) == "UTC"


# --- Night, as delivered ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("evening", "asleep", "morning"),
    [
        # 21:30 on the evening before the clocks change in New York, a second before eight, and eight.
        (utc(2026, 3, 8, 2, 30), utc(2026, 3, 8, 11, 59, 59), utc(2026, 3, 8, 12)),
        (utc(2026, 11, 1, 1, 30), utc(2026, 11, 1, 12, 59, 59), utc(2026, 11, 1, 13)),
    ],
    ids=["clocks forward", "clocks back"],
)
def test_in_the_night_the_clocks_change_nobody_is_woken(time_machine, evening, asleep, morning):
    time_machine.move_to(evening - timedelta(days=2), tick=False)
    committee = with_takers(0)
    make_taker(committee, READER, time_zone="America/New_York")
    Message.objects.all().delete()
    time_machine.move_to(evening, tick=False)
    announce(committee)
    assert deliver_mail() == []
    assert delivered(time_machine, asleep) == []
    assert [mail.to for mail in delivered(time_machine, morning)] == [[READER]]


def test_mail_that_was_held_up_until_night_waits_for_the_morning(time_machine):
    """It was due at noon, but the worker stood still."""
    committee = with_takers(1)
    announce(committee)
    batches = ticking.tick(NOON)
    night = NOON + timedelta(hours=10)  # ten in the evening
    time_machine.move_to(night, tick=False)
    for batch in batches:
        delivery.deliver(batch)
    (row,) = Message.objects.filter(kind=KIND)
    assert (row.state, row.due_at, row.attempts) == (State.WAITING, NOON + timedelta(hours=20), 0)
    assert len(delivered(time_machine, NOON + timedelta(hours=20))) == 1


# --- One a day -------------------------------------------------------------------------------------
def both(**user: str) -> list[Committee]:
    """Two committees with the same reader."""
    committees = [with_takers(0), with_takers(0)]
    reader = make_user(READER, **user)
    for committee in committees:
        member = make_member(committee, reader)
        member.takes_mail = True
        member.save()
    Message.objects.all().delete()
    return committees


def test_the_day_s_second_news_wait_for_the_next_morning(time_machine):
    for committee in both():
        announce(committee)
    assert len(deliver_mail()) == 1
    (row,) = Message.objects.filter(kind=KIND, state=State.WAITING)
    assert row.due_at == NOON + timedelta(hours=20)
    assert delivered(time_machine, NOON + timedelta(hours=19, minutes=59)) == []
    assert len(delivered(time_machine, NOON + timedelta(hours=20))) == 1


def test_of_four_one_goes_each_morning(time_machine):
    for committee in both():
        for _ in range(2):
            announce(committee)
    counts = [len(deliver_mail())]
    for day in range(4):
        counts.append(len(delivered(time_machine, NOON + timedelta(days=day, hours=20))))
    assert counts == [1, 1, 1, 1, 0]


def test_what_was_put_off_is_tried_for_four_days_from_then():
    for committee in both():
        announce(committee)
    deliver_mail()
    (row,) = Message.objects.filter(kind=KIND, state=State.WAITING)
    assert row.made_at == row.due_at


def test_the_day_is_the_reader_s(time_machine):
    """Noon in San Francisco is four in the morning of the next day in Tokyo; what goes there at eight is that
    day's, so one of noon in San Francisco a day later is the next day's."""
    first, second = both(time_zone="Asia/Tokyo")
    announce(first)
    assert deliver_mail() == []
    assert len(delivered(time_machine, utc(2026, 7, 1, 23))) == 1  # eight on 2 July
    time_machine.move_to(utc(2026, 7, 2, 11, 59), tick=False)  # nearly nine in the evening of 2 July
    announce(second)
    assert deliver_mail() == []
    assert len(delivered(time_machine, utc(2026, 7, 2, 23))) == 1


def test_an_answer_is_no_news():
    first, _second = both()
    reader = first.memberships.get(role="member").user
    make_member(make_committee(), reader)
    answers = deliver_mail()
    assert [mail.to for mail in answers] == [[READER]] * len(answers)
    announce(first)
    assert [mail.to for mail in deliver_mail()] == [[READER]]
    make_member(make_committee(), reader)
    assert len(deliver_mail()) == len(answers)


def test_news_that_were_refused_or_skipped_do_not_count(time_machine):
    first, second = both()
    announcement = announce(first)
    deliver_mail()
    for state in (State.SKIPPED, State.FAILED):
        Message.objects.filter(topic_id=announcement.pk).update(state=state)
        announce(second)
        assert len(deliver_mail()) == 1
        Message.objects.exclude(topic_id=announcement.pk).delete()


def test_what_is_uncertain_counts_as_gone():
    first, second = both()
    announcement = announce(first)
    deliver_mail()
    Message.objects.filter(topic_id=announcement.pk).update(state=State.UNCERTAIN)
    announce(second)
    assert deliver_mail() == []


# --- With whom it has to do --------------------------------------------------------------------------
def test_news_of_somebody_erased_since_the_batch_was_read_holds_up_nobody():
    committee = with_takers(2)
    announce(committee)
    (batch,) = ticking.tick(NOON)
    gone, other = Message.objects.in_bulk(batch)[batch[0]], batch[1]
    read = delivery._whole

    def erased_meanwhile(ids):
        rows = read(ids)
        Message.objects.filter(pk=gone.pk).update(mailbox=None, about_id=None, state=State.SKIPPED)
        gone.mailbox.delete()
        return rows

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delivery, "_whole", erased_meanwhile)
        assert delivery.deliver(batch)
    assert Message.objects.get(pk=other).state == State.SENT


def test_news_that_waits_follows_its_reader_to_an_address_that_has_a_mailbox(time_machine):
    committee = with_takers(0)
    user = make_taker(committee, READER).user
    mailbox_for("new@example.org", at=NOON)
    Message.objects.all().delete()
    announce(committee)
    ticking.tick(NOON)
    user.email = "new@example.org"
    user.save()
    accounts.follow_address(READER, user.email, at=NOON)
    (sent,) = delivered(time_machine, NOON + delivery.CLAIM_LIVES + timedelta(seconds=1))
    assert sent.to == ["new@example.org"]


def test_news_of_somebody_whose_address_changed_since_the_batch_was_read_goes_to_the_new_one(time_machine):
    committee = with_takers(0)
    user = make_taker(committee, READER).user
    Message.objects.all().delete()
    announce(committee)
    (batch,) = ticking.tick(NOON)
    read = delivery._whole

    def moved_meanwhile(ids):
        rows = read(ids)
        user.email = "new@example.org"
        user.save()
        accounts.follow_address(READER, user.email, at=NOON)
        return rows

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delivery, "_whole", moved_meanwhile)
        delivery.deliver(batch)
    (sent,) = delivered(time_machine, NOON + delivery.CLAIM_LIVES + timedelta(seconds=1))
    assert sent.to == ["new@example.org"]
