"""An operator in the admin makes, publishes, moves and cancels an event; who is coming is told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone
from playwright.sync_api import expect

from events.models import Event
from hub.models import User
from tests.browser.acts import link_in, mail_to, text_of
from tests.factories import PASSWORD, make_admin, make_demand, make_rsvp, new_address

DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture
def operator(phone, db):
    """A browser in which an administrator has logged in by the form."""
    admin = make_admin(new_address(), display_name="Ada")
    # The running hub knows Argon2 only; the tests' own accounts have something quicker.
    hashed = Argon2PasswordHasher().encode(PASSWORD, "salt of tests only")
    User.objects.filter(pk=admin.pk).update(password=hashed)
    page = phone(viewport=DESKTOP).new_page()
    page.goto("/account/login/")
    page.locator("#id_login").fill(admin.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page.locator("header form[action$='/account/logout/']")).to_be_visible()
    return page


def zone_by_day() -> str:
    """Where it is day: at night a change would be told in the morning only. Eight hours lie between
    these, so that it is in one of them."""
    zones = ("America/Los_Angeles", "Europe/London", "Asia/Shanghai")
    return next(zone for zone in zones if 8 <= timezone.localtime(timezone=ZoneInfo(zone)).hour < 20)


def test_an_event_is_made_published_moved_and_cancelled(operator, site, tmp_path):
    page = operator
    day = timezone.localdate() + timedelta(days=20)

    page.goto("/admin/")
    page.locator("a[href$='/admin/events/event/add/']").first.click()
    for name, value in {
        "title": "March made in the admin",
        "description": "We start **on time**.",
        "venue": "Harry Bridges Plaza",
        "street": "1 The Embarcadero",
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "94110",
        "first_day": day.isoformat(),
        "starts": "12:00",
        "ends": "14:00",
        "capacity": "50",
    }.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_campaign").select_option(index=1)
    page.locator("#id_kind").select_option("march")
    page.locator("#id_country").select_option("US")
    page.locator("#id_zone").select_option(zone_by_day())
    page.locator("[name=_publish]").click()
    expect(page.locator(".messagelist .success").last).to_be_visible()
    event = Event.objects.get(title="March made in the admin")
    assert event.status == "published"

    address = new_address()
    make_rsvp(event, email=address, confirmed=True)
    mail_to(site, address)

    page.goto(f"/admin/events/event/{event.pk}/change/")
    expect(page.locator("#id_starts")).to_have_value("12:00")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=tmp_path / f"change-{scheme}.png", full_page=True)
    page.locator("#id_starts").fill("13:30")
    page.locator("#id_ends").fill("15:30")
    page.locator("[name=_save]").click()
    expect(page.locator("#content")).to_contain_text("1 person will be told now.")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=tmp_path / f"question-{scheme}.png", full_page=True)
    page.locator("[name=_back]").click()
    expect(page.locator("#id_starts")).to_have_value("13:30")
    page.locator("[name=_save]").click()
    page.locator("[name=_confirmed]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("1 person is told now.")
    hidden = "document.querySelector('.results').scrollWidth - document.querySelector('.results').clientWidth"
    assert page.evaluate(hidden) <= 0  # every column is seen
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=tmp_path / f"list-{scheme}.png", full_page=True)
    moved = mail_to(site, address, number=2)
    assert "1:30 PM" in text_of(moved)
    page.goto(link_in(moved, "rsvp"))
    expect(page.locator(".panel-going")).to_be_visible()

    page.goto(f"/admin/events/event/{event.pk}/change/")
    page.locator("[name=_cancel]").click()
    page.locator("[name=_confirmed]").click()
    expect(page.locator(".messagelist .success").last).to_be_visible()
    assert "cancelled" in text_of(mail_to(site, address, number=3))
    page.goto(f"/events/{event.slug}/")
    expect(page.locator(".badge-cancelled")).to_be_visible()


def test_forms_have_room_for_what_they_ask(operator):
    title = "Reinstate everybody who was fired for protesting unsafe conditions at work"
    demand = make_demand(texts={"en": (title, "", "2020")})
    operator.goto("/admin/campaigns/appeal/add/")
    answer = operator.locator("#id_demands label", has_text=title).bounding_box()
    assert answer["width"] > 400
    assert answer["height"] < 30  # one line
    assert operator.locator("#id_title_en").bounding_box()["width"] > 500
    for path in ("appeal/add/", f"demand/{demand.pk}/change/", "post/add/", "campaign/add/"):
        operator.goto(f"/admin/campaigns/{path}")
        operator.set_viewport_size({"width": 360, "height": 740})
        assert operator.evaluate("document.documentElement.scrollWidth") == 360
        operator.set_viewport_size(DESKTOP)


def test_what_is_wrong_is_named_once_and_leads_to_its_field(operator):
    operator.goto("/admin/campaigns/post/add/")
    operator.locator("input[name=_save]").click()
    expect(operator.locator(".errornote")).to_be_hidden()
    operator.locator(".hub-errors a").first.click()
    expect(operator.locator("#id_title")).to_be_focused()
