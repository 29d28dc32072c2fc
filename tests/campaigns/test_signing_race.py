"""Signing, changing, rewriting and taking back at the same moment: totals by version add up."""

import random
from functools import partial

import pytest
from django.utils import timezone

from campaigns.actions import appeals, signatures
from campaigns.actions.appeals import AppealRefused
from campaigns.actions.signatures import SignRefused
from campaigns.models import AppealVersion, Signature
from hub import moderation
from hub.models import Review
from hub.moderation import ReviewRefused
from tests import races
from tests.campaigns.signing import TEXTS, counts, details, make_appeal, make_signature
from tests.factories import make_moderator, make_user, new_address

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


def rewrite_from_here(appeal):
    seen = appeals.current(appeal).number
    texts = {**TEXTS, "en": TEXTS["en"]._replace(body=f"Else {random.random()}")}
    appeals.edit_appeal(appeal, details(texts=texts), seen=seen, substantial=True, by=None, at=timezone.now())


def sign_newest_of(signature):
    seen = appeals.current(signature.appeal).number
    signatures.sign_newer(signature.pk, seen=seen, at=timezone.now())


@pytest.mark.parametrize("_round", range(3))
def test_totals_by_version_add_up_whatever_happens_at_once(_round):
    appeal, now = make_appeal(), timezone.now()
    waiting = [make_signature(appeal) for _person in range(12)]
    standing = [make_signature(appeal, confirmed=True) for _person in range(12)]
    members = [make_user() for _person in range(6)]
    calls = [
        *(partial(signatures.confirm, one.pk, now) for one in waiting),
        *(partial(sign_newest_of, one) for one in standing[:8]),
        *(partial(signatures.withdraw, one.pk, at=now) for one in standing[4:]),
        *(partial(make_signature, appeal, member=user) for user in members),
        *(partial(rewrite_from_here, appeal) for _time in range(3)),
    ]
    random.shuffle(calls)
    outcomes = races.at_once([partial(races.outcome, call, SignRefused, AppealRefused) for call in calls])
    assert set(outcomes) <= {"done", "SignRefused", "AppealRefused"}
    assert sum(counts(appeal).values()) == Signature.objects.confirmed().count()
    numbers = list(AppealVersion.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 2


def test_a_counter_that_is_read_and_written_back_does_not_add_up():
    """The control: without the lock, and with a count taken in Python, signatures get lost."""

    def careless(signature):
        version = AppealVersion.objects.get(pk=signature.version_id)
        Signature.objects.filter(pk=signature.pk).update(confirmed_at=timezone.now())
        AppealVersion.objects.filter(pk=version.pk).update(signed=version.signed + 1)

    for _time in range(10):
        appeal = make_appeal()
        waiting = [make_signature(appeal) for _person in range(20)]
        races.at_once([partial(careless, one) for one in waiting])
        if AppealVersion.objects.get(appeal=appeal).signed != 20:
            return
    pytest.fail("nothing got lost: the race of the other tests is none")


def test_one_mailbox_at_once_is_one_signature():
    for _round in range(5):
        appeal, address = make_appeal(), new_address()
        waiting = [make_signature(appeal, email=address) for _time in range(4)]
        races.at_once([partial(signatures.confirm, one.pk, timezone.now()) for one in waiting])
        assert Signature.objects.filter(appeal=appeal).count() == 1
        assert sum(counts(appeal).values()) == 1


def test_confirming_while_it_is_closed():
    """Whatever comes first: what counts was confirmed while it was open."""
    for _round in range(5):
        appeal, now = make_appeal(), timezone.now()
        waiting = [make_signature(appeal) for _person in range(6)]
        races.at_once(
            [
                *(partial(signatures.confirm, one.pk, now) for one in waiting),
                partial(appeals.close_appeal, appeal, by=None, at=now),
            ]
        )
        counts(appeal)


def test_two_editors_at_once_make_one_version():
    appeal = make_appeal()

    def save(words):
        texts = {**TEXTS, "en": TEXTS["en"]._replace(body=words)}
        appeals.edit_appeal(
            appeal, details(texts=texts), seen=1, substantial=True, by=None, at=timezone.now()
        )

    outcomes = races.at_once([partial(races.outcome, partial(save, word), AppealRefused) for word in "ab"])
    assert sorted(outcomes) == ["AppealRefused", "done"]
    assert AppealVersion.objects.count() == 2


def test_a_moderator_decides_while_its_signer_says_something_else():
    """Whatever comes first, nobody waits for the other for ever, and nothing unseen is shown."""
    line = "Rosa L.\nsteward\nLocal 12"
    for _round in range(5):
        appeal, address = make_appeal(), new_address()
        first = make_signature(appeal, email=address, confirmed=True, shown="identification", signed_as=line)
        review = Review.objects.get(object_id=first.pk)
        second = make_signature(
            appeal, email=address, shown="identification", signed_as="Rosa L.\nboss\nLocal 13"
        )
        moderator = make_moderator()
        publish = partial(
            moderation.publish, review, by=moderator, at=timezone.now(), seen=review.submitted_at
        )
        confirm = partial(signatures.confirm, second.pk, timezone.now())
        outcomes = races.at_once(
            [partial(races.outcome, publish, ReviewRefused), partial(races.outcome, confirm)]
        )
        assert outcomes[1] == "done"
        first.refresh_from_db()
        assert first.signed_as == "Rosa L.\nboss\nLocal 13"
        assert first.lines == ["Rosa L."]
        assert Review.objects.waiting().filter(object_id=first.pk).count() == 1
