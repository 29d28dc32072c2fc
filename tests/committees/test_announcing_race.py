"""Many hands at the same moment on what one committee announces."""

import secrets
from functools import partial

import pytest

from committees.actions import announcements as actions
from committees.actions import announcing
from committees.actions.announcements import AnnouncementRefused
from committees.models import Announcement
from hub.models import AuditEntry, Message
from tests import races
from tests.committees.announcing import KIND, NOON, announce, with_takers
from tests.factories import make_announcement

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def sending(draft: Announcement, token: str):
    """The act of sending it, by whoever wrote it."""
    seen, by = actions.state_of(draft), draft.made_by
    return partial(actions.send, draft.pk, form_token=token, seen=seen, by=by, at=NOON)


def test_of_three_sent_at_once_two_go_as_mail():
    committee = with_takers(1)
    drafts = [make_announcement(committee, sent=False, at=NOON) for _ in range(3)]
    races.at_once([sending(draft, secrets.token_urlsafe(16)) for draft in drafts])
    assert Announcement.objects.filter(sent_at=NOON).count() == 3
    assert Announcement.objects.filter(by_mail=True).count() == 2


def test_one_form_sent_by_many_hands_sends_once():
    draft = make_announcement(with_takers(2), sent=False, at=NOON)
    sent = races.at_once([sending(draft, "the same form")] * 6)
    assert {one.pk for one in sent} == {draft.pk}
    assert AuditEntry.objects.filter(action="send_announcement").count() == 1


def test_of_many_forms_one_sends():
    draft = make_announcement(with_takers(2), sent=False, at=NOON)
    acts = [sending(draft, secrets.token_urlsafe(16)) for _ in range(4)]
    ends = races.at_once([partial(races.outcome, act, AnnouncementRefused) for act in acts])
    assert sorted(ends) == ["AnnouncementRefused"] * 3 + ["done"]


def test_two_ticks_at_once_put_each_mail_once_and_leave_out_nobody(monkeypatch):
    for module in (actions, announcing):
        monkeypatch.setattr(module, "CHUNK", 4)
    announcement = announce(with_takers(10))
    for _tick in range(4):
        races.at_once([partial(announcing.put_announcements, NOON)] * 2)
    assert actions.mail_of(announcement).count() == 10
    announcement.refresh_from_db()
    assert announcement.planned_at == NOON


def test_stopped_while_a_tick_puts_mail_nothing_is_left_to_go():
    for _round in range(4):
        announcement = announce(with_takers(5))
        races.at_once(
            [
                partial(announcing.put_announcements, NOON),
                partial(actions.stop, announcement, by=None, at=NOON),
            ]
        )
        announcing.put_announcements(NOON)
        assert not Message.objects.filter(kind=KIND, state="waiting").exists()
