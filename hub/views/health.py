"""Probes for whoever runs the hub; they say nothing but yes or no."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

_migrated = False


def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return _plain("ok", 200)


def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and every migration is applied (looked up until it is so once)."""
    global _migrated
    try:
        if _migrated:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        else:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _plain("unavailable", 503)
    return _plain("ok", 200) if _migrated else _plain("unavailable", 503)


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response
