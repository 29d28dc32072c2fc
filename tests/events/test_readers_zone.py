"""Mail to an account says when an event is in its own time zone too, where the clocks there differ."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.actions import events as event_actions
from events.actions import rsvps
from events.when import when_theirs
from hub.models import Mailbox, Message
from tests.factories import deliver_mail, event_details, make_event, make_rsvp, make_user

pytestmark = pytest.mark.django_db

READER = "reader@example.org"
NEW_YORK, LOS_ANGELES, MADRID = "America/New_York", "America/Los_Angeles", "Europe/Madrid"
SUMMER = datetime(2026, 7, 4, 18, tzinfo=UTC)  # two in the afternoon in New York
HOURS = timedelta(hours=2)
LINES = {"en": "In your time zone:", "es": "En tu zona horaria:"}


# --- The words ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "zone", "reader", "said"),
    [
        (SUMMER, NEW_YORK, LOS_ANGELES, "Saturday, July 4, 2026, 11:00 AM to 1:00 PM PDT"),
        (SUMMER, NEW_YORK, MADRID, "Saturday, July 4, 2026, 8:00 PM to 10:00 PM CEST"),
        # The same clocks under another name, or no zone said.
        (SUMMER, NEW_YORK, "America/Toronto", ""),
        (SUMMER, NEW_YORK, NEW_YORK, ""),
        (SUMMER, NEW_YORK, "", ""),
        # Another day there.
        (
            datetime(2026, 7, 5, 2, tzinfo=UTC),
            LOS_ANGELES,
            MADRID,
            "Sunday, July 5, 2026, 4:00 AM to 6:00 AM CEST",
        ),
        (
            datetime(2026, 7, 4, 21, tzinfo=UTC),
            LOS_ANGELES,
            MADRID,
            "Saturday, July 4, 2026, 11:00 PM to Sunday, July 5, 2026, 1:00 AM CEST",
        ),
        # Arizona keeps its clocks: as California's in summer, as Colorado's in winter.
        (SUMMER, LOS_ANGELES, "America/Phoenix", ""),
        (SUMMER, "America/Denver", "America/Phoenix", "Saturday, July 4, 2026, 11:00 AM to 1:00 PM MST"),
        (datetime(2026, 12, 5, 19, tzinfo=UTC), "America/Denver", "America/Phoenix", ""),
        # America changes its clocks three weeks before Europe: five hours between, not six.
        (
            datetime(2027, 3, 20, 18, tzinfo=UTC),
            NEW_YORK,
            MADRID,
            "Saturday, March 20, 2027, 7:00 PM to 9:00 PM CET",
        ),
        # The night the clocks go back in Colorado: they differ at the start, and no more at the end.
        (
            datetime(2026, 11, 1, 7, tzinfo=UTC),
            "America/Denver",
            "America/Phoenix",
            "Sunday, November 1, 2026, 12:00 AM to 2:00 AM MST",
        ),
        # The night they go forward there: they differ at the end only.
        (
            datetime(2027, 3, 14, 8, tzinfo=UTC),
            "America/Denver",
            "America/Phoenix",
            "Sunday, March 14, 2027, 1:00 AM to 3:00 AM MST",
        ),
        # The night they go forward in New York: 3 AM follows 1:59 AM there, and nothing of it in Madrid.
        (
            datetime(2027, 3, 14, 6, 30, tzinfo=UTC),
            NEW_YORK,
            MADRID,
            "Sunday, March 14, 2027, 7:30 AM to 9:30 AM CET",
        ),
        (
            SUMMER,
            "America/New_York",
            "Asia/Kathmandu",
            "Saturday, July 4, 2026, 11:45 PM to Sunday, July 5, 2026, 1:45 AM UTC+5:45",
        ),
    ],
)
def test_the_readers_clocks_are_said_where_they_differ_at_that_moment(start, zone, reader, said):
    assert when_theirs(start, start + HOURS, zone, reader, "en") == said


def test_whole_days_are_the_events_own():
    midnight = datetime(2026, 7, 4, 4, tzinfo=UTC)
    days = {"all_day": True}
    assert when_theirs(midnight, midnight + timedelta(days=1), NEW_YORK, MADRID, "en", **days) == ""


# --- Every kind of mail ------------------------------------------------------------------------------
def every_mail(time_machine, **party) -> list:
    """One reader goes through everything that says when; gives their mails."""
    now = SUMMER - timedelta(days=10)
    time_machine.move_to(now, tick=False)
    event = make_event(start=SUMMER, zone=NEW_YORK)
    going = make_rsvp(event, email=READER, confirmed=True, **party)
    full = make_event(start=SUMMER, zone=NEW_YORK, capacity=1)
    other = make_rsvp(full, confirmed=True)
    make_rsvp(full, email=READER, remembered=going.mailbox, **party)
    again = make_event(start=SUMMER, zone=NEW_YORK, capacity=1)
    first = make_rsvp(again, confirmed=True)
    found = deliver_mail()
    time_machine.shift(timedelta(hours=2))
    make_rsvp(again, email=READER, confirmed=True, **party)
    found += deliver_mail()
    rsvps.cancel(first.pk, at=now)
    found += deliver_mail()
    event_actions.edit_event(
        event, event_details(start=SUMMER, zone=NEW_YORK, venue="Pier 1"), by=None, at=now
    )
    found += deliver_mail()
    for moment in (SUMMER - timedelta(hours=27), SUMMER - timedelta(hours=20), SUMMER - timedelta(hours=6)):
        time_machine.move_to(moment, tick=False)
        found += deliver_mail()
    rsvps.cancel(going.pk, at=moment)
    found += deliver_mail()
    assert other.pk
    kinds = {row.kind for row in Message.objects.all()}
    assert kinds >= {
        *("hub.confirmation", "events.coming", "events.waiting", "events.seated", "events.changed"),
        *("events.cancelled_by_you", "events.reminder_day_before", "events.reminder_same_day"),
    }
    return [mail for mail in found if mail.to == [READER]]


@pytest.mark.parametrize("neutral", [False, True])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_mail_says_both_times_to_an_account_elsewhere(time_machine, language, neutral):
    make_user(READER, time_zone=MADRID, language="en")
    mails = every_mail(time_machine, language=language, neutral=neutral)
    assert len(mails) >= 8
    theirs = {
        "en": "Saturday, July 4, 2026, 8:00 PM to 10:00 PM CEST",
        "es": "sábado 4 de julio de 2026, 20:00 a 22:00 CEST",
    }[language]
    where_it_is = {
        "en": "Saturday, July 4, 2026, 2:00 PM to 4:00 PM EDT",
        "es": "sábado 4 de julio de 2026, 14:00 a 16:00 EDT",
    }[language]
    for mail in mails:
        for text in (mail.body, mail.alternatives[0].content):
            assert f"{LINES[language]} {theirs}" in text, mail.subject
            assert text.index(where_it_is) < text.index(theirs)


@pytest.mark.parametrize("zone", [None, "", "America/Toronto"], ids=["no account", "no zone", "same clocks"])
def test_to_others_the_time_is_said_once(time_machine, zone):
    if zone is not None:
        make_user(READER, time_zone=zone)
    for mail in every_mail(time_machine):
        assert LINES["en"] not in mail.body + mail.alternatives[0].content


def test_a_postponed_event_has_no_time_to_say(time_machine):
    make_user(READER, time_zone=MADRID)
    time_machine.move_to(SUMMER - timedelta(days=10), tick=False)
    event = make_event(start=SUMMER, zone=NEW_YORK)
    make_rsvp(event, email=READER, confirmed=True)
    deliver_mail()
    event_actions.postpone_event(event, by=None, at=SUMMER - timedelta(days=10))
    (mail,) = deliver_mail()
    assert LINES["en"] not in mail.body + mail.alternatives[0].content


def zone_queries(deliver) -> tuple[list, int]:
    """What was delivered, and how many queries asked for readers' zones."""
    with CaptureQueriesContext(connection) as asked:
        mails = deliver()
    begins = ('SELECT "hub_user"."email"', 'SELECT "hub_user"."time_zone"')  # of a batch, of a mail alone
    return mails, len([one for one in asked if one["sql"].startswith(begins)])


def test_a_batch_asks_once_for_all_its_readers(time_machine):
    time_machine.move_to(SUMMER - timedelta(days=10), tick=False)
    event = make_event(start=SUMMER, zone=NEW_YORK)
    zones = {f"{zone}@example.org".replace("/", "-").lower(): zone for zone in (MADRID, LOS_ANGELES, "")}
    for address, zone in zones.items():
        make_user(address, time_zone=zone)
        make_rsvp(event, email=address, confirmed=True)
    make_rsvp(event, email="visitor@example.org", confirmed=True)
    deliver_mail()
    time_machine.move_to(SUMMER - timedelta(hours=6), tick=False)
    mails, asked = zone_queries(deliver_mail)
    told = {mail.to[0]: LINES["en"] in mail.body for mail in mails}
    assert told == {**{address: bool(zone) for address, zone in zones.items()}, "visitor@example.org": False}
    assert asked == 1


def test_an_address_that_can_not_be_read_holds_up_no_other(time_machine):
    time_machine.move_to(SUMMER - timedelta(days=10), tick=False)
    event = make_event(start=SUMMER, zone=NEW_YORK)
    broken, fine = (make_rsvp(event, confirmed=True) for _ in range(2))
    deliver_mail()
    Mailbox.objects.filter(pk=broken.mailbox_id).update(address=b"\x01no-such-key")
    time_machine.move_to(SUMMER - timedelta(hours=6), tick=False)
    assert [mail.to for mail in deliver_mail()] == [[fine.mailbox.address]]
