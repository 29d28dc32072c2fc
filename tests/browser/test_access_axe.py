"""Every page for people who don't see it, or don't use a mouse: axe-core, and the keyboard alone."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from tests.browser.acts import Form
from tests.factories import make_event, slot_of

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => {
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
  const rules = { "heading-order": { enabled: true } };  // none of WCAG's own, but how people find their way
  const options = { runOnly: { type: "tag", values }, rules, resultTypes: ["violations"], preload: false };
  const result = await axe.run(document, options);
  return result.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`));
}"""

# An error summary or the first field has the focus: the next Tab would go on from there.
START_AT_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
}"""
# What the Tab key must reach, in the order of the document: of radio buttons the chosen one, else the
# first.
STOPS = """() => {
  const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const chosen = (name) =>
    document.querySelector(`[name=${name}]:checked`) || document.querySelector(`[name=${name}]`);
  window.stops = [...document.querySelectorAll(all)].filter((node) =>
    node.checkVisibility({ visibilityProperty: true }) && node.tabIndex >= 0 && !node.disabled
    && (node.type !== "radio" || node === chosen(node.name)));
  return window.stops.length;
}"""
# Which of them has the focus, and what is wrong with how it shows.
FOCUS = """() => {
  const node = document.activeElement;
  if (node === document.body) return [-1, []];
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  const [x, y] = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height, innerHeight) / 2];
  const seen = document.elementFromPoint(x, y);
  const wrong = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("no outline");
  if (!seen || !(node.contains(seen) || seen.contains(node) || seen.closest("label")))
    wrong.push("out of sight");
  return [window.stops.indexOf(node), wrong.map((text) => `${text}: ${node.outerHTML.slice(0, 120)}`)];
}"""


def test_axe_finds_nothing(shown, db):
    shown.evaluate(AXE)
    for width, scheme in ((360, "light"), (1280, "dark")):
        shown.set_viewport_size({"width": width, "height": 740})
        shown.emulate_media(color_scheme=scheme)
        assert shown.evaluate(RUN_AXE) == [], scheme


def test_axe_would_find_something(phone):
    page = phone().new_page()
    page.goto("/")
    page.evaluate(AXE)
    page.evaluate("document.querySelector('label').remove()")
    assert [text.partition(":")[0] for text in page.evaluate(RUN_AXE)] == ["label"]


def tab_through(page) -> tuple[int, list[int], list[str]]:
    """Press Tab from the top to the end: how many stops there are, those reached in order, and what
    was wrong with how the focus showed."""
    page.evaluate(START_AT_THE_TOP)
    count = page.evaluate(STOPS)
    reached, wrong = [], []
    while len(reached) <= count:
        page.keyboard.press("Tab")
        stop, complaints = page.evaluate(FOCUS)
        if stop == -1 or (stop in reached[:1] and len(reached) > 1):  # past the end, or at the top again
            break
        # A date field is several stops; the browser itself shows which part has the focus.
        if stop not in reached[-1:]:
            reached.append(stop)
            wrong += complaints
    return count, reached, wrong


def test_the_keyboard_reaches_everything_in_order(shown, db):
    count, reached, wrong = tab_through(shown)
    assert reached == list(range(count))
    assert wrong == []
    assert "broken" in shown.url or shown.evaluate("window.stops[0].matches('.skip')")


def test_the_keyboard_would_miss_something(phone):
    page = phone().new_page()
    page.goto("/")
    page.evaluate("document.querySelector('.wordmark').style.outline = 'none'")
    page.evaluate("document.querySelector('#near').tabIndex = 1")
    count, reached, wrong = tab_through(page)
    assert reached != list(range(count))
    assert [text.partition(":")[0] for text in wrong] == ["no outline"]


def tab_to(page, selector: str) -> None:
    """Press Tab until this has the focus; a page has fewer than fifty stops."""
    for _ in range(50):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the Tab key never reached {selector}")


def test_the_skip_link_leads_past_the_header(phone):
    page = phone().new_page()
    page.goto("/events/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#id_near")).to_be_focused()


def test_an_answer_by_keyboard_alone(phone):
    event = make_event(title="Picket without a mouse", kind="picket")
    page = phone().new_page()
    page.goto(f"/events/{event.slug}/")
    tab_to(page, "a.button-big")
    page.keyboard.press("Enter")
    expect(page.locator("#id_email")).to_be_visible()
    form = Form()
    tab_to(page, "#id_name")
    page.keyboard.type("Ana")
    tab_to(page, "#id_party_size")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("3")
    tab_to(page, "details:has(#id_need) > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#id_need")
    page.keyboard.type("A chair")
    tab_to(page, "button.button-big")
    form.wait()
    page.keyboard.press("Enter")
    expect(page.locator(".panel-going")).to_be_visible()
    assert slot_of(event).seats_taken == 3

    tab_to(page, "#cancel > summary")
    page.keyboard.press("Space")
    tab_to(page, "#cancel button")
    page.keyboard.press("Space")
    expect(page.locator(".panel-cancelled")).to_be_visible()
    assert slot_of(event).seats_taken == 0
