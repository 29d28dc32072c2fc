"""A post is written, looked at, published and read, or begun from an event by one press; one that waits
comes by itself; text that attacks does nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Post
from tests.browser.test_hosting import logged_in
from tests.browser.walks import WALKS, Walk, look
from tests.factories import make_event, make_post
from tests.hostile import PAYLOADS
from tests.hub.uploaded import with_secrets

PARAGRAPHS = "\n\n".join(
    f"Paragraph {n}: what was said there, at some length, in plain words." for n in range(12)
)


def write(page: Page, title: str, event) -> None:
    page.goto("/admin/campaigns/post/add/")
    for name, value in {
        "title": title,
        "comment": PARAGRAPHS,
        "tags": "health",
        "link_url": "https://paper.example/story",
        "link_title": "Nine weeks",
        "photo_1_alt": "A banner",
        "related_events": f"/events/{event.slug}/",
    }.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_photo_1").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": with_secrets()}
    )


def looks_at_it_and_publishes(page: Page, walk: Walk, title: str, folder) -> None:
    with page.context.expect_page() as opened:
        page.locator("[name=_preview]").click()
    expect(opened.value.locator("h1")).to_have_text(title)
    look(opened.value, walk, folder / "preview")
    opened.value.close()
    assert not Post.objects.filter(title=title).exists()
    page.locator("[name=_publish]").click()
    expect(page.locator(".messagelist")).to_contain_text(
        walk.say("“{title}” is published.").format(title=title)
    )
    look(page, walk, folder / "list")


def is_read(reader: Page, walk: Walk, title: str, folder) -> None:
    """In the list, folded; then unfolded, by keyboard; then on its own page."""
    reader.goto(f"{walk.root}/news/")
    article = reader.locator("article", has_text=title)
    expect(article.get_by_text("Paragraph 11")).to_be_hidden()
    look(reader, walk, folder / "news")
    article.locator("summary").press("Enter")
    expect(article.get_by_text("Paragraph 11")).to_be_visible()
    picture = article.locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    if walk.script:
        assert picture.evaluate("node => node.naturalWidth") == 400
    article.locator("h2 a").click()
    expect(reader.locator("h1")).to_have_text(title)
    expect(reader.locator(".link-card a")).to_have_attribute("href", "https://paper.example/story")


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_a_post_is_written_looked_at_published_and_read(phone, site, tmp_path, walk):
    title, event = f"Nurses win ({walk})", make_event(title=f"Picket of the nurses ({walk})")
    page = logged_in(walk.staff(phone), site, walk.coordinator())
    write(page, title, event)
    expect(page.locator("#id_language")).to_have_value(walk.language)
    look(page, walk, tmp_path / "form")
    looks_at_it_and_publishes(page, walk, title, tmp_path)
    reader = walk.visitor(phone)
    is_read(reader, walk, title, tmp_path)
    expect(reader.locator(f"main a[href='{walk.root}/events/{event.slug}/']")).to_have_text(event.title)
    look(reader, walk, tmp_path / "post")
    reader.get_by_role("link", name={"en": "health", "es": "salud"}[walk.language], exact=True).click()
    expect(reader.locator("article", has_text=title)).to_be_visible()
    assert title in reader.request.get("/news.atom").text()


@pytest.mark.parametrize("walk", WALKS[:2], ids=str)
def test_a_post_is_begun_from_an_event_by_one_press(phone, site, tmp_path, walk):
    event = make_event(title=f"Strike school ({walk})", kind="training")
    page = logged_in(walk.staff(phone), site, walk.coordinator())
    page.goto(f"{walk.root}/events/{event.slug}/")
    page.get_by_role("button", name=walk.say("Start a post from this event")).click()
    expect(page.locator("#id_title")).to_have_value(event.title)
    expect(page.locator("#id_related_events")).to_have_value(f"/events/{event.slug}/")
    look(page, walk, tmp_path / "begun")
    page.locator("[name=_publish]").click()
    expect(page.locator(".messagelist .success").first).to_be_visible()
    reader = walk.visitor(phone)
    reader.goto(f"{walk.root}/news/")
    reader.locator("article h2 a", has_text=event.title).click()
    expect(reader.locator("main")).to_contain_text("San Francisco")
    reader.locator(f"main a[href='{walk.root}/events/{event.slug}/']").click()
    expect(reader.locator("h1")).to_have_text(event.title)


def test_a_post_that_waits_comes_by_itself(phone, site, db):
    """The worker that runs publishes it within a tick of its hour."""
    due = timezone.now() + timedelta(seconds=2)
    post = make_post(title="It is time", published=False, publish_at=due)
    page = phone().new_page()
    expect(page.locator("h1")).to_have_count(0)
    for _ in range(60):
        if Post.objects.get(pk=post.pk).status == "published":
            break
        page.wait_for_timeout(250)
    post.refresh_from_db()
    assert post.published_at - due < timedelta(seconds=5.5)
    page.goto(f"/news/{post.slug}/")
    expect(page.locator("h1")).to_have_text("It is time")


def test_text_that_attacks_does_nothing_in_a_browser(phone, db):
    """The browser itself is asked; every one is watched for other hosts and complaints of the console."""
    posts = [
        make_post(
            title=payload[:160],
            comment=payload,
            credit=payload,
            link_url="https://a.example/",
            link_title=payload,
            link_site=payload[:80],
            link_excerpt=payload,
            videos=[("https://a.example/", payload)],
        )
        for payload in PAYLOADS
    ]
    page = phone().new_page()
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for post in posts[::4]:
        page.goto(f"/news/{post.slug}/")
        page.locator("h1").hover()
    for number in range(1, 8):
        page.goto(f"/news/?page={number}")
    assert dialogs == []
