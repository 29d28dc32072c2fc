"""Pages of demands: the list, one demand, its history, the leaflet, a member's support."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.actions import appeals as appeal_actions
from campaigns.actions import demands
from campaigns.models import Demand, DemandSupporter, DemandText, DemandVersion
from committees.models import DemandSupport
from events.actions import events as event_actions
from events.models import Event
from hub.models import TaggedItem
from tests.factories import (
    demand_details,
    event_details,
    make_campaign,
    make_committee,
    make_demand,
    make_event,
    make_user,
)
from tests.test_queries import asked, opened

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def page(client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def named(title: str, **details):
    return make_demand(texts={"en": (title, "", "2020"), "es": (f"ES {title}", "", "2020")}, **details)


def url(demand, end: str = "") -> str:
    return f"/demands/{demand.slug}/{end}"


# --- The list --------------------------------------------------------------------------------------
def test_the_list_has_adopted_demands_in_their_order(visitor, admin):
    first, second = named("First"), named("Second")
    named("Proposal", status="proposed")
    named("Gone", status="retired")
    demands.move_demand(second, 1, by=None, at=NOW)
    for client in (visitor, admin):
        text = page(client, "/demands/")
        assert text.index("Second") < text.index("First")
        assert "Proposal" not in text
        assert "Gone" not in text
    spanish = page(visitor, "/es/demands/")
    assert "ES First" in spanish
    assert url(first) in spanish


def test_each_campaign_has_its_own_part_the_home_page_s_first(visitor):
    other = make_campaign(title="Another campaign")
    named("Theirs", campaign=other)
    named("Ours", campaign=make_campaign(title="Zeal", is_home=True))
    text = page(visitor, "/demands/")
    places = [text.index(words) for words in ("Zeal</a></h2>", "Ours", "Another campaign</a></h2>", "Theirs")]
    assert places == sorted(places)


def test_the_list_is_filtered_by_tag(visitor):
    named("Shelter", tags=["housing"])
    named("Clinics", tags=["health"])
    named("Secret", tags=["plans"], status="proposed")
    text = page(visitor, "/demands/?tag=housing")
    assert "Shelter" in text
    assert "Clinics" not in text
    assert "Remove filter:" in text
    assert "plans" not in text.lower()
    assert "Vivienda" in page(visitor, "/es/demands/?tag=housing")


@pytest.mark.parametrize("tag", ["no-such", "plans", "<script>", "x" * 500])
def test_an_unknown_tag_is_said(visitor, tag):
    named("Secret", tags=["plans"], status="proposed")
    text = page(visitor, f"/demands/?tag={tag}", 422)
    assert "No demand has this tag." in text
    assert "<script>" not in text


def test_a_tag_that_is_no_text_is_said(visitor):
    assert "Null characters are not allowed." in page(visitor, "/demands/?tag=%00", 422)


def test_a_long_list_is_paged(visitor):
    for n in range(51):
        named(f"Demand {n:02}")
    assert "Demand 49" in page(visitor, "/demands/")
    assert "Demand 50" not in page(visitor, "/demands/")
    assert "Demand 50" in page(visitor, "/demands/?page=2")


def test_an_empty_list_says_so(visitor):
    assert "No demand stands here yet." in page(visitor, "/demands/")


# --- One demand ------------------------------------------------------------------------------------
def test_a_demand_says_what_when_and_where(visitor):
    demand = make_demand(tags=["public services"])
    text = page(visitor, url(demand))
    assert "A home is <strong>no</strong> commodity." in text
    assert "2020, urgent call" in text
    assert "Public services" in text
    assert url(demand, "history/") in text
    spanish = page(visitor, f"/es{url(demand)}")
    assert "2020, llamado urgente" in spanish
    assert "Servicios públicos" in spanish


def test_words_in_another_language_are_marked(visitor):
    demand = make_demand(texts={"en": ("Only English", "", "2020")})
    assert '<h1 lang="en">Only English</h1>' in page(visitor, f"/es{url(demand)}")


def test_retired_demands_have_a_list_the_last_first(visitor):
    first, last, holds = named("First"), named("Last"), named("Holds")
    for days, demand in ((2, first), (1, last)):
        demands.retire_demand(demand, by=None, at=NOW - timedelta(days=days))
    assert 'href="/demands/retired/"' in page(visitor, "/demands/")
    text = page(visitor, "/demands/retired/")
    assert text.index("Last") < text.index("First")
    assert "Holds" not in text
    assert "ES Last" in page(visitor, "/es/demands/retired/")
    assert len(asked(opened("/demands/retired/"))) == 2
    for slug in (last.slug, holds.slug):
        assert ("<h2>Support</h2>" in page(visitor, f"/demands/{slug}/")) == (slug == holds.slug)
    Demand.objects.all().update(status="proposed", order=None, retired_at=None)
    assert "No demand has been retired." in page(visitor, "/demands/retired/")


def test_a_retired_demand_keeps_its_page_and_says_so(visitor):
    demand = make_demand(status="retired")
    assert "was retired on" in page(visitor, url(demand))
    assert "I support" not in page(visitor, url(demand))


def test_a_demand_shows_what_carries_it(visitor, admin):
    demand, other = make_demand(), make_demand()
    ahead = make_event(title="Rally ahead")
    past = make_event(title="Rally of the past", start=NOW - timedelta(days=3))
    draft = make_event(title="Draft rally", published=False)
    unlisted = make_event(title="Quiet rally", visibility="unlisted")
    inner = make_event(title="Inner rally", visibility="members", committee=make_committee())
    for event in (ahead, past, draft, unlisted, inner):
        event.demands.set([demand])
    make_event(title="Unrelated rally")
    for title, published in (("Appeal on the site", True), ("Appeal in the drawer", False)):
        words = {"en": appeal_actions.Words(title, "Sign.", "Text")}
        details = appeal_actions.AppealDetails(campaign=demand.campaign, kind="appeal", texts=words)
        appeal = appeal_actions.create_appeal(details, by=None, at=NOW)
        demands.carry_demands(appeal, [demand], by=None, at=NOW)
        if published:
            appeal = appeal_actions.publish_appeal(appeal, by=None, at=NOW)
            newer = {"en": appeal_actions.Words("Appeal anew", "Sign.", "Text")}
            details = appeal_actions.AppealDetails(campaign=demand.campaign, kind="appeal", texts=newer)
            appeal_actions.edit_appeal(appeal, details, seen=1, substantial=False, by=None, at=NOW)
    text = page(visitor, url(demand))
    assert text.index("Rally ahead") < text.index("Past events") < text.index("Rally of the past")
    assert "Appeal anew" in text
    for title in ("Draft", "Quiet", "Inner", "Unrelated", "Appeal on the site", "in the drawer"):
        assert title not in text
    assert "in the drawer" not in page(admin, url(demand))  # who sees drafts doesn't take them for published
    assert "Rally ahead" not in page(visitor, url(other))


def test_an_event_shows_what_it_is_held_for(visitor):
    demand, proposal = named("Shelter"), named("Only proposed", status="proposed")
    event = make_event()
    event_actions.edit_event(
        event, event_details(), by=None, at=NOW
    )  # what doesn't speak of demands leaves them
    event.demands.set([demand, proposal])
    event_actions.edit_event(event, event_details(), by=None, at=NOW)
    text = page(visitor, f"/events/{event.slug}/")
    assert url(demand) in text
    assert "Shelter" in text
    assert "Only proposed" not in text
    assert "ES Shelter" in page(visitor, f"/es/events/{event.slug}/")


def test_an_operator_chooses_demands_for_an_event(admin, visitor):
    shelter, health, gone = named("Shelter"), named("Health"), named("Gone")
    event = make_event(city="", online=True, online_link="https://x.example.org/")
    event.demands.set([gone])
    demands.retire_demand(gone, by=None, at=NOW)
    path = f"/admin/events/event/{event.pk}/change/"
    form = admin.get(path).context["adminform"].form
    assert [label for _pk, label in form.fields["demands"].choices] == ["1. Shelter", "2. Health"]
    values = {name: form[name].value() for name in form.fields}
    posted = {
        name: "on" if value is True else value
        for name, value in values.items()
        if value is not None and value is not False
    }
    answer = admin.post(path, posted | {"demands": [str(health.pk), str(shelter.pk)]})
    assert answer.status_code == 302, answer.context["errors"]
    assert set(Event.objects.get().demands.all()) == {shelter, health, gone}  # what was retired stays
    assert admin.post(path, posted | {"demands": [str(gone.pk)], "sequence": "1"}).status_code == 200


# --- Support ---------------------------------------------------------------------------------------
def test_a_member_supports_and_takes_it_back(member, visitor):
    demand = make_demand()
    assert "I support this demand" in page(member, url(demand))
    for _twice in range(2):
        assert member.post(url(demand, "support/"))["Location"] == url(demand) + "#support"
    assert "Supported by 1 member" in page(visitor, url(demand))
    assert "You support this demand" in page(member, url(demand))
    assert "Con el apoyo de 1 miembro" in page(visitor, "/es/demands/")
    member.post(url(demand, "withdraw/"))
    assert "Supported by" not in page(visitor, url(demand))
    assert not DemandSupporter.objects.exists()


def test_nobody_but_its_owner_sees_whose_support_it_is(cast):
    demand, rosa = make_demand(), make_user(display_name="Rosa of the docks")
    demands.support_demand(demand, rosa, at=NOW)
    for client in cast.values():
        for path in (url(demand), url(demand, "history/"), "/demands/"):
            text = page(client, path)
            assert "You support" not in text
            assert "Rosa" not in text
    assert b"Rosa" not in cast["admin"].get(f"/admin/campaigns/demand/{demand.pk}/change/").content
    assert page(cast["visitor"], url(demand)).count("1 member") == 1


def test_a_visitor_is_sent_to_log_in_and_comes_back_to_the_demand(visitor):
    demand = make_demand()
    for end in ("support/", "withdraw/"):
        answer = visitor.post(url(demand, end))
        assert answer["Location"] == f"/account/login/?next={url(demand)}"
    assert "I support" not in page(visitor, url(demand))
    assert "csrftoken" not in visitor.cookies


def test_a_retired_demand_takes_no_support_and_a_proposed_one_is_missing(member):
    retired, proposed = make_demand(status="retired"), make_demand(status="proposed")
    answer = member.post(url(retired, "support/"))
    assert answer.status_code == 410
    assert "Only an adopted demand takes support." in answer.content.decode()
    assert member.post(url(proposed, "support/")).status_code == 404
    assert member.post("/demands/no-such/support/").status_code == 404
    assert not DemandSupporter.objects.exists()


def test_support_is_a_post_with_the_form_s_token(member):
    demand = make_demand()
    for end in ("support/", "withdraw/"):
        assert member.get(url(demand, end)).status_code == 405
    member.handler.enforce_csrf_checks = True
    assert member.post(url(demand, "support/")).status_code == 403
    assert not DemandSupporter.objects.exists()


# --- The history -----------------------------------------------------------------------------------
def test_the_history_marks_what_changed(visitor):
    demand = make_demand()
    words = {
        "en": ("Safe shelter for everyone", "A home is a right.\n\n<script>x</script>", "2027, Fresno"),
        "es": ("Refugio seguro", "La vivienda es un derecho.", "2027, Fresno"),
    }
    demands.edit_demand(
        demand, demand_details(campaign=demand.campaign, texts=words), seen=1, by=None, at=NOW
    )
    text = page(visitor, url(demand, "history/"))
    assert text.index("Version 2") < text.index("Version 1")
    assert "<del>Free, safe</del><ins>Safe</ins> shelter for everyone" in text
    assert "A home is <del>" in text
    assert "2027, Fresno" in text
    assert "2020, urgent call" in text
    assert "<script>x" not in text
    assert "Refugio seguro<del> y gratuito</del>" in page(visitor, f"/es{url(demand, 'history/')}")


def test_words_new_in_a_language_are_compared_with_none(visitor):
    demand = make_demand(texts={"en": ("Shelter", "", "2020")})
    words = {"en": ("Shelter", "", "2020"), "es": ("Refugio", "", "2027")}
    demands.edit_demand(
        demand, demand_details(campaign=demand.campaign, texts=words), seen=1, by=None, at=NOW
    )
    spanish = page(visitor, f"/es{url(demand, 'history/')}")
    article = spanish.partition("Versión 2")[2].partition("Versión 1")[0]
    assert "Refugio" in article
    assert "<ins>" not in article


def test_a_long_history_is_paged(visitor):
    demand = make_demand()
    for n in range(2, 13):
        words = {"en": (f"Words {n}", "", f"2027, part {n}")}
        details = demand_details(campaign=demand.campaign, texts=words)
        demands.edit_demand(demand, details, seen=n - 1, by=None, at=NOW)
    assert "Version 3<" in page(visitor, url(demand, "history/"))
    # The last of a page is compared with the first of the next.
    assert page(visitor, url(demand, "history/")).count("<ins>") == 1 + 10
    assert "Version 1<" in page(visitor, url(demand, "history/?page=2"))


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    "javascript:alert(1)//",
    "[x](javascript:alert(1))",
    "![x](//evil.example/x.png)",
    "'-alert(1)-'",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_write_runs_nowhere(visitor, admin, payload):
    demand = make_demand(texts={"en": (payload, payload, payload)}, tags=[payload])
    words = {"en": (f"{payload} again", f"{payload}\n\nagain", f"{payload} 2027")}
    details = demand_details(campaign=demand.campaign, texts=words, tags=[payload])
    demands.edit_demand(demand, details, seen=1, by=None, at=NOW)
    event = make_event()
    event.demands.set([demand])
    event_form = f"/admin/events/event/{event.pk}/change/"
    form = f"/admin/campaigns/demand/{demand.pk}/change/"
    public = [url(demand), url(demand, "history/"), "/demands/", "/demands/platform/"]
    for client, path in (
        *((visitor, path) for path in (*public, f"/events/{event.slug}/")),
        *((admin, path) for path in (form, "/admin/campaigns/demand/", event_form)),
    ):
        text = page(client, path)
        for markup in (
            "<script>alert",
            "<img src=x",
            "<svg/onload",
            "<iframe",
            'href="javascript',
            '<img src="//',
        ):
            assert markup not in text, (path, markup)


# --- The leaflet -----------------------------------------------------------------------------------
def test_the_leaflet_has_every_adopted_demand_and_where_they_stand(visitor):
    named("First")
    named("Second")
    named("Gone", status="retired")
    named("Theirs", campaign=make_campaign(title="Another", slug="another"))
    text = page(visitor, "/demands/platform/")
    assert text.index("First") < text.index("Second")
    assert "Gone" not in text
    assert "Theirs" not in text
    assert re.search(r'<a href="(http://[^"]+/demands/)">\1</a>', text)
    assert 'role="img"' in text
    spanish = page(visitor, "/es/demands/platform/")
    assert "ES First" in spanish
    assert "/es/demands/</a>" in spanish
    assert "Theirs" in page(visitor, "/demands/platform/?campaign=another")
    assert page(visitor, "/demands/platform/?campaign=no-such", 404)
    assert page(visitor, "/demands/platform/?campaign=a%00b", 404)


def test_without_a_campaign_there_is_no_leaflet(visitor):
    page(visitor, "/demands/platform/", 404)


# --- Queries ---------------------------------------------------------------------------------------
def make_many(number: int) -> Demand:
    """So many demands in both languages with a tag, a version, a committee and an event each, written past
    the actions; gives the one all of them hang on."""
    first = make_demand()
    many = [
        Demand(campaign=first.campaign, slug=f"many-{n}", status="adopted", order=n + 2, made_at=NOW)
        for n in range(number)
    ]
    Demand.objects.bulk_create(many)
    versions = [DemandVersion(demand=one, number=1, made_at=NOW) for one in many]
    versions += [DemandVersion(demand=first, number=n + 2, made_at=NOW) for n in range(number)]
    DemandVersion.objects.bulk_create(versions)
    DemandText.objects.bulk_create(
        DemandText(version=version, language=language, title="Title", adopted="2020")
        for version in versions
        for language in ("en", "es")
    )
    Demand.objects.filter(pk=first.pk).update(newest=number + 1)
    item = TaggedItem.objects.get(object_id=first.pk)
    TaggedItem.objects.bulk_create(
        TaggedItem(content_type=item.content_type, object_id=one.pk, tag=item.tag) for one in many
    )
    committee = make_committee()
    committees = [committee]
    for n in range(number - 1):
        fields = {name: getattr(committee, name) for name in ("campaign", "kind", "status", "visibility")}
        committees.append(type(committee)(**fields, slug=f"committee-{n}", name=f"Committee {n}"))
    type(committee).objects.bulk_create(committees[1:])
    DemandSupport.objects.bulk_create(
        [DemandSupport(demand=first, committee=one, since=NOW) for one in committees]
        + [DemandSupport(demand=one, committee=committee, since=NOW) for one in many]
    )
    event = make_event()
    Event.demands.through.objects.bulk_create(
        Event.demands.through(event=event, demand=one) for one in [first, *many][:30]
    )
    events = [
        Event(
            campaign=event.campaign, slug=f"event-{n}", title="Rally", kind="rally", status="published",
            zone=event.zone, next_start=event.next_start, next_end=event.next_end,
        )
        for n in range(number)
    ]  # fmt: skip
    Event.objects.bulk_create(events, batch_size=500)
    Event.demands.through.objects.bulk_create(
        Event.demands.through(event=one, demand=first) for one in events
    )
    return first


@pytest.mark.parametrize("number", [10, 2000])
def test_pages_ask_the_same_for_few_and_many(number):
    first = make_many(number)
    rally = Event.objects.exclude(slug__startswith="event-").get()
    allowed = {
        "/demands/": 4,  # the demands, their words, their tags; all tags
        "/es/demands/?tag=housing": 4,
        url(first): 5,  # the demand with its words; tags, documents, events, committees
        url(first, "history/"): 3,  # the demand with its words; the versions, theirs
        "/demands/platform/": 3,  # the campaign with what it is for, its demands, their words
        f"/events/{rally.slug}/": 2,  # the event, its demands with their words
    }
    for path in allowed:
        opened(path)()  # kinds of content are asked for once a process
    found = {path: asked(opened(path)) for path in allowed}
    assert {path: len(sql) for path, sql in found.items()} == allowed, found


def test_adopted_demands_are_found_by_an_index():
    make_many(500)
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    campaign = Demand.objects.all()[0].campaign_id
    sql, params = Demand.objects.filter(campaign=campaign, order=7).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # or the plan is that of an empty table
        cursor.execute(f"{explain} {sql}", params)
        assert "demand_of_campaign" in " ".join(str(row) for row in cursor.fetchall())
