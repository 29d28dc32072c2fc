"""An organization endorses a forum, and others an appeal, after their meetings have voted on the model
resolution: their secretaries and a moderator."""

import re
from dataclasses import dataclass, field
from datetime import date

from playwright.sync_api import Page, expect

from campaigns.models import Appeal
from events.models import EventEndorsement
from tests.browser.acts import Form, code_in, code_of, mail_to, open_fold, type_code
from tests.browser.test_hosting import logged_in
from tests.browser.walks import WALKS, Walk, look
from tests.campaigns.endorsing import make_organization
from tests.campaigns.signing import make_appeal
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


def test_from_the_event_to_the_list_to_the_withdrawal(phone, site):
    secretary, moderator, visitor = (phone(java_script_enabled=False).new_page() for _ in range(3))
    logged_in(moderator, site, make_moderator())
    forum = make_event(title="Forum on repression", kind="forum")
    number = 8012  # of none in the gallery
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

    # Their own page at once; the code that the mail will hold.
    expect(secretary.locator(".panel-title")).to_have_text("One more step: confirm your e-mail")
    type_code(secretary, code_of(EventEndorsement.objects.get(event=forum)))
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


@dataclass
class Secretary:
    """Who endorses an appeal in the name of their organization."""

    walk: Walk
    page: Page
    appeal: Appeal
    name: str
    address: str = field(default_factory=new_address)
    form: Form = field(default_factory=Form)

    @property
    def path(self) -> str:
        return f"{self.walk.root}/appeals/{self.appeal.slug}/"


def prints_the_model_resolution(secretary: Secretary, folder) -> None:
    """It is one sheet, with nothing of the screen's own, and says where the decision is told."""
    page, walk = secretary.page, secretary.walk
    page.goto(secretary.path)
    page.locator("#endorsers a").last.click()
    page.get_by_role("link", name=walk.say("Print a model resolution")).click()
    look(page, walk, folder / "resolution")
    page.emulate_media(media="print")
    expect(page.locator("article")).to_contain_text(f"{site_path(page)}{walk.root}/endorse/appeal/")
    for hidden in (".site-nav", ".site-footer", "main .eyebrow"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.screenshot(path=folder / f"resolution-{walk}-print.png", full_page=True)
    if walk.script:  # on paper there is none anyway
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.emulate_media(media="screen")
    page.locator("main .eyebrow a").click()


def site_path(page: Page) -> str:
    """The address of the hub, without a path."""
    return "/".join(page.url.split("/")[:3])


def fills_in_the_decision(secretary: Secretary, folder) -> None:
    page, secretary.form = secretary.page, Form()
    page.locator("#id_name").fill(secretary.name)
    page.locator("#id_level").select_option("local")
    page.locator("#id_country").select_option("US")
    page.locator("#id_city").fill("Fresno")
    page.locator("[name=adopted_by][value=members]").check()
    page.locator("#id_adopted_on").fill("2026-05-01")
    page.locator("#id_motion").fill("We endorse it.")
    page.locator("#id_email").fill(secretary.address)
    look(page, secretary.walk, folder / "endorse")


def sends_it(secretary: Secretary) -> None:
    page = secretary.page
    secretary.form.wait()
    page.locator("form button.button-big").click()
    expect(page.locator(".panel-title")).to_have_text(
        secretary.walk.say("One more step: confirm your e-mail")
    )


def types_the_code(secretary: Secretary, folder, site) -> None:
    page, walk = secretary.page, secretary.walk
    mail = mail_to(site, secretary.address)
    assert mail["Content-Language"] == walk.language
    type_code(page, code_in(mail))
    expect(page.locator(".panel-title")).to_have_text(walk.say("A moderator looks at it"))
    look(page, walk, folder / "waits")


def is_published_by_a_moderator(secretary: Secretary, folder, site, phone) -> None:
    walk = secretary.walk
    page = logged_in(walk.staff(phone), site, walk.moderator())
    page.goto(f"{walk.root}/moderation/")
    page.get_by_role("link", name=secretary.name).click()
    look(page, walk, folder / "review")
    page.locator("button[value=publish]").click()
    expect(page.locator(".notice-success")).to_be_visible()


def is_read_by_everybody(secretary: Secretary, folder, phone) -> None:
    walk, page = secretary.walk, secretary.walk.visitor(phone)
    page.goto(secretary.path)
    page.locator("#endorsers a", has_text=secretary.name).click()
    expect(page.locator("h1")).to_have_text(secretary.name)
    page.locator("details summary").click()
    expect(page.get_by_text("We endorse it.")).to_be_visible()
    look(page, walk, folder / "organization")
    page.locator(".card a").click()
    expect(page).to_have_url(re.compile(f"{secretary.path}$"))
    page.goto(f"{walk.root}/organizations/?country=US&level=local")
    expect(page.get_by_role("link", name=secretary.name)).to_be_visible()
    look(page, walk, folder / "organizations")


def test_an_appeal_is_endorsed_after_a_vote_on_the_model_resolution(phone, site, tmp_path):
    """The walks go side by side, since the time passes with waiting: for forms to be old enough, for mail."""
    secretaries = [
        Secretary(walk, walk.visitor(phone), make_appeal(), f"Cannery Workers Local {8021 + number}")
        for number, walk in enumerate(WALKS)
    ]
    for secretary in secretaries:
        prints_the_model_resolution(secretary, tmp_path)
        fills_in_the_decision(secretary, tmp_path)
    for secretary in secretaries:
        sends_it(secretary)
    for secretary in secretaries:
        types_the_code(secretary, tmp_path, site)
    for secretary in secretaries:
        is_published_by_a_moderator(secretary, tmp_path, site, phone)
        is_read_by_everybody(secretary, tmp_path, phone)
