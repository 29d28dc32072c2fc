"""What everybody reads of documents: the text, its languages and versions, counts, names, paper."""

import html
from datetime import date

import pytest
from django.utils import timezone

from campaigns.actions import appeals, demands
from campaigns.actions.appeals import Reply, Words
from campaigns.models import AppealVersion
from campaigns.views.appeals import NAMES
from tests.campaigns.signing import TEXTS, make_appeal, make_signature, rewrite
from tests.factories import make_demand

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return html.unescape(response.content.decode())


def test_the_page_says_what_it_asks_and_how_many_have_signed(client):
    appeal = make_appeal(goal=500, issued_on=date(2026, 5, 1))
    AppealVersion.objects.filter(appeal=appeal).update(signed=120)
    appeals.add_paper(appeal, 30, seen=1, by=None, at=timezone.now())
    page = text_of(client.get(f"/appeals/{appeal.slug}/"))
    assert "We call on <strong>workers</strong>." in page
    assert "<strong>150</strong> people have signed" in page
    assert '<progress id="goal" max="500" value="150">' in page
    assert "May 1, 2026" in page


def test_the_first_reader_is_greeted_by_no_zero_and_no_empty_heading(client):
    appeal = make_appeal()
    for path in (f"/appeals/{appeal.slug}/", f"/campaigns/{appeal.campaign.slug}/", "/"):
        page = text_of(client.get(path))
        assert "Be the first to sign." in page, path
        assert "people have signed" not in page, path
    assert "Organizations that endorse this" not in text_of(client.get(f"/appeals/{appeal.slug}/"))
    assert "people have signed" not in text_of(client.get(f"/appeals/{appeal.slug}/names/"))


def test_the_demands_it_carries_have_their_numbers(client):
    appeal, now = make_appeal(), timezone.now()
    carried = [make_demand(texts={"en": (f"Demand {n}", "", "2020")}) for n in range(3)][1:]
    demands.carry_demands(appeal, carried, by=None, at=now)
    page = client.get(f"/appeals/{appeal.slug}/").content.decode()
    assert '<li value="2"><a' in page
    assert '<li value="3"><a' in page


def test_a_goal_that_is_reached_is_not_shown(client):
    appeal = make_appeal(goal=100)
    AppealVersion.objects.filter(appeal=appeal).update(signed=100)
    assert "<progress" not in text_of(client.get(f"/appeals/{appeal.slug}/"))


def test_answers_stand_as_links_that_tell_nobody_where_one_came_from(client):
    appeal = make_appeal()
    reply = Reply("An <b>answer</b>", "https://example.org/a", "en", date(2026, 6, 1))
    appeals.set_replies(appeal, [reply], by=None, at=timezone.now())
    page = client.get(f"/appeals/{appeal.slug}/").content.decode()
    assert '<a href="https://example.org/a" rel="noopener noreferrer nofollow"' in page
    assert "An &lt;b&gt;answer&lt;/b&gt;" in page


def test_what_is_not_for_signing_has_no_button_and_no_count(client):
    page = text_of(client.get(f"/appeals/{make_appeal(signable=False).slug}/"))
    assert "/sign/" not in page
    assert "have signed" not in page


def test_a_language_that_is_missing_is_marked(client):
    appeal = make_appeal(texts={"es": TEXTS["es"]})
    assert '<h1 lang="es">Llamado por un partido</h1>' in text_of(client.get(f"/appeals/{appeal.slug}/"))


def test_the_languages_stand_side_by_side(client):
    page = text_of(client.get(f"/appeals/{make_appeal().slug}/languages/"))
    assert '<article id="text-en" lang="en">' in page
    assert '<article id="text-es" lang="es">' in page


def test_every_version_and_what_it_changed(client):
    appeal = make_appeal()
    make_signature(appeal, confirmed=True)
    rewrite(appeal, "We call on **all workers**.\n\nJoin.", substantial=True)
    rewrite(appeal, "We call on **all workers**!\n\nJoin.", substantial=False)
    page = text_of(client.get(f"/appeals/{appeal.slug}/versions/"))
    assert page.index("Version 3") < page.index("Version 2") < page.index("Version 1")
    assert "It says something else" in page
    assert "Small corrections" in page
    second = text_of(client.get(f"/appeals/{appeal.slug}/versions/2/"))
    assert "We call on<ins> all</ins> workers." in second
    assert "There is a newer one." in second
    assert "This is the newest." in text_of(client.get(f"/appeals/{appeal.slug}/versions/3/"))
    assert "<strong>workers</strong>" in text_of(client.get(f"/appeals/{appeal.slug}/versions/1/"))
    assert client.get(f"/appeals/{appeal.slug}/versions/4/").status_code == 404


def test_only_those_who_chose_it_are_listed(client):
    appeal = make_appeal()
    make_signature(appeal, confirmed=True)
    make_signature(appeal, shown="name", signed_as="Unproven Ursula")
    make_signature(appeal, shown="name", signed_as="Rosa <i>L.</i>", confirmed=True)
    make_signature(appeal, shown="identification", signed_as="Joe H.\nsteward\nLocal 12", confirmed=True)
    response = client.get(f"/appeals/{appeal.slug}/names/")
    page = response.content.decode()
    assert "Rosa &lt;i&gt;L.&lt;/i&gt;" in page
    assert "Joe H." in page
    assert "steward" not in page  # nobody has looked at it
    assert "Ursula" not in page
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "private, no-store"


def test_the_list_is_paged(client):
    appeal = make_appeal()
    for number in range(NAMES + 1):
        make_signature(appeal, shown="name", signed_as=f"Signer {number}", confirmed=True)
    first, second = (text_of(client.get(f"/appeals/{appeal.slug}/names/?page={page}")) for page in (1, 2))
    assert f"Signer {NAMES}" in first  # the newest first
    assert "Signer 0<" not in first
    assert "Signer 0" in second


def test_the_sheet_says_which_version_it_is(client):
    appeal = make_appeal()
    rewrite(appeal, "Else.")
    page = text_of(client.get(f"/appeals/{appeal.slug}/sheet/"))
    assert "Version 2 of the text." in page
    assert "<svg" in page


def test_the_list_of_documents(client):
    make_appeal(kind="open-letter", texts={"en": Words("Open letter", "Debate!", "Dear all.")})
    make_appeal(published=False, texts={"en": Words("Draft letter", "Not yet.", "Dear all.")})
    page = text_of(client.get("/appeals/"))
    assert "Open letter" in page
    assert "Draft letter" not in page
    assert "There is nothing to sign yet." not in page


def test_an_empty_list_says_so(client):
    assert "There is nothing to sign yet." in text_of(client.get("/appeals/"))


@pytest.mark.parametrize("how", ["closed", "not signable"])
def test_on_paper_nobody_signs_what_takes_no_signatures(client, how):
    appeal = make_appeal(signable=how == "closed")
    if how == "closed":
        appeals.close_appeal(appeal, by=None, at=timezone.now())
    page = client.get(f"/appeals/{appeal.slug}/").content.decode()
    assert "with lines to sign on" not in page
    sheet = client.get(f"/appeals/{appeal.slug}/sheet/").content.decode()
    assert "sheet-lines" not in sheet
    assert "Sign online" not in sheet
    assert "Read it online" in sheet
