"""From a day of action to "I'm coming" with one click, on a phone."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from events.models import Rsvp
from tests.browser.gallery import session_of
from tests.factories import make_day, make_event, make_user, slot_of


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_a_member_finds_theirs_and_comes_with_one_click(phone, site, prefix, javascript):
    day = make_day(texts={"en": ("Day of dignity", "Come."), "es": ("Jornada de la dignidad", "Ven.")})
    event = make_event(title="Rally of the day", day=day, capacity=3, lat=37.75, lon=-122.41)
    make_event(title="Rally elsewhere", day=day, city="Chicago", region="IL", lat=41.88, lon=-87.63)
    user = make_user(language=prefix.strip("/") or "en")
    context = phone(java_script_enabled=javascript)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": f"{site.url}/"}]
    )
    page = context.new_page()
    page.goto(f"{prefix}/days/{day.slug}/")
    expect(page.locator(".places a")).to_have_count(2)
    page.locator("#day-near").fill("94110")
    page.locator(".find-yours button").click()
    expect(page.locator(".card")).to_have_count(1)
    page.locator(".card a").click()
    expect(page.locator("h1")).to_have_text("Rally of the day")
    page.locator("form button.button-big").click()
    expect(page.locator(".panel-going")).to_be_visible()
    party = Rsvp.objects.get(event=event)
    assert page.url == f"{site.url}{prefix}/rsvp/{party.mail_token}/"
    assert (party.as_member, slot_of(event).seats_taken) == (True, 1)
    page.goto(f"{prefix}/events/{event.slug}/")
    expect(page.locator(".panel-going a")).to_have_attribute("href", f"{prefix}/rsvp/{party.mail_token}/")
    expect(page.locator("form button.button-big")).to_have_count(0)


def test_hosting_one_starts_on_the_day_s_page(phone):
    day = make_day()
    page = phone().new_page()
    page.goto(f"/days/{day.slug}/")
    page.locator("a", has_text="Host one here").first.click()
    expect(page.locator("h1")).to_have_text("Host a local event")
    expect(page.locator("a.button-big")).to_have_attribute("href", f"/events/propose/?day={day.slug}")
