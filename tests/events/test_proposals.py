"""What a host does with an event of their own, through the actions."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from committees.models import Membership
from events.actions import proposals
from events.actions.events import EventRefused, edit_event, publish_event, unpublish_event
from events.models import Event
from events.reviews import show, values_of
from hub import moderation, review_threads
from hub.models import AuditEntry, Mailbox, Message, Review, Thread, address_digest
from hub.moderation import ReviewRefused
from hub.personal import purge_all
from tests import races
from tests.events.hosting import changed, confirm, make_committee, propose, review_of, trust
from tests.factories import (
    deliver_mail,
    event_details,
    make_admin,
    make_event,
    make_moderator,
    make_rsvp,
    make_user,
    new_address,
    posted_form,
    slot_of,
)

pytestmark = pytest.mark.django_db


# --- Proposing -----------------------------------------------------------------------------------
def test_a_proposal_waits_for_its_mailbox_then_for_a_moderator():
    event = propose(confirmed=False)
    assert (event.status, Review.objects.count()) == (Event.Status.DRAFT, 0)
    assert event.host.confirmed_at is None
    confirm(event)
    event.refresh_from_db()
    assert event.status == Event.Status.SUBMITTED
    assert review_of(event).mailbox == event.host


def test_no_word_the_sender_typed_is_in_the_mail_to_an_unproven_mailbox():
    event = propose(confirmed=False, title="Buy my watches", host_name="Watch Shop", description="Cheap!")
    (mail,) = deliver_mail()
    whole = mail.subject + mail.body + mail.alternatives[0].content
    for word in ("watches", "Watch Shop", "Cheap"):
        assert word not in whole
    assert f"/host/{event.host_token}/" in mail.body
    assert "/confirm/" in mail.body


def test_the_same_form_sent_twice_acts_once():
    form, address = posted_form()["form_token"], new_address()
    first = propose(email=address, form_token=form)
    second = propose(email=address, form_token=form, confirmed=False)
    assert first.pk == second.pk
    assert Event.objects.count() == Review.objects.count() == 1


def test_an_account_proposes_without_confirming_again():
    user = make_user()
    event = propose(by=user)
    assert event.status == Event.Status.SUBMITTED
    assert review_of(event).submitter == user
    assert bytes(event.host.address_digest) == address_digest(user.email)


def test_confirming_twice_hands_in_once():
    event = propose()
    confirm(event)
    assert Review.objects.count() == 1


def test_one_whose_day_has_passed_before_confirming_stays_a_draft():
    now = timezone.now()
    event = propose(start=now + timedelta(hours=1), confirmed=False, at=now)
    proposals.confirm(event.pk, now + timedelta(hours=5))
    event.refresh_from_db()
    assert event.status == Event.Status.DRAFT


# --- Who publishes at once -------------------------------------------------------------------------
def test_a_trusted_host_publishes_at_once_when_confirmed():
    address = new_address()
    trust(address)
    event = propose(email=address, confirmed=False)
    assert event.status == Event.Status.DRAFT
    confirm(event)
    event.refresh_from_db()
    assert event.status == Event.Status.PUBLISHED
    assert not Review.objects.exists()


def test_a_place_that_is_not_public_always_waits():
    address = new_address()
    trust(address)
    assert propose(email=address, reveal="confirmed").status == Event.Status.SUBMITTED


def test_a_host_s_fourth_event_in_a_day_always_waits():
    address, now = new_address(), timezone.now()
    trust(address)
    states = [propose(by=None, email=address, at=now + timedelta(hours=2 * n)).status for n in range(4)]
    assert states == ["published"] * 3 + ["submitted"]
    assert propose(email=address, at=now + timedelta(hours=31)).status == "published"


@pytest.mark.parametrize(("days", "status"), [(0, "submitted"), (29, "submitted"), (30, "published")])
def test_coordinators_publish_at_once_when_their_committee_is_active_for_a_month(days, status):
    user = make_user()
    committee = make_committee(user, active_days=days)
    event = propose(by=user, committee=committee, at=timezone.now() + timedelta(seconds=1))
    assert event.status == status
    assert event.host_link_hash is None  # it belongs to the coordinators, not to who holds a link


def test_only_its_own_coordinators_propose_for_a_committee():
    committee = make_committee(make_user(), active_days=60)
    other = make_user()
    make_committee(other, active_days=60)
    for user in (other, make_user()):
        with pytest.raises(EventRefused):
            propose(by=user, committee=committee)
    assert not Event.objects.exists()


def test_nobody_proposes_for_a_frozen_committee():
    user = make_user()
    committee = make_committee(user, active_days=60, frozen_at=timezone.now())
    with pytest.raises(EventRefused):
        propose(by=user, committee=committee)


def test_an_event_of_a_hidden_committee_is_for_its_members():
    user = make_user()
    event = propose(by=user, committee=make_committee(user, active_days=60, visibility="hidden"))
    assert event.visibility == Event.Visibility.MEMBERS


# --- Changing --------------------------------------------------------------------------------------
def test_before_publication_a_change_hands_it_in_again_and_keeps_its_place():
    now = timezone.now()
    event = propose(at=now)
    before = review_of(event)
    proposals.change_event(event, changed(event, title="Better"), by=None, at=now + timedelta(hours=3))
    after = review_of(event)
    assert after.pk == before.pk
    assert after.needed_by == before.needed_by
    assert after.submitted_at > before.submitted_at
    event.refresh_from_db()
    assert event.title == "Better"
    assert event.slug.startswith("better-")


def test_before_the_mailbox_is_proven_a_change_hands_nothing_in():
    event = propose(confirmed=False)
    proposals.change_event(event, changed(event, title="Better"), by=None, at=timezone.now())
    event.refresh_from_db()
    assert (event.status, event.title) == (Event.Status.DRAFT, "Better")
    assert not Review.objects.exists()


def test_submit_return_edit_publish_edit_queue():
    moderator, at = make_moderator(), timezone.now()
    event = propose(at=at)
    moderation.send_back(review_of(event), reason="Where?", by=moderator, at=at)
    event.refresh_from_db()
    assert event.status == Event.Status.RETURNED
    proposals.change_event(event, changed(event, venue="Main Library"), by=None, at=at + timedelta(minutes=1))
    event.refresh_from_db()
    assert (event.status, event.venue) == (Event.Status.SUBMITTED, "Main Library")
    assert Review.objects.count() == 2
    moderation.publish(review_of(event), by=moderator, at=at + timedelta(minutes=2))
    event.refresh_from_db()
    assert event.status == Event.Status.PUBLISHED
    proposals.change_event(event, changed(event, title="New"), by=None, at=at + timedelta(minutes=3))
    event.refresh_from_db()
    assert event.title != "New"  # the page stays
    assert event.status == Event.Status.PUBLISHED
    assert values_of(review_of(event)) == {"title": "New"}
    assert b"New" not in bytes(Review.objects.values_list("values", flat=True).get(decision=""))
    moderation.publish(review_of(event), by=moderator, at=at + timedelta(minutes=4))
    event.refresh_from_db()
    assert event.title == "New"
    assert not Review.objects.waiting()


def published(**fields) -> Event:
    event = propose(**fields)
    if event.status != Event.Status.PUBLISHED:
        moderation.publish(review_of(event), by=make_moderator(), at=timezone.now())
    event.refresh_from_db()
    return event


def test_an_edit_counts_on_the_event_as_it_is_when_it_is_approved():
    event, at = published(), timezone.now()
    proposals.change_event(event, changed(event, title="New"), by=None, at=at)
    edit_event(Event.objects.get(), event_details(venue="Main Library"), by=None, at=at)
    moderation.publish(review_of(event), by=make_moderator(), at=at)
    event.refresh_from_db()
    assert (event.title, event.venue) == ("New", "Main Library")


def test_an_approved_move_tells_who_is_coming():
    event, at = published(), timezone.now()
    make_rsvp(event, email=new_address(), confirmed=True)
    later = slot_of(event).start + timedelta(hours=1)
    proposals.change_event(event, changed(event, start=later.isoformat()), by=None, at=at)
    assert not Message.objects.filter(kind="events.changed").exists()
    moderation.publish(review_of(event), by=make_moderator(), at=at)
    assert Message.objects.filter(kind="events.changed").count() == 1


@pytest.mark.parametrize("act", [moderation.send_back, moderation.reject])
def test_a_refused_edit_leaves_the_page_as_it_is(act):
    event = published()
    proposals.change_event(event, changed(event, title="New"), by=None, at=timezone.now())
    act(review_of(event), reason="No", by=make_moderator(), at=timezone.now())
    event.refresh_from_db()
    assert event.status == Event.Status.PUBLISHED
    assert event.title != "New"


def test_a_second_edit_takes_the_place_of_the_first_and_none_withdraws_it():
    event = published()
    for title in ("One", "Two"):
        proposals.change_event(event, changed(event, title=title), by=None, at=timezone.now())
    assert values_of(Review.objects.waiting().get()) == {"title": "Two"}
    proposals.change_event(event, changed(event), by=None, at=timezone.now())
    assert review_of(event).decision == "withdrawn"


def test_a_trusted_host_s_words_count_at_once_but_a_stolen_link_changes_nothing():
    user = make_user(new_address())
    trust(user.email)
    event = published(by=user)
    for words in ({"title": "Evil"}, {"description": "Moved to the pier."}, {"capacity": 1}):
        proposals.change_event(event, changed(event, **words), by=None, at=timezone.now())
        assert values_of(review_of(event)) == words
    event.refresh_from_db()
    assert event.title != "Evil"
    proposals.change_event(event, changed(event, title="New"), by=user, at=timezone.now())
    event.refresh_from_db()
    assert event.title == "New"
    later = slot_of(event).start + timedelta(hours=1)
    for move in ({"start": later.isoformat()}, {"venue": "Elsewhere"}, {"online_link": "https://x.example"}):
        proposals.change_event(event, changed(event, **move), by=None, at=timezone.now())
        assert values_of(review_of(event)) == move
    event.refresh_from_db()
    assert event.venue == "Civic Center Plaza"


def test_a_coordinator_s_edit_counts_at_once_and_not_after_the_role_is_gone():
    user = make_user()
    event = published(by=user, committee=make_committee(user))
    proposals.change_event(event, changed(event, venue="Main Library"), by=user, at=timezone.now())
    event.refresh_from_db()
    assert event.venue == "Main Library"
    Membership.objects.all().delete()
    proposals.change_event(event, changed(event, venue="Elsewhere"), by=user, at=timezone.now())
    event.refresh_from_db()
    assert event.venue == "Main Library"


def test_a_place_that_is_no_longer_public_waits_even_for_a_coordinator():
    user = make_user()
    event = published(by=user, committee=make_committee(user))
    proposals.change_event(event, changed(event, reveal="confirmed"), by=user, at=timezone.now())
    event.refresh_from_db()
    assert event.place_is_public
    assert Review.objects.waiting().count() == 1


def test_what_was_rejected_takes_no_change():
    event = propose()
    moderation.reject(review_of(event), reason="No", by=make_moderator(), at=timezone.now())
    with pytest.raises(EventRefused):
        proposals.change_event(event, changed(event, title="New"), by=None, at=timezone.now())


def test_what_was_taken_off_the_site_goes_to_a_moderator_even_of_the_trusted():
    address = new_address()
    trust(address)
    event = published(email=address)
    unpublish_event(event, by=None, at=timezone.now())
    proposals.change_event(event, changed(event, title="New"), by=None, at=timezone.now())
    event.refresh_from_db()
    assert event.status == Event.Status.SUBMITTED


# --- Taking back, and being forgotten ------------------------------------------------------------
def test_taking_it_back_deletes_it_with_the_address():
    event = propose()
    review = review_of(event)
    proposals.withdraw(event, by=None, at=timezone.now())
    assert not Event.objects.exists()
    assert not Mailbox.objects.exists()
    review.refresh_from_db()
    assert review.decision == "withdrawn"
    with pytest.raises(moderation.ReviewRefused) as refused:
        moderation.publish(review, by=make_moderator(), at=timezone.now())
    assert refused.value.reason == "withdrawn"
    assert show(review) is None


def test_what_is_published_can_not_be_taken_back():
    event = published()
    with pytest.raises(EventRefused):
        proposals.withdraw(event, by=None, at=timezone.now())
    event.refresh_from_db()
    assert event.status == Event.Status.PUBLISHED
    assert review_of(event).mailbox is not None


def test_a_host_is_forgotten_and_the_event_stays():
    event = published()
    proposals.forget_host(event, at=timezone.now())
    event.refresh_from_db()
    assert (event.status, event.host) == (Event.Status.PUBLISHED, None)
    assert not Mailbox.objects.exists()
    assert review_of(event).mailbox is None


def test_a_proposal_nobody_confirms_is_gone_after_a_day():
    at = timezone.now()
    event = propose(confirmed=False, at=at)
    kept = propose(at=at)
    operators = make_event(published=False)
    purge_all(at + timedelta(hours=24) - timedelta(seconds=1))
    assert Event.objects.filter(pk=event.pk).exists()
    purge_all(at + timedelta(hours=24))
    assert set(Event.objects.all()) == {kept, operators}
    assert Mailbox.objects.count() == 1


def test_a_host_s_address_goes_a_month_after_the_event():
    event = published()
    end = slot_of(event).end
    purge_all(end + timedelta(days=30) - timedelta(seconds=1))
    event.refresh_from_db()
    assert event.host is not None
    purge_all(end + timedelta(days=30))
    event.refresh_from_db()
    assert event.host is None
    assert not Mailbox.objects.exists()


# --- Other doors -----------------------------------------------------------------------------------
def test_publishing_by_another_door_settles_the_review():
    event, administrator = propose(), make_user()
    publish_event(event, by=administrator, at=timezone.now())
    review = review_of(event)
    assert (review.decision, review.decided_by) == ("published", administrator)
    assert Message.objects.filter(kind="hub.review_published").count() == 1


def test_nobody_publishes_their_own_by_another_door_either():
    user = make_user()
    event = propose(by=user)
    with pytest.raises(EventRefused) as refused:
        publish_event(event, by=user, at=timezone.now())
    assert refused.value.reason == "own"


# --- What a moderator is shown ---------------------------------------------------------------------
def test_a_difference_says_before_and_after():
    event = published(reveal="public")
    proposals.change_event(event, changed(event, title="New", capacity=40), by=None, at=timezone.now())
    thing = show(review_of(event))
    assert ("Title", "Rally for a Labor Party", "New") in thing["changes"]
    assert ("How many people fit?", "–", "40") in thing["changes"]
    assert len(thing["changes"]) == 2
    assert thing["event"].title == "New"  # as it will look
    assert Event.objects.get().title == "Rally for a Labor Party"


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"title": "Rally for Labor Party!"}, True),
        ({"title": "Rally for a labor party", "lat": 37.80, "lon": -122.41, "venue": "Elsewhere"}, True),
        ({"title": "Rally for a labor party", "lat": 37.95, "lon": -122.41, "venue": "Elsewhere"}, False),
        ({"title": "Union picnic"}, False),
        ({"reveal": "confirmed"}, False),
        ({"start": timezone.now() + timedelta(days=16)}, False),
    ],
)
def test_suspects_are_public_near_alike_and_on_the_same_day(other, found):
    make_event(**other)
    thing = show(review_of(propose()))
    assert bool(thing["suspects"]) is found


def test_a_place_that_is_not_public_has_no_suspects():
    make_event()
    assert show(review_of(propose(reveal="confirmed")))["suspects"] == []


# --- At the same moment --------------------------------------------------------------------------
@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_taking_back_publishing_and_changing_at_the_same_moment(_round):
    """Whatever comes first, nothing is half done and nobody waits for another for ever."""
    event, moderator, now = propose(), make_moderator(), timezone.now()
    review, details = review_of(event), changed(event, title="New")
    outcomes = races.at_once(
        [
            partial(
                races.outcome,
                partial(moderation.publish, review, by=moderator, at=now),
                moderation.ReviewRefused,
            ),
            partial(
                races.outcome,
                partial(proposals.withdraw, event, by=None, at=now),
                EventRefused,
            ),
            partial(
                races.outcome,
                partial(proposals.change_event, event, details, by=None, at=now),
                EventRefused,
                Event.DoesNotExist,
            ),
        ]
    )
    review.refresh_from_db()
    left = Event.objects.filter(pk=event.pk).first()
    if outcomes[1] == "done":
        assert left is None
        assert review.decision == "withdrawn"
    else:
        assert left.status == Event.Status.PUBLISHED
        assert outcomes[0] == "done"


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_confirming_twice_at_the_same_moment_hands_in_once():
    event, now = propose(confirmed=False), timezone.now()
    races.at_once([partial(proposals.confirm, event.pk, now)] * 2)
    assert Review.objects.filter(object_id=event.pk).count() == 1


@pytest.mark.alone
@pytest.mark.django_db(transaction=True)
def test_four_at_the_same_moment_publish_three():
    address, now = new_address(), timezone.now()
    trust(address)
    events = [propose(email=address, confirmed=False) for _ in range(4)]
    races.at_once([partial(proposals.confirm, event.pk, now) for event in events])
    assert sorted(Event.objects.values_list("status", flat=True)) == ["published"] * 3 + ["submitted"]


# --- Nobody decides on their own thing, by no door ---------------------------------------------------
@pytest.mark.parametrize("how", ["account", "address", "tagged"])
def test_a_moderator_who_erases_themselves_as_host_still_can_not_decide(how):
    moderator = make_moderator("mod@example.org")
    tagged = {"address": "mod@example.org", "tagged": "Mod+x@example.org"}
    event = propose(by=moderator) if how == "account" else propose(email=tagged[how])
    with pytest.raises(ReviewRefused, match="own"):
        moderation.publish(review_of(event), by=moderator, at=timezone.now())
    proposals.forget_host(event, at=timezone.now())
    review = review_of(event)
    assert (review.mailbox, review.submitter, review.decision) == (None, moderator, "")
    with pytest.raises(ReviewRefused, match="own"):
        moderation.publish(review, by=moderator, at=timezone.now())
    moderation.publish(review, by=make_moderator(), at=timezone.now())
    assert Event.objects.get().status == Event.Status.PUBLISHED


@pytest.mark.parametrize("edited", [False, True])
def test_nor_on_what_they_change_by_the_link_of_what_they_forgot(edited):
    moderator, now = make_moderator("mod@example.org"), timezone.now()
    event = published(by=moderator)
    if edited:
        proposals.change_event(event, changed(event, title="One"), by=moderator, at=now)
    proposals.forget_host(event, at=now)
    proposals.change_event(event, changed(event, title="Two"), by=None, at=now)
    with pytest.raises(ReviewRefused, match="own"):
        moderation.publish(review_of(event), by=moderator, at=now)


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("make", [make_moderator, make_admin])
def test_what_somebody_else_rejected_its_author_does_not_publish_in_the_admin(make, forgotten):
    author, now = make("mod@example.org"), timezone.now()
    event = propose(by=author)
    moderation.reject(review_of(event), reason="No.", by=make_moderator(), at=now)
    if forgotten:
        proposals.forget_host(event, at=now)
    with pytest.raises(EventRefused, match="own"):
        publish_event(event, by=author, at=now)
    assert publish_event(event, by=make_moderator(), at=now).status == Event.Status.PUBLISHED


def test_what_was_published_once_its_author_may_put_back():
    author, now = make_moderator("mod@example.org"), timezone.now()
    event = propose(by=author)
    moderation.publish(review_of(event), by=make_moderator(), at=now)
    proposals.change_event(event, changed(event, title="Other"), by=author, at=now)
    moderation.reject(review_of(event), reason="No.", by=make_moderator(), at=now)  # the edit only
    unpublish_event(event, by=author, at=now)
    assert publish_event(event, by=author, at=now).status == Event.Status.PUBLISHED


def test_forgetting_a_host_takes_their_name_an_edit_that_waits_and_what_was_written():
    event, now = published(email="host@example.org", host_name="Rosa One"), timezone.now()
    moderator = make_moderator()
    token = posted_form()["form_token"]
    review = review_of(event)
    review_threads.ask_submitter(review, text="Where?", form_token=token, by=moderator, at=now)
    proposals.change_event(event, changed(event, host_name="Rosa Two"), by=None, at=now)
    waiting = review_of(event)
    proposals.forget_host(event, at=now)
    event.refresh_from_db()
    waiting.refresh_from_db()
    assert (event.host, event.host_name, event.status) == (None, "", Event.Status.PUBLISHED)
    assert (waiting.decision, waiting.values, waiting.mailbox) == ("withdrawn", "", None)
    assert not Thread.objects.exists()
    assert not Mailbox.objects.filter(address_digest=address_digest("host@example.org")).exists()


def test_the_audit_log_quotes_no_host_s_name():
    event = published()
    edit_event(event, changed(event, host_name="Rosa Two", title="Other"), by=None, at=timezone.now())
    changes = AuditEntry.objects.get(action="edit_event").changes
    assert "title" in changes
    assert "host_name" not in changes
