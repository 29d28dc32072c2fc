"""Querysets whose SQL is written once.

For the few queries of the busiest pages and acts: Django takes several times longer to write such a
query than the database takes to answer it.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.sql import UpdateQuery


class Parameter(models.Expression):
    """Stands in a prepared queryset for a value that is given when it runs."""

    def __init__(self, name: str, output_field: Any) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Prepared:
    """A queryset with Parameters in it. `rows(name=value, …)` runs it.

    `build` makes the queryset: the same one each time, and one that could be read as it is. Its SQL
    is kept for each kind of database. Rows are what the queryset gives: instances, or dictionaries.
    """

    def __init__(self, build: Callable[[], models.QuerySet]) -> None:
        self._build = build
        self._written: dict[str, tuple[models.QuerySet, Any, str, Sequence[Any]]] = {}

    def rows(self, **values: Any) -> list[Any]:
        """What the queryset gives with these values for its Parameters."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self._written:
            queryset = self._build()
            compiler = queryset.query.get_compiler(connection=connection)
            self._written[connection.vendor] = (queryset, compiler, *compiler.as_sql())
        queryset, compiler, sql, params = self._written[connection.vendor]
        bound = _bind(params, values, connection)
        # Copies, because threads share what was written; the connection is the thread's own.
        running: Any = copy(compiler)
        running.connection = connection
        running.as_sql = lambda *_, **__: (sql, bound)
        query: Any = copy(queryset.query)
        query.get_compiler = lambda *_, **__: running
        fresh: Any = queryset.all()
        fresh._query = query
        return list(fresh)


class PreparedUpdate:
    """An UPDATE with Parameters in it: in the rows of `build`'s queryset these columns get these values.
    `run(name=value, …)` runs it and returns how many rows it changed."""

    def __init__(self, build: Callable[[], models.QuerySet], **changes: Any) -> None:
        self._build = build
        self._changes = changes
        self._written: dict[str, tuple[str, Sequence[Any]]] = {}

    def run(self, **values: Any) -> int:
        """Run it with these values for its Parameters."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self._written:
            query: Any = self._build().query.chain(UpdateQuery)
            query.add_update_values(self._changes)
            self._written[connection.vendor] = query.get_compiler(connection=connection).as_sql()
        sql, params = self._written[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(sql, _bind(params, values, connection))
            return cursor.rowcount


def _bind(params: Sequence[Any], values: dict[str, Any], connection: Any) -> tuple[Any, ...]:
    return tuple(
        param.output_field.get_db_prep_value(values[param.name], connection)
        if isinstance(param, Parameter)
        else param
        for param in params
    )
