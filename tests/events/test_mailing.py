"""A short word that is mailed to those who are coming: drafted, tried, sent once, stopped."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.actions import events as event_actions
from events.actions import fan_out, mailing, rsvps, updates
from events.models import MailedUpdate, Update
from events.update_messages import preview
from hub import mail as hub_mail
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
    make_moderator,
    make_rsvp,
    make_user,
    new_address,
    posted_form,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 5, 2, 19, tzinfo=UTC)  # noon in San Francisco
START = NOW + timedelta(days=9)
COORDINATOR = "coordinator@example.org"
TEXT = "We meet at the north gate."
State = Message.State
UPDATES = Message.objects.filter(kind="events.update")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def event(db):
    user = make_user(COORDINATOR)
    return make_event(start=START, committee=make_committee(user, active_days=60))


@pytest.fixture
def browser(event):
    return logged_in(event.committee.memberships.get().user)


def by(event):
    return event.committee.memberships.get().user


def drafted(event, text=TEXT, token="draft"):
    return mailing.write_draft(event, text, form_token=token, by=by(event), at=timezone.now())


def sent(event, text=TEXT, token="send"):
    draft = drafted(event, text, token=f"draft {token}")
    return mailing.send(
        draft.pk, form_token=token, seen=mailing.state_of(draft), by=by(event), at=timezone.now()
    )


def coming(event, number=1, **details):
    """Parties with a confirmed e-mail, whose own mails have left."""
    parties = [
        make_rsvp(event, **{"email": new_address(), "confirmed": True, **details}) for _ in range(number)
    ]
    deliver_mail()
    return parties


def to(mails):
    return sorted(address for mail in mails for address in mail.to)


def addresses(parties):
    return sorted(party.mailbox.address for party in parties)


# --- The draft, the test, the preview ------------------------------------------------------------------
def test_it_is_written_looked_at_and_sent_once(event, browser):
    parties = coming(event, 2)
    page = reverse("events:mail", args=[event.slug])
    form = posted_form(text=TEXT)
    response = browser.post(page, form)
    draft = MailedUpdate.objects.get()
    address = reverse("events:mail_draft", args=[event.slug, draft.pk])
    assert response.headers["Location"] == address
    assert browser.post(page, form).headers["Location"] == address  # the same form once more
    text = browser.get(address).content.decode()
    assert TEXT in text
    assert f"<dd>News: {event.title}</dd>" in text
    assert "It goes out as 2 mails" in text
    assert not Update.objects.exists()
    sending = posted_form(act="send", seen=mailing.state_of(draft))
    for _ in range(3):
        assert browser.post(address, sending).headers["Location"] == reverse("job", args=[draft.pk])
    assert [update.text for update in event.updates.all()] == [TEXT]
    assert TEXT in Client().get(reverse("events:detail", args=[event.slug])).content.decode()
    assert to(deliver_mail()) == addresses(parties)
    assert deliver_mail() == []
    assert AuditEntry.objects.get(action="mail_update").count == 2


def test_what_is_seen_before_is_what_is_mailed(event):
    shown = drafted(event, "Bring <b>water</b> & bread.")
    from_preview = preview(shown, "en")
    (party,) = coming(event)
    mailing.send(shown.pk, form_token="s", seen=mailing.state_of(shown), by=by(event), at=NOW)
    (mail,) = deliver_mail()
    assert mail.subject == from_preview["subject"]
    assert mail.body.replace(f"/rsvp/{party.mail_token}/", f"/events/{event.slug}/") == from_preview["plain"]
    assert "Bring <b>water</b> & bread." in mail.body
    assert "Bring &lt;b&gt;water&lt;/b&gt; &amp; bread." in mail.alternatives[0].content


def test_a_test_goes_to_the_account_that_asks_and_to_nobody_else(event, browser):
    coming(event, 2)
    draft = drafted(event)
    address = reverse("events:mail_draft", args=[event.slug, draft.pk])
    for _ in range(2):  # twice in a minute
        browser.post(address, {"act": "test"})
    (mail,) = deliver_mail()
    assert mail.to == [COORDINATOR]
    assert mail.subject == f"Test: News: {event.title}"
    assert "This is a test. Only you get it." in mail.body
    assert TEXT in mail.body
    assert not [link for link in links_in(mail) if "/rsvp/" in link]
    assert not UPDATES.exists()
    assert not Update.objects.exists()


def test_a_draft_is_changed_and_thrown_away(event, browser):
    draft = drafted(event)
    address = reverse("events:mail_draft", args=[event.slug, draft.pk])
    browser.post(address, posted_form(act="change", text="Other words."))
    draft.refresh_from_db()
    assert draft.text == "Other words."
    assert browser.post(address, posted_form(act="change", text="x" * 281)).status_code == 422
    browser.post(address, {"act": "discard"})
    assert not MailedUpdate.objects.exists()
    assert browser.get(address).status_code == 404


def test_what_another_coordinator_has_changed_is_not_sent(event, browser, clock):
    draft = drafted(event)
    seen = mailing.state_of(draft)
    clock.shift(timedelta(minutes=1))
    mailing.change_draft(draft.pk, "Not this.", by=by(event), at=timezone.now())
    address = reverse("events:mail_draft", args=[event.slug, draft.pk])
    response = browser.post(address, posted_form(act="send", seen=seen))
    assert response.status_code == 422
    assert "Somebody else has changed it meanwhile." in response.content.decode()
    assert "Not this." in response.content.decode()
    assert not Update.objects.exists()


def test_more_than_ten_words_a_day_are_not_sent(event, browser):
    for number in range(updates.UPDATES_A_DAY):
        updates.post_update(event, TEXT, form_token=f"f{number}", by=None, at=NOW)
    draft = drafted(event)
    address = reverse("events:mail_draft", args=[event.slug, draft.pk])
    response = browser.post(address, posted_form(act="send", seen=mailing.state_of(draft)))
    assert response.status_code == 422
    assert "That is enough for one day." in response.content.decode()
    assert MailedUpdate.objects.get().is_draft


@pytest.mark.parametrize("state", ["cancelled", "off", "over"])
def test_where_nobody_is_coming_nothing_is_written(event, browser, clock, state):
    draft = drafted(event)
    if state == "cancelled":
        event_actions.cancel_event(event, by=None, at=NOW)
    elif state == "off":
        event_actions.unpublish_event(event, by=None, at=NOW)
    else:
        clock.move_to(START + timedelta(hours=3), tick=False)
    page = browser.get(reverse("events:mail", args=[event.slug]))
    assert page.status_code == (404 if state == "off" else 200)
    assert "Look at it" not in page.content.decode()
    with pytest.raises(mailing.MailingRefused, match="state"):
        mailing.send(draft.pk, form_token="s", seen=mailing.state_of(draft), by=by(event), at=timezone.now())
    for address in (
        reverse("events:mail", args=[event.slug]),
        reverse("events:mail_draft", args=[event.slug, draft.pk]),
    ):
        assert browser.post(address, posted_form(act="send", text="x")).status_code in (302, 404, 422)
    assert MailedUpdate.objects.get().is_draft


def test_a_bad_form_is_given_back(event, browser):
    response = browser.post(reverse("events:mail", args=[event.slug]), posted_form(text="ñ" * 281))
    assert response.status_code == 422
    assert "ñ" * 281 in response.content.decode()
    assert not MailedUpdate.objects.exists()


def test_drafts_go_after_a_week(event, clock):
    drafted(event)
    done = sent(event)
    purge_all(NOW + timedelta(days=6))
    assert MailedUpdate.objects.count() == 2
    purge_all(NOW + timedelta(days=7))
    assert list(MailedUpdate.objects.all()) == [done]


# --- Who may ---------------------------------------------------------------------------------------------
def test_only_who_answers_for_the_event_writes(event):
    draft, done = drafted(event), sent(event)
    other = make_user()
    make_committee(other, active_days=60)
    pages = [
        reverse("events:mail", args=[event.slug]),
        reverse("events:mail_draft", args=[event.slug, draft.pk]),
    ]
    for user, status in ((None, 302), (make_user(), 403), (other, 403), (make_moderator(), 403)):
        for page in pages:
            assert logged_in(user).get(page).status_code == status
            assert logged_in(user).post(page, {"act": "send", "text": "x"}).status_code == status
        assert logged_in(user).get(reverse("job", args=[done.pk])).status_code == 404
    assert logged_in(by(event)).get(reverse("job", args=[done.pk])).status_code == 200


def test_where_nobody_acts_for_a_committee_moderators_and_administrators_do():
    event = make_event(start=START)
    for user in (make_moderator(), make_admin()):
        assert logged_in(user).get(reverse("events:mail", args=[event.slug])).status_code == 200
    assert logged_in(make_user()).get(reverse("events:mail", args=[event.slug])).status_code == 403


def test_the_admin_leads_there_who_may(event):
    for one, leads in ((make_event(start=START), True), (event, False)):
        page = logged_in(make_admin()).get(f"/admin/events/event/{one.pk}/change/").content.decode()
        assert (reverse("events:mail", args=[one.slug]) in page) == leads


def test_who_coordinates_no_more_sends_and_watches_no_more(event):
    user, draft, done = by(event), drafted(event), sent(event)
    mailing.send_test(draft.pk, by=user, at=NOW)
    event.committee.memberships.update(role="member")
    with pytest.raises(mailing.MailingRefused, match="right"):
        mailing.send(draft.pk, form_token="s", seen=mailing.state_of(draft), by=user, at=NOW)
    assert logged_in(user).get(reverse("job", args=[done.pk])).status_code == 404
    assert deliver_mail() == []
    assert Message.objects.get(kind="events.update_test").reason == "no longer a coordinator"


# --- Who gets it, when ------------------------------------------------------------------------------------
def test_every_confirmed_party_gets_one_going_or_waiting(event):
    event_actions.edit_event(
        event, event_details(start=START, committee=event.committee, capacity=1), by=None, at=NOW
    )
    going, waiting, gone = coming(event, 3)
    rsvps.cancel(gone.pk, at=NOW)
    make_rsvp(event, email="unconfirmed@example.org")
    deliver_mail()
    mailed = sent(event)
    assert mailed.parties == 2
    assert to(deliver_mail()) == addresses([going, waiting])
    assert deliver_mail() == []


def test_in_their_language_and_marked_as_the_events(event):
    coming(event, language="es")
    sent(event)
    (mail,) = deliver_mail()
    assert mail.subject == f"Novedades: {event.title}"
    assert "1 persona" in mail.body
    assert f'<p lang="en">{TEXT}</p>' in mail.alternatives[0].content
    assert "/es/rsvp/" in mail.body


def test_who_wants_neutral_mail_reads_it_on_their_own_page(event):
    (party,) = coming(event, neutral=True)
    sent(event, "Rally at the gate")
    (mail,) = deliver_mail()
    everything = mail.subject + mail.body + mail.alternatives[0].content + mail.from_email
    for word in ("Rally", "gate", "Civic", "Labor"):
        assert word not in everything
    assert "There is news. Read it on your own page." in mail.body
    assert "Rally at the gate" in Client().get(f"/rsvp/{party.mail_token}/").content.decode()


def test_it_is_a_change_and_can_not_be_unsubscribed_from(event):
    coming(event)
    sent(event)
    (mail,) = deliver_mail()
    assert "List-Unsubscribe" not in mail.extra_headers
    assert hub_mail.kinds["events.update"].category is hub_mail.Category.CHANGE


@pytest.mark.parametrize(
    ("before", "leaves"),
    [(timedelta(days=3), "08:00"), (timedelta(hours=23), "23:00")],
    ids=["waits for the morning", "starts soon"],
)
def test_at_night_it_waits_unless_it_starts_within_a_day(clock, before, leaves):
    night = datetime(2030, 5, 3, 6, tzinfo=UTC)  # 23:00 in San Francisco
    clock.move_to(night, tick=False)
    user = make_user(COORDINATOR)
    event = make_event(start=night + before, committee=make_committee(user, active_days=60))
    coming(event)
    draft = drafted(event)
    page = logged_in(user).get(reverse("events:mail_draft", args=[event.slug, draft.pk])).content.decode()
    assert ("It is night where the event is" in page) == (leaves == "08:00")
    mailing.send(draft.pk, form_token="s", seen=mailing.state_of(draft), by=user, at=night)
    assert len(deliver_mail()) == (leaves == "23:00")
    assert f"{UPDATES.get().due_at.astimezone(event.tz):%H:%M}" == leaves


# --- The fan-out ------------------------------------------------------------------------------------------
def test_the_tick_puts_them_in_chunks_and_none_twice(event, monkeypatch):
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    coming(event, 5)
    mailed = sent(event)
    counts = []
    for _ in range(5):
        fan_out.put_updates(NOW)
        counts.append(UPDATES.count())
    assert counts == [2, 4, 5, 5, 5]
    mailed.refresh_from_db()
    assert mailed.planned_at == NOW


def test_a_tick_that_dies_in_between_is_made_up_for(event, monkeypatch):
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    parties = coming(event, 3)
    mailed = sent(event)
    monkeypatch.setattr(MailedUpdate, "save", lambda *args, **kwargs: 1 / 0)
    fan_out.put_updates(NOW)
    assert not UPDATES.exists()  # taken back whole
    monkeypatch.undo()
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    mailed.refresh_from_db()
    assert to([mail for _ in range(3) for mail in deliver_mail()]) == addresses(parties)


def half_sent(event, monkeypatch, number=6):
    """An update whose mail has left to half of them, and is in the outbox for the others."""
    monkeypatch.setattr(fan_out, "CHUNK", number // 2)
    parties = coming(event, number)
    mailed = sent(event)
    left = deliver_mail()
    fan_out.put_updates(NOW)
    assert (len(left), UPDATES.count()) == (number // 2, number)
    return mailed, parties, left


def reasons():
    return sorted(UPDATES.exclude(state=State.SENT).values_list("state", "reason"))


def test_cancelled_in_the_middle_the_rest_is_told_only_that_once(event, monkeypatch, clock):
    _mailed, parties, left = half_sent(event, monkeypatch)
    clock.shift(timedelta(minutes=1))
    event_actions.cancel_event(event, by=None, at=timezone.now())
    told = deliver_mail()
    assert [mail.subject for mail in told] == [f"Cancelled: {event.title}"] * 6
    assert to(told) == addresses(parties)
    assert len(left) == 3
    assert reasons() == [("skipped", "cancelled meanwhile")] * 3
    assert deliver_mail() == []


def test_cancelled_before_all_is_put_nothing_more_is_put(event, monkeypatch):
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    coming(event, 6)
    mailed = sent(event)
    deliver_mail()
    event_actions.cancel_event(event, by=None, at=NOW)
    deliver_mail()
    deliver_mail()
    mailed.refresh_from_db()
    assert (UPDATES.count(), mailed.stopped_at) == (2, NOW)


def test_taken_off_in_the_middle_the_rest_gets_none(event, monkeypatch):
    mailed, _parties, _left = half_sent(event, monkeypatch)
    updates.remove_update(mailed.update_id, by=None, at=NOW)
    assert deliver_mail() == []
    assert reasons() == [("skipped", "taken off")] * 3


def test_off_the_site_in_the_middle_the_rest_gets_none(event, monkeypatch):
    half_sent(event, monkeypatch)
    event_actions.unpublish_event(event, by=None, at=NOW)
    assert deliver_mail() == []
    assert reasons() == [("skipped", "not on the site")] * 3


def test_once_it_is_over_the_rest_gets_none(event, monkeypatch, clock):
    half_sent(event, monkeypatch)
    clock.move_to(START + timedelta(hours=3), tick=False)
    deliver_mail()
    assert {reason for _state, reason in reasons()} == {"already over"}


def test_who_cancels_or_is_erased_meanwhile_gets_none(event):
    one, other, stays = coming(event, 3)
    sent(event)
    fan_out.put_updates(NOW)
    rsvps.cancel(one.pk, at=NOW)
    rsvps.erase(other.pk, never_write=False, at=NOW)
    assert to([mail for mail in deliver_mail() if mail.subject.startswith("News")]) == addresses([stays])
    assert {reason for _state, reason in reasons()} == {"cancelled since", "erased"}


def test_it_is_stopped_on_its_page(event, browser, monkeypatch):
    mailed, _parties, _left = half_sent(event, monkeypatch)
    page = reverse("job", args=[mailed.pk])
    text = browser.get(page).content.decode()
    assert '<progress id="job-progress" max="6" value="3">' in text
    assert "Your word to those who are coming" in text
    assert browser.post(page).status_code == 302
    assert deliver_mail() == []
    text = browser.get(page).content.decode()
    assert "It was stopped." in text
    assert "3: stopped before it was sent" in text
    assert AuditEntry.objects.get(action="stop_update").count == 3
    assert event.updates.count() == 1  # it stays on the page


def test_one_that_was_being_sent_when_it_was_stopped_is_not_tried_again(event, monkeypatch):
    mailed, _parties, _left = half_sent(event, monkeypatch)
    mailing.stop(mailed, by=None, at=NOW)
    kept = UPDATES.filter(state=State.SKIPPED)
    kept.update(state=State.WAITING, due_at=NOW, reason="sent again: uncertain whether it went out")
    assert deliver_mail() == []
    assert reasons() == [("skipped", "stopped")] * 3


def test_the_same_form_at_the_same_moment_sends_once(event):
    draft = drafted(event)
    seen = mailing.state_of(draft)
    first, second = (
        mailing.send(draft.pk, form_token="one", seen=seen, by=by(event), at=NOW) for _ in range(2)
    )
    assert (first.pk, first.sent_at) == (second.pk, second.sent_at)
    assert event.updates.count() == 1
    with pytest.raises(mailing.MailingRefused, match="sent"):
        mailing.send(draft.pk, form_token="another", seen=seen, by=by(event), at=NOW)


def test_stopped_before_all_is_put_nothing_more_is_put(event, monkeypatch):
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    coming(event, 6)
    mailed = sent(event)
    fan_out.put_updates(NOW)
    mailing.stop(mailed, by=None, at=NOW)
    fan_out.put_updates(NOW)
    assert UPDATES.count() == 2
    assert deliver_mail() == []


def test_what_is_over_is_not_stopped(event):
    coming(event)
    mailed = sent(event)
    deliver_mail()
    mailing.stop(mailed, by=None, at=NOW)
    mailed.refresh_from_db()
    assert mailed.stopped_at is None


def test_the_page_of_one_that_is_to_be_put_counts_what_comes(event, browser, monkeypatch):
    monkeypatch.setattr(fan_out, "CHUNK", 2)
    coming(event, 5)
    mailed = sent(event)
    fan_out.put_updates(NOW)
    assert (
        '<progress id="job-progress" max="5" value="0">'
        in browser.get(reverse("job", args=[mailed.pk])).content.decode()
    )


def test_what_was_written_before_stands_on_the_page(event, browser):
    done = sent(event)
    text = browser.get(reverse("events:mail", args=[event.slug])).content.decode()
    assert TEXT in text
    assert reverse("job", args=[done.pk]) in text


def test_a_round_of_the_tick_costs_one_query_where_nothing_is_to_be_put(event, django_assert_num_queries):
    with django_assert_num_queries(1):
        fan_out.put_updates(NOW)
