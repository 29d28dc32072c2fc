"""Rows of several tables in one go: all, or none."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from hub import audit
from hub.inserts import insert, insert_or_lock
from hub.models import AuditEntry, Heartbeat, Mailbox, SubmittedForm, address_digest, bucket_digest
from tests.factories import make_campaign

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 8, 30, 15, 123456, tzinfo=UTC)


def form(token: bytes) -> SubmittedForm:
    return SubmittedForm(token_hash=token, made_at=NOW, result_id=uuid4())


def mailbox(address: str) -> Mailbox:
    return Mailbox(
        address=address,
        address_digest=address_digest(address),
        bucket_digest=bucket_digest(address),
        created_at=NOW,
    )


def test_rows_of_several_tables_are_stored_as_save_stores_them(django_assert_num_queries):
    entry = audit.entry("x", make_campaign(), at=NOW, by=None, count=3, changes={"a": [1, None]})
    rows = [form(b"1"), mailbox("ana@example.org"), entry]
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        insert(rows)
    for row in rows:
        stored = type(row).objects.get(pk=row.pk)
        for column in row._meta.concrete_fields:
            stores_bytes = column.get_internal_type() == "BinaryField"
            mine, its = getattr(row, column.attname), getattr(stored, column.attname)
            assert its == mine or (stores_bytes and bytes(its) == bytes(mine))
        assert not row._state.adding
    assert Mailbox.objects.get().address == "ana@example.org"
    rows[2].reason = "saved again, as an update"
    rows[2].save()
    assert AuditEntry.objects.filter(action="x").count() == 1


def test_nothing_to_insert_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert([])


def test_one_that_is_there_already_refuses_all():
    insert([form(b"1")])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Heartbeat(name="new", at=NOW), form(b"1"), form(b"2")])
    assert SubmittedForm.objects.count() == 1
    assert not Heartbeat.objects.exists()


def test_one_that_may_be_there_already_is_left_out_alone():
    insert([form(b"1")])
    again, new = form(b"1"), form(b"2")
    insert([Heartbeat(name="new", at=NOW), again, new], unless_there=[again, new])
    assert Heartbeat.objects.count() == 1
    assert set(SubmittedForm.objects.values_list("pk", flat=True)) >= {new.pk}
    assert SubmittedForm.objects.count() == 2


def test_the_row_there_is_wins_and_keeps_its_columns():
    first = insert_or_lock(mailbox("ana@example.org"), "address_digest")
    Mailbox.objects.update(confirmed_at=NOW)
    second = mailbox("ana@example.org")
    found = insert_or_lock(second, "address_digest")
    assert found.pk == first.pk != second.pk
    assert (found.confirmed_at, found.created_at) == (NOW, NOW)
    assert found.address == "ana@example.org"  # opens with its own id
    assert Mailbox.objects.count() == 1
