"""The moderators' door to organizations."""

import html
from dataclasses import replace

import pytest
from django.contrib.messages import get_messages

from campaigns.models import Organization
from events.models import EventEndorsement
from hub.models import AuditEntry, Image
from tests.campaigns.endorsing import LOCAL_12, endorse, make_organization, review_of
from tests.factories import make_event
from tests.hub.uploaded import GPS, claims, picture, uploaded, with_secrets

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/organization/"


def page(organization) -> str:
    return f"{LIST}{organization.pk}/change/"


def sent(organization, **fields) -> dict[str, str]:
    said = {
        name: getattr(organization, name) for name in ("name", "level", "country", "city", "region", "site")
    }
    return {**said, "note": "", "merge_into": "", **fields}


def messages_of(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_moderator_adds_and_publishes_one(moderator):
    data = {"name": "UE Local 5", "level": "local", "country": "US", "city": "", "region": "", "site": ""}
    assert moderator.post(f"{LIST}add/", data).status_code == 302
    organization = Organization.objects.get()
    assert (organization.status, organization.keys.count()) == ("draft", 1)
    answer = moderator.post(page(organization), sent(organization, _publish="x"))
    assert messages_of(answer)[-1] == "“UE Local 5” is published."
    organization.refresh_from_db()
    assert organization.status == "published"
    moderator.post(page(organization), sent(organization, _unpublish="x"))
    organization.refresh_from_db()
    assert organization.status == "draft"
    assert all(entry.actor for entry in AuditEntry.objects.filter(object_id=organization.pk))


def test_verified_by_a_link_by_a_call_and_not_any_more(moderator):
    organization = make_organization()
    moderator.post(page(organization), sent(organization, _link="x"))
    organization.refresh_from_db()
    assert organization.verified_how == "link"
    answer = moderator.post(page(organization), sent(organization, _call="x"))
    assert messages_of(answer)[-1] == "Write what the call was: when, and with which office."
    moderator.post(page(organization), sent(organization, _call="x", note="May 3, the office"))
    organization.refresh_from_db()
    assert organization.verified_how == "call"
    moderator.post(page(organization), sent(organization, _unverify="x"))
    organization.refresh_from_db()
    assert organization.verified_at is None


def test_merging_moves_what_it_endorses(moderator):
    doubled, into = make_organization("IBT 12"), make_organization()
    made = endorse(make_event(), doubled, published=True)
    answer = moderator.post(page(doubled), sent(doubled, merge_into=into.slug, _merge="x"))
    assert answer.url == page(into)
    made.refresh_from_db()
    assert made.organization == into
    assert moderator.get(f"/organizations/{doubled.slug}/").url == f"/organizations/{into.slug}/"


@pytest.mark.parametrize(
    ("slug", "status", "sentence"),
    [
        ("no-such-thing", 200, "There is no organization with this address."),
        ("no\0thing", 200, "There is no organization with this address."),
        ("", 302, "An organization can't be merged into itself."),
    ],
)
def test_a_merge_that_makes_no_sense_is_a_sentence(moderator, slug, status, sentence):
    organization = make_organization()
    answer = moderator.post(page(organization), sent(organization, merge_into=slug, _merge="x"))
    assert answer.status_code == status
    said = messages_of(answer) if status == 302 else [html.unescape(answer.content.decode())]
    assert any(sentence in one for one in said)
    assert Organization.objects.count() == 1


def test_an_endorsement_is_taken_off_and_the_others_stay(moderator):
    organization = make_organization()
    first, second = (endorse(make_event(), organization, published=True) for _n in range(2))
    moderator.post(page(organization), sent(organization, take_off=f"event:{first.pk}"))
    assert EventEndorsement.objects.listed().get() == second
    first.refresh_from_db()
    assert first.status == "archived"


def test_bad_input_is_a_sentence(moderator):
    organization = make_organization()
    answer = moderator.post(
        page(organization), sent(organization, name="", site="javascript:x", country="XX")
    )
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "Write the name of the organization." in text
    assert "Write an address like https://local12.example.org." in text
    organization.refresh_from_db()
    assert organization.name == "Teamsters Local 12"


def test_text_of_strangers_is_text(moderator):
    bad = "<script>alert(1)</script>"
    made = endorse(make_event(), replace(LOCAL_12, name=bad), motion=bad)
    for path in (LIST, page(made.organization), f"/moderation/{review_of(made).pk}/", "/moderation/"):
        body = moderator.get(path).content.decode()
        assert "alert(1)" in body
        assert bad not in body


def test_the_contact_is_nowhere_in_it(moderator):
    made = endorse(email="unmistakable@example.org", published=True)
    for path in (LIST, page(made.organization)):
        assert "unmistakable" not in moderator.get(path).content.decode()
    item = moderator.get(f"/moderation/{review_of(made).pk}/").content.decode()
    assert "unmistakable" not in item
    assert "u…@example.org" in item


def test_the_item_names_who_it_may_be(moderator):
    make_organization("IBT 12")
    made = endorse(make_event())
    item = moderator.get(f"/moderation/{review_of(made).pk}/").content.decode()
    assert "Is it here already?" in item
    assert "IBT 12" in item
    assert "Publish and trust" not in item


# --- The logo ----------------------------------------------------------------------------------------
def test_a_logo_is_shown_without_what_the_file_held_besides(moderator, client, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    organization = make_organization()
    moderator.post(page(organization), sent(organization, logo=uploaded(with_secrets())))
    image = Image.objects.get()
    assert image.small_url in client.get(f"/organizations/{organization.slug}/").content.decode()
    answer = client.get(image.small_url)
    assert answer.status_code == 200
    assert GPS.encode() not in b"".join(answer)
    # Another one takes its place; off the site nobody sees it.
    moderator.post(page(organization), sent(organization, logo=uploaded(picture())))
    assert Image.objects.get() != image
    moderator.post(page(organization), sent(organization, _unpublish="x"))
    assert client.get(Image.objects.get().small_url).status_code == 404
    moderator.post(page(organization), sent(organization, no_logo="on"))
    assert not Image.objects.exists()


@pytest.mark.parametrize("data", [b"", b"GIF89a no picture", claims((30_000, 30_000))])
def test_a_broken_or_booby_trapped_logo_is_a_sentence(moderator, settings, tmp_path, data):
    settings.VAR_DIR = tmp_path
    organization = make_organization()
    answer = moderator.post(page(organization), sent(organization, name="Changed 1", logo=uploaded(data)))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    organization.refresh_from_db()
    assert (organization.name, Image.objects.count()) == ("Teamsters Local 12", 0)


def test_a_logo_goes_with_what_was_merged(moderator, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.VAR_DIR = tmp_path
    doubled, into = make_organization("IBT 12"), make_organization()
    moderator.post(page(doubled), sent(doubled, logo=uploaded(picture())))
    with django_capture_on_commit_callbacks(execute=True):
        moderator.post(page(doubled), sent(doubled, merge_into=into.slug, _merge="x"))
    assert not Image.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
