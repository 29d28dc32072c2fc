"""Submitting and deciding: one outcome, one mail, and never by whoever submitted."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from events.actions.events import EventRefused, publish_event
from events.models import Event
from hub import moderation
from hub.models import AuditEntry, Message, Review, Trust
from hub.moderation import ReviewRefused
from hub.personal import purge_all
from tests import races
from tests.events.hosting import propose, review_of, trust
from tests.factories import deliver_mail, make_moderator, make_user, new_address

pytestmark = pytest.mark.django_db


def mails(review, kind="") -> list[str]:
    about = Message.objects.filter(about_id=review.pk, kind__startswith=f"hub.review_{kind}")
    return list(about.order_by("made_at").values_list("kind", flat=True))


# --- When it is needed ---------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "hours"), [(14, 24), (2.5, 12), (1, -24)])
def test_needed_by_is_a_day_later_or_two_days_before_the_start(days, hours):
    now = timezone.now()
    event = propose(start=now + timedelta(days=days), at=now)
    assert review_of(event).needed_by == now + timedelta(hours=hours)


def test_the_queue_is_in_the_order_of_need():
    now = timezone.now()
    later, urgent = propose(at=now), propose(start=now + timedelta(days=2.2), at=now)
    assert [r.object_id for r in Review.objects.waiting()] == [urgent.pk, later.pk]


def test_only_moderators_and_administrators_read_reviews(member, visitor, admin):
    propose()
    assert not moderation.visible_to(AnonymousUser())
    assert not moderation.visible_to(member.user)
    assert moderation.visible_to(make_moderator()).count() == 1
    assert moderation.visible_to(admin.user).count() == 1


# --- Claiming ------------------------------------------------------------------------------------
def test_a_claim_keeps_others_out_for_half_an_hour():
    review, now = review_of(propose()), timezone.now()
    first, second = make_moderator(), make_moderator()
    moderation.claim(review, by=first, at=now)
    for act in (moderation.claim, moderation.publish, partial(moderation.reject, reason="No")):
        with pytest.raises(ReviewRefused) as refused:
            act(review, by=second, at=now + timedelta(minutes=29))
        assert refused.value.reason == "claimed"
    moderation.claim(review, by=first, at=now + timedelta(minutes=10))  # goes on
    moderation.claim(review, by=second, at=now + timedelta(minutes=41))
    review.refresh_from_db()
    assert review.claimed_by == second
    moderation.publish(review, by=second, at=now + timedelta(minutes=42))


# --- Deciding ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("act", "status", "decision"),
    [
        (moderation.publish, "published", "published"),
        (partial(moderation.send_back, reason="Where?"), "returned", "returned"),
        (partial(moderation.reject, reason="No."), "rejected", "rejected"),
    ],
)
def test_a_decision_changes_the_event_is_audited_and_told_once(act, status, decision):
    event, moderator, now = propose(), make_moderator(), timezone.now()
    review = review_of(event)
    act(review, by=moderator, at=now)
    event.refresh_from_db()
    review.refresh_from_db()
    assert (event.status, review.decision, review.decided_by) == (status, decision, moderator)
    assert mails(review) == ["hub.review_received", f"hub.review_{decision}"]
    assert AuditEntry.objects.filter(action=f"review_{decision}", actor=moderator).count() == 1
    with pytest.raises(ReviewRefused) as refused:
        moderation.publish(review, by=make_moderator(), at=now)
    assert refused.value.reason == decision
    assert len(mails(review)) == 2


def test_publish_and_trust_trusts_the_mailbox_for_next_time():
    address, moderator = new_address(), make_moderator()
    review = review_of(propose(email=address))
    moderation.publish_and_trust(review, by=moderator, at=timezone.now())
    assert Trust.objects.count() == 1
    assert propose(email=address.upper()).status == Event.Status.PUBLISHED


def test_publish_alone_trusts_nobody():
    address = new_address()
    moderation.publish(review_of(propose(email=address)), by=make_moderator(), at=timezone.now())
    assert propose(email=address).status == Event.Status.SUBMITTED


@pytest.mark.parametrize("how", ["account", "address", "address-changed"])
@pytest.mark.parametrize(
    "act",
    [
        moderation.claim,
        moderation.publish,
        moderation.publish_and_trust,
        partial(moderation.send_back, reason="?"),
        partial(moderation.reject, reason="?"),
    ],
)
def test_nobody_decides_on_their_own(how, act):
    moderator = make_moderator()
    event = propose(by=moderator) if how != "address" else propose(email=moderator.email.upper())
    if how == "address-changed":
        moderator.email = new_address()
        moderator.save()
    with pytest.raises(ReviewRefused) as refused:
        act(review_of(event), by=moderator, at=timezone.now())
    assert refused.value.reason == "own"
    assert Event.objects.get().status == Event.Status.SUBMITTED
    assert Review.objects.get().decision == ""
    assert not Trust.objects.exists()


def test_what_changed_while_a_moderator_looked_is_not_decided():
    review, moderator, now = review_of(propose()), make_moderator(), timezone.now()
    with pytest.raises(ReviewRefused) as refused:
        moderation.publish(review, by=moderator, at=now, seen=review.submitted_at - timedelta(seconds=1))
    assert refused.value.reason == "changed"
    moderation.publish(review, by=moderator, at=now, seen=review.submitted_at)


def test_what_is_over_can_not_be_published_and_nothing_is_half_done():
    now = timezone.now()
    event = propose(start=now + timedelta(hours=1), at=now)
    with pytest.raises(ReviewRefused) as refused:
        moderation.publish(review_of(event), by=make_moderator(), at=now + timedelta(days=1))
    assert refused.value.reason == "over"
    assert review_of(event).decision == ""
    assert mails(review_of(event), "published") == []


# --- What is written -----------------------------------------------------------------------------
def test_the_submitter_reads_the_decision_in_their_language_with_the_way_to_go_on():
    address = new_address()
    event = propose(email=address, language="es", title="Mitin en la plaza")
    moderation.send_back(review_of(event), reason="¿Dónde es?", by=make_moderator(), at=timezone.now())
    sent = [mail for mail in deliver_mail() if mail.to == [address] and "Mitin" in mail.body]
    (mail,) = sent  # what it says of having arrived is overtaken
    assert "¿Dónde es?" in mail.body
    assert f"/es/host/{event.host_token}/" in mail.body
    assert mail.extra_headers["Content-Language"] == "es"


def test_a_person_who_is_gone_is_not_written_to():
    event = propose()
    moderation.publish(review_of(event), by=make_moderator(), at=timezone.now())
    moderation.forget_submitter("events.event", event.pk, at=timezone.now())
    assert not [mail for mail in deliver_mail() if "published" in mail.subject.lower()]


# --- Forgetting ----------------------------------------------------------------------------------
def test_a_month_after_the_decision_nobody_is_named_any_more():
    event, moderator, now = propose(by=make_user()), make_moderator(), timezone.now()
    moderation.claim(review_of(event), by=moderator, at=now)
    moderation.send_back(review_of(event), reason="Where?", by=moderator, at=now)
    purge_all(now + timedelta(days=30) - timedelta(seconds=1))
    assert review_of(event).reason == "Where?"
    purge_all(now + timedelta(days=30))
    review = review_of(event)
    assert (review.submitter, review.mailbox, review.claimed_by, review.decided_by) == (None,) * 4
    assert (review.reason, review.decision) == ("", "returned")


def test_what_waits_keeps_its_submitter():
    event = propose()
    moderation.purge_reviews(timezone.now() + timedelta(days=90))
    assert review_of(event).mailbox is not None


# --- At the same moment --------------------------------------------------------------------------
@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_two_moderators_on_one_item_one_outcome_one_mail(_round):
    event, first, second = propose(), make_moderator(), make_moderator()
    review, now = review_of(event), timezone.now()
    outcomes = races.at_once(
        [
            partial(
                races.outcome, partial(moderation.publish_and_trust, review, by=first, at=now), ReviewRefused
            ),
            partial(
                races.outcome,
                partial(moderation.reject, review, reason="No", by=second, at=now),
                ReviewRefused,
            ),
        ]
    )
    assert sorted(outcomes) == ["ReviewRefused", "done"]
    event.refresh_from_db()
    review.refresh_from_db()
    won = "published" if outcomes[0] == "done" else "rejected"
    assert (event.status, review.decision) == (won, won)
    assert mails(review) == ["hub.review_received", f"hub.review_{won}"]
    assert Trust.objects.exists() == (won == "published")


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_the_queue_and_the_admin_at_the_same_moment_one_mail():
    event, first, second = propose(), make_moderator(), make_moderator()
    review, now = review_of(event), timezone.now()
    races.at_once(
        [
            partial(races.outcome, partial(moderation.publish, review, by=first, at=now), ReviewRefused),
            partial(races.outcome, partial(publish_event, event, by=second, at=now), EventRefused),
        ]
    )
    event.refresh_from_db()
    assert event.status == "published"
    assert mails(review) == ["hub.review_received", "hub.review_published"]


def test_trust_is_a_digest_and_outlives_the_mailbox():
    address = new_address()
    trust(address)
    event = propose(email=address)
    assert event.status == Event.Status.PUBLISHED


def test_the_mail_of_what_is_published_gives_the_page_to_share_first(moderator):
    event = propose(email="host@example.org")
    moderation.publish(review_of(event), by=moderator.user, at=timezone.now())
    (mail,) = [mail for mail in deliver_mail() if "It is on the site now" in mail.body]
    public, own = mail.body.index(f"/events/{event.slug}/"), mail.body.index(f"/host/{event.host_token}/")
    assert public < own
