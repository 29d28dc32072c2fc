"""Text that attacks: whatever is typed into a post, nothing in its pages, the admin and the feed runs, or
asks another host."""

import re
from xml.etree import ElementTree

import pytest

from campaigns.models import Campaign, Post
from tests.factories import make_campaign, make_post
from tests.hostile import PAYLOADS, dangers
from tests.hub.uploaded import picture, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def typed(payload: str) -> dict[str, object]:
    """The admin's form with the payload in every field that takes words."""
    one_line = payload.replace("\n", " ")
    return {
        "campaign": str(Campaign.objects.get().pk),
        "title": one_line[:160],
        "comment": f"{payload}\n\n{payload}",
        "credit": one_line,
        "language": "en",
        "tags": f'"a {one_line[:45].replace(chr(34), "")}"',
        "link_url": "https://a.example/?q=1&b=%22%3E",
        "link_title": one_line,
        "link_site": one_line[:80],
        "link_excerpt": one_line,
        "videos": f"https://video.example/1 {one_line}",
        "further": f"https://radio.example/2 {one_line}",
        "photo_1_alt": one_line,
    }


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), 10))
def test_nothing_typed_into_a_post_runs_or_asks_another_host(admin, visitor, first):
    make_campaign(is_home=True)
    for payload in PAYLOADS[first : first + 10]:
        fields = typed(payload)
        preview = admin.post("/admin/campaigns/post/add/", fields | {"_preview": "1"})
        assert b"nothing is saved yet" in preview.content
        assert dangers(preview.content.decode()) == []
        photo = {"photo_1": uploaded(picture(size=(64, 64)))}
        answer = admin.post("/admin/campaigns/post/add/", fields | photo | {"_publish": "1"})
        assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode(), re.S)
        post = Post.objects.latest("changed_at")
        assert post.status == "published"
        assert dangers(visitor.get(f"/news/{post.slug}/").content.decode()) == []
        assert dangers(admin.get(f"/admin/campaigns/post/{post.pk}/change/").content.decode()) == []
    lists = ["/news/", "/es/news/", f"/news/?tag={post.tags.get().slug}", "/"]
    for client, paths in ((visitor, lists), (admin, ["/admin/campaigns/post/", "/admin/hub/auditentry/"])):
        for path in paths:
            assert dangers(client.get(path).content.decode()) == [], path
    feed = ElementTree.fromstring(visitor.get("/news.atom").content)
    assert not [one for one in feed.iter() if one.tag.rpartition("}")[2].lower() == "script"]
    for one in feed.iterfind(f"{ATOM}entry/{ATOM}summary"):
        assert dangers(one.text) == []
        assert "<img" not in one.text  # a reader's program asks nobody for anything, us neither
    for one in feed.iter(f"{ATOM}link"):
        assert one.get("href").startswith("http://localhost:8000/")


ADDRESSES = [
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x"),
    *(
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "http://a b",
        "java\tscript:alert(1)",
        "mailto:a@b.c",
    ),
    *("//evil.example/x", "/events/", 'https://a.example/"onmouseover=alert(1)', "<script>alert(1)</script>"),
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("field", ["link_url", "videos", "further"])
def test_what_is_no_address_of_a_page_is_refused_or_harmless(admin, visitor, field, address):
    make_campaign(is_home=True)
    fields = typed("Words") | {field: address}
    answer = admin.post("/admin/campaigns/post/add/", fields | {"_publish": "1"})
    if answer.status_code == 200:
        assert not Post.objects.exists()
        assert dangers(answer.content.decode()) == []
        return
    page = visitor.get(f"/news/{Post.objects.get().slug}/").content.decode()
    assert dangers(page) == []
    assert 'href="ftp' not in page


def test_the_checker_sees_what_runs():
    for bad in (
        *("<script>x</script>", "<script src=//evil.example/x></script>", "<img src=x onerror=y>"),
        *("<a href=' javascript:x'>", "<iframe>", "<img src=https://evil.example/p.png>", "<p style=x>"),
        *('<meta http-equiv="Refresh" content="0">', "<form action=https://evil.example>", "<svg onload=x>"),
        *("<link rel=stylesheet href=https://evil.example/x.css>", "<base href=/>"),
    ):
        assert dangers(bad), bad
    assert dangers('<script src="/static/js/hub.js"></script><a href="https://a.example">x</a>') == []


def test_a_post_that_came_by_no_form_shows_its_words_as_words(visitor):
    """What another door might store: the page escapes it all the same."""
    for payload in PAYLOADS:
        make_post(title=payload[:160], credit=payload, link_url="https://a.example", link_title=payload)
    for path in ("/news/", "/news/?page=2", "/news.atom"):
        page = visitor.get(path)
        assert page.status_code == 200
        if path != "/news.atom":
            assert dangers(page.content.decode()) == []
