"""Charts as SVG, made here: no script draws them, and colours come from the stylesheet."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 560, 140
FOOT = 20  # for the first and the last label
LEFT = 44  # for the largest number
FEW_HIGH = 6  # of every bar whose number isn't told


def bars(name: str, title: str, description: str, points: Sequence[tuple[str, int | None]]) -> SafeString:
    """Bars with a label each; `name` is this chart's own on the page. A number that isn't told (None) is as
    high as every other such, so that the picture says no more than the table that stands beside it."""
    most = max((number for _label, number in points if number is not None), default=0)
    step = (WIDTH - LEFT) / max(1, len(points))
    room = HEIGHT - FOOT - FEW_HIGH
    rows = []
    for place, (_label, number) in enumerate(points):
        high = FEW_HIGH if number is None else FEW_HIGH + round(room * number / most) if number else 0
        kind = "few" if number is None else "told"
        left, top = LEFT + place * step, HEIGHT - FOOT - high
        rows.append((kind, f"{left:.1f}", top, f"{step * 0.8:.1f}", high))
    drawn = format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', rows)
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}{}</svg>',
        *(WIDTH, HEIGHT, name, name, name, title, name, description, drawn),
        _words(points, most),
    )


def _words(points: Sequence[tuple[str, int | None]], most: int) -> SafeString:
    """The first and the last label below, the largest number beside."""
    if not points:
        return SafeString()
    texts = [(LEFT, HEIGHT - 4, "start", points[0][0]), (WIDTH, HEIGHT - 4, "end", points[-1][0])]
    if most:
        texts.append((LEFT - 6, 14, "end", str(most)))
    return format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', texts)
