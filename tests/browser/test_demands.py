"""A coordinator of the campaign adopts a demand and later changes its words; everybody reads what was
adopted when and where."""

import re

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Demand
from tests.browser.test_hosting import logged_in
from tests.browser.walks import WALKS, Walk, look
from tests.factories import make_demand

TITLES = {"en": "Heat in every home", "es": "Calor en cada casa"}


def propose(walk: Walk) -> Demand:
    """In both languages, without a word on where it was adopted."""
    texts = {code: (f"{title} ({walk})", "Now.", "") for code, title in TITLES.items()}
    return make_demand(status="proposed", texts=texts, tags=["housing"])


def adopts_it(page: Page, walk: Walk, demand: Demand, folder) -> None:
    """The form wants to know when and where, and keeps what was typed."""
    page.goto("/admin/campaigns/demand/?status__exact=proposed")
    page.locator(f"#result_list a[href*='{demand.pk}']").click()
    look(page, walk, folder / "form")
    page.locator("#id_adopted_en").fill("May 2026, Oakland")
    page.locator("[name=_adopt]").click()
    expect(page.locator(".errorlist").last).to_contain_text(
        walk.say("Write when and where these words were adopted.")
    )
    expect(page.locator("#id_adopted_en")).to_have_value("May 2026, Oakland")
    look(page, walk, folder / "form-errors")
    page.locator("#id_adopted_es").fill("Mayo de 2026, Oakland")
    page.locator("[name=_adopt]").click()
    expect(page.locator(".messagelist .success").first).to_be_visible()
    look(page, walk, folder / "list")


def changes_the_words(page: Page, demand: Demand) -> None:
    page.goto(f"/admin/campaigns/demand/{demand.pk}/change/")
    for code, when in (("en", "June 2026, Fresno"), ("es", "Junio de 2026, Fresno")):
        page.locator(f"#id_text_{code}").fill("Tomorrow.")
        page.locator(f"#id_adopted_{code}").fill(when)
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success").first).to_be_visible()


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_a_demand_is_adopted_and_its_words_are_changed(phone, site, tmp_path, walk):
    demand, reader = propose(walk), walk.visitor(phone)
    staff = logged_in(walk.staff(phone), site, walk.coordinator())
    path = f"{walk.root}/demands/{demand.slug}/"
    title = f"{TITLES[walk.language]} ({walk})"
    first, second = {
        "en": ("May 2026, Oakland", "June 2026, Fresno"),
        "es": ("Mayo de 2026, Oakland", "Junio de 2026, Fresno"),
    }[walk.language]
    assert reader.goto(path).status == 404
    staff.goto(path)
    expect(staff.locator(".notice-warning")).to_be_visible()
    look(staff, walk, tmp_path / "proposed")

    adopts_it(staff, walk, demand, tmp_path)
    reader.goto(f"{walk.root}/demands/")
    reader.get_by_role("link", name=title).click()
    expect(reader.locator("h1")).to_have_text(title)
    expect(reader.locator(".facts")).to_contain_text(first)
    look(reader, walk, tmp_path / "demand")

    changes_the_words(staff, demand)
    reader.reload()
    expect(reader.locator(".facts")).to_contain_text(second)
    reader.locator(".facts a[href$='/history/']").click()
    versions = reader.locator("main section")
    expect(versions).to_have_count(2)
    expect(versions.first).to_contain_text(second)
    expect(versions.first.locator("ins")).to_have_text("Tomorrow")
    expect(versions.first.locator("del")).to_have_text("Now")
    expect(versions.last).to_contain_text(first)
    look(reader, walk, tmp_path / "history")

    reader.goto(f"{walk.root}/demands/platform/")
    expect(reader.locator("ol.in-columns")).to_contain_text(re.compile(re.escape(title) + r"\s+Tomorrow\."))
    look(reader, walk, tmp_path / "platform")
    reader.emulate_media(media="print")
    columns = "getComputedStyle(document.querySelector('.in-columns')).columnCount"
    if walk.script:
        assert reader.evaluate(columns) == "2"
    for hidden in (".site-nav", ".site-footer", "main .eyebrow"):
        expect(reader.locator(hidden).first).to_be_hidden()
