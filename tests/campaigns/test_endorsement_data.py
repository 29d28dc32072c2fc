"""What endorsements keep about people, and when it goes."""

from datetime import timedelta

import pytest
import time_machine as machine
from django.utils import timezone

from campaigns.models import OfficerClaim, Organization
from events.models import EventEndorsement
from hub import accounts, personal
from hub.models import Mailbox, Review
from tests.campaigns.endorsing import claim_for, endorse, in_state, make_organization
from tests.factories import deliver_mail, make_event, make_user, new_address

pytestmark = pytest.mark.django_db


def purge(after: timedelta) -> None:
    with machine.travel(timezone.now() + after):
        personal.purge_all(timezone.now())


def test_what_nobody_confirmed_is_gone_after_a_day_with_its_organization():
    in_state("pending")
    claim_for(make_organization("UE Local 5"))
    purge(timedelta(hours=23))
    assert (EventEndorsement.objects.count(), OfficerClaim.objects.count()) == (1, 1)
    purge(timedelta(hours=24, minutes=1))
    assert (EventEndorsement.objects.count(), OfficerClaim.objects.count()) == (0, 0)
    assert [one.name for one in Organization.objects.all()] == ["UE Local 5"]
    assert not Mailbox.objects.exists()


def test_the_contact_is_kept_while_the_endorsement_stands():
    made = in_state("published")
    deliver_mail()
    purge(timedelta(days=400))
    made.refresh_from_db()
    assert made.mailbox is not None


@pytest.mark.parametrize("state", ["rejected", "archived"])
def test_the_contact_goes_once_it_stands_no_more_and_was_written_to(state):
    made = in_state(state)
    purge(timedelta(minutes=1))
    assert EventEndorsement.objects.get().mailbox is not None  # the mail about it waits
    deliver_mail()
    purge(timedelta(minutes=1))
    made.refresh_from_db()
    assert made.mailbox is None
    purge(timedelta(days=31))
    assert not EventEndorsement.objects.exists()


@pytest.mark.parametrize("state", ["withdrawn", "rejected", "archived"])
def test_an_old_one_is_kept_for_a_month_from_the_day_it_ended(state):
    """However long it stood before."""
    in_state(state)
    deliver_mail()
    EventEndorsement.objects.update(made_at=timezone.now() - timedelta(days=400))
    purge(timedelta(minutes=1))
    purge(timedelta(days=29))
    assert EventEndorsement.objects.exists()
    purge(timedelta(days=30, minutes=1))
    assert not EventEndorsement.objects.exists()


def test_one_that_ended_before_that_day_was_kept_goes_by_its_beginning():
    in_state("archived")
    deliver_mail()
    EventEndorsement.objects.update(ended_at=None)
    purge(timedelta(minutes=1))
    purge(timedelta(days=31))
    assert not EventEndorsement.objects.exists()


def test_a_month_after_it_was_withdrawn_nobody_knows_of_it():
    in_state("withdrawn")
    deliver_mail()
    purge(timedelta(days=29))
    assert EventEndorsement.objects.exists()
    purge(timedelta(days=30, minutes=1))
    assert not EventEndorsement.objects.exists()
    assert not Organization.objects.exists()  # or it would stand in the list again


def test_an_account_is_handed_out_what_it_is_the_contact_of():
    user = make_user()
    made = endorse(by=user, motion="We moved it.")
    endorse(make_event())
    (held,) = personal.export_all(user)["endorsements"]
    assert (held["organization"], held["of"], held["motion"]) == (
        made.organization.name, made.event.title, "We moved it.",
    )  # fmt: skip
    assert personal.export_all(make_user())["endorsements"] == []


def test_an_erased_account_leaves_the_organization_s_endorsement_without_a_contact():
    user = make_user()
    made = endorse(by=user, published=True)
    unproven = endorse(make_event(), email=user.email, confirmed=False)
    claim_for(
        make_organization("UE Local 5", site=f"https://{user.email.partition('@')[2]}"), email=user.email
    )
    personal.erase_all(user, timezone.now())
    made.refresh_from_db()
    assert (made.mailbox, made.stands) == (None, True)
    assert not EventEndorsement.objects.filter(pk=unproven.pk).exists()
    assert not OfficerClaim.objects.exists()
    assert not Review.objects.exclude(mailbox=None, submitter=None).exists()


def test_the_contact_follows_an_account_s_address():
    user, after = make_user(), new_address()
    made = endorse(by=user, published=True)
    unproven = endorse(make_event(), email=user.email, confirmed=False)
    endorse(make_event(), email=after)
    accounts.follow_address(user.email, after, at=timezone.now())
    made = EventEndorsement.objects.select_related("mailbox").get(pk=made.pk)
    assert made.mailbox.is_of(after)
    assert not EventEndorsement.objects.filter(pk=unproven.pk).exists()


def test_what_is_in_the_dump_is_no_address():
    address = "unmistakable.secretary@local12.example.org"
    endorse(email=address, published=True)
    for row in EventEndorsement.objects.values_list():
        assert "unmistakable" not in repr(row)
