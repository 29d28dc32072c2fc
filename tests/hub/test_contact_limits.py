"""Nobody can bomb a mailbox through the hub's forms, however many hands press at once."""

import random
import re
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from hub.models import Confirmation, Mailbox
from tests import races
from tests.factories import deliver_mail, make_event, make_rsvp, posted_form, posted_rsvp

HANDS = 8
MAILBOX = "many@example.org"


def spelled(number):
    """One of the ways to write the same mailbox."""
    local = ["many", "Many", "MANY"][number % 3]
    return f"{local}+{number}@Example.org" if number % 4 else f"{local}@example.org"


def doors(events):
    """Each form that writes to a mailbox: where it stands and what it takes."""
    return [(f"/events/{event.slug}/rsvp/", posted_rsvp) for event in events] + [("/mine/", posted_form)]


def send(door, form, address):
    """One post by a new browser: (status, where it leads, with the secret link made equal)."""
    response = Client().post(door, form(email=address))
    return response.status_code, re.sub(r"[\w-]{32}", "TOKEN", response["Location"])


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_five_hundred_posts_at_once_for_one_mailbox_are_two_mails():
    """Through every form, for one mailbox spelled in many ways: one for the plain address, one for all
    with a tag; nobody sees which ones it were."""
    events = [make_event(title="Open"), make_event(title="Hall", capacity=20)]
    choices = doors(events)
    posts = []
    for number in range(500):
        door, form = choices[number % len(choices)]
        posts.append(partial(send, door, form, spelled(number)))
    answers = races.at_once(posts, threads=HANDS)
    for number in range(len(choices)):
        assert len(set(answers[number :: len(choices)])) == 1
    assert {status for status, _location in answers} == {302}
    assert Confirmation.objects.count() == 2
    plain, tagged = sorted(mail.to[0] for mail in deliver_mail())[::-1]
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
def test_posts_all_day_long_are_three_mails_a_day_and_one_an_hour(time_machine):
    """Two days, a post every twenty minutes or so, nothing answered."""
    chance = random.Random(7)
    time_machine.move_to("2027-03-01T08:00:00Z", tick=False)
    choices = doors([make_event(title="Open"), make_event(title="Hall", capacity=20)])
    mailed = {False: [], True: []}
    for number in range(2 * 24 * 3):
        door, form = chance.choice(choices)
        status, _location = send(door, form, spelled(number))
        assert status == 302
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
