"""Organizations: found in other spellings, verified, merged, and who acts for one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import endorsing
from campaigns.actions import endorsements, officers, organizations
from campaigns.actions.officers import OfficerRefused
from campaigns.actions.organizations import OrganizationDetails, OrganizationRefused, lookalikes
from campaigns.models import EndorsementLink, FormerOrganization, OfficerClaim, Organization, OrganizationKey
from events.models import EventEndorsement
from hub import actions as ground
from hub import links, moderation
from hub.models import AuditEntry, Confirmation, Message
from tests.campaigns.endorsing import (
    LOCAL_12,
    claim_for,
    endorse,
    kind_of,
    make_organization,
    review_of,
    rewrite,
    write_appeal,
)
from tests.factories import deliver_mail, make_event, make_moderator

pytestmark = pytest.mark.django_db


def edit(organization, **said):
    details = OrganizationDetails(**vars(LOCAL_12) | {"name": organization.name} | said)
    return organizations.edit_organization(organization, details, by=None, at=timezone.now())


# --- Found in another spelling -----------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["IBT Local 12", "teamsters loc. 12", "Int'l Bhd of Teamsters No. 12"])
def test_another_spelling_is_found(typed):
    organization = make_organization()
    make_organization("Teamsters Local 13")
    make_organization("Teamsters Local 12", country="CA")
    assert lookalikes(typed, "US", Organization.objects.all()) == [organization]


def test_a_corrected_name_is_found_by_its_new_spelling_only():
    organization = make_organization("Nurses of Oakland")
    edit(organization, name="Teamsters Local 12")
    assert lookalikes("IBT 12", "US", Organization.objects.all()) == [organization]
    assert lookalikes("Nurses of Oakland", "US", Organization.objects.all()) == []


def test_only_names_with_a_common_key_are_compared(django_assert_num_queries):
    """The blocks keep it cheap: of 2,000 locals those with this number are read."""
    Organization.objects.bulk_create(
        [Organization(name=f"UE Local {n}", slug=f"ue-{n}", level="local", country="US") for n in range(2000)]
    )
    OrganizationKey.objects.bulk_create(
        [OrganizationKey(organization=one, key=f"#{one.slug[3:]}") for one in Organization.objects.all()]
    )
    with django_assert_num_queries(2):
        (found,) = lookalikes("UE 1203", "US", Organization.objects.all())
    assert found.name == "UE Local 1203"


# --- Verified --------------------------------------------------------------------------------------
def test_a_moderator_verifies_by_a_link_or_a_call():
    organization, by, at = make_organization(), make_moderator(), timezone.now()
    assert organizations.verify_by_link(organization, by=by, at=at).verified_how == "link"
    called = organizations.verify_by_call(organization, note="May 3, the office", by=by, at=at)
    assert called.verified_how == "call"
    entry = AuditEntry.objects.get(action="verify_organization", reason="May 3, the office")
    assert entry.actor == by
    assert organizations.unverify(organization, by=by, at=at).verified_at is None


def test_a_call_needs_its_note_and_a_link_its_site():
    organization, at = make_organization(site=""), timezone.now()
    with pytest.raises(OrganizationRefused, match="note"):
        organizations.verify_by_call(organization, note="  ", by=None, at=at)
    with pytest.raises(OrganizationRefused, match="site"):
        organizations.verify_by_link(organization, by=None, at=at)
    organization.refresh_from_db()
    assert organization.verified_at is None


def test_another_site_is_verified_anew():
    organization = organizations.verify_by_link(make_organization(), by=None, at=timezone.now())
    assert edit(organization, city="Berkeley").verified_how == "link"
    assert edit(organization, site="https://elsewhere.example.org").verified_at is None


# --- Who acts for it --------------------------------------------------------------------------------
def prove(claim: OfficerClaim):
    """Press the button of its mail."""
    newest = Confirmation.objects.filter(mailbox=claim.mailbox).order_by("-made_at")[0]
    return ground.confirm_by_button(newest, [(officers.ACT_KIND, claim.pk)], at=timezone.now())


def test_an_address_at_its_own_site_verifies_it_once_the_mailbox_is_proven():
    organization = make_organization()
    claim = claim_for(organization)
    organization.refresh_from_db()
    assert organization.verified_at is None
    assert prove(claim) == [(claim.token, f"/organizations/{organization.slug}/")]
    organization.refresh_from_db()
    assert (organization.verified_how, organization.mail_domain) == ("domain", "local12.example.org")
    assert not OfficerClaim.objects.exists()


@pytest.mark.parametrize(
    ("site", "email", "reason"),
    [
        ("https://local12.example.org", "office@example.org", "elsewhere"),
        ("https://local12.example.org", "office@local12.example.org.evil.example", "elsewhere"),
        ("https://local12.example.org", "local12.example.org@evil.example", "elsewhere"),
        ("https://www.gmail.com/local12", "anybody@gmail.com", "nowhere"),
        ("", "office@local12.example.org", "nowhere"),
    ],
)
def test_no_other_address_does(site, email, reason):
    organization = make_organization(site=site)
    with pytest.raises(OfficerRefused, match=reason):
        claim_for(organization, email=email)
    assert not OfficerClaim.objects.exists()


def test_a_site_that_was_corrected_meanwhile_gives_the_contact_to_nobody():
    organization = make_organization()
    claim = claim_for(organization)
    edit(organization, site="https://elsewhere.example.org")
    prove(claim)
    organization.refresh_from_db()
    assert organization.verified_at is None


def test_a_new_officer_takes_the_contact_over():
    organization = make_organization()
    made = endorse(make_event(), organization, published=True)
    old_token, old_mailbox = made.mail_token, made.mailbox
    deliver_mail()
    claim = claim_for(organization)
    prove(claim)
    made = EventEndorsement.objects.select_related("mailbox").get()
    assert made.mailbox.is_of("office@local12.example.org")
    assert endorsing.find_by_link(old_token) is None
    assert endorsing.find_by_link(made.mail_token).proven
    mails = {
        mail.to[0]: mail
        for mail in deliver_mail()
        if LOCAL_12.name in mail.subject and "endorses" in mail.subject
    }
    assert set(mails) == {"office@local12.example.org", old_mailbox.address}
    assert links.url("endorsement", made.mail_token) in mails["office@local12.example.org"].body
    assert "/endorsement/" not in mails[old_mailbox.address].body
    # Nor does what moderators write about what the old contact handed in lead to the new one's page.
    review = moderation.latest(kind_of(made.thing).act_kind, made.pk)
    assert review.mailbox == old_mailbox
    assert moderation.kinds[review.kind].home(review) == f"/organizations/{organization.slug}/"


def test_a_link_of_what_became_part_of_it_does_not_lead_the_old_contact_to_the_new_one_s(client):
    organization, event = make_organization(), make_event()
    first = endorse(event, organization, email="before@example.org", confirmed=False)
    endorse(event, organization, email="before@example.org")
    old = [first.mail_token, first.token, EventEndorsement.objects.get().mail_token]
    assert all(endorsing.find_by_link(token) for token in old)
    prove(claim_for(organization))
    for token in old:
        assert client.get(f"/endorsement/{token}/").status_code == 404
    assert EndorsementLink.objects.count() == 0


def test_what_is_not_its_is_not_taken_over():
    organization, other = make_organization(), make_organization("UE Local 5")
    theirs = endorse(make_event(), other, published=True)
    prove(claim_for(organization))
    assert EventEndorsement.objects.get().mailbox_id == theirs.mailbox_id


# --- Merged ------------------------------------------------------------------------------------------
def merge(doubled, into):
    return organizations.merge(doubled, into, by=make_moderator(), at=timezone.now())


def test_what_one_endorses_the_other_does_and_the_address_leads_there(client):
    doubled, into = make_organization("IBT 12"), make_organization()
    made = endorse(make_event(), doubled, published=True)
    merge(doubled, into)
    made.refresh_from_db()
    assert (made.organization, Organization.objects.get()) == (into, into)
    response = client.get(f"/organizations/{doubled.slug}/")
    assert (response.status_code, response.url) == (302, f"/organizations/{into.slug}/")
    entry = AuditEntry.objects.get(action="merge_organization")
    assert (entry.count, entry.object_id) == (1, into.pk)


def test_what_was_merged_before_leads_there_too():
    first, second, third = (make_organization(name) for name in ("A 1", "B 2", "C 3"))
    merge(first, second)
    merge(second, third)
    assert set(FormerOrganization.objects.values_list("name", "organization")) == {
        ("A 1", third.pk),
        ("B 2", third.pk),
    }
    assert lookalikes("A Local 1", "US", Organization.objects.all()) == [third]


def test_who_waits_to_act_for_one_acts_for_what_it_is_merged_into():
    doubled, into = make_organization("IBT 12"), make_organization()
    claim = claim_for(doubled)
    merge(doubled, into)
    prove(claim)
    into.refresh_from_db()
    assert into.verified_how == "domain"


def test_of_two_endorsements_of_a_thing_the_earlier_one_stands():
    event, doubled, into = make_event(), make_organization("IBT 12"), make_organization()
    earlier = endorse(event, doubled, published=True, at=timezone.now() - timedelta(hours=2))
    later = endorse(event, into)
    merge(doubled, into)
    assert EventEndorsement.objects.standing().get() == earlier
    later.refresh_from_db()
    assert (later.mailbox, later.organization) == (None, into)
    assert review_of(later).decision == "withdrawn"


def test_versions_stay_when_organizations_merge():
    from_appeal = endorse_appeal()
    merge(from_appeal.organization, make_organization("UE Local 5"))
    from_appeal.refresh_from_db()
    assert from_appeal.version.number == 1


def endorse_appeal():
    appeal = write_appeal()
    made = endorse(appeal, make_organization("IBT 12"), published=True)
    rewrite(appeal)
    return made


def test_nothing_is_merged_into_itself_or_into_what_is_off_the_site():
    organization, draft = make_organization(), make_organization("UE Local 5", published=False)
    with pytest.raises(OrganizationRefused, match="itself"):
        merge(organization, organization)
    with pytest.raises(OrganizationRefused, match="unpublished"):
        merge(organization, draft)
    assert Organization.objects.count() == 2


# --- Off the site ------------------------------------------------------------------------------------
def test_an_organization_off_the_site_endorses_nothing_there():
    made = endorse(make_event(), make_organization(), published=True)
    organizations.unpublish_organization(made.organization, by=None, at=timezone.now())
    assert not EventEndorsement.objects.listed().exists()


def test_taking_one_off_leaves_the_others():
    organization = make_organization()
    first, second = (endorse(make_event(), organization, published=True) for _n in range(2))
    endorsements.take_off(kind_of(first.event), first.pk, by=make_moderator(), at=timezone.now())
    assert EventEndorsement.objects.listed().get() == second
    assert not Message.objects.filter(kind="campaigns.endorsement_withdrawn").exists()
