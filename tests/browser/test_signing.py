"""Somebody signs an appeal on a phone, shows a little more, signs the newer text and takes it all back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import Form, code_in, link_in, mail_to, open_fold, press, say, text_of, type_code
from tests.campaigns.signing import counts, make_appeal, rewrite
from tests.factories import new_address


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_signing_changing_signing_anew_and_taking_it_back(phone, site, script, language):
    page = phone(java_script_enabled=script).new_page()
    appeal, address = make_appeal(goal=10), new_address()
    root = "" if language == "en" else "/es"
    page.goto(f"{root}/appeals/{appeal.slug}/")
    page.locator("a.button-big").first.click()
    form = Form()

    # The fields of a way to be shown come with the choice, without a script.
    expect(page.locator("#id_initials")).not_to_be_visible()
    page.locator("input[value=name]").check()
    expect(page.locator("#id_name")).to_be_visible()
    page.locator("#id_name").fill("Rosa Ejemplo")
    page.locator("#id_email").fill(address)
    form.wait()
    page.locator("form .button-big").click()
    expect(page).to_have_url(re.compile(r"/t/[\w-]{32}/$"))
    expect(page.locator(".panel-pending")).to_contain_text(
        say(language, "One more step: confirm your e-mail")
    )
    assert counts(appeal) == {1: 0}

    mail = mail_to(site, address)
    assert "Ejemplo" not in text_of(mail)
    type_code(page, code_in(mail))
    expect(page.locator(".panel-going")).to_contain_text("Rosa Ejemplo")
    assert counts(appeal) == {1: 1}
    page.goto(f"{root}/appeals/{appeal.slug}/names/")
    expect(page.locator(".signers")).to_contain_text("Rosa Ejemplo")

    # The text comes to say something else: asked once, by mail, and the link of the mail leads there.
    rewrite(appeal, "Something else.")
    page.goto(link_in(mail_to(site, address, number=2), "t"))
    page.locator("#newer button").click()
    expect(page.locator("#newer")).to_have_count(0)
    assert counts(appeal) == {1: 0, 2: 1}

    open_fold(page, "change")
    page.locator("#change input[value=counted]").check()
    press(page, "change")
    expect(page.locator(".panel-going")).to_contain_text(
        say(language, "You are counted. Nothing about you is shown.")
    )
    open_fold(page, "withdraw")
    press(page, "withdraw")
    expect(page).to_have_url(re.compile("/mine/erased/$"))
    assert counts(appeal) == {1: 0, 2: 0}
