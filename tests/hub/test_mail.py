"""The door for mail: kinds and what they are, keys, drafts, and how a row becomes an e-mail."""

import dataclasses
import email
import email.policy
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as hub_settings
from django.core import mail as outgoing

from hub import actions, mail
from hub.mail import Category, Kind, Letter
from hub.models import Message, message_key
from tests.factories import deliver_mail, make_event, make_rsvp

NOW = datetime(2026, 6, 20, 16, tzinfo=UTC)
ANSWER, CHANGE, REMINDER, NEWS = Category.ANSWER, Category.CHANGE, Category.REMINDER, Category.NEWS

# What the domain says of each kind: answers and changes pass a block and are sent again when it is
# uncertain whether they went out; reminders and news are neither.
CATEGORIES = {
    "hub.confirmation": ANSWER,
    "events.coming": ANSWER,
    "events.waiting": ANSWER,
    "hub.code": ANSWER,
    "hub.account_changed": ANSWER,
    "hub.account_exists": ANSWER,
    "hub.account_unknown": ANSWER,
    "hub.review_received": ANSWER,
    "hub.review_published": ANSWER,
    "hub.review_returned": ANSWER,
    "hub.review_rejected": ANSWER,
    "hub.thread_question": ANSWER,
    "hub.thread_answer": ANSWER,
    "committees.new_request": ANSWER,
    "committees.announcement": NEWS,
    "committees.announcement_test": ANSWER,
    "hub.digest": NEWS,
    "campaigns.signed": ANSWER,
    "campaigns.newer": CHANGE,
    "campaigns.line_off": ANSWER,
    "campaigns.contact_taken": ANSWER,
    "campaigns.contact_yours": ANSWER,
    "campaigns.endorsement_newer": ANSWER,
    "campaigns.endorsement_withdrawn": ANSWER,
    "events.planning_meeting": ANSWER,
    "committees.received": ANSWER,
    "committees.approved": ANSWER,
    "committees.declined": ANSWER,
    "committees.expired": ANSWER,
    "committees.role_changed": ANSWER,
    "committees.appointed": ANSWER,
    "committees.removed": ANSWER,
    "committees.frozen": ANSWER,
    "events.host_change": ANSWER,
    "events.seated": ANSWER,
    "events.cancelled_by_you": ANSWER,
    "events.changed": CHANGE,
    "events.update": CHANGE,
    "events.update_test": ANSWER,
    "events.reminder_day_before": REMINDER,
    "events.reminder_same_day": REMINDER,
    "events.reminder_waiting": REMINDER,
}


@pytest.mark.parametrize(
    "subject",
    [
        "Estás en la lista de espera: Piquete en el puerto de Oakland, mañana en la puerta principal",
        "Please confirm: a rally with so many words that its subject can't stand in one line of a header",
        "Short",
        "Corto: mañana",
    ],
)
def test_a_subject_begins_on_its_own_line(subject):
    """Not with an empty one that is folded."""
    envelope = mail.Envelope(subject, "Text", "hub@example.org", ["reader@example.org"])
    raw = envelope.message().as_bytes()
    (line,) = [line for line in raw.splitlines() if line.startswith(b"Subject:")]
    assert line.removeprefix(b"Subject:").strip()
    assert all(len(line) <= 78 for line in raw.splitlines())
    assert email.message_from_bytes(raw, policy=email.policy.default)["Subject"] == subject


# --- Kinds -----------------------------------
def test_every_kind_is_what_the_domain_says():
    assert {name: kind.category for name, kind in mail.kinds.items()} == CATEGORIES


def test_only_reminders_go_together():
    assert {name for name, kind in mail.kinds.items() if kind.companions} == {
        name for name, category in CATEGORIES.items() if category is REMINDER
    }


@pytest.mark.parametrize("name", CATEGORIES)
def test_every_kind_has_its_three_texts(name):
    template = mail.kinds[name].template or name.replace(".", "/")
    folder = Path(hub_settings.BASE_DIR) / "templates" / "mail"
    for suffix in ("subject", "txt", "html"):
        assert (folder / f"{template}.{suffix}").is_file()


def test_a_kind_is_registered_under_its_name(monkeypatch):
    monkeypatch.setattr(mail, "kinds", {})
    kind = Kind("tests.kind", ANSWER, lambda *_: None)
    mail.register(kind)
    assert mail.kinds == {"tests.kind": kind}
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind.name = "other"


# --- Keys -----------------------------------
def test_the_key_is_of_the_kind_the_row_and_the_occasion():
    row, other = uuid4(), uuid4()
    keys = {
        message_key("a.b", row),
        message_key("a.c", row),
        message_key("a.b", other),
        message_key("a.b", row, "x"),
        message_key("a.b", row, "y"),
    }
    assert len(keys) == 5
    assert message_key("a.b", row, "x") == hashlib.sha256(f"a.b\0{row}\0x".encode()).digest()


@pytest.mark.django_db
def test_what_was_put_before_is_not_put_again():
    mailbox = actions.mailbox_for("reader@example.org", at=NOW)

    def one(occasion=""):
        return mail.draft(
            "events.coming", mailbox_id=mailbox.pk, about_id=mailbox.pk, at=NOW, occasion=occasion
        )

    mail.put([one(), one()])
    mail.put([one()])
    Message.objects.update(state=Message.State.SENT)
    mail.put([one(), one("again")])
    assert sorted(Message.objects.values_list("occasion", "state")) == [("", "sent"), ("again", "waiting")]
    mail.put([])


def test_a_draft_is_due_when_it_is_made_or_when_it_is_said():
    row = mail.draft("events.coming", mailbox_id=uuid4(), about_id=uuid4(), at=NOW)
    assert (row.due_at, row.made_at, row.state_at, row.state) == (NOW, NOW, NOW, Message.State.WAITING)
    later = NOW + timedelta(hours=1)
    row = mail.draft("events.coming", mailbox_id=uuid4(), about_id=uuid4(), at=NOW, due_at=later)
    assert (row.due_at, row.made_at) == (later, NOW)


def test_the_message_id_is_that_of_the_key_and_of_this_site():
    about = uuid4()
    first = mail.draft("events.coming", mailbox_id=uuid4(), about_id=about, at=NOW)
    again = mail.draft("events.coming", mailbox_id=uuid4(), about_id=about, at=NOW + timedelta(days=1))
    other = mail.draft("events.coming", mailbox_id=uuid4(), about_id=about, at=NOW, occasion="x")
    assert mail.message_id(first) == mail.message_id(again) != mail.message_id(other)
    assert re.fullmatch(rf"<[a-z2-7]{{32}}@{re.escape(hub_settings.SITE_HOST)}>", mail.message_id(first))
    assert str(about) not in mail.message_id(first)


@pytest.mark.django_db
def test_a_row_holds_no_address_and_no_text():
    make_rsvp(make_event(title="SECRET-TITLE"), email="reader@example.org", name="SECRET-NAME")
    row = repr(Message.objects.values_list().get())
    assert "reader" not in row
    assert "SECRET" not in row


# --- From a row to an e-mail -----------------------------------
@pytest.mark.django_db
def test_text_and_html_to_one_reader(settings):
    settings.SITE_NAME = "Our Hub"
    settings.MAIL_FROM = "hub@hub.example.org"
    make_rsvp(make_event(), email="Reader@Example.org")
    deliver_mail()
    message = outgoing.outbox[0].message()
    assert message["To"] == "reader@example.org"
    assert message["From"] == "Our Hub <hub@hub.example.org>"
    assert message["Reply-To"] is message["Cc"] is message["Bcc"] is None
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"),
    ]
    calendar = list(message.walk())[-1]
    assert calendar.get_param("method") == "PUBLISH"
    assert calendar.get_content_disposition() == "attachment"
    assert {part.get_content_charset() for part in message.walk() if not part.is_multipart()} == {"utf-8"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["The Hub, of Labor", 'The "Hub"', "Hub <of all>", "Partido ¡ya!", "A\\B"])
def test_the_senders_name_can_not_break_out(settings, name):
    settings.SITE_NAME = name
    make_rsvp(make_event(), email="reader@example.org")
    (sent,) = deliver_mail()
    parsed = email.message_from_bytes(sent.message().as_bytes(), policy=email.policy.default)
    (sender,) = parsed["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, settings.MAIL_FROM)


@pytest.mark.django_db
def test_a_block_is_of_the_address_not_of_the_row():
    mailbox = actions.mailbox_for("reader@example.org", at=NOW)
    other = actions.mailbox_for("other@example.org", at=NOW)
    assert not mail.blocked(mailbox)
    actions.block(mailbox, at=NOW)
    actions.block(mailbox, at=NOW)  # twice is once
    mailbox.delete()
    again = actions.mailbox_for("READER@example.org", at=NOW)
    assert mail.blocked(again)
    assert not mail.blocked(other)


@pytest.mark.django_db
def test_a_letter_names_its_own_reader_only():
    letter = Letter(actions.mailbox_for("reader@example.org", at=NOW), "en")
    assert (letter.neutral, letter.calendar, letter.left_out, letter.context) == (False, None, [], {})
