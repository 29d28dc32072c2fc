"""A campaign's own colour: which ones can be read by everybody, and how they look in the dark.

Contrast is that of WCAG 2.2 (1.4.3): words need 4.5 : 1. Readers who ask their system for more contrast, and
paper, keep the hub's own colours.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ENOUGH = 4.5
# Of static/css/hub.css: the words on a filled button, and of each scheme the surface on which coloured
# words are the hardest to read.
WORDS_ON_IT = "#fffdf9"
LIGHT_SURFACE = "#ece2d0"
DARK_SURFACE = "#302821"
STEPS = 100  # from a colour to white

STYLESHEET = """@layer tokens {
  @media screen and (prefers-contrast: no-preference) {
    :root {
      --accent: %(light)s;
      --accent-ink: %(light)s;
    }
  }

  @media screen and (prefers-contrast: no-preference) and (prefers-color-scheme: dark) {
    :root {
      --accent: %(dark_fill)s;
      --accent-ink: %(dark_ink)s;
    }
  }
}
"""


def validate_accent(value: str) -> None:
    """Refuses what is no colour, and what can't be read as words on the page."""
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise ValidationError(_("Write a colour as # and six digits, such as #1d4f91."))
    if contrast(value, LIGHT_SURFACE) < ENOUGH:
        raise ValidationError(_("This colour is too light to be read on the page: choose a darker one."))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _parts(colour: str) -> list[int]:
    """Red, green and blue, each 0 to 255."""
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = (part / 255 for part in _parts(colour))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _lighter(colour: str) -> list[str]:
    """The colour on its way to white."""
    parts = _parts(colour)
    return [
        "#" + "".join(f"{round(part + (255 - part) * step / STEPS):02x}" for part in parts)
        for step in range(STEPS + 1)
    ]


def stylesheet(accent: str) -> str:
    """The rules that give a page this colour. In the dark, fills are as light as their words allow, and words
    as little lighter as they must be."""
    shades = _lighter(accent)
    return STYLESHEET % {
        "light": accent,
        "dark_fill": [shade for shade in shades if contrast(shade, WORDS_ON_IT) >= ENOUGH][-1],
        "dark_ink": next(shade for shade in shades if contrast(shade, DARK_SURFACE) >= ENOUGH),
    }
