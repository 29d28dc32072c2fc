"""Addresses of things: the title and five random characters."""

import re
import secrets

from django.utils.text import slugify

SLUG_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread from a flyer
SLUG_TAIL = 5


def is_slug(text: str) -> bool:
    """Whether it can be the address of anything. PostgreSQL doesn't even look for what holds a NUL."""
    return re.fullmatch(r"[-a-zA-Z0-9_]+", text) is not None


def new_slug(title: str, otherwise: str) -> str:
    """Title and five random characters, so that no two things share an address; `otherwise` stands in
    for a title without a letter of ours."""
    tail = "".join(secrets.choice(SLUG_ALPHABET) for _ in range(SLUG_TAIL))
    return f"{slugify(title)[:60].strip('-') or otherwise}-{tail}"
