"""Sealed fields: what goes in comes out, and nothing but the right key, row and column opens it."""

import base64
import os

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import connection, models, transaction
from django.test import override_settings
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.models import Rsvp
from hub import sealing
from hub.models import Mailbox, User
from hub.sealing import SealedDataError, SealedEmail, SealedField, seal, seal_email, unseal, unseal_email
from tests.factories import make_event, make_rsvp, make_user

OLD, NEW = os.urandom(32), os.urandom(32)
# PostgreSQL and UTF-8 know no half surrogates; everything else is text somebody may send.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=500)


@pytest.fixture
def keys():
    """One key of the test's own; `with rotated(...)` changes them."""
    with override_settings(DATA_KEYS=[OLD]):
        yield


def rotated(*keys: bytes) -> override_settings:
    return override_settings(DATA_KEYS=list(keys))


def stored(model: type[models.Model], column: str, pk: object) -> bytes | str:
    """What stands in the database, past Django."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        pk = model._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [pk])
        value = cursor.fetchone()[0]
    return value if isinstance(value, str) else bytes(value)


def write(model: type[models.Model], column: str, pk: object, value: object) -> None:
    """Change what stands in the database, past Django."""
    with connection.cursor() as cursor:
        pk = model._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{column}" = %s WHERE id = %s', [value, pk])


# --- The functions -------------------------------------------------------------------------------
@given(text=TEXT, context=TEXT)
def test_any_text_comes_back(text, context):
    with override_settings(DATA_KEYS=[OLD]):
        assert unseal(seal(text, context), context) == text


@given(text=TEXT)
def test_sealed_bytes_have_their_format_and_never_repeat(text):
    with override_settings(DATA_KEYS=[OLD]):
        one, two = seal(text, "c"), seal(text, "c")
    assert one != two
    for sealed in (one, two):
        assert sealed[:1] == b"\x01"
        assert sealed[1:4] == sealing.key_id(OLD)
        # version, key id, nonce (12) and tag (16) around as many bytes as the text has
        assert len(sealed) == 1 + 3 + 12 + 16 + len(text.encode())


def test_sealed_bytes_hold_nothing_of_the_text(keys):
    assert b"Rosa Luxemburg" not in seal("Rosa Luxemburg", "c")


@given(position=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_does_not_open(position, bit):
    with override_settings(DATA_KEYS=[OLD]):
        sealed = bytearray(seal("eight hours", "c"))
        sealed[position % len(sealed)] ^= 1 << bit
        with pytest.raises(SealedDataError):
            unseal(bytes(sealed), "c")


@given(length=st.integers(0, 40))
def test_cut_off_bytes_do_not_open(length):
    with override_settings(DATA_KEYS=[OLD]), pytest.raises(SealedDataError):
        unseal(seal("eight hours", "c")[:length], "c")


def test_another_context_does_not_open(keys):
    sealed = seal("secret", "events_rsvp.name:1")
    for other in ("events_rsvp.need:1", "events_rsvp.name:2", ""):
        with pytest.raises(SealedDataError):
            unseal(sealed, other)


def test_another_key_does_not_open(keys):
    sealed = seal("secret", "c")
    with rotated(NEW), pytest.raises(SealedDataError, match="DATA_KEYS"):
        unseal(sealed, "c")


def test_another_key_under_the_same_id_does_not_open(keys):
    sealed = seal("secret", "c")
    forged = sealed[:1] + sealing.key_id(NEW) + sealed[4:]
    with rotated(NEW), pytest.raises(SealedDataError):
        unseal(forged, "c")


def test_errors_tell_nothing_of_the_text(keys):
    sealed = seal("secret", "c")
    with pytest.raises(SealedDataError) as caught:
        unseal(sealed[:-1] + b"x", "c")
    assert "secret" not in str(caught.value)


def test_each_way_of_sealing_has_its_own_key():
    made = {sealing._subkey(OLD, purpose, 32) for purpose in (b"gcm", b"siv")}
    assert len(made) == 2
    assert OLD not in made


def test_digests_of_different_uses_differ():
    assert sealing.digest("mailbox", "a@example.org") != sealing.digest("bucket", "a@example.org")
    assert len(sealing.digest("mailbox", "a")) == 32
    with override_settings(INDEX_KEY=NEW):
        other = sealing.digest("mailbox", "a@example.org")
    assert other != sealing.digest("mailbox", "a@example.org")


# --- The field -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_field_gives_text_and_stores_none():
    party = make_rsvp(make_event(), name="Ñandú 🐦", need="a chair")
    fresh = Rsvp.objects.get(pk=party.pk)
    assert (fresh.name, fresh.need) == ("Ñandú 🐦", "a chair")
    for column, text in (("name", "Ñandú 🐦"), ("need", "a chair")):
        assert text.encode() not in stored(Rsvp, column, party.pk)


@pytest.mark.django_db
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT)
def test_any_text_comes_back_from_the_database(text):
    mailbox = Mailbox(address=text, address_digest=os.urandom(32), bucket_digest=b"b")
    mailbox.created_at = timezone.now()
    mailbox.save()
    assert Mailbox.objects.get(pk=mailbox.pk).address == text


@pytest.mark.django_db
def test_values_are_sealed_bytes():
    party = make_rsvp(make_event(), name="Emma")
    (value,) = Rsvp.objects.values_list("name", flat=True)
    assert bytes(value) == stored(Rsvp, "name", party.pk)
    assert bytes(Rsvp.objects.values("name")[0]["name"]) == bytes(value)


@pytest.mark.django_db
def test_an_attribute_opens_before_and_after_saving():
    party = make_rsvp(make_event())
    party.name = "Emma"
    assert party.name == "Emma"
    party.save()
    assert party.name == "Emma"
    party.save()  # sealed bytes are not sealed again
    assert Rsvp.objects.get(pk=party.pk).name == "Emma"


@pytest.mark.django_db
def test_saving_one_field_leaves_the_other_sealed_as_it_was():
    party = make_rsvp(make_event(), name="Emma", need="a chair")
    before = stored(Rsvp, "need", party.pk)
    party.name = "Ella"
    party.save(update_fields=["name"])
    fresh = Rsvp.objects.get(pk=party.pk)
    assert (fresh.name, fresh.need) == ("Ella", "a chair")
    assert stored(Rsvp, "need", party.pk) == before


@pytest.mark.django_db
def test_bulk_create_seals_too():
    made = [Mailbox(address=f"{n}@example.org", address_digest=bytes([n]), bucket_digest=b"") for n in (1, 2)]
    for mailbox in made:
        mailbox.created_at = timezone.now()
    Mailbox.objects.bulk_create(made)
    assert {mailbox.address for mailbox in Mailbox.objects.all()} == {"1@example.org", "2@example.org"}
    assert b"example" not in stored(Mailbox, "address", made[0].pk)


@pytest.mark.django_db
def test_deferred_fields_open_when_they_are_asked_for():
    party = make_rsvp(make_event(), name="Emma", need="a chair")
    deferred = Rsvp.objects.defer("name").get(pk=party.pk)
    assert "name" in deferred.get_deferred_fields()
    assert deferred.name == "Emma"
    only = Rsvp.objects.only("need").get(pk=party.pk)
    assert (only.need, only.name) == ("a chair", "Emma")


@pytest.mark.django_db
def test_refresh_from_db_gives_what_stands_there():
    party = make_rsvp(make_event(), name="Emma")
    other = Rsvp.objects.get(pk=party.pk)
    other.name = "Ella"
    other.save()
    party.refresh_from_db()
    assert party.name == "Ella"


@pytest.mark.django_db
def test_empty_stays_empty_and_can_be_asked_for():
    party = make_rsvp(make_event(), name="Emma")
    assert stored(Rsvp, "need", party.pk) == b""
    assert Rsvp.objects.filter(need=b"").exists()
    assert not Rsvp.objects.filter(name=b"").exists()
    party.name = ""
    party.save()
    assert stored(Rsvp, "name", party.pk) == b""


@pytest.mark.django_db
def test_a_value_copied_into_another_row_or_column_does_not_open():
    event = make_event()
    one, two = make_rsvp(event, name="Emma", need="a chair"), make_rsvp(event, name="Ella")
    write(Rsvp, "name", two.pk, stored(Rsvp, "name", one.pk))
    with pytest.raises(SealedDataError):
        _ = Rsvp.objects.get(pk=two.pk).name
    write(Rsvp, "need", one.pk, stored(Rsvp, "name", one.pk))
    with pytest.raises(SealedDataError):
        _ = Rsvp.objects.get(pk=one.pk).need


@pytest.mark.django_db
def test_a_lost_key_shows_when_the_field_is_read_and_not_before():
    party = make_rsvp(make_event(), name="Emma")
    with rotated(NEW):
        fresh = Rsvp.objects.get(pk=party.pk)
        assert fresh.made_at == party.made_at
        with pytest.raises(SealedDataError):
            _ = fresh.name
        fresh.save()  # must not destroy what can't be read
    assert Rsvp.objects.get(pk=party.pk).name == "Emma"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lookup", ["name", "name__exact", "name__iexact", "name__contains", "name__startswith", "name__in"]
)
def test_filtering_by_text_is_refused(lookup):
    make_rsvp(make_event(), name="Emma")
    with pytest.raises((TypeError, FieldError)):
        list(Rsvp.objects.filter(**{lookup: ["Emma"] if lookup.endswith("in") else "Emma"}))


@pytest.mark.django_db
def test_update_with_text_is_refused():
    party = make_rsvp(make_event(), name="Emma")
    with pytest.raises(TypeError), transaction.atomic():
        Rsvp.objects.update(name="Ella")
    assert Rsvp.objects.get(pk=party.pk).name == "Emma"
    Rsvp.objects.update(name=b"")
    assert Rsvp.objects.get(pk=party.pk).name == ""


@pytest.mark.django_db
def test_keys_rotate(keys):
    old = make_rsvp(make_event(), name="Emma")
    with rotated(NEW, OLD):
        fresh = Rsvp.objects.get(pk=old.pk)
        assert fresh.name == "Emma"
        assert stored(Rsvp, "name", old.pk)[1:4] == sealing.key_id(OLD)
        fresh.name = "Emma"  # sealed again, with the first key
        fresh.save()
        assert stored(Rsvp, "name", old.pk)[1:4] == sealing.key_id(NEW)
    with rotated(NEW):
        assert Rsvp.objects.get(pk=old.pk).name == "Emma"


def test_every_sealed_field_is_bound_to_its_own_column():
    contexts = [
        field.context("1")
        for model in (Rsvp, Mailbox)
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    ]
    assert len(contexts) == len(set(contexts)) == 3


# --- Account addresses -----------------------------------------------------------------------------
ADDRESSES = st.emails().filter(lambda address: len(address) <= 170)


@given(address=ADDRESSES)
def test_any_address_comes_back_in_lower_case(address):
    with override_settings(DATA_KEYS=[OLD]):
        text = seal_email(address, OLD, "hub_user.email")
        assert unseal_email(text, "hub_user.email") == address.lower()
        assert seal_email(address.upper(), OLD, "hub_user.email") == seal_email(
            address.upper().lower(), OLD, "hub_user.email"
        )
        assert len(text) <= 254


def test_the_longest_address_fits_the_column(keys):
    address = "a" * 60 + "@" + "b" * 60 + "." + "c" * 44 + ".org"
    assert len(address) == sealing.EMAIL_MAX_LENGTH
    assert len(seal_email(address, OLD, "hub_user.email")) <= 254


def test_an_address_in_another_column_or_changed_does_not_open(keys):
    text = seal_email("a@example.org", OLD, "hub_user.email")
    with pytest.raises(SealedDataError):
        unseal_email(text, "other.email")
    changed = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    changed[-1] ^= 1
    with pytest.raises(SealedDataError):
        unseal_email(base64.urlsafe_b64encode(changed).decode().rstrip("="), "hub_user.email")
    for broken in ("", "x", "plain@example.org"):
        with pytest.raises(SealedDataError):
            unseal_email(broken, "hub_user.email")


@pytest.mark.django_db
def test_an_account_is_found_by_its_address_in_any_case():
    user = make_user("Rosa.Parks@Example.ORG")
    assert user.email == "rosa.parks@example.org"
    assert User.objects.get(pk=user.pk).email == "rosa.parks@example.org"
    assert "@" not in stored(User, "email", user.pk)
    for lookup in ("email", "email__exact", "email__iexact"):
        assert User.objects.get(**{lookup: " ROSA.parks@example.org"}) == user
    assert User.objects.filter(email__in=["x@example.org", "ROSA.PARKS@example.org"]).get() == user
    assert not User.objects.filter(email="rosa@example.org").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["contains", "icontains", "startswith", "endswith", "regex", "gt"])
def test_an_address_can_not_be_searched_by_a_part(lookup):
    make_user("rosa@example.org")
    with pytest.raises(FieldError):
        list(User.objects.filter(**{f"email__{lookup}": "rosa"}))


@pytest.mark.django_db
def test_an_address_is_unique_whatever_its_case():
    make_user("rosa@example.org")
    with pytest.raises(ValidationError):
        User(email="ROSA@example.org", password="x").full_clean()


@pytest.mark.django_db
def test_an_address_sealed_with_the_old_key_is_found_while_keys_rotate(keys):
    user = make_user("rosa@example.org")
    with rotated(NEW, OLD):
        assert User.objects.get(email="rosa@example.org") == user
        assert User.objects.get(email="rosa@example.org").email == "rosa@example.org"
        assert User.objects.filter(email__in=["rosa@example.org"]).exists()
        user.save()
    with rotated(NEW):
        assert User.objects.get(email="rosa@example.org") == user
    with rotated(OLD):
        assert not User.objects.filter(email="rosa@example.org").exists()


def test_too_long_an_address_is_refused_with_a_sentence():
    with pytest.raises(ValidationError) as caught:
        SealedEmail().clean("a" * 160 + "@example.org", None)
    assert "170" in str(caught.value)


def umlauts(letters: int) -> str:
    """An address of so many two-byte letters, and 31 others."""
    return "a" * 20 + "@" + ".".join("ü" * part for part in (letters - 40, 20, 20)) + ".example"


@pytest.mark.parametrize("letters", [69, 70], ids=["fits", "too long"])
def test_what_counts_are_bytes(letters, keys):
    address = umlauts(letters)
    assert len(address) < sealing.EMAIL_MAX_LENGTH
    sealed = len(seal_email(address, OLD, "hub_user.email"))
    if letters == 69:
        assert SealedEmail().clean(address, None) == address
        assert sealed <= 254
    else:
        assert sealed > 254
        for language, sentence in (("en", "170 letters fit"), ("es", "caben 170 letras")):
            with translation.override(language), pytest.raises(ValidationError, match=sentence):
                SealedEmail().clean(address, None)


def test_sealed_lookups_belong_to_sealed_columns():
    with pytest.raises(ImproperlyConfigured):
        sealing.SealedIn(User._meta.get_field("language").get_col("hub_user"), ["x"])
