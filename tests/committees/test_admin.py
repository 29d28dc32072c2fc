"""The operator's door: a committee from its first draft to its closing, by the pages of the admin."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.utils import timezone

from committees.models import Committee, Membership
from hub.models import AuditEntry
from tests.cast import logged_in
from tests.factories import make_campaign, make_committee, make_member, make_user
from tests.hub.places_fixture import places  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]

LIST = "/admin/committees/committee/"
ADD = f"{LIST}add/"


def change_page(committee) -> str:
    return f"{LIST}{committee.pk}/change/"


def new_committee(**fields) -> dict[str, str]:
    return {
        "campaign": str(make_campaign(is_home=True).pk),
        "kind": "union",
        "name": "Port Committee",
        "about": "We meet at the hall.",
        "language": "en",
        "question": "Which local?",
        "city": "San Francisco",
        "region": "CA",
        "country": "US",
        "visibility": "public",
        "joining": "approval",
        **fields,
    }


def form_of(browser, committee) -> dict[str, str]:
    """What a browser sends when nothing is changed."""
    form = browser.get(change_page(committee)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in values.items() if value is not None}


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_from_draft_to_published_to_closed(admin):
    assert admin.post(ADD, new_committee()).status_code == 302
    committee = Committee.objects.get()
    assert (committee.status, committee.zone) == ("draft", "America/Los_Angeles")
    assert (committee.latitude, committee.longitude) == (37.77, -122.42)
    path = change_page(committee)
    data = form_of(admin, committee)

    answer = admin.post(path, data | {"_publish": "1"})
    assert said(answer)[0] == "“Port Committee” is published."
    appointed = data | {"appoint": "cora@example.org", "appoint_reason": "elected on May 1", "_continue": "1"}
    cora = make_user("cora@example.org")
    assert admin.post(path, appointed).status_code == 302
    assert Membership.objects.get().role == "coordinator"
    logged_in(cora).post(f"/committees/{committee.slug}/accept/")
    admin.post(path, data | {"_activate": "1"})
    admin.post(path, data | {"_freeze": "1"})
    committee.refresh_from_db()
    assert (committee.stage, committee.frozen_at is not None) == ("active", True)
    admin.post(path, data | {"_unfreeze": "1"})
    admin.post(path, data | {"_close": "1"})
    committee.refresh_from_db()
    assert (committee.stage, committee.frozen_at) == ("closed", None)
    admin.post(path, data | {"_unpublish": "1"})
    committee.refresh_from_db()
    assert committee.status == "draft"
    assert set(AuditEntry.objects.values_list("actor", flat=True)) >= {admin.user.pk}


def test_what_can_t_be_done_is_a_sentence(admin):
    committee = make_committee(name="Port Committee")
    answer = admin.post(change_page(committee), form_of(admin, committee) | {"_activate": "1"})
    assert "Nobody coordinates “Port Committee”: appoint somebody first." in said(answer)


def test_appointing_takes_an_exact_address_and_a_reason(admin):
    committee = make_committee()
    make_user("cora@example.org")
    data = form_of(admin, committee)
    answer = admin.post(change_page(committee), data | {"appoint": "cora@example.org", "appoint_reason": ""})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert not Membership.objects.exists()


def seen_by(moderator, committee, address: str) -> str:
    """All a moderator reads after appointing this address, without what names the committee."""
    AuditEntry.objects.all().delete()
    path = change_page(committee)
    data = form_of(moderator, committee)
    told = said(moderator.post(path, data | {"appoint": address, "appoint_reason": "x"}))
    for button in ("_unfreeze", "_activate"):
        told += said(moderator.post(path, data | {button: "1"}))
    pages = [f"/committees/{committee.slug}/", f"/committees/{committee.slug}/contact/", LIST, path]
    pages += [f"/admin/hub/auditentry/?object_id__exact={committee.pk}"]
    for page in pages:
        answer = moderator.get(page)
        told += [str(answer.status_code), answer.content.decode()]
    shown = re.sub(r"<input[^>]*>|\d\d:\d\d:\d\d|results \(.*\)|auditentry/[0-9a-f-]+", "", "\n".join(told))
    return shown.replace(committee.slug, "*").replace(str(committee.pk), "*")


@pytest.mark.parametrize("frozen", [False, True])
def test_nothing_tells_a_moderator_whether_there_is_an_account(moderator, frozen):
    described = {"name": "Port Committee", "frozen": frozen, "at": timezone.now()}
    unknown = make_committee(**described)
    before = seen_by(moderator, unknown, "nobody@example.org")
    Committee.objects.all().delete()
    cora, committee = make_user("cora@example.org"), make_committee(**described)
    assert seen_by(moderator, committee, "cora@example.org") == before
    assert "we have asked it to take “Port Committee” on" in before
    assert Membership.objects.get().user == cora
    logged_in(cora).post(f"/committees/{committee.slug}/accept/")
    committee.refresh_from_db()
    assert committee.frozen_at is None


def test_a_moderator_does_not_appoint_themselves(moderator):
    committee = make_committee(name="Port Committee")
    data = form_of(moderator, committee) | {"appoint": moderator.user.email, "appoint_reason": "x"}
    answer = moderator.post(change_page(committee), data)
    assert "You can't appoint yourself to “Port Committee”: somebody else has to do that." in said(answer)
    assert not Membership.objects.exists()


def test_the_address_of_who_was_appointed_stays_in_no_log(admin):
    committee = make_committee()
    make_user("cora@example.org")
    data = form_of(admin, committee) | {"appoint": "cora@example.org", "appoint_reason": "elected"}
    admin.post(change_page(committee), data)
    for entry in LogEntry.objects.all():
        assert "cora@" not in f"{entry.change_message}{entry.object_repr}"


def test_no_page_of_the_admin_shows_who_belongs_to_it(admin):
    committee = make_committee()
    make_member(committee, make_user("rosa@example.org", display_name="Rosalinda"), name="Rosalinda")
    for path in (LIST, change_page(committee), f"{LIST}{committee.pk}/history/"):
        page = admin.get(path).content.decode()
        assert "Rosalinda" not in page
        assert "rosa@" not in page


def test_an_unknown_city_is_a_mistake(admin):
    answer = admin.post(ADD, new_committee(city="Nowhere at all"))
    assert answer.status_code == 200
    assert not Committee.objects.exists()


def test_an_area_without_a_city_has_no_point(admin):
    admin.post(ADD, new_committee(city="", region="", country="US"))
    committee = Committee.objects.get()
    assert (committee.latitude, committee.area) == (None, "United States")


def test_only_drafts_are_deleted(admin):
    draft, published = make_committee(published=False), make_committee()
    assert admin.get(f"{LIST}{published.pk}/delete/").status_code == 403
    assert admin.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Committee.objects.filter(pk=draft.pk).exists()


def test_the_list_offers_to_publish_and_take_off_only(admin):
    committee = make_committee(published=False)
    page = html.unescape(admin.get(LIST).content.decode())
    assert set(re.findall(r'<option value="(\w+)"', page)) == {"act_publish", "act_unpublish"}
    admin.post(LIST, {"action": "act_publish", "_selected_action": [str(committee.pk)]})
    committee.refresh_from_db()
    assert committee.status == "published"
