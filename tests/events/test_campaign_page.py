"""A campaign's page and the home page: what they show of everything else, and what they keep back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import appeals, demands, endorsements
from tests.campaigns import endorsing
from tests.campaigns.signing import Words, make_appeal, make_signature
from tests.factories import (
    make_campaign,
    make_committee,
    make_day,
    make_demand,
    make_event,
    make_member,
    make_post,
)

pytestmark = pytest.mark.django_db


def text_of(client, path: str) -> str:
    """What stands in `main`."""
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().partition('<main id="main"')[2].partition("</main>")[0]


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]*)</h2>", page)


def words(title: str) -> dict[str, Words]:
    return {"en": Words(title, f"{title}: in a sentence.", "Words.")}


@pytest.fixture
def campaign():
    return make_campaign(
        title="United Front",
        slug="united-front",
        summary="For a party.",
        summary_es="Por un partido.",
        about="By **workers** themselves.",
        legal_support="Call the hotline.",
        is_home=True,
    )


# --- The campaign's page -----------------------------------------------------------------------------
def test_it_shows_what_the_campaign_is_and_does(campaign, visitor):
    appeal = make_appeal(campaign=campaign, texts=words("Urgent call"))
    make_signature(appeal, confirmed=True)
    appeals.add_paper(appeal, 4, seen=1, by=None, at=timezone.now())
    make_demand(campaign=campaign, texts={"en": ("Housing for all", "Now.", "2020")})
    make_day(campaign=campaign)
    make_event(campaign=campaign, title="A rally")
    make_post(campaign=campaign, title="They tried to fire her")
    endorsing.endorse(appeal, endorsing.make_organization("UE Local 7"), published=True)
    page = text_of(visitor, "/campaigns/united-front/")
    for said in (
        "United Front",
        "For a party.",
        "By <strong>workers</strong> themselves.",
        "Call the hotline.",
    ):
        assert said in page
    for said in ("Urgent call", "Housing for all", "A rally", "They tried to fire her", "UE Local 7"):
        assert said in page
    assert "<strong>5</strong> people have signed" in page
    assert "/demands/platform/?campaign=united-front" in page
    assert f"/appeals/{appeal.slug}/sign/" in page
    assert f"/endorse/appeal/{appeal.slug}/" in page


def test_it_speaks_the_reader_s_language(campaign, visitor):
    page = text_of(visitor, "/es/campaigns/united-front/")
    assert '<p class="lead">Por un partido.</p>' in page
    assert "Apoyo legal" not in page  # in Spanish nobody has written it
    only_english = make_campaign(summary="In English only.")
    assert '<p class="lead" lang="en">In English only.</p>' in text_of(
        visitor, f"/es/campaigns/{only_english.slug}/"
    )


def test_an_empty_campaign_has_no_empty_heading(visitor):
    page = text_of(visitor, f"/campaigns/{make_campaign().slug}/")
    assert headings(page) == ["Tell others"]


def test_things_of_another_campaign_are_not_on_it(campaign, visitor):
    other = make_campaign(title="Another one", slug="other")
    appeal = make_appeal(campaign=other, texts=words("Their call"))
    make_demand(campaign=other, texts={"en": ("Their demand", "Now.", "2020")})
    make_day(campaign=other)
    make_event(campaign=other, title="Their rally")
    make_post(campaign=other, title="Their post")
    endorsing.endorse(appeal, endorsing.make_organization("UE Local 7"), published=True)
    assert headings(text_of(visitor, "/campaigns/united-front/")) == ["About the campaign", "Tell others"]
    page = text_of(visitor, "/campaigns/other/")
    for said in ("Their call", "Their demand", "Their rally", "Their post", "UE Local 7", "day of action"):
        assert said in page


def test_nothing_that_is_not_for_everybody_is_on_it(campaign, cast):
    """Not for somebody who may see it elsewhere either: the page is the same for all."""
    now = timezone.now()
    hidden = make_committee(visibility="hidden")
    make_member(hidden, cast["member"].user)
    make_event(campaign=campaign, title="Canary event", committee=hidden)
    make_event(campaign=campaign, title="Canary unlisted", visibility="unlisted")
    make_event(campaign=campaign, title="Canary draft", published=False)
    make_event(campaign=campaign, title="Canary past", start=now - timedelta(days=2))
    make_appeal(campaign=campaign, texts=words("Canary appeal"), published=False)
    make_post(campaign=campaign, title="Canary post", published=False)
    make_demand(campaign=campaign, texts={"en": ("Canary demand", "Now.", "2020")}, status="proposed")
    make_day(campaign=campaign, published=False)
    appeal = make_appeal(campaign=campaign, texts=words("Urgent call"))
    endorsing.endorse(appeal, endorsing.make_organization("Canary Local 7"))
    for role, client in cast.items():
        for path in ("/campaigns/united-front/", "/"):
            page = text_of(client, path)
            assert "Urgent call" in page
            assert "anary" not in page, (role, path)
            assert "day of action" not in page, (role, path)


def test_an_endorser_that_withdraws_is_gone_at_once(campaign, visitor):
    appeal = make_appeal(campaign=campaign)
    endorsement = endorsing.endorse(appeal, endorsing.make_organization("UE Local 7"), published=True)
    assert "UE Local 7" in text_of(visitor, "/")
    endorsements.withdraw(endorsing.kind_of(appeal), endorsement.pk, by=None, at=timezone.now())
    for path in ("/", "/campaigns/united-front/"):
        assert "UE Local 7" not in text_of(visitor, path)


def test_retired_demands_leave_it(campaign, visitor):
    demand = make_demand(campaign=campaign, texts={"en": ("Housing for all", "Now.", "2020")})
    assert "Housing for all" in text_of(visitor, "/campaigns/united-front/")
    demands.retire_demand(demand, by=None, at=timezone.now())
    assert "Housing for all" not in text_of(visitor, "/campaigns/united-front/")


# --- Which document comes first ------------------------------------------------------------------------
def test_an_appeal_comes_before_a_newer_letter(campaign, visitor):
    day = timezone.now().date()
    make_appeal(campaign=campaign, texts=words("The letter"), kind="open-letter", issued_on=day)
    assert "The letter" in text_of(visitor, "/")
    make_appeal(campaign=campaign, texts=words("Old call"), issued_on=day - timedelta(days=900))
    newer = make_appeal(campaign=campaign, texts=words("New call"), issued_on=day - timedelta(days=9))
    page = text_of(visitor, "/")
    assert ["New call" in page, "Old call" in page, "The letter" in page] == [True, False, False]
    appeals.close_appeal(newer, by=None, at=timezone.now())
    assert "Old call" in text_of(visitor, "/")


def test_what_nobody_can_sign_is_not_offered(campaign, visitor):
    make_appeal(campaign=campaign, texts=words("Statement"), signable=False)
    page = text_of(visitor, "/")
    assert "Statement" not in page
    assert "Endorse" not in page


# --- Home ----------------------------------------------------------------------------------------------
def test_home_has_the_three_verbs_the_news_and_who_stands_behind_it(campaign, visitor):
    appeal = make_appeal(campaign=campaign, texts=words("Urgent call"))
    for number in range(3):
        make_post(title=f"Post {number}", at=timezone.now() - timedelta(hours=number))
    endorsing.endorse(appeal, endorsing.make_organization("UE Local 7"), published=True)
    page = text_of(visitor, "/")
    assert headings(page) == ["Join a committee", "Sign", "Endorse", "News", "Organizations behind it"]
    assert ["Post 0" in page, "Post 1" in page, "Post 2" in page] == [True, True, False]
    assert f"/appeals/{appeal.slug}/sign/" in page
    assert "/campaigns/united-front/" in page


def test_home_leads_to_the_other_organizations_where_there_are_many(campaign, visitor):
    appeal = make_appeal(campaign=campaign)
    for number in range(13):
        organization = endorsing.make_organization(f"Union Number {number} Local {number}")
        endorsing.endorse(appeal, organization, published=True)
        assert ("All organizations" in text_of(visitor, "/")) == (number == 12)
