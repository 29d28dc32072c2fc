"""What a host asks for by the event's link: a code first, then ten minutes, then it is done once."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from events.actions import events as event_actions
from events.actions import host_changes
from events.actions.events import EventRefused
from events.models import EventChange, HostChange
from events.when import start_text
from hub import actions
from hub.links import token_hash
from hub.models import Confirmation, Message
from hub.personal import purge_all
from tests import races
from tests.cast import logged_in
from tests.events.hosting import in_state, of_the_coordinator
from tests.factories import (
    deliver_mail,
    links_in,
    make_committee,
    make_event,
    make_member,
    make_moderator,
    make_rsvp,
    make_thread,
    make_user,
    posted_form,
)

pytestmark = pytest.mark.django_db
TEN = host_changes.STOP_WITHIN
Act = HostChange.Act


@pytest.fixture
def clock(time_machine):
    """Noon where the event is, so that nobody's quiet hours hold mail back."""
    time_machine.move_to("2030-05-02T19:00:00Z", tick=False)
    return time_machine


def hosted_event(**details):
    event = make_event(title="Picket at the gate", start=timezone.now() + timedelta(days=9), **details)
    event.host = actions.mailbox_for("host@example.org", at=timezone.now())
    event.save(update_fields=["host"])
    return event


def asked(event, act=Act.CANCEL):
    return host_changes.ask_change(event, act, by=None, at=timezone.now())


def confirmed(event, act=Act.CANCEL):
    change = asked(event, act)
    return host_changes.confirm_change(change.pk, timezone.now())


def to(mails):
    return sorted(address for mail in mails for address in mail.to)


def test_the_code_goes_to_the_host_and_nothing_happens_without_it(clock):
    event = hosted_event()
    make_rsvp(event, confirmed=True)
    deliver_mail()
    asked(event)
    (mail,) = deliver_mail()
    assert mail.to == ["host@example.org"]
    assert "Cancel the event" in mail.body
    clock.shift(timedelta(hours=23))
    deliver_mail()
    event.refresh_from_db()
    assert event.event_status == "scheduled"


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        (Act.CANCEL, "scheduled", "cancelled"),
        (Act.POSTPONE, "scheduled", "postponed"),
        (Act.RESTORE, "cancelled", "scheduled"),
        (Act.CANCEL, "postponed", "cancelled"),
    ],
)
def test_ten_minutes_after_the_code_it_is_done_and_told_once(clock, act, before, after):
    event = hosted_event(event_status=before)
    party = make_rsvp(event, confirmed=True) if before == "scheduled" else None
    change = confirmed(event, act)
    clock.shift(TEN - timedelta(seconds=1))
    deliver_mail()
    event.refresh_from_db()
    assert event.event_status == before
    clock.shift(timedelta(seconds=1))
    mails = deliver_mail()
    event.refresh_from_db()
    change.refresh_from_db()
    assert event.event_status == after
    assert change.done_at
    if party:
        assert to(mails) == [party.mailbox.address]
    assert EventChange.objects.filter(event=event).count() == (1 if before == "scheduled" else 2)
    host_changes.do_due_changes(timezone.now())  # another tick
    assert deliver_mail() == []


def test_what_is_stopped_is_told_to_nobody(clock):
    event = hosted_event()
    make_rsvp(event, confirmed=True)
    change = confirmed(event)
    deliver_mail()
    assert host_changes.stop_change(change.pk, by=None, at=timezone.now())
    clock.shift(TEN)
    assert deliver_mail() == []
    event.refresh_from_db()
    assert event.event_status == "scheduled"
    assert not EventChange.objects.exists()


def test_stopping_too_late_says_so(clock):
    event = hosted_event()
    change = confirmed(event)
    clock.shift(TEN)
    deliver_mail()
    assert not host_changes.stop_change(change.pk, by=None, at=timezone.now())
    event.refresh_from_db()
    assert event.event_status == "cancelled"


def test_a_second_wish_takes_the_first_one_s_place(clock):
    event = hosted_event()
    first = confirmed(event, Act.CANCEL)
    confirmed(event, Act.POSTPONE)
    first.refresh_from_db()
    assert first.stopped_at
    clock.shift(TEN)
    deliver_mail()
    event.refresh_from_db()
    assert event.event_status == "postponed"


def test_asking_without_a_code_stops_nothing_that_was_confirmed(clock, visitor):
    event = in_state("approved")
    first = confirmed(event, Act.CANCEL)
    thrown, last = asked(event, Act.POSTPONE), asked(event, Act.POSTPONE)
    first.refresh_from_db()
    thrown.refresh_from_db()
    assert (first.stopped_at, thrown.stopped_at is not None) == (None, True)
    page = visitor.get(f"/host/{event.host_token}/").content.decode()
    assert all(str(one.pk) in page for one in (first, last))  # each can be stopped
    visitor.post(f"/host/{event.host_token}/", {"act": "stop", "change": str(last.pk)})
    assert [one.pk for one in host_changes.waiting_changes(event)] == [first.pk]
    clock.shift(TEN)
    deliver_mail()
    event.refresh_from_db()
    assert event.event_status == "cancelled"


def test_whoever_has_the_link_can_stop_what_was_confirmed(clock, visitor):
    event = in_state("approved")
    confirmed(event)
    visitor.post(f"/host/{event.host_token}/", {"act": "stop"})
    assert host_changes.waiting_changes(event) == []


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_asking_while_another_is_done_locks_in_one_order(_round):
    event = hosted_event()
    change, now = confirmed(event), timezone.now() + TEN
    ask = partial(host_changes.ask_change, event, Act.POSTPONE, by=None, at=now)
    races.at_once([partial(host_changes.do_due_changes, now), partial(races.outcome, ask, EventRefused)] * 2)
    change.refresh_from_db()
    assert change.done_at


def test_coordinators_are_told_and_can_stop_it(clock):
    committee = make_committee()
    coordinator = make_member(committee, role="coordinator")
    make_member(committee)
    deliver_mail()
    event = hosted_event(committee=committee)
    change = confirmed(event)
    mails = [mail for mail in deliver_mail() if mail.to != ["host@example.org"]]
    assert to(mails) == [coordinator.user.email]
    path = f"/events/{event.slug}/changes/"
    assert path in mails[0].body
    client = logged_in(coordinator.user)
    assert "Cancel the event" in client.get(path).content.decode()
    answer = client.post(path, {"change": str(change.pk)})
    assert answer["Location"] == f"{path}?stopped=1"
    change.refresh_from_db()
    assert change.stopped_at
    assert client.post(path, {"change": str(change.pk)})["Location"] == f"{path}?late=1"
    assert client.post(path, {"change": "nonsense"}).status_code == 404


def test_a_change_of_another_event_can_t_be_stopped_there(clock):
    committee = make_committee()
    coordinator = make_member(committee, role="coordinator")
    own, other = hosted_event(committee=committee), hosted_event()
    change = confirmed(other)
    client = logged_in(coordinator.user)
    assert client.post(f"/events/{own.slug}/changes/", {"change": str(change.pk)}).status_code == 404
    change.refresh_from_db()
    assert change.stopped_at is None


def test_who_answers_for_nothing_here_may_not_look(clock):
    event = hosted_event(committee=make_committee())
    elsewhere = make_member(make_committee(), role="coordinator")
    path = f"/events/{event.slug}/changes/"
    assert logged_in(elsewhere.user).get(path).status_code == 403
    assert logged_in(make_user()).get(path).status_code == 403


def test_what_makes_no_sense_is_refused(clock):
    event = hosted_event()
    with pytest.raises(EventRefused):
        asked(event, Act.RESTORE)
    event_actions.cancel_event(event, by=None, at=timezone.now())
    for act in (Act.CANCEL, Act.POSTPONE):
        with pytest.raises(EventRefused):
            asked(event, act)
    clock.shift(timedelta(days=10))
    with pytest.raises(EventRefused):
        asked(event, Act.RESTORE)
    assert not HostChange.objects.exists()


def test_an_event_that_is_over_by_then_stays_as_it_was(clock):
    event = hosted_event()
    change = confirmed(event)
    clock.shift(timedelta(days=10))
    deliver_mail()
    change.refresh_from_db()
    event.refresh_from_db()
    assert (event.event_status, change.done_at) == ("scheduled", None)
    assert change.stopped_at


def test_one_nobody_confirmed_is_forgotten_after_a_day(clock):
    asked(hosted_event())
    clock.shift(timedelta(hours=24))
    purge_all(timezone.now())
    assert not HostChange.objects.exists()


def test_asking_often_writes_once_an_hour(clock):
    event = hosted_event()
    for _ in range(5):
        asked(event)
    assert Confirmation.objects.count() == 1
    assert Message.objects.filter(kind="hub.confirmation").count() == 1


# --- On the host's own page ------------------------------------------------------------------------
def test_a_host_cancels_by_link_code_and_waiting(clock):
    event = in_state("approved")
    party = make_rsvp(event, confirmed=True)
    deliver_mail()
    path, client = f"/host/{event.host_token}/", Client()
    assert client.post(path, {"act": "ask_change", "change": "cancel"}).status_code == 302
    (mail,) = deliver_mail()
    assert mail.to == [event.host.address]
    wrong = client.post(path, {"act": "change_code", "code": "000000"})
    assert wrong.status_code == 422
    code = re.search(r"\b\d{6}\b", mail.body)[0]
    assert client.post(path, {"act": "change_code", "code": code}).status_code == 302
    assert "Stop it" in client.get(path).content.decode()
    deliver_mail()
    clock.shift(TEN)
    assert party.mailbox.address in to(deliver_mail())
    event.refresh_from_db()
    assert event.event_status == "cancelled"
    late = client.post(path, {"act": "stop"})
    assert late.status_code == 422
    assert "That was too late" in late.content.decode()


@pytest.mark.parametrize(
    ("now", "days", "due", "told"),
    [
        ("2030-05-02T19:00:00Z", 9, "Thursday, May 2, 2030, 12:10 PM PDT", ""),
        ("2030-05-03T04:00:00Z", 9, "Thursday, May 2, 2030, 9:10 PM PDT", "Friday, May 3, 2030, 8:00 AM PDT"),
        ("2030-05-03T03:45:00Z", 9, "Thursday, May 2, 2030, 8:55 PM PDT", ""),
        ("2030-05-03T04:00:00Z", 0.5, "Thursday, May 2, 2030, 9:10 PM PDT", ""),  # it starts soon
    ],
    ids=["noon", "night", "evening", "night before"],
)
def test_when_it_is_done_and_told_stands_there_in_the_event_s_zone(time_machine, now, days, due, told):
    """What the pages say is when the mail is sent."""
    time_machine.move_to(now, tick=False)
    event = make_event(start=timezone.now() + timedelta(days=days), committee=make_committee())
    event.host = actions.mailbox_for("host@example.org", at=timezone.now())
    event.host_link_hash = token_hash(event.host_token)
    event.save(update_fields=["host", "host_link_hash"])
    make_rsvp(event, confirmed=True)
    change = confirmed(event)
    coordinator = logged_in(make_member(event.committee, role="coordinator").user)
    for page in (
        Client().get(f"/host/{event.host_token}/"),
        coordinator.get(f"/events/{event.slug}/edit/"),
        coordinator.get(f"/events/{event.slug}/changes/"),
    ):
        text = page.content.decode()
        assert f"it is done on {due}." in text.replace("It is done", "it is done")
        sentence = f"is told on {told}." if told else "has confirmed an e-mail is told then."
        assert sentence in text
        assert "UTC" not in text.split("<main")[1].split('id="edit_zone"')[0]
    host_changes.do_due_changes(change.due_at)
    (message,) = Message.objects.filter(kind="events.changed")
    assert start_text(message.due_at, event.zone, "en") == (told or due)


def test_before_asking_the_page_says_who_is_told_and_when(clock):
    event = in_state("approved")
    page = Client().get(f"/host/{event.host_token}/").content.decode()
    sentence = "Everybody who is coming and has confirmed an e-mail is told. At night, from 9 PM to 8 AM"
    assert page.count(sentence) == 2  # changing it, and calling it off
    Client().post(f"/host/{event.host_token}/", {"act": "ask_change", "change": "cancel"})
    assert any(sentence in " ".join(mail.body.split()) for mail in deliver_mail())


def test_the_button_of_the_mail_confirms_it_too(clock):
    event = in_state("approved")
    deliver_mail()
    Client().post(f"/host/{event.host_token}/", {"act": "ask_change", "change": "postpone"})
    (mail,) = deliver_mail()
    button = next(link for link in links_in(mail) if "/confirm/" in link)
    path = button[button.index("/confirm/") :]
    page = Client().get(path).content.decode()
    assert "Postpone the event" in page
    change = HostChange.objects.get()
    answer = Client().post(path, {"act": f"{host_changes.ACT_KIND}:{change.pk}"})
    assert answer["Location"] == f"/host/{event.host_token}/"
    change.refresh_from_db()
    assert change.due_at == timezone.now() + TEN


def test_a_coordinator_needs_no_code_and_can_stop_it(clock, coordinator):
    event = of_the_coordinator("published")
    client, path = coordinator, f"/events/{event.slug}/edit/"
    client.post(path, {"act": "ask_change", "change": "cancel"})
    change = HostChange.objects.get()
    assert change.due_at == timezone.now() + TEN
    client.post(path, {"act": "stop"})
    clock.shift(TEN)
    deliver_mail()
    event.refresh_from_db()
    assert event.event_status == "scheduled"


def test_an_update_stands_on_the_page_and_can_be_taken_off(clock):
    event = in_state("approved")
    path, client = f"/host/{event.host_token}/", Client()
    fields = posted_form(act="update", text="We meet at the <b>north</b> gate.")
    for _ in range(2):
        assert client.post(path, fields).status_code == 302
    assert "Thursday, May 2, 2030, 12:00 PM PDT" in client.get(path).content.decode().split('id="updates"')[1]
    page = client.get(f"/events/{event.slug}/").content.decode()
    assert page.count("We meet at the &lt;b&gt;north&lt;/b&gt; gate.") == 1
    assert client.post(path, posted_form(act="update", text="x" * 281)).status_code == 422
    client.post(path, {"act": "remove_update", "update": str(event.updates.get().pk)})
    assert not event.updates.exists()
    assert client.post(path, {"act": "ask_change", "change": "nonsense"}).status_code == 302
    assert not HostChange.objects.exists()


def test_accounts_stop_and_edit_with_their_second_step_only(settings):
    committee = make_committee()
    event, coordinator = hosted_event(committee=committee), make_member(committee, role="coordinator")
    settings.DEMO = False
    for page in ("changes", "edit"):
        path = f"/events/{event.slug}/{page}/"
        assert logged_in(make_user()).get(path).status_code == 403
        for answer in (logged_in(coordinator.user).get(path), logged_in(coordinator.user).post(path)):
            assert (answer.status_code, answer["Location"]) == (302, f"/account/second/app/?next={path}")


@pytest.mark.parametrize("state", [{"status": "draft"}, {"stage": "closed"}], ids=["off", "closed"])
def test_where_nobody_acts_for_the_committee_moderators_are_told_and_answer(clock, state):
    committee, moderator = make_committee(), make_moderator()
    make_member(committee, role="coordinator")
    event = hosted_event(committee=committee)
    type(committee).objects.filter(pk=committee.pk).update(**state)
    deliver_mail()
    confirmed(event)
    assert to(mail for mail in deliver_mail() if mail.to != ["host@example.org"]) == [moderator.email]
    event.host = None
    event.save()
    thread = make_thread(event)
    assert moderator.email in to(deliver_mail())
    assert logged_in(moderator).get(f"/threads/{thread.answerer_token}/").status_code == 200
