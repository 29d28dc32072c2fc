"""The operator's door to documents: written, previewed, rewritten, published, closed, counted on paper."""

import html
import re
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from campaigns.actions import appeals, signatures
from campaigns.actions.demands import carry_demands, retire_demand
from campaigns.models import Appeal, AppealVersion, Campaign, PaperSheet
from hub import moderation
from hub.models import AuditEntry, Review
from tests.campaigns.signing import make_appeal, make_signature, rewrite
from tests.cast import logged_in
from tests.factories import (
    deliver_mail,
    make_campaign,
    make_campaign_coordinator,
    make_demand,
    make_moderator,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/appeal/"
NO_REPLIES = {"replies-TOTAL_FORMS": "0", "replies-INITIAL_FORMS": "0"}


def change_page(appeal) -> str:
    return f"{LIST}{appeal.pk}/change/"


def form_of(browser, path) -> dict[str, str]:
    """What a browser sends when nothing is changed."""
    form = browser.get(path).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    said = {name: "on" if value is True else str(value) for name, value in values.items() if value}
    return NO_REPLIES | said


def press(browser, appeal, button="_save", **fields):
    path = change_page(appeal)
    response = browser.post(path, {**form_of(browser, path), **fields, button: "1"})
    appeal.refresh_from_db()
    return response


def said(response) -> str:
    return html.unescape(strip_tags(response.content.decode()))


def written(**fields) -> dict[str, str]:
    return {
        **NO_REPLIES,
        "campaign": str(make_campaign(is_home=True).pk),
        "kind": "open-letter",
        "signable": "on",
        "title_en": "Open letter",
        "summary_en": "Debate with us.",
        "body_en": "Dear **all**.",
        **fields,
    }


def test_from_the_first_draft_to_the_site(admin, visitor):
    answer = admin.post(f"{LIST}add/", {**written(), "_publish": "1"}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == ["“Open letter” is published."]
    appeal = Appeal.objects.get()
    assert (appeal.status, appeal.kind) == ("published", "open-letter")
    assert "Dear <strong>all</strong>." in visitor.get(f"/appeals/{appeal.slug}/").content.decode()
    assert "Open letter" in said(admin.get(LIST))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title_en": "", "summary_en": "", "body_en": ""}, "Write the text in one language at least."),
        ({"summary_en": ""}, "Write this part too, or leave the language empty."),
        ({"title_es": "Carta"}, "Write this part too, or leave the language empty."),
        ({"body_en": "x" * 50_001}, "at most 50,000 characters"),
        ({"goal": "0"}, "Goal: Write a whole number from 1 on"),
        ({"goal": "-5"}, "Goal: Write a whole number from 1 on"),
        ({"goal": "9" * 12}, "Goal: Write a whole number from 1 on"),
    ],
)
def test_bad_input_saves_nothing(admin, fields, sentence):
    response = admin.post(f"{LIST}add/", written(**fields))
    assert sentence in said(response)
    assert not Appeal.objects.exists()


def test_changed_words_of_a_published_one_need_their_kind(admin):
    appeal = make_appeal()
    response = press(admin, appeal, body_en="Something else.")
    assert "Say what kind of change it is." in said(response)
    assert AppealVersion.objects.count() == 1
    press(admin, appeal, body_en="Something else.", change="substantial")
    newest = appeals.current(appeal)
    assert (newest.number, newest.substantial, newest.text_in("en").body) == (2, True, "Something else.")


def test_a_substantial_change_says_how_many_are_asked(admin):
    appeal = make_appeal()
    make_signature(appeal)  # unconfirmed
    for _ in range(2):
        make_signature(appeal, confirmed=True)

    def messages(button="_save", **fields):
        form = form_of(admin, change_page(appeal))
        sent = {"change": "substantial", **fields, button: "1"}
        answer = admin.post(change_page(appeal), {**form, **sent}, follow=True)
        return [str(one) for one in answer.context["messages"]]

    sentence = "The new text is saved. 2 people are asked by mail whether they stand behind it too."
    assert messages(body_en="Else.") == [sentence]
    assert sentence not in messages(body_en="Another.", change="minor")
    assert sentence not in messages(goal="7")
    assert sentence not in messages("_close", body_en="Closed.")


def test_how_a_browser_ends_lines_changes_no_words(admin):
    appeal = make_appeal()
    form = form_of(admin, change_page(appeal))
    assert "\n\n" in form["body_en"]
    answer = admin.post(change_page(appeal), {**form, "body_en": form["body_en"].replace("\n", "\r\n")})
    assert answer.status_code == 302
    assert AppealVersion.objects.count() == 1


def test_what_is_wrong_leads_to_its_field(admin):
    row = {"title": "An answer", "url": "javascript:alert(1)", "language": "en"}
    fields = {f"replies-0-{name}": value for name, value in row.items()}
    wrong = written(summary_en="", **fields) | {"replies-TOTAL_FORMS": "1"}
    page = admin.post(f"{LIST}add/", wrong).content.decode()
    links = re.findall(r'<li><a href="#([\w-]+)">', page.partition("hub-errors")[2].partition("</div>")[0])
    assert links == ["id_summary_en", "id_replies-0-url"]
    for link in links:
        assert f'id="{link}"' in page


@pytest.mark.parametrize(("kind", "mails"), [("minor", 0), ("substantial", 1)])
def test_who_has_signed_is_asked_only_when_it_says_something_else(admin, kind, mails):
    appeal = make_appeal()
    make_signature(appeal, confirmed=True)
    deliver_mail()
    press(admin, appeal, body_en="Other words.", change=kind)
    assert len(deliver_mail()) == mails


def test_saving_what_somebody_else_has_rewritten_is_refused(admin):
    appeal = make_appeal()
    path = change_page(appeal)
    form = form_of(admin, path)
    rewrite(appeal, "Theirs.")
    response = admin.post(path, {**form, "body_en": "Mine.", "change": "minor", "_save": "1"})
    assert "Somebody has changed the text since you opened it." in said(response)
    assert "Mine." in said(response)
    assert AppealVersion.objects.count() == 2


def test_the_preview_saves_nothing(admin, moderator, member):
    response = admin.post(f"{LIST}preview/", written(body_en="Dear **all** <script>alert(1)</script>"))
    page = response.content.decode()
    assert "Dear <strong>all</strong>" in page
    assert "<script>alert" not in page
    assert not Appeal.objects.exists()
    assert member.post(f"{LIST}preview/", {}).status_code == 404
    assert moderator.post(f"{LIST}preview/", {}).status_code == 403


def test_the_preview_shows_what_stands_around_the_words(admin):
    demand = make_demand()
    fields = {"issued_on": "2026-05-01", "goal": "500", "demands": [str(demand.pk)]}
    response = admin.post(f"{LIST}preview/", written(**fields))
    page = said(response)
    for text in ("Open letter · May 1, 2026", "Next goal: 500", "Free, safe shelter for everyone"):
        assert text in page
    assert "/es/admin/" not in response.content.decode()
    assert "only to be read" in said(admin.post(f"{LIST}preview/", written(signable="", goal="-5")))


def test_the_address_of_a_preview_leads_back_to_the_form(admin, moderator):
    appeal = make_appeal()
    assert f"{LIST}preview/?appeal={appeal.pk}" in admin.get(change_page(appeal)).content.decode()
    for key, path in ((appeal.pk, change_page(appeal)), ("", f"{LIST}add/"), ("x", f"{LIST}add/")):
        answer = admin.get(f"{LIST}preview/?appeal={key}", follow=True)
        assert answer.redirect_chain == [(path, 302)]
        assert answer.status_code == 200
    assert moderator.get(f"{LIST}preview/")["Location"] == LIST


@pytest.mark.parametrize(
    ("button", "expected"),
    [("_close", ("published", True)), ("_unpublish", ("draft", False))],
)
def test_the_buttons(admin, button, expected):
    appeal = make_appeal()
    press(admin, appeal, button)
    assert (appeal.status, appeal.closed_at is not None) == expected
    if button == "_close":
        press(admin, appeal, "_reopen")
        assert appeal.closed_at is None


def test_a_retired_demand_stays_with_the_document_that_carries_it(admin):
    appeal, retired, kept, other = make_appeal(), make_demand(), make_demand(), make_demand()
    carry_demands(appeal, [retired, kept], by=None, at=timezone.now())
    retire_demand(retired, by=None, at=timezone.now())
    press(admin, appeal, demands=[str(other.pk)])
    assert set(appeal.demands.all()) == {retired, other}


def test_answers_are_written_in_the_same_form(admin):
    appeal = make_appeal()
    row = {"title": "An answer", "url": "example.org/answer", "language": "en", "on": "2026-05-01"}
    fields = {f"replies-0-{name}": value for name, value in row.items()}
    press(admin, appeal, **fields, **{"replies-TOTAL_FORMS": "1"})
    reply = appeal.replies.get()
    assert (reply.title, reply.url) == ("An answer", "https://example.org/answer")
    fields |= {"replies-TOTAL_FORMS": "1", "replies-INITIAL_FORMS": "1", "replies-0-id": str(reply.pk)}
    press(admin, appeal, **fields, **{"replies-0-appeal": str(appeal.pk), "replies-0-DELETE": "on"})
    assert not appeal.replies.exists()
    assert AuditEntry.objects.filter(action="set_replies").count() == 2


def test_a_bad_address_of_an_answer_saves_nothing(admin):
    appeal = make_appeal()
    row = {"title": "An answer", "url": "javascript:alert(1)", "language": "en"}
    fields = {f"replies-0-{name}": value for name, value in row.items()}
    press(admin, appeal, body_en="Else.", change="minor", **fields, **{"replies-TOTAL_FORMS": "1"})
    assert not appeal.replies.exists()
    assert AppealVersion.objects.count() == 1


def test_paper_is_counted_and_taken_out_again(admin):
    appeal = make_appeal()
    path = f"{LIST}{appeal.pk}/paper/"
    admin.post(path, {"act": "add", "count": "12", "version": "1"})
    sheet = PaperSheet.objects.get()
    assert sheet.count == 12
    assert "12" in said(admin.get(path))
    admin.post(path, {"act": "remove", "sheet": str(sheet.pk)})
    assert not PaperSheet.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"count": "0", "version": "1"}, "from 1 to 100,000"),
        ({"count": "many", "version": "1"}, "from 1 to 100,000"),
        ({"count": "5", "version": "7"}, "There is no such version."),
        ({"count": "5", "version": ""}, "Write the number of the version"),
    ],
)
def test_bad_sheets(admin, fields, sentence):
    response = admin.post(f"{LIST}{make_appeal().pk}/paper/", {"act": "add", **fields})
    assert response.status_code == 422
    assert sentence in said(response)
    assert not PaperSheet.objects.exists()


# --- Whose ---------------------------------------------------------------------------------------
@pytest.fixture
def cora(db):
    """Runs a campaign, and not the one of `foreign`."""
    client = logged_in(make_campaign_coordinator(make_campaign(title="Ours", is_home=True)))
    client.campaign = Campaign.objects.get()
    return client


@pytest.fixture
def foreign(cora):
    """A document of a campaign somebody else runs."""
    return make_appeal(campaign=make_campaign(title="Theirs"))


@pytest.mark.parametrize("published", [True, False])
def test_documents_of_another_campaign_do_not_exist(cora, foreign, published):
    Appeal.objects.update(status="published" if published else "draft")
    sheet = appeals.add_paper(foreign, 7, seen=1, by=None, at=timezone.now())
    before = AuditEntry.objects.count()
    acts = {"post": "yes", "_publish": "1", "_unpublish": "1", "_close": "1", "title_en": "Mine"}
    acts |= {"act": "remove", "sheet": str(sheet.pk), "count": "5", "version": "1"}
    for end in ("change", "history", "delete", "paper"):
        for key in (foreign.pk, uuid4()):  # as one that is missing
            assert cora.get(f"{LIST}{key}/{end}/").status_code == 404, end
            assert cora.post(f"{LIST}{key}/{end}/", acts).status_code == 404, end
    page = cora.get(LIST).content.decode()
    assert "Theirs" not in page
    assert foreign.slug not in page
    assert AuditEntry.objects.count() == before
    assert PaperSheet.objects.get() == sheet


def test_no_document_is_put_into_another_campaign(cora, foreign):
    own = make_appeal(campaign=cora.campaign)
    assert "Theirs" not in cora.get(f"{LIST}add/").content.decode()
    fields = written(campaign=str(foreign.campaign_id))
    for path in (f"{LIST}add/", change_page(own)):
        assert "Select a valid choice" in said(cora.post(path, fields))
    assert Appeal.objects.filter(campaign=foreign.campaign_id).get() == foreign
    assert press(cora, own, title_en="Ours", change="minor").status_code == 302
    assert appeals.current(own).number == 2


def test_the_history_says_nothing_of_signers(cora):
    """Beside the public list it would say when each of them signed."""
    own = make_appeal(campaign=cora.campaign)
    line = {"shown": "identification", "signed_as": "R\nsteward\nUE"}
    signed = [make_signature(own, confirmed=True, **line) for _n in range(2)]
    moderator, (first, second) = make_moderator(), Review.objects.order_by("submitted_at")
    moderation.publish(first, by=moderator, at=timezone.now())
    moderation.reject(second, reason="No.", by=moderator, at=timezone.now())
    make_signature(own, email=signed[0].mailbox.address, confirmed=True, shown="name", signed_as="Rosa")
    rewrite(own, "Something else.")
    signatures.sign_newer(signed[0].pk, seen=2, at=timezone.now())
    signatures.change(signed[0].pk, shown="counted", signed_as="", at=timezone.now())
    signatures.withdraw(signed[0].pk, at=timezone.now())
    page = cora.get(f"{LIST}{own.pk}/history/").content.decode()
    shown = re.findall(r"<td>([a-z_]+)</td>", page)
    assert sorted(shown) == ["create_appeal", "edit_appeal", "publish_appeal"]


def test_moderators_read_documents_and_change_none(moderator, foreign):
    page = said(moderator.get(change_page(foreign)))
    assert "We call on **workers**." in page
    assert "What it asks, in a sentence:" in page  # and not "Summary en"
    assert "Kind of change" not in page
    assert "Save and" not in page
    for end in ("change", "delete", "paper"):
        assert moderator.post(f"{LIST}{foreign.pk}/{end}/", {"title_en": "Mine"}).status_code == 403


def test_nothing_is_deleted_here(admin):
    assert admin.post(f"{LIST}{make_appeal().pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_asks_the_same_for_many(admin, django_assert_max_num_queries):
    for _number in range(12):
        make_appeal()
    with django_assert_max_num_queries(10):
        admin.get(LIST)
