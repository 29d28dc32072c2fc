"""A post is written, looked at, published and read; one that waits comes by itself; text that attacks does
nothing. At the sizes of a phone and of a desk, in both languages."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, Post
from hub.models import User
from tests.factories import PASSWORD, make_campaign_coordinator, make_post, new_address
from tests.hostile import PAYLOADS
from tests.hub.uploaded import with_secrets

SIZES = [{"width": 360, "height": 740}, {"width": 1280, "height": 800}]
PARAGRAPHS = "\n\n".join(
    f"Paragraph {n}: what was said there, at some length, in plain words." for n in range(12)
)


@pytest.fixture
def log_in(phone, db):
    """Opens a browser in which somebody who runs the campaign has logged in by the form."""

    def open_page(size):
        campaign = Campaign.objects.get(is_home=True)
        user = make_campaign_coordinator(campaign, new_address())
        hashed = Argon2PasswordHasher().encode(PASSWORD, "salt of tests only")
        User.objects.filter(pk=user.pk).update(password=hashed)
        page = phone(viewport=size).new_page()
        page.goto("/account/login/")
        page.locator("#id_login").fill(user.email)
        page.locator("#id_password").fill(PASSWORD)
        page.locator("main form button").click()
        expect(page.locator("header form[action$='/account/logout/']")).to_be_visible()
        return page

    return open_page


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["", "/es"])
def test_a_post_is_written_looked_at_published_and_read(log_in, phone, size, language):
    title = f"Nurses win {size['width']} {language}"
    page = log_in(size)
    page.goto("/admin/campaigns/post/add/")
    for name, value in {
        "title": title,
        "comment": PARAGRAPHS,
        "tags": "health",
        "link_url": "https://paper.example/story",
        "link_title": "Nine weeks",
        "photo_1_alt": "A banner",
    }.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_photo_1").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": with_secrets()}
    )
    with page.context.expect_page() as opened:
        page.locator("[name=_preview]").click()
    expect(opened.value.locator("h1")).to_have_text(title)
    assert not Post.objects.filter(title=title).exists()
    page.locator("[name=_publish]").click()
    expect(page.locator(".messagelist")).to_contain_text("is published.")

    reader = phone(viewport=size).new_page()
    reader.goto(f"{language}/news/")
    article = reader.locator("article", has_text=title)
    expect(article.get_by_text("Paragraph 11")).to_be_hidden()
    article.locator("summary").press("Enter")
    expect(article.get_by_text("Paragraph 11")).to_be_visible()
    picture = article.locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("node => node.naturalWidth") == 400
    article.locator("h2 a").click()
    expect(reader.locator("h1")).to_have_text(title)
    expect(reader.locator(".link-card a")).to_have_attribute("href", "https://paper.example/story")
    assert reader.evaluate("document.documentElement.scrollWidth") <= size["width"]


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
