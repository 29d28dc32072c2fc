"""The page of long work: how far it is, for whom, and stopping it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from hub import delivery, jobs, ledger, mail
from hub.actions import mailbox_for
from hub.jobs import Job, JobKind
from hub.models import Message
from tests.cast import prove_second_factor

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 4, 15, tzinfo=UTC)
State = Message.State
TOPIC = uuid4()


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def rows(number: int, state: str = State.WAITING, *, reason: str = "", due_at=NOW) -> None:
    """Outbox rows about one thing, each to a mailbox of its own."""
    mailboxes = [mailbox_for(f"{uuid4().hex}@example.org", at=NOW) for _ in range(number)]
    drafts = [
        mail.draft("events.coming", mailbox_id=box.pk, about_id=box.pk, topic_id=TOPIC, at=NOW, due_at=due_at)
        for box in mailboxes
    ]
    for draft in drafts:
        draft.state, draft.reason = state, reason
    mail.put(drafts)


def messages():
    return Message.objects.filter(topic_id=TOPIC)


def progress(**more) -> jobs.Progress:
    return jobs.progress_of(messages(), NOW, **more)


class Work:
    """A job of mail that one account may see."""

    def __init__(self, owner) -> None:
        self.owner, self.id, self.stopped = owner, uuid4(), False

    def find(self, user, job_id):
        return self if user == self.owner and job_id == self.id else None

    def show(self, thing, now) -> Job:
        return Job(
            heading="Mail to many",
            title="Huelga",
            language="es",
            progress=jobs.progress_of(messages(), now),
            back_url="/",
            back_label="Home",
            stopped=self.stopped,
        )

    def stop(self, thing, *, by, at) -> None:
        self.stopped = True
        jobs.stop_mail(messages(), at)


@pytest.fixture
def work(member, monkeypatch):
    work = Work(member.user)
    monkeypatch.setattr(jobs, "kinds", [JobKind(work.find, work.show, work.stop)])
    return work


def path(work: Work) -> str:
    return f"/jobs/{work.id}/"


# --- Counting ------------------------------------------------------------------------------------
def test_every_mail_is_counted_once_and_what_was_skipped_has_its_reasons_in_words():
    rows(5, State.SENT)
    rows(2, State.SKIPPED, reason="asked not to be written to")
    rows(1, State.SKIPPED, reason="erased")
    rows(1, State.SKIPPED, reason="address wiped")
    rows(1, State.SKIPPED, reason="what no page has words for")
    rows(1, State.FAILED, reason="SMTP 550 no")
    rows(1, State.UNCERTAIN, reason="uncertain whether it went out")
    rows(2, reason="SMTP 451 later")
    rows(3)
    rows(1, State.CLAIMED)
    rows(1, State.SENDING)
    rows(4, due_at=NOW + timedelta(hours=9))
    found = progress(to_come=7)
    assert (found.total, found.sent, found.failed, found.uncertain) == (30, 5, 1, 1)
    assert (found.waiting, found.later, found.failing) == (3 + 1 + 1 + 7, 4, 2)
    assert found.done == 5 + 5 + 1 + 1
    assert found.skipped == (
        ("asked us never to write again", 2),
        ("has left or was erased", 2),
        ("no longer wanted", 1),
    )


def test_it_goes_on_while_anything_waits():
    rows(1, State.SENT)
    assert not progress().going_on
    rows(1, due_at=NOW + timedelta(hours=9))
    assert progress().going_on
    messages().delete()
    assert progress(to_come=1).going_on
    assert not progress().going_on


def test_stopping_keeps_back_what_has_not_left(sink):
    rows(2, State.SENT)
    rows(3)
    rows(2, State.CLAIMED)
    rows(1, State.SENDING)
    rows(1, reason="SMTP 451 later")
    assert jobs.stop_mail(messages(), NOW) == 6
    stopped = messages().filter(state=State.SKIPPED, reason="stopped")
    assert stopped.count() == 6
    delivery.deliver(list(stopped.values_list("pk", flat=True)))
    assert sink.messages() == []
    assert delivery.claim_due(NOW) == []


# --- The page ------------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_the_page_counts_and_refreshes_without_javascript(member, work, prefix):
    rows(3, State.SENT)
    rows(1)
    answer = member.get(prefix + path(work))
    page = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert 'max="4" value="3"' in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert "<strong>Huelga</strong>" in page
    messages().update(state=State.SENT)
    over = member.get(prefix + path(work)).content.decode()
    assert "http-equiv" not in over
    assert "hx-get" not in over
    assert "<button" not in over.partition('id="job"')[2].partition("</main>")[0]


def test_htmx_is_given_the_part_that_changes(member, work):
    rows(1)
    answer = member.get(path(work), headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 3s"' in part
    assert "HX-Request" in answer["Vary"]
    assert "hx-swap-oob" not in part  # nothing is read out while it goes on
    messages().update(state=State.SENT)
    part = member.get(path(work), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in part
    assert 'hx-swap-oob="innerHTML">It is done.' in part


def test_what_waits_for_the_morning_is_looked_at_seldom(member, work):
    rows(1, due_at=NOW + timedelta(hours=9))
    page = member.get(path(work)).content.decode()
    assert 'content="60"' in page
    assert "It goes on by itself later." in page


def test_mail_on_hold_is_said(member, work):
    rows(1)
    ledger.hold(reason="relay down", by=None, at=NOW)
    page = member.get(path(work)).content.decode()
    assert "Mail is held" in page
    assert "relay down" not in page


def test_the_button_stops_it(member, work):
    rows(2)
    assert "It was stopped" in member.post(path(work), follow=True).content.decode()
    assert messages().filter(reason="stopped").count() == 2


@pytest.mark.parametrize("role", ["visitor", "coordinator", "moderator", "admin"])
def test_it_does_not_exist_for_anybody_else(cast, work, role):
    rows(1)
    for job in (path(work), f"/jobs/{uuid4()}/"):
        assert cast[role].get(job).status_code == 404
        assert cast[role].post(job).status_code == 404
    assert not work.stopped


def test_the_second_factor_is_asked_for(member, work, settings):
    settings.DEMO = False
    assert member.get(path(work)).status_code == 302
    assert member.post(path(work)).status_code == 302
    assert not work.stopped
    prove_second_factor(member)
    assert member.get(path(work)).status_code == 200


def test_a_forged_form_stops_nothing(member, work):
    member.handler.enforce_csrf_checks = True
    assert member.post(path(work)).status_code == 403
    assert not work.stopped
