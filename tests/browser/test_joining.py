"""A newcomer finds a committee near them, asks to join with name and e-mail, and types the code; its
coordinator lets them in. On a phone, with and without JavaScript."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from committees.models import Membership
from hub.models import User
from tests.browser.acts import Form, code_in, link_in, mail_to, press, say, text_of
from tests.cast import logged_in
from tests.factories import make_committee, make_member, make_user, new_address


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_newcomer_joins_by_code_and_is_let_in(site, phone, language, javascript):
    committee = make_committee(name=f"Committee {new_address()}".partition("@")[0], question="Why us?")
    coordinator = make_user(new_address(), display_name="Cora")
    make_member(committee, coordinator, role="coordinator")
    page, address = phone(java_script_enabled=javascript).new_page(), new_address()
    home = "/" if language == "en" else f"/{language}/"

    page.goto(f"{home}committees/")
    page.locator("#id_near").fill("94110")
    page.locator(".filters button").click()
    page.locator(f'.card a[href$="/committees/{committee.slug}/"]').click()
    expect(page.locator("h1")).to_have_text(committee.name)
    page.locator("a.button-big").click()
    form = Form()
    page.locator("#id_name").fill("Xiomara")
    page.locator("#id_email").fill(address)
    page.locator("#id_answer").fill("I drive a bus.")
    form.wait()
    page.locator("form button.button-big").click()
    expect(page).to_have_url(re.compile(r"/t/[\w-]{32}/$"))
    expect(page.locator(".panel-pending")).to_contain_text(
        say(language, "One more step: confirm your e-mail")
    )
    assert not User.objects.filter(email=address).exists()

    mail = mail_to(site, address)
    assert mail["Content-Language"] == language
    assert "Xiomara" not in text_of(mail)
    assert link_in(mail, "confirm")
    page.locator("#id_code").fill(code_in(mail))
    press(page, "code")
    expect(page.locator("h1")).to_have_text(committee.name)
    expect(page.locator(".panel-pending")).to_contain_text(say(language, "You have asked to join"))

    context = phone(java_script_enabled=javascript)
    session = logged_in(coordinator).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}])
    own = context.new_page()
    own.goto(f"/committees/{committee.slug}/members/")
    expect(own.locator("main")).to_contain_text("I drive a bus.")
    press(own, "approve")
    expect(own.locator("table")).to_contain_text("Xiomara")

    page.reload()
    expect(page.locator(".panel-going")).to_contain_text(say(language, "You belong to this committee"))
    assert Membership.objects.get(user__email=address).state == "active"
