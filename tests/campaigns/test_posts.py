"""The feed: its acts, its pages, what it tells programs."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from taggit.models import Tag

from campaigns.actions import posts as actions
from campaigns.actions.coordinators import appoint_campaign_coordinator
from campaigns.actions.posts import PostDetails, PostRefused
from campaigns.models import Appeal, AppealText, AppealVersion, Post
from hub import accounts, images, ticking
from hub.models import AuditEntry, Image
from hub.personal import export_all
from hub.pictures import read_picture
from tests.factories import (
    make_campaign,
    make_committee,
    make_event,
    make_post,
    make_user,
)
from tests.hub.uploaded import picture

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
PHOTO = read_picture(picture())
LONG = "\n\n".join(
    f"Paragraph {n} says what was said there, at some length and in plain words." for n in range(30)
)


def runs(campaign, user):
    appoint_campaign_coordinator(campaign, user, reason="for the tests", by=None, at=timezone.now())


def details_of(post: Post, **changes) -> PostDetails:
    """What a form says that changes no more than this."""
    kept = {name: getattr(post, name) for name in actions.COLUMNS}
    return PostDetails(**{**kept, "tags": [tag.name for tag in post.tags.all()], **changes})


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


# --- Acts ----------------------------------------------------------------------------------------
def test_a_draft_is_published_taken_off_and_back_in_its_old_place(visitor):
    begun = timezone.now()
    post = make_post(published=False, at=begun)
    assert visitor.get(f"/news/{post.slug}/").status_code == 404
    actions.publish_post(post, by=None, at=begun + timedelta(hours=1))
    assert visitor.get(f"/news/{post.slug}/").status_code == 200
    assert "They tried" in visitor.get("/news/").content.decode()
    actions.unpublish_post(post, by=None, at=begun + timedelta(hours=2))
    for path in ("/news/", "/news.atom"):
        assert "They tried" not in visitor.get(path).content.decode()
    assert visitor.get(f"/news/{post.slug}/").status_code == 404
    post = actions.publish_post(post, by=None, at=begun + timedelta(days=1))
    assert post.published_at == begun + timedelta(hours=1)
    acts = AuditEntry.objects.filter(object_id=post.pk).order_by("at").values_list("action", flat=True)
    assert list(acts) == ["create_post", "publish_post", "unpublish_post", "publish_post"]


def test_a_scheduled_post_is_published_by_the_tick_of_its_hour(visitor):
    now = timezone.now()
    post = make_post(published=False, publish_at=now + timedelta(hours=3))
    assert post.is_scheduled
    ticking.tick(now + timedelta(hours=3) - timedelta(seconds=1))
    post.refresh_from_db()
    assert post.status == "draft"
    due = now + timedelta(hours=3, seconds=4)
    ticking.tick(due)
    ticking.tick(due + timedelta(seconds=5))
    post.refresh_from_db()
    assert (post.status, post.published_at, post.publish_at) == ("published", due, None)
    assert AuditEntry.objects.filter(action="publish_post").count() == 1


def test_a_draft_without_an_hour_waits(visitor):
    post = make_post(published=False)
    ticking.tick(timezone.now() + timedelta(days=400))
    post.refresh_from_db()
    assert post.status == "draft"


def test_taking_off_forgets_the_hour_so_that_the_tick_brings_nothing_back():
    now = timezone.now()
    post = make_post(published=False, publish_at=now + timedelta(hours=1))
    actions.unpublish_post(post, by=None, at=now)
    ticking.tick(now + timedelta(hours=2))
    post.refresh_from_db()
    assert post.status == "draft"


def test_an_hour_that_has_passed_is_refused():
    with pytest.raises(PostRefused, match="hour"):
        make_post(published=False, publish_at=timezone.now() - timedelta(minutes=1))
    assert not Post.objects.exists()


def test_who_edits_what_somebody_changed_meanwhile_changes_nothing():
    post = make_post()
    seen = post.changed_at
    actions.edit_post(post, details_of(post, title="First"), seen=seen, by=None, at=timezone.now())
    with pytest.raises(PostRefused, match="changed"):
        actions.edit_post(post, details_of(post, title="Second"), seen=seen, by=None, at=timezone.now())
    post.refresh_from_db()
    assert post.title == "First"
    entry = AuditEntry.objects.get(action="edit_post")
    assert entry.changes == {"title": ["They tried to fire her", "First"]}


def test_photos_come_and_go_with_edits_and_with_the_post(django_capture_on_commit_callbacks):
    post = make_post(published=False, photos=[(PHOTO, "A banner"), (PHOTO, "A crowd")])
    first, second = images.pictures_of([post.pk])[post.pk]
    assert (first.alt, second.alt) == ("A banner", "A crowd")
    with django_capture_on_commit_callbacks(execute=True):
        details = details_of(post, photos_removed=[first])
        actions.edit_post(post, details, by=None, at=timezone.now())
    assert not first.paths[0].exists()
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_post(post, by=None, at=timezone.now())
    assert not Image.objects.exists()
    assert not second.paths[0].exists()
    assert not Post.objects.exists()


def test_more_photos_than_a_post_takes_are_refused_whole():
    post = make_post(photos=[(PHOTO, "One")] * 20)
    details = details_of(post, title="Twenty-one", photos=[(PHOTO, "One more")])
    with pytest.raises(PostRefused, match="photos"):
        actions.edit_post(post, details, by=None, at=timezone.now())
    post.refresh_from_db()
    assert (post.title, Image.objects.count()) == ("They tried to fire her", 20)


def test_what_was_on_the_site_is_not_deleted():
    post = actions.unpublish_post(make_post(), by=None, at=timezone.now())
    with pytest.raises(PostRefused, match="published"):
        actions.delete_post(post, by=None, at=timezone.now())


def test_a_deleted_draft_leaves_no_tag_on_nothing():
    post = make_post(published=False, tags=["health"])
    actions.delete_post(post, by=None, at=timezone.now())
    assert not Tag.objects.filter(hub_taggeditem_items__isnull=False).exists()


def test_posts_stay_when_their_author_goes_and_are_in_what_the_author_takes_along():
    user = make_user()
    post = make_post(by=user)
    assert export_all(user)["posts_you_wrote"] == [post.slug]
    accounts.erase_account(user, at=timezone.now())
    post.refresh_from_db()
    assert post.author is None


# --- Seeing --------------------------------------------------------------------------------------
def test_drafts_are_seen_by_who_runs_the_campaign_and_by_moderators(cast):
    post = make_post(published=False)
    runs(post.campaign, cast["member"].user)
    runs(make_campaign(), cast["coordinator"].user)  # of another one
    found = {role: client.get(f"/news/{post.slug}/").status_code for role, client in cast.items()}
    assert found == {"visitor": 404, "member": 200, "coordinator": 404, "moderator": 200, "admin": 200}
    for client in cast.values():
        assert "They tried" not in client.get("/news/").content.decode()


def test_photos_of_a_draft_are_seen_by_the_same(cast):
    post = make_post(published=False, photos=[(PHOTO, "A banner")])
    runs(post.campaign, cast["member"].user)
    url = Image.objects.get().url
    found = {role: client.get(url).status_code for role, client in cast.items()}
    assert found == {"visitor": 404, "member": 200, "coordinator": 404, "moderator": 200, "admin": 200}
    actions.publish_post(post, by=None, at=timezone.now())
    assert cast["visitor"].get(url).status_code == 200


def titles(page) -> list[str]:
    return re.findall(r"<h2><a [^>]*>([^<]+)</a></h2>", page.content.decode())


def test_pinned_ones_stand_first_then_the_newest(visitor):
    now = timezone.now()
    for hour, (title, pinned) in enumerate((("Old", False), ("Pinned", True), ("New", False))):
        make_post(title=title, pinned=pinned, at=now + timedelta(hours=hour))
    assert titles(visitor.get("/news/")) == ["Pinned", "New", "Old"]
    feed = ElementTree.fromstring(visitor.get("/news.atom").content)
    assert [one.text for one in feed.iterfind(f"{ATOM}entry/{ATOM}title")] == ["New", "Pinned", "Old"]


def test_the_list_is_paged(visitor):
    now = timezone.now()
    for n in range(12):
        make_post(title=f"Post {n}", at=now + timedelta(minutes=n))
    assert titles(visitor.get("/news/")) == [f"Post {n}" for n in range(11, 1, -1)]
    assert titles(visitor.get("/news/?page=2")) == ["Post 1", "Post 0"]
    assert 'rel="next"' in visitor.get("/news/").content.decode()


def test_a_tag_leads_to_its_posts_in_page_and_feed(visitor):
    make_post(title="On hours", tags=["four-day week", "Health"])
    make_post(title="On rent", tags=["housing"])
    page = visitor.get("/news/?tag=health")
    assert titles(page) == ["On hours"]
    assert "News: health" in page.content.decode()
    feed = visitor.get("/news.atom?tag=housing").content.decode()
    assert "On rent" in feed
    assert "On hours" not in feed
    assert '<category term="housing"' in feed
    assert 'href="http://localhost:8000/news.atom?tag=health"' in page.content.decode()


@pytest.mark.parametrize("tag", ["no-such", "%00", "x" * 300, "%27%3B--", "<script>"])
def test_a_tag_nobody_used_is_a_sentence(visitor, tag):
    make_post(tags=["housing"])
    page = visitor.get(f"/news/?tag={tag}")
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert visitor.get(f"/news.atom?tag={tag}").status_code == 200


def test_the_feed_is_only_read(visitor):
    for path in ("/news/", f"/news/{make_post().slug}/"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(visitor, method)(path).status_code == 405, (path, method)


def test_a_tag_only_drafts_have_is_offered_to_nobody(visitor):
    make_post(tags=["housing"])
    make_post(tags=["secret-plan"], published=False)
    page = visitor.get("/news/").content.decode()
    assert "housing" in page
    assert "secret-plan" not in page


def test_long_ones_are_folded_in_the_list_and_whole_on_their_page(visitor):
    post = make_post(comment=LONG)
    listed = visitor.get("/news/").content.decode()
    before, fold, after = listed.partition('<details class="fold">')
    assert fold
    assert "Paragraph 0 " in before
    assert "Paragraph 29 " not in before
    assert "Paragraph 29 " in after.partition("</details>")[0]
    alone = visitor.get(f"/news/{post.slug}/").content.decode()
    assert "<details" not in alone
    assert alone.count("Paragraph ") == 30
    make_post(title="Short", comment="A word.")
    assert visitor.get("/news/").content.decode().count("<details") == 1


def test_a_post_shows_all_it_points_to(visitor):
    post = make_post(
        comment="Read **this**.",
        credit="Photo: a friend",
        link_url="https://paper.example/story",
        link_title="Nurses win",
        link_site="The Paper",
        link_excerpt="After nine weeks.",
        videos=[("https://video.example/1", "The speeches")],
        further=[("https://radio.example/2", "")],
        photos=[(PHOTO, "Nurses with a banner")],
        tags=["health"],
    )
    for path in ("/news/", f"/news/{post.slug}/", "/news.atom"):
        page = visitor.get(path).content.decode()
        for text in (
            *("this", "Photo: a friend", "https://paper.example/story", "Nurses win", "The Paper"),
            *("After nine weeks.", "https://video.example/1", "The speeches", "https://radio.example/2"),
        ):
            assert text in page, (path, text)
    photo = Image.objects.get()
    page = visitor.get(f"/news/{post.slug}/").content.decode()
    assert photo.url in page
    assert 'alt="Nurses with a banner"' in page
    assert f'<meta property="og:image" content="http://localhost:8000{photo.url}">' in page
    assert photo.small_url in visitor.get("/news/").content.decode()


def test_what_it_is_about_is_named_to_those_who_may_see_it(visitor, admin):
    post = make_post()
    public, hidden = (
        make_committee(name="Mission Committee"),
        make_committee(name="Quiet", visibility="hidden"),
    )
    seen, members = (
        make_event(title="Rally"),
        make_event(title="Inner", visibility="members", committee=public),
    )
    for thing in (public, hidden, seen, members):
        thing.posts.add(post)
    page = visitor.get(f"/news/{post.slug}/").content.decode()
    assert "Rally" in page
    assert "Mission Committee" in page
    assert "Inner" not in page
    assert "Quiet" not in page
    assert "Quiet" in admin.get(f"/news/{post.slug}/").content.decode()


def test_what_stands_in_no_list_is_named_in_no_post(cast):
    post = make_post()
    unlisted, shop = (
        make_committee(name="By address only", visibility="unlisted"),
        make_committee(name="Warehouse Nine", kind="workplace"),
    )
    event = make_event(title="By its address only", visibility="unlisted")
    hidden_one = make_event(title="Of the quiet", committee=make_committee(visibility="hidden"))
    for thing in (unlisted, shop, event, hidden_one):
        thing.posts.add(post)
    for role, client in cast.items():
        page = client.get(f"/news/{post.slug}/").content.decode()
        for name in (unlisted.name, shop.name, event.title, hidden_one.title):
            assert name not in page, role


def test_a_short_list_prefers_what_its_reader_can_read(visitor):
    campaign, now = make_campaign(is_home=True), timezone.now()
    for hours, language in ((1, "en"), (2, "en"), (3, "es")):
        at = now - timedelta(hours=hours)
        make_post(campaign=campaign, title=f"Post {hours}", language=language, at=at)
    for path, shown in (("/", ["Post 1", "Post 2"]), ("/es/", ["Post 3", "Post 1"])):
        assert re.findall("Post [0-9]", visitor.get(path).content.decode()) == shown
    page = visitor.get(f"/es/campaigns/{campaign.slug}/").content.decode()
    assert re.findall("Post [0-9]", page)[0] == "Post 3"


def test_it_knows_its_appeal_by_the_newest_title_in_the_reader_s_language(visitor):
    post = make_post()
    appeal = Appeal.objects.create(campaign=post.campaign, slug="urgent-call", status="published")
    for number, words in (
        (1, {"en": "Old", "es": "Viejo"}),
        (2, {"en": "Urgent call", "es": "Llamado urgente"}),
    ):
        version = AppealVersion.objects.create(appeal=appeal, number=number, made_at=timezone.now())
        for language, title in words.items():
            AppealText.objects.create(version=version, language=language, title=title, summary="x", body="x")
    actions.edit_post(post, details_of(post, appeal=appeal), by=None, at=timezone.now())
    for path, title in (
        (f"/news/{post.slug}/", "Urgent call"),
        (f"/es/news/{post.slug}/", "Llamado urgente"),
    ):
        assert visitor.get(path).context["post"].appeal_title == title
    Appeal.objects.update(status="draft")
    assert visitor.get(f"/news/{post.slug}/").context["post"].appeal_title is None


def test_text_in_another_language_is_marked(visitor):
    post = make_post(title="Se organizan", language="es", comment="Hola.")
    page = visitor.get(f"/news/{post.slug}/").content.decode()
    assert '<h1 lang="es">Se organizan</h1>' in page
    assert "<h1>Se organizan</h1>" in visitor.get(f"/es/news/{post.slug}/").content.decode()
    assert "Noticias" in visitor.get("/es/news/").content.decode()


# --- Atom ----------------------------------------------------------------------------------------
def test_the_feed_is_sound_atom_with_addresses_from_the_settings(visitor, settings):
    settings.SITE_URL = "https://hub.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    post = make_post(title="One & <two>", language="es", comment="Hola")
    answer = visitor.get("/news.atom", headers={"host": "evil.example"})
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert b"evil.example" not in answer.content
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author"):  # RFC 4287, 4.1.1
        assert feed.find(f"{ATOM}{name}") is not None, name
    links = {one.get("rel"): one.get("href") for one in feed.iterfind(f"{ATOM}link")}
    assert links == {
        "alternate": "https://hub.example.org/news/",
        "self": "https://hub.example.org/news.atom",
    }
    entry = feed.find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text == f"urn:uuid:{post.pk}"
    assert entry.find(f"{ATOM}title").text == "One & <two>"
    assert entry.find(f"{ATOM}link").get("href") == f"https://hub.example.org/es/news/{post.slug}/"
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"


def test_an_edit_shows_in_updated_and_the_id_stays(visitor):
    post = make_post()
    later = post.published_at + timedelta(days=2)
    actions.edit_post(post, details_of(post, title="Better words"), by=None, at=later)
    entry = ElementTree.fromstring(visitor.get("/news.atom").content).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}updated").text.startswith(later.date().isoformat())
    assert entry.find(f"{ATOM}published").text.startswith(post.published_at.date().isoformat())
    assert entry.find(f"{ATOM}id").text == f"urn:uuid:{post.pk}"


def test_an_unchanged_feed_is_not_sent_again(visitor):
    make_post()
    for path in ("/news.atom", "/news/"):
        tag = visitor.get(path)["ETag"]
        assert visitor.get(path, headers={"if-none-match": tag}).status_code == 304
        make_post(title="One more")
        assert visitor.get(path, headers={"if-none-match": tag}).status_code == 200


def test_a_page_says_where_its_feed_is(visitor):
    post = make_post()
    for path, feed in (
        ("/news/", "/news.atom"),
        (f"/news/{post.slug}/", "/news.atom"),
        ("/es/news/", "/news.atom?lang=es"),
    ):
        link = '<link rel="alternate" type="application/atom+xml" title="'
        page = visitor.get(path).content.decode()
        assert link in page
        assert f'href="http://localhost:8000{feed}"' in page
    assert "Noticias" in visitor.get("/news.atom?lang=es").content.decode()
    assert visitor.get("/es/news.atom").status_code == 404


def test_what_xml_cannot_hold_breaks_no_feed(visitor):
    make_post(title="Bell \x07 and \ufffe", comment="A \x0b tab", tags=["odd \x01 tag"])
    ElementTree.fromstring(visitor.get("/news.atom").content)


def test_a_known_tag_has_its_reader_s_name_and_one_address(visitor):
    post = make_post(tags=["health", "Zines"])
    for path in ("/es/news/", f"/es/news/{post.slug}/"):
        page = visitor.get(path).content.decode()
        assert '<a href="/es/news/?tag=health">salud</a> · <a href="/es/news/?tag=zines">Zines</a>' in page
    assert "<h1>Noticias: salud</h1>" in visitor.get("/es/news/?tag=health").content.decode()
