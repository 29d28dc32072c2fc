"""Two hands at the same moment on one organization's endorsement."""

from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.actions import endorsements, officers, organizations
from campaigns.models import OfficerClaim, Organization
from events.models import EventEndorsement
from hub import accounts, moderation
from hub.models import Review, User
from hub.moderation import ReviewRefused
from tests import races
from tests.campaigns.endorsing import claim_for, endorse, kind_of, make_organization, review_of
from tests.factories import make_event, make_moderator, make_user

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]
ROUNDS = 8


def test_two_of_one_organization_confirmed_at_once_are_one():
    for _round in range(ROUNDS):
        event, organization = make_event(), make_organization()
        kind = kind_of(event)
        both = [endorse(event, organization, confirmed=False) for _n in range(2)]
        races.at_once([partial(endorsements.confirm, kind, one.pk, timezone.now()) for one in both])
        assert EventEndorsement.objects.standing().filter(event=event).count() == 1
        ids = [one.pk for one in both]
        assert Review.objects.waiting().filter(object_id__in=ids).count() == 1


def test_without_the_lock_the_database_refuses_the_second(monkeypatch):
    """The control: with the lock off, two that meet are stopped by the constraint."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    monkeypatch.setattr(organizations, "lock_if_there", lambda pk: Organization.objects.get(pk=pk))
    refused = 0
    for _round in range(ROUNDS * 3):
        event, organization = make_event(), make_organization()
        kind = kind_of(event)
        both = [endorse(event, organization, confirmed=False) for _n in range(2)]
        calls = [
            partial(races.outcome, partial(endorsements.confirm, kind, one.pk, timezone.now()), Exception)
            for one in both
        ]
        refused += sum(outcome != "done" for outcome in races.at_once(calls))
        assert EventEndorsement.objects.standing().filter(event=event).count() == 1
    assert refused


def test_withdrawn_and_published_at_once_it_is_withdrawn():
    from_queue = make_moderator()
    for _round in range(ROUNDS):
        made = endorse(make_event(), make_organization())
        kind, review = kind_of(made.event), review_of(made)
        publishing = partial(publish, review, from_queue)
        races.at_once(
            [
                partial(races.outcome, publishing, ReviewRefused),
                partial(endorsements.withdraw, kind, made.pk, by=None, at=timezone.now()),
            ]
        )
        made.refresh_from_db()
        assert made.withdrawn_at is not None
        assert not EventEndorsement.objects.listed().filter(pk=made.pk).exists()
        assert not Review.objects.waiting().filter(pk=review.pk).exists()


def publish(review, by):
    moderation.publish(review, by=by, at=timezone.now())


def test_merged_and_confirmed_at_once_there_is_one():
    for _round in range(ROUNDS):
        event, doubled, into = make_event(), make_organization("IBT 12"), make_organization()
        kind = kind_of(event)
        endorse(event, into)
        second = endorse(event, doubled, confirmed=False)
        races.at_once(
            [
                partial(endorsements.confirm, kind, second.pk, timezone.now()),
                partial(organizations.merge, doubled, into, by=None, at=timezone.now()),
            ]
        )
        assert EventEndorsement.objects.standing().filter(event=event).count() == 1


def test_merged_while_one_is_sent_it_is_the_other_one_s():
    for _round in range(ROUNDS * 2):
        event, doubled, into = make_event(), make_organization("IBT 12"), make_organization()
        races.at_once(
            [
                partial(endorse, event, doubled, confirmed=False),
                partial(claim_for, doubled, email=f"o{_round}@local12.example.org"),
                partial(organizations.merge, doubled, into, by=None, at=timezone.now()),
            ]
        )
        assert EventEndorsement.objects.get(event=event).organization == into
        assert OfficerClaim.objects.filter(organization=into).count() == 1


def test_merged_while_somebody_proves_to_act_for_one_they_act_for_the_other():
    for _round in range(ROUNDS * 2):
        event, doubled, into = make_event(), make_organization("IBT 12"), make_organization()
        made, claim = endorse(event, doubled), claim_for(doubled, email=f"o{_round}@local12.example.org")
        races.at_once(
            [
                partial(officers.confirm, claim.pk, timezone.now()),
                partial(organizations.merge, doubled, into, by=None, at=timezone.now()),
            ]
        )
        made.refresh_from_db()
        assert (made.organization, made.mailbox) == (into, claim.mailbox)
        assert not OfficerClaim.objects.filter(pk=claim.pk).exists()


def test_merged_while_a_moderator_decides_on_the_other_one_nobody_waits_for_ever():
    from_queue = make_moderator()
    for _round in range(ROUNDS * 2):
        event, doubled, into = make_event(), make_organization("IBT 12"), make_organization()
        earlier, later = endorse(event, doubled), endorse(event, into)
        races.at_once(
            [
                partial(races.outcome, partial(publish, review_of(later), from_queue), ReviewRefused),
                partial(organizations.merge, doubled, into, by=None, at=timezone.now()),
            ]
        )
        assert EventEndorsement.objects.standing().get(event=event) == earlier


def test_an_account_that_is_erased_while_a_moderator_decides_waits_for_nobody_for_ever():
    from_queue = make_moderator()
    for _round in range(ROUNDS * 2):
        member = make_user()
        made = endorse(make_event(), make_organization(), by=member)
        races.at_once(
            [
                partial(races.outcome, partial(publish, review_of(made), from_queue), ReviewRefused),
                partial(accounts.erase_account, member, at=timezone.now()),
            ]
        )
        made.refresh_from_db()
        assert (made.mailbox, made.stands) == (None, True)
        assert not User.objects.filter(pk=member.pk).exists()


def test_taken_over_and_withdrawn_at_once_leaves_a_dead_link_or_a_new_contact():
    for _round in range(ROUNDS):
        organization = make_organization()
        made = endorse(make_event(), organization, published=True)
        claim = claim_for(organization)
        races.at_once(
            [
                partial(officers.confirm, claim.pk, timezone.now()),
                partial(endorsements.withdraw, kind_of(made.event), made.pk, by=None, at=timezone.now()),
            ]
        )
        made.refresh_from_db()
        assert made.withdrawn_at is not None
        assert made.mailbox is None
