"""Addresses of things: the title and five random characters."""

import secrets

from django.utils.text import slugify

SLUG_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread from a flyer
SLUG_TAIL = 5


def new_slug(title: str, otherwise: str) -> str:
    """Title and five random characters, so that no two things share an address; `otherwise` stands in
    for a title without a letter of ours."""
    tail = "".join(secrets.choice(SLUG_ALPHABET) for _ in range(SLUG_TAIL))
    return f"{slugify(title)[:60].strip('-') or otherwise}-{tail}"
