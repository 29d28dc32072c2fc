"""A meeting moves: who is coming answers whether they still are; a coordinator reads how many, and writes to
them. On phones, with and without JavaScript, in both languages."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.actions import events as event_actions
from events.models import Attendance, Event, MailedUpdate, Rsvp
from hub.models import Message, User
from tests.browser.acts import Form, press, text_of
from tests.browser.test_announcing import as_account
from tests.browser.test_hosting import mail_about
from tests.browser.walks import WALKS, Walk, look
from tests.committees.announcing import zone_where
from tests.factories import (
    event_details,
    make_committee,
    make_event,
    make_member,
    make_rsvp,
    make_user,
    new_address,
)

walks = pytest.mark.parametrize("walk", WALKS, ids=str)


def moved_meeting(walk: Walk) -> tuple[Event, User, Rsvp]:
    """A committee's meeting that has moved just now, its coordinator, and a party of two at it."""
    committee = make_committee(name="Committee of the port", language=walk.language)
    cora = make_user(new_address(), display_name="Cora", language=walk.language)
    make_member(committee, cora, role="coordinator")
    inside = {"committee": committee, "zone": zone_where(12), "capacity": 5, "language": walk.language}
    event = make_event(title=f"Meeting {new_address()}".partition("@")[0], **inside)
    party = make_rsvp(event, email=new_address(), confirmed=True, party_size=2, language=walk.language)
    Message.objects.filter(state="waiting").delete()  # what was mailed until here is another journey's
    moved = event_details(title=event.title, venue="Harry Bridges Plaza", **inside)
    event_actions.edit_event(event, moved, by=None, at=timezone.now())
    return event, cora, party


def question_in(mail) -> str:
    """The one address in a mail where it is answered."""
    (address,) = re.findall(r"http\S+/still-coming/", text_of(mail))
    return address


def errors(page: Page, walk: Walk) -> None:
    """More people than there is room for: the form again."""
    page.locator("#still_party_size").fill("9")
    page.locator("form:has([value=yes]) button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#still_party_size")).to_have_value("9")


@walks
def test_a_change_is_answered_counted_and_followed_by_a_word(phone, site, tmp_path, walk):
    event, cora, party = moved_meeting(walk)
    address = party.mailbox.address
    page = walk.visitor(phone)
    told = mail_about(site, address, walk.say("Are you still coming?"))
    page.goto(question_in(told))
    look(page, walk, tmp_path / "still-coming")
    expect(page.locator("h1")).to_have_text(walk.say("Are you still coming?"))
    expect(page.locator("address").first).to_contain_text("Civic Center Plaza")
    errors(page, walk)
    look(page, walk, tmp_path / "still-coming-errors")
    page.locator("#still_party_size").fill("3")
    page.locator("form:has([value=yes]) button").click()
    expect(page.locator(".notice-success")).to_have_text(walk.say("Good: we know that you are still coming."))
    look(page, walk, tmp_path / "own-page")
    assert Attendance.objects.get(rsvp=party).seats_held == 3

    desk = as_account(phone, site, cora, javascript=walk.script)
    home = "/" if walk.language == "en" else f"/{walk.language}/"
    desk.goto(f"{home}events/{event.slug}/edit/")
    counts = desk.locator("#answers dl div")
    expect(counts.filter(has_text=walk.say("Still coming")).locator("dd")).to_have_text("1")
    expect(counts.filter(has_text=walk.say("No answer yet")).locator("dd")).to_have_text("0")
    look(desk, walk, tmp_path / "desk")
    desk.locator("a", has_text=walk.say("Mail a short word to those who are coming")).click()
    form = Form()
    look(desk, walk, tmp_path / "word")
    desk.locator("#id_text").fill("Traigan agua & pan.")
    form.wait()
    desk.locator("main form button.button").click()
    expect(desk.locator("h1")).to_have_text(walk.say("Check your mail"))
    look(desk, walk, tmp_path / "check")
    draft = MailedUpdate.objects.get(event=event)
    press(desk, "test")
    assert "Traigan agua & pan." in text_of(
        mail_about(site, cora.email, walk.say("This is a test. Only you get it."))
    )
    form = Form()
    desk.reload()
    form.wait()
    desk.locator("form button.button-big").click()
    expect(desk).to_have_url(re.compile(f"/jobs/{draft.pk}/$"))
    expect(desk.locator("progress")).to_have_attribute("value", "1", timeout=20_000)
    look(desk, walk, tmp_path / "job")
    mail_about(site, address, "Traigan agua & pan.")

    page.goto(question_in(told))  # answered: it leads to the own page, which has the word now
    expect(page.locator(".updates")).to_contain_text("Traigan agua & pan.")
    look(page, walk, tmp_path / "own-page-later")


@walks
def test_no_gives_the_place_to_who_waits(phone, site, walk):
    event, _cora, party = moved_meeting(walk)
    waiting = make_rsvp(event, email=new_address(), confirmed=True, party_size=5, language=walk.language)
    page = walk.visitor(phone)
    page.goto(question_in(mail_about(site, party.mailbox.address, walk.say("Are you still coming?"))))
    page.get_by_role("button", name=walk.say("No, not any more")).click()
    expect(page.locator(".panel-cancelled")).to_be_visible()
    assert Attendance.objects.get(rsvp=waiting).seats_held == 5
