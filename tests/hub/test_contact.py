"""The contact flow: how often a mailbox is written to, what joins, and that every answer is the same."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as hub_settings

from events.actions import events as event_actions
from events.actions import rsvps
from events.models import Rsvp
from hub import actions, contact, links
from hub.actions import CodeRefused
from hub.models import Block, Confirmation, Mailbox, Message
from hub.views.personal import KEPT_COOKIE
from tests.factories import (
    deliver_mail,
    links_in,
    make_event,
    make_rsvp,
    make_user,
    posted_form,
    posted_rsvp,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 20, 16, 10, tzinfo=UTC)
START = NOW + timedelta(days=20)
READER = "reader@example.org"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def event_at(**details):
    return make_event(start=START, **details)


def ask(at=NOW, email=READER, **details) -> Rsvp:
    """An act that needs confirming."""
    return make_rsvp(event_at(capacity=20, **details), email=email, at=at)


def path_of(confirmation) -> str:
    return f"/confirm/{links.token('confirm', confirmation.pk)}/"


def newest() -> Confirmation:
    return Confirmation.objects.order_by("-made_at")[0]


def value_of(party) -> str:
    return f"events.rsvp:{party.pk}"


def confirmed(*parties) -> list[bool]:
    fresh = Rsvp.objects.in_bulk([party.pk for party in parties])
    return [fresh[party.pk].confirmed_at is not None for party in parties]


# --- How often -----------------------------------
@pytest.mark.parametrize(
    ("minutes", "mails"),
    [
        ([0, 1, 59], 1),
        ([0, 60], 2),
        ([0, 59, 60], 2),
        ([0, 60, 119, 120], 3),
        ([0, 60, 120, 180, 240, 1439], 3),  # three a day
        ([0, 60, 120, 1440], 4),  # then the first is a day old
        ([0, 60, 120, 1440, 1441, 1499, 1500], 5),
    ],
    ids=str,
)
def test_one_unanswered_mail_an_hour_and_three_a_day(minutes, mails):
    for minute in minutes:
        ask(NOW + minute * MINUTE)
    assert Message.objects.filter(kind="hub.confirmation").count() == mails
    assert Rsvp.objects.count() == len(minutes)  # every act is there and waits


def test_the_limit_is_of_a_mailbox_not_of_everybody():
    ask()
    ask(email="other@example.org")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("same", ["READER@EXAMPLE.ORG", " reader@example.org "])
def test_spelling_the_address_otherwise_does_not_get_round_the_limit(same):
    ask()
    ask(email=same)
    assert Message.objects.count() == 1
    assert Mailbox.objects.count() == 1


@pytest.mark.parametrize("first", ["reader+a@example.org", "reader+@example.org"])
def test_addresses_with_tags_share_a_limit_and_leave_the_plain_one_its_own(first):
    """However many tags somebody types, the owner's own address is written to, and two mails an hour at
    most reach one person."""
    ask(email=first)
    for tagged in ("reader+b@example.org", "READER+C@example.org", "reader+a+b@Example.org"):
        ask(email=tagged)
    assert Message.objects.count() == 1
    plain = ask()
    assert Message.objects.count() == 2
    assert Confirmation.objects.filter(mailbox=plain.mailbox).exists()
    ask()
    ask(email="reader+d@example.org")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("other", ["reader2@example.org", "reader@example.com", "re.ader@example.org"])
def test_other_addresses_have_limits_of_their_own(other):
    ask()
    ask(email=other)
    assert Message.objects.count() == 2


def test_answered_mails_do_not_count():
    for minute in range(6):
        party = ask(NOW + minute * MINUTE)
        actions.confirm_by_button(newest(), [(rsvps.ACT_KIND, party.pk)], at=NOW + minute * MINUTE)
    assert Message.objects.filter(kind="hub.confirmation").count() == 6


def test_asking_for_links_has_the_same_limit():
    ask()
    actions.mail_links(READER, language="en", at=NOW + MINUTE)
    assert Message.objects.count() == 1
    actions.mail_links("other@example.org", language="en", at=NOW)
    ask(NOW + MINUTE, email="other@example.org")
    assert Message.objects.count() == 2


def test_a_resent_code_within_the_hour_is_the_same_mail(visitor):
    party = ask()
    for _time in range(5):
        actions.ask_to_confirm(party.mailbox, kind=rsvps.ACT_KIND, act_id=party.pk, at=NOW)
    assert Confirmation.objects.count() == 1


# --- The code -----------------------------------
def by_code(party, code, at=NOW):
    return actions.confirm_by_code(party.mailbox, code, kind=rsvps.ACT_KIND, act_id=party.pk, at=at)


def test_the_code_is_that_of_the_newest_mail():
    first = ask()
    old = links.code("confirm", newest().pk)
    second = ask(NOW + HOUR)
    new = links.code("confirm", newest().pk)
    assert old != new
    with pytest.raises(CodeRefused) as refused:
        by_code(second, old, at=NOW + HOUR)
    assert refused.value.reason == "wrong"
    assert by_code(second, new, at=NOW + HOUR)
    assert confirmed(first, second) == [False, True]


def test_a_try_is_counted_before_it_is_looked_at(monkeypatch):
    party = ask()

    def fail(*_args):
        raise RuntimeError

    monkeypatch.setattr(links, "same", fail)
    with pytest.raises(RuntimeError):
        by_code(party, "000000")
    assert newest().code_tries == 1


def test_codes_are_six_digits_and_their_own():
    for number in range(50):
        ask(email=f"reader-{number}@example.org")
    codes = {links.code("confirm", one.pk) for one in Confirmation.objects.all()}
    assert len(codes) >= 49  # one coincidence in a million pairs is no fault
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)


def test_a_mail_that_leaves_late_has_no_code_and_a_day_later_is_not_sent(time_machine):
    ask()
    time_machine.move_to(NOW + 29 * MINUTE, tick=False)
    (mail,) = deliver_mail()
    code = links.code("confirm", newest().pk)
    assert code in mail.body
    Message.objects.update(state=Message.State.WAITING)
    time_machine.move_to(NOW + 30 * MINUTE, tick=False)
    (mail,) = deliver_mail()
    assert code not in mail.body
    assert "/confirm/" in mail.body
    Message.objects.update(state=Message.State.WAITING)
    time_machine.move_to(NOW + contact.BUTTON_LIVES, tick=False)
    assert deliver_mail() == []
    assert Message.objects.get().reason == "no longer asked"


# --- The button's page -----------------------------------
def boxes(page) -> dict[str, bool]:
    """The acts on the page and whether each is ticked."""
    found = re.findall(r'<input type="(\w+)" name="act"[^>]*value="([^"]+)"([^>]*)>', page)
    return {value: kind == "hidden" or "checked" in rest for kind, value, rest in found}


def test_the_page_lists_what_waits_and_ticks_only_this_mails_act(visitor):
    first = ask(title="First")
    second = ask(NOW + MINUTE, title="Second")
    ask(email="other@example.org", title="Somebody else's")
    mine = Confirmation.objects.get(mailbox=first.mailbox)
    page = html.unescape(visitor.get(path_of(mine)).content.decode())
    assert boxes(page) == {value_of(first): True, value_of(second): False}
    assert "Second" in page
    assert "Somebody else" not in page
    assert "<span>Friday,</span> <span>July 10, 2026,</span>" in page
    assert READER not in page


def test_one_thing_alone_is_asked_without_a_list(visitor):
    party = ask(title="First")
    page = html.unescape(visitor.get(path_of(newest())).content.decode())
    assert f'<input type="hidden" name="act" value="{value_of(party)}">' in page
    assert 'type="checkbox" name="act"' not in page
    assert "Tick what you did." not in page
    assert 'First</span><br><span class="when"><span>Friday,</span> <span>July 10, 2026,</span>' in page


def test_the_page_says_for_how_many_and_in_which_language(visitor):
    event = event_at(capacity=20, title="Mitin", language="es")
    make_rsvp(event, email=READER, party_size=3, at=NOW)
    make_rsvp(event_at(capacity=20, title="Rally"), email=READER, at=NOW)
    path = path_of(newest())
    page = visitor.get(path).content.decode()
    assert '<span lang="es">Mitin</span><br><span class="when"><span>Friday,' in page
    assert "<span>Rally</span><br>" in page
    assert " · <span>3 people</span></span></label>" in page
    assert " · <span>1 person</span></span></label>" in page
    visitor.post(path, {"act": [value_of(party) for party in Rsvp.objects.all()]})
    page = visitor.get(path).content.decode()
    assert ' lang="es">Mitin</a>' in page
    assert '/">Rally</a>' in page


def test_of_one_event_the_page_lists_the_last_answer_and_ticks_it(visitor):
    """Whichever answer caused the mail: the last one is what the person meant."""
    event = event_at(capacity=20)
    first = make_rsvp(event, email=READER, party_size=2, at=NOW)
    second = make_rsvp(event, email=READER, party_size=4, at=NOW + MINUTE)
    path = path_of(newest())
    assert newest().act_id == first.pk
    assert boxes(visitor.get(path).content.decode()) == {value_of(second): True}
    visitor.post(f"/rsvp/{first.token}/", {"act": "keep"})
    # A page that was open before the second answer: it counts nothing that isn't shown any more.
    assert visitor.post(path, {"act": value_of(first)})["Location"] == path
    assert confirmed(first, second) == [False, False]
    assert visitor.post(path, {"act": value_of(second)})["Location"] == f"/rsvp/{second.mail_token}/"
    assert Rsvp.objects.get().confirmed_at
    assert visitor.cookies[KEPT_COOKIE].value == second.mail_token
    # The mail's own link, which is the first answer's, leads on.
    assert visitor.get(f"/rsvp/{first.mail_token}/")["Location"] == f"/rsvp/{second.mail_token}/"


def test_what_is_not_ticked_does_not_count(visitor):
    first = ask(title="First")
    second = ask(NOW + MINUTE, title="Second")
    response = visitor.post(path_of(newest()), {"act": value_of(second)})
    assert response.status_code == 302
    assert response["Location"] == f"/rsvp/{second.mail_token}/"
    assert confirmed(first, second) == [False, True]
    assert boxes(visitor.get(path_of(newest())).content.decode()) == {value_of(first): True}


def test_ticking_both_confirms_both_and_lists_their_links(visitor):
    parties = [ask(title="First"), ask(NOW + MINUTE, title="Second")]
    path = path_of(newest())
    response = visitor.post(path, {"act": [value_of(party) for party in parties]})
    assert response["Location"] == path
    assert confirmed(*parties) == [True, True]
    page = visitor.get(path).content.decode()
    assert "Nothing is waiting" in page
    assert all(f"/rsvp/{party.mail_token}/" in page for party in parties)


def test_ticking_nothing_counts_nothing(visitor):
    party = ask()
    response = visitor.post(path_of(newest()))
    assert response.status_code == 302
    assert confirmed(party) == [False]
    assert newest().answered_at == NOW


@pytest.mark.parametrize("act", ["", ":", "events.rsvp", "events.rsvp:", "events.rsvp:x", "nonsense:{pk}"])
def test_nonsense_is_passed_over(act, visitor):
    party = ask()
    assert visitor.post(path_of(newest()), {"act": act.format(pk=party.pk)}).status_code == 302
    assert confirmed(party) == [False]


def test_nobody_confirms_what_is_not_their_mailboxs(visitor):
    mine, other = ask(), ask(email="other@example.org")
    mail = Confirmation.objects.get(mailbox=mine.mailbox)
    visitor.post(path_of(mail), {"act": [value_of(other), value_of(mine)]})
    assert confirmed(mine, other) == [True, False]


def test_pressing_twice_is_pressing_once(visitor):
    party = ask()
    for _time in range(2):
        assert visitor.post(path_of(newest()), {"act": value_of(party)}).status_code == 302
    assert Rsvp.objects.get().confirmed_at == NOW
    assert Message.objects.filter(kind="hub.confirmation").count() == 1


def test_what_is_over_cancelled_or_unpublished_no_longer_waits(visitor):
    parties = [ask(title=title) for title in ("Taken back", "Off the site", "Stays")]
    rsvps.cancel(parties[0].pk, at=NOW)
    event_actions.unpublish_event(parties[1].event, by=None, at=NOW)
    page = visitor.get(path_of(newest())).content.decode()
    assert list(boxes(page)) == [value_of(parties[2])]


def test_the_links_in_a_mail_never_come_from_the_request(visitor):
    event = event_at()
    visitor.post(f"/events/{event.slug}/rsvp/", posted_rsvp(email=READER), headers={"host": "127.0.0.1"})
    (mail,) = deliver_mail()
    assert links_in(mail)
    assert all(address.startswith(hub_settings.SITE_URL) for address in links_in(mail))


# --- Every answer is the same -----------------------------------
def known(kind) -> str:
    """An address the hub knows in this way."""
    address = f"{kind.replace(' ', '-')}@example.org"
    if kind == "unconfirmed":
        make_rsvp(event_at(title="Another"), email=address, at=NOW - 2 * HOUR)
    elif kind in ("confirmed", "blocked"):
        party = make_rsvp(event_at(title="Another"), email=address, confirmed=True, at=NOW - 2 * HOUR)
    if kind == "blocked":
        actions.block(party.mailbox, at=NOW)
        assert Block.objects.count() == 1
    if kind == "erased":
        party = make_rsvp(event_at(title="Another"), email=address, confirmed=True)
        rsvps.erase(party.pk, never_write=False, at=NOW)
    if kind == "an account":
        make_user(address)
    deliver_mail()
    return address


KNOWN = ["unknown", "unconfirmed", "confirmed", "coming already", "blocked", "erased", "an account"]


def leveled(page: bytes) -> str:
    """A page without what is random in every page: tokens, codes to scan, times of forms."""
    text = page.decode()
    text = re.sub(r"<svg xmlns.*?</svg>", "", text, flags=re.DOTALL)
    text = re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", text)
    return re.sub(r"/(rsvp|confirm)/[\w-]{32}/", "/link/", text)


@pytest.mark.parametrize(
    "event", [{}, {"capacity": 20}, {"reveal": "confirmed"}], ids=["open", "hall", "area"]
)
@pytest.mark.parametrize("kind", KNOWN[1:])
def test_saying_im_coming_answers_alike_for_every_address(kind, event, visitor):
    answers = []
    for one in ("unknown", kind):
        gathering = event_at(title="The rally", **event)
        if one == "coming already":
            make_rsvp(gathering, email="coming-already@example.org", confirmed=True, at=NOW - 2 * HOUR)
        address = known(one)
        deliver_mail()
        response = visitor.post(f"/events/{gathering.slug}/rsvp/", posted_rsvp(email=address))
        page = visitor.get(response["Location"])
        mails = deliver_mail()
        shown = leveled(page.content).replace(gathering.slug, "slug").replace(f"{address[0]}…@", "typed@")
        header = {name: value for name, value in response.headers.items() if name != "Location"}
        answers.append((response.status_code, header, page.status_code, shown, len(mails)))
        assert [mail.subject for mail in mails] == ["Please confirm: The rally"]
        assert address not in page.content.decode()
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", KNOWN[1:])
def test_another_address_answers_alike_whether_known_or_not(kind, visitor):
    answers = []
    for number, one in enumerate(("unknown", kind)):
        gathering = event_at(title="The rally", capacity=20)
        if one == "coming already":
            make_rsvp(gathering, email="coming-already@example.org", confirmed=True, at=NOW - 2 * HOUR)
        address = known(one)
        party = make_rsvp(gathering, email=f"mistyped-{number}@example.org")
        deliver_mail()
        response = visitor.post(f"/rsvp/{party.token}/", {"act": "email", "email": address})
        page = visitor.get(response["Location"])
        mails = deliver_mail()
        shown = leveled(page.content).replace(gathering.slug, "slug").replace(f"{address[0]}…@", "typed@")
        answers.append((response.status_code, page.status_code, shown))
        assert [(mail.to, mail.subject) for mail in mails] == [([address], "Please confirm: The rally")]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", KNOWN[1:])
def test_asking_for_links_answers_alike_for_every_address(kind, visitor):
    answers = []
    if kind == "coming already":
        make_rsvp(event_at(), email="coming-already@example.org", confirmed=True, at=NOW - 2 * HOUR)
    for one in ("unknown", kind):
        address = known(one)
        deliver_mail()
        response = visitor.post("/mine/", posted_form(email=address))
        page = visitor.get(response["Location"])
        mails = deliver_mail()
        answers.append((response.status_code, response["Location"], leveled(page.content), len(mails)))
        assert [(mail.to, mail.subject) for mail in mails] == [([address], "The links you asked for")]
        assert address not in page.content.decode()
    assert answers[0] == answers[1]


def test_at_the_limit_the_page_says_the_same_and_nothing_is_mailed(visitor):
    pages = []
    for _time in range(2):
        event = event_at(capacity=20)
        response = visitor.post(f"/events/{event.slug}/rsvp/", posted_rsvp(email=READER))
        page = visitor.get(response["Location"]).content
        pages.append(leveled(page).replace(event.slug, "slug"))
        assert "If we wrote to you in the last hour, that mail covers this too." in html.unescape(pages[-1])
    assert pages[0] == pages[1]
    assert len(deliver_mail()) == 1


def test_the_mail_to_an_unknown_and_a_known_mailbox_differs_in_nothing_but_links():
    bodies = []
    for kind in ("unknown", "confirmed"):
        make_rsvp(event_at(title="The rally"), email=known(kind))
        (mail,) = deliver_mail()
        body = re.sub(r"/(rsvp|confirm)/[\w-]{32}/", "/link/", mail.body)
        bodies.append(re.sub(r"\b\d{6}\b", "code", body))
    assert bodies[0] == bodies[1]
