"""Nobody can bomb a mailbox through the hub's forms, however many hands press at once."""

import random
import re
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.actions import appeals
from hub.models import Confirmation, Mailbox, Message
from tests import races
from tests.campaigns.endorsing import make_organization, posted_endorsement, write_appeal
from tests.events.hosting import posted_event
from tests.factories import (
    deliver_mail,
    make_committee,
    make_day,
    make_event,
    make_rsvp,
    posted_form,
    posted_rsvp,
)
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

HANDS = 8
CODES = 5  # mails with a code a mailbox and a quarter of an hour
MAILBOX = "many@example.org"


def spelled(number):
    """One of the ways to write the same mailbox."""
    local = ["many", "Many", "MANY"][number % 3]
    return f"{local}+{number}@Example.org" if number % 4 else f"{local}@example.org"


def doors():
    """Each form that asks a mailbox "was that you?": where it stands, and what is sent with the address."""
    event, hall = make_event(title="Open"), make_event(title="Hall", capacity=1000)
    appeal, committee, organization = (
        write_appeal(),
        make_committee(),
        make_organization(site="https://example.org/"),
    )
    signed = {"shown": "counted", "version": appeals.current(appeal).number}
    return {
        f"/events/{event.slug}/rsvp/": posted_rsvp,
        f"/events/{hall.slug}/rsvp/": posted_rsvp,
        f"/events/{event.slug}/ask/": partial(posted_form, text="Is there parking?"),
        "/events/propose/": partial(posted_form, step="send", **posted_event()),
        f"/appeals/{appeal.slug}/sign/": partial(posted_form, **signed),
        f"/endorse/appeal/{appeal.slug}/": posted_endorsement,
        f"/endorse/event/{event.slug}/": posted_endorsement,
        f"/endorse/day/{make_day().slug}/": posted_endorsement,
        f"/committees/{committee.slug}/join/": partial(posted_form, name="Rosa"),
        f"/committees/{committee.slug}/contact/": partial(posted_form, text="When do you meet?"),
        f"/organizations/{organization.slug}/officer/": posted_form,
        "/mine/": posted_form,
    }


ACCOUNT_DOORS = {
    "/account/login/code/": dict,
    "/account/password/reset/": dict,
    "/account/signup/": partial(posted_form, display_name="Rosa", password="several words of mine"),
}


def send(door, form, number):
    """One post by a new browser from an address of its own, and the page it leads to: what a stranger sees
    of both but for the secret link, the form's tokens and the spelling of the address."""
    browser = Client(REMOTE_ADDR=f"127.0.{number // 250}.{number % 250 + 1}")
    answer = browser.post(door, form(email=spelled(number)))
    assert answer.status_code == 302, (door, answer.status_code)
    return seen(answer), seen(browser.get(answer["Location"]))


def seen(answer):
    """Status, headers, cookies and body."""
    own = ("Content-Length", "ETag", "Expires")
    headers = [(name, alike(value)) for name, value in answer.headers.items() if name not in own]
    cookies = [(name, cookie["max-age"]) for name, cookie in answer.cookies.items()]
    return answer.status_code, tuple(headers), tuple(cookies), alike(answer.content.decode())


def alike(text):
    """Without what differs from browser to browser."""
    text = re.sub(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", text)
    text = re.sub(r"many(%2B|\+)?\d*(%40|@)example\.org", "ADDRESS", text, flags=re.I)
    text = re.sub(r'datetime="[^"]*"|\d+:\d\d [AP]M', "TIME", text)
    return re.sub(r"(?<=/)[\w-]{32,}(?=/)", "TOKEN", text)


@pytest.mark.alone
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_five_hundred_posts_at_once_for_one_mailbox_are_two_mails(places):  # noqa: F811
    """Through every form, from many addresses, for one mailbox spelled in many ways: one for the plain
    address, one for all with a tag; codes for accounts have a limit of their own. Nobody sees from any
    answer whether it made a mail. A failure means that the hub's forms can be used to bomb a mailbox, or
    tell a stranger whether somebody wrote to it."""
    choices = list((doors() | ACCOUNT_DOORS).items())
    Message.objects.all().delete()
    posts = [partial(send, *choices[number % len(choices)], number) for number in range(500)]
    answers = races.at_once(posts, threads=HANDS)
    for number, (door, _form) in enumerate(choices):
        different = set(answers[number :: len(choices)])
        assert len(different) == 1, (door, different)
    assert Confirmation.objects.count() == 2
    by_kind = Counter(Message.objects.values_list("kind", flat=True))
    print(dict(by_kind))
    assert set(by_kind) == {"hub.confirmation", "hub.code", "hub.account_unknown"}
    assert by_kind["hub.code"] <= 2 * CODES
    assert by_kind["hub.account_unknown"] <= 2 * CODES
    asked = [mail.to[0] for mail in deliver_mail() if "/confirm/" in mail.body]
    plain, tagged = sorted(asked)[::-1]
    assert plain == MAILBOX
    assert tagged.startswith("many+")


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_two_clocks_that_differ_at_the_full_hour_still_make_one_mail():
    """The constraint counts by the hour of the clock: posts on both sides of the hour must meet, too."""
    events = [make_event() for _hand in range(HANDS)]
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for turn in range(10):
        boundary = hour + timedelta(days=turn)
        posts = []
        for number, event in enumerate(events):
            at = boundary + timedelta(milliseconds=number - HANDS / 2)
            posts.append(partial(make_rsvp, event, email=f"turn-{turn}+{number}@example.org", at=at))
        races.at_once(posts)
        assert Confirmation.objects.filter(made_at__gte=boundary - timedelta(minutes=1)).count() == 1


@pytest.mark.django_db
def test_posts_all_day_long_are_three_mails_a_day_and_one_an_hour(time_machine, places):  # noqa: F811
    """Two days, a post every twenty minutes or so, nothing answered."""
    chance = random.Random(7)
    time_machine.move_to("2027-03-01T08:00:00Z", tick=False)
    choices = list(doors().items())
    deliver_mail()
    mailed = {False: [], True: []}
    for number in range(2 * 24 * 3):
        door, form = chance.choice(choices)
        send(door, form, number)
        for mail in deliver_mail():
            mailed["+" in mail.to[0]].append(timezone.now())
        time_machine.shift(timedelta(minutes=chance.randint(15, 25)))
    for moments in mailed.values():  # of the plain address, and of those with a tag
        assert len(moments) >= 6
        for first in moments:
            assert len([at for at in moments if first <= at < first + timedelta(hours=1)]) == 1
            assert len([at for at in moments if first <= at < first + timedelta(hours=24)]) <= 3


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["cancel", "erase"])
def test_taking_an_answer_back_at_once_keeps_no_mail_from_its_mailbox(act):
    """A stranger types an address and takes it back before the mail went out. No mail went, so the
    owner's own answer a minute later must be written to."""
    make_rsvp(make_event(title="Another"), email=MAILBOX, confirmed=True)  # the mailbox stays
    deliver_mail()
    event = make_event(capacity=20)
    stranger = Client()
    own = stranger.post(f"/events/{event.slug}/rsvp/", posted_rsvp(email=MAILBOX))["Location"]
    assert stranger.post(own, {"act": act}).status_code == 302
    assert deliver_mail() == []
    make_rsvp(event, email=MAILBOX)
    (mail,) = deliver_mail()
    assert mail.to == [MAILBOX]


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_erasing_and_answering_at_once_leaves_no_answer_without_its_mailbox():
    """Erasing the last thing of a mailbox forgets the mailbox, while another form of the same person
    comes in: either order is fine, an error page or an answer lost on the way is not."""
    event, other = make_event(), make_event()
    for turn in range(20):
        address = f"both-{turn}@example.org"
        party = make_rsvp(event, email=address)
        erase = partial(Client().post, f"/rsvp/{party.token}/", {"act": "erase"})
        again = partial(Client().post, f"/events/{other.slug}/rsvp/", posted_rsvp(email=address))
        erased, posted = races.at_once([erase, again])
        assert (erased.status_code, posted.status_code) == (302, 302)
        assert Client().get(posted["Location"]).status_code == 200
        assert Mailbox.objects.filter(rsvps__event=other).count() == turn + 1
    assert not Mailbox.objects.filter(rsvps__event=event).exists()
