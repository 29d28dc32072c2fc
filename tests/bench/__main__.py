"""`python -m tests.bench [ROUNDS]`: measure the hub and its ceilings side by side, print, judge.

Exits with 0 if every floor is kept, with 1 if one is missed or the machine was too noisy to tell.
"""

import base64
import contextlib
import itertools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests import services
from tests.bench import outbox, report, servers
from tests.bench.load import answer
from tests.bench.report import Measured
from tests.bench.servers import ROOT, Server, gunicorn, python

ROUNDS = 15  # many short ones: what disturbs one of them then hardly moves the median
ROUNDS_LEAST = 5
LONGEST = 200.0  # seconds: no round is begun that would not end by then
EVENTS = 2000
CLIENTS = 8
HELLO, LIST, PAGE, FORM, RSVP = 600, 80, 150, 80, 100  # requests a round
WARM_UP = 0.3  # of a round

BROWSER = (
    "User-Agent: Mozilla/5.0\r\nAccept: text/html\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Accept-Encoding: gzip, br\r\nConnection: close\r\n"
)


@dataclass
class Target:
    """What is asked of a server in each round. `requests(count)` gives that many, or fewer to repeat."""

    measured: Measured
    server: Server
    requests: Callable[[int], list[str]]
    count: int
    status: str = "200"


def get(port: int, path: str, cookie: str = "") -> str:
    kept = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{kept}{BROWSER}\r\n"


def post(port: int, path: str, cookie: str, fields: dict[str, object]) -> str:
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n{BROWSER}\r\n{body}"
    )


def csrf(port: int, path: str) -> tuple[str, str]:
    """The cookie and the hidden token of a form, as a browser gets them."""
    page = answer(port, get(port, path).encode()).decode()
    cookie = re.search(r"^set-cookie: (csrf\w*=\w+)", page, re.I | re.M)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    if not (cookie and token):
        raise services.ServiceError(f"{path} shows no form:\n{page[:400]}")
    return cookie[1], token[1]


def clean_environment() -> dict[str, str]:
    """This process's, without anybody's settings of the hub."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def hub_environment(database: str, port: int, var: Path) -> dict[str, str]:
    """Production settings with made-up keys; mail would go to a port nobody listens on."""
    keys = {
        name: base64.b64encode(secrets.token_bytes(32)).decode()
        for name in ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "LINK_KEY")
    }
    return clean_environment() | {
        **keys,
        "DJANGO_SETTINGS_MODULE": "hub.settings",
        "HUB_ENV": "production",
        "HUB_VAR": str(var),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DATABASE_URL": database,
    }


def tokens_needed(rounds: int) -> int:
    """Form tokens for four ways to RSVP and for signing, the warm-up included."""
    return 5 * RSVP * (rounds + 1)


class Load:
    """The visitors' process."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process

    def drive(self, target: Target, count: int) -> dict:
        order = {
            "port": target.server.port,
            "requests": target.requests(count),
            "count": count,
            "clients": CLIENTS,
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        result = json.loads(self.process.stdout.readline())
        if result["statuses"] != {target.status: count}:
            raise services.ServiceError(f"{target.measured.name}: answers were {result['statuses']}")
        return result


@contextlib.contextmanager
def load_process() -> Iterator[Load]:
    command = [sys.executable, "-m", "tests.bench.load"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
    try:
        yield Load(process)
    finally:
        process.kill()
        process.wait(services.DEADLINE)
        process.stdin.close()
        process.stdout.close()


def same(*requests: str) -> Callable[[int], list[str]]:
    return lambda count: list(requests)


def ceiling_targets(hello: Server, minimal: Server, data: dict) -> list[Target]:
    """What the hub is compared with."""
    port, ids = minimal.port, itertools.cycle(data["events"])
    cookie, token = csrf(port, f"/rsvp/{data['events'][0]}/")
    people = itertools.count(1)

    def rsvps(count: int) -> list[str]:
        return [
            post(
                port,
                f"/rsvp/{next(ids)}/",
                cookie,
                {
                    "csrfmiddlewaretoken": token,
                    "name": "Sam",
                    "email": f"sam-{next(people)}@example.org",
                    "party_size": 2,
                },
            )
            for _ in range(count)
        ]

    list_page, event_page = same(get(port, "/")), same(get(port, f"/events/{data['slug']}/"))
    form = same(get(port, f"/rsvp/{data['events'][0]}/"))
    return [
        Target(Measured("hello"), hello, same(get(hello.port, "/")), HELLO),
        Target(Measured("minimal list"), minimal, list_page, LIST),
        Target(Measured("minimal event"), minimal, event_page, PAGE),
        Target(Measured("minimal form"), minimal, form, FORM),
        Target(Measured("minimal RSVP"), minimal, rsvps, RSVP, "302"),
    ]


def hub_targets(hub: Server, data: dict) -> list[Target]:
    """The hub's pages, then RSVPs: on an open event without an address and on one with a capacity
    with an address, all on one event (hot) and over many (spread)."""
    port, tokens, people = hub.port, iter(data["tokens"]), itertools.count(1)
    cookie, token = csrf(port, data["pages"]["form"])

    def rsvps(slugs: list[str], with_address: bool) -> Callable[[int], list[str]]:
        turn = itertools.cycle(slugs)

        def make(count: int) -> list[str]:
            return [
                post(
                    port,
                    f"/events/{next(turn)}/rsvp/",
                    cookie,
                    {
                        "csrfmiddlewaretoken": token,
                        "form_token": next(tokens),
                        "name": "Sam",
                        "email": f"sam-{next(people)}@example.org" if with_address else "",
                        "party_size": 2,
                        "need": "",
                        "website": "",
                    },
                )
                for _ in range(count)
            ]

        return make

    def signatures(count: int) -> list[str]:
        return [
            post(
                port,
                data["pages"]["sign"],
                cookie,
                {
                    "csrfmiddlewaretoken": token,
                    "form_token": next(tokens),
                    "email": f"signer-{next(people)}@example.org",
                    "shown": "name",
                    "name": "Sam",
                    "version": 1,
                    "website": "",
                },
            )
            for _ in range(count)
        ]

    pages = [
        ("home", "home", "minimal list", LIST),
        ("event list", "list", "minimal list", LIST),
        ("event list near a ZIP", "near", "minimal list", LIST),
        ("event page", "event", "minimal event", PAGE),
        ("RSVP form", "form", "minimal form", FORM),
        ("committee page", "committee", "minimal event", LIST),
        ("day of action", "day", "minimal list", LIST),
        ("campaign page", "campaign", "minimal list", LIST),
        ("demands", "demands", "minimal list", LIST),
        ("demand", "demand", "minimal event", LIST),
        ("news", "news", "minimal list", LIST),
        ("appeal, 100 signatures", "appeal-few", "minimal event", PAGE),
        ("appeal, 100,000", "appeal-many", "minimal event", PAGE),
    ]
    targets = [
        Target(Measured(name, ceiling), hub, same(get(port, data["pages"][key])), count)
        for name, key, ceiling, count in pages
    ]
    queue = same(get(port, "/moderation/", data["cookie"]))
    targets.append(Target(Measured("moderators' queue", "minimal list"), hub, queue, LIST))
    signing = Measured("signing", "minimal RSVP")
    targets.append(Target(signing, hub, signatures, RSVP, "302"))
    for kind, with_address in (("open", False), ("seated", True)):
        slugs = data[kind]
        for how, chosen in (("hot", slugs[:1]), ("spread", slugs)):
            measured = Measured(f"RSVP {kind}, {how}", "minimal RSVP")
            targets.append(Target(measured, hub, rsvps(chosen, with_address), RSVP, "302"))
    return targets


def measure(targets: list[Target], postmaster: int, load: Load, rounds: int, deadline: float) -> None:
    """Drive every target once a round, so that all of them meet the same noise. Where the machine is
    too slow for that by the deadline (of `time.monotonic`), there are fewer and shorter rounds."""
    begun = time.monotonic()
    for target in targets:
        load.drive(target, int(target.count * WARM_UP))
    longest = (time.monotonic() - begun) / WARM_UP
    share = min(1.0, (deadline - time.monotonic()) / (longest * (ROUNDS_LEAST + 1)))
    longest *= share
    for _ in range(rounds):
        begun = time.monotonic()
        if begun + longest > deadline:
            return
        for target in targets:
            count = max(1, int(target.count * share))
            before = target.server.cpu() + servers.postgres_cpu(postmaster)
            result = load.drive(target, count)
            spent = target.server.cpu() + servers.postgres_cpu(postmaster) - before
            target.measured.cpu_ms.append(spent * 1000 / count)
            target.measured.rate.append(count / result["seconds"])
        longest = max(longest, time.monotonic() - begun)


def judge(measured: dict[str, Measured], queries: dict[str, int], mails: outbox.Outbox) -> int:
    """Print the tables and what they say; gives the exit code."""
    print(*report.table(measured), *mails.lines(), sep="\n")
    print("queries:", ", ".join(f"{name} {number}" for name, number in queries.items()))
    base = measured[report.BASE]
    noise, rounds = base.noise(), len(base.cpu_ms)
    print(
        f"{rounds} rounds; noise: three in four of {base.name} within {noise:.0%} of the median; "
        f"load average {os.getloadavg()[0]:.1f}\n"
    )
    results = [*report.floors(measured, queries), *mails.floors()]
    print(*results, sep="\n")
    if noise > report.NOISE_MOST:
        print(f"VOID: the machine was too noisy ({noise:.0%}, at most {report.NOISE_MOST:.0%})")
        return 1
    if rounds < ROUNDS_LEAST:
        print(f"VOID: the machine was too slow for {ROUNDS_LEAST} rounds")
        return 1
    return 0 if all(result.kept for result in results) else 1


def main(rounds: int = ROUNDS) -> int:
    """Bring everything up, measure, judge, take everything down."""
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(services.private_folder("hub-bench-"))
        postgres = stack.enter_context(services.postgres())
        postmaster = int((postgres.data / "postmaster.pid").read_text().split()[0])
        hello_port, minimal_port, hub_port = (services.free_port() for _ in range(3))

        minimal_env = clean_environment() | {
            "DJANGO_SETTINGS_MODULE": "tests.bench.ceiling.settings",
            "DATABASE_URL": postgres.create("minimal"),
        }
        minimal_data = json.loads(python("tests.bench.ceiling.fill", str(EVENTS), env=minimal_env))
        hub_env = hub_environment(postgres.create("hub"), hub_port, folder / "var")
        hub_data = json.loads(
            python("tests.bench.hub_data", str(EVENTS), str(tokens_needed(rounds)), env=hub_env)
        )

        def serve(name: str, application: str, port: int, env: dict[str, str]) -> Server:
            return stack.enter_context(gunicorn(name, application, port, folder, env))

        hello = serve("hello", "tests.bench.hello:application", hello_port, clean_environment())
        minimal = serve("minimal", "django.core.wsgi:get_wsgi_application()", minimal_port, minimal_env)
        hub = serve("hub", "hub.wsgi:application", hub_port, hub_env)
        load = stack.enter_context(load_process())
        targets = [*ceiling_targets(hello, minimal, minimal_data), *hub_targets(hub, hub_data)]
        print(
            f"{EVENTS} events each, PostgreSQL without fsync, gunicorn with {servers.WORKERS} sync workers, "
            f"{CLIENTS} clients, up after {time.monotonic() - started:.0f} s",
            flush=True,
        )
        measure(targets, postmaster, load, rounds, started + LONGEST)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(services.private_folder("hub-bench-"))
        postgres = stack.enter_context(services.postgres())
        mail_env = hub_environment(postgres.create("hub"), hub_port, folder / "var")
        mails = outbox.measure(stack, mail_env)
    code = judge({target.measured.name: target.measured for target in targets}, hub_data["queries"], mails)
    print(f"took {time.monotonic() - started:.0f} s")
    return code


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)  # ends like Ctrl-C, through the context managers
    try:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
    except KeyboardInterrupt:
        sys.exit("interrupted")
    except services.ServiceError as error:
        sys.exit(f"bench: {error}")
