"""Every kind of mail about an RSVP: what it says, and what a neutral one keeps to itself."""

import re
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header

import pytest
from django.conf import settings as hub_settings
from django.core import mail as outgoing
from django.utils import translation

from events.actions import events as event_actions
from events.actions import rsvps
from hub import mail as hub_mail
from hub import ticking
from hub.models import Message
from tests.factories import (
    deliver_mail,
    event_details,
    links_in,
    make_campaign,
    make_event,
    make_rsvp,
    press_button,
)

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)  # two in the afternoon in San Francisco
NOW = START - timedelta(days=10)
READER = "reader@example.org"
TITLE = "Rally <for> the Union"
PLACE = ("Civic Center Plaza", "355 McAllister Street", "San Francisco")
CAMPAIGN = "Working Class Power"
# What would tell somebody who looks over a shoulder, or into a mail server, what this is about.
TELLING = (
    *PLACE,
    *("Rally", "Union", "Civic", "McAllister", "94102", CAMPAIGN, "working-class"),
    *("rally", "Bring a friend", "Labor", "labor"),
    hub_settings.SITE_NAME,
)
KINDS = {
    *("hub.confirmation", "events.coming", "events.waiting", "events.seated", "events.cancelled_by_you"),
    *("events.changed", "events.reminder_day_before", "events.reminder_same_day", "events.reminder_waiting"),
}


def every_mail(time_machine, **party) -> list[tuple[str, object]]:
    """One reader goes through everything that can happen; gives (kind, mail) in order."""
    time_machine.move_to(NOW, tick=False)
    make_campaign(title=CAMPAIGN, slug="working-class-power", is_home=True)
    details = {"start": START, "title": TITLE}

    def event(**more):
        return make_event(**details, **more)

    def edit(one, **more):
        event_actions.edit_event(one, event_details(**{**details, **more}), by=None, at=NOW)
        deliver_mail()

    going = make_rsvp(event(), email=READER, confirmed=True, **party)
    deliver_mail()
    waits = event(capacity=1)
    make_rsvp(waits, confirmed=True)
    make_rsvp(waits, email=READER, remembered=going.mailbox, **party)  # "coming", onto the waiting list
    freed = event(capacity=1)
    other = make_rsvp(freed, confirmed=True)
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)
    make_rsvp(freed, email=READER, confirmed=True, **party)  # "waiting"
    deliver_mail()
    rsvps.cancel(other.pk, at=NOW)  # "seated"
    deliver_mail()

    one = going.event
    edit(one, start=START + timedelta(hours=1))
    edit(one, start=START + timedelta(hours=1), venue="Other Plaza")
    edit(one)
    for act in ("postpone", "restore", "cancel", "restore"):
        getattr(event_actions, f"{act}_event")(one, by=None, at=NOW)
        deliver_mail()
    for moment in (
        datetime(2026, 7, 3, 18, tzinfo=UTC),
        datetime(2026, 7, 4, 1, tzinfo=UTC),
        datetime(2026, 7, 4, 15, tzinfo=UTC),
    ):
        time_machine.move_to(moment, tick=False)
        deliver_mail()
    rsvps.cancel(going.pk, at=moment)
    deliver_mail()
    kinds = {hub_mail.message_id(row): row.kind for row in Message.objects.all()}
    return [(kinds[one.extra_headers["Message-ID"]], one) for one in outgoing.outbox if one.to == [READER]]


def headers(mail) -> str:
    """Every header of every part, decoded."""
    return "\n".join(
        f"{name}: {make_header(decode_header(str(value)))}"
        for part in mail.message().walk()
        for name, value in part.items()
    )


def html_of(mail) -> str:
    return mail.alternatives[0].content


def files_of(mail) -> str:
    return "".join(file.get_payload(decode=True).decode() for file in mail.attachments)


# --- Plain -----------------------------------------------------------------------------------------
def test_every_kind_of_mail_says_what_it_is_about(time_machine):
    mails = every_mail(time_machine)
    assert {kind for kind, _mail in mails} == KINDS
    subjects = [mail.subject for _kind, mail in mails]
    assert subjects == [
        f"Please confirm: {TITLE}",
        f"You are on the waiting list: {TITLE}",
        f"Please confirm: {TITLE}",
        f"You are on the waiting list: {TITLE}",
        f"Your place is free: {TITLE}",
        f"New time: {TITLE}",
        f"New place: {TITLE}",
        f"New time and place: {TITLE}",
        f"Postponed: {TITLE}",
        f"On after all: {TITLE}",
        f"Cancelled: {TITLE}",
        f"On after all: {TITLE}",
        "Reminder: 2 events",
        f"Still on the waiting list: {TITLE}",
        "Reminder: 2 events",
        f"You cancelled: {TITLE}",
    ]
    for kind, mail in mails:
        assert mail.from_email == f"{hub_settings.SITE_NAME} <{hub_settings.MAIL_FROM}>"
        assert TITLE in mail.body
        assert "Rally &lt;for&gt; the Union" in html_of(mail)
        assert "<for>" not in html_of(mail)
        assert "July 4, 2026" in mail.body
        assert "PDT" in mail.body
        assert "San Francisco, CA 94102" in mail.body
        assert "1 person" in mail.body
        assert mail.body.endswith("We don't track whether you open this mail.\n")
        assert len([address for address in links_in(mail) if "/rsvp/" in address]) >= 1, kind


def test_the_two_forms_of_a_mail_have_the_same_links(time_machine):
    for _kind, mail in every_mail(time_machine):
        in_html = set(re.findall(r'href="([^"]+)"', html_of(mail)))
        assert in_html == set(links_in(mail))


def test_no_mail_loads_or_tracks_anything(time_machine):
    for _kind, mail in every_mail(time_machine):
        page = html_of(mail)
        assert not re.search(r"<(img|script|style|link|iframe)|\bsrc=|\bstyle=|\bon\w+=|url\(", page)
        assert all(address.startswith(hub_settings.SITE_URL) for address in links_in(mail))
        assert not any("?" in address for address in links_in(mail))


def test_every_mail_has_one_reader_and_says_that_a_machine_wrote_it(time_machine):
    for _kind, mail in every_mail(time_machine):
        assert mail.recipients() == [READER]
        assert (mail.cc, mail.bcc, mail.reply_to) == ([], [], [])
        assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
        assert mail.extra_headers["Content-Language"] == "en"
        assert re.fullmatch(
            rf"<[a-z2-7]+@{re.escape(hub_settings.SITE_HOST)}>", mail.extra_headers["Message-ID"]
        )


def test_which_mails_carry_a_calendar_file(time_machine):
    mails = [(kind, mail.attachments) for kind, mail in every_mail(time_machine)]
    carried = {(kind, file.get_filename()) for kind, files in mails for file in files}
    assert carried == {
        ("hub.confirmation", "event.ics"),
        ("events.coming", "event.ics"),
        ("events.seated", "event.ics"),
        ("events.cancelled_by_you", "event.ics"),
        ("events.changed", "event.ics"),
    }


def test_a_calendar_file_never_holds_the_secret_link(time_machine):
    for _kind, mail in every_mail(time_machine):
        assert "/rsvp/" not in files_of(mail)
        assert "/confirm/" not in files_of(mail)
        assert READER not in files_of(mail)


def test_a_calendar_file_is_tentative_for_who_has_no_place_yet(time_machine):
    """Before confirming, and on the waiting list."""
    time_machine.move_to(NOW, tick=False)
    hall = make_event(start=START, title=TITLE, capacity=1)
    seated = make_rsvp(hall, email=READER)
    (asked,) = deliver_mail()
    assert "STATUS:TENTATIVE" in files_of(asked)
    make_rsvp(make_event(start=START, title=TITLE), email="open@example.org")
    (counts,) = deliver_mail()
    assert "STATUS:CONFIRMED" in files_of(counts)
    press_button(seated)
    make_rsvp(hall, email="waits@example.org", confirmed=True)
    event_actions.edit_event(
        hall, event_details(start=START + timedelta(hours=1), title=TITLE, capacity=1), by=None, at=NOW
    )
    told = {mail.to[0]: files_of(mail) for mail in deliver_mail() if mail.subject.startswith("New time")}
    assert "STATUS:CONFIRMED" in told[READER]
    assert "STATUS:TENTATIVE" in told["waits@example.org"]
    assert "VALARM" not in told["waits@example.org"]


def test_a_party_larger_than_what_is_left_reads_how_to_come_for_sure(time_machine):
    time_machine.move_to(NOW, tick=False)
    hall = make_event(start=START, title=TITLE, capacity=5)
    make_rsvp(hall, confirmed=True, party_size=2)
    make_rsvp(hall, email=READER, party_size=4, confirmed=True)
    (waiting,) = [mail for mail in deliver_mail() if mail.subject.startswith("You are on the waiting list")]
    assert waiting.body.startswith("There is room for 3 of your 4 people at the moment")
    assert "It is full now" not in waiting.body


def test_the_question_comes_after_what_it_is_about(time_machine):
    _kind, mail = every_mail(time_machine)[0]
    for text in (mail.body, html_of(mail)):
        about, asked, button = (text.index(words) for words in ("July 4, 2026", "Was that you?", "/confirm/"))
        assert about < asked < button < text.index("/rsvp/")
    assert "Was that you? Then open this page and press its button:\nhttp" in mail.body
    assert '<td bgcolor="#b00e1b"><a href="http' in html_of(mail)


# --- Neutral -----------------------------------------------------------------------------------------
def test_a_neutral_mail_tells_nothing(time_machine):
    mails = every_mail(time_machine, neutral=True)
    assert {kind for kind, _mail in mails} == KINDS
    subjects = {mail.subject for _kind, mail in mails}
    assert subjects == {
        *("Please confirm your e-mail", "About your appointment", "A change to your appointment", "Reminder"),
    }
    for kind, mail in mails:
        told = headers(mail) + mail.body + html_of(mail) + files_of(mail)
        found = [word for word in TELLING if word in told]
        assert not found, (kind, mail.subject, found)
        assert mail.from_email == f"Reminders <{hub_settings.MAIL_FROM}>"
        assert all(file.get_filename() == "meeting.ics" for file in mail.attachments)


def test_a_neutral_mail_still_says_when_and_where_to_look(time_machine):
    for kind, mail in every_mail(time_machine, neutral=True):
        assert "July 4, 2026" in mail.body
        assert any("/rsvp/" in address for address in links_in(mail)), kind


def test_the_first_line_of_a_neutral_mail_tells_nothing(time_machine):
    """It is what a phone shows on its locked screen."""
    first_lines = {mail.body.splitlines()[0] for _kind, mail in every_mail(time_machine, neutral=True)}
    seated = "A place came free: you are coming now. If you can't, please cancel, so that the next one can"
    assert first_lines == {
        "Your e-mail address was given for this:",
        "It is full now. You are on the waiting list; if places come free, they are yours and we tell you.",
        f"{seated} have it.",
        "The time has changed.",
        "The place has changed.",
        "The time and the place have changed.",
        "It is postponed. There is no new date yet; you keep your place, and we tell you the new date.",
        "It takes place after all, as it stands here.",
        "It is cancelled. You don't need to do anything.",
        "A reminder:",
        "You cancelled your place. We send you no more reminders for it.",
    }


def test_a_neutral_calendar_file_is_a_meeting(time_machine):
    files = [files_of(mail) for _kind, mail in every_mail(time_machine, neutral=True) if mail.attachments]
    assert files
    for file in files:
        assert "SUMMARY:Meeting" in file
        assert "CLASS:PRIVATE" in file
        for name in ("LOCATION", "URL", "ORGANIZER", "ATTENDEE", "CATEGORIES", "GEO"):
            assert f"\n{name}" not in file
        descriptions = re.findall(r"^DESCRIPTION:(.*?)\r?$", file, re.MULTILINE)
        assert set(descriptions) <= {"Meeting"}  # that of the alarms


# --- In Spanish -----------------------------------------------------------------------------------------
def test_every_mail_is_in_the_readers_language(time_machine):
    for kind, mail in every_mail(time_machine, language="es"):
        assert mail.extra_headers["Content-Language"] == "es"
        assert '<html lang="es">' in html_of(mail)
        assert "4 de julio de 2026" in mail.body
        assert "July" not in mail.body
        own = [address for address in links_in(mail) if "/rsvp/" in address]
        assert own
        assert all("/es/rsvp/" in address for address in own), kind


def test_the_language_of_the_process_does_not_matter(time_machine):
    with translation.override("es"):
        mails = every_mail(time_machine)
    assert all("July 4, 2026" in mail.body for _kind, mail in mails)
    assert mails[0][1].subject == f"Please confirm: {TITLE}"


# --- Text from people ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "title",
    ["A\r\nBcc: all@example.org", "A\nB", "A\rX-Evil: 1", "A\x85B", "A\u2028B", "Ünïon 工会 🚩", "x" * 120],
    ids=["CRLF", "LF", "CR", "NEL", "line separator", "beyond ASCII", "long"],
)
def test_a_title_can_not_break_out_of_the_subject(title, time_machine):
    time_machine.move_to(NOW, tick=False)
    make_rsvp(make_event(start=START, title=title), email=READER)
    (mail,) = deliver_mail()
    message = mail.message()
    assert set(message.keys()) == {
        *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID"),
        *("Auto-Submitted", "Content-Language", "X-Bounce-Proof"),
    }
    subject = str(make_header(decode_header(message["Subject"])))
    assert subject.replace("\n", "") == f"Please confirm: {' '.join(title.split())}"
    assert b"\nBcc:" not in message.as_bytes().replace(b"\r", b"\n").split(b"\n\n")[0]


def test_what_people_type_stays_out_of_mail_to_their_mailbox(time_machine):
    """Anybody can type anybody's address: no word of theirs goes there."""
    time_machine.move_to(NOW, tick=False)
    make_rsvp(make_event(start=START), email=READER, name="BUY-THIS", need="VISIT-SPAM", party_size=7)
    (mail,) = deliver_mail()
    told = headers(mail) + mail.body + html_of(mail) + files_of(mail)
    assert "BUY-THIS" not in told
    assert "VISIT-SPAM" not in told


# --- The answer that is the reminder ------------------------------------------------------------------------
SOON = "It is soon: this mail is your reminder, we send no further one."


@pytest.mark.parametrize(
    ("before_start", "soon"),
    [
        (timedelta(days=2), False),
        (timedelta(hours=9), False),  # exactly three hours before eight o'clock
        (timedelta(hours=8, minutes=59), True),
        (timedelta(hours=2), True),
    ],
    ids=str,
)
@pytest.mark.parametrize("remembered", [False, True], ids=["confirmation", "remembered phone"])
def test_an_answer_that_comes_late_says_that_it_is_the_reminder(before_start, soon, remembered, time_machine):
    time_machine.move_to(NOW, tick=False)
    event = make_event(start=START)
    known = make_rsvp(make_event(start=START, title="Other"), email=READER, confirmed=True)
    deliver_mail()
    moment = START - before_start
    time_machine.move_to(moment, tick=False)
    make_rsvp(event, email=READER, remembered=known.mailbox if remembered else None)
    mails = [mail for mail in deliver_mail() if "Rally for a Labor Party" in mail.subject]
    assert [SOON in mail.body for mail in mails] == [soon]
    assert [SOON in html_of(mail) for mail in mails] == [soon]


def test_a_place_that_comes_free_late_is_the_reminder_too(time_machine):
    time_machine.move_to(NOW, tick=False)
    event = make_event(start=START, capacity=1)
    first = make_rsvp(event, confirmed=True)
    make_rsvp(event, email=READER, confirmed=True)
    deliver_mail()
    moment = START - timedelta(hours=4)
    time_machine.move_to(moment, tick=False)
    deliver_mail()
    rsvps.cancel(first.pk, at=moment)
    (mail,) = [mail for mail in deliver_mail() if mail.to == [READER]]
    assert mail.subject == "Your place is free: Rally for a Labor Party"
    assert SOON in mail.body


# --- One that went wrong ----------------------------------------------------------------------------------
def test_a_mail_sent_again_carries_the_same_message_id(time_machine):
    time_machine.move_to(NOW, tick=False)
    make_rsvp(make_event(start=START), email=READER)
    row = Message.objects.get()
    expected = hub_mail.message_id(row)
    Message.objects.update(due_at=NOW)
    assert deliver_mail()[0].extra_headers["Message-ID"] == expected
    Message.objects.update(state=Message.State.WAITING)
    assert deliver_mail()[0].extra_headers["Message-ID"] == expected
    assert ticking.tick(NOW) == []
