"""The main job, as two people do it on their phones: find a rally, say "I'm coming", be told."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect

from events.models import Event, Rsvp
from hub.models import Mailbox, address_digest
from tests.browser.acts import (
    Form,
    code_in,
    code_of,
    confirm_by_button,
    find_event,
    link_in,
    mail_to,
    open_fold,
    open_form,
    party_of,
    press,
    say,
    sees_own_link,
    send_form,
    text_of,
    type_code,
)
from tests.factories import make_event, new_address, slot_of


@dataclass
class Two:
    """Two people who want to come to one event that has room for one of their parties."""

    language: str
    event: Event
    first: Page
    second: Page
    first_address: str = field(default_factory=new_address)
    second_address: str = field(default_factory=new_address)
    forms: list[Form] = field(default_factory=list)

    @property
    def home(self) -> str:
        return "/" if self.language == "en" else f"/{self.language}/"


def both_find_it(two: Two, site) -> None:
    for page in (two.first, two.second):
        find_event(page, two.home, two.event)
        expect(page.locator("html")).to_have_attribute("lang", two.language)
        two.forms.append(open_form(page))


def both_say_they_are_coming(two: Two, site) -> None:
    send_form(two.first, two.forms[0], email=two.first_address, people=2)
    send_form(two.second, two.forms[1], email=two.second_address, people=2)
    for page in (two.first, two.second):
        expect(page.locator(".panel-pending")).to_contain_text(
            say(two.language, "One more step: confirm your e-mail")
        )
        sees_own_link(page, stays=False)


def the_first_presses_the_mails_button(two: Two, site) -> None:
    mail = mail_to(site, two.first_address)
    assert mail["Content-Language"] == two.language
    assert say(two.language, "Was that you? Then open this page and press its button:") in text_of(mail)
    assert f'href="{link_in(mail, "confirm")}"' in mail.get_body(("html",)).get_content()
    confirm_by_button(two.first, mail, party_of(two.event, two.first_address))
    expect(two.first.locator(".panel-going")).to_contain_text(say(two.language, "You're coming"))
    assert two.first.url == link_in(mail, "rsvp")
    sees_own_link(two.first)


def the_second_keeps_it_types_the_code_and_waits(two: Two, site) -> None:
    press(two.second, "keep")
    expect(two.second.locator("input[name=act][value=forget]")).to_be_attached()
    type_code(two.second, code_in(mail_to(site, two.second_address)))
    expect(two.second.locator(".panel-waiting")).to_contain_text(
        say(two.language, "You're on the waiting list")
    )
    assert slot_of(two.event).seats_taken == 2


def the_second_is_told(two: Two, site) -> None:
    told = mail_to(site, two.second_address, number=2)
    assert told["Subject"].endswith(two.event.title)
    assert link_in(told, "rsvp") == two.second.url


def the_first_cancels(two: Two, site) -> None:
    open_fold(two.first, "cancel")
    press(two.first, "cancel")
    expect(two.first.locator(".panel-cancelled")).to_be_visible()


def the_places_are_the_seconds(two: Two, site) -> None:
    seated = mail_to(site, two.second_address, number=3)
    assert seated["Subject"] == say(two.language, "Your place is free: %(title)s") % {
        "title": two.event.title
    }
    two.second.goto(link_in(seated, "rsvp"))
    expect(two.second.locator(".panel-going")).to_be_visible()
    assert link_in(mail_to(site, two.first_address, number=2), "rsvp") == two.first.url


def the_second_changes_and_finds_it_again(two: Two, site) -> None:
    page, own_url = two.second, two.second.url
    open_fold(page, "change")
    page.locator("#change input[name=party_size]").fill("1")
    press(page, "change")
    expect(page.locator("#change input[name=party_size]")).to_have_value("1")
    assert slot_of(two.event).seats_taken == 1

    with page.expect_download() as download:
        page.locator('a[href*=".ics"]').click()
    (entry,) = Calendar.from_ical(download.value.path().read_bytes()).events
    assert entry["SUMMARY"] == two.event.title
    assert entry["DTSTART"].dt == slot_of(two.event).start

    page.goto(f"{two.home}mine/")
    page.locator(".card a").click()
    expect(page).to_have_url(own_url)


def the_second_erases_everything(two: Two, site) -> None:
    page, own_url = two.second, two.second.url
    open_fold(page, "erase")
    press(page, "erase")
    expect(page).to_have_url(re.compile("/mine/erased/$"))
    page.goto(f"{two.home}mine/")
    expect(page.locator(".card")).to_have_count(0)
    assert page.goto(own_url).status == 404
    assert slot_of(two.event).seats_taken == 0
    assert not Mailbox.objects.filter(address_digest=address_digest(two.second_address)).exists()


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_two_people_and_room_for_one_party(phone, site, script):
    """In each language. These go side by side, since the time passes with waiting for mail."""
    # Sooner than what other tests have left on the site: a page of the list has only the next twenty.
    soon = timezone.now().replace(microsecond=0) + timedelta(days=3)
    each = [
        Two(
            language,
            make_event(title=f"Rally at noon ({language})", capacity=2, start=soon),
            phone(java_script_enabled=script).new_page(),
            phone(java_script_enabled=script).new_page(),
        )
        for language in ("en", "es")
    ]
    for step in (
        both_find_it,
        both_say_they_are_coming,
        the_first_presses_the_mails_button,
        the_second_keeps_it_types_the_code_and_waits,
        the_second_is_told,
        the_first_cancels,
        the_places_are_the_seconds,
        the_second_changes_and_finds_it_again,
        the_second_erases_everything,
    ):
        for two in each:
            step(two, site)


def test_without_an_address_it_counts_at_once_and_says_what_is_missing(phone):
    event = make_event(title="Picket without a limit", kind="picket")
    page = phone().new_page()
    page.goto(f"/events/{event.slug}/")
    send_form(page, open_form(page), people=3)
    expect(page.locator(".panel-going")).to_contain_text("look here that morning")
    sees_own_link(page)
    assert slot_of(event).seats_taken == 3


def test_a_form_sent_too_fast_asks_once_more_and_loses_nothing(phone):
    event = make_event(title="Picket in a hurry", kind="picket")
    page = phone().new_page()
    page.goto(f"/events/{event.slug}/")
    form = open_form(page)
    page.locator("#id_name").fill("Ana")
    page.locator("#id_party_size").fill("4")
    page.locator("form button.button-big").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#id_name")).to_have_value("Ana")
    expect(page.locator("#id_party_size")).to_have_value("4")
    assert not Rsvp.objects.filter(event=event).exists()
    form.wait()
    page.locator("form button.button-big").click()
    expect(page.locator(".panel-going")).to_be_visible()
    assert slot_of(event).seats_taken == 4


def test_a_remembered_phone_is_not_asked_again(phone):
    address = new_address()
    page = phone().new_page()
    first, second = (make_event(title=f"Forum {n} with few seats", kind="forum", capacity=5) for n in (1, 2))
    page.goto(f"/events/{first.slug}/")
    send_form(page, open_form(page), email=address)
    page.locator("#id_remember").check()
    type_code(page, code_of(party_of(first, address)))
    expect(page.locator(".panel-going")).to_be_visible()
    page.goto(f"/events/{second.slug}/")
    send_form(page, open_form(page), email=address)
    expect(page.locator(".panel-going")).to_be_visible()


def test_the_own_link_can_be_copied(phone):
    event = make_event(title="Picket to pass on", kind="picket")
    context = phone(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/events/{event.slug}/")
    page.locator("[data-copy=page-url]").click()
    expect(page.locator("[data-copy=page-url]")).to_have_text(say("en", "Copied"))
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_the_reader_sees_their_own_time_beside_the_events(phone):
    event = make_event(title="Picket far away", kind="picket")
    page = phone(timezone_id="Europe/Madrid").new_page()
    page.goto(f"/events/{event.slug}/")
    local = slot_of(event).start.astimezone(ZoneInfo("Europe/Madrid"))
    expect(page.locator(".your-time")).to_contain_text(f"{local:%-I:%M}")
    page = phone(timezone_id=event.zone).new_page()
    page.goto(f"/events/{event.slug}/")
    expect(page.locator(".your-time")).to_have_count(0)


def test_the_readers_time_past_midnight_names_its_days(phone):
    """From 23:00 on the event's own day to 1:00: not in figures of a machine."""
    start = (timezone.now() + timedelta(days=9)).replace(hour=23, minute=0, second=0, microsecond=0)
    event = make_event(title="Picket at night", kind="picket", start=start, zone="America/Phoenix")
    page = phone(timezone_id="Etc/UTC").new_page()
    page.goto(f"/events/{event.slug}/")
    yours = page.locator(".your-time")
    for moment in (start, start + timedelta(hours=2)):
        expect(yours).to_contain_text(f"{moment:%a, %b} {moment.day}, {moment:%-I:%M}")
