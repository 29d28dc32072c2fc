"""Pictures of things: seen by whoever sees the thing, gone with it, and never on a disk as they came."""

import os
import re
import tempfile
import time

import pytest
from django import forms
from django.test import RequestFactory
from django.utils import timezone

from events.actions import events as event_actions
from events.models import Event
from hub import images
from hub.models import AuditEntry, Image
from hub.models.images import media_folder
from hub.personal import purge_all
from hub.pictures import MOST_BYTES, SENTENCES, read_picture
from hub.uploads import MOST_IN_REQUEST, PictureField
from tests.factories import make_event
from tests.hub.uploaded import GPS, REFUSED, picture, uploaded, with_secrets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def events_have_pictures(monkeypatch):
    monkeypatch.setitem(images.owners, "events.Event", Event)


def add(event: Event, data: bytes = b"") -> Image:
    return images.add_image(
        event,
        read_picture(data or picture()),
        alt="A red banner",
        language="en",
        by=None,
        at=timezone.now(),
    )


def files() -> set[str]:
    return {path.name for path in media_folder().iterdir()} if media_folder().is_dir() else set()


@pytest.fixture(autouse=True)
def an_empty_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


# --- Keeping -------------------------------------------------------------------------------------
def test_a_picture_has_two_files_under_a_random_name():
    event = make_event(title="Clandestine Alley")
    image = add(event)
    assert re.fullmatch(r"[0-9a-f]{32}", image.name)
    assert files() == {f"{image.name}.jpg", f"{image.name}-small.jpg"}
    assert add(event).name != image.name
    entry = AuditEntry.objects.filter(action="add_image")[0]
    assert (entry.object_kind, entry.object_id) == ("events.Event", event.pk)


def test_the_pictures_of_several_things_come_in_one_query(django_assert_num_queries):
    first, second = make_event(), make_event()
    made = [add(first), add(first), add(second)]
    with django_assert_num_queries(1):
        found = images.pictures_of([first.pk, second.pk])
    assert found == {first.pk: made[:2], second.pk: made[2:]}


def test_what_an_aborted_act_leaves_is_found_by_the_purge():
    add(make_event())
    kept = files()
    (media_folder() / f"{'0' * 32}.jpg").write_bytes(picture())  # its row was never committed
    (media_folder() / f"{'1' * 32}.jpg").write_bytes(picture())  # its row is being written
    old = time.time() - 3700
    for name in (*kept, f"{'0' * 32}.jpg"):
        os.utime(media_folder() / name, (old, old))
    purge_all(timezone.now())
    assert files() == {*kept, f"{'1' * 32}.jpg"}


def test_removing_takes_row_and_files(django_capture_on_commit_callbacks):
    event = make_event()
    image, other = add(event), add(event)
    with django_capture_on_commit_callbacks() as callbacks:
        images.remove_image(image, by=None, at=timezone.now())
    assert len(files()) == 4  # until it is certain
    for callback in callbacks:
        callback()
    assert files() == {other.file_name, other.small_name}
    assert list(Image.objects.all()) == [other]


def test_pictures_go_with_their_owner(django_capture_on_commit_callbacks):
    event = make_event(published=False)
    add(event)
    event_actions.delete_draft(event, by=None, at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        purge_all(timezone.now())
    assert (Image.objects.count(), files()) == (0, set())


def test_what_removes_an_owner_removes_its_pictures_at_once(django_capture_on_commit_callbacks):
    event, other = make_event(), make_event()
    add(event)
    kept = add(other)
    with django_capture_on_commit_callbacks(execute=True):
        images.remove_images_of(event)
    assert files() == {kept.file_name, kept.small_name}


# --- Seeing --------------------------------------------------------------------------------------
def test_everybody_sees_what_is_published_and_keeps_it(cast):
    image = add(make_event())
    for client in cast.values():
        for url in (image.url, image.small_url):
            answer = client.get(url)
            assert answer.status_code == 200
            assert answer["Content-Type"] == "image/jpeg"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
            assert "Set-Cookie" not in answer
            assert answer.content == (media_folder() / url.split("/")[-1]).read_bytes()


def test_a_webp_says_what_it_is(visitor):
    image = add(make_event(), picture("PNG"))
    assert image.url.endswith(".webp")
    assert visitor.get(image.url)["Content-Type"] == "image/webp"
    assert visitor.get(image.url.replace(".webp", ".jpg")).status_code == 404


def test_of_a_draft_only_those_see_it_who_see_the_draft(cast):
    image = add(make_event(published=False))
    found = {role: client.get(image.url).status_code for role, client in cast.items()}
    assert found == {"visitor": 404, "member": 404, "coordinator": 404, "moderator": 404, "admin": 200}
    assert cast["admin"].get(image.small_url)["Cache-Control"] == "private, no-store"


def test_taken_off_the_site_it_is_gone_at_once(visitor):
    event = make_event()
    image = add(event)
    assert visitor.get(image.url).status_code == 200
    event_actions.unpublish_event(event, by=None, at=timezone.now())
    assert visitor.get(image.url).status_code == 404


def test_a_visitor_s_picture_asks_one_query(visitor, django_assert_num_queries):
    image = add(make_event())
    with django_assert_num_queries(1):
        visitor.get(image.url)


@pytest.mark.parametrize(
    "name",
    [
        *("..%2f..%2fdemo-keys.json", "%2e%2e/hub.sqlite3", "..", "demo-keys.json", f"{'a' * 32}.jpg"),
        *(f"{'a' * 32}.svg", f"{'A' * 32}.jpg", f"{'a' * 32}.jpg%00.html", f"{'a' * 32}"),
    ],
)
def test_no_other_file_is_served(visitor, name):
    add(make_event())
    assert visitor.get(f"/media/{name}").status_code == 404


def test_a_lost_file_is_a_missing_page(visitor):
    image = add(make_event())
    image.paths[0].unlink()
    assert visitor.get(image.url).status_code == 404


def test_pictures_are_only_read(visitor):
    image = add(make_event())
    assert visitor.post(image.url).status_code == 405
    assert visitor.head(image.url).status_code == 200


# --- Uploading -----------------------------------------------------------------------------------
class OneForm(forms.Form):
    photo = PictureField(required=False)


def sent(**sent_files):
    """What a form makes of a request with these files."""
    request = RequestFactory().post("/", sent_files)
    return OneForm(request.POST, request.FILES)


def test_a_form_gives_the_picture_written_anew():
    form = sent(photo=uploaded(with_secrets()))
    assert form.is_valid()
    assert form.cleaned_data["photo"].kind == "jpeg"
    assert GPS.encode() not in form.cleaned_data["photo"].large


def test_a_form_without_a_picture_is_sound_where_none_is_asked_for():
    form = sent()
    assert form.is_valid()
    assert form.cleaned_data["photo"] is None


@pytest.mark.parametrize("what", [what for what, (_data, reason) in REFUSED.items() if reason])
def test_a_form_says_why_it_takes_no_such_picture(what):
    data, reason = REFUSED[what]
    form = sent(photo=uploaded(data))
    assert not form.is_valid()
    sentence = SENTENCES[reason] if data else SENTENCES["broken"]
    assert form.errors["photo"] == [sentence]


def test_nothing_uploaded_is_ever_on_a_disk(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    form = sent(photo=uploaded(picture() + b"\0" * 9_000_000))
    assert form.is_valid()


def test_of_what_is_too_large_nothing_is_kept_but_its_size():
    request = RequestFactory().post("/", {"photo": uploaded(picture() + b"\0" * (MOST_BYTES + 1))})
    file = request.FILES["photo"]
    assert file.size > MOST_BYTES
    assert file.read() == b""


def test_many_files_are_not_kept_beyond_the_request_s_share():
    nine = b"\0" * (MOST_BYTES - 1)
    request = RequestFactory().post("/", {name: uploaded(nine) for name in ("a", "b", "c", "d")})
    kept = [len(file.read()) for file in request.FILES.values()]
    assert sum(kept) <= MOST_IN_REQUEST
    assert kept == [len(nine), len(nine), 0, 0]


def test_files_without_number_are_refused(visitor):
    request = RequestFactory().post("/", {str(n): uploaded(b"x") for n in range(9)})
    with pytest.raises(Exception, match="number of files"):
        _ = request.FILES


def test_no_other_handler_gets_to_see_an_upload(settings):
    assert settings.FILE_UPLOAD_HANDLERS == ["hub.uploads.MemoryUploadHandler"]
