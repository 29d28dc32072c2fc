"""After a change everybody who was coming is asked once more; hosts read how many have answered."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from events.actions import events as event_actions
from events.actions import rsvps
from events.actions import still_coming as actions
from events.actions.rsvps import RsvpRefused
from events.models import Attendance, Event, EventChange, Rsvp
from events.still_coming import answers, asked_of
from hub import mail
from hub.links import token_hash
from hub.models import AuditEntry, Message
from hub.personal import purge_all
from tests.cast import logged_in
from tests.events.hosting import make_committee
from tests.factories import (
    deliver_mail,
    event_details,
    links_in,
    make_admin,
    make_event,
    make_rsvp,
    make_user,
    new_address,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 5, 2, 19, tzinfo=UTC)  # noon in San Francisco
START = NOW + timedelta(days=9)
LATER = START + timedelta(days=2)
READER = "reader@example.org"
QUESTION = "Are you still coming?"
ASKED = ("time", "place", "both", "restored")
State = Message.State


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def coming(event, email=READER, **details):
    party = make_rsvp(event, email=email, confirmed=True, **details)
    deliver_mail()
    return party


def edit(event, **details):
    wanted = event_details(**{"start": START, **details})
    return event_actions.edit_event(event, wanted, by=None, at=timezone.now())


def edit_later(clock, event, **details):
    """A minute later, as each change has its own moment."""
    clock.shift(timedelta(minutes=1))
    return edit(event, **details)


def do(what, event):
    """One of the changes people are told of."""
    match what:
        case "time":
            edit(event, start=LATER)
        case "place":
            edit(event, venue="Harry Bridges Plaza")
        case "both":
            edit(event, start=LATER, venue="Harry Bridges Plaza")
        case "postponed":
            event_actions.postpone_event(event, by=None, at=timezone.now())
        case "cancelled":
            event_actions.cancel_event(event, by=None, at=timezone.now())
        case "restored":
            event_actions.postpone_event(event, by=None, at=timezone.now())
            deliver_mail()
            # So that it is the newest, though the clock stands still.
            EventChange.objects.filter(event=event).update(made_at=NOW - timedelta(minutes=1))
            event_actions.restore_event(event, by=None, at=timezone.now())


def newest(event):
    return EventChange.objects.filter(event=event).order_by("-made_at")[0]


def page_of(party, token=""):
    return f"/rsvp/{token or party.mail_token}/still-coming/"


def posted(event, answer="yes", **fields):
    return {"answer": answer, "change": str(newest(event).pk), "party_size": "1", **fields}


def asked(what="time", **details):
    """A party that has been asked after such a change."""
    party = coming(make_event(start=START), **details)
    do(what, party.event)
    deliver_mail()
    return Rsvp.objects.select_related("event").get(pk=party.pk)


def fresh(party):
    return Rsvp.objects.select_related("event").get(pk=party.pk)


# --- The mail that asks ------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize(
    ("language", "question", "prefix"),
    [("en", QUESTION, ""), ("es", "¿Aún vas a ir?", "/es")],
)
def test_the_mail_of_a_change_asks_with_one_link_to_one_page(what, language, question, prefix):
    party = coming(make_event(start=START), language=language)
    do(what, party.event)
    mail = deliver_mail()[-1]
    address = f"{prefix}{page_of(party)}"
    html = mail.alternatives[0].content
    assert question in mail.body
    assert question in html
    assert [link for link in links_in(mail) if link.endswith("/still-coming/")] == [
        next(link for link in links_in(mail) if link.endswith(address))
    ]
    assert html.count(f'{address}"') == 1
    assert question in Client().get(address).content.decode()


@pytest.mark.parametrize("what", ["postponed", "cancelled"])
def test_where_there_is_nothing_to_come_to_nothing_is_asked(what):
    party = coming(make_event(start=START))
    do(what, party.event)
    (told,) = deliver_mail()
    assert "still-coming" not in told.body + told.alternatives[0].content
    assert QUESTION not in told.body + Client().get(f"/rsvp/{party.mail_token}/").content.decode()
    assert Client().get(page_of(party)).headers["Location"] == f"/rsvp/{party.mail_token}/"


def test_a_new_date_of_a_postponed_event_asks(clock):
    party = coming(make_event(start=START))
    do("postponed", party.event)
    deliver_mail()
    edit_later(clock, party.event, start=LATER)
    (told,) = deliver_mail()
    assert told.subject.startswith("New date")
    assert QUESTION in told.body


def test_who_waits_is_asked_whether_they_would_still_come():
    event = make_event(start=START, capacity=1)
    make_rsvp(event, confirmed=True)
    waiting = coming(event)
    edit(event, start=LATER, capacity=1)
    (told,) = [mail for mail in deliver_mail() if mail.to == [READER]]
    assert "Would you still come if a place comes free?" in told.body
    page = Client().get(page_of(waiting)).content.decode()
    assert "Yes, if a place comes free" in page


def test_who_has_answered_before_the_mail_left_is_told_and_not_asked():
    party = coming(make_event(start=START))
    do("time", party.event)
    Client().post(page_of(party), posted(party.event))
    (told,) = deliver_mail()
    assert "still-coming" not in told.body
    assert "You can't come any more? Please cancel on your own page" in told.body


HIDDEN = {"reveal": "confirmed", "venue": "Secret Hall", "street": "7 Back Lane"}
OTHER = {"reveal": "confirmed", "venue": "Other Cellar", "street": "9 Side Alley"}
SECRETS = ("Secret", "Back Lane", "Other Cellar", "Side Alley", "Old Square", "94199")
PUBLIC = {"venue": "Old Square", "street": "1 Old Street", "postal_code": "94199"}


@pytest.mark.parametrize(
    ("before", "after", "may_stand"),
    [
        (HIDDEN, (OTHER,), ()),
        (HIDDEN, ({"venue": "Harry Bridges Plaza"},), ()),
        (PUBLIC, (HIDDEN,), ()),
        # The first of two is overtaken: what it knew of the place before isn't told in the second's place.
        (PUBLIC, ({"venue": "Harry Bridges Plaza"}, HIDDEN), ()),
        (HIDDEN, ({"start": LATER, **OTHER},), ()),
        (PUBLIC, ({"venue": "Harry Bridges Plaza"},), ("Old Square", "94199")),  # seen if nothing hides it
    ],
    ids=["hidden", "now-public", "now-hidden", "overtaken", "with-time", "public"],
)
@pytest.mark.parametrize("neutral", [False, True])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_place_that_is_not_public_is_in_no_part_of_the_mail(
    before, after, may_stand, neutral, language, clock
):
    party = coming(make_event(start=START, **before), neutral=neutral, language=language)
    for details in after:
        edit_later(clock, party.event, **details)
    (told,) = deliver_mail()
    parts = [told.subject, told.body, told.alternatives[0].content, str(told.message())]
    parts += [file.get_payload(decode=True).decode() for file in told.attachments]
    parts += [Client().get(page_of(party)).content.decode()] if not may_stand else []
    seen = {secret for secret in SECRETS for part in parts if secret in part}
    assert seen == (set() if neutral else set(may_stand))


# --- Answering ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_page_answers_nothing(method):
    party = asked()
    for _ in range(2):
        assert getattr(Client(), method)(page_of(party)).status_code == 200
    assert fresh(party).answered_change_id is None
    assert fresh(party).cancelled_at is None


def test_yes_is_kept_with_the_party_and_asked_no_more():
    party = asked()
    response = Client().post(page_of(party), posted(party.event), follow=True)
    assert "we know that you are still coming" in response.content.decode()
    assert fresh(party).answered_change_id == newest(party.event).pk
    assert AuditEntry.objects.filter(action="still_coming", actor=None).count() == 1
    assert QUESTION not in Client().get(f"/rsvp/{party.mail_token}/").content.decode()
    assert Client().get(page_of(party)).status_code == 302
    Client().post(page_of(party), posted(party.event))  # sent twice
    assert AuditEntry.objects.filter(action="still_coming").count() == 1


def test_no_is_the_ordinary_cancelling_and_seats_who_waits():
    event = make_event(start=START, capacity=1)
    going, waiting = coming(event), coming(event, email="waiting@example.org")
    edit(event, start=LATER, capacity=1)
    deliver_mail()
    response = Client().post(page_of(going), posted(event, "no"), follow=True)
    assert "You cancelled" in response.content.decode()
    assert fresh(going).cancelled_at == NOW
    assert Attendance.objects.get(rsvp=waiting).seats_held == 1
    assert sorted(one.subject.split(":")[0] for one in deliver_mail()) == [
        "You cancelled",
        "Your place is free",
    ]


def test_the_number_of_people_is_changed_with_the_answer():
    event = make_event(start=START, capacity=5)
    party = coming(event, party_size=2)
    edit(event, start=LATER, capacity=5)
    Client().post(page_of(party), posted(event, party_size="4"))
    assert Attendance.objects.get(rsvp=party).seats_held == 4
    assert fresh(party).answered_change_id == newest(event).pk
    event.refresh_from_db()
    assert event.timeslots.get().seats_taken == 4


@pytest.mark.parametrize("size", ["0", "11", "", "two", "6"])
def test_a_wrong_number_gives_the_form_again_and_answers_nothing(size):
    event = make_event(start=START, capacity=5)
    party = coming(event, party_size=2)
    edit(event, start=LATER, capacity=5)
    response = Client().post(page_of(party), posted(event, party_size=size))
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert f'value="{size}"' in response.content.decode() or not size
    assert fresh(party).answered_change_id is None
    assert Attendance.objects.get(rsvp=party).party_size == 2


@pytest.mark.parametrize("answer", ["yes", "no"])
@pytest.mark.parametrize("change", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_answer_to_nothing_known_is_refused(answer, change):
    party = asked()
    response = Client().post(page_of(party), posted(party.event, answer, change=change))
    assert response.status_code == 422
    assert (fresh(party).answered_change_id, fresh(party).cancelled_at) == (None, None)


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_answer_to_what_has_changed_again_meanwhile_is_asked_once_more(answer, clock):
    party = asked()
    read = posted(party.event, answer)
    edit_later(clock, party.event, start=LATER + timedelta(days=1))
    response = Client().post(page_of(party), read)
    assert response.status_code == 422
    text = response.content.decode()
    assert "It has changed again meanwhile." in text
    assert str(newest(party.event).pk) in text
    assert (fresh(party).answered_change_id, fresh(party).cancelled_at) == (None, None)


def test_the_newest_change_asks_again_who_said_yes_to_the_one_before(clock):
    party = asked()
    Client().post(page_of(party), posted(party.event))
    edit_later(clock, party.event, start=START, venue="Pier 1")
    (told,) = deliver_mail()
    assert QUESTION in told.body
    assert asked_of(fresh(party), NOW) == newest(party.event)


@pytest.mark.parametrize("act", ["cancel", "change"])
def test_what_is_done_on_the_own_page_answers_too(act):
    party = asked()
    fields = {"party_size": "3", "name": "", "need": ""} if act == "change" else {}
    Client().post(f"/rsvp/{party.mail_token}/", {"act": act, **fields})
    assert fresh(party).answered_change_id == newest(party.event).pk


def test_the_own_page_asks_until_it_is_answered():
    party = asked()
    own = f"/rsvp/{party.mail_token}/"
    page = Client().get(own).content.decode()
    assert QUESTION in page
    assert f'action="{page_of(party)}"' in page
    Client().post(page_of(party), posted(party.event))
    assert QUESTION not in Client().get(own).content.decode()


def test_who_has_come_since_is_not_asked(clock):
    event = make_event(start=START)
    edit(event, start=LATER)
    clock.move_to(NOW + timedelta(minutes=1), tick=False)
    party = coming(event)
    assert QUESTION not in Client().get(f"/rsvp/{party.mail_token}/").content.decode()
    assert answers(fresh(party).event, timezone.now()).pending == 0


def test_once_it_is_over_nothing_is_asked(clock):
    party = asked()
    clock.move_to(LATER + timedelta(hours=3), tick=False)
    assert Client().get(page_of(party)).status_code == 302
    assert Client().post(page_of(party), posted(party.event)).status_code == 302
    assert fresh(party).answered_change_id is None


def test_the_browsers_link_opens_it_only_until_the_mailbox_is_proven():
    event = make_event(start=START)
    unproven, party = make_rsvp(event, email="b@example.org"), coming(event)
    edit(event, start=LATER)
    assert QUESTION in Client().get(page_of(unproven, unproven.token)).content.decode()
    spent = Client().get(page_of(party, party.token)).content.decode()
    assert "Use the link in the mail" in spent
    Client().post(page_of(party, party.token), posted(event, "no"))
    assert fresh(party).cancelled_at is None


def test_off_the_site_it_shows_nothing():
    party = asked()
    event_actions.unpublish_event(party.event, by=None, at=NOW)
    text = Client().get(page_of(party)).content.decode()
    assert party.event.title not in text
    Client().post(page_of(party), posted(party.event))
    assert fresh(party).answered_change_id is None


def test_of_an_event_for_members_only_nobody_else_reads():
    party = asked()
    committee = make_committee(make_user())
    Event.objects.filter(pk=party.event_id).update(visibility="members", committee=committee)
    assert party.event.title not in Client().get(page_of(party)).content.decode()
    Client().post(page_of(party), posted(party.event))
    assert fresh(party).answered_change_id is None


def test_it_is_kept_by_nobody():
    response = Client().get(page_of(asked()))
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert Client().get("/rsvp/nothing/still-coming/").status_code == 404


def test_an_answer_goes_with_its_party():
    party = asked()
    Client().post(page_of(party), posted(party.event))
    rsvps.erase(party.pk, never_write=False, at=NOW)
    counted = answers(party.event, NOW)
    assert (counted.still, counted.no_more, counted.pending, counted.told) == (0, 0, 0, 1)


def test_removing_somebody_from_a_committee_is_no_answer_of_theirs():
    party = asked()
    rsvps.cancel(party.pk, silently=True, at=NOW)
    assert answers(party.event, NOW).no_more == 0


def test_refused_where_it_changes_in_between(clock):
    """What the page has read may be old by the time of the act."""
    party = asked()
    before = newest(party.event).pk
    edit_later(clock, party.event, start=START)
    with pytest.raises(RsvpRefused, match="changed"):
        actions.still_coming(party.pk, change_id=before, party_size=1, at=NOW)
    with pytest.raises(RsvpRefused, match="changed"):
        actions.not_any_more(party.pk, change_id=before, at=NOW)


# --- What hosts read ---------------------------------------------------------------------------------
def crowd(event):
    """One of each: yes, no, no answer, not reached, still to be sent, without e-mail, not confirmed."""
    everybody = {
        name: make_rsvp(event, email=f"{name}@example.org", confirmed=True, party_size=2)
        for name in ("yes", "no", "quiet", "refused", "suppressed", "queued")
    }
    make_rsvp(event, party_size=3)
    make_rsvp(event, email="unconfirmed@example.org")
    deliver_mail()
    edit(event, start=LATER)
    mail.suppress(everybody["suppressed"].mailbox, NOW)
    of = {
        name: Message.objects.filter(kind="events.changed", about_id=party.pk)
        for name, party in everybody.items()
    }
    of["refused"].update(state=State.FAILED, reason="SMTP 550")
    of["queued"].update(due_at=NOW + timedelta(hours=1))
    deliver_mail()
    Client().post(page_of(everybody["yes"]), posted(event, party_size="2"))
    Client().post(page_of(everybody["no"]), posted(event, "no"))
    return everybody


def test_the_counts_are_of_parties_each_in_its_place():
    event = make_event(start=START)
    crowd(event)
    event.refresh_from_db()
    counted = answers(event, NOW)
    assert counted.asked
    assert (counted.told, counted.on_their_way, counted.failed) == (3, 1, 2)
    assert (counted.still, counted.no_more, counted.pending, counted.unreachable) == (1, 1, 4, 2)


def test_who_cancels_before_the_mail_leaves_was_not_missed():
    party = coming(make_event(start=START))
    do("time", party.event)
    rsvps.cancel(party.pk, at=NOW)
    deliver_mail()
    counted = answers(fresh(party).event, NOW)
    assert (counted.told, counted.failed, counted.no_more) == (0, 0, 1)


def test_what_was_undone_before_anybody_was_told_did_not_fail(clock):
    party = coming(make_event(start=START))
    for act in ("unpublish", "cancel", "restore", "publish"):
        clock.shift(timedelta(minutes=1))
        getattr(event_actions, f"{act}_event")(party.event, by=None, at=timezone.now())
    assert deliver_mail() == []
    counted = answers(fresh(party).event, timezone.now())
    assert (counted.told, counted.on_their_way, counted.failed) == (0, 0, 0)


def test_they_stay_when_the_outbox_has_forgotten_its_people():
    event = make_event(start=START)
    crowd(event)
    purge_all(NOW + timedelta(days=3))
    event.refresh_from_db()
    counted = answers(event, NOW)
    assert (counted.told, counted.failed) == (3, 2)
    assert (counted.still, counted.no_more, counted.pending) == (1, 1, 4)


def test_a_cancelled_event_says_how_many_were_told_and_asks_nothing():
    event = make_event(start=START)
    coming(event)
    do("cancelled", event)
    deliver_mail()
    event.refresh_from_db()
    counted = answers(event, NOW)
    assert (counted.asked, counted.told) == (False, 1)


@pytest.mark.parametrize("people", [3, 30])
def test_counting_costs_three_queries_whatever_the_number(people, django_assert_num_queries):
    event = make_event(start=START)
    for _ in range(people):
        make_rsvp(event, email=new_address(), confirmed=True)
    do("time", event)
    event.refresh_from_db()
    with django_assert_num_queries(3):
        answers(event, NOW)


def test_an_event_that_nobody_has_changed_costs_none(django_assert_num_queries):
    party = coming(make_event(start=START))
    party = fresh(party)
    with django_assert_num_queries(0):
        assert answers(party.event, NOW) is None
        assert asked_of(party, NOW) is None


def test_the_own_page_of_a_changed_event_costs_one_query_more(django_assert_num_queries):
    party = asked()
    with django_assert_num_queries(
        3
    ):  # the party with its event and mailbox, the newest change, its attendance
        Client().get(f"/rsvp/{party.mail_token}/")


def pages_of_hosts():
    """The host's by its link, the coordinators' two, the administrators': each as a way to open it."""
    user = make_user("coordinator@example.org")
    event = make_event(start=START, committee=make_committee(user, active_days=60))
    token = "a-host's-link"
    event.host_link_hash = token_hash(token)
    event.save(update_fields=["host_link_hash"])
    return event, {
        "host": partial(Client().get, f"/host/{token}/"),
        "edit": partial(logged_in(user).get, f"/events/{event.slug}/edit/"),
        "coming": partial(logged_in(user).get, f"/events/{event.slug}/coming/"),
        "admin": partial(logged_in(make_admin()).get, f"/admin/events/event/{event.pk}/change/"),
    }


@pytest.mark.parametrize("page", ["host", "edit", "coming", "admin"])
def test_hosts_coordinators_and_administrators_read_counts_and_no_address(page):
    event, open_page = pages_of_hosts()
    assert "Told by mail" not in open_page[page]().content.decode()
    committee = event.committee
    make_rsvp(event, email="unnamed@example.org", confirmed=True)
    deliver_mail()
    wanted = event_details(start=LATER, committee=committee)
    event_actions.edit_event(event, wanted, by=None, at=NOW)
    deliver_mail()
    text = open_page[page]().content.decode()
    for label, number in (("Told by mail", 1), ("Still coming", 0), ("No answer yet", 1)):
        assert f"<dt>{label}</dt><dd>{number}</dd>" in text
    assert "unnamed@example.org" not in text
