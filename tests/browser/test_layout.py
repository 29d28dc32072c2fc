"""Every page fits the screen it is read on, and says what and in which language it is."""

from playwright.sync_api import expect

from tests.browser.walks import STICKS_OUT

WIDTHS = (320, 360, 1280)  # CSS pixels; 320 is also 1280 at 400 % zoom (WCAG 2.2, 1.4.10)


def test_a_page_fits(shown, db):
    for scheme in ("light", "dark"):
        shown.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            shown.set_viewport_size({"width": width, "height": 740})
            assert shown.evaluate(STICKS_OUT) == [], f"{width} px, {scheme}"
    # Text alone twice as large (WCAG 2.2, 1.4.4), set as a reader's own setting is.
    shown.evaluate("document.documentElement.style.fontSize = '200%'")
    assert shown.evaluate(STICKS_OUT) == [], "text at 200 %"
    shown.evaluate("document.documentElement.style.fontSize = ''")


def test_no_line_breaks_inside_a_cards_date_or_time(shown, db):
    shown.set_viewport_size({"width": 1280, "height": 740})
    # Each part has its lines as boxes of its text: one, however many parts share a line.
    broken = """() => [...document.querySelectorAll(".card-when span")].filter((part) => {
      const text = document.createRange();
      text.selectNodeContents(part);
      return text.getClientRects().length > 1;
    }).map((part) => part.textContent)"""
    assert shown.evaluate(broken) == []


def test_a_page_says_what_it_is(shown, db):
    language, other = ("es", "en") if "/es/" in shown.url else ("en", "es")
    expect(shown.locator("html")).to_have_attribute("lang", language)
    expect(shown.locator("h1")).to_have_count(1)
    expect(shown.locator("h1")).not_to_be_empty()
    assert shown.title()
    if shown.locator(".error-summary[data-error-summary]").count():
        assert shown.title().startswith("Error:")
    if shown.url.endswith("/broken/"):
        return  # a page kept ready without request, language and session has nothing around it
    for landmark in ("header", "main", "footer"):
        expect(shown.locator(f"body > {landmark}")).to_have_count(1)
    # The way to the other language stands first of all that can be seen.
    expect(shown.locator("body a:not(.skip)").first).to_have_attribute("lang", other)


def test_the_first_screen_of_a_phone_holds_what_people_came_for(phone):
    page = phone().new_page()
    for path in ("/", "/es/"):
        page.goto(path)
        assert page.locator(".site-header").bounding_box()["height"] < 230, path
        assert page.locator("#near").bounding_box()["y"] < 600, path
        for link in page.locator(".site-header a, .site-header button").all():
            assert link.bounding_box()["height"] >= 24, link  # WCAG 2.2, 2.5.8
