"""How a journey is walked, and what every screen on the way has to be: as wide as the window, and in the
language it was asked in."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import translation
from playwright.sync_api import Page

from campaigns.models import Campaign
from hub.models import User
from tests.browser.acts import say
from tests.factories import make_campaign_coordinator, make_moderator, new_address

# The page may not scroll sideways, and nothing may stick out of it cut off. What is there for
# screen readers or robots only, or scrolls in a box of its own, may.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const found = [...document.body.querySelectorAll("*")].filter((node) => {
    if (node.closest(".visually-hidden, .trap, .skip, pre, .table-scroll, .results")) return false;
    const box = node.getBoundingClientRect();
    return box.width && box.height && (box.right > width + 1 || box.left < -1);
  }).map((node) => `${node.tagName} ${node.className}: ${node.textContent.trim().slice(0, 40)}`);
  const scroll = document.documentElement.scrollWidth;
  return scroll > width ? [`the page is ${scroll} wide`, ...found] : found;
}"""
# What a page says in the language it says it is in, each text once.
TEXTS = """() => {
  const found = [...document.querySelectorAll("input[type=submit]")].map((node) => node.value);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const within = texts.currentNode.parentElement;
    if (!within.closest("body [lang], script, style, option")) found.push(texts.currentNode.data);
  }
  return [...new Set(found.map((text) => text.trim().replace(/:$/, "")))].filter(Boolean);
}"""


@dataclass(frozen=True)
class Walk:
    """The window, the language, and whether visitors have JavaScript."""

    width: int
    language: str
    script: bool = True

    def __str__(self) -> str:
        return f"{self.width}-{self.language}" + ("" if self.script else " without JavaScript")

    @property
    def root(self) -> str:
        """What addresses in this language begin with."""
        return "" if self.language == "en" else f"/{self.language}"

    def say(self, text: str) -> str:
        """A text of the hub's own in this walk's language."""
        return say(self.language, text)

    def visitor(self, phone) -> Page:
        """A window of somebody without an account."""
        return phone(
            viewport={"width": self.width, "height": 740}, java_script_enabled=self.script
        ).new_page()

    def staff(self, phone) -> Page:
        """A window of somebody who works here."""
        return phone(viewport={"width": self.width, "height": 740}).new_page()

    def coordinator(self) -> User:
        """Who runs the hub's campaign, and reads this language."""
        campaign = Campaign.objects.get(is_home=True)
        return make_campaign_coordinator(campaign, new_address(), language=self.language)

    def moderator(self) -> User:
        return make_moderator(language=self.language)


WALKS = (Walk(360, "en"), Walk(1280, "es"), Walk(360, "es", script=False))


def untranslated(page: Page) -> list[str]:
    """Texts on a Spanish page that the catalogues have in Spanish, and which stand there in English."""
    if page.locator("html").get_attribute("lang") == "en":
        return []
    names = {str(name) for _code, name in settings.LANGUAGES}  # each in itself
    with translation.override("es"):
        texts = [text for text in page.evaluate(TEXTS) if text not in names]
        return [text for text in texts if translation.gettext(text) != text]


def look(page: Page, walk: Walk, picture: Path) -> None:
    """This screen is as it should be; its pictures, in one walk also in the dark, are for whoever wants to
    see for themselves."""
    for scheme in ("dark", "light") if walk == WALKS[0] else ("light",):
        page.emulate_media(color_scheme=scheme)
        name = f"{picture}-{walk}-{scheme}.png"
        page.screenshot(path=name, full_page=True, animations="disabled")
    assert page.locator("html").get_attribute("lang") == walk.language
    complaints = page.evaluate(STICKS_OUT) + untranslated(page)
    assert complaints == [], complaints
