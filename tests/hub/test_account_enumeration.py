"""Nobody learns which addresses have an account: not by status, body, number of mails, or time."""

import re
import statistics
import time
from collections.abc import Callable
from itertools import count

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from hub.models import Message, User
from tests.factories import deliver_mail, make_user, posted_form

pytestmark = pytest.mark.django_db
TRIES = 300
GAP = 0.010  # seconds between the medians
_numbers = count()


def fresh_address() -> str:
    return f"person.{next(_numbers):06d}@relay.example"


def log_in(client, address):
    return client.post("/account/login/", {"login": address, "password": "not the password"})


def sign_up(client, address):
    form = posted_form(email=address, display_name="Rosa", password="several words of mine")
    return client.post("/account/signup/", form)


def reset(client, address):
    return client.post("/account/password/reset/", {"email": address})


def code(client, address):
    return client.post("/account/login/code/", {"email": address})


ACTS = {"log-in": log_in, "sign-up": sign_up, "reset": reset, "code": code}


def with_password() -> str:
    return make_user(fresh_address()).email


def without_password() -> str:
    return User.objects.create_user(fresh_address()).email


def switched_off() -> str:
    return make_user(fresh_address(), is_active=False).email


KNOWN = {"with-password": with_password, "without-password": without_password, "switched-off": switched_off}


# --- Status, body, mails ---------------------------------------------------------------------------
def seen(answer, address: str) -> tuple:
    """What a stranger sees of an answer, without its tokens and the address itself."""
    body = answer.content.decode().replace(address, "ADDRESS")
    body = re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", body)
    own = ("Content-Length", "ETag", "Expires")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    cookies = {name: cookie["max-age"] for name, cookie in answer.cookies.items()}
    return answer.status_code, headers, body, cookies


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("act", ACTS)
def test_status_body_and_mails_are_alike(act, known):
    answers, mails = [], []
    for address in (KNOWN[known](), fresh_address()):
        client = Client()
        first = ACTS[act](client, address)
        pages = [seen(first, address)]
        if first.status_code == 302:
            pages.append(seen(client.get(first["Location"]), address))
            for typed in ("000000", "", "nonsense"):
                pages.append(seen(client.post(first["Location"], {"code": typed}), address))
        answers.append(pages)
        mails.append((Message.objects.count(), [mail.to for mail in deliver_mail()]))
        assert mails[-1][1] in ([], [[address]])
        Message.objects.all().delete()
    assert answers[0] == answers[1]
    assert mails[0][0] == mails[1][0] == (0 if act == "log-in" else 1)


@pytest.mark.parametrize("act", ACTS)
def test_asking_again_and_again_is_alike(act):
    found = []
    for address in (with_password(), fresh_address()):
        client = Client()
        found.append(
            [ACTS[act](client, address).status_code for _try in range(8)] + [Message.objects.count()]
        )
        Message.objects.all().delete()
    assert found[0] == found[1]


# --- Time ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("known", [with_password, without_password, switched_off])
@pytest.mark.parametrize(("act", "hashes"), [("log-in", 1), ("sign-up", 1), ("reset", 0), ("code", 0)])
def test_passwords_are_hashed_equally_often(act, hashes, known, monkeypatch):
    """Hashing is what costs; on a busy machine its time says little, so it is counted."""
    runs = []
    encode = MD5PasswordHasher.encode

    def counted(self, *args):
        runs.append(1)
        return encode(self, *args)

    addresses = known(), fresh_address()
    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    for address in addresses:
        runs.clear()
        ACTS[act](Client(), address)
        assert len(runs) == hashes, address


@pytest.fixture
def no_limits(settings):
    """As many tries as a test needs."""
    generous = dict.fromkeys(("login", "login_failed", "signup"), "1000000/m/ip")
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, **generous}
    settings.ACCOUNT_RATE_LIMITS |= {"request_login_code": "", "reset_password": ""}


def medians(act: str, clock: Callable[[], float], tries: int = TRIES) -> dict[str, float]:
    """Seconds by this clock that the act takes, for a known and an unknown address in turn, so that what
    disturbs one of them disturbs the other as well."""
    spent: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(tries):
        known = (with_password if number % 2 else without_password)()
        for kind, address in (("known", known), ("unknown", fresh_address())):
            client = Client()
            started = clock()
            ACTS[act](client, address)
            spent[kind].append(clock() - started)
    return {kind: statistics.median(seconds) for kind, seconds in spent.items()}


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ACTS)
def test_time_is_alike(act, no_limits):
    """By the clock on the wall; with the tests' quick hasher, because a slow one's own spread would hide
    everything else. That hashing is done equally often the test above counts."""
    found = medians(act, time.perf_counter)
    assert abs(found["known"] - found["unknown"]) < GAP, found


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["log-in", "sign-up"])
def test_time_is_alike_with_the_hasher_of_production(act, no_limits, settings):
    """Where a password is hashed. In CPU time of all threads: on a machine that does other things too, the
    wall's clock mostly tells of those."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    found = medians(act, time.process_time, TRIES // 2)  # of each kind
    assert found["known"] > GAP, "this is not the slow hasher"
    assert abs(found["known"] - found["unknown"]) < GAP, found
