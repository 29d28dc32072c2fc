"""What was uploaded, made into a picture of ours: decoded, turned upright, scaled, written anew.

Only pixels get through. What else a file may hold (where a photo was taken, by which camera, a second
file behind the picture, a page that calls itself a picture) is not in what we write. Nothing here
touches a disk.
"""

import io
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image as Pillow
from PIL import ImageOps

from hub.models.images import LARGE, SMALL

MOST_BYTES = 10_000_000
LONGEST_SIDE = 12_000  # pixels
# Of JPEG only a scaled version is ever in memory, of the others every pixel.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
MOST_SCANS = 100  # a few for each progressive JPEG; thousands keep a decoder busy for minutes
SHORTEST_SIDE = 16

SENTENCES = {
    "bytes": _("This picture is too large: 10 MB at most. Send a smaller version of it."),
    "kind": _("This is no picture we can read. Send a JPEG, PNG or WebP file."),
    "pixels": _(
        "This picture has too many pixels: 50 million at most as JPEG, 25 million as PNG or WebP, "
        "and 12,000 along a side."
    ),
    "broken": _("This picture is broken or not complete. Save it anew, or send another one."),
    "tiny": _("This picture is too small: 16 pixels a side at least."),
}


class PictureRefused(Exception):
    """This can't become a picture; `reason` is a key of SENTENCES."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """A picture as it is to be kept: its two files' bytes, and pixels of the larger."""

    kind: str  # a hub.Image.Kind
    width: int
    height: int
    large: bytes
    small: bytes


def read_picture(data: bytes) -> Picture:
    """Decode what was uploaded and write it anew. Raises PictureRefused."""
    if len(data) > MOST_BYTES:
        raise PictureRefused("bytes")
    try:
        with Pillow.open(io.BytesIO(data), formats=tuple(MOST_PIXELS)) as source:
            photo = source.format in ("JPEG", "MPO")  # MPO: a JPEG that brings along further ones
            _refuse_bombs(source, data, "JPEG" if photo else str(source.format))
            pixels = _upright(source)
    except PictureRefused:
        raise
    except Pillow.UnidentifiedImageError as error:
        raise PictureRefused("kind") from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise PictureRefused("pixels") from error
    except Exception as error:  # bytes made to break a decoder break it in whatever way they like
        raise PictureRefused("broken") from error
    pixels.thumbnail((LARGE, LARGE))
    small = pixels.copy()
    small.thumbnail((SMALL, SMALL))
    kind = "jpeg" if photo else "webp"
    return Picture(kind, pixels.width, pixels.height, _written(pixels, kind), _written(small, kind))


def _refuse_bombs(source: Pillow.Image, data: bytes, kind: str) -> None:
    """What a header alone tells, before anything is decoded."""
    if max(source.size) > LONGEST_SIDE or source.width * source.height > MOST_PIXELS[kind]:
        raise PictureRefused("pixels")
    if min(source.size) < SHORTEST_SIDE:
        raise PictureRefused("tiny")
    if kind == "JPEG" and data.count(b"\xff\xda") > MOST_SCANS:
        raise PictureRefused("broken")


def _upright(source: Pillow.Image) -> Pillow.Image:
    """The decoded pixels as they are meant to be seen, and nothing else."""
    # JPEG is decoded at a half, quarter or eighth where that is still large enough; others ignore it.
    ratio = LARGE / max(source.size)
    source.draft("RGB", (int(source.width * ratio), int(source.height * ratio)))
    source.load()
    if max(source.size) > 2 * LARGE:  # before it is turned and converted, which copies it
        source.thumbnail((2 * LARGE, 2 * LARGE))
    turned = ImageOps.exif_transpose(source)
    if turned.mode.startswith("I;16"):  # grey in 65,536 steps, which Pillow would cut off at 255
        turned = turned.point(lambda grey: grey / 256).convert("L")
    pixels = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    pixels.info = {}  # else a comment and a colour profile would be written again
    return pixels


def _written(pixels: Pillow.Image, kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "jpeg":
        pixels.convert("RGB").save(file, "JPEG", quality=82, optimize=True, progressive=True)
    else:
        pixels.save(file, "WEBP", quality=86, method=4)
    return file.getvalue()
