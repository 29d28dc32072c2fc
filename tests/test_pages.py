"""What holds for every page: headers, languages, no cookie before a form; odd input and broken parts
end in a plain answer."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings as hub_settings
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from events.actions import rsvps
from events.models import Event, Rsvp
from events.querysets import EventQuerySet
from hub import links
from hub.models import Confirmation, Message, SubmittedForm
from hub.views.errors import static_page
from tests.cast import logged_in
from tests.environments import demo_env, python
from tests.factories import (
    make_admin,
    make_application,
    make_campaign,
    make_committee,
    make_event,
    make_rsvp,
    make_user,
    posted_form,
    posted_rsvp,
)
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


# --- Every page ------------------------------------------------------------------------------------
def public_pages() -> dict[str, int]:
    """Pages anybody finds, each in the states that have markup of their own, with their status."""
    open_ = make_event(title="Open <rally> & march", description="# Come\n**All** <script>x</script>")
    full = make_event(capacity=1)
    make_rsvp(full, confirmed=True)
    hidden = make_event(reveal="confirmed", online=True, online_link="https://meet.example.org/x")
    online = make_event(city="", online=True, zone="UTC", all_day=True, language="es", kind="forum")
    off = [make_event(event_status=status) for status in ("cancelled", "postponed")]
    past = make_event(start=timezone.now() - timedelta(days=3))
    events = [open_, full, hidden, online, *off, past]
    return {
        "/": 200,
        "/events/": 200,
        "/events/?kind=march": 200,
        "/events/?kind=nonsense": 422,
        "/events/?page=2": 200,
        **{f"/events/{event.slug}/": 200 for event in events},
        "/committees/": 200,
        "/committees/?kind=workplace": 200,
        "/committees/?kind=nonsense": 422,
        "/committees/left/": 200,
        f"/committees/{make_committee(name='Open <committee> & all', about='<script>x</script>').slug}/": 200,
        "/no/such/page/": 404,
    }


def form_pages() -> dict[str, int]:
    """Pages with a form or behind a secret link: here the first cookie may come."""
    event = make_event(capacity=5, reveal="confirmed")
    pending = make_rsvp(event, email="rosa@example.org", name="Rosa", need="a chair")
    waiting = Confirmation.objects.get(mailbox=pending.mailbox)
    going = make_rsvp(event, confirmed=True, party_size=5)
    queued = make_rsvp(event, confirmed=True)
    cancelled = rsvps.cancel(make_rsvp(event, confirmed=True).pk, at=timezone.now())
    expired = make_rsvp(event, email="old@example.org", at=timezone.now() - timedelta(hours=25))
    committee = make_committee(question="Why?")
    return {
        f"/committees/{committee.slug}/join/": 200,
        f"/committees/{committee.slug}/join/done/": 200,
        f"/committees/{make_committee(stage='closed').slug}/join/": 410,
        f"/t/{make_application(committee).token}/": 200,
        "/t/not-a-token/": 410,
        f"/events/{event.slug}/rsvp/": 200,
        **{f"/rsvp/{party.mail_token}/": 200 for party in (pending, going, queued, cancelled, expired)},
        f"/rsvp/{pending.token}/": 200,
        f"/rsvp/{going.token}/": 200,  # has done its work
        f"/confirm/{links.token('confirm', waiting.pk)}/": 200,
        "/confirm/not-a-token/": 410,
        "/mine/": 200,
        "/mine/?sent=1": 200,
        "/mine/erased/": 200,
        "/account/login/": 200,
    }


def demo_pages() -> dict[str, int]:
    return {"/dev/style/": 200, "/dev/mail/": 200}


class Checked(HTMLParser):
    """Notes what a page has that it must not have, and what it says about itself."""

    RESOURCES = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.lang = ""
        self.alternates: dict[str, str] = {}
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "html":
            self.lang = values.get("lang", "")
        if re.fullmatch("h[1-6]", tag):
            level = int(tag[1])
            if self.headings and level > self.headings[-1] + 1:
                self.faults.append(f"<{tag}> after <h{self.headings[-1]}>")
            self.headings.append(level)
        if tag == "style" or (tag == "script" and "src" not in values):
            self.faults.append(f"inline <{tag}>")
        self.faults += [f"{name} on <{tag}>" for name in values if name == "style" or name.startswith("on")]
        if tag == "link" and values.get("rel") == "alternate":
            self.alternates[values["hreflang"]] = values["href"]
        elif tag in self.RESOURCES:
            source = values.get(self.RESOURCES[tag], "")
            if not source.startswith("/static/"):
                self.faults.append(f"<{tag}> from {source}")
        if any((value or "").lower().startswith("javascript:") for value in values.values()):
            self.faults.append(f"a script as an address on <{tag}>")


@pytest.mark.parametrize(("prefix", "text"), [("", "Source code"), ("/es", "Código fuente")])
def test_every_page_leads_to_the_source_where_it_is_known(prefix, text, settings, request):
    path = f"{prefix}/events/"
    assert text not in Client().get(path).content.decode()
    # The footer is kept for good: in one process a setting doesn't change.
    fragments = caches["template_fragments"]
    fragments.clear()
    request.addfinalizer(fragments.clear)
    settings.SOURCE_URL = "https://code.example.org/hub?a=1&b=2"
    link = f'<a href="https://code.example.org/hub?a=1&amp;b=2" rel="noreferrer">{text}</a>'
    assert link in Client().get(path).content.decode()


@pytest.mark.parametrize("pages", [public_pages, form_pages, demo_pages], ids=lambda f: f.__name__)
@pytest.mark.parametrize("prefix", ["", "/es"], ids=["en", "es"])
def test_pages_have_no_inline_parts_and_speak_one_language(pages, prefix):
    for path, status in pages().items():
        response = Client().get(prefix + path)
        page = Checked(response.content.decode())
        assert response.status_code == status, path
        assert page.faults == [], path
        (title,) = re.findall("<title>(.*)</title>", response.content.decode())
        home = path == "/"
        assert title.endswith(hub_settings.SITE_NAME if home else f" – {hub_settings.SITE_NAME}"), title
        assert page.lang == (prefix[1:] or "en"), path
        assert page.headings.count(1) == 1, path
        for language, address in page.alternates.items():
            assert language == ("en" if prefix else "es")
            twin = address.removeprefix(hub_settings.SITE_URL)
            assert twin == (path if prefix else f"/es{path}"), path
            assert Client().get(twin).status_code == status, twin
        assert page.alternates or status in (404, 410) or pages is demo_pages, path


@pytest.mark.parametrize("pages", [public_pages, form_pages], ids=lambda f: f.__name__)
def test_every_answer_has_the_headers(pages):
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    policy += (
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    slug = make_event().slug
    for path in [*pages(), f"/events/{slug}.ics", "/livez", "/admin/"]:
        for client in (Client(), logged_in(make_admin())):
            response = client.get(path)
            found = {part.strip() for part in response["Content-Security-Policy"].split(";")}
            assert found == {part.strip() for part in policy.split(";")}, path
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["X-Frame-Options"] == "DENY"
            assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
            assert "camera=()" in response["Permissions-Policy"]
            assert response["Cross-Origin-Opener-Policy"] == "same-origin"
            assert response.has_header("Cache-Control")


def test_no_cookie_comes_before_a_form():
    slug = make_event().slug
    for path in [*public_pages(), f"/events/{slug}.ics", "/livez", "/readyz", "/mine/erased/"]:
        for prefix in ("", "/es"):
            assert not Client().get(prefix + path).cookies, path


def test_a_form_sets_its_token_and_nothing_else():
    response = Client().get(f"/events/{make_event().slug}/rsvp/")
    assert list(response.cookies) == ["csrf"]
    assert response.cookies["csrf"]["httponly"]
    assert response.cookies["csrf"]["samesite"] == "Lax"


def test_private_pages_are_kept_by_nobody_and_tell_nobody():
    for path in form_pages():
        if path.startswith(("/rsvp/", "/confirm/", "/mine/")) or path.endswith("/rsvp/"):
            for method in ("get", "head", "post"):
                response = getattr(Client(), method)(path)
                assert response["Cache-Control"] == "private, no-store", path
                assert response["Referrer-Policy"] == "no-referrer", path
                assert response["X-Robots-Tag"] == "noindex", path
                assert not response.has_header("ETag"), path


def test_pages_that_should_not_be_found_say_so():
    unlisted = make_event(visibility="unlisted")
    for path in [*form_pages(), f"/events/{unlisted.slug}/", "/no/such/page/"]:
        if path not in ("/mine/erased/",):
            response = Client().get(path)
            said = b'<meta name="robots" content="noindex">' in response.content
            assert said or response.get("X-Robots-Tag") == "noindex", path


@pytest.mark.parametrize("path", ["/", "/events/", "/es/events/", "/events/{}/", "/events/{}.ics"])
def test_an_unchanged_page_is_not_sent_again(path):
    event = make_event()
    path = path.format(event.slug)
    first = Client().get(path)
    assert first["Cache-Control"] == "no-cache"
    again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    Event.objects.update(title="Another title", description="Another text")
    changed = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert b"Another title" in changed.content


def test_a_page_of_somebody_logged_in_is_not_compared():
    client = logged_in(make_user())
    make_event()
    assert client.get("/events/")["Cache-Control"] == "private, no-store"


def test_head_answers_as_get():
    for path, status in {**public_pages(), **form_pages()}.items():
        response = Client().head(path)
        assert (response.status_code, response.content) == (status, b""), path


def test_home_says_what_it_is_to_whoever_is_sent_its_address():
    make_campaign(is_home=True, summary="For a labor party.")
    page = Client().get("/").content.decode()
    assert '<meta property="og:title" content="Find a rally.' in page
    assert '<meta property="og:description" content="For a labor party.">' in page
    menu = page.partition('class="site-nav"')[2].partition("</nav>")[0]
    assert 'href="/demands/"' in menu
    assert 'href="/appeals/"' in menu


@pytest.mark.parametrize(("prefix", "sentence"), [("", "Page not found"), ("/es", "")])
def test_an_unknown_page_is_404_in_its_language(prefix, sentence):
    response = Client().get(f"{prefix}/no/such/page/")
    page = response.content.decode()
    assert response.status_code == 404
    assert Checked(page).lang == (prefix[1:] or "en")
    assert sentence in page
    assert ("Page not found" in page) is not bool(prefix)


def test_a_slash_left_out_leads_on():
    assert Client().get("/events")["Location"] == "/events/"
    assert Client().get("/es/mine")["Location"] == "/es/mine/"


def test_a_browser_s_language_does_not_change_an_address():
    spanish = Client(headers={"Accept-Language": "es"})
    assert Checked(spanish.get("/events/").content.decode()).lang == "en"


# --- Odd input -------------------------------------------------------------------------------------
ODD = [
    "a\0b",
    "\u202eevil\u202c\u200b\ufeff",
    "🏴‍☠️✊🏽",
    "Ａ１２３",
    "٣",
    "Z̸̢̛" * 40,
    "x" * 10_000,
    "🐘" * 10_000,
    "' OR 1=1 --",
    "\"><script>alert(1)</script><img src=x onerror='alert(1)'>",
    "{{ settings.SECRET_KEY }}{% load x %}%s%n%(x)s",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "-1",
    "1e999",
    "nan",
    "99999999999999999999",
    " \t\n",
    "[]",
    "0001-01-01",
    "9999-12-31",
    "２０２６-01-01",
]
RAW = ["%FF", "%ED%A0%80", "%C0%80", "%", "%zz", "a%00b", "%0d%0a", "&&=&=x", ";"]
PARAMETERS = ["near", "within", "kind", "when", "online", "from", "to", "page", "q"]


def sound(response, *statuses: int) -> None:
    """A plain answer that repeats nothing as markup and no header anybody sent."""
    assert response.status_code in statuses, response.content[:300]
    assert not response.has_header("Set-Cookie")
    if response["Content-Type"].startswith("text/html") and response.status_code not in (302, 304):
        assert Checked(response.content.decode()).faults == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_odd_values_in_the_address_of_the_list(name, places):  # noqa: F811
    make_event()
    client = Client()
    for value in ODD:
        sound(client.get("/events/", {name: value}), 200, 422)
    for raw in RAW:
        sound(client.get(f"/es/events/?{name}={raw}"), 200, 422)


def test_odd_values_all_at_once(places):  # noqa: F811
    client = Client()
    for value in ODD:
        sound(client.get("/events/", {name: [value, value] for name in PARAMETERS}), 200, 422)


@pytest.mark.parametrize("path", ["/", "/events/{slug}/", "/events/{slug}.ics", "/mine/", "/account/login/"])
def test_odd_addresses_of_other_pages(path):
    path, client = path.format(slug=make_event().slug), Client()
    for value in ODD:
        sound(client.get(path, dict.fromkeys(("neutral", "sent", "next", "page"), value)), 200)
    for raw in RAW:
        sound(client.get(f"{path}?x={raw}"), 200)


def test_odd_paths():
    client = Client()
    for raw in RAW:
        for kind in ("events", "rsvp", "confirm", "es/events", "dev/mail"):
            sound(client.get(f"/{kind}/{raw}/"), 404, 410)
        sound(client.get(f"/{raw}"), 404)


def test_what_was_typed_stands_in_the_form_and_not_in_the_page_s_markup(places):  # noqa: F811
    page = Client().get("/events/", {"near": '"><b>x'}).content.decode()
    assert 'value="&quot;&gt;&lt;b&gt;x"' in page
    assert "<b>x" not in page


@pytest.mark.parametrize("name", ["name", "email", "party_size", "need", "neutral", "form_token", "website"])
def test_odd_values_in_the_rsvp_form(name):
    path, client = f"/events/{make_event(capacity=20).slug}/rsvp/", Client()
    for value in ODD:
        sound(client.post(path, posted_rsvp(name="Rosa", email="rosa@example.org") | {name: value}), 302, 422)
    for party in Rsvp.objects.all():
        assert "\0" not in party.name + party.need
        assert len(party.name) <= 80
        assert len(party.need) <= 500


@pytest.mark.parametrize(
    ("act", "name"),
    [
        *(("change", name) for name in ("act", "party_size", "name", "need", "neutral")),
        *(("code", name) for name in ("code", "remember")),
    ],
)
def test_odd_values_on_one_s_own_page(act, name):
    party = make_rsvp(make_event(capacity=20), email="rosa@example.org", name="Rosa")
    client = Client()
    usual = {"act": act, "party_size": "1", "name": "Rosa", "need": "", "code": "123456"}
    for value in ODD:
        sound(client.post(f"/rsvp/{party.token}/", usual | {name: value}), 200, 302, 422)
    party.refresh_from_db()
    assert party.confirmed_at is None


def test_odd_values_in_the_confirmation():
    make_rsvp(make_event(), email="rosa@example.org")
    path = f"/confirm/{links.token('confirm', Confirmation.objects.get().pk)}/"
    for value in [*ODD, "events.rsvp:", "events.rsvp:x", f"nothing:{Rsvp.objects.get().pk}", ":"]:
        sound(Client().post(path, {"act": [value, value], "remember": value}), 302)
    assert Rsvp.objects.get().confirmed_at is None


def test_odd_values_in_mail_me_my_links():
    client = Client()
    for value in ODD:
        for name in ("email", "form_token"):
            sound(client.post("/mine/", posted_form(email="rosa@example.org") | {name: value}), 302, 422)


@pytest.mark.parametrize("cookie", ["kept", "remember", "session", "csrf", "messages", "django_language"])
def test_odd_cookies(cookie):
    event = make_event()
    party = make_rsvp(event, email="rosa@example.org")
    for value in (".", "x" * 3000, "é", "\\000", "a.b", '"', "٣", f"{party.token}.{party.token}"):
        raw = value.encode().decode("latin-1")  # as a server hands it on
        for path in ("/mine/", f"/rsvp/{party.token}/", f"/events/{event.slug}/rsvp/"):
            assert Client(headers={"Cookie": f"{cookie}={raw}"}).get(path).status_code == 200, (value, path)


def test_a_post_that_is_too_large_or_broken_is_400():
    path = f"/events/{make_event().slug}/rsvp/"
    large = Client().post(
        path, posted_rsvp(need="x" * 2_100_000), content_type="application/x-www-form-urlencoded"
    )
    many = Client().post(path, {f"f{n}": "" for n in range(300)})
    broken = Client().post(path, b"no parts", content_type="multipart/form-data; boundary=x")
    nameless = Client().post(path, b"--x", content_type="multipart/form-data")
    for response in (large, many, nameless):
        assert response.status_code == 400
        assert b"Traceback" not in response.content
    assert [b"That is too long" in response.content for response in (large, many)] == [True, False]
    assert b"could not read" not in large.content
    assert broken.status_code in (400, 422)
    assert not Rsvp.objects.exists()


def test_a_host_that_is_not_ours_is_400():
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "x" * 500, "[", "a b"):
        response = Client(headers={"Host": host}).get("/events/")
        assert response.status_code == 400, host
        assert host.encode() not in response.content or len(host) < 4


def test_a_header_does_not_change_the_addresses_in_a_page(settings):
    settings.DEMO = False  # the demo answers nobody who comes through a proxy
    slug = make_event().slug
    lies = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    for path in ("/", f"/events/{slug}/", f"/events/{slug}.ics", f"/events/{slug}/rsvp/"):
        page = Client(headers=lies).get(path).content.decode()
        assert "evil.example" not in page
        if path.endswith(f"{slug}/"):
            assert f"{hub_settings.SITE_URL}/events/{slug}/" in page


# --- A list nobody can make ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"near": "99999"}, "near"),
        ({"near": "Nowhere at All"}, "near"),
        ({"near": "00000-0000"}, "near"),
        ({"from": "tomorrow"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2027-05-02", "to": "2027-05-01"}, "to"),
        ({"kind": "party"}, "kind"),
        ({"when": "yesterday"}, "when"),
        ({"online": "maybe"}, "online"),
        ({"within": "7"}, "within"),
        ({"within": "many"}, "within"),
    ],
)
def test_a_filter_that_can_not_be_is_422_with_a_sentence_and_the_form_as_it_was(query, field, places):  # noqa: F811
    make_event(title="Must not be shown")
    found = {}
    for prefix in ("", "/es"):
        response = Client().get(f"{prefix}/events/", query | {"near": query.get("near", "94110")})
        page = response.content.decode()
        found[prefix] = re.findall(r'<li><a href="#id_(\w+)">([^<]+)</a></li>', page)
        assert response.status_code == 422
        assert [name for name, _sentence in found[prefix]] == [field]
        assert f'id="id_{field}"' in page  # where the summary's link leads
        assert f'value="{query.get("near", "94110")}"' in page
        assert "Must not be shown" not in page
        assert len(found[prefix][0][1]) > 10
    assert found[""] != found["/es"]


# --- Broken parts ----------------------------------------------------------------------------------
def is_static_503(response) -> None:
    page = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] in ("no-store", "private, no-store")
    assert not response.cookies
    assert "Nothing was half saved" in page
    assert 'lang="es"' in page  # in both languages: nobody's is known
    assert Checked(page).faults == []
    for word in ("Traceback", "Error", "Exception", "secret", "10.0.0.1"):
        assert word not in page


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize(
    "path", ["/", "/events/", "/es/events/", "/events/{}/", "/events/{}.ics", "/events/{}/rsvp/"]
)
def test_a_lost_database_is_a_static_503(monkeypatch, error, path):
    slug = make_event().slug

    def lost(*args, **kwargs):
        raise error("server closed the connection at 10.0.0.1 secret")

    monkeypatch.setattr(connection, "cursor", lost)
    is_static_503(Client(raise_request_exception=False).get(path.format(slug)))


def test_a_database_lost_while_saving_saves_nothing(monkeypatch):
    event, said = make_event(), []

    def lost(*args, **kwargs):
        said.append(Rsvp.objects.count())
        raise OperationalError("gone")

    monkeypatch.setattr("events.actions.seats.save", lost)  # the last thing an RSVP does
    fields = posted_rsvp(name="Rosa", email="rosa@example.org")
    client = Client(raise_request_exception=False)
    is_static_503(client.post(f"/events/{event.slug}/rsvp/", fields))
    assert said == [1]
    for model in (Rsvp, SubmittedForm, Message):
        assert not model.objects.exists()
    monkeypatch.undo()
    # The same form, sent again when the database is back, acts; sent once more, it does not.
    for _ in range(2):
        assert client.post(f"/events/{event.slug}/rsvp/", fields).status_code == 302
    assert Rsvp.objects.count() == 1


def test_a_database_lost_under_a_session_is_a_static_503(monkeypatch):
    client = logged_in(make_user())
    client.raise_request_exception = False

    def lost(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", lost)
    for path in ("/", "/events/", "/no/such/page/", "/admin/", "/account/login/"):
        is_static_503(client.get(path))


PROBE = """
import sys, django
django.setup()
from django.test import Client
for path in ("/", "/events/", "/es/events/", "/events/some-rally/", "/events/some-rally.ics", "/rsvp/token/",
             "/confirm/token/", "/livez", "/readyz", "/no/such/page/", "/mine/", "/static/css/hub.css"):
    response = Client(raise_request_exception=False, SERVER_NAME="localhost").get(path)
    print(path, response.status_code, response.headers.get("Retry-After", "-"))
client = Client(raise_request_exception=False, SERVER_NAME="localhost")
client.cookies["session"] = "a" * 32
print("session", client.get("/").status_code, client.get("/no/such/page/").status_code)
print("post", client.post("/events/some-rally/rsvp/", {"name": "Rosa"}).status_code)
"""


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/hub.sqlite3", "postgres://nobody:secret@127.0.0.1:9/none"]
)
def test_a_database_that_is_really_gone(tmp_path, url):
    done = python(demo_env(tmp_path, DATABASE_URL=url), "-c", PROBE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "/ 503 30",
        "/events/ 503 30",
        "/es/events/ 503 30",
        "/events/some-rally/ 503 30",
        "/events/some-rally.ics 503 30",
        "/rsvp/token/ 503 30",
        "/confirm/token/ 503 30",
        "/livez 200 -",
        "/readyz 503 -",
        "/no/such/page/ 404 -",
        "/mine/ 200 -",  # nothing is kept, nothing is asked
        "/static/css/hub.css 200 -",
        "session 503 503",
        "post 503",
    ]
    assert "secret" not in done.stderr  # no log names the database's password


def test_a_lost_key_is_a_static_503_and_shows_nothing(settings):
    event = make_event(reveal="confirmed", venue="Hidden Hall", street="1 Secret Street", capacity=9)
    party = make_rsvp(event, confirmed=True, name="Rosa", need="a chair")
    token = links.token("confirm", Confirmation.objects.get().pk)
    admin = logged_in(make_admin())
    settings.DATA_KEYS = [b"another key, also 32 bytes long!"]
    for client, method, path, fields in (
        (Client(), "get", f"/rsvp/{party.mail_token}/", {}),
        (Client(), "post", f"/rsvp/{party.mail_token}/", {"act": "reveal"}),
    ):
        client.raise_request_exception = False
        response = getattr(client, method)(path, fields)
        is_static_503(response)
        for secret in (b"Rosa", b"a chair", b"Hidden Hall", b"Secret"):
            assert secret not in response.content
    # A session that doesn't open is nobody's.
    for path in ("/admin/", f"/admin/events/event/{event.pk}/change/"):
        assert admin.get(path).status_code == 404
    assert admin.get("/me/").status_code == 302
    # What is not sealed goes on working.
    for path in ("/", "/events/", f"/events/{event.slug}/", f"/confirm/{token}/"):
        response = Client().get(path)
        assert response.status_code == 200
        assert b"Hidden Hall" not in response.content


def test_a_lost_key_destroys_nothing(settings):
    party = make_rsvp(make_event(capacity=9), confirmed=True, name="Rosa", need="a chair")
    kept = settings.DATA_KEYS
    settings.DATA_KEYS = [b"another key, also 32 bytes long!"]
    client = Client(raise_request_exception=False)
    for act in ("cancel", "change"):
        client.post(f"/rsvp/{party.mail_token}/", {"act": act, "party_size": "2", "name": "x", "need": "y"})
    settings.DATA_KEYS = kept
    party.refresh_from_db()
    assert (party.name, party.need) in (("Rosa", "a chair"), ("x", "y"))


def test_a_mistake_of_ours_is_a_static_500(monkeypatch):
    def wrong(*args, **kwargs):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(EventQuerySet, "visible_to", wrong)
    response = Client(raise_request_exception=False).get("/events/")
    assert response.status_code == 500
    assert not response.has_header("Retry-After")
    assert response["Cache-Control"] == "no-store"
    assert b"secret" not in response.content
    assert b"ZeroDivision" not in response.content
    assert Checked(response.content.decode()).faults == []


def test_static_pages_ask_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        for name in ("400", "500", "503", "too_long"):
            assert "<h1>" in static_page(name)
