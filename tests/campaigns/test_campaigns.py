"""Campaigns: one is the home page's, all are public, an operator keeps them."""

import re
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign
from hub.models import AuditEntry
from tests.cast import logged_in
from tests.factories import make_admin, make_campaign, make_campaign_coordinator, make_event

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 20, 16, tzinfo=UTC)
FORM = {"title": "Our campaign", "slug": "our-campaign", "summary_en": "For a party of our own."}


def words_of(campaign: Campaign) -> dict[str, tuple[str, str, str]]:
    """What it says of itself, by language."""
    return {text.language: (text.summary, text.about, text.legal_support) for text in campaign.texts.all()}


# --- The model -----------------------------------------------------------------------------------
def test_saving_writes_who_did_it():
    admin = make_admin()
    campaign = make_campaign(by=admin, at=NOW)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.at) == ("save_campaign", admin, NOW)
    assert (entry.object_kind, entry.object_id) == ("campaigns.Campaign", campaign.pk)


def test_one_campaign_is_the_home_pages():
    first = make_campaign(is_home=True)
    second = make_campaign(is_home=True)
    third = make_campaign()
    first.refresh_from_db()
    assert [first.is_home, second.is_home, third.is_home] == [False, True, False]
    assert Campaign.objects.home().get() == second
    make_campaign(is_home=False)
    assert Campaign.objects.home().get() == second


def test_the_database_refuses_a_second_one():
    make_campaign(is_home=True)
    other = make_campaign()
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=other.pk).update(is_home=True)


def test_the_summary_in_ones_language():
    both = make_campaign(summary="In English.", summary_es="En español.")
    one = make_campaign(summary="In English.")
    assert [both.text_in(language).summary for language in ("en", "es", "fr")] == [
        *("In English.", "En español.", "In English."),
    ]
    assert one.text_in("es").summary == "In English."
    assert str(both) == both.title


def test_every_campaign_is_public(visitor, member, admin):
    campaign = make_campaign()
    for user in (visitor.user, member.user, admin.user):
        assert list(Campaign.objects.visible_to(user)) == [campaign]


def test_the_home_page_opens_with_it(visitor):
    make_campaign(summary="Not this one.")
    assert "Not this one." not in visitor.get("/").content.decode()
    make_campaign(summary="This one.", summary_es="Esta.", is_home=True)
    assert "This one." in visitor.get("/").content.decode()
    assert "Esta." in visitor.get("/es/").content.decode()


# --- The operator's door -----------------------------------------------------------------------------
def test_an_administrator_adds_and_changes_one(admin):
    response = admin.post("/admin/campaigns/campaign/add/", {**FORM, "is_home": "on"})
    assert response.status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.title, campaign.is_home) == ("Our campaign", True)
    assert words_of(campaign) == {"en": ("For a party of our own.", "", "")}
    path = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    changed = {
        **FORM,
        "title": "Another name",
        "accent": "#1D4F91",
        "about_en": "By **us**.",
        "legal_support_en": "Call the hotline.",
        "summary_es": "Por un partido propio.",
    }
    assert admin.post(path, changed).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.title, campaign.is_home, campaign.accent) == ("Another name", False, "#1d4f91")
    assert words_of(campaign) == {
        "en": ("For a party of our own.", "By **us**.", "Call the hotline."),
        "es": ("Por un partido propio.", "", ""),
    }
    shown = admin.get(path).content.decode()
    assert "By **us**." in shown
    assert 'value="Por un partido propio."' in shown
    acts = AuditEntry.objects.filter(actor=admin.user).values_list("action", flat=True)
    assert list(acts) == ["save_campaign", "save_campaign"]
    admin.post(path, FORM)
    assert set(words_of(campaign)) == {"en"}  # a language that was emptied is gone


def test_making_another_one_the_home_pages_in_the_admin(admin):
    first = make_campaign(is_home=True)
    admin.post("/admin/campaigns/campaign/add/", {**FORM, "is_home": "on"})
    first.refresh_from_db()
    assert not first.is_home
    assert Campaign.objects.home().get().slug == "our-campaign"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"slug": "no spaces"},
        {"slug": "taken"},
        {"summary_en": ""},
        {"summary_en": "", "about_es": "x"},
        {"accent": "#ffdd00"},
        {"accent": "red"},
    ],
)
def test_what_is_wrong_is_said(wrong, admin):
    make_campaign(slug="taken")
    response = admin.post("/admin/campaigns/campaign/add/", {**FORM, **wrong})
    assert response.status_code == 200  # the admin's own way of showing a form again
    assert "errorlist" in response.content.decode()
    assert Campaign.objects.count() == 1


def test_nobody_deletes_one(admin):
    campaign = make_campaign()
    make_event(campaign=campaign)
    for one in (campaign, make_campaign()):
        path = f"/admin/campaigns/campaign/{one.pk}/delete/"
        assert admin.get(path).status_code == 403
        assert admin.post(path, {"post": "yes"}).status_code == 403
    assert Campaign.objects.count() == 2


# --- Those who run it ----------------------------------------------------------------------------------
@pytest.fixture
def cora(db):
    """Runs `cora.campaign`, and no other."""
    campaign = make_campaign(title="Ours", slug="ours", summary="For all.")
    client = logged_in(make_campaign_coordinator(campaign))
    client.campaign = campaign
    return client


def page_of(campaign: Campaign) -> str:
    return f"/admin/campaigns/campaign/{campaign.pk}/change/"


def test_a_coordinator_changes_words_and_colour_of_her_own_and_nothing_else(cora):
    other = make_campaign(title="Theirs")
    page = cora.get(page_of(cora.campaign)).content.decode()
    assert 'name="summary_es"' in page
    assert not re.findall(r'name="(title|slug|is_home)"', page)
    sent = {**FORM, "is_home": "on", "summary_es": "Para todas.", "accent": "#1d4f91"}
    assert cora.post(page_of(cora.campaign), sent).status_code == 302
    own = Campaign.objects.get(pk=cora.campaign.pk)
    assert (own.title, own.slug, own.is_home, own.accent) == ("Ours", "ours", False, "#1d4f91")
    assert words_of(own) == {"en": ("For a party of our own.", "", ""), "es": ("Para todas.", "", "")}
    assert cora.get("/admin/campaigns/campaign/add/").status_code == 403
    assert cora.get(page_of(other)).status_code == 404
    assert cora.post(page_of(other), FORM).status_code == 404
    assert "Theirs" not in cora.get("/admin/campaigns/campaign/").content.decode()


def test_moderators_change_what_a_campaign_says_and_begin_none(moderator):
    campaign = make_campaign(title="A name", slug="a-name", summary="Before.", about="By **us**.")
    page = moderator.get(page_of(campaign)).content.decode()
    assert "By **us**." in page
    assert 'name="title"' not in page
    assert moderator.post(page_of(campaign), {**FORM, "is_home": "on"}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.title, campaign.slug, campaign.is_home) == ("A name", "a-name", False)
    assert words_of(campaign) == {"en": (FORM["summary_en"], "", "")}
    assert moderator.get("/admin/campaigns/campaign/add/").status_code == 403


def test_its_address_is_fixed_once_it_is_stored(admin, visitor):
    campaign = make_campaign(slug="ours")
    page = admin.get(page_of(campaign)).content.decode()
    assert 'name="slug"' not in page
    assert ">ours<" in page
    assert admin.post(page_of(campaign), {**FORM, "slug": "elsewhere"}).status_code == 302
    assert Campaign.objects.get().slug == "ours"
    assert visitor.get("/campaigns/ours/").status_code == 200


@pytest.mark.parametrize("path", ["", "add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/"])
def test_for_everybody_else_there_is_no_such_page(path, visitor, member, coordinator):
    path = "/admin/campaigns/campaign/" + path.format(pk=make_campaign().pk)
    before = Campaign.objects.count()
    for browser in (visitor, member, coordinator):
        assert browser.get(path).status_code == 404
        assert browser.post(path, FORM).status_code == 404
    assert Campaign.objects.count() == before
