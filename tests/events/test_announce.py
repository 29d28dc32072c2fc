"""A change is told once to everybody who is coming or waiting, with what was before and what is now."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from events.actions import events as event_actions
from events.actions import rsvps
from events.actions.announce import loud_hour
from events.models import Event, EventChange
from hub import delivery
from hub.models import Message
from hub.personal import purge_all
from tests.factories import deliver_mail, event_details, make_event, make_rsvp

pytestmark = pytest.mark.django_db

NEW_YORK = "America/New_York"
NOON = datetime(2026, 6, 20, 16, tzinfo=UTC)  # of June 20 in New York (UTC-4)
NIGHT = datetime(2026, 6, 21, 2, tzinfo=UTC)  # ten in the evening there
MORNING = datetime(2026, 6, 21, 12, tzinfo=UTC)  # eight
START = datetime(2026, 7, 4, 18, tzinfo=UTC)
LATER = datetime(2026, 7, 11, 18, tzinfo=UTC)
READER = "reader@example.org"
MINUTE = timedelta(minutes=1)
CHANGES = Message.objects.filter(kind="events.changed")


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def event_at(start=START, **details) -> Event:
    return make_event(start=start, zone=NEW_YORK, **details)


def coming(event, email=READER, **details):
    party = make_rsvp(event, email=email, confirmed=True, **details)
    deliver_mail()
    return party


def edit(event, at=NOON, **details) -> Event:
    wanted = event_details(**{"start": START, "zone": NEW_YORK, **details})
    return event_actions.edit_event(event, wanted, by=None, at=at)


def mails_at(time_machine, moment) -> list:
    time_machine.move_to(moment, tick=False)
    return deliver_mail()


# --- Who is told -------------------------------------------------------------------------------
def test_each_confirmed_party_is_told_once_going_or_waiting(time_machine):
    event = event_at(capacity=1)
    coming(event, email="going@example.org")
    coming(event, email="waiting@example.org")
    gone = coming(event, email="gone@example.org")
    rsvps.cancel(gone.pk, at=NOON)
    make_rsvp(event, email="unconfirmed@example.org")
    coming(event_at(title="Another"), email="elsewhere@example.org")
    deliver_mail()
    edit(event, start=LATER, capacity=1)
    assert CHANGES.count() == 2
    assert sorted(mail.to for mail in deliver_mail()) == [["going@example.org"], ["waiting@example.org"]]
    assert mails_at(time_machine, NOON + timedelta(days=1)) == []


def test_on_an_open_event_too_only_confirmed_mailboxes_are_written_to():
    event = event_at()
    make_rsvp(event, email="unconfirmed@example.org")
    make_rsvp(event)
    deliver_mail()
    edit(event, start=LATER)
    assert deliver_mail() == []


def test_nobody_is_told_of_what_was_never_published():
    event = event_at(published=False)
    edit(event, start=LATER)
    event_actions.cancel_event(event, by=None, at=NOON)
    assert not EventChange.objects.exists()


def test_what_changes_off_the_site_is_told_once_when_it_is_back(time_machine):
    event = event_at()
    coming(event)
    event_actions.unpublish_event(event, by=None, at=NOON)
    edit(event, start=START + timedelta(days=1))
    edit(event, at=NOON + timedelta(minutes=1), start=LATER)
    assert (deliver_mail(), CHANGES.count()) == ([], 0)
    back = NOON + timedelta(hours=1)
    time_machine.move_to(back, tick=False)
    event_actions.publish_event(event, by=None, at=back)
    (told,) = deliver_mail()
    assert "Saturday, July 4, 2026, 2:00 PM" in told.body  # before, as people knew it
    assert "Saturday, July 11, 2026, 2:00 PM" in told.body
    event_actions.publish_event(event, by=None, at=back)
    event_actions.unpublish_event(event, by=None, at=back)
    event_actions.publish_event(event, by=None, at=back)
    assert deliver_mail() == []


def test_what_is_cancelled_off_the_site_is_told_when_it_is_back():
    event = event_at()
    coming(event)
    event_actions.unpublish_event(event, by=None, at=NOON)
    event_actions.cancel_event(event, by=None, at=NOON)
    assert deliver_mail() == []
    event_actions.publish_event(event, by=None, at=NOON)
    (told,) = deliver_mail()
    assert told.subject.startswith("Cancelled")


def off_site(event, acts, first=NOON):
    """Take the event off the site, do these things to it a minute apart, and put it back."""
    for minute, act in enumerate(("unpublish", *acts, "publish")):
        getattr(event_actions, f"{act}_event")(event, by=None, at=first + timedelta(minutes=minute))


@pytest.mark.parametrize(
    ("before", "acts", "subjects"),
    [
        ((), ("cancel", "restore"), []),
        ((), ("postpone", "restore"), []),
        ((), ("cancel", "restore", "postpone", "restore"), []),
        ((), ("cancel", "restore", "cancel"), ["Cancelled"]),
        ((), ("postpone", "cancel"), ["Cancelled"]),
        (("cancel",), ("restore",), ["On after all"]),
        (("cancel",), ("restore", "cancel"), []),
        (("cancel",), ("restore", "postpone"), ["Postponed"]),
        (("postpone",), ("restore", "cancel", "restore"), ["On after all"]),
        (("cancel", "restore"), ("cancel", "restore"), []),
    ],
    ids=str,
)
def test_off_the_site_only_what_differs_from_what_people_knew_is_told(before, acts, subjects, time_machine):
    event = event_at()
    coming(event)
    for minute, act in enumerate(before):
        getattr(event_actions, f"{act}_event")(event, by=None, at=NOON + timedelta(minutes=minute))
        mails_at(time_machine, NOON + timedelta(minutes=minute))
    later = NOON + timedelta(hours=1)
    off_site(event, acts, first=later)
    told = mails_at(time_machine, later + timedelta(hours=1))
    assert [mail.subject.partition(":")[0] for mail in told] == subjects


def test_what_is_undone_off_the_site_twice_is_told_neither_time(time_machine):
    event = event_at()
    coming(event)
    off_site(event, ("cancel",))
    assert [mail.subject[:9] for mail in mails_at(time_machine, NOON + timedelta(hours=1))] == ["Cancelled"]
    off_site(event, ("restore", "cancel"), first=NOON + timedelta(hours=2))
    assert mails_at(time_machine, NOON + timedelta(hours=3)) == []
    off_site(event, ("restore",), first=NOON + timedelta(hours=4))
    assert [mail.subject[:5] for mail in mails_at(time_machine, NOON + timedelta(hours=5))] == ["On af"]


@pytest.mark.parametrize("days", [0, 5], ids=["hours", "days"])
def test_what_falls_due_off_the_site_is_told_when_it_is_back(days, time_machine):
    """Also when the outbox has forgotten whom it was for."""
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    event_actions.unpublish_event(event, by=None, at=NIGHT)
    assert mails_at(time_machine, MORNING) == []
    assert CHANGES.get().reason == "not on the site"
    back = NOON + timedelta(days=days + 1)
    purge_all(back)
    event_actions.publish_event(event, by=None, at=back)
    (told,) = mails_at(time_machine, back)
    assert "Saturday, July 4, 2026, 2:00 PM" in told.body.split("Now:")[0]
    assert "Saturday, July 11, 2026, 2:00 PM" in told.body.split("Now:")[1]
    event_actions.unpublish_event(event, by=None, at=back)
    event_actions.publish_event(event, by=None, at=back)
    assert deliver_mail() == []


def test_who_was_told_before_it_left_the_site_is_not_told_again(time_machine):
    event = event_at()
    for number in range(2):
        coming(event, email=f"reader{number}@example.org")
    edit(event, start=LATER)
    first = CHANGES.order_by("pk")[0]
    delivery.deliver([first.pk])
    event_actions.unpublish_event(event, by=None, at=NOON)
    assert deliver_mail() == []
    event_actions.publish_event(event, by=None, at=NOON)
    assert len(deliver_mail()) == 1


def test_who_comes_after_a_change_is_not_told_of_it_when_the_event_comes_back():
    event = event_at()
    edit(event, start=LATER)
    time = NOON + timedelta(hours=1)
    make_rsvp(event, email=READER, confirmed=True, at=time)
    deliver_mail()
    event_actions.unpublish_event(event, by=None, at=time)
    event_actions.publish_event(event, by=None, at=time)
    assert CHANGES.count() == 0


def test_nobody_is_told_of_a_correction_after_the_event(time_machine):
    event = event_at()
    coming(event)
    after = START + timedelta(hours=3)
    time_machine.move_to(after, tick=False)
    edit(event, at=after, venue="The other plaza")
    assert deliver_mail() == []


@pytest.mark.parametrize(
    "details",
    [{"title": "Another title"}, {"description": "Another text"}, {"capacity": 5}, {"kind": "march"}, {}],
    ids=str,
)
def test_what_is_neither_time_nor_place_is_not_announced(details):
    event = event_at()
    coming(event)
    edit(event, **details)
    assert deliver_mail() == []


# --- What they read ------------------------------------------------------------------------------
def test_a_new_time_with_the_old_one():
    event = event_at()
    coming(event)
    edit(event, start=LATER)
    (mail,) = deliver_mail()
    assert mail.subject == "New time: Rally for a Labor Party"
    before, now = mail.body.split("Now:")
    assert "The time has changed." in before
    assert "Before:\nSaturday, July 4, 2026, 2:00 PM to 4:00 PM EDT" in before
    assert "Saturday, July 11, 2026, 2:00 PM to 4:00 PM EDT" in now
    assert "July 4" not in now
    assert "Civic Center Plaza" not in before


def test_a_new_end_is_told_with_the_old_one():
    event = event_at()
    coming(event)
    edit(event, hours=5)
    (mail,) = deliver_mail()
    assert mail.subject == "New time: Rally for a Labor Party"
    before, now = mail.body.split("Now:")
    assert "Before:\nSaturday, July 4, 2026, 2:00 PM to 4:00 PM EDT" in before
    assert "Saturday, July 4, 2026, 2:00 PM to 7:00 PM EDT" in now


def test_a_new_time_and_place_are_both_in_the_subject():
    event = event_at()
    coming(event)
    edit(event, start=LATER, venue="Other Hall")
    (mail,) = deliver_mail()
    assert mail.subject == "New time and place: Rally for a Labor Party"


@pytest.mark.parametrize("editor", ["en", "es"])
@pytest.mark.parametrize(
    ("reader", "before_line", "now_line"),
    [
        ("en", "Piraeus, Greece 18531", "Mexico City, Mexico"),
        ("es", "El Pireo, Grecia 18531", "Ciudad de México, México"),
    ],
)
def test_countries_are_in_the_readers_language_before_and_now(editor, reader, before_line, now_line):
    greece = {"city": "Piraeus", "region": "", "postal_code": "18531", "country": "GR"}
    event = event_at(**greece)
    coming(event, language=reader)
    with translation.override(editor):
        edit(event, city="Mexico City", region="", postal_code="", country="MX")
    (mail,) = deliver_mail()
    before, now = mail.body.split(":\n")[1:3]
    assert before_line in before
    assert now_line in now


def test_a_new_date_after_postponing_says_that_it_takes_place(time_machine):
    event = event_at()
    coming(event)
    event_actions.postpone_event(event, by=None, at=NOON)
    (mail,) = deliver_mail()
    assert "It was planned for: Saturday, July 4, 2026, 2:00 PM to 4:00 PM EDT\nNo new date yet" in mail.body
    assert "It was planned for: <s>Saturday, July 4" in mail.alternatives[0].content
    edit(event, at=NOON + MINUTE, start=LATER)
    (mail,) = mails_at(time_machine, NOON + MINUTE)
    assert mail.subject == "New date: Rally for a Labor Party"
    assert mail.body.startswith("There is a new date: it takes place after all.\n\nBefore:\nSaturday, July 4")
    edit(event, at=NOON + 2 * MINUTE, start=LATER + timedelta(hours=1))
    (mail,) = mails_at(time_machine, NOON + 2 * MINUTE)
    assert mail.subject == "New time: Rally for a Labor Party"


def test_who_was_not_told_of_the_postponing_reads_of_a_new_time(time_machine):
    event = event_at()
    coming(event)
    event_actions.postpone_event(event, by=None, at=NOON)
    edit(event, at=NOON + MINUTE, start=LATER)
    (mail,) = mails_at(time_machine, NOON + MINUTE)
    assert mail.subject == "New time: Rally for a Labor Party"


def test_who_waits_reads_of_the_waiting_list(time_machine):
    """Not of a place they don't have."""
    event = event_at(capacity=1)
    make_rsvp(event, confirmed=True)
    coming(event)
    edit(event, start=LATER, capacity=1)
    (moved,) = [mail for mail in deliver_mail() if mail.to == [READER]]
    assert "You are still on the waiting list. Would you still come if a place comes free?" in moved.body
    assert "somebody else can have the place" not in moved.body + moved.alternatives[0].content
    event_actions.postpone_event(event, by=None, at=NOON)
    (postponed,) = [mail for mail in deliver_mail() if mail.to == [READER]]
    assert "you stay on the waiting list" in postponed.body
    assert "you keep your place" not in postponed.body


def test_a_neutral_change_says_where_to_look():
    event = event_at()
    coming(event, neutral=True)
    edit(event, venue="Other Hall")
    (mail,) = deliver_mail()
    assert "Look on your own page for all of it." in mail.body
    assert "Hall" not in mail.body


def test_a_cancelled_event_offers_nothing_but_erasing():
    event = event_at()
    coming(event)
    event_actions.cancel_event(event, by=None, at=NOON)
    (mail,) = deliver_mail()
    assert "Your own page, to erase your answer:" in mail.body
    assert "to change your answer" not in mail.body + mail.alternatives[0].content


def test_a_whole_day_is_told_without_hours():
    day = {"start": datetime(2026, 7, 4, 4, tzinfo=UTC), "hours": 24, "all_day": True}
    event = event_at(**day)
    coming(event)
    edit(event, **{**day, "start": datetime(2026, 7, 11, 4, tzinfo=UTC)})
    (mail,) = deliver_mail()
    assert "Before:\nSaturday, July 4, 2026\n" in mail.body
    assert "Now:\nRally for a Labor Party\nSaturday, July 11, 2026\n" in mail.body


def test_a_new_place_with_the_old_one():
    event = event_at()
    coming(event)
    edit(event, venue="Union Hall", street="1 Main Street")
    (mail,) = deliver_mail()
    assert mail.subject == "New place: Rally for a Labor Party"
    before, now = mail.body.split("Now:")
    assert "Civic Center Plaza\n355 McAllister Street" in before
    assert "Union Hall\n1 Main Street" in now
    assert "July 4" not in before


def test_a_new_time_and_place_in_one_mail():
    event = event_at()
    coming(event)
    edit(event, start=LATER, venue="Union Hall")
    (mail,) = deliver_mail()
    before, now = mail.body.split("Now:")
    assert "The time and the place have changed." in before
    assert "July 4" in before
    assert "Civic Center Plaza" in before
    assert "July 11" in now
    assert "Union Hall" in now


def test_a_hidden_place_is_told_neither_before_nor_after():
    hidden = {"reveal": "confirmed", "venue": "Secret Hall", "street": "7 Back Lane"}
    event = event_at(**hidden)
    coming(event)
    edit(event, **{**hidden, "venue": "Other Secret Hall"})
    (mail,) = deliver_mail()
    source = mail.message().as_string() + mail.body + mail.alternatives[0].content
    assert mail.subject == "New place: Rally for a Labor Party"
    assert "Secret Hall" not in source
    assert "Back Lane" not in source
    assert "You find the exact place on your own page." in mail.body


def test_a_new_online_link_is_announced_and_not_told():
    event = event_at(online=True, online_link="https://meet.example.org/old")
    coming(event)
    edit(event, online=True, online_link="https://meet.example.org/new")
    (mail,) = deliver_mail()
    assert "meet.example.org" not in mail.message().as_string() + mail.body


@pytest.mark.parametrize(
    ("acts", "subject", "line", "status"),
    [
        (["cancel"], "Cancelled: ", "It is cancelled.", "CANCELLED"),
        (["postpone"], "Postponed: ", "It is postponed. There is no new date yet", "TENTATIVE"),
        (["cancel", "restore"], "On after all: ", "It takes place after all", "CONFIRMED"),
    ],
    ids=["cancelled", "postponed", "restored"],
)
def test_called_off_and_on_again(acts, subject, line, status):
    event = event_at()
    coming(event)
    for act in acts:
        getattr(event_actions, f"{act}_event")(event, by=None, at=NOON)
        mails = deliver_mail()
    (mail,) = mails
    assert mail.subject == f"{subject}Rally for a Labor Party"
    assert line in mail.body
    file = mail.attachments[0].get_payload(decode=True).decode()
    assert f"STATUS:{status}" in file


def test_doing_it_twice_tells_it_once():
    event = event_at()
    coming(event)
    for _time in range(2):
        event_actions.cancel_event(event, by=None, at=NOON)
    assert len(deliver_mail()) == 1


def test_a_new_date_ends_a_postponement_in_one_mail():
    event = event_at()
    coming(event)
    event_actions.postpone_event(event, by=None, at=NOON)
    deliver_mail()
    edit(event, start=LATER)
    assert Event.objects.get().event_status == Event.EventStatus.SCHEDULED
    assert [mail.subject for mail in deliver_mail()] == ["New time: Rally for a Labor Party"]


# --- At night --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("local", "due"),
    [
        ("2026-06-20 20:59:59", "2026-06-20 20:59:59"),
        ("2026-06-20 21:00", "2026-06-21 08:00"),
        ("2026-06-20 23:59", "2026-06-21 08:00"),
        ("2026-06-21 00:00", "2026-06-21 08:00"),
        ("2026-06-21 07:59:59", "2026-06-21 08:00"),
        ("2026-06-21 08:00", "2026-06-21 08:00"),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
        ("2026-10-31 23:00", "2026-11-01 08:00"),  # the clocks go back in that night
    ],
)
def test_quiet_hours_are_those_of_the_event(local, due):
    zone = ZoneInfo(NEW_YORK)
    now = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    expected = datetime.fromisoformat(due).replace(tzinfo=zone).astimezone(UTC)
    assert loud_hour(now, NEW_YORK, now + timedelta(days=30)) == expected


def test_at_night_it_waits_for_the_morning(time_machine):
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    assert deliver_mail() == []
    assert mails_at(time_machine, MORNING - timedelta(seconds=1)) == []
    assert len(mails_at(time_machine, MORNING)) == 1


@pytest.mark.parametrize("hours", [23, -1], ids=["tomorrow", "running"])
def test_at_night_it_does_not_wait_if_the_start_is_near(hours, time_machine):
    event = event_at(NIGHT + timedelta(hours=hours), hours=3)
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    event_actions.cancel_event(event, by=None, at=NIGHT)
    assert len(deliver_mail()) == 1


def test_at_night_it_does_not_wait_if_the_start_was_near(time_machine):
    """Moved away from tomorrow morning: who gets up for it must know tonight."""
    event = event_at(NIGHT + timedelta(hours=9))
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    assert len(deliver_mail()) == 1


# --- One change after another ----------------------------------------------------------------------
def test_of_two_moves_in_a_night_only_the_last_is_told_with_what_people_knew(time_machine):
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    edit(event, at=NIGHT + timedelta(minutes=5), start=LATER + timedelta(days=7))
    (mail,) = mails_at(time_machine, MORNING)
    before, now = mail.body.split("Now:")
    assert "July 4" in before
    assert "July 11" not in mail.body
    assert "July 18" in now
    assert CHANGES.get(state=Message.State.SKIPPED).reason == "overtaken by a later change"


def test_moves_on_different_days_each_start_from_the_one_before(time_machine):
    event = event_at()
    coming(event)
    edit(event, start=LATER)
    deliver_mail()
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    edit(event, at=NOON + timedelta(days=1), start=LATER + timedelta(days=7))
    (mail,) = deliver_mail()
    assert "July 11" in mail.body.split("Now:")[0]
    assert "July 4" not in mail.body


def test_time_then_time_and_place_in_a_night_is_one_mail(time_machine):
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    edit(event, at=NIGHT + timedelta(minutes=5), start=LATER + timedelta(days=7), venue="Union Hall")
    (mail,) = mails_at(time_machine, MORNING)
    before, now = mail.body.split("Now:")
    assert "July 4" in before
    assert "Civic Center Plaza" in before
    assert "July 18" in now


def test_two_moves_and_a_new_place_in_a_night_are_two_mails(time_machine):
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    last = LATER + timedelta(days=7)
    edit(event, at=NIGHT + timedelta(minutes=5), start=last)
    edit(event, at=NIGHT + timedelta(minutes=9), start=last, venue="Union Hall")
    assert sorted(mail.subject[:9] for mail in mails_at(time_machine, MORNING)) == ["New place", "New time:"]


@pytest.mark.parametrize(
    ("acts", "subjects"),
    [
        (["cancel", "restore"], ["On after all: "]),
        (["postpone", "cancel"], ["Cancelled: "]),
        (["cancel", "restore", "cancel"], ["Cancelled: "]),
    ],
    ids=" ".join,
)
def test_what_no_longer_holds_is_not_told(acts, subjects, time_machine):
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    for minute, act in enumerate(acts):
        getattr(event_actions, f"{act}_event")(event, by=None, at=NIGHT + timedelta(minutes=minute))
    told = [mail.subject for mail in mails_at(time_machine, MORNING)]
    assert told == [f"{subject}Rally for a Labor Party" for subject in subjects]


def test_a_move_is_not_told_of_an_event_cancelled_since(time_machine):
    event = event_at()
    coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    event_actions.cancel_event(event, by=None, at=NIGHT + timedelta(minutes=1))
    assert [mail.subject for mail in mails_at(time_machine, MORNING)] == [
        "Cancelled: Rally for a Labor Party"
    ]


def test_who_cancels_before_the_morning_is_not_told(time_machine):
    event = event_at()
    party = coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    rsvps.cancel(party.pk, at=NIGHT)
    deliver_mail()
    assert mails_at(time_machine, MORNING) == []


def test_who_erases_before_the_morning_is_not_told(time_machine):
    event = event_at()
    party = coming(event)
    time_machine.move_to(NIGHT, tick=False)
    edit(event, at=NIGHT, start=LATER)
    rsvps.erase(party.pk, never_write=False, at=NIGHT)
    assert mails_at(time_machine, MORNING) == []
    change = CHANGES.get()
    assert (change.state, change.mailbox, change.about_id) == (Message.State.SKIPPED, None, None)
