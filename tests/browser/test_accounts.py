"""A newcomer makes an account by code, turns on the second step, and logs in with it."""

import re
import time

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from hub import accounts
from hub.models import User
from tests import services
from tests.browser.acts import Form, code_in, mail_to, say, text_of
from tests.factories import make_event, make_rsvp, new_address

PERIOD = 30  # seconds that the six digits of an authenticator app are shown


def digits(secret: str) -> str:
    """What an authenticator app shows at this moment."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // PERIOD))


def send(page) -> None:
    """The button of the page's form."""
    page.locator("main form button:not([type=button])").last.click()


def fits(page) -> None:
    """Nothing is cut off or to be scrolled sideways."""
    width = page.evaluate("document.documentElement.scrollWidth") if page.context.scripts else 0
    assert width <= page.viewport_size["width"]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scripts", [True, False], ids=["JavaScript", "no-JavaScript"])
def test_a_newcomer_signs_up_by_code_and_logs_in_with_a_second_step(phone, site, scripts, language, tmp_path):
    context = phone(java_script_enabled=scripts, locale="es-ES" if language == "es" else "en-US")
    context.scripts = scripts
    page = context.new_page()
    home = "" if language == "en" else f"/{language}"
    address, password = new_address(), "several words that I remember"

    def shot(name: str, path: str = ".") -> None:
        expect(page).to_have_url(re.compile(path))
        expect(page.locator("footer")).to_be_visible()
        fits(page)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    page.goto(f"{home}/me/")
    expect(page).to_have_url(re.compile(rf"{home}/account/login/\?next="))
    page.locator("main a[href*='/account/signup/']").click()
    form = Form()
    send(page)
    expect(page.locator(".error-summary a[href='#id_email']")).to_be_visible()
    page.locator("#id_email").fill(address)
    page.locator("#id_display_name").fill("Rosa 🌹")
    page.locator("#id_password").fill(password)
    shot("sign-up")
    form.wait()
    send(page)
    expect(page.locator("#id_code")).to_be_visible()
    shot("code")
    mail = mail_to(site, address)
    assert mail["Content-Language"] == language
    code = code_in(mail)
    page.locator("#id_code").fill(f"{(int(code) + 1) % 10**6:06d}")
    send(page)
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("#id_code").fill(code)
    send(page)
    expect(page.locator("h1")).to_have_text(say(language, "My page"))
    shot("me")

    page.locator("main a[href$='/me/settings/']").click()
    shot("settings", "/me/settings/$")
    page.locator("main a[href$='/account/second/']").click()
    page.locator("main a[href$='/account/second/app/']").click()
    expect(page.locator(".qr-code svg")).to_be_visible()
    secret = page.locator("#id_key").input_value()
    shot("second-step")
    page.locator("#id_code").fill("000000")
    send(page)
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#id_key")).to_have_value(secret)
    page.locator("#id_code").fill(digits(secret))
    send(page)
    expect(page.locator("main code")).to_have_count(10)
    shot("recovery")
    recovery = page.locator("main code").first.inner_text()
    assert say(language, "An authenticator app was set up for your account.") in text_of(
        mail_to(site, address, number=2)
    )

    page.locator("header form button").click()
    expect(page.locator("header form[action$='/account/logout/']")).to_have_count(0)
    page.goto(f"{home}/account/login/")
    page.locator("#id_login").fill(address)
    page.locator("#id_password").fill(password)
    send(page)
    expect(page.locator("h1")).to_have_text(say(language, "Second step"))
    page.locator("#id_code").fill(recovery)
    send(page)
    expect(page.locator("h1")).to_have_text(say(language, "My page"))
    assert User.objects.get(email=address).display_name == "Rosa 🌹"


@pytest.mark.parametrize("scripts", [True, False], ids=["JavaScript", "no-JavaScript"])
def test_a_member_looks_at_what_is_next_and_erases_the_account(phone, scripts, tmp_path):
    address = new_address()
    user = User.objects.create_user(address, display_name="Mel")
    # The running hub knows Argon2 only; this account has no password and comes in by a session of its own.
    event = make_event(title="What Mel comes to")
    make_rsvp(event, email=address, confirmed=True)
    context = phone(java_script_enabled=scripts)
    context.scripts = scripts
    page = context.new_page()
    page.goto("/account/login/code/")
    page.locator("#id_email").fill(address)
    send(page)
    services.wait_until(lambda: page.locator("#id_code").count() == 1, "the page for the code")
    page.locator("#id_code").fill(accounts.mailed_code(address))
    send(page)
    expect(page.locator(".card-title a")).to_have_text("What Mel comes to")
    page.screenshot(path=tmp_path / "me.png", full_page=True)
    page.locator("main a[href$='/me/data/']").click()
    page.screenshot(path=tmp_path / "data.png", full_page=True)
    page.locator("form:has([value=erase]) button").click()
    expect(page.locator(".error-summary a")).to_be_visible()
    page.locator("#id_sure").check()
    page.locator("form:has([value=erase]) button").click()
    expect(page).to_have_url(re.compile("/me/erased/$"))
    assert not User.objects.filter(pk=user.pk).exists()
    page.goto("/me/")
    expect(page).to_have_url(re.compile("/account/login/"))
