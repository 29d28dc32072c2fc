"""People sign an appeal, show a little more, sign the newer text, and take it all back by the link that
stays: on a phone and at a desk, in both languages, with and without JavaScript."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Appeal
from tests.browser.acts import Form, code_in, link_in, mail_to, open_fold, press, text_of, type_code
from tests.browser.test_hosting import logged_in
from tests.browser.walks import WALKS, Walk, look
from tests.campaigns.signing import counts, make_appeal, rewrite
from tests.factories import new_address


@dataclass
class Signer:
    """Somebody who signs an appeal of their own."""

    walk: Walk
    page: Page
    appeal: Appeal
    address: str = field(default_factory=new_address)
    form: Form = field(default_factory=Form)

    @property
    def path(self) -> str:
        return f"{self.walk.root}/appeals/{self.appeal.slug}/"


def reads_it_in_both_languages(signer: Signer, folder) -> None:
    signer.page.goto(signer.path)
    look(signer.page, signer.walk, folder / "appeal")
    signer.page.locator("a[href$='/languages/']").click()
    texts = signer.page.locator("article")
    expect(texts).to_have_count(2)
    boxes = [texts.nth(n).bounding_box() for n in (0, 1)]
    if signer.walk.width == 360:  # one below the other, each a press away
        assert boxes[0]["x"] == boxes[1]["x"]
        signer.page.locator("main a[href='#text-es']").click()
        expect(signer.page.locator("article h2").last).to_be_in_viewport()
    else:
        assert boxes[0]["y"] == boxes[1]["y"]
    look(signer.page, signer.walk, folder / "languages")


def fills_in_the_name(signer: Signer, folder) -> None:
    page = signer.page
    page.goto(signer.path)
    page.locator("a.button-big").first.click()
    signer.form = Form()
    # The fields of a way to be shown come with the choice, without a script.
    expect(page.locator("#id_initials")).not_to_be_visible()
    page.locator("input[value=name]").check()
    expect(page.locator("#id_name")).to_be_visible()
    page.locator("#id_name").fill("Rosa Ejemplo")
    page.locator("#id_email").fill(signer.address)
    look(page, signer.walk, folder / "sign")


def sends_it(signer: Signer, folder) -> None:
    page = signer.page
    signer.form.wait()
    page.locator("form .button-big").click()
    expect(page).to_have_url(re.compile(r"/t/[\w-]{32}/$"))
    expect(page.locator(".panel-pending")).to_contain_text(
        signer.walk.say("One more step: confirm your e-mail")
    )
    look(page, signer.walk, folder / "pending")
    assert counts(signer.appeal) == {1: 0}


def types_the_code_and_is_counted(signer: Signer, folder, site) -> None:
    page, mail = signer.page, mail_to(site, signer.address)
    assert "Ejemplo" not in text_of(mail)
    type_code(page, code_in(mail))
    expect(page.locator(".panel-going")).to_contain_text("Rosa Ejemplo")
    assert counts(signer.appeal) == {1: 1}
    page.goto(f"{signer.path}names/")
    expect(page.locator(".signers")).to_contain_text("Rosa Ejemplo")
    look(page, signer.walk, folder / "names")


def signs_the_newer_text(signer: Signer, folder, site) -> None:
    """Asked once, by mail, and the link of the mail leads there."""
    page = signer.page
    page.goto(link_in(mail_to(site, signer.address, number=2), "t"))
    look(page, signer.walk, folder / "newer")
    page.locator("#newer button").click()
    expect(page.locator("#newer")).to_have_count(0)
    assert counts(signer.appeal) == {1: 0, 2: 1}
    open_fold(page, "change")
    page.locator("#change input[value=counted]").check()
    press(page, "change")
    expect(page.locator(".panel-going")).to_contain_text(
        signer.walk.say("You are counted. Nothing about you is shown.")
    )


def withdraws_by_the_link_that_stays(signer: Signer, folder, site, phone) -> None:
    """In a browser that knows nothing of the signature but the mail's link."""
    page, own = signer.walk.visitor(phone), link_in(mail_to(site, signer.address, number=2), "t")
    page.goto(own)
    open_fold(page, "withdraw")
    look(page, signer.walk, folder / "withdraw")
    press(page, "withdraw")
    expect(page).to_have_url(re.compile("/mine/erased/$"))
    look(page, signer.walk, folder / "erased")
    assert counts(signer.appeal) == {1: 0, 2: 0}
    assert page.goto(own).status == 410
    page.goto(f"{signer.path}names/")
    expect(page.locator("main")).not_to_contain_text("Ejemplo")


def test_signing_changing_signing_anew_and_taking_it_back(phone, site, tmp_path):
    """The walks go side by side, since the time passes with waiting: for forms to be old enough, for mail."""
    signers = [Signer(walk, walk.visitor(phone), make_appeal(goal=10)) for walk in WALKS]
    for signer in signers:
        reads_it_in_both_languages(signer, tmp_path)
        fills_in_the_name(signer, tmp_path)
    for signer in signers:
        sends_it(signer, tmp_path)
    for signer in signers:
        types_the_code_and_is_counted(signer, tmp_path, site)
        rewrite(signer.appeal, "Something else.")
    for signer in signers:
        signs_the_newer_text(signer, tmp_path, site)
        withdraws_by_the_link_that_stays(signer, tmp_path, site, phone)


@pytest.mark.parametrize("walk", WALKS[:2], ids=str)
def test_the_sheet_to_sign_on_is_for_paper(phone, db, walk):
    """The lines are wide enough to write on; nothing of the screen's own is printed."""
    page, appeal = walk.visitor(phone), make_appeal()
    page.goto(f"{walk.root}/appeals/{appeal.slug}/sheet/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 960})  # A4 between its margins
    for hidden in (".site-nav", ".site-footer", "main a"):
        expect(page.locator(hidden).first).to_be_hidden()
    cells = page.locator(".sheet-lines tbody tr").first.locator("td")
    assert all(cells.nth(n).bounding_box()["width"] > 200 for n in range(3))


@pytest.mark.parametrize("walk", [Walk(360, "es"), Walk(1280, "en")], ids=str)
def test_an_appeal_is_written_looked_at_and_published(phone, site, tmp_path, walk):
    page = logged_in(walk.staff(phone), site, walk.coordinator())
    page.goto("/admin/campaigns/appeal/add/")
    page.locator("#id_kind").select_option("appeal")
    page.locator("#id_issued_on").fill("2026-05-01")
    titles = {"en": f"For a party ({walk})", "es": f"Por un partido ({walk})"}
    for language, title in titles.items():
        page.locator(f"#id_title_{language}").fill(title)
        page.locator(f"#id_summary_{language}").fill("1, 2, 3.")
        page.locator(f"#id_body_{language}").fill("**1**, 2, 3.")
    look(page, walk, tmp_path / "form")
    with page.context.expect_page() as opened:
        page.locator("[name=_preview]").click()
    expect(opened.value.locator("article")).to_have_count(2)
    look(opened.value, walk, tmp_path / "preview")
    opened.value.close()
    page.locator("[name=_publish]").click()
    expect(page.locator(".messagelist")).to_contain_text(
        walk.say("“{title}” is published.").format(title=titles[walk.language])
    )
    look(page, walk, tmp_path / "list")
    page.get_by_role("link", name=titles[walk.language]).last.click()
    page.locator("a[href$='/paper/']").click()
    page.locator("#id_count").fill("12")
    look(page, walk, tmp_path / "paper")
    page.locator("[name=act][value=add]").locator("xpath=ancestor::form").locator("[type=submit]").click()
    reader = walk.visitor(phone)
    reader.goto(f"{walk.root}/appeals/")
    reader.get_by_role("link", name=titles[walk.language]).click()
    day = {"en": "May 1, 2026", "es": "1 de mayo de 2026"}[walk.language]
    expect(reader.locator(".eyebrow")).to_contain_text(day)
    expect(reader.locator(".signed-count strong")).to_have_text("12")
