"""QR codes as inline SVG, made here: no script, no style, no request."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString


def svg(text: str) -> SafeString:
    """One path of bars one module high, with the quiet zone of four modules that ISO/IEC 18004 asks for."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(matrix) for start, length in _runs(row)
    )
    size = len(matrix)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<rect width="{}" height="{}" fill="#fff"/><path fill="#000" d="{}"/></svg>',
        size, size, size, size, path,
    )  # fmt: skip


@lru_cache(maxsize=256)
def of_page(address: str) -> SafeString:
    """The same for the address of a page that everybody may see. It is kept, since making it takes longer
    than the rest of such a page; a secret link or key is not to stay in memory."""
    return svg(address)


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where dark modules stand next to each other, as (start, length)."""
    start = 0
    for dark, modules in groupby(row):
        length = len(list(modules))
        if dark:
            yield start, length
        start += length
