"""A host proposes a rally and a moderator publishes it: three people on their phones."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as hub_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Event
from hub.models import Message, Review, User
from tests import services
from tests.browser.acts import (
    MAIL_WITHIN,
    Form,
    code_in,
    mail_to,
    open_fold,
    open_form,
    press,
    say,
    send_form,
    text_of,
    type_code,
)
from tests.factories import make_moderator, new_address


def logged_in(page: Page, site, user: User) -> Page:
    """This browser is the account's: as after logging in."""
    client = Client()
    client.force_login(user)
    name = hub_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site.url}])
    return page


def mail_about(site, address: str, words: str):
    """The mail to this address with these words in it, as soon as it is there."""

    def received():
        to_them = [mail.email for mail in site.sink.messages() if mail.recipients == [address]]
        return [mail for mail in to_them if words in text_of(mail)]

    services.wait_until(received, f"a mail with “{words}” arrives", MAIL_WITHIN)
    return received()[-1]


def fill_in(page: Page, title: str, address: str) -> Form:
    page.goto("/events/propose/")
    form = Form()
    page.locator("#id_title").fill(title)
    page.locator("#id_description").fill("Bring a **friend**.")
    page.locator("#id_venue").fill("Main Library")
    page.locator("#id_city").fill("San Francisco")
    page.locator("#id_region").fill("CA")
    page.locator("#id_first_day").fill((timezone.now() + timedelta(days=14)).date().isoformat())
    page.locator("#id_starts").fill("14:00")
    page.locator("#id_ends").fill("16:00")
    page.locator("#id_email").fill(address)
    page.locator("form button.button-big").click()
    expect(page.locator("h1")).to_have_text("Check your answers")
    return form


def decide(page: Page, event: Event, act: str, words: str = "") -> None:
    page.goto("/moderation/")
    page.get_by_role("link", name=event.title).click()
    expect(page.locator("h1")).to_have_text(event.title)
    if words:
        page.locator("#id_words").fill(words)
    page.locator(f"button[value={act}]").click()
    expect(page.locator(".notice-success")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_a_host_proposes_a_moderator_publishes_and_a_visitor_comes(phone, site, script):
    host, visitor, moderator = (phone(java_script_enabled=script).new_page() for _ in range(3))
    logged_in(moderator, site, make_moderator())
    address, title = new_address(), f"Rally at the library {'with' if script else 'without'} script"

    # The host fills in, reads over, goes back for one thing, sends.
    form = fill_in(host, title, address)
    host.locator("button[value=change]").first.click()
    expect(host.locator("#id_title")).to_have_value(title)
    expect(host.locator("#id_venue")).to_have_value("Main Library")
    host.locator("#id_capacity").fill("40")
    host.locator("form button.button-big").click()
    expect(host.locator("main")).to_contain_text("40")
    assert not Event.objects.filter(title=title).exists()
    form.wait()
    host.locator("form button.button-big").click()
    expect(host).to_have_url(re.compile(r"/host/[\w-]{32}/$"))
    sent_from = host.url
    expect(host.locator(".panel-pending")).to_contain_text(say("en", "One more step: confirm your e-mail"))

    # The code of the mail, which says nothing of what was typed.
    mail = mail_to(site, address)
    assert title not in text_of(mail) + str(mail["Subject"])
    type_code(host, code_in(mail))
    expect(host.locator(".panel-waiting")).to_contain_text("A moderator looks at it")
    own = host.url
    host.goto(sent_from)
    expect(host.locator("h1")).to_have_text("Use the link in the mail")
    event = Event.objects.get(title=title)

    # Returned with a reason, changed, published.
    decide(moderator, event, "return", "Which entrance?")
    host.goto(own)
    expect(host.locator(".panel-pending")).to_contain_text("Which entrance?")
    host.locator("#edit_venue").fill("Main Library, north entrance")
    press(host, "edit")
    expect(host.locator(".panel-waiting")).to_be_visible()
    decide(moderator, event, "publish")
    host.goto(own)
    expect(host.locator(".panel-going")).to_contain_text("It is published")

    # The visitor comes; the host reads how many, and no name.
    event.refresh_from_db()
    visitor.goto(f"/events/{event.slug}/")
    expect(visitor.locator("address")).to_contain_text("north entrance")
    guest = new_address()
    send_form(visitor, open_form(visitor), email=guest, people=2)
    type_code(visitor, code_in(mail_to(site, guest)))
    expect(visitor.locator(".panel-going")).to_be_visible()
    host.reload()
    expect(host.locator("main")).to_contain_text("Said yes 2, confirmed 2")

    # A change of what is published waits, and the page stays.
    open_fold(host, "edit")
    host.locator("#edit_venue").fill("Branch Library")
    press(host, "edit")
    expect(host.locator(".panel-waiting")).to_contain_text("Your change waits for a moderator")
    visitor.goto(f"/events/{event.slug}/")
    expect(visitor.locator("address")).to_contain_text("north entrance")
    decide(moderator, event, "publish")
    visitor.reload()
    expect(visitor.locator("address")).to_contain_text("Branch Library")
    assert not Review.objects.waiting().filter(object_id=event.pk).exists()

    # The host cancels: a code, ten minutes in which it can be stopped, then the visitor is told.
    host.goto(own)
    host.locator("form:has(input[value=cancel]) button").click()
    expect(host.locator("#change .panel-pending")).to_contain_text("Cancel the event")
    host.locator("#change_code").fill(code_in(mail_about(site, address, "Cancel the event")))
    press(host, "change_code")
    expect(host.locator("#change")).to_contain_text("Until then you can stop it")
    event.refresh_from_db()
    assert event.event_status == "scheduled"
    event.host_changes.update(due_at=timezone.now())  # nobody stopped it
    cancelled = Event.objects.filter(pk=event.pk, event_status="cancelled")
    services.wait_until(cancelled.exists, "it is done", MAIL_WITHIN)
    told = Message.objects.filter(kind="events.changed", topic_id=event.pk, state="waiting")
    told.update(due_at=timezone.now())  # where it is night there now, it would be told in the morning
    mail_about(site, guest, "cancelled")
    visitor.reload()
    expect(visitor.locator(".badge-cancelled")).to_be_visible()


def test_a_moderator_decides_with_the_keyboard_alone(phone, site):
    moderator = logged_in(phone().new_page(), site, make_moderator())
    host = phone(java_script_enabled=False).new_page()
    address, title = new_address(), "Rally decided by key"
    form = fill_in(host, title, address)
    form.wait()
    host.locator("form button.button-big").click()
    type_code(host, code_in(mail_to(site, address)))
    expect(host.locator(".panel-waiting")).to_be_visible()
    event = Event.objects.get(title=title)
    review = Review.objects.waiting().get(object_id=event.pk)
    moderator.goto(f"/moderation/{review.pk}/")
    # Access keys belong to the browser's own window, which there is none of here: Tab and Enter.
    expect(moderator.locator("button[value=publish]")).to_have_attribute("accesskey", "p")
    for _ in range(20):
        if moderator.evaluate("document.activeElement.value") == "publish":
            break
        moderator.keyboard.press("Tab")
    moderator.keyboard.press("Enter")
    expect(moderator.locator(".notice-success")).to_be_visible()
    event.refresh_from_db()
    assert event.status == "published"
