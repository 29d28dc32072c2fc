"""The gallery of mail: every kind once, the real letter, in the page's language, and nothing left behind.

It is also where what holds for every mail is tested, because it is the one place that has all of them.
"""

import email
import email.policy
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as hub_settings
from django.db import connection
from django.utils import timezone, translation

from hub import gallery, mail
from hub.mail import Category, Letter
from hub.models import Mailbox

pytestmark = [pytest.mark.django_db, pytest.mark.once]
KINDS = sorted(mail.kinds)
STOPPED_BY_LINK = (Category.REMINDER, Category.NEWS)


@pytest.fixture(scope="module")
def raw(django_db_setup, django_db_blocker):
    """Every letter as its relay gets it, by language and kind."""
    with django_db_blocker.unblock():
        return {
            language: {
                name: one.message().as_bytes()
                for name, one in gallery.letters(language, timezone.now()).items()
                if one is not None
            }
            for language in ("en", "es")
        }


@pytest.fixture(scope="module")
def parsed(raw):
    """The same taken apart."""
    policy = email.policy.default
    return {
        language: {name: email.message_from_bytes(one, policy=policy) for name, one in found.items()}
        for language, found in raw.items()
    }


def text_of(letter) -> str:
    return letter.get_body(("plain",)).get_content()


def html_of(letter) -> str:
    return letter.get_body(("html",)).get_content()


# --- The gallery -------------------------------------------------------------------------------------
def test_every_kind_has_a_sample():
    assert set(mail.kinds) - set(gallery.samples) == set(), "write one in hub/demo/letters/"
    assert set(gallery.samples) - set(mail.kinds) == set(), "these kinds are gone"


@pytest.mark.parametrize("path", ["/dev/mail/kinds/", "/es/dev/mail/kinds/"])
def test_every_kind_stands_there_once(client, path):
    page = client.get(path).content.decode()
    assert sorted(re.findall(r'data-kind="([^"]*)"', page)) == KINDS
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_a_kind_without_a_sample_says_so(client, monkeypatch):
    monkeypatch.delitem(gallery.samples, "events.coming")
    page = client.get("/dev/mail/kinds/").content.decode()
    assert 'data-kind="events.coming"' in page
    assert page.count("No sample yet") == 1


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
    }


@pytest.mark.django_db(transaction=True)
def test_looking_leaves_nothing_behind(client):
    client.get("/dev/mail/")
    before = rows()
    for path in ("/dev/mail/kinds/", "/es/dev/mail/kinds/"):
        assert client.get(path).status_code == 200
    assert rows() == before
    assert not connection.in_atomic_block


def test_it_is_in_the_demo_only():
    assert hub_settings.DEMO
    source = (Path(hub_settings.BASE_DIR) / "hub" / "urls.py").read_text()
    assert source.index("if settings.DEMO:") < source.index('"dev/mail/kinds/"')


def test_it_is_led_to(client):
    assert "/dev/mail/kinds/" in client.get("/dev/mail/").content.decode()
    assert "/dev/mail/kinds/" in client.get("/dev/style/").content.decode()


# --- What holds for every mail -----------------------------------------------------------------------
@pytest.mark.parametrize("name", KINDS)
def test_the_languages_are_told_apart(name, parsed):
    """Not a line of the English letter stands in the Spanish one, but for names and addresses."""
    english, spanish = parsed["en"][name], parsed["es"][name]
    assert (english["Content-Language"], spanish["Content-Language"]) == ("en", "es")
    assert english["Subject"] != spanish["Subject"]
    assert sentences(text_of(english)) & sentences(text_of(spanish)) == set()
    assert sentences(words_of(html_of(english))) & sentences(words_of(html_of(spanish))) == set()
    assert '<html lang="es">' in html_of(spanish)


def sentences(text: str) -> set[str]:
    """Lines of words, without what is a name: of the hub, a place, an organization."""
    names = re.compile(r"https?://\S+|San Francisco.*|\d+ Example Street|\d{6}|Demo Workers Local 815")
    lines = (names.sub("", line).strip(" :.") for line in text.splitlines())
    return {line for line in lines if line and line != hub_settings.SITE_NAME and line != "--"}


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())


def words_of(html: str) -> str:
    parser = Words()
    parser.feed(html)
    return "\n".join(parser.found)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", KINDS)
def test_headers(name, language, parsed):
    letter = parsed[language][name]
    assert len(letter.get_all("To")) == 1
    assert len(letter["To"].addresses) == 1
    assert not [header for header in ("Cc", "Bcc", "Reply-To", "Sender") if header in letter]
    assert re.fullmatch(rf"<[a-z2-7]{{32}}@{re.escape(hub_settings.SITE_HOST)}>", letter["Message-ID"])
    assert letter["Date"].datetime is not None
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == language
    stops = mail.kinds[name].category in STOPPED_BY_LINK
    assert ("List-Unsubscribe" in letter, "List-Unsubscribe-Post" in letter) == (stops, stops)
    if stops:
        assert re.fullmatch(r"<http\S+/unsubscribe/\S+/>", letter["List-Unsubscribe"])
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert text_of(letter).strip()
    assert html_of(letter).strip()


WITH_CALENDAR = {
    "hub.confirmation",
    "events.coming",
    "events.seated",
    "events.cancelled_by_you",
    "events.changed",
}


@pytest.mark.parametrize("name", KINDS)
def test_a_calendar_file_goes_with_confirmations_and_changes(name, parsed):
    files = list(parsed["en"][name].iter_attachments())
    assert [file.get_content_type() for file in files] == ["text/calendar"] * (name in WITH_CALENDAR)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", KINDS)
def test_text_and_html_lead_to_the_same_places(name, language, parsed):
    letter = parsed[language][name]
    in_text = set(re.findall(r"https?://[^\s<>\"]+", text_of(letter)))
    in_html = set(re.findall(r'href="([^"]*)"', html_of(letter)))
    assert in_text == in_html


@pytest.mark.parametrize("name", KINDS)
def test_the_html_is_what_mail_programs_keep(name, parsed):
    """No style sheet, script or picture: they are dropped, or tell who reads when."""
    html = html_of(parsed["en"][name])
    assert not re.search(r"<(style|script|img|link|iframe|form)\b| style=|url\(|@import", html)


@pytest.mark.parametrize("name", KINDS)
def test_the_plain_text_is_tidy(name, parsed):
    for language in ("en", "es"):
        text = text_of(parsed[language][name])
        assert "\n\n\n" not in text, text
        assert not re.search(r"&(amp|quot|#\d+|#x[0-9a-f]+|lt|gt);|<[a-z/]", text), text
        assert not [line for line in text.splitlines() if line != line.rstrip() and line != "-- "], text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", KINDS)
def test_its_foot_says_what_stops_it_or_why_one_gets_it(name, language, parsed):
    letter, kind = parsed[language][name], mail.kinds[name]
    why = ("You get this mail because", "Te llega este correo por")[language == "es"]
    for text in (text_of(letter), words_of(html_of(letter))):
        assert text.count(why) == (kind.category not in STOPPED_BY_LINK)
    assert ("/unsubscribe/" in text_of(letter)) is (kind.category in STOPPED_BY_LINK)


def test_a_neutral_mail_s_foot_names_nothing():
    kind, box = mail.kinds["campaigns.signed"], Mailbox()
    with translation.override("en"):
        assert mail.why(kind, Letter(box, "en")) == "You get this mail because you signed this text."
        assert "signed" not in mail.why(kind, Letter(box, "en", neutral=True))
        assert mail.why(kind, Letter(box, "en", unsubscribe=["token"])) == ""


def test_what_stops_it_stands_on_the_line_of_its_name(raw):
    """Folded, it would stand alone on the next one, where not every mail program looks."""
    stopped = [one for name, one in raw["en"].items() if mail.kinds[name].category in STOPPED_BY_LINK]
    assert stopped
    for one in stopped:
        assert re.search(rb"^List-Unsubscribe: <http[^\n]+>$", one, re.M)
