"""Stopping the reminders of an event: by the mail program's own button, by the link, on one's own page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from events.actions import events as event_actions
from events.actions import rsvps
from events.actions.unsubscribing import stop_reminders
from events.models import Rsvp
from hub import delivery, links, ticking
from hub.models import AuditEntry, Message
from tests.factories import deliver_mail, make_committee, make_event, make_member, make_rsvp, make_user

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 18, tzinfo=UTC)  # two in the afternoon in New York
DAY_BEFORE_AT = datetime(2026, 7, 3, 15, tzinfo=UTC)
SAME_DAY_AT = datetime(2026, 7, 4, 12, tzinfo=UTC)
READER = "reader@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _early(time_machine):
    time_machine.move_to(START - timedelta(days=4), tick=False)


def event_at(start=START, **details):
    return make_event(start=start, zone="America/New_York", **details)


def coming(event, **details) -> Rsvp:
    party = make_rsvp(event, **{"email": READER, **details}, confirmed=True)
    deliver_mail()
    return party


def at(time_machine, moment) -> list:
    time_machine.move_to(moment, tick=False)
    return deliver_mail()


def path_of(mail) -> str:
    """Where the mail program's button goes."""
    address = mail.extra_headers["List-Unsubscribe"]
    assert address[0] + address[-1] == "<>"
    return address[1:-1].removeprefix(links.site_url(""))


def test_a_reminder_carries_the_headers_of_one_click(time_machine):
    party = coming(event_at())
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    assert path_of(mail) == f"/unsubscribe/{party.mail_token}/"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert links.site_url(path_of(mail)) in mail.body
    assert links.site_url(path_of(mail)) in mail.alternatives[0][0]


def test_answers_and_changes_carry_none(time_machine):
    make_rsvp(event_at(), email=READER)
    (confirmation,) = deliver_mail()
    cancelled = coming(event_at(), email="other@example.org")
    rsvps.cancel(cancelled.pk, at=START - timedelta(days=4))
    (you_cancelled,) = deliver_mail()
    for mail in (confirmation, you_cancelled):
        assert "List-Unsubscribe" not in mail.extra_headers
        assert "/unsubscribe/" not in mail.body


@pytest.mark.parametrize("language", ["en", "es"])
def test_one_click_stops_the_reminders_and_keeps_the_rsvp(language, time_machine):
    event = event_at()
    party = coming(event, language=language)
    coming(event_at(start=START + timedelta(days=7), title="Another one"))
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    # No cookie, no token against forged forms: nothing but what RFC 8058 sends.
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(path_of(mail), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code in (200, 302)
    assert not browser.cookies
    party.refresh_from_db()
    assert party.reminders_stopped_at == DAY_BEFORE_AT
    assert (party.cancelled_at, party.confirmed_at is None) == (None, False)
    assert at(time_machine, SAME_DAY_AT) == []
    (of_the_other,) = at(time_machine, DAY_BEFORE_AT + timedelta(days=7))
    assert "Another one" in of_the_other.subject
    entry = AuditEntry.objects.get(action="stop_reminders")
    assert (entry.object_id, entry.actor) == (event.pk, None)


def test_looking_stops_nothing(time_machine):
    """Whatever scans mail opens its links."""
    party = coming(event_at())
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    for ask in (Client().get, Client().head):
        answer = ask(path_of(mail))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
    party.refresh_from_db()
    assert party.reminders_stopped_at is None
    assert len(at(time_machine, SAME_DAY_AT)) == 1


def test_a_person_presses_the_button_and_takes_it_back(client, time_machine):
    party = coming(event_at())
    path = f"/unsubscribe/{party.mail_token}/"
    assert "Stop the reminders?" in client.get(path).content.decode()
    page = client.post(path, follow=True).content.decode()
    assert "No more reminders" in page
    assert party.event.title in page
    assert "Stop the reminders?" in client.post(path, {"act": "resume"}, follow=True).content.decode()
    assert len(at(time_machine, DAY_BEFORE_AT)) == 1


def test_twice_is_once(client):
    party = coming(event_at())
    for _time in range(2):
        client.post(f"/unsubscribe/{party.mail_token}/")
    assert AuditEntry.objects.filter(action="stop_reminders").count() == 1


def test_of_several_events_in_one_mail_all_are_stopped(time_machine):
    parties = [coming(event_at(title=title)) for title in ("March", "Forum")]
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    page = Client().get(path_of(mail)).content.decode()
    assert "March" in page
    assert "Forum" in page
    Client().post(path_of(mail), ONE_CLICK)
    assert [Rsvp.objects.get(pk=party.pk).reminders_stopped_at for party in parties] == [DAY_BEFORE_AT] * 2
    assert at(time_machine, SAME_DAY_AT) == []


def test_one_that_is_stopped_goes_along_with_no_other(time_machine):
    stopped, going = (coming(event_at(title=title)) for title in ("March", "Forum"))
    stop_reminders([stopped.pk], at=START - timedelta(days=3))
    (mail,) = at(time_machine, DAY_BEFORE_AT)
    assert mail.subject == "Tomorrow: Forum"
    assert path_of(mail) == f"/unsubscribe/{going.mail_token}/"


def test_stopped_between_planning_and_sending(time_machine):
    party = coming(event_at())
    time_machine.move_to(DAY_BEFORE_AT, tick=False)
    batches = ticking.tick(DAY_BEFORE_AT)
    assert sum(map(len, batches)) == 1
    stop_reminders([party.pk], at=DAY_BEFORE_AT)
    for batch in batches:
        delivery.deliver(batch)
    reminder = Message.objects.get(kind__startswith="events.reminder_")
    assert (reminder.state, reminder.reason) == (Message.State.SKIPPED, "unsubscribed")


def test_a_change_is_told_all_the_same(time_machine):
    event = event_at()
    party = coming(event)
    stop_reminders([party.pk], at=START - timedelta(days=4))
    event_actions.cancel_event(event, by=None, at=START - timedelta(days=4))
    (mail,) = deliver_mail()
    assert mail.to == [READER]


def test_on_one_s_own_page(client, time_machine):
    party = coming(event_at())
    path = f"/rsvp/{party.mail_token}/"
    assert "We will remind you by mail." in client.get(path).content.decode()
    page = client.post(path, {"act": "reminders", "stop": "1"}, follow=True).content.decode()
    assert "You wanted no reminders." in page
    assert at(time_machine, DAY_BEFORE_AT) == []
    page = client.post(path, {"act": "reminders"}, follow=True).content.decode()
    assert "You wanted no reminders." not in page
    assert len(at(time_machine, SAME_DAY_AT)) == 1


def test_a_link_that_became_part_of_another_one_stops_that(client, time_machine):
    event = event_at()
    first = coming(event)
    second = make_rsvp(event, email=READER)
    token = second.mail_token
    time_machine.shift(60)
    make_rsvp(event, email=READER, confirmed=True)
    client.post(f"/unsubscribe/{token}/", ONE_CLICK)
    assert Rsvp.objects.get(pk=first.pk).reminders_stopped_at is not None


def test_the_browser_s_link_stops_nothing(client):
    """Typing somebody's address gives no say over their mail."""
    party = coming(event_at())
    assert client.post(f"/unsubscribe/{party.token}/").status_code == 410
    assert not Rsvp.objects.exclude(reminders_stopped_at=None).exists()


@pytest.mark.parametrize("token", ["none", "none.none", "a" * 500, "%00"])
def test_a_link_that_stops_nothing_says_so(client, token):
    for ask in (client.get, client.post):
        answer = ask(f"/unsubscribe/{token}/")
        assert answer.status_code == 410
        assert "Nothing left to stop" in answer.content.decode()


def test_an_event_off_the_site_is_not_named(client):
    event = event_at(title="Canary")
    party = coming(event)
    event_actions.unpublish_event(event, by=None, at=START - timedelta(days=3))
    assert "Canary" not in client.get(f"/unsubscribe/{party.mail_token}/").content.decode()
    client.post(f"/unsubscribe/{party.mail_token}/", ONE_CLICK)
    assert Rsvp.objects.get().reminders_stopped_at is not None


def test_whoever_has_left_the_committee_is_not_told_of_its_events(client):
    """The link outlives the membership, and the title may have been changed since."""
    committee = make_committee(visibility="hidden")
    member = make_member(committee, make_user(READER))
    party = coming(event_at(title="Canary", committee=committee, visibility="members"))
    assert "Canary" in client.get(f"/unsubscribe/{party.mail_token}/").content.decode()
    member.delete()
    assert "Canary" not in client.get(f"/unsubscribe/{party.mail_token}/").content.decode()
    client.post(f"/unsubscribe/{party.mail_token}/", ONE_CLICK)
    assert Rsvp.objects.get().reminders_stopped_at is not None
