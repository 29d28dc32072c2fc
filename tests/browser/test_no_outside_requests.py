"""Nothing from outside, nothing kept before a form, little to load.

That nothing comes from outside is watched in every test of this folder (`tests/browser/watch.py`);
here stands the proof that the watch is awake.
"""

import pytest

from tests.browser.watch import Watch
from tests.factories import make_event

# Bytes a page may send on first view. The demo compresses nothing; in production all of it is.
HEAVIEST = 60 * 1024
MOST_REQUESTS = 8


@pytest.fixture
def event(db):
    return make_event(title="Rally with few bytes", capacity=100, description="Bring a friend. " * 40)


def first_view(context, path: str) -> tuple[int, list[str]]:
    """Open a page in a browser that has nothing of it yet: bytes over the wire with headers, and
    the addresses asked for."""
    page = context.new_page()
    sizes, urls = [], []
    session = context.new_cdp_session(page)
    session.on("Network.requestWillBeSent", lambda sent: urls.append(sent["request"]["url"]))
    session.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(path, wait_until="networkidle")
    return sum(sizes), [url for url in urls if not url.startswith("data:")]


@pytest.mark.parametrize(
    "path",
    ["/", "/es/", "/events/", "/events/?near=94110&within=50", "/events/{slug}/", "/events/{slug}/rsvp/"],
)
def test_a_public_page_is_light(phone, event, path):
    size, urls = first_view(phone(), path.format(slug=event.slug))
    assert 2_000 < size <= HEAVIEST
    assert len(urls) <= MOST_REQUESTS


def test_a_full_list_is_light(phone):
    for number in range(21):
        make_event(title=f"Meeting {number} in Sacramento", city="Sacramento", lat=38.58, lon=-121.49)
    size, urls = first_view(phone(), "/events/?near=Sacramento")
    assert size <= HEAVIEST
    assert len(urls) <= MOST_REQUESTS


def test_no_cookie_before_the_form(phone, event):
    context = phone()
    page = context.new_page()
    for path in ("/", "/es/", "/events/", "/events/?near=94110&kind=rally", f"/events/{event.slug}/"):
        page.goto(path)
        assert context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.goto(f"/events/{event.slug}/rsvp/")
    assert [cookie["name"] for cookie in context.cookies()] == ["csrf"]
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ('<img src="http://127.0.0.1:9/pixel.png" alt="">', "another host: http://127.0.0.1:9/pixel.png"),
        ('<img src="/static/no-such-file.png" alt="">', "404: "),
        ("<script>document.title = 'inline'</script>", "console error: CSP script-src-elem refused inline"),
        ('<script src="/words.js"></script>', "console warning: words"),
    ],
    ids=["host", "file", "inline", "console"],
)
def test_the_watch_over_these_tests_notices(browser, site, markup, complaint):
    watch = Watch(site.url)
    context = browser.new_context(base_url=site.url)
    watch.follow(context)
    page = {
        "content_type": "text/html",
        "headers": {"Content-Security-Policy": "default-src 'self'; img-src *"},
        "body": f"<!doctype html>{markup}",
    }
    script = {"content_type": "text/javascript", "body": "console.warn('words')"}
    context.route("**/made-up/", lambda route: route.fulfill(**page))
    context.route("**/words.js", lambda route: route.fulfill(**script))
    context.new_page().goto("/made-up/", wait_until="networkidle")
    context.close()
    assert any(text.startswith(complaint) for text in watch.complaints), watch.complaints
