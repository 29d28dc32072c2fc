"""Endorsing in an organization's name: what people do, and what a moderator's decision does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from campaigns import endorsing
from campaigns.actions import appeals, endorsements, newer_texts, officers
from campaigns.actions.endorsements import EndorseRefused
from campaigns.models import AppealEndorsement, Endorsement, EndorsementLink, Organization
from events.actions import events as event_actions
from events.models import Event, EventEndorsement
from hub import contact, links, moderation
from hub.models import AuditEntry, Confirmation, Mailbox, Message, Review, User
from hub.moderation import ReviewRefused
from tests.campaigns.endorsing import (
    LOCAL_12,
    claim_for,
    endorse,
    in_state,
    kind_of,
    make_organization,
    press_button,
    publish,
    review_of,
    rewrite,
    write_appeal,
)
from tests.factories import deliver_mail, make_day, make_event, make_moderator, make_user, new_address

pytestmark = pytest.mark.django_db
Status = Endorsement.Status


# --- Sending and confirming ------------------------------------------------------------------------
@pytest.mark.parametrize("make", [write_appeal, make_day, make_event])
def test_it_waits_for_its_mailbox_then_for_a_moderator_then_it_stands(make):
    thing = make()
    kind = kind_of(thing)
    made = endorse(thing, confirmed=False)
    assert (made.status, made.confirmed_at, made.organization.status) == ("draft", None, "draft")
    assert not Review.objects.exists()
    press_button(made)
    made.refresh_from_db()
    assert (made.status, made.organization.status) == ("submitted", "draft")
    assert not kind.model.objects.listed().exists()
    publish(made)
    made = kind.rows().get(pk=made.pk)
    assert (made.status, made.organization.status) == ("published", "published")
    assert kind.model.objects.listed().get() == made


def test_the_code_confirms_as_the_button_does():
    made = press_button(endorse(confirmed=False), by_code=True)
    assert made.status == Status.SUBMITTED


def test_an_endorsement_of_a_document_names_the_version_it_was_given_to():
    appeal = write_appeal()
    first = endorse(appeal, published=True)
    rewrite(appeal)
    second = endorse(appeal, make_organization("UE Local 5"), published=True)
    assert (first.version.number, second.version.number) == (1, 2)
    first.refresh_from_db()
    assert first.version.number == 1


def test_a_remembered_phone_and_an_account_have_proven_their_mailbox():
    event, user = make_event(), make_user()
    of_account = endorse(event, by=user, confirmed=False)
    assert of_account.status == Status.SUBMITTED
    assert of_account.mailbox.is_of(user.email)
    address = new_address()
    remembered = endorse(event, make_organization("UE Local 5"), email=address).mailbox
    again = endorse(
        event, make_organization("UE Local 6"), email=address, remembered=remembered, confirmed=False
    )
    assert again.status == Status.SUBMITTED
    stranger = endorse(
        event, make_organization("UE Local 7"), email=new_address(), remembered=remembered, confirmed=False
    )
    assert stranger.status == Status.DRAFT


def test_the_same_form_sent_twice_acts_once():
    event = make_event()
    first = endorse(event, form_token="the-same", confirmed=False)
    second = endorse(event, form_token="the-same", confirmed=False)
    assert first.pk == second.pk
    assert (EventEndorsement.objects.count(), Organization.objects.count()) == (1, 1)


def test_nobody_approves_their_own():
    moderator = make_moderator("mod@example.org")
    made = endorse(email="mod+x@example.org")
    with pytest.raises(ReviewRefused) as refused:
        publish(made, by=moderator)
    assert refused.value.reason == "own"
    made.refresh_from_db()
    assert made.status == Status.SUBMITTED


def test_it_teaches_no_trust():
    """Trust is about hosting events."""
    made = endorse()
    moderation.publish_and_trust(review_of(made), by=make_moderator(), at=timezone.now())
    assert not moderation.is_trusted(made.mailbox)


# --- What can't be endorsed ----------------------------------------------------------------------
def refusals():
    now = timezone.now()
    off, closed = write_appeal(published=False), write_appeal()
    return {
        "unpublished": off,
        "closed": appeals.close_appeal(closed, by=None, at=now),
        "cancelled": make_event(event_status="cancelled"),
        "over": make_event(start=now - timedelta(days=2)),
    }


def test_what_is_off_the_site_closed_over_or_cancelled_takes_none():
    for reason, thing in refusals().items():
        with pytest.raises(EndorseRefused) as refused:
            endorse(thing, confirmed=False)
        assert refused.value.reason == reason
    with pytest.raises(EndorseRefused):
        endorse(make_day(first_date=timezone.now().date() - timedelta(days=5)), confirmed=False)
    # Nothing is half-saved.
    assert not Organization.objects.exists()
    assert not Mailbox.objects.exists()


def test_what_is_closed_meanwhile_is_not_handed_in():
    made = endorse(confirmed=False)
    event_actions.cancel_event(made.event, by=None, at=timezone.now())
    assert press_button(made).confirmed_at is None
    assert not Review.objects.filter(kind="events.endorsement.event").exists()


def test_what_is_closed_meanwhile_is_not_published():
    made = endorse()
    event_actions.cancel_event(made.event, by=None, at=timezone.now())
    with pytest.raises(ReviewRefused) as refused:
        publish(made)
    assert refused.value.reason == "over"
    assert EventEndorsement.objects.get().status == Status.SUBMITTED


# --- One of each -----------------------------------------------------------------------------------
def test_an_organization_that_endorses_already_is_told_so():
    event, organization = make_event(), make_organization()
    endorse(event, organization, published=True)
    with pytest.raises(EndorseRefused) as refused:
        endorse(event, organization, confirmed=False)
    assert refused.value.reason == "twice"


def test_two_people_of_one_organization_are_one_endorsement():
    event, organization = make_event(), make_organization()
    first = endorse(event, organization)
    second = endorse(event, organization, confirmed=False)
    assert press_button(second).confirmed_at is None
    assert EventEndorsement.objects.standing().get() == first


def test_one_mailbox_twice_is_one_endorsement_and_both_links_lead_to_it():
    """Also of an organization that was typed twice, of which neither is on the site yet."""
    event, address = make_event(), new_address()
    first = endorse(event, email=address)
    second = endorse(event, email=address, confirmed=False)
    token, mail_token = second.token, second.mail_token
    # The mail of the first hour covers it.
    assert endorsements.confirm(kind_of(event), second.pk, timezone.now()) == first
    assert EventEndorsement.objects.get() == first
    assert Organization.objects.count() == 1
    found = endorsing.find_by_link(mail_token)
    assert (found.endorsement, found.proven) == (first, True)
    assert endorsing.find_by_link(token).proven is False
    assert endorsements.confirm(kind_of(event), second.pk, timezone.now()) == first


def test_what_was_sent_before_and_never_confirmed_gives_way():
    event, address = make_event(), new_address()
    first = endorse(event, email=address, confirmed=False)
    second = endorse(event, email=address)
    assert EventEndorsement.objects.get() == second
    assert endorsing.find_by_link(first.mail_token).endorsement == second


def test_the_database_holds_it_too():
    event, organization = make_event(), make_organization()
    endorse(event, organization)
    second = endorse(event, organization, confirmed=False)
    with pytest.raises(IntegrityError):
        EventEndorsement.objects.filter(pk=second.pk).update(confirmed_at=timezone.now())


@pytest.mark.parametrize("state", ["withdrawn", "rejected", "archived"])
def test_after_one_that_stands_no_more_there_can_be_another(state):
    gone = in_state(state)
    again = endorse(gone.event, gone.organization if gone.organization.published_at else LOCAL_12)
    assert again.stands
    assert not gone.stands


@pytest.mark.parametrize(
    "state", ["pending", "submitted", "returned", "published", "rejected", "archived", "withdrawn"]
)
def test_standing_is_the_same_for_a_row_and_for_the_query(state):
    made = in_state(state)
    assert EventEndorsement.objects.standing().filter(pk=made.pk).exists() == made.stands
    assert EventEndorsement.objects.listed().filter(pk=made.pk).exists() == (state == "published")


# --- By the link -----------------------------------------------------------------------------------
def change(made, organization=None, **answers):
    said = {name: getattr(made, name) for name in endorsements.ANSWERS} | answers
    return endorsements.change(kind_of(made.thing), made.pk, said, organization, by=None, at=timezone.now())


def test_what_was_returned_is_corrected_and_handed_in_again():
    made = in_state("returned")
    change(made, endorsing_details("Teamsters Local 13"), motion="We moved it.")
    made = EventEndorsement.objects.select_related("organization").get()
    assert (made.status, made.motion, made.organization.name) == (
        "submitted", "We moved it.", "Teamsters Local 13",
    )  # fmt: skip
    publish(made)
    made.refresh_from_db()
    assert made.status == Status.PUBLISHED


def endorsing_details(name):
    return type(LOCAL_12)(**vars(LOCAL_12) | {"name": name})


def test_what_is_published_is_not_changed_by_its_link():
    made = in_state("published")
    with pytest.raises(EndorseRefused) as refused:
        change(made, endorsing_details("Somebody else"))
    assert refused.value.reason == "decided"
    made.organization.refresh_from_db()
    assert made.organization.name == LOCAL_12.name


def test_an_organization_on_the_site_is_not_changed_by_somebody_who_endorses_in_its_name():
    organization = make_organization()
    made = endorse(make_event(), organization)
    change(made, endorsing_details("Somebody else"))
    organization.refresh_from_db()
    assert organization.name == LOCAL_12.name


def test_withdrawing_shows_at_once_tells_the_moderators_and_forgets_the_contact():
    moderator = make_moderator()
    made = in_state("published")
    endorsements.withdraw(kind_of(made.event), made.pk, by=None, at=timezone.now())
    made.refresh_from_db()
    assert (made.mailbox, made.stands) == (None, False)
    assert not EventEndorsement.objects.listed().exists()
    told = Message.objects.filter(kind="campaigns.endorsement_withdrawn")
    assert {one.occasion for one in told} == {
        str(pk) for pk in User.objects.filter(groups__name="Moderators").values_list("pk", flat=True)
    }
    mails = [mail for mail in deliver_mail() if moderator.email in mail.to]
    assert any("no longer endorses" in mail.subject for mail in mails)
    assert all(LOCAL_12.name in mail.body for mail in mails if "no longer" in mail.subject)


def test_withdrawing_what_was_never_confirmed_leaves_nothing():
    made = in_state("pending")
    endorsements.withdraw(kind_of(made.event), made.pk, by=None, at=timezone.now())
    assert not EventEndorsement.objects.exists()
    assert not Organization.objects.exists()
    assert not Mailbox.objects.exists()


def test_withdrawing_what_waits_takes_it_out_of_the_queue():
    made = in_state("submitted")
    endorsements.withdraw(kind_of(made.event), made.pk, by=None, at=timezone.now())
    assert not Review.objects.waiting().exists()
    with pytest.raises(ReviewRefused):
        publish(made)


def test_what_was_withdrawn_is_not_handed_in_again_by_its_link():
    made = in_state("submitted")
    endorsements.withdraw(kind_of(made.event), made.pk, by=None, at=timezone.now())
    with pytest.raises(EndorseRefused) as refused:
        change(made, motion="Once more.")
    assert refused.value.reason == "withdrawn"
    assert not Review.objects.waiting().exists()


# --- A newer text --------------------------------------------------------------------------------
def asked() -> int:
    newer_texts.ask_about_newer(timezone.now())
    return Message.objects.filter(kind="campaigns.endorsement_newer").count()


def test_a_substantial_change_asks_once_and_a_minor_one_never():
    appeal = write_appeal()
    endorse(appeal, published=True)
    endorse(appeal, endorsing_details("UE Local 5"))  # waits for a moderator
    assert asked() == 0
    rewrite(appeal, "A minor change", substantial=False)
    assert not AppealEndorsement.objects.to_be_asked().exists()
    assert asked() == 0
    rewrite(appeal, "A substantial one")
    assert asked() == 1
    assert not AppealEndorsement.objects.to_be_asked().exists()  # nothing for the next tick to look at
    assert asked() == 1
    rewrite(appeal, "And another")
    assert asked() == 2


def test_no_answer_leaves_it_on_the_old_text_and_an_answer_moves_it():
    appeal = write_appeal()
    made = endorse(appeal, published=True)
    rewrite(appeal)
    asked()
    made.refresh_from_db()
    assert made.version.number == 1
    mail = deliver_mail()[-1]
    assert links.url("endorsement", made.mail_token) in mail.body
    newer_texts.endorse_newer(made.pk, seen=2, at=timezone.now())
    made = AppealEndorsement.objects.select_related("version").get()
    assert made.version.number == 2
    assert newer_texts.newer_than(made) is None


def test_nobody_endorses_a_text_they_have_not_seen():
    appeal = write_appeal()
    made = endorse(appeal, published=True)
    rewrite(appeal)
    rewrite(appeal, "And another")
    with pytest.raises(EndorseRefused) as refused:
        newer_texts.endorse_newer(made.pk, seen=2, at=timezone.now())
    assert refused.value.reason == "newer"
    made.refresh_from_db()
    assert made.version.number == 1


def test_nobody_is_asked_about_a_document_that_is_closed_or_off_the_site():
    appeal = write_appeal()
    endorse(appeal, published=True)
    rewrite(appeal)
    type(appeal).objects.update(closed_at=timezone.now())
    assert asked() == 0
    type(appeal).objects.update(closed_at=None, status="draft")
    assert asked() == 0


# --- In the mail -----------------------------------------------------------------------------------
def test_the_mail_that_asks_quotes_nothing_its_sender_typed():
    event, spam = make_event(title="May Day"), endorsing_details("Buy Cheap Pills")
    endorse(event, spam, motion="Cheap!", confirmed=False)
    (mail,) = deliver_mail()
    assert "May Day" in mail.body
    assert not any(word in str(mail.message()) for word in ("Pills", "Cheap"))


def test_the_contact_is_told_that_it_is_published_with_a_link_to_withdraw():
    made = in_state("published")
    mails = deliver_mail()
    told = next(
        mail for mail in mails if mail.subject.endswith(LOCAL_12.name) and "published" in mail.subject.lower()
    )
    assert links.site_url(f"/organizations/{made.organization.slug}/") in told.body
    assert "Only for you, to withdraw it:" in told.body
    assert ">My endorsement</a>" in told.alternatives[0].content


@pytest.mark.parametrize("gone", [{"status": "draft"}, {"visibility": "members"}])
def test_what_is_off_the_site_is_named_to_no_contact(gone):
    """Neither to who acts for an organization now, nor to who did, nor among somebody's links, nor to who
    has yet to confirm. Moderators, who see it, are told of a withdrawal."""
    event, organization = make_event(title="May Day"), make_organization()
    made = endorse(event, organization, published=True)
    moderator = make_moderator()
    deliver_mail()
    endorse(event, make_organization("UE Local 5"), confirmed=False)
    Event.objects.update(**gone)
    officers.confirm(claim_for(organization).pk, timezone.now())
    assert not [mail.subject for mail in deliver_mail() if "May Day" in str(mail.message())]
    made = EventEndorsement.objects.select_related("mailbox").get(pk=made.pk)
    (mine,) = contact.owned_things(made.mailbox, timezone.now())
    assert (mine.title, mine.path) == (organization.name, f"/endorsement/{made.mail_token}/")
    endorsements.withdraw(kind_of(event), made.pk, by=None, at=timezone.now())
    assert [moderator.email] in [mail.to for mail in deliver_mail()]


def test_every_link_of_it_comes_with_my_links():
    made = in_state("published")
    (owned,) = contact.owned_things(made.mailbox, timezone.now())
    assert owned.path == f"/endorsement/{made.mail_token}/"


# --- Names of persons -------------------------------------------------------------------------------
def test_the_audit_log_names_no_person():
    moderator = make_moderator()
    for state in ("pending", "returned", "published", "withdrawn", "archived", "rejected"):
        in_state(state)
    ours = AuditEntry.objects.filter(object_kind__in=("campaigns.Organization", "events.Event"))
    assert {"endorse", "confirm_endorsement", "withdraw_endorsement", "publish_endorsement"} <= {
        entry.action for entry in ours
    }
    by_visitors = ours.filter(action__in=("endorse", "confirm_endorsement", "withdraw_endorsement"))
    assert set(by_visitors.values_list("actor", "subject", "reason")) == {(None, None, "")}
    assert moderator.pk


def test_confirmations_forget_what_is_gone():
    made = in_state("pending")
    endorsements.withdraw(kind_of(made.event), made.pk, by=None, at=timezone.now())
    assert deliver_mail() == []
    assert not Confirmation.objects.exists()
    assert not EndorsementLink.objects.exists()


def test_an_organization_that_takes_back_all_it_endorsed_stands_nowhere(visitor, moderator):
    both = [endorse(make_event(), published=True), None]
    both[1] = endorse(make_event(), both[0].organization, published=True)
    path = f"/organizations/{both[0].organization.slug}/"
    for made, status in ((both[0], 200), (both[1], 404)):
        endorsements.withdraw(kind_of(made.thing), made.pk, by=None, at=timezone.now())
        assert visitor.get(path).status_code == status
        listed = made.organization.name in visitor.get("/organizations/").content.decode()
        assert listed == (status == 200)
    assert moderator.get(path).status_code == 200  # who merges, and may be asked
    endorse(make_event(), both[0].organization, published=True)
    assert visitor.get(path).status_code == 200
