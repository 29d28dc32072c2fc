"""Files as people, and people who mean harm, upload them."""

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

GPS = "37 deg 45 min north, Clandestine Alley"


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    made = Image.new(mode, size, "red")
    made.paste("blue", (size[0] // 2, 0, *size))
    return encoded(made, kind, **options)


def encoded(made: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    made.save(file, kind, **options)
    return file.getvalue()


def uploaded(data: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type)


def with_secrets(kind: str = "JPEG") -> bytes:
    """A picture that says in every place its format has where it was taken and by whom."""
    exif = Image.Exif()
    exif[0x013B] = exif[0x8298] = exif[0x010E] = GPS  # artist, copyright, description
    exif.get_ifd(0x8825)[29] = GPS  # GPSDateStamp: any text will do
    options = {"exif": exif, "icc_profile": GPS.encode() * 10, "xmp": GPS.encode()}
    if kind == "JPEG":
        options["comment"] = GPS
    if kind == "PNG":
        options.pop("xmp")
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Author", GPS)
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", GPS)
    return picture(kind, **options)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *between: bytes, pixels: bytes = b"") -> bytes:
    """A PNG by hand: whatever its header claims, with chunks of one's own before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    end = chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + end


def claims(size: tuple[int, int], kind: str = "JPEG") -> bytes:
    """A small JPEG whose header says that it is of another size."""
    data = picture(kind, (32, 32))
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", size[1], size[0]) + data[at + 4 :]


def with_scans(number: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again: a decoder does its work each time."""
    data = picture(size=(1024, 1024), progressive=True)
    last, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * number + data[end:]


SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"

# What is sent, and the key of the sentence that answers it.
REFUSED = {
    "nothing at all": (b"", "kind"),
    "a web page": (HTML, "kind"),
    "a drawing that runs": (SVG, "kind"),
    "a GIF": (picture("GIF"), "kind"),
    "a TIFF": (picture("TIFF"), "kind"),
    "a BMP": (picture("BMP"), "kind"),
    "an icon": (picture("ICO"), "kind"),
    "a PDF": (picture("PDF"), "kind"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "kind"),
    "a GIF that begins a script": (b"GIF89a/*" + SCRIPT + b"*/=1;", "kind"),
    "half a JPEG": (picture()[:900], "broken"),
    "half a PNG": (picture("PNG")[:-40], "broken"),
    "half a WebP": (picture("WEBP")[:-40], "broken"),
    "a JPEG's first bytes": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 100, "kind"),
    "a PNG's first bytes, then a page": (b"\x89PNG\r\n\x1a\n" + HTML, "broken"),
    "a PNG with wrong sums": (picture("PNG").replace(b"IDAT", b"IDAX"), "kind"),
    "a PNG of 2 gigapixels": (png(46_000, 46_000), "pixels"),
    "a PNG of 144 megapixels": (png(12_000, 12_000), "pixels"),
    "a PNG of 26 megapixels": (png(5_100, 5_100), "pixels"),
    "a PNG as long as a street": (png(12_001, 20), "pixels"),
    "a PNG of one pixel": (png(1, 1, pixels=b"\0\0\0\0"), "tiny"),
    "a JPEG of 64 megapixels": (claims((8_000, 8_000)), "pixels"),
    "a JPEG of 4 gigapixels": (claims((65_000, 65_000)), "pixels"),
    "a WebP as long as a street": (picture("WEBP", (12_100, 16)), "pixels"),
    "a PNG whose words unpack to 20 MB": (
        png(64, 64, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 20_000_000)), pixels=b"\0" * 12352),
        "broken",
    ),
    "a PNG whose pixels unpack to more than it has": (png(64, 64, pixels=b"\1" * 20_000_000), ""),
    "a PNG with too few pixels": (png(64, 64, pixels=b"\0" * 100), "broken"),
    "a JPEG of a thousand scans": (with_scans(1000), "broken"),
    "more bytes than we take": (picture() + b"\0" * 10_000_000, "bytes"),
}
