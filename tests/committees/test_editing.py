"""What coordinators say of their committee, and what they don't decide."""

import pytest

from committees.actions.committees import freeze_committee
from committees.models import Committee, Membership
from hub.models import AuditEntry
from tests.cast import logged_in
from tests.factories import make_committee, make_member

pytestmark = pytest.mark.django_db
TYPED = {"about": "We meet at **six**.", "language": "es", "joining": "open", "question": "Why?"}


@pytest.fixture
def path(coordinator) -> str:
    return f"/committees/{coordinator.committee.slug}/edit/"


def test_a_coordinator_changes_words_and_how_one_joins(coordinator, visitor, path):
    committee, page = coordinator.committee, path.removesuffix("edit/")
    assert path in coordinator.get(page).content.decode()
    assert "We meet on Tuesdays." in coordinator.get(path).content.decode()
    assert coordinator.post(path, TYPED)["Location"] == page
    assert "Saved." in coordinator.get(page).content.decode()
    shown = visitor.get(page).content.decode()
    assert "We meet at <strong>six</strong>." in shown
    assert path not in shown
    committee.refresh_from_db()
    assert {name: getattr(committee, name) for name in TYPED} == TYPED
    entry = AuditEntry.objects.get(action="edit_committee")
    assert (entry.actor, entry.object_id) == (coordinator.user, committee.pk)
    assert entry.changes == {
        "language": ["en", "es"],
        "question": ["", "Why?"],
        "joining": ["approval", "open"],
    }


def test_what_is_the_moderators_stays(coordinator, path):
    before = Committee.objects.values().get(pk=coordinator.committee.pk)
    others = {"name": "Boss", "visibility": "hidden", "kind": "union", "city": "Reno", "stage": "closed"}
    assert coordinator.post(path, TYPED | others).status_code == 302
    after = Committee.objects.values().get(pk=coordinator.committee.pk)
    assert {name for name in before if before[name] != after[name]} == {*TYPED, "changed_at"}


@pytest.mark.parametrize(
    "wrong", [{"joining": "nobody"}, {"language": "xx"}, {"question": "x" * 201}, {"about": "x" * 10_001}]
)
def test_bad_input_is_said_and_kept(coordinator, path, wrong):
    answer = coordinator.post(path, TYPED | wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="error-summary"' in page
    assert "Committee of the cast</a>" in page
    assert not AuditEntry.objects.filter(action="edit_committee").exists()


def test_others_do_not_edit_it(coordinator, moderator, admin, path, settings):
    member = logged_in(make_member(coordinator.committee).user)
    other = logged_in(make_member(make_committee(), role="coordinator").user)
    for client in (member, other, moderator, admin):
        assert client.post(path, TYPED).status_code == 403
    settings.DEMO = False
    assert coordinator.post(path, TYPED).status_code == 302  # to the second step
    settings.DEMO = True
    freeze_committee(coordinator.committee, by=None, at=Membership.objects.first().asked_at)
    assert coordinator.post(path, TYPED).status_code == 403
    assert not AuditEntry.objects.filter(action="edit_committee").exists()
