"""Who may do what with a committee: role by visibility by stage by page, generated from the rules said
once in words below; and a canary, whose name nobody reads but who may."""

import re
from itertools import product
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from committees.actions import joining
from committees.models import Committee, Membership
from hub.models import Confirmation, User
from tests.access_table import rows
from tests.cast import logged_in
from tests.factories import (
    make_admin,
    make_application,
    make_committee,
    make_event,
    make_member,
    make_moderator,
    make_user,
    posted_form,
)
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)
from tests.test_access import address

pytestmark = pytest.mark.django_db

OUTSIDERS = ("visitor", "stranger", "applicant", "other-coordinator")
INSIDE = ("member", "coordinator")
ABOVE = ("moderator", "admin")
ROLES = (*OUTSIDERS, *INSIDE, *ABOVE)
VISIBILITIES = ("public", "unlisted", "hidden")
STAGES = ("forming", "active", "dormant", "closed", "frozen")
PAGES = ("list", "page", "join", "own", "roster", "person", "leave", "join by post", "approve by post")


def sees(role: str, visibility: str) -> bool:
    return visibility != "hidden" or role in INSIDE or role in ABOVE


def expected(role: str, visibility: str, stage: str, page: str) -> object:
    """The status of an answer or, for the list, whether the committee stands in it."""
    if page == "list":
        return visibility == "public" and stage != "closed"
    if not sees(role, visibility):
        return 404
    takes = stage not in ("closed", "frozen")
    coordinates = role == "coordinator" and takes
    match page:
        case "page":
            return 200
        case "join":
            return 410 if not takes else 302 if role in (*INSIDE, "applicant") else 200
        case "join by post":
            # A newcomer is led to their own page, an account to the committee's.
            return 422 if not takes or role in (*INSIDE, "applicant") else 302
        case "leave":
            return 302 if role in ("visitor", *INSIDE, "applicant") else 403
    if role == "visitor":
        return 302  # to the log-in
    if page == "own":
        return 200 if role in INSIDE else 403
    return (302 if page == "approve by post" else 200) if coordinates else 403


def make_cast(committee: Committee) -> dict[str, User | None]:
    coordinator = Membership.objects.coordinators().filter(committee=committee).select_related("user").first()
    return {
        "visitor": None,
        "stranger": make_user(),
        "applicant": make_member(committee, pending=True).user,
        "member": make_member(committee).user,
        "coordinator": (coordinator or make_member(committee, role="coordinator")).user,
        "other-coordinator": make_member(make_committee(name="Other"), role="coordinator").user,
        "moderator": make_moderator(),
        "admin": make_admin(),
    }


def found(client: Client, committee: Committee, person: Membership, page: str) -> object:
    base = f"/committees/{committee.slug}/"
    match page:
        case "list":
            return committee.name in client.get("/committees/").content.decode()
        case "join by post":
            data = posted_form(name="Rosa", email="rosa@example.org")
            return client.post(f"{base}join/", data).status_code
        case "approve by post":
            return client.post(f"{base}members/{person.pk}/", {"act": "approve"}).status_code
        case "leave":
            return client.post(f"{base}leave/").status_code
    tail = {
        "page": "",
        "join": "join/",
        "own": "me/",
        "roster": "members/",
        "person": f"members/{person.pk}/",
    }
    return client.get(f"{base}{tail[page]}").status_code


CELLS = list(product(ROLES, VISIBILITIES, STAGES, PAGES))


def test_there_are_enough_cells():
    assert len(CELLS) >= 150


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_role_by_page(visibility, stage):
    """Each state once, then everybody at every page: what acts comes last, on rows of its own."""
    committee = make_committee(
        visibility=visibility,
        stage="forming" if stage == "frozen" else stage,
        frozen=stage == "frozen",
        name="Canary Row",
    )
    cast = make_cast(committee)
    wrong = {}
    # Pages that change something last, and leaving after everything.
    order = sorted(PAGES, key=lambda page: (page == "leave", page.endswith("by post")))
    person = make_member(committee, pending=True)
    for page, role in product(order, ROLES):
        if not Membership.objects.pending().filter(pk=person.pk).exists():
            person = make_member(committee, pending=True)
        answer = found(logged_in(cast[role]), committee, person, page)
        if answer != expected(role, visibility, stage, page):
            wrong[role, page] = (answer, expected(role, visibility, stage, page))
        if page == "join by post" and role in ("stranger", "other-coordinator", *ABOVE):
            Membership.objects.filter(committee=committee, user=cast[role]).delete()
        if page == "leave" and role == "coordinator":  # the last of a committee leaves it frozen
            type(committee).objects.filter(pk=committee.pk).update(frozen_at=committee.frozen_at)
    assert wrong == {}


@pytest.mark.parametrize("role", ["visitor", "stranger", "applicant", "other-coordinator"])
@pytest.mark.parametrize(
    ("method", "tail"),
    [
        *(("get", tail) for tail in ("", "join/", "join/done/", "me/", "members/")),
        *(("post", tail) for tail in ("join/", "me/", "leave/")),
        ("head", ""),
    ],
)
def test_a_hidden_one_answers_as_if_it_were_missing(role, method, tail):
    committee = make_committee(visibility="hidden")
    client = logged_in(make_cast(committee)[role])

    def answer() -> tuple:
        path = f"/committees/{committee.slug}/{tail}"
        data = posted_form(name="R", email="rosa@example.org") if method == "post" else {}
        response = getattr(client, method)(path, data)
        body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", response.content)
        headers = {k: v for k, v in response.headers.items() if k not in ("Content-Length", "ETag")}
        return response.status_code, headers, body

    before = answer()
    Membership.objects.filter(committee=committee).delete()
    Committee.objects.filter(pk=committee.pk).delete()
    assert answer() == before
    assert before[0] == 404


# --- The canary ----------------------------------------------------------------------------------
CANARY = "Quetzalwarbler"


@pytest.fixture
def canary():
    """A hidden committee with a unique word in everything it says, and an event that has it too."""
    committee = make_committee(
        name=f"{CANARY} Committee",
        about=f"{CANARY} meets here.",
        question=f"{CANARY}?",
        city="Berkeley",
        stage="active",
        joining="approval",
        visibility="public",
    )
    make_application(committee, email="early@example.org")
    cast = make_cast(committee)
    Committee.objects.filter(pk=committee.pk).update(visibility="hidden")
    event = make_event(committee=committee, title=f"{CANARY} meeting", description=CANARY)
    assert event.visibility == "members"
    return committee, event, cast


def queries(committee, event) -> list[str]:
    """Addresses an outsider may try: every list with every filter, what is searched for, files, forms."""
    word = quote(CANARY)
    lists = [
        f"/{where}/?{query}"
        for where in ("events", "committees", "days", "search", "moderation")
        for query in (
            *("", f"q={word}", "near=94110", "near=Berkeley%2C+CA&within=250", "page=2", f"near={word}"),
            *("kind=neighborhood", "kind=meeting", "kind=workplace", f"committee={committee.slug}"),
            *(f"committee={committee.pk}", f"committee={word}", "online=no", f"kind={word}", f"day={word}"),
        )
    ]
    files = [
        *(f"/events/{event.slug}.ics", f"/committees/{committee.slug}/events.ics", "/events.ics"),
        *("/events.atom", "/sitemap.xml", "/robots.txt", "/mine/", "/me/", "/account/login/", "/"),
        *(f"/events.ics?committee={committee.slug}", f"/events.atom?committee={committee.slug}"),
    ]
    pages = [
        f"/{kind}/{slug}/{tail}"
        for kind, slug in (("events", event.slug), ("committees", committee.slug))
        for tail in ("", "rsvp/", "join/", "join/done/", "me/", "members/", "ask/", "contact/", "coming/")
    ]
    here = [*lists, *files, *pages, "/events/propose/", "/account/signup/"]
    return [*here, *(f"/es{path}" for path in here)]


def names_it(response, path: str) -> bool:
    """Whether an answer says the word, apart from what the asked address repeats: its own slug, and what
    was typed into a field of a list, which has none of the word's companions behind it."""
    said = response.content.decode(errors="replace") + str(sorted(response.headers.items()))
    if CANARY.lower() in path.lower():
        said = re.sub(rf"{CANARY}-(committee|meeting)-\w{{5}}", "", said, flags=re.I)
        said = re.sub(rf"{CANARY}(?! (Committee|meets|meeting))", "", said)
    return CANARY.lower() in said.lower()


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_list_search_file_or_form_tells_an_outsider(canary, places, role):  # noqa: F811
    committee, event, cast = canary
    client = logged_in(cast[role])
    told = [path for path in queries(committee, event) if names_it(client.get(path), path)]
    assert told == []


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_answer_to_a_post_tells_an_outsider(canary, role):
    committee, event, cast = canary
    client = logged_in(cast[role])
    sent = posted_form(name="R", email="rosa@example.org", party_size="1", need="", act="code", code="123456")
    targets = [
        *(f"/committees/{committee.slug}/{tail}" for tail in ("join/", "me/", "leave/", "contact/")),
        *(f"/events/{event.slug}/{tail}" for tail in ("rsvp/", "ask/")),
        *("/mine/", "/events/propose/", "/account/login/"),
    ]
    told = [path for path in targets if names_it(client.post(path, sent), path)]
    assert told == []


def test_an_application_of_before_tells_nothing_either(canary, visitor):
    committee, _event, _cast = canary
    application = committee.applications.get()
    path = f"/t/{application.token}/"
    for answer in (visitor.get(path), visitor.post(path, {"act": "code", "code": "123456"})):
        assert answer.status_code == 410
        assert not names_it(answer, path)
    assert joining.confirm_application(application.pk, timezone.now()) is None


@pytest.mark.once
@pytest.mark.usefixtures("cast")  # some of the table's things are theirs
@pytest.mark.parametrize("role", ["visitor", "stranger", "applicant"])
def test_no_address_of_the_hub_tells_an_outsider(canary, role):
    """Every address there is, in every state of the table, as it stands for others."""
    _committee, _event, cast = canary
    Confirmation.objects.all().delete()  # the table's cases take the only one there is
    client, told = logged_in(cast[role]), []
    for row in rows():
        if row.view == "dev_mail_detail":  # a folder of mail, not of the database
            continue
        with transaction.atomic():
            path = address(row)
            if names_it(client.get(path), ""):
                told.append(path)
            transaction.set_rollback(True)  # the next row makes its own
    assert told == []


@pytest.mark.parametrize("role", ["member", "coordinator", "moderator", "admin"])
def test_those_who_may_read_it(canary, role):
    committee, _event, cast = canary
    page = logged_in(cast[role]).get(f"/committees/{committee.slug}/").content.decode()
    assert f"{CANARY} Committee" in page
    assert f"{CANARY} meeting" in page


def test_the_canary_would_be_noticed(canary, visitor):
    """The search above finds the word where the committee isn't hidden."""
    committee, event, _cast = canary
    Committee.objects.filter(pk=committee.pk).update(visibility="public")
    type(event).objects.filter(pk=event.pk).update(visibility="public")
    told = {path for path in queries(committee, event) if names_it(visitor.get(path), path)}
    assert {"/", "/committees/?", "/events/?", f"/committees/{committee.slug}/"} <= told
    assert f"/events/{event.slug}.ics" in told
