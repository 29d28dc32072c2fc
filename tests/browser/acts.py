"""What people do in a browser, and what they read in their mail, in the words of the tests."""

import re
import time
from typing import Any

from django.utils import translation
from playwright.sync_api import expect

from events.models import Event, Rsvp
from hub import links
from hub.forms import TOO_FAST
from hub.models import Confirmation, address_digest
from tests import services

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


def sees_own_link(page, *, stays: bool = True) -> None:
    """One's own page is more than a "look into your mail": the link itself is there, and, if it is the
    one that stays, its code to scan."""
    expect(page.locator("#own-url")).to_have_value(page.url)
    expect(page.locator(".qr-code svg")).to_have_count(int(stays))


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
    """The one address of this kind in a mail; a page below it is of another kind."""
    (link,) = set(re.findall(rf"http://\S+/{what}/[^/\s]+/(?!\S)", text_of(mail)))
    return link


def code_in(mail) -> str:
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", re.sub(r"http\S+", "", text_of(mail)))
    return code


def code_of(party: Any) -> str:
    """The code that the mail about this party or endorsement will hold, without waiting for it."""
    return links.code("confirm", Confirmation.objects.get(mailbox=party.mailbox).pk)


def open_fold(page, name: str) -> None:
    page.locator(f"#{name} > summary").click()


def press(page, act: str) -> None:
    """The button of one act on one's own page, and the page after it."""
    page.locator(f"form:has(input[name=act][value={act}]) button:not([type=button])").first.click()


def confirm_by_button(page, mail, party: Rsvp) -> None:
    """Open the link in the mail, which does nothing, and press the button there, which does."""
    page.goto(link_in(mail, "confirm"))
    expect(page.locator("input[name=act]")).to_have_value(f"events.rsvp:{party.pk}")
    page.reload()
    party.refresh_from_db()
    assert party.confirmed_at is None
    page.locator("form button.button-big").click()
    expect(page.locator(".panel-going")).to_be_visible()


def type_code(page, code: str) -> None:
    """Type the code as it is read from another screen, in two halves."""
    page.locator("#id_code").fill(f"{code[:3]} {code[3:]}")
    press(page, "code")
