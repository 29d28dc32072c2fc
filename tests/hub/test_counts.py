"""Counts by day: totals only, of days that are over, and none that tells of a few people."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.utils import timezone

from campaigns.models import Campaign
from committees.actions import joining
from hub import audit, charts, counts
from hub.models import AuditEntry, DailyCount
from hub.personal import purge_all
from tests.cast import logged_in
from tests.factories import make_admin, make_committee, make_event, make_member, make_rsvp

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def act(action: str, number: int, at: datetime) -> None:
    entries = [audit.entry(action, Campaign(), at=at, by=None) for _ in range(number)]
    AuditEntry.objects.bulk_create(entries)


def number(what: str, day: date) -> int | None:
    return DailyCount.objects.filter(what=what, day=day).values_list("number", flat=True).first()


@pytest.mark.django_db
def test_every_day_that_is_over_is_counted_once():
    act("rsvp", 12, NOON - timedelta(days=2))
    act("rsvp", 3, NOON - timedelta(days=1))
    act("rsvp", 7, NOON)
    act("cancel_rsvp", 5, NOON - timedelta(days=1))
    for _ in range(2):
        counts.count_days(NOON)
    assert [number("rsvps", NOON.date() - timedelta(days=n)) for n in (3, 2, 1, 0)] == [None, 12, 3, None]
    assert DailyCount.objects.filter(what="rsvps").count() == 2
    counts.count_days(NOON + timedelta(days=1))
    assert number("rsvps", NOON.date()) == 7


@pytest.mark.django_db
def test_days_begin_at_midnight_utc_and_the_last_moments_are_waited_for():
    midnight = NOON.replace(hour=0)
    act("rsvp", 2, midnight - timedelta(microseconds=1))
    act("rsvp", 4, midnight)
    counts.count_days(midnight + timedelta(minutes=5))
    assert number("rsvps", midnight.date() - timedelta(days=1)) is None
    counts.count_days(midnight + timedelta(minutes=11))
    assert number("rsvps", midnight.date() - timedelta(days=1)) == 2
    counts.count_days(midnight + timedelta(days=1, minutes=11))
    assert number("rsvps", midnight.date()) == 4


@pytest.mark.django_db
def test_days_nobody_counted_meanwhile_are_made_up_for():
    act("rsvp", 1, NOON - timedelta(days=9))
    counts.count_days(NOON - timedelta(days=8))
    act("rsvp", 11, NOON - timedelta(days=4))
    counts.count_days(NOON)
    days = list(DailyCount.objects.filter(what="rsvps").order_by("day").values_list("number", flat=True))
    assert days == [1, 0, 0, 0, 0, 11, 0, 0, 0]


@pytest.mark.django_db
def test_totals_outlive_the_log_and_whom_they_counted():
    old = NOON - timedelta(days=366)
    act("rsvp", 15, old)
    purge_all(NOON)
    assert not AuditEntry.objects.filter(action="rsvp").exists()
    assert number("rsvps", old.date()) == 15


@pytest.mark.django_db
def test_real_acts_are_counted(time_machine):
    time_machine.move_to(NOON - timedelta(days=1), tick=False)
    event = make_event()
    for _ in range(3):
        make_rsvp(event, party_size=2)
    committee = make_committee(joining="open")
    make_member(make_committee())
    request = make_member(committee, pending=True)
    joining.approve(request.pk, by=request.user, at=timezone.now())
    counts.count_days(NOON)
    yesterday = NOON.date() - timedelta(days=1)
    assert (number("rsvps", yesterday), number("joins", yesterday)) == (3, 2)
    assert number("signatures", yesterday) == 0


def test_each_app_s_part_is_registered():
    assert {name: kind.actions for name, kind in counts.kinds.items()} == {
        "rsvps": ("rsvp",),
        "joins": ("join", "approve_membership"),
        "signatures": ("confirm_signature",),
    }


# --- Seeing ----------------------------------------------------------------------------------------
@pytest.fixture
def page(db):
    """The page as it looks on December 10: day by day 0, 1, … 12 RSVPs, the last one yesterday."""
    rows = [DailyCount(what="rsvps", day=NOON.date() - timedelta(days=13 - n), number=n) for n in range(13)]
    DailyCount.objects.bulk_create(rows)
    with time_machine.travel(NOON):
        return logged_in(make_admin()).get("/admin/counts/").content.decode()


def test_days_below_ten_read_under_ten_in_table_and_picture(page):
    part = page.partition("<h2>RSVPs</h2>")[2].partition("</table>")[0]
    told = re.findall(r"<td>([^<]+)</td>", part)
    assert told == ["12", "11", "10", *["under 10"] * 25]
    chart = re.search(r"<svg.*?</svg>", part, re.S)[0]
    drawn = re.findall(r'class="(\w+)" x="[\d.]+" y="(\d+)" width="[\d.]+" height="(\d+)"', chart)
    assert [kind for kind, _y, _high in drawn] == ["few"] * 25 + ["told"] * 3
    assert len({high for kind, _y, high in drawn if kind == "few"}) == 1
    highs = [int(high) for _kind, _y, high in drawn]
    assert highs[0] < highs[-3] < highs[-2] < highs[-1]


def test_the_page_adds_up_nothing(page):
    """With a total, one small day among large ones could be worked out."""
    numbers = set(re.findall(r">(\d+)<", page.partition('id="content-main"')[2]))
    assert numbers <= {"10", "11", "12"}


def test_a_chart_says_in_words_what_it_is(page):
    part = page.partition("<h2>RSVPs</h2>")[2]
    chart = re.search(r"<svg.*?</svg>", part, re.S)[0]
    assert 'role="img"' in chart
    assert 'aria-labelledby="rsvps-title rsvps-desc"' in chart
    assert '<title id="rsvps-title">RSVPs</title>' in chart
    assert "bars of one height" in chart
    assert "style=" not in chart
    assert page.count('<svg class="chart"') == 3


def test_a_chart_is_sound_without_days_and_escapes_words():
    for points in ([], [("1", None)], [("<b>", 5), ("2", 0)]):
        drawn = charts.bars("x", "<script>", "& so on", points)
        ElementTree.fromstring(drawn)
        assert "<script>" not in drawn


@pytest.mark.django_db
def test_only_administrators_see_it(cast):
    found = {role: client.get("/admin/counts/").status_code for role, client in cast.items()}
    assert found == {"visitor": 404, "member": 404, "coordinator": 404, "moderator": 403, "admin": 200}
    assert 'href="/admin/counts/"' in cast["admin"].get("/admin/").content.decode()
    assert 'href="/admin/counts/"' not in cast["moderator"].get("/admin/").content.decode()


@pytest.mark.django_db
def test_the_page_asks_the_same_for_few_and_many_days(admin, django_assert_max_num_queries):
    for day in range(400):
        DailyCount.objects.create(what="rsvps", day=NOON.date() - timedelta(days=day), number=day)
    with django_assert_max_num_queries(3 + 3):  # session, account, its second step; each kind
        admin.get("/admin/counts/")
