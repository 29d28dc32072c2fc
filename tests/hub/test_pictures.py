"""Only pixels get through: what is refused, and what is left of what is taken."""

import io
import time

import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from hub.pictures import SENTENCES, PictureRefused, read_picture
from tests.hub.uploaded import GPS, HTML, REFUSED, SCRIPT, encoded, picture, with_secrets


def opened(data: bytes) -> Pillow.Image:
    return Pillow.open(io.BytesIO(data))


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sound_picture_is_refused_with_a_sentence(what):
    data, reason = REFUSED[what]
    started = time.monotonic()
    if reason:
        with pytest.raises(PictureRefused) as refused:
            read_picture(data)
        assert refused.value.reason == reason
        assert SENTENCES[reason]
    else:  # it is read as far as its header says
        assert read_picture(data).width == 64
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("kind", "kept"), [("JPEG", "jpeg"), ("PNG", "webp"), ("WEBP", "webp")])
def test_the_three_formats_are_taken_and_written_anew(kind, kept):
    taken = read_picture(picture(kind, (2400, 1200)))
    assert (taken.kind, taken.width, taken.height) == (kept, 1600, 800)
    large, small = opened(taken.large), opened(taken.small)
    assert (large.format, large.size) == (kept.upper(), (1600, 800))
    assert (small.format, small.size) == (kept.upper(), (400, 200))
    assert large.convert("RGB").getpixel((100, 400))[0] > 240  # red on the left
    assert large.convert("RGB").getpixel((1500, 400))[2] > 240


def test_a_small_picture_is_not_made_larger():
    taken = read_picture(picture(size=(300, 200)))
    assert (taken.width, taken.height) == (300, 200)
    assert opened(taken.small).size == (300, 200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_a_picture_says_about_its_maker_survives(kind):
    sent = with_secrets(kind)
    assert GPS.encode() in sent or kind == "PNG"
    taken = read_picture(sent)
    for data in (taken.large, taken.small):
        assert GPS.encode() not in data
        assert b"Clandestine" not in data
        assert not any(mark in data for mark in (b"Exif", b"EXIF", b"ICCP", b"ICC_PROFILE", b"XMP"))
        found = opened(data)
        assert not found.getexif()
        assert set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                                   "progression", "loop", "background", "timestamp", "duration"}  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("payload", [HTML, SCRIPT, b"PK\x03\x04 a whole archive PK\x05\x06", b"%PDF-1.7 x"])
def test_a_second_file_behind_the_picture_is_left_behind(kind, payload):
    taken = read_picture(picture(kind) + payload)
    assert payload not in taken.large + taken.small


def test_a_script_inside_a_picture_is_left_behind():
    """A polyglot: a JPEG whose comment makes it a page for whoever takes it for one."""
    taken = read_picture(picture(comment=b"*/" + HTML + b"/*"))
    assert b"<" + b"script" not in taken.large + taken.small


def test_a_photo_taken_sideways_stands_upright():
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    taken = read_picture(picture(size=(640, 480), exif=exif))
    assert (taken.width, taken.height) == (480, 640)
    seen = opened(taken.large)
    assert seen.getpixel((240, 100))[0] > 240  # what was on the left is on top now
    assert seen.getpixel((240, 600))[2] > 240
    assert not seen.getexif()


def test_what_is_see_through_stays_so():
    made = Pillow.new("RGBA", (100, 100), (255, 0, 0, 0))
    taken = read_picture(encoded(made, "PNG"))
    assert opened(taken.large).convert("RGBA").getpixel((50, 50))[3] == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_mode_of_png_is_read(mode):
    made = Pillow.new("L", (100, 100), 128)
    sent = Pillow.new("I;16", (100, 100), 128 * 256) if mode == "I;16" else made.convert(mode)
    seen = opened(read_picture(encoded(sent, "PNG")).large).convert("L").getpixel((50, 50))
    assert mode == "1" or abs(seen - 128) < 6


def test_a_photo_of_a_printing_house_is_read():
    made = Pillow.new("CMYK", (100, 100), (0, 255, 255, 0))
    seen = opened(read_picture(encoded(made, "JPEG")).large)
    assert seen.mode == "RGB"
    assert seen.getpixel((50, 50))[0] > 200


def test_of_a_moving_picture_the_first_frame_is_taken():
    frames = [Pillow.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    sent = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    seen = opened(read_picture(sent).large)
    assert getattr(seen, "n_frames", 1) == 1
    assert seen.convert("RGB").getpixel((30, 30))[0] > 240


def test_a_photo_of_48_megapixels_is_taken_without_holding_them_all(monkeypatch):
    held = []
    turn = ImageOps.exif_transpose
    monkeypatch.setattr(ImageOps, "exif_transpose", lambda source: held.append(source.size) or turn(source))
    taken = read_picture(picture(size=(8_000, 6_000), quality=50))
    assert (taken.width, taken.height) == (1600, 1200)
    assert held == [(2_000, 1_500)]
