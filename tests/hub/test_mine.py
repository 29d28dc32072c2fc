"""/mine/: what this phone keeps, and "mail me my links"."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as hub_settings

from events.actions import events as event_actions
from events.actions import rsvps
from events.models import Rsvp
from hub.models import Mailbox, Message
from hub.views.personal import KEPT_COOKIE
from tests.factories import deliver_mail, links_in, make_event, make_rsvp, new_form_token, posted_form

pytestmark = pytest.mark.django_db

START = datetime(2026, 7, 4, 21, tzinfo=UTC)  # two in the afternoon in San Francisco
NOW = START - timedelta(days=10)
READER = "reader@example.org"


@pytest.fixture(autouse=True)
def _ten_days_before(time_machine):
    time_machine.move_to(NOW, tick=False)


def event_at(**details):
    return make_event(**{"start": START, **details})


def keep(browser, *parties) -> None:
    tokens = [party.mail_token if party.confirmed_at else party.token for party in parties]
    browser.cookies[KEPT_COOKIE] = ".".join(tokens)


def page(browser) -> str:
    response = browser.get("/mine/")
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def titles(text) -> list[str]:
    return re.findall(r'class="card-title"><a href="[^"]+">([^<]+)</a>', text)


def ask(browser, email=READER, **fields):
    return browser.post("/mine/", posted_form(email=email, **fields))


# --- Kept on this phone -----------------------------------
def test_nothing_is_kept_at_first(visitor):
    response = visitor.get("/mine/")
    assert "Nothing is kept on this phone." in response.content.decode()
    assert KEPT_COOKIE not in response.cookies


def test_a_title_in_another_language_says_so(visitor):
    keep(visitor, make_rsvp(event_at(title="Mitin", language="es")), make_rsvp(event_at(title="Rally")))
    assert ' lang="es">Mitin</a>' in page(visitor)
    assert '/">Rally</a>' in page(visitor)


def test_what_is_kept_soonest_first(visitor):
    late = make_rsvp(event_at(title="Late", start=START + timedelta(days=5)), confirmed=True)
    soon = make_rsvp(event_at(title="Soon"))
    keep(visitor, late, soon)
    text = page(visitor)
    assert titles(text) == ["Soon", "Late"]
    assert "<span>Saturday,</span> <span>July 4, 2026,</span> <span>2:00 PM PDT</span>" in text
    assert "San Francisco, CA" in text
    assert f"/rsvp/{late.mail_token}/" in text
    assert f"/rsvp/{soon.token}/" in text


def test_a_whole_day_has_no_hour(visitor):
    day = {"start": datetime(2026, 7, 4, 7, tzinfo=UTC), "hours": 24, "all_day": True}
    keep(visitor, make_rsvp(event_at(**day)))
    assert '<p class="card-when"><span>Saturday,</span> <span>July 4, 2026</span></p>' in page(visitor)


def test_a_place_that_is_not_public_is_not_kept(visitor):
    event = event_at(
        reveal="confirmed", venue="Secret Hall", online=True, online_link="https://meet.example.org"
    )
    party = make_rsvp(event, confirmed=True, name="Ana", need="a ramp")
    keep(visitor, party)
    text = page(visitor)
    assert titles(text) == [event.title]
    for word in ("Secret Hall", "McAllister", "meet.example.org", "Ana", "a ramp"):
        assert word not in text


def test_called_off_says_so(visitor):
    by_me, by_them = make_rsvp(event_at(title="By me")), make_rsvp(event_at(title="By them"))
    rsvps.cancel(by_me.pk, at=NOW)
    event_actions.cancel_event(by_them.event, by=None, at=NOW)
    keep(visitor, by_me, by_them, make_rsvp(event_at(title="On")))
    text = page(visitor)
    assert len(titles(text)) == 3
    assert text.count('class="badge badge-cancelled"') == 2


def test_a_day_after_the_event_it_is_forgotten(visitor, time_machine):
    keep(visitor, make_rsvp(event_at()))
    end = START + timedelta(hours=2)
    time_machine.move_to(end + timedelta(hours=24) - timedelta(seconds=1), tick=False)
    assert titles(page(visitor))
    time_machine.move_to(end + timedelta(hours=24), tick=False)
    assert not titles(page(visitor))
    assert visitor.cookies[KEPT_COOKIE].value == ""


def test_a_postponed_event_is_kept_beyond_its_old_date(visitor, time_machine):
    party = make_rsvp(event_at(title="Postponed"))
    event_actions.postpone_event(party.event, by=None, at=NOW)
    keep(visitor, party)
    time_machine.move_to(START + timedelta(days=10), tick=False)
    assert titles(page(visitor)) == ["Postponed"]


def test_what_is_erased_or_spent_is_forgotten(visitor):
    erased, spent = make_rsvp(event_at()), make_rsvp(event_at(), email=READER)
    stays = make_rsvp(event_at(title="Stays"))
    keep(visitor, erased, spent, stays)
    assert len(titles(page(visitor))) == 3
    rsvps.erase(erased.pk, never_write=False, at=NOW)
    rsvps.confirm(spent.pk, NOW)  # from now on the mailed link opens it
    assert titles(page(visitor)) == ["Stays"]
    assert visitor.cookies[KEPT_COOKIE].value == stays.token


@pytest.mark.parametrize("cookie", ["x", "...", "a.b.c", "%00", "é", "x" * 3000, "." * 3000, '"quoted"'])
def test_a_cookie_of_nonsense_is_forgotten(cookie, visitor):
    visitor.cookies[KEPT_COOKIE] = cookie
    assert "Nothing is kept on this phone." in page(visitor)


def test_looking_takes_two_queries_however_much_is_kept(visitor, django_assert_num_queries):
    keep(visitor, *(make_rsvp(event_at()) for _party in range(5)))
    with django_assert_num_queries(2):
        visitor.get("/mine/")


def test_spanish(visitor):
    keep(visitor, make_rsvp(event_at()))
    text = html.unescape(visitor.get("/es/mine/").content.decode())
    assert "sábado 4 de julio de 2026, 14:00 PDT" in re.sub("</?span>", "", text)


# --- Mail me my links -----------------------------------
def test_the_links_of_what_is_confirmed(visitor):
    hour = timedelta(hours=1)
    going = make_rsvp(event_at(title="Going"), email=READER, confirmed=True, at=NOW - 5 * hour)
    cancelled = make_rsvp(event_at(title="Taken back"), email=READER, confirmed=True, at=NOW - 4 * hour)
    rsvps.cancel(cancelled.pk, at=NOW)
    make_rsvp(event_at(title="Unconfirmed"), email=READER, at=NOW - 2 * hour)
    make_rsvp(event_at(title="Somebody else's"), email="other@example.org", confirmed=True)
    past = event_at(title="Past", start=NOW - timedelta(days=1))
    make_rsvp(past, email=READER, confirmed=True, at=NOW - timedelta(days=2))
    Message.objects.all().delete()

    response = ask(visitor)
    assert response.status_code == 302
    assert response["Location"] == "/mine/?sent=1"
    page = html.unescape(visitor.get(response["Location"]).content.decode())
    assert "If no mail went to that address in the last hour, one with your links is on its way." in page
    assert "We have written" not in page
    (mail,) = deliver_mail()
    assert (mail.to, mail.subject) == ([READER], "The links you asked for")
    own = [address for address in links_in(mail) if "/rsvp/" in address]
    assert [address.rpartition("/rsvp/")[2] for address in own] == [f"{going.mail_token}/"]
    for title in ("Taken back", "Unconfirmed", "Somebody else's", "Past"):
        assert title not in mail.body
    assert visitor.get(f"/rsvp/{going.mail_token}/").status_code == 200


def test_an_unknown_address_reads_that_there_is_nothing(visitor):
    ask(visitor)
    (mail,) = deliver_mail()
    assert (mail.to, mail.subject) == ([READER], "The links you asked for")
    assert "There is nothing confirmed under this address at the moment." in mail.body
    assert not any("/rsvp/" in address for address in links_in(mail))
    # There is nothing to be neutral about and nothing a code could confirm.
    assert mail.from_email == f"{hub_settings.SITE_NAME} <{hub_settings.MAIL_FROM}>"
    assert hub_settings.SITE_NAME in mail.body
    assert "code" not in mail.body


def test_the_mail_is_neutral(visitor):
    make_rsvp(event_at(), email=READER, confirmed=True, neutral=True)
    Message.objects.all().delete()
    ask(visitor)
    (mail,) = deliver_mail()
    assert mail.from_email.startswith("Reminders <")
    assert "Rally" not in mail.subject
    assert "Rally" not in mail.body.splitlines()[0]


def test_it_is_in_the_language_of_the_page(visitor):
    response = visitor.post("/es/mine/", posted_form(email=READER))
    assert response["Location"] == "/es/mine/?sent=1"
    (mail,) = deliver_mail()
    assert mail.extra_headers["Content-Language"] == "es"
    assert any("/es/confirm/" in address for address in links_in(mail))


def test_its_button_leads_to_what_waits(visitor):
    waiting = make_rsvp(event_at(), email=READER, at=NOW - timedelta(hours=2))
    ask(visitor)
    (mail,) = [mail for mail in deliver_mail() if mail.subject == "The links you asked for"]
    (path,) = [address for address in links_in(mail) if "/confirm/" in address]
    path = path.partition("8000")[2]
    text = visitor.get(path).content.decode()
    assert f"events.rsvp:{waiting.pk}" in text
    assert "checked" not in text  # nobody's act caused this mail
    visitor.post(path, {"act": f"events.rsvp:{waiting.pk}"})
    assert Rsvp.objects.get().confirmed_at == NOW


def test_twice_within_the_hour_is_once(visitor, time_machine):
    for _time in range(3):
        assert ask(visitor)["Location"] == "/mine/?sent=1"
    assert len(deliver_mail()) == 1
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    ask(visitor)
    assert len(deliver_mail()) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": ""}, "Write the e-mail address you used."),
        ({"email": "nonsense"}, "Write an e-mail address like name@example.org."),
        ({"website": "https://spam.example"}, "only robots fill it in"),
        ({"form_token": ""}, "Please press the button once more."),
    ],
    ids=["empty", "no address", "robot", "stale"],
)
def test_what_is_wrong_is_said(fields, sentence, visitor):
    response = visitor.post("/mine/", posted_form(**{"email": READER, **fields}))
    assert response.status_code == 422
    assert sentence in html.unescape(response.content.decode())
    assert not Mailbox.objects.exists()
    assert deliver_mail() == []


def test_too_fast(visitor):
    response = visitor.post("/mine/", {"email": READER, "form_token": new_form_token(), "website": ""})
    assert response.status_code == 422
    assert "That was very fast." in response.content.decode()
    assert f'value="{READER}"' in response.content.decode()


def test_a_refused_form_does_not_lose_what_is_kept(visitor):
    keep(visitor, make_rsvp(event_at(title="Kept")))
    response = visitor.post("/mine/", posted_form(email=""))
    assert titles(html.unescape(response.content.decode())) == ["Kept"]
