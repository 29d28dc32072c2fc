"""What mail committees send: to whom, once, in whose language, and what it never says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from committees.actions import committees as actions
from committees.actions import joining, members
from committees.models import Committee, Membership
from hub import delivery
from hub.models import Mailbox, Message
from hub.personal import purge_all
from tests.factories import deliver_mail, make_application, make_committee, make_member, make_user

pytestmark = pytest.mark.django_db
NAME = "Mission Committee"
ROSA = "rosa@example.org"


@pytest.fixture
def committee():
    made = make_committee(stage="active")
    Message.objects.all().delete()
    return made


@pytest.fixture
def cora(committee):
    return Membership.objects.get(committee=committee).user


def mails_to(address, mails):
    return [mail for mail in mails if mail.to == [address]]


def test_a_request_is_received_and_the_coordinators_hear_of_it(committee, cora):
    request = make_member(committee, make_user(ROSA), pending=True, name="Xiomara", answer="I drive a bus")
    mails = deliver_mail()
    (received,) = mails_to(ROSA, mails)
    (new,) = mails_to(cora.email, mails)
    assert received.subject == f"Your request: {NAME}"
    assert new.subject == f"Somebody asks to join: {NAME}"
    assert f"/committees/{committee.slug}/members/" in new.body
    for mail in mails:
        assert "Xiomara" not in mail.body
        assert "bus" not in mail.body
    joining.approve(request.pk, by=cora, at=timezone.now())
    (approved,) = deliver_mail()
    assert approved.to == [ROSA]
    assert approved.subject == f"You belong to it: {NAME}"


def test_a_request_that_was_answered_before_the_mail_went_is_not_told(committee, cora):
    request = make_member(committee, make_user(ROSA), pending=True)
    joining.approve(request.pk, by=cora, at=timezone.now())
    mails = deliver_mail()
    assert [mail.subject for mail in mails] == [f"You belong to it: {NAME}"]


def test_a_declined_one_reads_the_word(committee, cora):
    request = make_member(committee, make_user(ROSA), pending=True)
    joining.decline(request.pk, word="Ask again <b>in May</b>.", by=cora, at=timezone.now())
    (mail,) = mails_to(ROSA, deliver_mail())
    assert mail.subject == f"Your request: {NAME}"
    assert "Ask again <b>in May</b>." in mail.body
    assert "&lt;b&gt;" in mail.alternatives[0].content


def test_a_removed_one_reads_the_reason(committee, cora):
    rosa = make_member(committee, make_user(ROSA))
    Message.objects.all().delete()
    members.remove(rosa.pk, reason="Threats", by=cora, at=timezone.now())
    (mail,) = deliver_mail()
    assert mail.subject == f"You no longer belong to it: {NAME}"
    assert "Threats" in mail.body


def test_an_unanswered_request_expires_at_day_thirty_and_its_maker_is_told(committee, time_machine):
    now = timezone.now()
    make_member(committee, make_user(ROSA), pending=True, at=now)
    deliver_mail()
    time_machine.move_to(now + timedelta(days=29, hours=23), tick=False)
    purge_all(timezone.now())
    assert Membership.objects.pending().count() == 1
    time_machine.move_to(now + timedelta(days=30), tick=False)
    purge_all(timezone.now())
    purge_all(timezone.now())
    assert Membership.objects.pending().count() == 0
    (mail,) = deliver_mail()
    assert (mail.to, mail.subject) == ([ROSA], f"Your request: {NAME}")
    assert "/committees/" in mail.body


def test_a_changed_role_is_told(committee, cora):
    rosa = make_member(committee, make_user(ROSA))
    deliver_mail()
    members.change_role(rosa.pk, "coordinator", by=cora, at=timezone.now())
    (mail,) = deliver_mail()
    assert "You are a coordinator now" in mail.body
    members.change_role(rosa.pk, "member", by=cora, at=timezone.now())
    (mail,) = deliver_mail()
    assert "no longer a coordinator" in mail.body


def test_a_freeze_is_told_to_every_member_and_to_nobody_who_asks(committee, cora):
    make_member(committee, make_user(ROSA))
    make_member(committee, pending=True)
    deliver_mail()
    actions.freeze_committee(committee, by=None, at=timezone.now())
    mails = deliver_mail()
    assert sorted(mail.to[0] for mail in mails) == sorted([ROSA, cora.email])
    assert {mail.subject for mail in mails} == {f"On hold: {NAME}"}


def test_a_thaw_before_the_mail_stops_it(committee):
    actions.freeze_committee(committee, by=None, at=timezone.now())
    actions.unfreeze_committee(committee, by=None, at=timezone.now())
    assert deliver_mail() == []


def test_everybody_reads_their_own_language(committee, cora):
    type(cora).objects.filter(pk=cora.pk).update(language="es")
    make_member(committee, make_user(ROSA), pending=True)
    mails = deliver_mail()
    assert mails_to(cora.email, mails)[0].extra_headers["Content-Language"] == "es"
    assert "/es/committees/" in mails_to(cora.email, mails)[0].body
    assert mails_to(ROSA, mails)[0].extra_headers["Content-Language"] == "en"


# --- Discreet ones -------------------------------------------------------------------------------
DISCREET = [{"visibility": "hidden"}, {"kind": "workplace"}]


@pytest.mark.parametrize("fields", DISCREET, ids=["hidden", "workplace"])
def test_mail_about_a_hidden_or_workplace_committee_names_nothing(fields):
    now = timezone.now()
    committee = make_committee(name="Zanzibarium Warehouse", stage="active")
    cora = Membership.objects.get(committee=committee).user
    make_application(committee, email="new@example.org")
    Committee.objects.filter(pk=committee.pk).update(**fields)
    rosa = make_member(committee, make_user(ROSA))
    gone, asking = make_member(committee), make_member(committee, pending=True)
    old, out = make_member(committee, pending=True), make_member(committee, pending=True)
    members.change_role(rosa.pk, "coordinator", by=cora, at=now)
    joining.decline(out.pk, word="No.", by=cora, at=now)
    joining.expire(old.pk, at=now)
    members.remove(gone.pk, reason="Because.", by=cora, at=now)
    actions.freeze_committee(committee, by=None, at=now)
    mails = deliver_mail()
    kinds = set(Message.objects.filter(state="sent").values_list("kind", flat=True))
    assert kinds >= {
        *(f"committees.{name}" for name in ("received", "approved", "declined", "expired")),
        *(f"committees.{name}" for name in ("role_changed", "removed", "frozen", "new_request")),
    }
    assert asking.pk
    for mail in mails:
        whole = f"{mail.subject}{mail.from_email}{mail.body}{mail.alternatives[0].content}".lower()
        assert "zanzibarium" not in whole
        assert "committee" not in mail.subject.lower()
        assert mail.from_email.startswith("Reminders")


# --- What stays until it is sent -----------------------------------------------------------------
def test_the_mailbox_of_an_account_is_kept_until_its_mail_is_sent(committee, time_machine):
    now = timezone.now()
    make_member(committee, make_user(ROSA))
    time_machine.move_to(now + timedelta(hours=25), tick=False)
    purge_all(timezone.now())
    assert Message.objects.filter(state="waiting", mailbox__isnull=False).exists()
    assert [mail.to for mail in deliver_mail()] == [[ROSA]]
    purge_all(timezone.now())
    assert not Mailbox.objects.exists()


def test_mail_to_an_erased_account_is_skipped(committee, cora):
    rosa = make_member(committee, make_user(ROSA), pending=True)
    rosa.user.delete()
    for batch in delivery.claim_due(timezone.now()):
        delivery.deliver(batch)
    states = Message.objects.filter(kind="committees.received").values_list("state", flat=True)
    assert set(states) == {"skipped"}


def test_those_who_coordinate_hear_of_another_one_but_not_who(committee, cora):
    rosa = make_user(ROSA, display_name="Xiomara")
    actions.appoint_coordinator(committee, ROSA, reason="elected", by=None, at=timezone.now())
    mails = deliver_mail()
    (told,) = mails_to(cora.email, mails)
    assert told.subject == f"Another coordinator: {NAME}"
    assert f"/committees/{committee.slug}/members/" in told.body
    for secret in (ROSA, rosa.display_name, "elected"):
        assert secret not in told.body
    assert [mail.subject for mail in mails_to(ROSA, mails)] == [f"Your role: {NAME}"]
