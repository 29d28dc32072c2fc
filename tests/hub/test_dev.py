"""The demo's page of sent mail also says what waits, and until when."""

import html
from datetime import UTC, datetime

import pytest

from events.actions import events as event_actions
from tests.factories import deliver_mail, event_details, make_event, make_rsvp

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)  # two in the afternoon in San Francisco
NIGHT = datetime(2026, 6, 21, 6, tzinfo=UTC)  # 11 PM there, on June 20
MORNING = datetime(2026, 6, 21, 15, tzinfo=UTC)


def text(browser, path="/dev/mail/") -> str:
    return " ".join(html.unescape(browser.get(path).content.decode()).split())


def test_it_says_how_many_mails_wait_and_until_when(visitor, time_machine):
    time_machine.move_to(NIGHT, tick=False)
    event = make_event(start=START)
    for _ in range(2):
        make_rsvp(event, confirmed=True)
    deliver_mail()
    assert "Waiting" not in text(visitor)
    event_actions.edit_event(event, event_details(start=START, venue="Union Hall"), by=None, at=NIGHT)
    assert deliver_mail() == []
    assert "2 mails wait until June 21, 2026, 3:00 PM UTC." in text(visitor)
    assert "2 correos esperan hasta el 21 de junio de 2026, 15:00 UTC." in text(visitor, "/es/dev/mail/")
    time_machine.move_to(MORNING, tick=False)
    assert len(deliver_mail()) == 2
    assert "Waiting" not in text(visitor)
