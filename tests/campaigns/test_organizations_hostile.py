"""Text that attacks, in what an organization or a campaign says: nothing in their pages, the queue, the admin
and the mail runs, or asks another host."""

import pytest
from django.test import Client

from campaigns.models import AppealEndorsement, Campaign
from tests.campaigns import endorsing
from tests.campaigns.test_appeal_admin import LIST, written
from tests.cast import logged_in
from tests.factories import deliver_mail, make_campaign, make_event, make_moderator, new_address
from tests.hostile import PAYLOADS, dangers

pytestmark = [pytest.mark.django_db, pytest.mark.once]
BY_TENS = range(0, len(PAYLOADS), 10)


@pytest.mark.parametrize("first", BY_TENS)
def test_nothing_typed_into_an_endorsement_runs_or_asks_another_host(admin, first):
    moderator, appeal = logged_in(make_moderator()), endorsing.write_appeal()
    form = f"/endorse/appeal/{appeal.slug}/"
    for number, payload in enumerate(PAYLOADS[first : first + 10]):
        line = " ".join(payload.split())
        said = {"name": f"{line[:70]} Local {first + number}", "city": line[:60], "motion": payload}
        visitor = Client()
        refused = visitor.post(form, endorsing.posted_endorsement(**said, site=line, email="no address"))
        assert refused.status_code == 422
        assert dangers(refused.content.decode()) == [], payload
        answer = visitor.post(form, endorsing.posted_endorsement(**said, email=new_address()))
        assert answer.status_code == 302, payload
        assert dangers(visitor.get(answer.url).content.decode()) == [], payload
        made = AppealEndorsement.objects.latest("made_at")
        made = endorsing.press_button(made)
        review = endorsing.review_of(made)
        assert dangers(moderator.get(f"/moderation/{review.pk}/").content.decode()) == [], payload
        assert dangers(moderator.get("/moderation/").content.decode()) == [], payload
        endorsing.publish(made)
        organization = made.organization
        pages = (f"/organizations/{organization.slug}/", f"/endorsement/{made.mail_token}/")
        for path in (*pages, f"/organizations/{organization.slug}/officer/"):
            assert dangers(visitor.get(path).content.decode()) == [], (payload, path)
        path = f"/admin/campaigns/organization/{organization.pk}/change/"
        assert dangers(admin.get(path).content.decode()) == [], payload
        for mail in deliver_mail():
            assert dangers(mail.alternatives[0].content) == [], payload
            assert "\n" not in mail.subject
    lists = ("/", "/organizations/", f"/appeals/{appeal.slug}/", f"{form}list/")
    for path in (*lists, f"/campaigns/{appeal.campaign.slug}/"):
        assert dangers(Client().get(path).content.decode()) == [], path
    assert dangers(admin.get("/admin/campaigns/organization/").content.decode()) == []


@pytest.mark.parametrize("first", BY_TENS)
def test_nothing_a_campaign_says_runs_or_asks_another_host(admin, visitor, first):
    campaign = make_campaign(is_home=True)
    event = make_event(campaign=campaign)
    change = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    for payload in PAYLOADS[first : first + 10]:
        line = " ".join(payload.split())
        words = {f"summary_{code}": line[:300] for code in ("en", "es")}
        words |= {f"about_{code}": f"{payload}\n\n{payload}" for code in ("en", "es")}
        words |= {f"legal_support_{code}": line[:300] for code in ("en", "es")}
        answer = admin.post(change, {"title": line[:120], "slug": campaign.slug, "is_home": "on", **words})
        assert answer.status_code == 302, payload
        assert Campaign.objects.get().title == line[:120]
        pages = ("/", "/es/", f"/campaigns/{campaign.slug}/", f"/es/campaigns/{campaign.slug}/")
        others = ("/demands/platform/", "/demands/", f"/endorse/event/{event.slug}/resolution/")
        for path in (*pages, *others, f"/events/{event.slug}/", "/events/"):
            assert dangers(visitor.get(path).content.decode()) == [], (payload, path)
        for path in (change, "/admin/campaigns/campaign/", "/admin/hub/auditentry/", "/moderation/roles/"):
            assert dangers(admin.get(path).content.decode()) == [], (payload, path)


def test_a_text_of_a_megabyte_is_told_so_in_its_form(admin, visitor):
    """With everything else that was typed still there, and nothing stored."""
    appeal = endorsing.write_appeal()
    said = endorsing.posted_endorsement(motion="x" * 2**20, name="Harbor Workers")
    answer = visitor.post(f"/endorse/appeal/{appeal.slug}/", said)
    assert answer.status_code == 422
    assert "1,048,576" in answer.content.decode()
    assert "Harbor Workers" in answer.content.decode()
    assert not AppealEndorsement.objects.exists()
    fields = written(campaign=str(appeal.campaign.pk), body_en="x" * 2**20)
    page = admin.post(f"{LIST}add/", {**fields, "_publish": "1"}).content.decode()
    assert "1,048,576" in page
    assert appeal.campaign.appeals.count() == 1
