"""What comes back of mail: whose row it ends, whom it spares, and what it never does."""

import base64
import json
import mailbox
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from events.actions import events as event_actions
from events.actions import rsvps
from hub import accounts, bounces, ledger, mail, returned
from hub.bounces import Report
from hub.models import Block, Mailbox, Message, Suppression, address_digest
from hub.personal import export_all, purge_all
from hub.returned import Other
from tests import races
from tests.factories import deliver_mail, event_details, make_event, make_rsvp, make_user, press_button
from tests.hub import bounced
from tests.hub.bounced import ADDRESS, complaint, exim, qmail, refusal

pytestmark = pytest.mark.django_db

State = Message.State
START = datetime(2026, 7, 4, 18, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def party():
    made = make_rsvp(make_event(start=START, zone="America/New_York"), email=ADDRESS, confirmed=True)
    deliver_mail()
    return made


@pytest.fixture
def sent(party):
    """A mail that went out: a change of the event."""
    event_actions.edit_event(
        party.event, event_details(start=START + timedelta(hours=1)), by=None, at=datetime.now(UTC)
    )
    went_out = {one.extra_headers["Message-ID"]: one for one in deliver_mail()}
    return went_out[mail.message_id(row())]


def row() -> Message:
    return Message.objects.get(kind="events.changed")


@pytest.fixture
def bounces_of(tmp_path, capsys):
    """Run the command over a file of these messages; gives what it says."""

    def run(*messages: bytes) -> str:
        path = tmp_path / "mbox"
        path.unlink(missing_ok=True)
        box = mailbox.mbox(path)
        for one in messages:
            box.add(one)
        box.close()
        call_command("bounces", str(path))
        said = capsys.readouterr()
        assert not said.err
        assert "@" not in said.out
        return said.out

    return run


def test_a_refusal_ends_the_row_and_spares_the_mailbox(sent, party, bounces_of):
    assert bounces_of(refusal(sent)) == "Read 1: noted 1 refusals and 0 complaints.\n"
    assert row().state == State.FAILED
    assert row().reason == "bounced: 5.1.1 …: Recipient address rejected: User unknown"
    assert row().state_at == NOW  # its person goes 48 hours after it was sent
    suppression = Suppression.objects.get()
    assert bytes(suppression.address_digest) == address_digest(ADDRESS)
    assert suppression.since == NOW
    assert not Block.objects.exists()


def test_it_is_spared_as_after_a_relay_s_own_refusal(sent, party, bounces_of, time_machine):
    bounces_of(refusal(sent))
    event_actions.edit_event(party.event, event_details(start=START), by=None, at=NOW)
    deliver_mail()
    again = Message.objects.filter(kind="events.changed").order_by("made_at", "state").get(state="skipped")
    assert again.reason == "its mailbox takes no mail"
    purge_all(NOW + timedelta(days=90, seconds=1))
    assert not Suppression.objects.exists()


def test_whoever_has_proven_the_mailbox_since_the_mail_went_out_is_not_spared(sent, bounces_of, time_machine):
    """Such a file may be read days later."""
    time_machine.shift(timedelta(hours=2))
    press_button(make_rsvp(make_event(start=START), email=ADDRESS))
    bounces_of(refusal(sent))
    assert row().state == State.FAILED
    assert not Suppression.objects.exists()


def test_an_account_s_own_address_is_spared_as_well(bounces_of):
    user = make_user(ADDRESS)
    accounts.mail_notice("password_changed", ADDRESS, language="en", at=NOW)
    (notice,) = deliver_mail()
    assert "noted 1 refusals" in bounces_of(refusal(notice))
    assert export_all(user)["mail_refused"] is True
    assert bounces_of(refusal(notice)).startswith("Read 1: noted 0")


def test_the_ledger_shows_it(sent, party, bounces_of):
    bounces_of(refusal(sent))
    (line,) = [one for one in ledger.entries([party.event.pk])[0].lines if one.kind == "events.changed"]
    assert line.because == [("failed", "bounced: 5.1.1 …: Recipient address rejected: User unknown", 1)]
    assert line.in_trouble == 1


@pytest.mark.parametrize(
    "message",
    [
        lambda sent: refusal(sent, returned="message/rfc822"),
        lambda sent: refusal(sent).replace(b"\n", b"\r\n"),
        lambda sent: refusal(sent, status="5.0.0", said="smtp; 550 5.1.1 no such user"),
        lambda sent: refusal(sent, status="5.0.0", said="smtp; 550 no such user"),
        exim,
        lambda sent: exim(sent, said="550 no such user"),
        qmail,
    ],
)
def test_shapes_of_a_refusal(sent, bounces_of, message):
    assert "noted 1 refusals" in bounces_of(message(sent))
    assert row().state == State.FAILED
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize(
    "message",
    [
        lambda sent: refusal(sent, action="delayed", status="4.4.1", said="smtp; 451 later"),
        lambda sent: refusal(sent, action="delayed"),
        lambda sent: refusal(sent, action="failed", status="4.4.7", said="delivery time expired"),
        lambda sent: refusal(sent, action="delivered", status="2.0.0", said="smtp; 250 OK"),
        lambda sent: refusal(sent, action="relayed", status="2.0.0", said="smtp; 250 OK"),
        lambda sent: refusal(sent, action="expanded", status="2.0.0", said="smtp; 250 OK"),
        lambda sent: refusal(
            sent, recipients="Action: failed\nStatus: 5.1.1\n\nAction: relayed\nStatus: 2.0.0\n"
        ),
        lambda sent: exim(sent, said="451 4.7.1 Greylisted"),
        lambda sent: exim(sent, said="retry timeout exceeded"),
        lambda sent: complaint(sent, kind="not-spam"),
        lambda sent: complaint(sent, kind="auth-failure"),
    ],
)
def test_what_is_late_or_has_arrived_changes_nothing(sent, bounces_of, message):
    assert bounces_of(message(sent)).splitlines() == [
        "Read 1: noted 0 refusals and 0 complaints.",
        "1 only say that a mail is late or has arrived.",
    ]
    assert row().state == State.SENT
    assert not Suppression.objects.exists()
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    ("status", "said"), [("5.7.1", "smtp; 550 5.7.1 spam"), ("5.3.4", "smtp; 552 5.3.4 too big")]
)
def test_a_refusal_that_is_about_us_ends_the_row_only(sent, bounces_of, status, said):
    bounces_of(refusal(sent, status=status, said=said))
    assert row().state == State.FAILED
    assert row().reason.startswith(f"bounced: {status}")
    assert not Suppression.objects.exists()


def test_a_complaint_stops_reminders_and_news(sent, party, bounces_of, time_machine):
    assert bounces_of(complaint(sent)) == "Read 1: noted 0 refusals and 1 complaints.\n"
    assert bytes(Block.objects.get().address_digest) == address_digest(ADDRESS)
    assert (row().state, row().reason) == (State.SENT, "its reader reported it as spam")
    assert not Suppression.objects.exists()
    time_machine.move_to(datetime(2026, 7, 3, 19, tzinfo=UTC), tick=False)
    assert deliver_mail() == []
    reminder = Message.objects.get(kind="events.reminder_day_before")
    assert (reminder.state, reminder.reason) == (State.SKIPPED, "asked not to be written to")


def test_the_same_file_again_changes_nothing_more(sent, party, bounces_of):
    """Not even when its owner has proven the mailbox meanwhile."""
    messages = [refusal(sent), complaint(sent), refusal(sent)]
    assert "noted 1 refusals and 0 complaints.\n2 are about no mail of this hub" in bounces_of(*messages)
    assert Suppression.objects.count() == 1
    press_button(make_rsvp(make_event(start=START), email=ADDRESS))
    assert not Suppression.objects.exists()
    everything = Message.objects.order_by("pk").values()
    before = list(everything.all())
    assert bounces_of(*messages).splitlines() == [
        "Read 3: noted 0 refusals and 0 complaints.",
        "3 are about no mail of this hub, or are noted already.",
    ]
    assert list(everything.all()) == before
    assert not Suppression.objects.exists()
    assert not Block.objects.exists()


def test_a_complaint_read_again_doesn_t_block_whoever_has_confirmed_since(sent, bounces_of):
    bounces_of(complaint(sent))
    press_button(make_rsvp(make_event(start=START), email=ADDRESS))
    assert not Block.objects.exists()
    assert "noted 0" in bounces_of(complaint(sent))
    assert not Block.objects.exists()


def test_an_uncertain_mail_that_comes_back_was_sent(sent, bounces_of):
    Message.objects.update(state=State.UNCERTAIN)
    bounces_of(refusal(sent))
    assert row().state == State.FAILED


@pytest.mark.parametrize("state", [State.WAITING, State.CLAIMED, State.SENDING, State.SKIPPED])
def test_what_is_in_hand_or_was_not_sent_is_left_alone(sent, bounces_of, state):
    Message.objects.update(state=state)
    assert "noted 0" in bounces_of(refusal(sent), complaint(sent))
    assert row().state == state
    assert not Suppression.objects.exists()
    assert not Block.objects.exists()


def test_all_that_one_mail_spoke_for_is_ended(sent, bounces_of):
    other = Message.objects.exclude(pk=row().pk).first()
    Message.objects.filter(pk=other.pk).update(sent_with=row(), state=State.SENT)
    bounces_of(refusal(sent))
    other.refresh_from_db()
    assert (other.state, other.reason) == (State.FAILED, row().reason)


# --- Forged and foreign ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "message_id",
    [
        "<2345672345672345672345672345672a@localhost>",  # of the right shape, and nobody's
        "<{local}@other.example>",
        "<{local}x@localhost>",
        "<{half}@localhost>",
        "{local}",
        "<>",
        "<a b@localhost>",
        "",
    ],
)
def test_what_names_no_mail_of_ours_does_nothing(sent, bounces_of, message_id):
    local = sent.extra_headers["Message-ID"].strip("<>").partition("@")[0]
    line = f"Message-ID: {message_id.format(local=local, half=local[:16])}\nSubject: x\n"
    assert "noted 0" in bounces_of(refusal(sent, quoted=line))
    assert row().state == State.SENT
    assert not Suppression.objects.exists()


def test_a_report_about_one_s_own_mail_reaches_nobody_else(sent, bounces_of):
    """Whoever got a mail knows its Message-ID, and may write any address into a report."""
    bounces_of(refusal(sent, address="victim@example.org"), complaint(sent, address="victim@example.org"))
    assert [bytes(one.address_digest) for one in Suppression.objects.all()] == [address_digest(ADDRESS)]
    assert not Block.objects.exists()


def test_whoever_knows_what_a_row_is_made_of_can_t_name_its_mail(sent, bounces_of):
    """Coordinators have the ids of their members and announcements in the addresses of their pages, and a
    row's key is a plain hash of such ids."""
    known = base64.b32encode(bytes(row().key)[:20]).decode().lower()
    half = base64.b32decode(sent.extra_headers["Message-ID"][1:33].upper())[:10]
    made_up = base64.b32encode(half + b"\0" * 10).decode().lower()
    for local in (known, made_up):
        line = f"Message-ID: <{local}@localhost>\nSubject: x\n"
        assert "noted 0" in bounces_of(refusal(sent, quoted=line))
    assert row().state == State.SENT
    assert not Suppression.objects.exists()


def test_a_message_id_in_capitals_is_the_same(sent, bounces_of):
    line = f"Message-ID: {sent.extra_headers['Message-ID'].upper()}\nSubject: x\n"
    assert "noted 1 refusals" in bounces_of(refusal(sent, quoted=line))


def test_a_person_who_quotes_our_mail_reports_nothing(sent, bounces_of):
    words = f"From: rosa@example.org\nSubject: Fwd\n\n5.1.1 550\n\n{bounced.headers(sent)}\n".encode()
    assert "1 report nothing." in bounces_of(words)
    assert row().state == State.SENT


# --- When the outbox has forgotten to whom -----------------------------------------------------------
@pytest.fixture
def forgotten(sent, time_machine):
    """The row's person is gone, 48 hours after it was sent."""
    later = NOW + timedelta(hours=49)
    time_machine.move_to(later, tick=False)
    purge_all(later)
    assert row().mailbox is None
    return sent


def test_later_the_report_s_own_address_counts_if_the_mail_went_there(forgotten, bounces_of):
    bounces_of(refusal(forgotten))
    assert row().state == State.FAILED
    assert bytes(Suppression.objects.get().address_digest) == address_digest(ADDRESS)


def test_later_a_complaint_counts_too(forgotten, bounces_of):
    bounces_of(complaint(forgotten))
    assert bytes(Block.objects.get().address_digest) == address_digest(ADDRESS)


@pytest.mark.parametrize("report", [refusal, complaint])
def test_later_another_address_does_not_count(forgotten, bounces_of, report):
    """Or anybody could silence anybody, with a mail of their own."""
    bounces_of(report(forgotten, address="victim@example.org"))
    assert not Suppression.objects.exists()
    assert not Block.objects.exists()


def test_later_a_report_without_the_mail_s_own_proof_ends_the_row_only(forgotten, bounces_of):
    line = f"Message-ID: {forgotten.extra_headers['Message-ID']}\n"
    bounces_of(refusal(forgotten, quoted=line))
    assert row().state == State.FAILED
    assert not Suppression.objects.exists()


def test_the_proof_of_one_mail_proves_nothing_of_another(forgotten):
    other = mail.bounce_proof(b"k" * 32, address_digest(ADDRESS))
    assert other not in forgotten.message().as_string()
    report = Report(forgotten.extra_headers["Message-ID"], status="5.1.1", address=ADDRESS, proof=other)
    assert bounces.record(report, at=datetime.now(UTC))
    assert not Suppression.objects.exists()


def test_whoever_was_erased_leaves_no_mark(sent, party, bounces_of):
    rsvps.erase(party.pk, never_write=False, at=NOW)
    assert row().mailbox is None
    bounces_of(refusal(sent), complaint(sent))
    assert not Suppression.objects.exists()
    assert not Block.objects.exists()
    assert not Mailbox.objects.filter(address_digest=address_digest(ADDRESS)).exists()


# --- What is kept of the words ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "smtp; 550-5.1.1 The account rosa.parks@example.org (192.0.2.9) is gone, see mx.example.org/help",
            "bounced: 5.1.1 The account … (…) is gone, see …/help",
        ),
        ("smtp; 550 5.1.1 User rosa.parks unknown", "bounced: 5.1.1 User … unknown"),
        ("smtp; 550 5.1.1 Rosa.Parks... no such user", "bounced: 5.1.1 …... no such user"),
        ("x-unix; no\x00such\x07user", "bounced: 5.1.1 no such user"),
        ("", "bounced: 5.1.1"),
        ("smtp; 550 5.1.1 " + "very " * 50, "bounced: 5.1.1 " + ("very " * 13).strip()),
    ],
)
def test_no_address_person_or_machine_is_kept(sent, said, kept):
    report = returned.read(refusal(sent, said="MARK").replace(b"MARK", said.encode()))
    assert bounces.record(report, at=NOW)
    assert row().reason == kept


@pytest.mark.parametrize("said", ["smtp; 550 5.1.1 " + "a-" * 500_000, "smtp; 550 5.1.1 " + "<" * 1_000_000])
def test_an_endless_answer_takes_no_time(sent, said):
    """Whoever got a mail may report it, in as many words as they like."""
    report = returned.read(refusal(sent, said=said))
    begun = time.process_time()
    assert bounces.record(report, at=NOW)
    assert time.process_time() - begun < 5
    assert row().reason == "bounced: 5.1.1"


def test_an_address_at_the_end_of_what_is_read_is_not_kept_in_half(sent):
    said = f"smtp; 550 5.1.1 <{'x' * 978}> of rosalind@example.org is gone"
    assert bounces.record(returned.read(refusal(sent, said=said)), at=NOW)
    assert row().reason == "bounced: 5.1.1 … of"
    known = json.dumps(list(Message.objects.exclude(pk=None).values("reason", "occasion", "state")))
    assert "rosa" not in known.lower()


# --- The file ----------------------------------------------------------------------------------------
def test_a_maildir_and_a_single_message_are_read_too(sent, party, tmp_path, capsys):
    box = mailbox.Maildir(tmp_path / "box")
    box.add(b"Subject: hello\n\nNot a report.\n")
    box.add(refusal(sent))
    box.close()
    files = sorted(path.name for path in (tmp_path / "box").rglob("*") if path.is_file())
    call_command("bounces", str(tmp_path / "box"))
    assert capsys.readouterr().out.splitlines() == [
        "Read 2: noted 1 refusals and 0 complaints.",
        "1 report nothing.",
    ]
    assert sorted(path.name for path in (tmp_path / "box").rglob("*") if path.is_file()) == files
    single = tmp_path / "one.eml"
    single.write_bytes(complaint(sent))
    Message.objects.filter(pk=row().pk).update(state=State.SENT)
    call_command("bounces", str(single))
    assert capsys.readouterr().out == "Read 1: noted 0 refusals and 1 complaints.\n"


def test_an_empty_mailbox_is_an_empty_mailbox(tmp_path, capsys):
    (tmp_path / "empty").touch()
    call_command("bounces", str(tmp_path / "empty"))
    assert capsys.readouterr().out == "Read 0: noted 0 refusals and 0 complaints.\n"


@pytest.mark.parametrize(
    "make",
    [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0")],
)
def test_what_is_no_mailbox_is_one_sentence(tmp_path, make):
    make(tmp_path / "x")
    with pytest.raises(CommandError) as refused:
        call_command("bounces", str(tmp_path / "x"))
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


BROKEN = [
    b"\xff\xfe\x00: \x00\n\n\xff",
    b"Content-Type: multipart/report; report-type=delivery-status\n\nno boundary",
    b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n\x00\n--x",
    b'Content-Type: multipart/mixed; boundary=""\n\n--\n',
    b"From: mailer-daemon@x\nX-Failed-Recipients: =?utf-8?b?////?=\n\nMessage-ID: <\xff>\n550 5.1.1\n",
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
]


def test_one_broken_message_does_not_stop_the_rest(sent, bounces_of):
    said = bounces_of(*BROKEN, refusal(sent), refusal(sent)[:600])
    assert said.startswith(f"Read {len(BROKEN) + 2}: noted 1 refusals")
    assert row().state == State.FAILED


def test_a_mistake_in_reading_is_a_broken_message(monkeypatch):
    monkeypatch.setattr(returned, "message_from_bytes", lambda raw: 1 / 0)
    assert returned.read(b"x") is Other.BROKEN


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_a_report_that_comes_twice_at_once_is_noted_once(sent):
    report = returned.read(refusal(sent))
    noted = races.at_once([partial(bounces.record, report, at=datetime.now(UTC))] * 6)
    assert sorted(noted) == [False] * 5 + [True]
    assert Suppression.objects.count() == 1
