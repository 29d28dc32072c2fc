"""Inserting rows of several tables at once.

An act writes a row here and there: what was made, the form's token, the audit entry, the mail. One
statement each would cost more than everything else the act does, while others wait for its lock.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

Row = TypeVar("Row", bound=models.Model)


def insert(rows: Sequence[models.Model], *, unless_there: Collection[models.Model] = ()) -> None:
    """Insert rows of any tables, in this order: all of them or, raising IntegrityError, none.

    Those that are also in `unless_there` are left out quietly where a unique column says that there is
    one already. PostgreSQL takes them all in one round trip; SQLite, which has none, one by one.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    statements = [_insert_sql(type(row), any(row is quiet for quiet in unless_there)) for row in rows]
    values = [_values(row, connection) for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 1:
            cursor.execute(_in_one(tuple(statements)), [value for of_row in values for value in of_row])
        else:
            for statement, of_row in zip(statements, values, strict=True):
                cursor.execute(statement, of_row)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_or_lock(row: Row, unique: str) -> Row:
    """Insert a row, or lock the one that has the same value in the column `unique` until the
    transaction ends: in one statement, so that nobody can delete it in between. Returns the row there is;
    it was inserted if that has this one's id."""
    # Writing the same value again is what locks a row, and what makes RETURNING give it.
    connection = connections[DEFAULT_DB_ALIAS]
    name = connection.ops.quote_name(unique)
    sql = f"{_insert_sql(type(row), False)} ON CONFLICT ({name}) DO UPDATE SET {name} = EXCLUDED.{name} "
    (stored,) = type(row)._default_manager.raw(f"{sql}RETURNING *", _values(row, connection))
    return stored


def _columns(model: type[models.Model]) -> Sequence[models.Field]:
    return model._meta.local_concrete_fields


@cache
def _insert_sql(model: type[models.Model], quietly: bool) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(column.column)) for column in _columns(model))
    marks = ", ".join(["%s"] * len(_columns(model)))
    conflict = " ON CONFLICT DO NOTHING" if quietly else ""
    # Names of our own tables and columns only.
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks}){conflict}"  # noqa: S608


@cache
def _in_one(statements: tuple[str, ...]) -> str:
    """PostgreSQL runs each data-modifying WITH query, whether it is read or not."""
    *earlier, last = statements
    withs = ", ".join(f"row_{number} AS ({statement})" for number, statement in enumerate(earlier))
    return f"WITH {withs} {last}"


def _values(row: models.Model, connection: Any) -> list[Any]:
    return [
        column.get_db_prep_save(column.pre_save(row, add=True), connection) for column in _columns(type(row))
    ]
