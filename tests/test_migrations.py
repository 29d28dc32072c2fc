"""Migrations say what the models say, one after the other, and stand alone.

That all of them run from nothing, on both databases, is what every test with a database shows.
"""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent
APPS = ("hub", "campaigns", "committees", "events")
FILES = sorted(path for app in APPS for path in (ROOT / app).glob("migrations/[0-9]*.py"))


@pytest.mark.django_db
def test_models_and_migrations_agree():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(f"run manage.py makemigrations:\n{said.getvalue()}")


def test_each_app_has_one_line_of_migrations():
    loader = MigrationLoader(None)
    assert loader.detect_conflicts() == {}
    for app in APPS:
        own = {key for key in loader.disk_migrations if key[0] == app}
        assert len(loader.graph.leaf_nodes(app)) == (1 if own else 0)
        for key in own:
            before = [parent for parent in loader.disk_migrations[key].dependencies if parent[0] == app]
            assert len(before) <= 1, f"{key} merges two lines of migrations"


@pytest.mark.django_db
def test_every_migration_is_applied_to_the_test_database():
    loader = MigrationLoader(connection)
    assert set(loader.disk_migrations) <= set(loader.applied_migrations)


def live_imports(source: str) -> list[str]:
    """What a migration imports of the live code. A migration runs again in years, on a database that
    has the tables of its own time: only `apps.get_model` knows those. A field's class is no model."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [("." * node.level + (node.module or ""), alias.name) for alias in node.names]
        else:
            continue
        for module, name in names:
            ours = module.startswith(".") or module.partition(".")[0] in APPS
            if ours and module != "hub.sealing":
                found.append(f"{module} {name}".strip())
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_migrations_stand_alone(path):
    assert live_imports(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from events.models import Event",
        "from hub.models import User",
        "from hub.models.people import User",
        "from ..models import Event",
        "import hub.actions",
        "def fill(apps, schema_editor):\n    from events.actions import seats",
    ],
)
def test_a_live_import_is_found(source):
    assert live_imports(source)


def test_there_are_migrations_to_look_at():
    assert {path.parts[-3] for path in FILES} >= {"hub", "campaigns", "events"}
