"""Secret links: recomputed, not stored.

A token is base64url(HMAC-SHA-256(LINK_KEY, kind | id | generation)), cut to 192 bits. The database
keeps only its hash, for look-up, so a stolen dump opens nothing, and a reminder weeks later can
still carry the link. Raising the generation of a row turns its old links off.
"""

import base64
import hashlib
import hmac
import time
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

TOKEN_BYTES = 24
TOKEN_LENGTH = 32  # characters of base64url
CODE_DIGITS = 6


def _mac(kind: str, pk: UUID, generation: int) -> bytes:
    message = f"{kind}\0{pk}\0{generation}".encode()
    return hmac.new(settings.LINK_KEY, message, hashlib.sha256).digest()


def token(kind: str, pk: UUID, generation: int = 0) -> str:
    """The secret part of a link of this kind to this row."""
    return base64.urlsafe_b64encode(_mac(kind, pk, generation)[:TOKEN_BYTES]).decode()


def token_hash(text: str) -> bytes:
    """What the database keeps of a token (SHA-256, 32 bytes)."""
    return hashlib.sha256(text.encode()).digest()


def code(kind: str, pk: UUID, generation: int = 0) -> str:
    """A six-digit code, derived as the tokens are."""
    number = int.from_bytes(_mac(f"code:{kind}", pk, generation)[:8], "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def same(left: str, right: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def site_url(path: str) -> str:
    """The full address of a path, from SITE_URL and never from a request's Host header."""
    return settings.SITE_URL + path


def url(name: str, *args: object) -> str:
    """The full address of a named page, in the language that is active."""
    return site_url(reverse(name, args=args))


def sign(value: str, purpose: str, *, age: float = 0.0) -> str:
    """A value a cookie or form may carry: signed, with the time of signing inside (set back by
    `age` seconds)."""
    return _signer(purpose).sign(f"{value}@{time.time() - age:.1f}")


def unsign(text: str, purpose: str, max_age: int) -> str | None:
    """What `sign` was given, or None if it was changed or is older than `max_age` seconds."""
    value, age = unsign_with_age(text, purpose)
    return value if value is not None and age <= max_age else None


def unsign_with_age(text: str, purpose: str) -> tuple[str | None, float]:
    """What `sign` was given and how many seconds ago; (None, 0) if it was changed."""
    try:
        signed = _signer(purpose).unsign(text)
    except signing.BadSignature:
        return None, 0.0
    value, made = signed.split("@")
    return value, time.time() - float(made)


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(key=settings.LINK_KEY.hex(), salt=f"hub:{purpose}")
