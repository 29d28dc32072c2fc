"""The house stands: imports go down, and each thing that must have one place has one.

Every checker here takes a module's name and source and gives sentences; the last part of this file
feeds each of them bad snippets, so that none can rot into one that finds nothing.
"""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("hub", "campaigns", "committees", "events")  # from the ground up
APPS = FLOORS[1:]
FORBIDDEN_NAMES = {"utils", "common", "core", "helpers", "services"}

# The wiring: the only modules of hub that may name the apps above.
WIRING = {
    "hub.settings",
    "hub.urls",
    "hub.celery",
    "hub.wsgi",
    "hub.asgi",
    "hub.apps",
    "hub.views.home",
    "hub.views.mine",
    "hub.views.permanent",
    "hub.views.search",  # this and the next two come with later floors
    "hub.views.me",
    "hub.views.moderation",
}
WIRING_PACKAGES = ("hub.management.commands", "hub.demo")
# On the ground for good, however tempting: shown or run for every app alike.
NEVER_WIRING = {
    "hub.views.personal",
    "hub.views.account",
    "hub.views.errors",
    "hub.views.health",
    "hub.views.roles",
    "hub.views.confirm",
    "hub.views.dev",
    "hub.accounts",
    "hub.actions",
    "hub.adapters",
    "hub.contact",
    "hub.delivery",
    "hub.mail",
    "hub.models",
    "hub.personal",
    "hub.tasks",
    "hub.ticking",
}

SETS_THE_SETTINGS = {"hub.wsgi", "hub.asgi", "hub.celery", "manage"}
PASSES_THE_ENVIRONMENT_ON = {"hub.management.commands.run"}  # to the processes it starts, unread
SPEAKS_TO_THE_BROKER = {"hub.tasks"}
SENDS_MAIL = {"hub.relay", "hub.mail", "hub.delivery", "hub.dev_mail"}
# To keep the demo on its own machine, and to make a key for limits of it.
READS_THE_CLIENT_ADDRESS = {"hub.middleware": "DemoStaysHomeMiddleware", "hub.adapters": "get_client_ip"}


# --- The code ------------------------------------------------------------------------------------
def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, str]:
    """Every module of ours by name, tests left out, with its source."""
    paths = [ROOT / "manage.py", *(path for app in FLOORS for path in (ROOT / app).rglob("*.py"))]
    return {module_name(path): path.read_text() for path in paths}


MODULES = modules()


def is_wiring(module: str) -> bool:
    return module in WIRING or module.startswith(tuple(f"{package}." for package in WIRING_PACKAGES))


def floor(module: str) -> int:
    """0 is the ground; wiring stands above everything."""
    return len(FLOORS) if is_wiring(module) else FLOORS.index(module.partition(".")[0])


def imports(module: str, source: str) -> Iterator[tuple[int, str]]:
    """What a module imports of ours, in functions too, as (line, dotted name)."""
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level] or [module]
                base = ".".join([*package, *([base] if base else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        yield from ((node.lineno, name) for name in names if name.partition(".")[0] in FLOORS)


def references(source: str) -> Iterator[tuple[int, str]]:
    """What a module names of ours in strings: "events.Event" in a ForeignKey, "events.forms" for
    import_module, get_model("events", "Event")."""
    whole = re.compile(rf"({'|'.join(FLOORS)})(\.[A-Za-z_]\w*)+")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and whole.fullmatch(node.value):
            yield node.lineno, node.value
        if isinstance(node, ast.Call):
            for argument in node.args:
                if isinstance(argument, ast.Constant) and argument.value in FLOORS:
                    yield node.lineno, argument.value


# --- Checkers --------------------------------------------------------------------------------------
def upward(module: str, source: str) -> list[str]:
    """Imports and references to a floor above, or from below or beside into hub's wiring."""
    if module == "manage":
        return []
    own = floor(module)
    found = []
    for line, name in (*imports(module, source), *references(source)):
        target = name
        while target not in MODULES and "." in target and not is_wiring(target):
            target = target.rpartition(".")[0]  # a class or function: the module it is in
        if floor(target) > own:
            found.append(f"{module}:{line} names {name}, which is above it")
    return found


def in_functions(module: str, source: str) -> list[str]:
    """Imports of ours inside a function: how a circle is dodged instead of broken."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = ast.unparse(ast.Module(body=node.body, type_ignores=[]))
            found += [f"{module}:{node.name}() imports {name}" for _line, name in imports(module, inner)]
    return found


def forbidden_name(module: str, source: str) -> list[str]:
    """A module whose name says nothing collects everything."""
    return [f"{module} is named {part}" for part in module.split(".") if part in FORBIDDEN_NAMES]


def environment(module: str, source: str) -> list[str]:
    """Settings come from the environment in hub/settings.py and nowhere else."""
    if module == "hub.settings":
        return []
    tree = ast.parse(source)
    allowed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if (
            module in SETS_THE_SETTINGS
            and isinstance(node, ast.Call)
            and ast.unparse(node) == "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'hub.settings')"
        ):
            allowed.update(ast.walk(node))
        if module in PASSES_THE_ENVIRONMENT_ON and isinstance(node, ast.Dict):
            allowed.update(
                value for key, value in zip(node.keys, node.values, strict=True) if key is None
            )  # {**os.environ}
    found = []
    for node in ast.walk(tree):
        reads = isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "getenvb")
        takes = isinstance(node, ast.ImportFrom) and (
            node.module == "environ"
            or (node.module == "os" and {"environ", "getenv"} & {alias.name for alias in node.names})
        )
        takes = takes or (isinstance(node, ast.Import) and "environ" in [alias.name for alias in node.names])
        if (reads or takes) and node not in allowed:
            found.append(f"{module}:{node.lineno} reads the environment")
    return found


def broker(module: str, source: str) -> list[str]:
    """The web never speaks to the broker: a dead Redis must not hurt a request."""
    if module in SPEAKS_TO_THE_BROKER:
        return []
    calls = ("delay", "apply_async", "send_task")
    return [
        f"{module}:{node.lineno} sends a task"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in calls
    ]


def mail(module: str, source: str) -> list[str]:
    """Mail leaves by the outbox only."""
    if module in SENDS_MAIL:
        return []
    doors = {"send_mail", "send_mass_mail", "mail_admins", "mail_managers", "email_user"}
    doors |= {"EmailMessage", "EmailMultiAlternatives", "smtplib", "send_messages"}
    return [
        f"{module}:{line} sends mail past the outbox: {name}" for line, name in words(source) if name in doors
    ]


def signals(module: str, source: str) -> list[str]:
    """Our own rules stand in actions, where a reader meets them; not in receivers of signals."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("django.") and re.search(r"\.(dispatch|signals)(\.|$)", name):
                found.append(f"{module}:{node.lineno} uses Django's signals: {name}")
    return found


def client_address(module: str, source: str) -> list[str]:
    """Nothing reads whose machine or browser a request comes from, but for what is named."""
    tree = ast.parse(source)
    allowed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef)
            and READS_THE_CLIENT_ADDRESS.get(module) == node.name
        ):
            allowed.update(ast.walk(node))
    header = re.compile(r"remote_(addr|host|user)|x_forwarded_(for|host)|forwarded|x_real_ip|user_agent")
    return [
        f"{module}:{node.lineno} reads {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and node not in allowed
        and isinstance(node.value, str)
        and header.fullmatch(node.value.lower().replace("-", "_").removeprefix("http_"))
    ]


def words(source: str) -> Iterator[tuple[int, str]]:
    """Every name a module uses, imports or looks up, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]


CHECKERS = (
    upward,
    in_functions,
    forbidden_name,
    environment,
    broker,
    mail,
    signals,
    client_address,
)


# --- The house as it is ----------------------------------------------------------------------------
@pytest.mark.parametrize("check", CHECKERS, ids=lambda check: check.__name__)
def test_house(check):
    assert [fault for module, source in MODULES.items() for fault in check(module, source)] == []


def test_every_module_is_looked_at():
    assert {"hub.models.people", "events.views.rsvps", "campaigns.models", "committees.apps"} <= set(MODULES)
    assert not [app for app in FLOORS if app not in MODULES]


def test_the_wiring_is_only_what_is_listed_and_the_ground_stays_out_of_it():
    above = {
        module
        for module, source in MODULES.items()
        if module.startswith("hub.")
        for _line, name in (*imports(module, source), *references(source))
        if name.partition(".")[0] in APPS
    }
    assert {module for module in above if not is_wiring(module)} == set()
    assert not [module for module in NEVER_WIRING if is_wiring(module)]
    assert set(MODULES) >= NEVER_WIRING, "a module of the ground was renamed: rename it here too"


def circle(sources: dict[str, str]) -> list[str]:
    """Modules that import each other in a circle, if any do."""
    graph = {}
    for module, source in sources.items():
        targets = set()
        for _line, name in imports(module, source):
            while name not in sources and "." in name:
                name = name.rpartition(".")[0]
            targets.add(name)
        graph[module] = targets - {module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(MODULES) == []


# --- The checkers find what they are for -----------------------------------------------------------
BAD = [
    (upward, "hub.forms", "from events.models import Event"),
    (upward, "hub.forms", "import events.models"),
    (upward, "hub.forms", "import campaigns"),
    (upward, "hub.views.errors", "def gone():\n    from campaigns.models import Campaign"),
    (upward, "hub.views.confirm", "from events import confirmations"),
    (upward, "hub.models.people", "from ..views import home"),
    (upward, "hub.models.people", "models.ForeignKey('events.Event', on_delete=models.CASCADE)"),
    (upward, "hub.models.people", "models.ManyToManyField(to='committees.Committee')"),
    (upward, "hub.tasks", "apps.get_model('events', 'Event')"),
    (upward, "hub.tasks", "importlib.import_module('events.actions.rsvps')"),
    (upward, "hub.contact", "from hub.views import mine"),
    (upward, "hub.contact", "from hub.urls import urlpatterns"),
    (upward, "campaigns.models", "from events.models import Event"),
    (upward, "campaigns.models", "from committees import models"),
    (upward, "campaigns.models", "field = models.ForeignKey('committees.Committee')"),
    (upward, "campaigns.views", "from hub.views.home import home"),
    (upward, "committees.models", "if TYPE_CHECKING:\n    from events.models import Event"),
    (upward, "events.views.lists", "from hub import urls"),
    (in_functions, "events.models.events", "def f():\n    from campaigns.models import Campaign"),
    (in_functions, "hub.mail", "class A:\n    async def f(self):\n        import hub.delivery"),
    (in_functions, "hub.mail", "def f():\n    def g():\n        from . import delivery"),
    (forbidden_name, "events.utils", ""),
    (forbidden_name, "hub.core.mail", ""),
    (environment, "hub.forms", "import os\nos.environ['X']"),
    (environment, "hub.forms", "import os\nos.getenv('X')"),
    (environment, "hub.forms", "from os import environ"),
    (environment, "hub.forms", "import environ"),
    (environment, "hub.wsgi", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'other.settings')"),
    (environment, "hub.forms", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'hub.settings')"),
    (environment, "hub.management.commands.run", "port = os.environ['PORT']"),
    (environment, "hub.management.commands.doctor", "env = {**os.environ}"),
    (broker, "hub.actions", "deliver_batch.delay([1])"),
    (broker, "events.views.rsvps", "task.apply_async(args=[1])"),
    (broker, "hub.ticking", "app.send_task('hub.tasks.tick')"),
    (mail, "events.actions.rsvps", "from django.core.mail import send_mail"),
    (mail, "hub.views.mine", "from django.core import mail\nmail.EmailMessage('a')"),
    (mail, "hub.views.mine", "import smtplib"),
    (mail, "hub.views.mine", "user.email_user('hello')"),
    (signals, "events.models.rsvps", "from django.db.models.signals import post_save"),
    (signals, "events.models.rsvps", "from django.dispatch import receiver"),
    (signals, "hub.apps", "from django.core import signals"),
    (client_address, "hub.middleware", "request.META['REMOTE_ADDR']"),
    (client_address, "hub.middleware", "request.META.get('HTTP_X_FORWARDED_FOR')"),
    (client_address, "hub.middleware", "class Other:\n    header = 'HTTP_X_REAL_IP'"),
    (client_address, "hub.forms", "class DemoStaysHomeMiddleware:\n    header = 'HTTP_X_REAL_IP'"),
    (client_address, "hub.adapters", "def get_other(request):\n    return request.META['REMOTE_ADDR']"),
    (client_address, "hub.forms", "request.headers['User-Agent']"),
    (client_address, "hub.forms", "request.headers.get('x-forwarded-for')"),
]
GOOD = [
    (upward, "hub.urls", "from events.views import pages"),
    (upward, "hub.management.commands.demo", "from events.models import Event"),
    (upward, "hub.views.home", "from campaigns.models import Campaign"),
    (
        upward,
        "events.models.events",
        "from campaigns.models import Campaign\nfrom hub.models import HubModel",
    ),
    (upward, "events.views.rsvps", "from hub.views.personal import private"),
    (upward, "campaigns.models", "from django.core import signing\nfrom hub import links"),
    (upward, "events.messages", "mail.register(Kind('events.coming', 1, 2))"),
    (upward, "hub.models.audit", "help_text='model label, for example events.Event'"),
    (in_functions, "hub.mail", "from hub import links\ndef f():\n    import json"),
    (environment, "manage", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'hub.settings')"),
    (environment, "hub.management.commands.run", "env = {'SITE_URL': url, **os.environ}"),
    (broker, "hub.tasks", "deliver_batch.delay([1])"),
    (mail, "hub.mail", "from django.core.mail import EmailMultiAlternatives"),
    (mail, "hub.actions", "from hub import mail\nmail.put([])"),
    (signals, "hub.celery", "from celery import signals"),
    (signals, "hub.links", "from django.core import signing"),
    (client_address, "hub.middleware", "class DemoStaysHomeMiddleware:\n    header = 'HTTP_X_REAL_IP'"),
    (client_address, "hub.adapters", "def get_client_ip(request):\n    return request.META['REMOTE_ADDR']"),
    (client_address, "hub.settings", "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')"),
]


@pytest.mark.parametrize(("check", "module", "source"), BAD)
def test_checker_finds_it(check, module, source):
    assert check(module, source)


@pytest.mark.parametrize(("check", "module", "source"), GOOD)
def test_checker_lets_it_pass(check, module, source):
    assert check(module, source) == []


def test_a_circle_is_found():
    sources = {"hub.a": "from hub import b", "hub.b": "from hub.c import x", "hub.c": "import hub.a"}
    assert {"hub.a", "hub.b", "hub.c"} <= set(circle(sources))
    assert circle({**sources, "hub.c": ""}) == []
