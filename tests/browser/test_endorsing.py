"""An organization endorses a forum: its secretary and a moderator, on their phones."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from events.models import EventEndorsement
from tests.browser.acts import Form, code_in, mail_to, open_fold, type_code
from tests.browser.test_hosting import logged_in
from tests.campaigns.endorsing import make_organization
from tests.factories import make_event, make_moderator, new_address


def fill_in(page: Page, slug: str, name: str, address: str) -> Form:
    page.goto(f"/events/{slug}/")
    page.locator("#endorsers a").last.click()
    form = Form()
    page.locator("#id_name").fill(name)
    page.locator("#id_level").select_option("local")
    page.locator("#id_country").select_option("US")
    page.locator("#id_city").fill("Oakland")
    page.get_by_label("We organize it together with others").check()
    page.get_by_label("a vote of the members").check()
    page.locator("#id_adopted_on").fill(date(2026, 5, 1).isoformat())
    page.locator("#id_email").fill(address)
    return form


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_from_the_event_to_the_list_to_the_withdrawal(phone, site, script):
    secretary, moderator, visitor = (phone(java_script_enabled=script).new_page() for _ in range(3))
    logged_in(moderator, site, make_moderator())
    forum = make_event(title="Forum on repression", kind="forum")
    number = 8012 if script else 8013  # of none in the gallery
    make_organization(f"Teamsters Local {number}", city="Oakland")
    address = new_address()

    # The name is here already in another spelling: the form asks, with everything kept.
    form = fill_in(secretary, forum.slug, f"IBT Loc. {number}", address)
    form.wait()
    secretary.locator("form button.button-big").click()
    expect(secretary.locator(".error-summary")).to_contain_text("Say whether it is the same")
    expect(secretary.locator("#id_name")).to_have_value(f"IBT Loc. {number}")
    secretary.get_by_label(f"Teamsters Local {number}").check()
    secretary.locator("form button.button-big").click()

    # Their own page at once; the mail's code.
    expect(secretary.locator(".panel-title")).to_have_text("One more step: confirm your e-mail")
    type_code(secretary, code_in(mail_to(site, address)))
    expect(secretary.locator(".panel-title")).to_have_text("A moderator looks at it")
    own = secretary.url

    # A moderator publishes it.
    moderator.goto("/moderation/")
    moderator.get_by_role("link", name=f"Teamsters Local {number}").click()
    moderator.locator("button[value=publish]").click()
    expect(moderator.locator(".notice-success")).to_be_visible()

    # Everybody reads it, until it is withdrawn.
    visitor.goto(f"/events/{forum.slug}/")
    expect(visitor.locator("#endorsers")).to_contain_text(f"Teamsters Local {number}, Oakland Co-organizer")
    secretary.goto(own)
    expect(secretary.locator(".panel-title").first).to_have_text("It is in the public list")
    open_fold(secretary, "withdraw")
    secretary.locator("#withdraw button").click()
    expect(secretary.locator(".panel-title")).to_have_text("You have withdrawn it")
    visitor.goto(f"/events/{forum.slug}/")
    expect(visitor.locator("#endorsers")).not_to_contain_text("Teamsters")
    assert EventEndorsement.objects.get(event=forum).mailbox is None
