"""The main job, as two people do it on their phones: find a rally, say "I'm coming", be told."""

import re
import time
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from icalendar import Calendar
from playwright.sync_api import Page, expect

from events.models import Event, Rsvp
from hub.forms import TOO_FAST
from hub.models import Mailbox, address_digest
from tests import services
from tests.factories import make_event, new_address, slot_of

MAIL_WITHIN = 15  # seconds from the act to the mail: the tick comes every 5
LATER = TOO_FAST + 0.3  # seconds a person takes between opening a form and sending it


def say(language: str, text: str) -> str:
    """A text of the hub's own in this language."""
    with translation.override(language):
        translated = translation.gettext(text)
    assert language == "en" or translated != text
    return translated


class Form:
    """A form that was just opened; `wait` lets the time pass that it asks a person to take."""

    def __init__(self) -> None:
        self.opened = time.monotonic()

    def wait(self) -> None:
        services.wait_until(lambda: time.monotonic() > self.opened + LATER, "the clock goes on")


def find_event(page, home: str, event) -> None:
    """From the home page to the event's page, the way a person goes who has only heard of it."""
    page.goto(home)
    page.locator("#near").fill("94110")
    page.locator(".hero-find button").click()
    expect(page.locator(".status-line")).to_contain_text("San Francisco, CA")
    page.locator("#id_when").select_option("month")
    page.locator(".filters summary").click()
    page.locator("#id_kind").select_option(event.kind)
    page.locator(".filters button").click()
    expect(page).to_have_url(re.compile("near=94110.*when=month.*kind=rally"))
    expect(page.locator(".chip")).to_have_count(3)
    page.locator(f'.card a[href$="/events/{event.slug}/"]').click()
    expect(page.locator("h1")).to_have_text(event.title)


def open_form(page) -> Form:
    """Press "I'm coming" on the event's page."""
    page.locator("a.button-big").click()
    expect(page.locator("#id_email")).to_be_visible()
    return Form()


def send_form(page, form: Form, *, email: str = "", people: int = 1) -> None:
    """Fill in the least, and send it; the name stays empty. Then this is one's own page."""
    page.locator("#id_email").fill(email)
    page.locator("#id_party_size").fill(str(people))
    form.wait()
    page.locator("form button.button-big").click()
    expect(page).to_have_url(re.compile(r"/rsvp/[\w-]{32}/$"))


def sees_own_link(page) -> None:
    """One's own page is more than a "look into your mail": the link itself is there, and its code."""
    expect(page.locator("#own-url")).to_have_value(page.url)
    expect(page.locator(".qr-code svg")).to_be_visible()


def mail_to(site, address: str, *, number: int = 1):
    """The nth mail to this address, as soon as it is there."""

    def received():
        return [mail for mail in site.sink.messages() if mail.recipients == [address]]

    services.wait_until(lambda: len(received()) >= number, f"mail {number} arrives", MAIL_WITHIN)
    assert len(received()) == number
    return received()[-1].email


def party_of(event: Event, address: str) -> Rsvp:
    return Rsvp.objects.get(event=event, mailbox__address_digest=address_digest(address))


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def link_in(mail, what: str) -> str:
    """The one address of this kind in a mail."""
    (link,) = set(re.findall(rf"http://\S+/{what}/\S+", text_of(mail)))
    return link


def code_in(mail) -> str:
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", re.sub(r"http\S+", "", text_of(mail)))
    return code


def open_fold(page, name: str) -> None:
    page.locator(f"#{name} > summary").click()


def press(page, act: str) -> None:
    """The button of one act on one's own page, and the page after it."""
    page.locator(f"form:has(input[name=act][value={act}]) button:not([type=button])").first.click()


def confirm_by_button(page, mail, party: Rsvp) -> None:
    """Open the link in the mail, which does nothing, and press the button there, which does."""
    page.goto(link_in(mail, "confirm"))
    expect(page.locator("input[name=act]")).to_be_checked()
    page.reload()
    party.refresh_from_db()
    assert party.confirmed_at is None
    page.locator("form button.button-big").click()
    expect(page.locator(".panel-going")).to_be_visible()


def confirm_by_code(page, mail) -> None:
    """Type the code as it is read from another screen, in two halves."""
    code = code_in(mail)
    page.locator("#id_code").fill(f"{code[:3]} {code[3:]}")
    press(page, "code")


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
        sees_own_link(page)


def the_first_presses_the_mails_button(two: Two, site) -> None:
    mail = mail_to(site, two.first_address)
    assert mail["Content-Language"] == two.language
    assert say(two.language, "Was that you? Then press this button:") in text_of(mail)
    assert f'href="{link_in(mail, "confirm")}"' in mail.get_body(("html",)).get_content()
    confirm_by_button(two.first, mail, party_of(two.event, two.first_address))
    expect(two.first.locator(".panel-going")).to_contain_text(say(two.language, "You're coming"))
    assert two.first.url == link_in(mail, "rsvp")
    sees_own_link(two.first)


def the_second_types_the_code_and_waits(two: Two, site) -> None:
    confirm_by_code(two.second, mail_to(site, two.second_address))
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


def the_second_changes_and_keeps_it(two: Two, site) -> None:
    page, own_url = two.second, two.second.url
    open_fold(page, "change")
    page.locator("#change input[name=party_size]").fill("1")
    press(page, "change")
    expect(page.locator("#change input[name=party_size]")).to_have_value("1")
    assert slot_of(two.event).seats_taken == 1

    with page.expect_download() as download:
        page.locator('a[href$=".ics"]').click()
    (entry,) = Calendar.from_ical(download.value.path().read_bytes()).events
    assert entry["SUMMARY"] == two.event.title
    assert entry["DTSTART"].dt == slot_of(two.event).start

    press(page, "keep")
    expect(page.locator("input[name=act][value=forget]")).to_be_attached()
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
    each = [
        Two(
            language,
            make_event(title=f"Rally at noon ({language})", capacity=2),
            phone(java_script_enabled=script).new_page(),
            phone(java_script_enabled=script).new_page(),
        )
        for language in ("en", "es")
    ]
    for step in (
        both_find_it,
        both_say_they_are_coming,
        the_first_presses_the_mails_button,
        the_second_types_the_code_and_waits,
        the_second_is_told,
        the_first_cancels,
        the_places_are_the_seconds,
        the_second_changes_and_keeps_it,
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


def test_a_remembered_phone_is_not_asked_again(phone, site):
    address = new_address()
    page = phone().new_page()
    for number, kind in enumerate(("forum", "training")):
        event = make_event(title=f"A {kind} with few seats", kind=kind, capacity=5)
        page.goto(f"/events/{event.slug}/")
        send_form(page, open_form(page), email=address)
        if number == 0:
            page.locator("#id_remember").check()
            confirm_by_code(page, mail_to(site, address))
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
