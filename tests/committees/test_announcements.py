"""What a committee announces: written, looked at, tried, sent once; by whom, to whom, and what it says."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from committees.actions import announcements as actions
from committees.actions import committees as committee_actions
from committees.actions import members
from committees.actions.announcements import AnnouncementRefused
from committees.actions.announcing import put_announcements
from committees.models import Announcement, Committee, Membership
from hub import accounts, delivery, ledger, ticking
from hub import actions as ground
from hub import mail as hub_mail
from hub.actions import mailbox_for
from hub.models import AuditEntry, Message
from hub.personal import export_all, purge_all
from tests.cast import logged_in
from tests.committees.announcing import KIND, NOON, announce, delivered, make_taker, states, with_takers
from tests.factories import (
    deliver_mail,
    make_announcement,
    make_committee,
    make_member,
    make_user,
    posted_form,
)

pytestmark = pytest.mark.django_db

WORDS = {"subject": "Picket on Friday", "text": "Come at **six**.", "language": "en"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def committee(coordinator):
    """The coordinator's, with three who agreed to mail and one who didn't."""
    for _ in range(3):
        make_taker(coordinator.committee)
    make_taker(coordinator.committee, takes_mail=False)
    Message.objects.all().delete()
    return coordinator.committee


def page(committee: Committee, what: str = "") -> str:
    return f"/committees/{committee.slug}/announcements/{what}"


def written(client, committee: Committee, **words: str) -> Announcement:
    """The draft that this coordinator writes."""
    answer = client.post(page(committee, "write/"), posted_form(**{**WORDS, **words}))
    assert answer.status_code == 302
    return Announcement.objects.get(pk=answer.url.rstrip("/").rpartition("/")[2])


def sending(client, draft: Announcement) -> dict:
    """The form that sends a draft, as its page holds it."""
    html = client.get(page(draft.committee, f"{draft.pk}/")).content.decode()
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', html)
    return posted_form(act="send", seen=seen)


def send(client, draft: Announcement):
    return client.post(page(draft.committee, f"{draft.pk}/"), sending(client, draft))


# --- The journey ---------------------------------------------------------------------------------
def test_it_is_written_looked_at_sent_and_arrives(coordinator, committee):
    draft = written(coordinator, committee)
    assert Message.objects.count() == 0
    shown = coordinator.get(page(committee, f"{draft.pk}/")).content.decode()
    assert "Send it to 3 members" in shown
    assert "Come at <strong>six</strong>." in shown
    assert f"{committee.name}: Picket on Friday" in shown
    answer = send(coordinator, draft)
    assert answer.url == f"/jobs/{draft.pk}/"
    assert 'max="3" value="0"' in coordinator.get(answer.url).content.decode()
    mails = deliver_mail()
    takers = Membership.objects.takers().filter(committee=committee).select_related("user")
    assert sorted(mail.to[0] for mail in mails) == sorted(taker.user.email for taker in takers)
    assert 'max="3" value="3"' in coordinator.get(answer.url).content.decode()
    assert deliver_mail() == []


def test_what_is_shown_is_what_is_mailed(coordinator, committee):
    draft = written(
        coordinator, committee, text="One\n\n- two\n- [three](https://example.org/x)\n\n<b>no</b>"
    )
    shown = coordinator.get(page(committee, f"{draft.pk}/")).content.decode()
    send(coordinator, draft)
    mail = deliver_mail()[0]
    html = mail.alternatives[0].content
    part = html.partition('<div lang="en">')[2].partition("</div>")[0]
    assert '<a href="https://example.org/x"' in part
    assert "<b>" not in part
    assert part in shown
    assert mail.subject in shown
    assert "three (https://example.org/x)" in mail.body


@pytest.mark.parametrize(
    "words", [{"subject": ""}, {"text": " "}, {"language": "xx"}, {"subject": "x" * 101}]
)
def test_bad_words_come_back(coordinator, committee, words):
    answer = coordinator.post(page(committee, "write/"), posted_form(**{**WORDS, **words}))
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not Announcement.objects.exists()


def test_nobody_who_has_logged_in_is_too_fast(coordinator, committee):
    where, words = page(committee, "write/"), WORDS
    for leads_to in (f"{page(committee, '')}", "/jobs/"):
        html = coordinator.get(where).content.decode()
        token = re.findall(r'name="form_token" value="([^"]+)"', html)[-1]
        seen = re.findall(r'name="seen" value="([^"]+)"', html)
        form = {**words, "form_token": token, "website": "", "act": "send", "seen": "".join(seen)}
        answer = coordinator.post(where, form)
        assert answer.url.startswith(leads_to)
        where, words = answer.url, {}


def test_the_same_form_sent_twice_writes_one_draft(coordinator, committee):
    form = posted_form(**WORDS)
    answers = [coordinator.post(page(committee, "write/"), form) for _time in range(2)]
    assert answers[0].url == answers[1].url
    assert Announcement.objects.count() == 1


def test_the_same_form_sent_twice_sends_once(coordinator, committee):
    draft = written(coordinator, committee)
    form = sending(coordinator, draft)
    answers = [coordinator.post(page(committee, f"{draft.pk}/"), form) for _time in range(2)]
    assert {answer.url for answer in answers} == {f"/jobs/{draft.pk}/"}
    assert len(deliver_mail()) == 3
    assert AuditEntry.objects.filter(action="send_announcement").count() == 1


def test_another_form_sends_it_no_second_time(coordinator, committee):
    draft = written(coordinator, committee)
    first, second = sending(coordinator, draft), sending(coordinator, draft)
    for form in (first, second):
        assert coordinator.post(page(committee, f"{draft.pk}/"), form).url == f"/jobs/{draft.pk}/"
    assert len(deliver_mail()) == 3
    with pytest.raises(AnnouncementRefused, match="sent"):
        actions.send(
            draft.pk, form_token="another", seen=actions.state_of(draft), by=coordinator.user, at=NOON
        )


def test_what_was_sent_is_never_changed(coordinator, committee):
    draft = written(coordinator, committee)
    send(coordinator, draft)
    for what, form in (("edit/", WORDS | {"text": "Other"}), ("", {"act": "discard"}), ("", {"act": "test"})):
        assert coordinator.post(page(committee, f"{draft.pk}/{what}"), form).url == f"/jobs/{draft.pk}/"
    draft.refresh_from_db()
    assert draft.text == WORDS["text"]
    for act in (actions.discard_draft, actions.send_test):
        with pytest.raises(AnnouncementRefused, match="sent"):
            act(draft.pk, by=coordinator.user, at=NOON)


def test_nobody_sends_words_they_have_not_read(coordinator, committee, time_machine):
    draft = written(coordinator, committee)
    form = sending(coordinator, draft)
    time_machine.shift(1)
    other = make_member(committee, role="coordinator").user
    actions.change_draft(draft.pk, subject="Other", text="Other", language="en", by=other, at=timezone.now())
    Message.objects.all().delete()
    answer = coordinator.post(page(committee, f"{draft.pk}/"), form)
    assert answer.status_code == 422
    assert "Another coordinator has changed it" in answer.content.decode()
    assert deliver_mail() == []


def test_a_draft_is_changed_and_thrown_away(coordinator, committee):
    draft = written(coordinator, committee)
    answer = coordinator.post(page(committee, f"{draft.pk}/edit/"), WORDS | {"text": "At seven."})
    assert answer.url == page(committee, f"{draft.pk}/")
    assert "At seven." in coordinator.get(answer.url).content.decode()
    coordinator.post(page(committee, f"{draft.pk}/"), {"act": "discard"})
    assert not Announcement.objects.exists()
    assert coordinator.get(page(committee, f"{draft.pk}/")).status_code == 404


# --- The test to oneself -------------------------------------------------------------------------
def test_a_test_goes_to_oneself_alone_and_reads_as_the_mail(coordinator, committee):
    draft = written(coordinator, committee)
    coordinator.post(page(committee, f"{draft.pk}/"), {"act": "test"})
    (test,) = deliver_mail()
    assert test.to == [coordinator.user.email]
    assert test.subject == f"Test: {committee.name}: Picket on Friday"
    assert "Come at six." in test.body
    assert "List-Unsubscribe" not in test.extra_headers
    message = Message.objects.get()
    assert hub_mail.kinds[message.kind].category is hub_mail.Category.ANSWER
    assert Announcement.objects.get().is_draft


def test_of_many_tests_within_a_minute_one_is_mailed(coordinator, committee):
    draft = written(coordinator, committee)
    for _time in range(5):
        coordinator.post(page(committee, f"{draft.pk}/"), {"act": "test"})
    assert len(deliver_mail()) == 1


# --- Who may -------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["visitor", "member", "moderator", "admin"])
def test_nobody_else_writes_tries_or_sends(cast, committee, role):
    """Incident 29: announcements by people without the right."""
    if role == "member":
        make_member(committee, cast["member"].user)
    draft = written(cast["coordinator"], committee)
    form = sending(cast["coordinator"], draft)
    Message.objects.all().delete()
    client, expected = cast[role], 302 if role == "visitor" else 403
    for what, posted in (
        ("write/", posted_form(**WORDS)),
        (f"{draft.pk}/", form),
        (f"{draft.pk}/", {"act": "test"}),
        (f"{draft.pk}/", {"act": "discard"}),
        (f"{draft.pk}/edit/", WORDS),
    ):
        assert client.post(page(committee, what), posted).status_code == expected
    assert client.post(f"/jobs/{draft.pk}/").status_code == 404
    assert Announcement.objects.get().is_draft
    assert deliver_mail() == []


def test_a_coordinator_of_another_committee_neither_reads_nor_sends(coordinator, committee):
    draft = written(coordinator, committee)
    form = sending(coordinator, draft)
    other = make_committee(stage="active")
    stranger = logged_in(Membership.objects.get(committee=other).user)
    Message.objects.all().delete()
    assert stranger.post(page(committee, f"{draft.pk}/"), form).status_code == 403
    # Nor by the address of one's own committee.
    for ask in (stranger.get, lambda path: stranger.post(path, form)):
        assert ask(page(other, f"{draft.pk}/")).status_code == 404
    assert stranger.get(page(other, f"{draft.pk}/edit/")).status_code == 404
    assert deliver_mail() == []


def test_a_removed_coordinator_neither_sends_nor_watches_nor_stops(coordinator, committee):
    draft = written(coordinator, committee)
    form = sending(coordinator, draft)
    other = make_member(committee, role="coordinator").user
    own = Membership.objects.get(committee=committee, user=coordinator.user)
    members.change_role(own.pk, "member", by=other, at=NOON)
    Message.objects.all().delete()
    assert coordinator.post(page(committee, f"{draft.pk}/"), form).status_code == 403
    for act in (actions.send_test, actions.discard_draft):
        with pytest.raises(AnnouncementRefused, match="right"):
            act(draft.pk, by=coordinator.user, at=NOON)
    with pytest.raises(AnnouncementRefused, match="right"):
        actions.send(draft.pk, form_token="a", seen=actions.state_of(draft), by=coordinator.user, at=NOON)
    actions.send(draft.pk, form_token="b", seen=actions.state_of(draft), by=other, at=NOON)
    assert coordinator.get(f"/jobs/{draft.pk}/").status_code == 404
    assert coordinator.post(f"/jobs/{draft.pk}/").status_code == 404
    assert logged_in(other).get(f"/jobs/{draft.pk}/").status_code == 200


def test_a_test_that_waits_is_not_sent_to_who_lost_the_role(coordinator, committee):
    draft = written(coordinator, committee)
    actions.send_test(draft.pk, by=coordinator.user, at=NOON)
    other = make_member(committee, role="coordinator").user
    own = Membership.objects.get(committee=committee, user=coordinator.user)
    members.change_role(own.pk, "member", by=other, at=NOON)
    assert not [mail for mail in deliver_mail() if mail.subject.startswith("Test")]


def stand_still(committee: Committee, how: str) -> None:
    act = {
        "frozen": committee_actions.freeze_committee,
        "closed": committee_actions.close_committee,
        "unpublished": committee_actions.unpublish_committee,
    }[how]
    act(committee, by=None, at=timezone.now())
    Message.objects.filter(kind="committees.frozen").delete()


@pytest.mark.parametrize("how", ["frozen", "closed", "unpublished"])
def test_a_committee_that_stands_still_sends_nothing(coordinator, committee, how):
    waiting = make_announcement(committee, by=coordinator.user)
    draft = written(coordinator, committee)
    form = sending(coordinator, draft)
    stand_still(committee, how)
    answer = coordinator.post(page(committee, f"{draft.pk}/"), form)
    assert answer.status_code == (404 if how == "unpublished" else 403)
    assert deliver_mail() == []
    waiting.refresh_from_db()
    assert waiting.stopped_at is not None


@pytest.mark.parametrize("how", ["frozen", "closed", "unpublished"])
def test_nor_what_stands_in_the_outbox_by_then(committee, how):
    announcement = announce(committee)
    put_announcements(NOON)
    stand_still(committee, how)
    assert deliver_mail() == []
    assert states(announcement) == [("skipped", "the committee stands still")] * 3


# --- To whom -------------------------------------------------------------------------------------
def test_the_count_is_what_is_mailed(coordinator, committee):
    blocked, refused, gone, asking = (make_user() for _ in range(4))
    for user in (blocked, refused, gone):
        member = make_member(committee, user)
        Membership.objects.filter(pk=member.pk).update(takes_mail=True)
    Membership.objects.filter(pk=make_member(committee, asking, pending=True).pk).update(takes_mail=True)
    ground.block(mailbox_for(blocked.email, at=NOON), at=NOON)
    hub_mail.suppress(mailbox_for(refused.email, at=NOON), NOON)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    Message.objects.all().delete()
    draft = written(coordinator, committee)
    assert "Send it to 3 members" in coordinator.get(page(committee, f"{draft.pk}/")).content.decode()
    send(coordinator, draft)
    assert len(deliver_mail()) == 3
    draft.refresh_from_db()
    assert draft.people == 3
    assert AuditEntry.objects.get(action="send_announcement").count == 3
    assert Message.objects.filter(kind=KIND).count() == 3


def test_who_leaves_or_says_no_meanwhile_gets_nothing_and_the_page_says_why(
    coordinator, committee, time_machine
):
    night = NOON + timedelta(hours=12)
    time_machine.move_to(night, tick=False)
    announcement = announce(committee)
    assert deliver_mail() == []
    left, said_no, _stays = Membership.objects.takers().filter(committee=committee).select_related("user")
    members.leave(committee, left.user, at=night)
    members.save_own_settings(said_no, name="Rosa", shows_name=False, takes_mail=False, at=night)
    assert len(delivered(time_machine, night + timedelta(hours=8))) == 1
    assert states(announcement) == [
        ("sent", ""),
        ("skipped", "no longer a member"),
        ("skipped", "switched off"),
    ]
    shown = coordinator.get(f"/jobs/{announcement.pk}/").content.decode()
    assert "1: no longer belongs to it" in shown
    assert "1: takes no announcements by mail any more" in shown


def test_a_changed_address_gets_no_mail_of_the_old_one(committee, time_machine):
    night = NOON + timedelta(hours=12)
    time_machine.move_to(night, tick=False)
    announce(committee)
    deliver_mail()
    moved = Membership.objects.takers().filter(committee=committee).select_related("user")[0].user
    before = moved.email
    mailbox_for("new@example.org", at=night)
    moved.email = "new@example.org"
    moved.save()
    accounts.follow_address(before, "new@example.org", at=night)
    assert before not in {mail.to[0] for mail in delivered(time_machine, night + timedelta(hours=8))}


def test_nor_where_only_the_account_has_the_new_one_yet(committee):
    announce(committee)
    put_announcements(NOON)
    moved = Membership.objects.takers().filter(committee=committee).select_related("user")[0].user
    type(moved).objects.filter(pk=moved.pk).update(email="new@example.org")
    mails = deliver_mail()
    assert len(mails) == 2
    assert moved.email not in {mail.to[0] for mail in mails}


# --- What it says --------------------------------------------------------------------------------
def test_everybody_reads_the_frame_in_their_language(committee):
    make_taker(committee, "rosa@example.org", language="es")
    Message.objects.filter(kind__startswith="committees.").delete()
    announce(committee)
    (mail,) = [mail for mail in deliver_mail() if mail.to == ["rosa@example.org"]]
    assert mail.extra_headers["Content-Language"] == "es"
    assert "Para no recibir más de estos anuncios:" in mail.body
    assert '<div lang="en">' in mail.alternatives[0].content


@pytest.mark.parametrize(
    "fields", [{"visibility": "hidden"}, {"kind": "workplace"}], ids=["hidden", "workplace"]
)
def test_mail_of_a_discreet_committee_has_a_neutral_subject_and_sender_and_no_name(fields):
    committee = with_takers(1, name="Zanzibarium Warehouse", **fields)
    announce(committee, subject="Strike vote", text="Tonight.")
    (mail,) = deliver_mail()
    assert mail.subject == "News from your group"
    assert mail.from_email.startswith("Reminders")
    assert mail.body.splitlines()[0] == "News from your group:"
    assert "Tonight." in mail.body
    assert "Strike vote" in mail.body
    assert "zanzibarium" not in f"{mail.body}{mail.alternatives[0].content}{mail.extra_headers}".lower()


def test_a_link_within_the_site_is_whole_in_the_mail(committee):
    announce(committee, text="See [the list](/events/).")
    mail = deliver_mail()[0]
    assert f"the list ({settings.SITE_URL}/events/)" in mail.body
    assert f'href="{settings.SITE_URL}/events/"' in mail.alternatives[0].content


def test_a_hostile_text_is_text(committee):
    subject = "<script>x\x01</script>\x7f\r\nBcc: all@example.org"
    announce(committee, subject=subject, text="<script>alert(1)</script>")
    mail = deliver_mail()[0]
    assert "<script" not in mail.alternatives[0].content
    assert mail.subject.isprintable()
    assert mail.message()["Bcc"] is None


# --- Reading -------------------------------------------------------------------------------------
def test_members_read_them_on_the_committee_s_page_and_nobody_else(cast, committee):
    make_member(committee, cast["member"].user)
    announce(committee, subject="The third of May", text="We march.")
    own = f"/committees/{committee.slug}/"
    assert "The third of May" in cast["member"].get(own).content.decode()
    assert "We march." in cast["member"].get(page(committee)).content.decode()
    for role in ("visitor", "moderator", "admin"):
        assert "The third of May" not in cast[role].get(own).content.decode()
    assert [cast[role].get(page(committee)).status_code for role in ("moderator", "admin")] == [403, 403]
    asking = logged_in(make_member(committee, pending=True).user)
    assert asking.get(page(committee)).status_code == 403


def test_the_list_has_pages_and_no_drafts_but_for_coordinators(cast, committee, time_machine):
    make_member(committee, cast["member"].user)
    for number in range(21):
        announce(committee, subject=f"Number {number}.")
    make_announcement(committee, subject="Draft", sent=False)
    time_machine.shift(1)
    stopped = announce(committee, subject="Stopped one")
    actions.stop(stopped, by=None, at=NOON)
    first = cast["member"].get(page(committee)).content.decode()
    second = cast["member"].get(page(committee) + "?page=2").content.decode()
    assert (first.count("<article "), second.count("<article ")) == (20, 1)
    assert "Draft" not in first
    assert "Stopped one" not in first + second
    assert "/jobs/" not in first
    of_coordinator = cast["coordinator"].get(page(committee)).content.decode()
    assert "Draft" in of_coordinator
    assert "Stopped one" in of_coordinator
    assert f"/jobs/{stopped.pk}/" in of_coordinator


def test_who_left_reads_no_more(cast, committee):
    make_member(committee, cast["member"].user)
    announce(committee, subject="Secret plan")
    members.leave(committee, cast["member"].user, at=NOON)
    assert cast["member"].get(page(committee)).status_code == 403
    assert "Secret plan" not in cast["member"].get(f"/committees/{committee.slug}/").content.decode()


# --- Stopping ------------------------------------------------------------------------------------
def test_stopped_at_half_the_other_half_stays_at_home(coordinator, committee):
    for _ in range(3):
        make_taker(committee)
    Message.objects.all().delete()
    announcement = announce(committee, by=coordinator.user)
    (batch,) = ticking.tick(NOON)
    assert len(batch) == 6
    delivery.deliver(batch[:3])
    coordinator.post(f"/jobs/{announcement.pk}/")
    delivery.deliver(batch)
    assert deliver_mail() == []
    assert states(announcement) == [("sent", "")] * 3 + [("skipped", "stopped")] * 3
    shown = coordinator.get(f"/jobs/{announcement.pk}/").content.decode()
    assert "It was stopped" in shown
    assert "3: stopped before it was sent" in shown
    entry = AuditEntry.objects.get(action="stop_announcement")
    assert (entry.count, entry.actor) == (3, coordinator.user)


def test_one_in_a_worker_s_hand_that_is_refused_for_now_is_not_tried_again(committee):
    announcement = announce(committee)
    (batch,) = ticking.tick(NOON)
    message = Message.objects.get(pk=batch[0])
    delivery.take(message, NOON)
    actions.stop(announcement, by=None, at=NOON)
    delivery.record(
        delivery.Outcome(message, Message.State.WAITING, "SMTP 451 later", at=NOON, again_at=NOON)
    )
    Message.objects.filter(state="waiting").update(due_at=NOON)
    assert deliver_mail() == []
    assert states(announcement) == [("skipped", "stopped")] * 3


def test_stopped_before_the_tick_nothing_is_put(committee):
    announcement = announce(committee)
    actions.stop(announcement, by=None, at=NOON)
    assert deliver_mail() == []
    assert Message.objects.count() == 0


def test_there_is_nothing_to_stop_once_all_have_it(coordinator, committee):
    announcement = announce(committee, by=coordinator.user)
    deliver_mail()
    coordinator.post(f"/jobs/{announcement.pk}/")
    announcement.refresh_from_db()
    assert announcement.stopped_at is None


# --- Two a week ----------------------------------------------------------------------------------
def test_two_in_seven_days_go_as_mail_the_third_in_the_digest(coordinator, committee, time_machine):
    ways = [announce(committee).by_mail]
    time_machine.shift(timedelta(days=1))
    ways += [announce(committee).by_mail]
    time_machine.shift(timedelta(days=1))
    draft = written(coordinator, committee)
    shown = coordinator.get(page(committee, f"{draft.pk}/")).content.decode()
    assert "weekly digest of 3 members" in shown
    assert "Send it with the digest" in shown
    send(coordinator, draft)
    draft.refresh_from_db()
    assert [*ways, draft.by_mail] == [True, True, False]
    assert states(draft) == []
    assert "weekly digest of 3 members" in coordinator.get(f"/jobs/{draft.pk}/").content.decode()
    time_machine.move_to(NOON + timedelta(days=7), tick=False)
    assert announce(committee).by_mail
    assert not announce(committee).by_mail


def test_one_stopped_before_anything_left_does_not_count(committee):
    for _time in range(3):
        actions.stop(announce(committee), by=None, at=NOON)
    first = announce(committee)
    deliver_mail()
    actions.stop(first, by=None, at=NOON)
    assert announce(committee).by_mail
    assert not announce(committee).by_mail


def test_another_committee_has_two_of_its_own(committee):
    assert [announce(committee).by_mail for _ in range(3)] == [True, True, False]
    assert announce(with_takers(1)).by_mail


# --- What is kept --------------------------------------------------------------------------------
def test_it_goes_after_a_year_with_its_rows_and_a_draft_after_a_month(committee, time_machine):
    announce(committee)
    make_announcement(committee, sent=False, at=NOON)
    deliver_mail()
    time_machine.move_to(NOON + timedelta(days=30, minutes=1), tick=False)
    purge_all(timezone.now())
    assert [one.is_draft for one in Announcement.objects.all()] == [False]
    assert Message.objects.filter(kind=KIND).count() == 3
    time_machine.move_to(NOON + timedelta(days=364), tick=False)
    purge_all(timezone.now())
    assert Announcement.objects.count() == 1
    time_machine.move_to(NOON + timedelta(days=365, minutes=1), tick=False)
    purge_all(timezone.now())
    assert not Announcement.objects.exists()
    assert not Message.objects.filter(kind=KIND).exists()


def test_an_account_takes_its_announcements_along_and_leaves_them_unsigned(coordinator, committee):
    make_member(committee, role="coordinator")
    announce(committee, by=coordinator.user, subject="Mine")
    later = NOON + timedelta(minutes=1)
    make_announcement(committee, by=coordinator.user, subject="Draft of mine", sent=False, at=later)
    held = export_all(coordinator.user)["announcements"]
    assert [one["subject"] for one in held] == ["Mine", "Draft of mine"]
    assert held[0]["committee"] == committee.name
    accounts.erase_account(coordinator.user, at=NOON)
    (stays,) = Announcement.objects.all()
    assert (stays.subject, stays.made_by) == ("Mine", None)


def test_a_finished_one_remembers_no_account_but_its_maker(committee):
    announcement = announce(committee)
    deliver_mail()
    announcement.refresh_from_db()
    assert announcement.planned_at == NOON
    assert announcement.planned_to is None


def test_the_ledger_names_it_by_its_committee(committee, admin):
    announcement = announce(committee, subject="Picket on Friday")
    deliver_mail()
    (entry,) = ledger.entries([announcement.pk])
    assert entry.title == f"Announcement: {committee.name}"
    page = admin.get("/admin/mail/").content.decode()
    assert entry.title in page
    assert "Picket on Friday" not in page


def test_the_log_names_nobody(committee):
    announce(committee, subject="Secret subject")
    for entry in AuditEntry.objects.filter(object_kind="committees.Announcement"):
        assert isinstance(entry.object_id, UUID)
        assert "Secret" not in f"{entry.reason}{entry.changes}"
