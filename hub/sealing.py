"""Sealed data: text that stands encrypted in the database, and keyed digests to find it by.

Every sealed value is `version (1 byte) | key id (3 bytes) | nonce or tag | ciphertext`. The key id
is the start of the key's own SHA-256, so that keys need no names and several can be in use while
they rotate: the first of `DATA_KEYS` encrypts, all of them decrypt.

- `SealedField`: AES-256-GCM with a random nonce, bound to its table, column and primary key, so
  that a value copied into another row does not open.
- `SealedEmail`: AES-SIV (RFC 5297), deterministic, so that an account is found by its address.
- `digest`: HMAC-SHA-256 under `INDEX_KEY`, for look-ups and limits.
"""

import base64
import hashlib
import hmac
import secrets
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import models
from django.db.models.lookups import In
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

VERSION = b"\x01"
KEY_ID_BYTES = 3
NONCE_BYTES = 12
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES
EMAIL_MAX_LENGTH = 170  # bytes of UTF-8; sealed and in base64 they fill the column's 254 characters


class SealedDataError(Exception):
    """A sealed value can't be opened: its key is missing or it was tampered with."""


@cache
def _subkey(key: bytes, purpose: bytes, length: int) -> bytes:
    """A key of its own for each way of sealing (one HKDF-expand block is enough for 64 bytes of SHA-512)."""
    return hmac.new(key, b"hub:" + purpose + b"\x01", hashlib.sha512).digest()[:length]


@cache
def key_id(key: bytes) -> bytes:
    """The three bytes by which a sealed value names the key it was sealed with."""
    return hashlib.sha256(b"hub:key-id" + key).digest()[:KEY_ID_BYTES]


def _key_for(sealed: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise SealedDataError("A sealed value has a format this release does not know.")
    wanted = sealed[1:HEADER_BYTES]
    for key in settings.DATA_KEYS:
        if key_id(key) == wanted:
            return key
    raise SealedDataError("The key of a sealed value is not among DATA_KEYS.")


def seal(text: str, context: str) -> bytes:
    """Encrypt `text` under the first data key, bound to `context` (table, column and row)."""
    key = settings.DATA_KEYS[0]
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_subkey(key, b"gcm", 32)).encrypt(nonce, text.encode(), context.encode())
    return VERSION + key_id(key) + nonce + sealed


def unseal(sealed: bytes, context: str) -> str:
    """Decrypt what `seal` made; raises SealedDataError for a wrong key, context or bytes."""
    key = _key_for(sealed)
    nonce = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    body = sealed[HEADER_BYTES + NONCE_BYTES :]
    try:
        return AESGCM(_subkey(key, b"gcm", 32)).decrypt(nonce, body, context.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealedDataError("A sealed value does not open.") from error


def digest(purpose: str, value: str) -> bytes:
    """HMAC-SHA-256 of `value` under INDEX_KEY; `purpose` keeps digests of different uses apart."""
    return hmac.new(settings.INDEX_KEY, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()


class SealedAttribute(DeferredAttribute):
    """What stands at a model's attribute: gives text, whether the row came from the database or not."""

    def __get__(self, instance: Any, cls: type | None = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, bytes | memoryview):
            return self.field.open(bytes(value), instance.pk)  # type: ignore[attr-defined]
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """Text that stands encrypted in the database (AES-256-GCM). Empty text stays empty bytes.

    Reading the attribute gives text; `.values()` gives the sealed bytes; filtering and `update()`
    with text are refused, because no row's key is known there.
    """

    descriptor_class = SealedAttribute
    description = "Text, encrypted"
    # For the type checker: the attribute gives and takes text.
    _pyi_private_get_type: str  # type: ignore[assignment]
    _pyi_private_set_type: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", b"")
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def context(self, pk: object) -> str:
        """What a value of this field is bound to."""
        return f"{self.model._meta.db_table}.{self.column}:{pk}"

    def open(self, sealed: bytes, pk: object) -> str:
        """The text behind sealed bytes of the row `pk`."""
        return unseal(sealed, self.context(pk)) if sealed else ""

    def to_python(self, value: Any) -> Any:
        """Text stays text; Django would read it as base64."""
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        value = model_instance.__dict__.get(self.attname, b"")
        if isinstance(value, str):
            value = seal(value, self.context(model_instance.pk)) if value else b""
            model_instance.__dict__[self.attname] = value
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            raise TypeError(f"{self.name} is sealed: save the row instead of filtering or updating by text.")
        return super().get_db_prep_value(value, connection, prepared)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of sealed data."""
        return super().get_lookup(lookup_name) if lookup_name in ("exact", "isnull") else None


def normalize_email(address: str) -> str:
    """The form in which addresses are compared: trimmed and lower-case."""
    return address.strip().lower()


def seal_email(address: str, key: bytes, context: str) -> str:
    """Deterministic sealed form of an address, as text for a 254-character column."""
    body = AESSIV(_subkey(key, b"siv", 64)).encrypt(normalize_email(address).encode(), [context.encode()])
    return base64.urlsafe_b64encode(VERSION + key_id(key) + body).decode().rstrip("=")


def unseal_email(text: str, context: str) -> str:
    """The address behind `seal_email`'s text; raises SealedDataError."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = _key_for(sealed)
        return AESSIV(_subkey(key, b"siv", 64)).decrypt(sealed[HEADER_BYTES:], [context.encode()]).decode()
    except (InvalidTag, ValueError) as error:
        raise SealedDataError("A sealed address does not open.") from error


def fits_sealed(address: str) -> None:
    """A validator: what is sealed are the bytes of the lower-case form, and a letter can be several."""
    if len(normalize_email(address).encode()) > EMAIL_MAX_LENGTH:
        raise ValidationError(
            _("This e-mail address is too long: %(limit)d letters fit, and one like ü counts as two."),
            code="max_length",
            params={"limit": EMAIL_MAX_LENGTH},
        )


class SealedEmail(models.EmailField):
    """An account's address: sealed in the database, found by exact match in any case of letters.

    Deterministic, so equal addresses have equal ciphertexts under one key; a look-up asks for the
    ciphertext under every key, which keeps working while keys rotate.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 254
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, fits_sealed]

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    @property
    def sealing_context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalize_email(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return seal_email(value, settings.DATA_KEYS[0], self.sealing_context) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return unseal_email(value, self.sealing_context) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name in ("exact", "iexact"):
            return SealedExact
        if lookup_name == "in":
            return SealedIn
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class SealedIn(In):
    """`email__in`: every address under every key."""

    def get_prep_lookup(self) -> list[str]:
        field = self.lhs.output_field
        if not isinstance(field, SealedEmail):
            raise ImproperlyConfigured("SealedIn looks up SealedEmail columns only.")
        return [seal_email(a, key, field.sealing_context) for a in self.rhs for key in settings.DATA_KEYS]


class SealedExact(SealedIn):
    """`email=` and `email__iexact=`: the address under every key."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(lhs, [rhs])
