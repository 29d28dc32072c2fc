"""The admin of demands, and the admin as a campaign coordinator finds it."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.actions.coordinators import dismiss_campaign_coordinator
from campaigns.models import Coordinator, Demand, DemandText, DemandVersion
from tests.access_table import rows
from tests.cast import logged_in
from tests.factories import (
    PASSWORD,
    make_campaign,
    make_campaign_coordinator,
    make_demand,
    make_event,
    make_user,
)
from tests.test_access import address

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/demand/"
NO_CSRF = ("csrfmiddlewaretoken",)


@pytest.fixture
def cora(db):
    """Runs `cora.campaign`, and no other."""
    campaign = make_campaign(title="Ours", is_home=True)
    client = logged_in(make_campaign_coordinator(campaign))
    client.campaign = campaign
    return client


def page_of(demand) -> str:
    return f"{LIST}{demand.pk}/change/"


def form_of(client, path) -> dict[str, str]:
    """What a browser would send back of the form unchanged."""
    text = client.get(path).content.decode()
    form = re.search(r'<form[^>]*id="demand_form".*?</form>', text, re.DOTALL)[0]
    fields = {}
    for tag in re.findall(r"<input [^>]+>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        sent = attributes.get("type") != "checkbox" or " checked" in tag
        if sent and attributes.get("type") not in ("submit", "file"):
            fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        fields[name] = html.unescape(text)
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return {name: value for name, value in fields.items() if name not in NO_CSRF}


def sent(client, path, **changes):
    return client.post(path, {**form_of(client, path), **changes})


# --- Working on demands ----------------------------------------------------------------------------
def test_a_coordinator_proposes_words_and_adopts(cora):
    form = form_of(cora, f"{LIST}add/")
    assert form["campaign"] == str(cora.campaign.pk)
    added = cora.post(
        f"{LIST}add/", {**form, "title_en": "Homes for all", "tags": "housing, public services"}
    )
    assert added.status_code == 302
    demand = Demand.objects.get()
    assert (demand.status, demand.campaign) == ("proposed", cora.campaign)
    assert sorted(demand.tags.names()) == ["housing", "public services"]

    early = sent(cora, page_of(demand), _adopt="1")
    assert early.status_code == 200
    assert "Write when and where these words were adopted." in early.content.decode()
    assert Demand.objects.get().status == "proposed"

    done = cora.post(
        page_of(demand),
        {**form_of(cora, page_of(demand)), "adopted_en": "2027, Fresno", "_adopt": "1"},
        follow=True,
    )
    assert [str(one) for one in done.context["messages"]] == ["“Homes for all” is adopted."]
    assert (Demand.objects.get().status, Demand.objects.get().order) == ("adopted", 1)
    assert "Homes for all" in Client().get("/demands/").content.decode()


def test_changed_words_of_an_adopted_demand_are_a_new_version(cora):
    demand = make_demand()
    assert sent(cora, page_of(demand)).status_code == 302
    assert DemandVersion.objects.count() == 1
    assert list(demand.tags.names()) == ["housing"]
    assert sent(cora, page_of(demand), title_en="New words", adopted_en="2027, Fresno").status_code == 302
    assert [version.number for version in DemandVersion.objects.order_by("number")] == [1, 2]
    assert DemandText.objects.in_force().get(language="en").title == "New words"


def test_a_correction_of_spelling_keeps_its_adoption(cora):
    demand = make_demand()
    fields = {"title_en": "Free, safe shelter for all", "correction": "on"}
    form = {name: value.replace("\n", "\r\n") for name, value in form_of(cora, page_of(demand)).items()}
    assert cora.post(page_of(demand), {**form, **fields}).status_code == 302
    words = DemandText.objects.in_force().get(language="en")
    assert (words.version.number, words.title, words.adopted) == (
        *(2, "Free, safe shelter for all"),
        "2020, urgent call",
    )


def test_tags_come_back_as_they_are_written(cora):
    demand = make_demand()
    assert sent(cora, page_of(demand), tags="public services, transport").status_code == 302
    assert form_of(cora, page_of(demand))["tags"] == "public services, transport"
    assert sent(cora, page_of(demand), tags="public services").status_code == 302  # one, not two
    assert list(demand.tags.names()) == ["public services"]


def test_places_and_retiring(cora):
    first, second = make_demand(), make_demand(texts={"en": ("Second", "", "2020")})
    assert sent(cora, page_of(second), place="1").status_code == 302
    assert list(Demand.objects.adopted()) == [second, first]
    form = {**form_of(cora, page_of(second)), "_retire": "1"}
    assert "sure" not in form
    asked = cora.post(page_of(second), form)
    assert "Tick this if the campaign demands it no more." in asked.content.decode()
    assert 'name="sure"' in asked.content.decode()
    assert Demand.objects.adopted().count() == 2
    done = cora.post(page_of(second), {**form, "sure": "on"}, follow=True)
    assert "“Second” is retired" in done.content.decode()
    first.refresh_from_db()
    assert first.order == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title_en": "", "text_en": "", "adopted_en": "", "title_es": "", "text_es": "", "adopted_es": ""},
         "Write a title in one language at least."),
        ({"title_en": ""}, "Write a title for these words."),
        ({"adopted_es": ""}, "Write when and where these words were adopted."),
        ({"text_es": "Otra cosa."}, "These words are new: write when and where they were adopted"),
        ({"seen": "7"}, "Somebody changed this demand meanwhile."),
        ({"seen": ""}, "Somebody changed this demand meanwhile."),
        ({"tags": "[]"}, "A tag has a letter or a digit"),
        ({"tags": "x" * 41}, "at most 40 characters"),
        ({"tags": ", ".join("abcdefghijk")}, "Write at most 10 tags."),
        ({"place": "0"}, "greater than or equal to 1"),
        ({"title_en": "x" * 161}, "at most 160 characters"),
        ({"text_en": "x" * 10_001}, "at most 10,000 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_saved(cora, changes, sentence):
    demand = make_demand()
    answer = sent(cora, page_of(demand), **changes)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert DemandVersion.objects.count() == 1


def test_of_two_who_save_the_second_loses_nothing_and_changes_nothing(cora, monkeypatch):
    demand = make_demand()
    mine = form_of(cora, page_of(demand))
    monkeypatch.setattr("campaigns.demand_forms.DemandForm._refuse_outdated", lambda form, data: None)
    Demand.objects.update(newest=2)
    answer = cora.post(page_of(demand), {**mine, "_retire": "1", "sure": "on"}, follow=True)
    page = answer.content.decode()
    assert "Somebody changed this demand meanwhile." in page
    assert "successfully" not in page
    assert Demand.objects.get().status == "adopted"  # nor was the button's act done


def test_only_proposals_are_deleted(cora):
    demand, proposal = make_demand(), make_demand(status="proposed")
    assert cora.post(f"{LIST}{demand.pk}/delete/", {"post": "yes"}).status_code == 403
    page = cora.get(f"{LIST}{proposal.pk}/delete/").content.decode()
    assert "Free, safe shelter for everyone" in page
    assert proposal.slug not in page
    assert cora.post(f"{LIST}{proposal.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Demand.objects.all()) == [demand]


# --- Whose ---------------------------------------------------------------------------------------
@pytest.fixture
def foreign(cora):
    """A demand of a campaign somebody else runs."""
    return make_demand(campaign=make_campaign(title="Theirs"))


def test_rows_of_another_campaign_do_not_exist(cora, foreign):
    missing = make_demand(status="proposed", campaign=cora.campaign)
    missing_pages = [f"{LIST}{missing.pk}/{end}/" for end in ("change", "history", "delete")]
    Demand.objects.filter(pk=missing.pk).delete()
    pages = [f"{LIST}{foreign.pk}/{end}/" for end in ("change", "history", "delete")]
    for path in [*pages, *missing_pages]:
        assert cora.get(path).status_code == 404, path
        assert cora.post(path, {"post": "yes", "_retire": "1", "title_en": "Mine"}).status_code == 404, path
    assert "Theirs" not in cora.get(LIST).content.decode()
    assert Demand.objects.get(pk=foreign.pk).status == "adopted"


def test_nothing_is_put_into_another_campaign(cora, foreign):
    form = {**form_of(cora, f"{LIST}add/"), "title_en": "Mine", "campaign": str(foreign.campaign_id)}
    assert "Theirs" not in cora.get(f"{LIST}add/").content.decode()
    answer = cora.post(f"{LIST}add/", form)
    assert answer.status_code == 200
    assert "Select a valid choice" in answer.content.decode()
    assert Demand.objects.count() == 1


def test_moderators_read_and_administrators_work_on_all(moderator, admin, foreign):
    assert moderator.get(page_of(foreign)).status_code == 200
    assert moderator.post(page_of(foreign), {"title_en": "Mine"}).status_code == 403
    assert moderator.get(f"{LIST}add/").status_code == 403
    assert sent(admin, page_of(foreign), _retire="1", sure="on").status_code == 302
    assert Demand.objects.get(pk=foreign.pk).status == "retired"


def test_a_lost_role_acts_on_the_next_request(cora):
    demand = make_demand()
    assert cora.get(page_of(demand)).status_code == 200
    dismiss_campaign_coordinator(cora.campaign, cora.user, reason="test", by=None, at=timezone.now())
    assert cora.get(page_of(demand)).status_code == 404
    assert cora.get("/admin/").status_code == 404


def test_the_admin_wants_the_second_factor(cora, settings):
    reverse("home")
    settings.DEMO = False
    assert "second" in cora.get(LIST)["Location"]


def test_its_session_ends_after_twelve_hours(cora):
    own = Client()
    own.post("/account/login/", {"login": cora.user.email, "password": PASSWORD})
    assert own.session.get_expiry_age() <= 12 * 3600
    plain = Client()
    plain.post("/account/login/", {"login": make_user().email, "password": PASSWORD})
    assert plain.session.get_expiry_age() > 12 * 3600


# --- What else stands in the admin ---------------------------------------------------------------
OPEN = {"admin:index", "admin:password_change", "admin:password_change_done", "admin:jsi18n"}
ADMIN_ROWS = [row for row in rows() if row.view.startswith("admin") and row.view not in OPEN]


@pytest.mark.parametrize("row", ADMIN_ROWS, ids=lambda row: f"{row.view} {row.case}")
def test_a_coordinator_of_another_campaign_opens_no_row_of_the_admin(row, cast):
    """Nothing that is about a thing: lists and empty forms of what campaign staff work on stand open, and
    hold none of it."""
    path = address(row)
    other = logged_in(make_campaign_coordinator(make_campaign(title="Another")))
    answer = other.get(path)
    about_a_thing = row.case not in ("-", "campaigns", "events")
    lists = ("admin:campaigns_", "admin:events_dayofaction_", "admin:app_list")
    if about_a_thing or not row.view.startswith(lists):
        # Django leads from an old form of address to the new one, and from what isn't there to the index.
        allowed = (302, 403, 404) if row.case != "-" else (302, 403, 404, 405)
        assert answer.status_code in allowed, path
        if answer.status_code == 302:
            assert other.get(answer["Location"]).status_code in (200, 403, 404)
            assert "/change/" not in answer["Location"] or other.get(answer["Location"]).status_code != 200


def test_the_index_shows_what_campaign_staff_work_on(cora):
    page = cora.get("/admin/").content.decode()
    found = set(re.findall(r'href="/admin/([a-z]+/[a-z]+)/"', page))
    assert found >= {"campaigns/demand", "campaigns/appeal", "campaigns/post", "events/dayofaction"}
    assert "campaigns/campaign" in found  # its words are theirs
    assert not found & {"hub/auditentry", "committees/committee", "events/event"}


def test_the_history_names_nobody(cora, admin):
    demand = make_demand(by=admin.user, campaign=cora.campaign)
    page = cora.get(f"{LIST}{demand.pk}/history/").content.decode()
    table = page.partition("<table")[2].partition("</table>")[0]
    assert "adopt_demand" in table
    assert str(admin.user) not in page
    assert "@" not in table


def test_the_event_page_offers_no_edit_to_campaign_staff(cora, moderator):
    event = make_event()
    edit = f"/admin/events/event/{event.pk}/change/"
    assert edit not in cora.get(f"/events/{event.slug}/").content.decode()
    assert edit in moderator.get(f"/events/{event.slug}/").content.decode()


def test_the_list_asks_the_same_for_few_and_many(cora, django_assert_max_num_queries):
    for number in (3, 40):
        for _ in range(number):
            make_demand()
        with django_assert_max_num_queries(9):
            assert cora.get(LIST).status_code == 200


def test_the_demand_s_page_leads_its_coordinators_to_the_form(cora, foreign):
    own = make_demand(campaign=cora.campaign)
    assert page_of(own) in cora.get(f"/demands/{own.slug}/").content.decode()
    assert page_of(foreign) not in cora.get(f"/demands/{foreign.slug}/").content.decode()
    assert Coordinator.objects.count() == 1
