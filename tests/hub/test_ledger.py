"""The ledger: what became of mail and why, holding all of it, trying again, letting go."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import formats, timezone

from events.actions import rsvps
from hub import delivery, ledger, mail, ticking
from hub.management.commands.doctor import check_worker
from hub.models import AuditEntry, DailyCount, MailHold, Message
from hub.personal import purge_all
from tests.campaigns.signing import make_appeal, make_signature
from tests.factories import deliver_mail, make_committee, make_day, make_event, make_rsvp

pytestmark = pytest.mark.django_db

State = Message.State
START = datetime(2026, 7, 4, 21, tzinfo=UTC)
NOW = START - timedelta(days=10)
READER = "reader@example.org"
PAGE = "/admin/mail/"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def mails(
    number: int, state: str = State.FAILED, *, topic=None, kind="events.coming", reason="SMTP 550 no"
) -> None:
    """Rows as delivery leaves them, of mailboxes of their own."""
    for _ in range(number):
        party = make_rsvp(topic or make_event(start=START), confirmed=False)
        Message.objects.filter(about_id=party.pk).delete()
        draft = mail.draft(
            kind, mailbox_id=party.mailbox_id, about_id=party.pk, topic_id=party.event_id, at=NOW
        )
        draft.state, draft.reason, draft.attempts = state, reason, 1
        draft.save()


def line_of(topic, kind: str = "events.coming") -> ledger.Line:
    (entry,) = ledger.entries([topic.pk])
    return next(line for line in entry.lines if line.kind == kind)


# --- What it says ------------------------------------------------------------------------------
def test_it_counts_by_thing_kind_and_outcome_with_the_reasons():
    event = make_event(start=START, title="Rally")
    mails(2, topic=event)
    mails(1, topic=event, reason="SMTP 554 spam")
    mails(3, State.SENT, topic=event, reason="")
    mails(1, State.WAITING, topic=event, reason="")
    mails(2, State.WAITING, topic=event, reason="SMTP 451 later")
    mails(1, State.SKIPPED, topic=event, reason="cancelled since")
    mails(1, State.UNCERTAIN, topic=event, reason="uncertain")
    mails(5, topic=make_event())
    line = line_of(event)
    assert line.planned == 11
    assert dict(line.by_state) == {"failed": 3, "sent": 3, "waiting": 3, "skipped": 1, "uncertain": 1}
    assert (line.waiting, line.failing, line.in_trouble) == (1, 2, 6)
    assert sorted(line.because) == [
        ("failed", "SMTP 550 no", 2),
        ("failed", "SMTP 554 spam", 1),
        ("skipped", "cancelled since", 1),
        ("uncertain", "uncertain", 1),
        ("waiting", "SMTP 451 later", 2),
    ]


def test_what_waits_says_until_when(admin):
    event = make_event(start=START, title="Rally")
    mails(2, State.WAITING, topic=event, reason="")
    later = timezone.now() + timedelta(days=3)
    Message.objects.update(due_at=later)
    assert (line_of(event).waiting, line_of(event).until) == (2, later)
    page = admin.get(PAGE).content.decode()
    assert f"2 (from {formats.date_format(later, 'SHORT_DATETIME_FORMAT')} UTC)" in page


def test_a_skipped_reminder_says_why(time_machine):
    party = make_rsvp(make_event(start=START, zone="America/New_York"), email=READER, confirmed=True)
    deliver_mail()
    at = START - timedelta(days=1, hours=2)
    time_machine.move_to(at, tick=False)
    batches = ticking.tick(at)
    rsvps.cancel(party.pk, at=at)
    for batch in batches:
        delivery.deliver(batch)
    line = line_of(party.event, "events.reminder_day_before")
    assert line.because == [("skipped", "cancelled since", 1)]


def test_things_are_named_by_their_titles(admin):
    event, day, committee = make_event(title="A rally"), make_day(), make_committee(name="Harbor workers")
    appeal = make_appeal()
    for thing in (event, day, committee, appeal):
        mail.put([mail.draft("events.coming", mailbox_id=None, about_id=thing.pk, topic_id=thing.pk, at=NOW)])
    titles = {
        entry.topic: entry.title for entry in ledger.entries([event.pk, day.pk, committee.pk, appeal.pk])
    }
    assert titles[event.pk] == "A rally"
    assert titles[committee.pk] == "Harbor workers"
    assert titles[appeal.pk] == "Call for a labor party"
    assert titles[day.pk]
    assert "A rally" in admin.get(PAGE).content.decode()


def test_no_address_and_no_name_stands_on_it(admin):
    make_rsvp(make_event(start=START), email=READER, name="Rosa Parks", confirmed=True)
    make_signature(
        make_appeal(), email="signer@example.org", confirmed=True, shown="name", signed_as="Rosa Parks"
    )
    deliver_mail()
    page = admin.get(PAGE).content.decode()
    assert "hub.confirmation" in page
    for told in (READER, "signer@", "reader", "Rosa"):
        assert told not in page


def test_it_asks_the_same_for_few_and_many(admin):
    counts = []
    for number in (2, 20):
        mails(number)
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(PAGE).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_it_is_paged_and_shows_only_what_is_in_trouble_on_wish(admin):
    mails(26, State.SENT, reason="")
    trouble = make_event(title="In trouble")
    mails(1, topic=trouble)
    first, second = (admin.get(PAGE + query).content.decode() for query in ("", "?page=2"))
    assert first.count("<caption>") - 3 == 25 or first.count("<caption>") == 25
    assert second.count("<caption>") < first.count("<caption>")
    only = admin.get(PAGE + "?show=trouble").content.decode()
    assert only.count("<caption>") == 1
    assert "In trouble" in only
    Message.objects.filter(topic_id=trouble.pk).delete()
    assert "Nothing is failing, failed or uncertain." in admin.get(PAGE + "?show=trouble").content.decode()


# --- Trying again, letting go --------------------------------------------------------------------
def test_an_administrator_tries_again(admin, sink):
    party = make_rsvp(make_event(start=START), email=READER, confirmed=True)
    deliver_mail()
    message = Message.objects.get(kind="hub.confirmation")
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, reason="SMTP 550 no")
    sink.clear()
    answer = admin.post(
        PAGE, {"act": "again", "line": f"{message.topic_id or ''}|hub.confirmation"}, follow=True
    )
    assert "1 mail is tried again." in answer.content.decode()
    assert Message.objects.get(pk=message.pk).state == State.WAITING
    entry = AuditEntry.objects.get(action="retry_mail")
    assert (entry.actor, entry.count, entry.reason) == (admin.user, 1, "hub.confirmation")
    assert party.mailbox_id == message.mailbox_id


@pytest.mark.parametrize("act", ["again", "drop"])
def test_the_log_names_what_it_was_about(admin, act):
    party = make_rsvp(make_event(start=START, title="Rally at the port"), email=READER, confirmed=True)
    Message.objects.filter(kind="hub.confirmation").update(state=State.FAILED, reason="SMTP 451 later")
    about_event = mail.draft(
        "events.coming", mailbox_id=party.mailbox_id, about_id=party.pk, topic_id=party.event_id, at=NOW
    )
    about_event.state, about_event.reason = State.FAILED, "SMTP 451 later"
    mail.put([about_event])
    lines = [f"{party.event_id}|events.coming", "|hub.confirmation"]
    admin.post(PAGE, {"act": act, "line": lines})
    name = {"again": "retry_mail", "drop": "drop_mail"}[act]
    logged = {one.reason: one for one in AuditEntry.objects.filter(action=name)}
    named = logged["events.coming"]
    assert (named.object_kind, named.object_id) == ("events.Event", party.event_id)
    other = logged["hub.confirmation"]
    assert (other.object_kind, other.object_id) == ("hub.Message", Message.objects.get(kind=other.reason).pk)
    assert "Rally at the port" in admin.get("/admin/hub/auditentry/").content.decode()


def test_what_failed_is_sent_under_its_own_message_id(sink):
    event = make_event(start=START)
    make_rsvp(event, email=READER, confirmed=True)
    deliver_mail()
    event_mail = Message.objects.filter(state=State.SENT).latest("made_at")
    (before,) = [one.email["Message-ID"] for one in sink.messages()][-1:]
    Message.objects.filter(pk=event_mail.pk).update(state=State.UNCERTAIN, reason="uncertain")
    sink.clear()
    assert ledger.try_again(event_mail.topic_id, event_mail.kind, by=None, at=NOW) == 1
    deliver_mail()
    assert [one.email["Message-ID"] for one in sink.messages()] == [before]


def test_what_went_along_with_another_is_tried_again_too():
    mine, other = make_event(start=START), make_event(start=START)
    mails(1, topic=mine)
    mails(1, topic=other)
    first, second = (Message.objects.get(topic_id=event.pk) for event in (mine, other))
    Message.objects.update(mailbox=make_rsvp(make_event(start=START), email=READER).mailbox)
    Message.objects.filter(pk=second.pk).update(sent_with=first)
    assert line_of(other).in_trouble == 1
    assert ledger.try_again(other.pk, "events.coming", by=None, at=NOW) == 1
    second.refresh_from_db()
    assert (second.state, second.sent_with) == (State.WAITING, None)
    assert line_of(mine).in_trouble == 1


def test_several_lines_are_let_go_at_once(admin):
    first, second = make_event(), make_event()
    mails(2, topic=first)
    mails(1, State.WAITING, topic=second, reason="SMTP 451 later")
    mails(1, State.SENT, topic=second, reason="")
    lines = [f"{first.pk}|events.coming", f"{second.pk}|events.coming"]
    page = admin.post(PAGE, {"act": "drop", "line": lines, "show": "trouble"}, follow=True)
    assert "3 mails are not sent any more." in page.content.decode()
    states = Message.objects.filter(kind="events.coming").values_list("state", "reason")
    assert sorted(states) == [("sent", "")] + [("skipped", "dropped by an operator")] * 3


def test_what_has_lost_its_person_is_not_tried_again():
    event = make_event()
    mails(1, topic=event)
    Message.objects.filter(topic_id=event.pk).update(mailbox=None)
    assert ledger.try_again(event.pk, "events.coming", by=None, at=NOW) == 0


@pytest.mark.parametrize("line", ["", "nothing", "x|events.coming", "|no.kind", "|events.coming|x"])
def test_lines_that_are_none_change_nothing(admin, line):
    mails(1)
    page = admin.post(PAGE, {"act": "again", "line": line}, follow=True).content.decode()
    assert "Nothing was changed." in page
    assert Message.objects.filter(state=State.FAILED).count() == 1


# --- Holding -----------------------------------------------------------------------------------
def test_held_nothing_leaves_and_released_all_of_it_does(admin, sink):
    admin.post(PAGE, {"act": "hold", "reason": "the relay is being moved"})
    make_rsvp(make_event(start=START), email=READER)
    deliver_mail()
    assert sink.messages() == []
    page = admin.get(PAGE).content.decode()
    assert "the relay is being moved" in page
    for other in ("/admin/", "/dev/mail/"):
        assert "All mail is held." in admin.get(other).content.decode()
    assert any("Mail is held" in line for line in check_worker())
    admin.post(PAGE, {"act": "release"})
    for other in ("/admin/", "/dev/mail/"):
        assert "All mail is held." not in admin.get(other).content.decode()
    deliver_mail()
    assert [one.recipients for one in sink.messages()] == [[READER]]
    acts = AuditEntry.objects.filter(action__endswith="_mail").order_by("at", "action")
    assert [(entry.action, entry.actor) for entry in acts] == [
        ("hold_mail", admin.user),
        ("release_mail", admin.user),
    ]


def test_a_batch_that_was_handed_out_is_given_back():
    make_rsvp(make_event(start=START), email=READER)
    (batch,) = ticking.tick(NOW)
    ledger.hold(reason="now", by=None, at=NOW)
    from_the_worker = Message.objects.filter(pk__in=batch)
    assert {message.state for message in from_the_worker} == {State.CLAIMED}
    delivery.deliver(batch)
    assert {message.state for message in from_the_worker.all()} == {State.WAITING}


def test_held_twice_the_first_reason_stands_and_released_twice_nothing_happens():
    ledger.hold(reason="first", by=None, at=NOW)
    ledger.hold(reason="second", by=None, at=NOW)
    assert MailHold.objects.get().reason == "first"
    assert [ledger.release(by=None, at=NOW) for _time in range(2)] == [True, False]


def test_without_a_reason_nothing_is_held(admin):
    page = admin.post(PAGE, {"act": "hold", "reason": " "}, follow=True).content.decode()
    assert "Write why mail is held." in page
    assert ledger.held() is None


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("mail", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_holds_and_releases():
    assert said("status") == "Mail leaves as it falls due.\n"
    assert said("hold", "--reason", "a backup is restored") == (
        "Mail is held since 2026-06-24 21:00 UTC: a backup is restored\n"
    )
    assert said("release") == "Mail leaves as it falls due.\n"
    with pytest.raises(CommandError, match="Say why"):
        call_command("mail", "hold")


# --- By day --------------------------------------------------------------------------------------
def test_days_are_counted_once_they_are_over_and_outlive_the_outbox(admin, time_machine):
    mails(3, State.SENT, reason="")
    mails(1)
    purge_all(NOW)
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    purge_all(NOW + timedelta(days=1))
    Message.objects.all().delete()
    time_machine.move_to(NOW + timedelta(days=2), tick=False)
    purge_all(NOW + timedelta(days=2))
    days = ledger.last_days("mail-sent", 14, (NOW + timedelta(days=2)).date())
    assert len(days) == 14
    assert [number for _day, number in days][-2:] == [3, 0]
    assert DailyCount.objects.filter(what="mail-failed", number=1).count() == 1
    page = admin.get(PAGE).content.decode()
    svg = page[page.index('<svg class="chart"') :].partition("</svg>")[0] + "</svg>"
    assert len(ElementTree.fromstring(svg).findall(".//rect")) == 14
