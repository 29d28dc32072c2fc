"""The feed's door for those who run a campaign: form, preview, hour, photos; a post begun from an event."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from campaigns.actions import posts as actions
from campaigns.actions.coordinators import appoint_campaign_coordinator
from campaigns.models import Post
from events.actions.posts import start_post
from hub.models import AuditEntry, Image
from hub.pictures import SENTENCES, read_picture
from tests.campaigns.signing import make_appeal
from tests.cast import logged_in
from tests.factories import (
    make_campaign,
    make_campaign_coordinator,
    make_committee,
    make_event,
    make_post,
    make_user,
)
from tests.hub.uploaded import REFUSED, picture, uploaded

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/post/add/"


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def campaign():
    return make_campaign(is_home=True)


@pytest.fixture
def staff(campaign):
    """Somebody who runs the campaign, in San Francisco."""
    user = make_user("runs@example.org", time_zone="America/Los_Angeles")
    appoint_campaign_coordinator(campaign, user, reason="for the tests", by=None, at=timezone.now())
    return logged_in(user)


def typed(campaign, **fields) -> dict[str, object]:
    return {
        "campaign": str(campaign.pk),
        "title": "Nurses win",
        "language": "en",
        "comment": "At last.",
    } | fields


def change(post: Post) -> str:
    return f"/admin/campaigns/post/{post.pk}/change/"


def errors(page) -> str:
    assert page.status_code == 200
    return page.content.decode()


# --- Writing ---------------------------------------------------------------------------------------
def test_a_campaign_s_coordinator_writes_and_publishes(staff, visitor, campaign):
    fields = typed(
        campaign,
        tags="health, four-day week",
        pinned="on",
        link_url="https://www.paper.example/a?b=1",
        link_title="They won",
        videos="https://video.example/1 The speeches\n\nhttps://video.example/2",
    )
    answer = staff.post(ADD, fields | {"_publish": "1"}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == ["“Nurses win” is published."]
    post = Post.objects.get()
    assert (post.author, post.status, post.pinned) == (staff.user, "published", True)
    assert post.link_site == "www.paper.example"
    assert post.videos == [["https://video.example/1", "The speeches"], ["https://video.example/2", ""]]
    assert sorted(tag.name for tag in post.tags.all()) == ["four-day week", "health"]
    page = visitor.get(f"/news/{post.slug}/").content.decode()
    assert "Nurses win" in page
    assert "runs@example.org" not in page
    form = staff.get(change(post)).content.decode()
    assert "https://video.example/1 The speeches\nhttps://video.example/2" in form


def test_saving_what_nobody_changed_changes_nothing_but_its_hour(staff, campaign):
    tags = "health, four-day week"
    staff.post(ADD, typed(campaign, tags=tags, further="https://a.example x") | {"_publish": "1"})
    post = Post.objects.get()
    before = {name: getattr(post, name) for name in actions.COLUMNS}
    form = staff.get(change(post)).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    sent = {name: form.fields[name].prepare_value(value) for name, value in sent.items()}
    assert sent["tags"] == "four-day week, health"
    assert "&lt;Tag" not in form["tags"].as_widget()
    assert staff.post(change(post), sent).status_code == 302
    post.refresh_from_db()
    assert {name: getattr(post, name) for name in actions.COLUMNS} == before
    assert sorted(tag.name for tag in post.tags.all()) == ["four-day week", "health"]
    assert AuditEntry.objects.get(action="edit_post").changes == {}


@pytest.mark.parametrize("published", [True, False])
def test_whoever_runs_another_campaign_finds_nothing(staff, campaign, published):
    other = make_campaign()
    post = make_post(campaign=other, published=published)
    before = AuditEntry.objects.count()
    acts = {"post": "yes", "_publish": "1", "_unpublish": "1"}
    for end in ("change", "history", "delete"):
        for key in (post.pk, uuid4()):  # as one that is missing
            path = f"/admin/campaigns/post/{key}/{end}/"
            assert staff.get(path).status_code == 404, end
            assert staff.post(path, typed(campaign) | acts).status_code == 404, end
            assert staff.post(path, typed(campaign) | {"_preview": "1"}).status_code == 404, end
    assert "They tried" not in staff.get("/admin/campaigns/post/").content.decode()
    page = errors(staff.post(ADD, typed(other)))
    assert "errorlist" in page
    assert Post.objects.get() == post
    assert AuditEntry.objects.count() == before


def test_a_post_names_no_draft_of_another_campaign(staff, campaign):
    foreign = make_appeal(campaign=make_campaign(), published=False)
    own = make_appeal(campaign=campaign, published=False)
    page = staff.get(ADD).content.decode()
    assert f'<option value="{own.pk}">Call for a labor party</option>' in page
    assert str(foreign.pk) not in page
    assert foreign.slug not in page
    assert "Select a valid choice" in errors(staff.post(ADD, typed(campaign, appeal=str(foreign.pk))))
    assert staff.post(ADD, typed(campaign, appeal=str(own.pk))).status_code == 302
    assert Post.objects.get().appeal == own


def test_a_preview_shows_the_page_and_saves_nothing(staff, campaign):
    post = make_post(campaign=campaign, photos=[(read_picture(picture()), "A banner")])
    before = AuditEntry.objects.count()
    event = make_event(title="Rally at the port")
    fields = typed(campaign, tags="health", related_events=f"/events/{event.slug}/") | {
        "_preview": "1",
        "photo_1": uploaded(picture()),
        "photo_1_alt": "A crowd",
        "seen": post.changed_at.isoformat(),
    }
    for path in (ADD, change(post)):
        page = staff.post(path, fields | {"photo_1": uploaded(picture())})
        text = page.content.decode()
        assert "A preview: nothing is saved yet" in text
        assert "/es/admin/" not in text
        assert "<h1>Nurses win</h1>" in text
        assert "<p>At last.</p>" in text
        assert "Rally at the port" in text
        assert "health" in text
    assert "A banner" in text
    post.refresh_from_db()
    assert post.title == "They tried to fire her"
    assert (Post.objects.count(), Image.objects.count()) == (1, 1)
    assert AuditEntry.objects.exclude(object_id=event.pk).count() == before


def test_a_preview_of_what_is_wrong_says_what(staff, campaign):
    page = errors(staff.post(ADD, typed(campaign, title="") | {"_preview": "1"}))
    assert "errorlist" in page
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"link_title": "They won"}, "Write the address the card leads to."),
        ({"link_url": "https://a.example"}, "Write the title of the card."),
        ({"videos": "the speeches"}, "“the speeches” is no address of a page."),
        ({"videos": "\n".join(f"https://a.example/{n}" for n in range(21))}, "20 links at most."),
        ({"tags": ", ".join(f"tag {n}" for n in range(11))}, "10 tags at most"),
        ({"tags": "x" * 51}, "10 tags at most"),
        ({"tags": "!?, health"}, "A tag needs a letter or a digit."),
        ({"publish_day": "2027-05-01"}, "Write both, the day and the hour."),
        ({"publish_day": "2020-05-01", "publish_hour": "09:00"}, "That hour has passed."),
        ({"publish_day": "2027-03-14", "publish_hour": "02:30"}, "That time does not exist on that day"),
        ({"publish_day": "2027-05-01", "publish_hour": "noonish"}, "Write a time like"),
        ({"comment": "x" * 20_001}, "at most 20,000 characters"),
        ({"related_events": "/events/no-such-event/"}, "There is no page that everybody can see"),
        ({"related_committees": "nothing\x00"}, "Null characters are not allowed."),
        ({"title": " \x07 "}, "Write a title."),
        ({"publish_day": "2027-05-01", "publish_hour": "09:00"}, "There is an hour to publish it."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(staff, campaign, fields, sentence):
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        staff = logged_in(staff.user)
        page = errors(staff.post(ADD, typed(campaign, **fields) | {"_publish": "1"}))
    assert sentence in page
    assert "At last." in page or "comment" in fields
    assert not Post.objects.exists()


def test_text_of_a_megabyte_is_told_so_and_more_is_refused_before_it_is_read(staff, campaign):
    assert "at most 20,000 characters" in errors(staff.post(ADD, typed(campaign, comment="x" * 1_100_000)))
    assert staff.post(ADD, typed(campaign, comment="x" * 2_100_000)).status_code == 400
    assert not Post.objects.exists()


@pytest.mark.parametrize("what", [what for what, (data, reason) in REFUSED.items() if reason and data])
def test_a_photo_that_is_none_is_refused_with_a_sentence(staff, campaign, what):
    data, reason = REFUSED[what]
    fields = typed(campaign, photo_1_alt="A banner") | {"photo_1": uploaded(data), "_publish": "1"}
    page = errors(staff.post(ADD, fields))
    assert str(SENTENCES[reason]).partition(":")[0] in page
    assert "At last." in page
    assert not Post.objects.exists()
    assert not Image.objects.exists()


def test_a_photo_needs_words_and_can_be_taken_away(staff, campaign, django_capture_on_commit_callbacks):
    photo = {"photo_1": uploaded(picture())}
    page = errors(staff.post(ADD, typed(campaign) | photo))
    assert "Say what is to be seen in the photo." in page
    photos = {"photo_1": uploaded(picture()), "photo_2": uploaded(picture("PNG"), "b.png", "image/png")}
    words = {"photo_1_alt": "A banner", "photo_2_alt": "A crowd"}
    assert staff.post(ADD, typed(campaign) | photos | words).status_code == 302
    post = Post.objects.get()
    first, second = Image.objects.filter(owner_id=post.pk)
    assert (first.alt, second.alt, second.kind) == ("A banner", "A crowd", "webp")
    assert first.small_url in staff.get(change(post)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(
            change(post), typed(campaign, photos_removed=[str(first.pk)], seen=post.changed_at.isoformat())
        )
    assert list(Image.objects.all()) == [second]
    assert not first.paths[0].exists()


def test_who_saves_over_somebody_else_is_told_and_keeps_what_they_typed(staff, campaign):
    post = make_post(campaign=campaign)
    seen = post.changed_at - timedelta(minutes=1)
    page = errors(staff.post(change(post), typed(campaign, seen=seen.isoformat())))
    assert "Somebody changed this post meanwhile." in page
    assert "Nurses win" in page
    post.refresh_from_db()
    assert post.title == "They tried to fire her"


def test_a_draft_is_deleted_with_its_photos_and_what_was_public_is_not(
    staff, campaign, django_capture_on_commit_callbacks
):
    photo = read_picture(picture())
    post = make_post(campaign=campaign, published=False, photos=[(photo, "A banner")], tags=["health"])
    make_event().posts.add(post)
    path = Image.objects.get().paths[0]
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.post(f"/admin/campaigns/post/{post.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Post.objects.exists()
    assert not Image.objects.exists()
    assert not path.exists()
    public = make_post(campaign=campaign)
    assert staff.post(f"/admin/campaigns/post/{public.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(Post.objects.all()) == [public]


# --- The hour ----------------------------------------------------------------------------------------
def test_an_address_that_is_none_is_one_sentence(staff, campaign):
    page = errors(staff.post(ADD, typed(campaign, link_url="javascript:alert(1)", link_title="x")))
    sentence = "Write the address of a page, like https://example.org/page."
    assert page.count(sentence) == 2  # in the list of what is wrong, and at its field
    assert "Enter a valid URL" not in page


def test_a_photo_that_is_lost_says_so(staff, campaign):
    fields = typed(campaign, title="", photo_1_alt="A banner") | {"photo_1": uploaded(picture())}
    assert "Choose this photo again" in errors(staff.post(ADD, fields))
    assert "Choose this photo again" not in errors(staff.post(ADD, typed(campaign, title="")))


def test_what_is_on_the_site_takes_no_hour(staff, campaign):
    post = make_post(campaign=campaign)
    hour = {"publish_day": "2099-05-01", "publish_hour": "09:00", "seen": post.changed_at.isoformat()}
    assert "It is on the site already" in errors(staff.post(change(post), typed(campaign, **hour)))


def test_whoever_has_no_zone_begins_with_the_campaign_s_and_can_choose(campaign):
    make_event(campaign=campaign, city="Chicago", region="IL", zone="America/Chicago")
    client = logged_in(make_campaign_coordinator(campaign))
    form = client.get(ADD).context["adminform"].form
    assert form["publish_zone"].value() == "America/Chicago"
    hour = {"publish_day": "2099-01-02", "publish_hour": "18:30", "publish_zone": "Europe/Madrid"}
    answer = client.post(ADD, typed(campaign, **hour), follow=True)
    assert "It will be published on January 2, 2099, 6:30 PM CET." in answer.content.decode()
    assert Post.objects.get().publish_at == datetime(2099, 1, 2, 17, 30, tzinfo=UTC)


def test_the_list_says_when_a_scheduled_one_comes_and_finds_those(staff, campaign):
    make_post(campaign=campaign, title="On the site")
    hour = datetime(2099, 1, 2, 17, 30, tzinfo=UTC)
    make_post(campaign=campaign, title="To come", published=False, publish_at=hour)
    page = staff.get("/admin/campaigns/post/?scheduled=yes").content.decode()
    assert "scheduled: January 2, 2099, 9:30 AM PST" in page
    assert "On the site" not in page
    assert "On the site" in staff.get("/admin/campaigns/post/").content.decode()


def test_the_hour_is_in_the_writer_s_own_zone(staff, campaign):
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        staff = logged_in(staff.user)
        hour = {"publish_day": "2026-12-24", "publish_hour": "18:30"}
        hour["publish_zone"] = staff.get(ADD).context["adminform"].form["publish_zone"].value()
        answer = staff.post(ADD, typed(campaign, **hour), follow=True)
        said = ["It will be published on December 24, 2026, 6:30 PM PST."]
        assert [str(one) for one in answer.context["messages"]] == said
        post = Post.objects.get()
        assert post.publish_at == datetime(2026, 12, 25, 2, 30, tzinfo=UTC)
        form = staff.get(change(post)).content.decode()
        assert 'value="2026-12-24"' in form
        assert 'value="18:30"' in form
        assert "America/Los_Angeles" in form
        assert "scheduled" in staff.get("/admin/campaigns/post/").content.decode()
        page = staff.get(f"/news/{post.slug}/").content.decode()
        assert "It is published on December 24, 2026, 6:30 PM PST." in page


# --- From an event -----------------------------------------------------------------------------------
def test_one_press_on_an_event_gives_a_filled_draft(staff, visitor, campaign):
    committee = make_committee(campaign=campaign)
    event = make_event(campaign=campaign, title="Rally at the port", committee=committee, city="Oakland")
    button = f'action="/events/{event.slug}/post/"'
    assert button in staff.get(f"/events/{event.slug}/").content.decode()
    assert button not in visitor.get(f"/events/{event.slug}/").content.decode()
    answer = staff.post(f"/events/{event.slug}/post/")
    post = Post.objects.get()
    assert answer["Location"] == change(post)
    assert (post.title, post.status, post.campaign, post.author) == (
        *("Rally at the port", "draft", campaign, staff.user),
    )
    assert "Civic Center Plaza" in post.comment
    assert "Bring a friend." in post.comment
    assert list(post.events.all()) == [event]
    assert list(post.committees.all()) == [committee]
    form = staff.get(change(post)).content.decode()
    assert f"/events/{event.slug}/" in form
    assert f"/committees/{committee.slug}/" in form
    assert staff.post(f"/events/{event.slug}/post/")["Location"] == change(post)  # pressed twice
    assert Post.objects.count() == 1


def test_another_campaign_s_draft_about_an_event_is_not_the_one_that_is_begun(staff, campaign):
    event = make_event(campaign=campaign)
    theirs = make_post(campaign=make_campaign(), published=False)
    event.posts.add(theirs)
    answer = staff.post(f"/events/{event.slug}/post/")
    own = Post.objects.exclude(pk=theirs.pk).get()
    assert answer["Location"] == change(own)
    assert staff.get(answer["Location"]).status_code == 200


def test_the_event_s_own_form_has_the_button_too(admin):
    event = make_event()
    page = admin.get(f"/admin/events/event/{event.pk}/change/").content.decode()
    assert f'formaction="/events/{event.slug}/post/"' in page


def test_a_place_that_is_not_public_is_in_no_draft(campaign):
    event = make_event(campaign=campaign, reveal="confirmed", venue="Clandestine Hall", street="1 Alley")
    post = start_post(event, by=None, at=timezone.now())
    assert "Clandestine" not in post.comment
    assert "San Francisco" in post.comment


@pytest.mark.parametrize(
    "fields", [{"visibility": "unlisted"}, {"visibility": "members"}, {"published": False}]
)
def test_of_what_is_not_for_everybody_no_post_begins(admin, campaign, fields):
    committee = make_committee(campaign=campaign)
    event = make_event(campaign=campaign, committee=committee, **fields)
    answer = admin.post(f"/events/{event.slug}/post/")
    assert answer.status_code == 422
    assert "Only an event that everybody can see becomes a post." in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("fields", [{"visibility": "unlisted"}, {"kind": "workplace"}])
def test_a_committee_that_is_named_nowhere_gets_into_no_post(staff, campaign, fields):
    committee = make_committee(campaign=campaign, name="Warehouse Nine", **fields)
    event = make_event(campaign=campaign, committee=committee)
    post = start_post(event, by=None, at=timezone.now())
    assert not post.committees.exists()
    page = errors(staff.post(ADD, typed(campaign, related_committees=f"/committees/{committee.slug}/")))
    assert "There is no page that everybody can see" in page
    committee.posts.add(post)  # it was another kind then
    assert "Warehouse Nine" not in staff.get(change(post)).content.decode()
    assert committee.slug not in staff.get(change(post)).content.decode()


def test_an_unlisted_event_gets_into_no_post(staff, campaign):
    event = make_event(campaign=campaign, visibility="unlisted")
    page = errors(staff.post(ADD, typed(campaign, related_events=f"/events/{event.slug}/")))
    assert "There is no page that everybody can see" in page


def test_others_begin_no_post(cast, campaign):
    event = make_event(campaign=campaign)
    found = {role: client.post(f"/events/{event.slug}/post/").status_code for role, client in cast.items()}
    assert found == {"visitor": 302, "member": 403, "coordinator": 403, "moderator": 403, "admin": 302}
    assert Post.objects.count() == 1


def test_a_hidden_committee_s_name_gets_into_no_post(staff, campaign):
    hidden = make_committee(campaign=campaign, visibility="hidden")
    page = errors(staff.post(ADD, typed(campaign, related_committees=f"/committees/{hidden.slug}/")))
    assert "There is no page that everybody can see" in page


def test_the_second_step_comes_before_a_post_begins(staff, campaign, settings):
    settings.DEMO = False
    event = make_event(campaign=campaign)
    answer = staff.post(f"/events/{event.slug}/post/")
    assert answer.status_code == 302
    assert "/account/" in answer["Location"]
    assert not Post.objects.exists()
