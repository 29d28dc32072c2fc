"""The queue and its items, as a moderator's browser meets them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from events.actions import proposals
from events.models import Event
from hub import moderation
from hub.models import Message, Review, Trust
from hub.zones import hour_text
from tests.campaigns import endorsing
from tests.campaigns.endorsing import write_appeal
from tests.campaigns.signing import make_signature
from tests.events.hosting import changed, in_state, propose, review_in_state, review_of, trust
from tests.factories import deliver_mail, make_event, make_moderator, new_address

pytestmark = pytest.mark.django_db


def opened(client, review) -> str:
    answer = client.get(f"/moderation/{review.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def decide(client, review, act, **fields):
    """Press a button of the item's page as it was opened."""
    seen = re.search(r'name="seen" value="([^"]+)"', opened(client, review))
    return client.post(f"/moderation/{review.pk}/", {"act": act, "seen": seen[1] if seen else "", **fields})


# --- The list ------------------------------------------------------------------------------------
def test_the_queue_lists_by_need_and_says_what_is_urgent_or_late(moderator):
    now = timezone.now()
    propose(title="Calm", at=now)
    propose(title="Urgent", start=now + timedelta(days=2.2), at=now)
    propose(title="Late", start=now + timedelta(days=1), at=now)
    page = moderator.get("/moderation/").content.decode()
    places = [page.index(title) for title in (">Late<", ">Urgent<", ">Calm<")]
    assert places == sorted(places)
    assert page.count("badge-cancelled") == page.count("badge-few") == 1


def test_the_queue_is_paged(moderator):
    for number in range(21):
        propose(title=f"Number {number}")
    assert moderator.get("/moderation/").content.decode().count("/moderation/") >= 20
    first, second = moderator.get("/moderation/"), moderator.get("/moderation/?page=2")
    assert len(first.context["items"]) == 20
    assert len(second.context["items"]) == 1
    assert moderator.get("/moderation/?page=x").status_code == 200
    assert moderator.get("/moderation/?page=99").status_code == 200


def test_an_empty_queue_says_so(moderator):
    assert "Nothing is waiting." in moderator.get("/moderation/").content.decode()


def test_a_role_that_is_taken_away_acts_on_the_next_request(moderator):
    review = review_of(propose())
    assert moderator.get("/moderation/").status_code == 200
    moderator.user.groups.clear()
    assert moderator.get("/moderation/").status_code == 404
    assert moderator.post(f"/moderation/{review.pk}/", {"act": "publish"}).status_code == 404
    assert Event.objects.get().status == Event.Status.SUBMITTED


def test_others_can_not_decide_either(member, visitor, coordinator):
    review = review_of(propose())
    for client in (member, visitor, coordinator):
        assert client.post(f"/moderation/{review.pk}/", {"act": "publish"}).status_code == 404
    assert Event.objects.get().status == Event.Status.SUBMITTED


@pytest.mark.parametrize("path", ["/moderation/", "/moderation/{}/"])
def test_without_a_second_factor_nothing_is_shown(moderator, settings, path):
    settings.DEMO = False
    path = path.format(review_of(propose(title="A secret plan")).pk)
    answer = moderator.get(path)
    assert answer["Location"] == f"/account/second/app/?next={path}"
    assert "A secret plan" not in answer.content.decode()


# --- One item ------------------------------------------------------------------------------------
def test_an_item_shows_the_event_and_never_the_address(moderator):
    address = new_address()
    page = opened(moderator, review_of(propose(email=address, title="Big rally", host_name="Los Amigos")))
    for text in ("Big rally", "Los Amigos", "355 McAllister Street", "Bring a friend.", "without an account"):
        assert text in page
    assert address not in page
    assert str(Event.objects.get().host_id) not in page


def test_an_edit_is_shown_as_before_and_after(moderator):
    page = opened(moderator, review_of(in_state("changed")))
    assert "<del>Rally for a Labor Party</del>" in page
    assert "<ins>Another title</ins>" in page


def test_suspects_are_named(moderator):
    make_event(title="Rally for Labor Party", venue="Plaza of the Suspect")
    page = opened(moderator, review_of(propose()))
    assert "Is it here already?" in page
    assert "Plaza of the Suspect" in page


def test_a_script_in_a_description_stays_text(moderator):
    page = opened(moderator, review_of(propose(description="<script>x()</script>", title="<b>T</b>")))
    assert "<script>x()" not in page
    assert "<b>T</b>" not in page


def test_after_a_new_hand_in_the_round_before_stands_there(moderator):
    event, other = propose(), propose()
    decide(moderator, review_of(other), "return", words="The other one's reason.")
    assert "Decided before" not in opened(moderator, review_of(event))
    decide(moderator, review_of(event), "return", words="Which <b>gate</b>?")
    proposals.change_event(event, changed(event, venue="North gate"), by=None, at=timezone.now())
    page = opened(moderator, review_of(event))
    assert "Returned by a moderator:" in page
    assert "Which &lt;b&gt;gate&lt;/b&gt;?" in page
    assert "The other one" not in page
    assert moderator.user.email not in page


def test_of_an_edit_the_round_before_stands_there_too(moderator):
    event = in_state("changed")
    decide(moderator, review_of(event), "reject", words="No such title.")
    proposals.change_event(event, changed(event, title="A third title"), by=None, at=timezone.now())
    page = opened(moderator, review_of(event))
    assert "A change was rejected by a moderator:" in page
    assert "No such title." in page


@pytest.mark.parametrize(
    ("own", "submitted", "needed"),
    [
        ("", "December 1, 2026, 11:00 AM PST", "December 2, 2026, 11:00 AM PST"),
        ("America/New_York", "December 1, 2026, 2:00 PM EST", "December 2, 2026, 2:00 PM EST"),
        ("America/Sao_Paulo", "December 1, 2026, 4:00 PM UTC-3", "December 2, 2026, 4:00 PM UTC-3"),
    ],
)
def test_times_are_in_the_moderator_s_zone_or_in_the_thing_s(moderator, own, submitted, needed):
    moderator.user.time_zone = own
    moderator.user.save()
    review = review_of(propose())
    at = datetime(2026, 12, 1, 19, tzinfo=UTC)
    until = timezone.now() + timedelta(minutes=10)
    Review.objects.update(submitted_at=at, needed_by=at + timedelta(days=1), claimed_until=until)
    Review.objects.update(claimed_by=moderator.user)
    page = opened(moderator, review)
    assert f">{submitted}</time>" in page
    assert f">{needed}</time>" in page
    assert f"until {hour_text(until, own or 'America/Los_Angeles')}." in page
    assert f">{needed}</time>" in moderator.get("/moderation/").content.decode()
    assert " UTC<" not in page


def test_all_hours_of_the_list_are_in_one_zone(moderator):
    propose(city="Chicago", region="IL", postal_code="60601", zone="America/Chicago")
    for _ in range(2):
        propose()
    zones = re.findall(r"Needed by.*?([A-Z]+)</time>", moderator.get("/moderation/").content.decode())
    assert len(zones) == 3
    assert set(zones) <= {"PST", "PDT"}


def test_an_edit_of_the_hour_says_its_zone(moderator):
    event = in_state("approved")
    later = changed(event)
    later.start += timedelta(hours=1)
    later.end += timedelta(hours=1)
    proposals.change_event(event, later, by=None, at=timezone.now())
    page = opened(moderator, review_of(event))
    assert re.search(r"<ins>[-\d]+ \d+:\d\d [AP]M P[SD]T</ins>", re.sub(r"</?p>", "", page))


# --- Deciding ------------------------------------------------------------------------------------
def test_after_a_decision_the_next_item_opens(moderator):
    now = timezone.now()
    first = review_of(propose(title="First", start=now + timedelta(days=2.5), at=now))
    second = review_of(propose(title="Second", at=now))
    answer = decide(moderator, first, "publish")
    assert answer.headers["Location"] == f"/moderation/{second.pk}/"
    page = moderator.get(answer.headers["Location"]).content.decode()
    assert 'Published: <span lang="en">First</span>' in page
    answer = decide(moderator, second, "return", reason="place")
    assert answer.headers["Location"] == "/moderation/"


def test_the_next_item_is_one_nobody_else_looks_at_and_not_one_s_own(moderator):
    review, other = review_of(propose()), review_of(propose())
    propose(by=moderator.user)
    moderation.claim(other, by=make_moderator(), at=timezone.now())
    assert decide(moderator, review, "publish").headers["Location"] == "/moderation/"


def test_publish_and_trust(moderator):
    decide(moderator, review_of(propose()), "trust")
    assert Event.objects.get().status == Event.Status.PUBLISHED
    assert Trust.objects.count() == 1


def test_who_is_trusted_already_is_not_offered_trust(moderator):
    address = new_address()
    trust(address)
    page = opened(moderator, review_of(propose(email=address, reveal="confirmed")))
    assert 'value="publish"' in page
    assert 'value="trust"' not in page


@pytest.mark.parametrize(("act", "status"), [("return", "returned"), ("reject", "rejected")])
def test_a_reason_from_the_list_and_in_own_words_reaches_the_submitter(moderator, act, status):
    address = new_address()
    event = propose(email=address, language="es")
    decide(moderator, review_of(event), act, reason="place", words="Gracias por la idea.")
    event.refresh_from_db()
    assert event.status == status
    reason = review_of(event).reason
    assert reason.endswith("Gracias por la idea.")
    (mail,) = [mail for mail in deliver_mail() if "Gracias" in mail.body]
    assert mail.to == [address]


@pytest.mark.parametrize("act", ["return", "reject"])
def test_without_a_reason_nothing_is_returned_or_rejected(moderator, act):
    answer = decide(moderator, review_of(propose()), act, words="   ")
    assert answer.status_code == 422
    assert "Choose a reason or write one." in answer.content.decode()
    assert Review.objects.get().decision == ""


def test_a_reason_too_long_comes_back_with_what_was_typed(moderator):
    answer = decide(moderator, review_of(propose()), "return", words="long " * 300)
    assert answer.status_code == 422
    assert "long long" in answer.content.decode()


def test_one_s_own_is_a_sentence(moderator):
    review = review_of(propose(by=moderator.user))
    assert 'value="publish"' not in opened(moderator, review)
    answer = moderator.post(f"/moderation/{review.pk}/", {"act": "publish"})
    assert answer.status_code == 403
    assert "somebody else has to decide" in answer.content.decode()
    assert Event.objects.get().status == Event.Status.SUBMITTED


def test_claimed_by_another_is_a_sentence_until_it_runs_out(moderator):
    review, now = review_of(propose()), timezone.now()
    moderation.claim(review, by=make_moderator(), at=now)
    assert "After that you can take it over." in opened(moderator, review)
    answer = moderator.post(f"/moderation/{review.pk}/", {"act": "publish"})
    assert answer.status_code == 409
    assert Event.objects.get().status == Event.Status.SUBMITTED
    assert "Somebody is looking at it" in moderator.get("/moderation/").content.decode()
    Review.objects.update(claimed_until=now)
    assert decide(moderator, review, "publish").status_code == 302


def test_claiming_says_so(moderator):
    review = review_of(propose())
    assert decide(moderator, review, "claim").headers["Location"] == f"/moderation/{review.pk}/"
    assert "The others see that you are looking at it" in opened(moderator, review)
    assert "You are looking at it" in moderator.get("/moderation/").content.decode()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [("withdrawn-one", "There is nothing to decide."), ("decided", "It was returned already")],
)
def test_what_is_withdrawn_or_decided_is_a_sentence_and_nothing_changes(moderator, state, sentence):
    review = review_in_state(state)
    before, mails = Review.objects.values().get(), Message.objects.count()
    answer = moderator.post(f"/moderation/{review.pk}/", {"act": "publish", "seen": ""})
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert Review.objects.values().get() == before
    assert Message.objects.count() == mails


def test_what_was_changed_meanwhile_is_read_again(moderator):
    event = propose()
    review = review_of(event)
    seen = re.search(r'name="seen" value="([^"]+)"', opened(moderator, review))[1]
    proposals.change_event(event, changed(event, title="Swapped"), by=None, at=timezone.now())
    answer = moderator.post(f"/moderation/{review.pk}/", {"act": "publish", "seen": seen})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "It was changed while you looked at it." in page
    assert "Swapped" in page
    assert Event.objects.get().status == Event.Status.SUBMITTED


def test_an_act_nobody_offers_does_nothing(moderator):
    review = review_of(propose())
    assert decide(moderator, review, "explode").status_code == 302
    assert Review.objects.get().decision == ""


def test_every_button_has_a_key(moderator):
    page = opened(moderator, review_of(propose()))
    assert re.findall(r'value="(\w+)" accesskey="(\w)"', page) == [
        ("publish", "p"),
        ("trust", "t"),
        ("claim", "c"),
        ("return", "r"),
        ("reject", "j"),
    ]
    assert "T publish and trust" in page


def test_reasons_are_those_of_the_kind(moderator):
    call = write_appeal()
    signature = make_signature(call, confirmed=True, shown="identification", signed_as="R\nsteward\nUE")
    offered = {}
    for name, review in (
        ("event", review_of(propose())),
        ("endorsement", endorsing.review_of(endorsing.endorse(call))),
        ("signature", Review.objects.get(object_id=signature.pk)),
    ):
        page = opened(moderator, review)
        select = page.partition('<select name="reason"')[2].partition("</select>")[0]
        offered[name] = re.findall(r'value="(\w+)"', select)
        assert ("T publish and trust" in page) == (name == "event")
    assert offered == {
        "event": ["place", "time", "text", "twice", "campaign", "names"],
        "endorsement": ["name", "decision", "site", "twice", "names"],
        "signature": ["unknown", "more", "harm"],
    }
    review = Review.objects.get(object_id=signature.pk)
    assert decide(moderator, review, "return", reason="place").status_code == 422
    decide(moderator, review, "return", reason="unknown")
    assert Review.objects.get(pk=review.pk).reason == "We know of no such organization."


def test_lines_of_signatures_and_endorsements_are_told_apart_in_the_list(moderator):
    call = write_appeal()
    for line in ("Rosa L\nsteward\nUE", "Eugene D\nmember\nIWW"):
        make_signature(call, confirmed=True, shown="identification", signed_as=line)
    endorsing.endorse(call)
    page = moderator.get("/moderation/").content.decode()
    assert "The line of a signature: steward, UE" in page
    assert "The line of a signature: member, IWW" in page
    assert endorsing.LOCAL_12.name in page
    assert "Rosa" not in page


def test_the_admin_and_the_queue_come_to_the_same(admin, moderator):
    """Publishing in the admin settles what waits in the queue, with the same mail."""
    by_queue, by_admin = propose(title="By the queue"), propose(title="By the admin")
    decide(moderator, review_of(by_queue), "publish")
    admin.post("/admin/events/event/", {"action": "act_publish", "_selected_action": [str(by_admin.pk)]})
    for event in (by_queue, by_admin):
        event.refresh_from_db()
        review = review_of(event)
        assert (event.status, review.decision) == (Event.Status.PUBLISHED, "published")
        assert Message.objects.filter(kind="hub.review_published", about_id=review.pk).count() == 1
    assert "Nothing is waiting." in moderator.get("/moderation/").content.decode()


def test_the_admin_does_not_publish_its_own(admin):
    event = propose(by=admin.user)
    answer = admin.post(
        "/admin/events/event/", {"action": "act_publish", "_selected_action": [str(event.pk)]}, follow=True
    )
    event.refresh_from_db()
    assert event.status == Event.Status.SUBMITTED
    assert "somebody else has to decide" in answer.content.decode()


@pytest.mark.parametrize("seen", ["2026-02-30T10:00:00", "2026-02-01T25:00:00Z"])
def test_a_moment_that_does_not_exist_is_not_what_stands_there_now(moderator, seen):
    review = review_of(propose())
    answer = moderator.post(f"/moderation/{review.pk}/", {"act": "publish", "seen": seen})
    assert answer.status_code == 409
    assert review_of(Event.objects.get()).decision == ""
