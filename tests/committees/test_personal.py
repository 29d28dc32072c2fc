"""What committees keep about people: until when, what of it one gets oneself, and what erasing leaves."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from committees import personal
from committees.actions import members
from committees.models import Application, Membership, Refusal
from hub.models import AuditEntry, Mailbox
from hub.personal import purge_all
from tests.factories import make_application, make_committee, make_member, make_user

pytestmark = pytest.mark.django_db
ROSA = "rosa@example.org"


def test_an_unconfirmed_application_is_gone_after_a_day(time_machine):
    now = timezone.now()
    make_application(make_committee(question="Why?"), email=ROSA, name="Rosa", answer="Because", at=now)
    time_machine.move_to(now + timedelta(hours=23, minutes=59), tick=False)
    purge_all(timezone.now())
    assert (Application.objects.count(), Mailbox.objects.count()) == (1, 1)
    time_machine.move_to(now + timedelta(hours=24, minutes=1), tick=False)
    purge_all(timezone.now())
    assert (Application.objects.count(), Mailbox.objects.count()) == (0, 0)


def test_a_removal_is_forgotten_after_a_year(time_machine):
    now = timezone.now()
    committee = make_committee(stage="active")
    by = Membership.objects.get(committee=committee).user
    members.remove(make_member(committee).pk, reason="x", by=by, at=now)
    time_machine.move_to(now + timedelta(days=364), tick=False)
    purge_all(timezone.now())
    assert Refusal.objects.count() == 1
    time_machine.move_to(now + timedelta(days=365, minutes=1), tick=False)
    purge_all(timezone.now())
    assert Refusal.objects.count() == 0


def test_export_holds_what_the_account_says_of_itself():
    committee = make_committee(question="Why?")
    user = make_user(ROSA)
    request = make_member(committee, user, pending=True, name="Rosa", answer="To act")
    make_member(committee, name="Somebody else")
    assert personal.export_memberships(user) == {
        "committees": [
            {
                "committee": "Mission Committee",
                "role": "member",
                "state": "pending",
                "name": "Rosa",
                "answer": "To act",
                "shows_name": False,
                "takes_mail": False,
                "asked_at": request.asked_at.isoformat(),
                "since": None,
            }
        ]
    }


def test_erasing_leaves_no_trace_but_a_removal_s_mark():
    committees = [make_committee(stage="active") for _ in range(3)]
    user = make_user(ROSA)
    for committee in committees[:2]:
        make_member(committee, user, name="Xiomara")
    by = Membership.objects.coordinators().get(committee=committees[0]).user
    members.remove(
        Membership.objects.get(committee=committees[0], user=user).pk, reason="x", by=by, at=_now()
    )
    make_application(committees[2], email=ROSA)
    personal.erase_memberships(user, _now())
    assert not Membership.objects.filter(user=user).exists()
    assert not Application.objects.exists()
    pk = user.pk
    user.delete()
    assert Refusal.objects.count() == 1
    assert not AuditEntry.objects.filter(subject_id=pk).exists()
    assert not AuditEntry.objects.filter(actor_id=pk).exists()
    assert not AuditEntry.objects.filter(object_id=pk).exists()


def test_names_and_answers_stand_sealed_in_the_database():
    committee = make_committee(question="Why?")
    make_member(committee, pending=True, name="Xiomara Quetzal", answer="quetzalcoatl street")
    make_application(committee, name="Xiomara Quetzal", answer="quetzalcoatl street")
    with connection.cursor() as cursor:
        for table in ("committees_membership", "committees_application"):
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                text = b" ".join(
                    bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
                )
                assert b"Quetzal" not in text
                assert b"quetzal" not in text


def _now():
    return timezone.now()
