"""Every address as everybody: the table in tests/access_table.py, and what holds for all of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import LocalePrefixPattern
from django.utils import timezone, translation

from campaigns.actions import organizations as organization_actions
from campaigns.actions.appeals import close_appeal, unpublish_appeal
from committees.models import Committee
from events.actions import events as event_actions
from events.models import Event
from hub import links
from hub.actions import mailbox_for, renew_mail_link
from hub.models import AuditEntry, Confirmation, Image
from hub.pictures import read_picture
from tests.access_table import Row, rows
from tests.campaigns import endorsing
from tests.campaigns.signing import make_appeal, make_signature
from tests.cast import COMMITTEE as CAST
from tests.cast import ROLES
from tests.events import hosting
from tests.factories import (
    event_details,
    make_announcement,
    make_application,
    make_campaign,
    make_committee,
    make_day,
    make_demand,
    make_event,
    make_mailed_update,
    make_member,
    make_post,
    make_rsvp,
    make_thread,
    posted_rsvp,
)
from tests.hub.uploaded import picture

ROWS = rows()
UNSAFE = ("post", "put", "patch", "delete")
pytestmark = pytest.mark.django_db


# --- The addresses ---------------------------------------------------------------------------------
def patterns(resolver=None, route="", namespaces=()) -> Iterator[tuple[str, str, bool]]:
    """Every pattern as (name or route, route, whether it has a Spanish twin)."""
    for pattern in (resolver or get_resolver()).url_patterns:
        translated = isinstance(pattern.pattern, LocalePrefixPattern)
        here = route if translated else route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name = ":".join([*namespaces, pattern.name]) if pattern.name else here
            yield name, here, False
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            for name, path, twin in patterns(pattern, here, inner):
                yield name, path, twin or translated


PATTERNS = list(patterns())
TRANSLATED = {name for name, _route, twin in PATTERNS if twin}


def make_thing(case: str) -> list[object]:
    """What an address needs in this case."""
    now = timezone.now()
    match case:
        case "-":
            return []
        case "published":
            return [make_event().slug]
        case "unlisted":
            return [make_event(visibility="unlisted").slug]
        case "cancelled" | "postponed":
            return [make_event(event_status=case).slug]
        case "past":
            return [make_event(start=now - timedelta(days=2)).slug]
        case "hidden-place":
            return [make_event(reveal="confirmed").slug]
        case "draft":
            return [make_event(published=False).slug]
        case "taken-off":
            return [event_actions.unpublish_event(make_event(), by=None, at=now).slug]
        case "members":
            return [make_event(visibility="members", committee=make_committee()).slug]
        case "day":
            return [make_day().slug]
        case "day-draft":
            return [make_day(published=False).slug]
        case "day-past":
            return [make_day(first_date=now.date() - timedelta(days=5)).slug]
        case "day-pk":
            return [make_day().pk]
        case "missing":
            return ["no-such-thing-2a3b4"]
        case "demand" | "dem-retired" | "dem-proposed":
            return [make_demand(status={"demand": "adopted"}.get(case, case.removeprefix("dem-"))).slug]
        case "post" | "post-draft":
            return [make_post(published=case == "post").slug]
        case "post-pk" | "post-draft-pk":
            return [make_post(published=case == "post-pk").pk]
        case "photo" | "photo-draft":
            photo = read_picture(picture())
            post = make_post(published=case == "photo", photos=[(photo, "A banner")])
            return [Image.objects.get(owner_id=post.pk).file_name]
        case "demand-pk" | "dem-prop-pk":
            return [make_demand(status="proposed" if case == "dem-prop-pk" else "adopted").pk]
        case "committee":
            return [make_committee().slug]
        case "com-unlisted" | "com-hidden":
            return [make_committee(visibility=case.removeprefix("com-")).slug]
        case "com-draft":
            return [make_committee(published=False).slug]
        case "com-closed":
            return [make_committee(stage="closed").slug]
        case "com-frozen":
            return [make_committee(frozen=True).slug]
        case "com-pk":
            return [make_committee().pk]
        case "own" | "own-hidden" | "own-member":
            own = Committee.objects.filter(name=CAST).first() or make_committee(name=CAST)
            if case == "own-hidden":
                Committee.objects.filter(pk=own.pk).update(visibility="hidden")
            return [own.slug, make_member(own).pk] if case == "own-member" else [own.slug]
        case "own-draft" | "own-sent" | "own-job":
            own = Committee.objects.filter(name=CAST).first() or make_committee(name=CAST)
            announcement = make_announcement(own, sent=case != "own-draft")
            return [announcement.pk] if case == "own-job" else [own.slug, announcement.pk]
        case "own-word" | "own-mailed" | "job-mailed" | "no-word":
            event = hosting.of_the_coordinator("published")
            mailed = make_mailed_update(event, sent=case not in ("own-word", "no-word"))
            if case == "job-mailed":
                return [mailed.pk]
            return [event.slug, uuid4() if case == "no-word" else mailed.pk]
        case "of-member":
            return [make_member(make_committee()).mail_token]
        case "application":
            return [make_application(make_committee()).token]
        case "of-browser":
            return [make_rsvp(make_event(), email="rosa@example.org").token]
        case "of-mail":
            return [make_rsvp(make_event(), confirmed=True).mail_token]
        case "asked":
            party = make_rsvp(make_event(), confirmed=True)
            event_actions.edit_event(party.event, event_details(venue="Pier 1"), by=None, at=timezone.now())
            return [party.mail_token]
        case "spent":
            return [make_rsvp(make_event(), confirmed=True).token]
        case "merged":
            event = make_event()
            make_rsvp(event, email="rosa@example.org", confirmed=True)
            second = make_rsvp(event, email="rosa@example.org")
            make_rsvp(event, email="rosa@example.org", confirmed=True)
            return [second.mail_token]
        case "waiting":
            make_rsvp(make_event(), email="rosa@example.org")
            return [links.token("confirm", Confirmation.objects.get().pk)]
        case "mailbox" | "renewed-mail":
            old = mailbox_for("rosa@example.org", at=now)
            if case == "renewed-mail":
                renew_mail_link(old, at=now)
            return [old.token]
        case "answered":
            make_rsvp(make_event(), email="rosa@example.org", confirmed=True)
            return [links.token("confirm", Confirmation.objects.get().pk)]
        case "too-old":
            make_rsvp(make_event(), email="rosa@example.org", at=now - timedelta(hours=24, seconds=1))
            return [links.token("confirm", Confirmation.objects.get().pk)]
        case "asker":
            return [make_thread().asker_token]
        case "browser":
            return [make_thread(opened=False).browser_token]
        case "spent-thread":
            return [make_thread().browser_token]
        case "host":
            event = make_event()
            event.host = mailbox_for("host@example.org", at=now)
            event.save(update_fields=["host"])
            return [make_thread(event).answerer_token]
        case "moderators":
            return [make_thread().answerer_token]
        case "own-published" | "own-submitted" | "own-members" | "own-frozen":
            return [hosting.of_the_coordinator(case.removeprefix("own-")).slug]
        case "unconfirmed" | "submitted" | "returned" | "rejected" | "approved" | "withdrawn":
            return [hosting.in_state(case).host_token]
        case "in-queue" | "edit-in-queue" | "decided" | "withdrawn-one":
            return [hosting.review_in_state(case).pk]
        case "no-review" | "no-job":
            return [uuid4()]
        case "organization":
            return [endorsing.make_organization().slug]
        case "org-draft":
            return [endorsing.make_organization(published=False).slug]
        case "org-merged":
            doubled, into = endorsing.make_organization(), endorsing.make_organization("UE Local 5")
            organization_actions.merge(doubled, into, by=None, at=now)
            return [doubled.slug]
        case "org-pk":
            return [endorsing.make_organization().pk]
        case "claim":
            return [endorsing.claim_for(endorsing.make_organization()).token]
        case "e-event" | "e-cancelled":
            status = "scheduled" if case == "e-event" else "cancelled"
            return ["event", make_event(event_status=status).slug]
        case "e-members":
            return ["event", make_event(visibility="members", committee=make_committee()).slug]
        case "e-draft":
            return ["event", make_event(published=False).slug]
        case "e-day":
            return ["day", make_day().slug]
        case "e-appeal":
            return ["appeal", endorsing.write_appeal().slug]
        case "e-missing":
            return ["event", "no-such-thing-2a3b4"]
        case "e-nothing":
            return ["committee", make_committee().slug]
        case "en-browser":
            return [endorsing.in_state("pending").token]
        case "en-mail":
            return [endorsing.in_state("published").mail_token]
        case "en-spent":
            return [endorsing.in_state("submitted").token]
        case "en-withdrawn":
            return [endorsing.in_state("withdrawn").mail_token]
        case "campaign":
            return [make_campaign().pk]
        case "campaign-slug":
            return [make_campaign().slug]
        case "blue" | "not-blue":
            return [make_campaign(accent="#1d4f91" if case == "blue" else "").slug, "1d4f91"]
        case "appeal" | "appeal-draft":
            return [make_appeal(published=case == "appeal").slug]
        case "appeal-closed":
            return [close_appeal(make_appeal(), by=None, at=now).slug]
        case "appeal-version" | "no-version":
            return [make_appeal().slug, 1 if case == "appeal-version" else 2]
        case "appeal-pk":
            return [make_appeal().pk]
        case "signature":
            return [make_signature(make_appeal()).token]
        case "signature-mail":
            return [make_signature(make_appeal(), confirmed=True).mail_token]
        case "spent-signature":
            return [make_signature(make_appeal(), confirmed=True).token]
        case "signature-off":
            appeal = make_appeal()
            signature = make_signature(appeal, confirmed=True)
            unpublish_appeal(appeal, by=None, at=now)
            return [signature.mail_token]
        case "event":
            return [make_event().pk]
        case "word":
            return [make_event().updates.create(made_at=now, text="The north gate.").pk]
        case "event-draft":
            return [make_event(published=False).pk]
        case "event-missing":
            return [uuid4()]
        case "entry":
            make_event()
            return [AuditEntry.objects.all()[0].pk]
    raise ValueError(f"no such case: {case}")


def address(row: Row) -> str:
    """The English address of a row, its thing made."""
    match row.view, row.case:
        case "admin:view_on_site", _:
            return reverse(row.view, args=[ContentType.objects.get_for_model(Event).pk, make_event().pk])
        case "admin:app_list", app:
            return reverse(row.view, args=[app])
        case "admin/(?P<url>.*)$", case:
            return {"anything": "/admin/no/such/page/", "people": "/admin/hub/user/"}[case]
        case "dev_mail_detail", "mail":
            return reverse(row.view, args=["1-abc"])
    things = make_thing(row.case)
    if row.view in ROUTES_WITHOUT_NAME:
        return "/" + row.view.replace("<path:object_id>", str(things[0]))
    return reverse(row.view, args=things)


ROUTES_WITHOUT_NAME = {name for name, route, _twin in PATTERNS if name == route and "/" in name}


@pytest.fixture(autouse=True)
def a_mail_in_the_demo_folder(settings, tmp_path):
    settings.DEMO_MAIL_DIR = tmp_path
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["From"] = "Hello", "rosa@example.org", "hub@example.org"
    mail.set_content("text")
    (tmp_path / "1-abc.eml").write_bytes(mail.as_bytes())


# --- The table -------------------------------------------------------------------------------------
def test_every_address_has_a_row_and_every_row_an_address():
    addresses, in_table = {name for name, _route, _twin in PATTERNS}, {row.view for row in ROWS}
    assert addresses - in_table == set(), "add rows to tests/access_table.py"
    assert in_table - addresses == set(), "these addresses are gone: take their rows out"
    # allauth's own names for them, and those of templates and settings.
    # A permanent link has the name of what it leads to.
    twice = {name for name, _route, _twin in PATTERNS} & {
        *("account_login", "account_logout", "signature", "application")
    }
    assert len(PATTERNS) == len({route for _name, route, _twin in PATTERNS}) + len(twice)


def test_every_row_has_every_role_and_stands_once():
    assert all(len(row.statuses) == len(ROLES) for row in ROWS)
    assert len({(row.view, row.case) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.view} {row.case}")
def test_access(row, cast):
    path = address(row)
    paths = [path, f"/es{path}"] if row.view in TRANSLATED else [path]
    expected = dict(zip(ROLES, row.statuses, strict=True))
    for path in paths:
        found = {role: client.get(path).status_code for role, client in cast.items()}
        assert found == expected, path


def test_the_spanish_twin_of_an_address_without_one_is_missing(visitor):
    slug = make_event().slug
    for path in ("/es/livez", "/es/readyz", "/es/admin/", f"/es/events/{slug}.ics"):
        assert visitor.get(path).status_code == 404


# --- What may not be seen does not exist -----------------------------------------------------------
def whole(response) -> tuple:
    """All that a stranger gets to see of an answer."""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return response.status_code, headers, response.content, dict(response.cookies)


@pytest.mark.parametrize("role", ["visitor", "member", "coordinator", "moderator"])
@pytest.mark.parametrize("how", ["draft", "taken-off"])
@pytest.mark.parametrize("path", ["/events/{}/", "/es/events/{}/", "/events/{}.ics", "/events/{}/rsvp/"])
def test_a_draft_answers_as_if_it_were_missing(cast, role, how, path):
    (slug,) = make_thing(how)
    path = path.format(slug)
    client = cast[role]
    before = [whole(client.get(path)), whole(client.head(path))]
    if path.endswith("/rsvp/"):
        before.append(whole(client.post(path, posted_rsvp(name="Rosa", email="rosa@example.org"))))
    Event.objects.all().delete()
    after = [whole(client.get(path)), whole(client.head(path))]
    if path.endswith("/rsvp/"):
        after.append(whole(client.post(path, posted_rsvp(name="Rosa", email="rosa@example.org"))))
    # A token in a form of the page (log out) is masked anew each time.
    assert [_without_tokens(answer) for answer in before] == [_without_tokens(answer) for answer in after]
    assert {answer[0] for answer in before} == {404}


def _without_tokens(answer: tuple) -> tuple:
    status, headers, body, cookies = answer
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", body)
    return status, {k: v for k, v in headers.items() if k != "ETag"}, body, sorted(cookies)


def test_a_visitor_s_404_is_the_same_byte_for_byte(visitor):
    (slug,) = make_thing("draft")
    before = visitor.get(f"/events/{slug}/")
    Event.objects.all().delete()
    assert whole(visitor.get(f"/events/{slug}/")) == whole(before)
    assert before.status_code == 404


def test_a_draft_is_in_no_list(cast):
    for case in ("draft", "taken-off", "unlisted"):
        make_thing(case)
    Event.objects.update(title="Not to be found here")
    for role, client in cast.items():
        for path in ("/", "/events/", "/events/?near=94110", "/es/events/", "/events/?online=no"):
            assert b"Not to be found here" not in client.get(path).content, role


ADMIN_PATHS = [
    "/admin/",
    "/admin/login/",
    "/admin/login/?next=/admin/",
    "/admin/logout/",
    "/admin/events/event/",
    "/admin/events/event/add/",
    "/admin/password_change/",
    "/admin/jsi18n/",
    "/admin/no/such/page/",
]


@pytest.mark.parametrize("role", ["visitor", "member"])
@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_the_admin_does_not_exist_for_others(cast, role, path):
    """The log-in page neither; and no method tells it from a page that really is missing."""
    client = cast[role]
    other = "/nothing/here/"
    for method in ("get", "head", "options", *UNSAFE):
        found, missing = getattr(client, method)(path), getattr(client, method)(other)
        assert found.status_code == missing.status_code == 404, method
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert getattr(strict, method)(path).status_code == 404, method
        bodies = [
            _without_tokens(whole(answer))[2].replace(name.encode(), b"PATH")
            for answer, name in ((found, path.replace("&", "&amp;")), (missing, other))
        ]
        assert bodies[0] == bodies[1], method


def test_staff_without_more_is_nobody_to_the_admin(member):
    member.user.is_staff = True
    member.user.save()
    for path in ADMIN_PATHS:
        assert member.get(path).status_code == 404


def test_people_are_not_in_the_admin(admin):
    page = admin.get("/admin/").content.decode()
    found = set(re.findall(r'href="/admin/([a-z]+/[a-z]+)/"', page))
    assert found == {
        *("hub/auditentry", "campaigns/appeal", "campaigns/campaign", "campaigns/demand", "campaigns/post"),
        *("committees/committee", "events/dayofaction", "events/event"),
        *("hub/auditentry", "campaigns/campaign", "campaigns/organization", "committees/committee"),
        *("events/dayofaction", "events/event", "events/update"),
    }


# --- Acting ------------------------------------------------------------------------------------------
# RFC 8058 sends neither a cookie nor a form's token; what that can do has tests of its own.
FORMS = [row for row in ROWS if row.statuses[0] == 200 and row.view != "unsubscribe"]


@pytest.mark.parametrize("row", FORMS, ids=lambda r: f"{r.view} {r.case}")
def test_nothing_acts_without_the_form_s_token(row):
    path = address(row)
    before = Event.objects.count(), AuditEntry.objects.count()
    client = Client(enforce_csrf_checks=True)
    for method in UNSAFE:
        assert getattr(client, method)(path).status_code == 403, method
    assert (Event.objects.count(), AuditEntry.objects.count()) == before


@pytest.mark.parametrize(
    "path",
    ["/admin/events/event/add/", "/admin/campaigns/campaign/add/", "/account/logout/", "/admin/logout/"],
)
def test_an_administrator_does_not_act_without_the_form_s_token_either(admin, path):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    assert strict.post(path, {"title": "x", "slug": "x", "summary": "x"}).status_code == 403
    assert strict.get("/admin/").status_code == 200  # still logged in


def test_a_page_refused_for_its_token_says_how_to_go_on():
    response = Client(enforce_csrf_checks=True).post(f"/events/{make_event().slug}/rsvp/", posted_rsvp())
    assert response.status_code == 403
    assert b"cookie" in response.content.lower()


def test_looking_does_not_act(visitor):
    """Mail scanners follow links: nothing behind one acts on GET, HEAD or OPTIONS."""
    party = make_rsvp(make_event(capacity=10), email="rosa@example.org")
    token = links.token("confirm", Confirmation.objects.get().pk)
    audited = AuditEntry.objects.count()
    own = (f"/rsvp/{party.token}/", f"/rsvp/{party.mail_token}/", f"/unsubscribe/{party.mail_token}/")
    for path in (f"/confirm/{token}/", *own):
        for method in ("get", "head", "options"):
            for query in ("", "?act=cancel", "?act=erase", "?act=code", f"?act=events.rsvp:{party.pk}"):
                getattr(visitor, method)(path + query)
    party.refresh_from_db()
    assert (party.confirmed_at, party.cancelled_at, party.reminders_stopped_at) == (None, None, None)
    assert Confirmation.objects.get().answered_at is None
    assert AuditEntry.objects.count() == audited


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("view", ["events:rsvp", "rsvp", "confirm", "mine"])
def test_pages_that_take_forms_take_no_other_method(visitor, method, view):
    case = {"events:rsvp": "published", "rsvp": "of-mail", "confirm": "waiting", "mine": "-"}[view]
    path = address(Row(view, case, ()))
    assert getattr(visitor, method)(path).status_code == 405


def test_logging_out_takes_a_post(member):
    assert member.get("/account/logout/").status_code == 405
    assert "_auth_user_id" in member.session
    assert member.post("/account/logout/").status_code == 302
    assert "_auth_user_id" not in member.session


# --- A link opens what it is for, and nothing else ---------------------------------------------------
@pytest.mark.parametrize("kind", ["rsvp", "rsvp-mail", "confirm", "host", ""])
def test_tokens_of_one_kind_open_no_other(visitor, kind):
    party = make_rsvp(make_event(), email="rosa@example.org")
    confirmation = Confirmation.objects.get()
    opened = {
        (page, name)
        for page in ("rsvp", "confirm")
        for name, pk in (
            ("party", party.pk),
            ("confirmation", confirmation.pk),
            ("mailbox", party.mailbox_id),
        )
        if visitor.get(reverse(page, args=[links.token(kind, pk) or "-"])).status_code == 200
    }
    right = {
        "rsvp": {("rsvp", "party")},
        "rsvp-mail": {("rsvp", "party")},
        "confirm": {("confirm", "confirmation")},
    }
    assert opened == right.get(kind, set())


def test_the_id_of_a_party_opens_nothing(visitor):
    party = make_rsvp(make_event(), email="rosa@example.org")
    for text in (str(party.pk), party.pk.hex, party.token[:-1], party.token + "A", party.token.swapcase()):
        assert visitor.get(f"/rsvp/{text}/").status_code == 404


def test_the_twins_are_of_one_table():
    with translation.override("es"):
        assert reverse("events:list") == "/es/events/"
    assert {"home", "events:list", "rsvp", "confirm", "mine", "login"} <= TRANSLATED
    files = {"event_calendar", "day_calendar", "committee_calendar"}
    assert not {"livez", "readyz", "admin:index", *files} & TRANSLATED
