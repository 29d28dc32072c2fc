"""A coordinator writes to the members, looks at it, tries it, sends it, watches it leave and stops the rest;
a member reads it and stops its mail. On a phone, with and without JavaScript, in both languages."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from committees.models import Announcement, Committee, Membership
from hub.models import Message, User
from tests.browser.acts import Form, link_in, mail_to, press, say, text_of
from tests.browser.gallery import session_of
from tests.committees.announcing import make_taker, zone_where
from tests.factories import make_committee, make_member, make_user, new_address

AWAKE, ASLEEP = 12, 2  # o'clock

languages = pytest.mark.parametrize("language", ["en", "es"])
scripts = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


def as_account(phone, site, user: User, *, javascript: bool):
    """A page on the phone of this account."""
    context = phone(java_script_enabled=javascript)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": f"{site.url}/"}]
    )
    return context.new_page()


def committee_with(language: str) -> tuple[Committee, User, Membership]:
    """A committee with a coordinator, a member who is awake, and one who sleeps, in this moment."""
    committee = make_committee(name=f"Committee {new_address()}".partition("@")[0], language=language)
    cora = make_user(new_address(), display_name="Cora", language=language, time_zone=zone_where(AWAKE))
    make_member(committee, cora, role="coordinator")
    awake = make_taker(committee, new_address(), language=language, time_zone=zone_where(AWAKE))
    make_taker(committee, new_address(), time_zone=zone_where(ASLEEP))
    # What is mailed about belonging to it is another journey's.
    Message.objects.filter(state="waiting", kind__startswith="committees.").delete()
    return committee, cora, awake


@languages
@scripts
def test_a_coordinator_announces_and_stops_what_has_not_left(site, phone, language, javascript):
    committee, cora, awake = committee_with(language)
    page = as_account(phone, site, cora, javascript=javascript)
    home = "/" if language == "en" else f"/{language}/"

    page.goto(f"{home}committees/{committee.slug}/")
    page.locator("a", has_text=say(language, "Write an announcement")).click()
    form = Form()
    page.locator("form button.button").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("#id_subject").fill("Reunión el martes")
    page.locator("#id_text").fill("A las **siete**.\n\n- pancartas\n- agua")
    form.wait()
    page.locator("form button.button").click()
    expect(page.locator("h1")).to_have_text(say(language, "Check your announcement"))
    form = Form()
    expect(page.locator(".panel strong", has_text="siete")).to_be_visible()
    expect(page.locator(".panel li")).to_have_count(2)
    page.locator("a", has_text=say(language, "Change it")).click()
    page.locator("#id_text").fill("A las **ocho**.")
    page.locator("form button.button").click()
    expect(page.locator(".panel strong", has_text="ocho")).to_be_visible()
    draft = Announcement.objects.get(committee=committee)

    press(page, "test")
    test = mail_to(site, cora.email)
    assert test["Subject"].startswith(say(language, "Test:"))
    assert "A las ocho." in text_of(test)

    form = Form()
    page.reload()
    form.wait()
    button = page.locator("form button.button-big")
    expect(button).to_have_text(re.compile("2"))
    button.click()
    expect(page).to_have_url(f"{site.url}{home}jobs/{draft.pk}/")
    # The page goes on by itself: nobody presses anything.
    expect(page.locator("dl.facts dd").first).to_have_text("1", timeout=20_000)
    expect(page.locator("progress")).to_have_attribute("value", "1")
    mail = mail_to(site, awake.user.email)
    assert mail["Subject"] == f"{committee.name}: Reunión el martes"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    page.locator("#job-stop").click()
    expect(page.locator("#job-state")).to_have_text(
        say(language, "It was stopped. What had not left by then is not sent.")
    )
    expect(page.locator("#job-stop")).to_have_count(0)
    states = Message.objects.filter(topic_id=draft.pk, kind="committees.announcement")
    assert sorted(states.values_list("state", "reason")) == [("sent", ""), ("skipped", "stopped")]


@languages
@scripts
def test_a_member_reads_it_and_stops_the_mail(site, phone, language, javascript):
    committee, cora, awake = committee_with(language)
    sending = as_account(phone, site, cora, javascript=javascript)
    home = "/" if language == "en" else f"/{language}/"
    sending.goto(f"{home}committees/{committee.slug}/announcements/write/")
    form = Form()
    sending.locator("#id_subject").fill("Huelga el jueves")
    sending.locator("#id_text").fill("Nadie trabaja.")
    form.wait()
    sending.locator("form button.button").click()
    form = Form()
    form.wait()
    sending.locator("form button.button-big").click()
    expect(sending.locator("progress")).to_be_visible()
    mail = mail_to(site, awake.user.email)
    sending.close()

    page = as_account(phone, site, awake.user, javascript=javascript)
    page.goto(f"{home}committees/{committee.slug}/")
    page.locator("main a", has_text="Huelga el jueves").click()
    expect(page.locator("article .prose")).to_contain_text("Nadie trabaja.")
    expect(page.locator("a", has_text=say(language, "How its mail got on"))).to_have_count(0)

    page.goto(link_in(mail, "unsubscribe"))
    expect(page.locator("h1")).to_have_text(say(language, "Stop these announcements?"))
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text(say(language, "No more announcements by mail"))
    awake.refresh_from_db()
    assert not awake.takes_mail
