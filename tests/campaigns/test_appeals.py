"""Documents: their versions, what makes a new one, and what happens on the way to the site and off it."""

import pytest
from django.utils import timezone

from campaigns.actions import appeals
from campaigns.actions.appeals import AppealRefused, Reply, Words
from campaigns.models import Appeal, AppealVersion
from hub.models import AuditEntry
from tests.campaigns.signing import TEXTS, details, make_appeal, rewrite

pytestmark = pytest.mark.django_db


def edit(appeal, texts, *, seen=1, substantial=None, **fields):
    return appeals.edit_appeal(
        appeal, details(texts=texts, **fields), seen=seen, substantial=substantial, by=None, at=timezone.now()
    )


def test_a_draft_has_one_version_that_is_rewritten():
    appeal = make_appeal(published=False)
    edit(appeal, {"en": Words("New", "Sentence.", "Body.")})
    version = AppealVersion.objects.get(appeal=appeal)
    assert appeals.words_of(version) == {"en": Words("New", "Sentence.", "Body.")}


@pytest.mark.parametrize("substantial", [True, False])
def test_new_words_of_a_published_one_make_a_version(substantial):
    appeal = make_appeal()
    rewrite(appeal, "Another body.", substantial=substantial)
    first, second = AppealVersion.objects.filter(appeal=appeal).order_by("number")
    assert appeals.words_of(first) == TEXTS
    assert second.text_in("en").body == "Another body."
    assert second.text_in("es").body == TEXTS["es"].body  # a version spans all languages
    assert (second.number, second.substantial) == (2, substantial)


def test_the_same_words_make_none():
    appeal = make_appeal()
    edit(appeal, TEXTS, goal=500)
    assert AppealVersion.objects.count() == 1
    assert Appeal.objects.get().goal == 500
    assert AuditEntry.objects.get(action="edit_appeal").changes == {"goal": ["None", "500"]}


def test_a_published_one_says_what_kind_of_change_it_is():
    appeal = make_appeal()
    with pytest.raises(AppealRefused) as refused:
        edit(appeal, {"en": Words("New", "Sentence.", "Body.")}, goal=9)
    assert refused.value.reason == "substantial"
    assert AppealVersion.objects.count() == 1
    assert Appeal.objects.get().goal is None  # nothing half-saved


def test_one_taken_off_the_site_keeps_its_versions():
    """People have signed what was once published: its words don't change in place any more."""
    appeal = appeals.unpublish_appeal(make_appeal(), by=None, at=timezone.now())
    rewrite(appeal, "Another body.")
    assert AppealVersion.objects.count() == 2


def test_who_edits_what_somebody_else_has_rewritten_is_refused():
    appeal = make_appeal()
    rewrite(appeal, "Another body.")
    with pytest.raises(AppealRefused) as refused:
        edit(appeal, {"en": Words("Mine", "Sentence.", "Body.")}, seen=1, substantial=True)
    assert refused.value.reason == "changed"
    assert AppealVersion.objects.count() == 2


def test_publishing_taking_off_closing_and_opening():
    appeal = make_appeal(published=False)
    first = timezone.now()
    for act, status, closed in [
        (appeals.publish_appeal, "published", False),
        (appeals.close_appeal, "published", True),
        (appeals.reopen_appeal, "published", False),
        (appeals.unpublish_appeal, "draft", False),
        (appeals.publish_appeal, "published", False),
    ]:
        appeal = act(appeal, by=None, at=timezone.now())
        assert (appeal.status, appeal.closed_at is not None) == (status, closed)
    assert first <= appeal.published_at < timezone.now()
    entries = AuditEntry.objects.filter(action__endswith="_appeal").order_by("at")
    assert [entry.action.removesuffix("_appeal") for entry in entries] == [
        *("create", "publish", "close", "reopen", "unpublish", "publish"),
    ]


def test_the_first_publication_stays():
    appeal = make_appeal()
    before = appeal.published_at
    appeals.unpublish_appeal(appeal, by=None, at=timezone.now())
    assert appeals.publish_appeal(appeal, by=None, at=timezone.now()).published_at == before


def test_paper_is_counted_under_the_version_on_the_sheet():
    appeal = make_appeal()
    rewrite(appeal, "Another body.")
    sheet = appeals.add_paper(appeal, 12, seen=1, by=None, at=timezone.now())
    assert (sheet.version.number, sheet.count) == (1, 12)
    appeals.remove_paper(sheet, by=None, at=timezone.now())
    assert not appeal.paper_sheets.exists()
    counts = AuditEntry.objects.filter(action__endswith="paper").order_by("at")
    assert [entry.count for entry in counts] == [12, 12]


def test_an_empty_sheet_is_refused():
    with pytest.raises(AppealRefused):
        appeals.add_paper(make_appeal(), 0, seen=1, by=None, at=timezone.now())


def test_replies_are_replaced_and_the_same_ones_change_nothing():
    appeal, at = make_appeal(), timezone.now()
    replies = [
        Reply("An answer", "https://example.org/a", "en"),
        Reply("Otra", "https://example.org/b", "es"),
    ]
    appeals.set_replies(appeal, replies, by=None, at=at)
    appeals.set_replies(appeal, list(reversed(replies)), by=None, at=at)
    assert set(appeal.replies.values_list("title", flat=True)) == {"An answer", "Otra"}
    assert AuditEntry.objects.filter(action="set_replies").count() == 1
    appeals.set_replies(appeal, [], by=None, at=at)
    assert not appeal.replies.exists()
