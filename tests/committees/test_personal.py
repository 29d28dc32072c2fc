"""What committees keep about people: until when, what of it one gets oneself, and what erasing leaves."""

from datetime import timedelta

import pytest
from django.core import mail as outgoing
from django.db import connection
from django.utils import timezone

from committees import personal
from committees.actions import joining, members
from committees.models import Application, Membership, Refusal
from hub.models import AuditEntry, Mailbox
from hub.personal import purge_all
from tests.cast import logged_in
from tests.factories import (
    deliver_mail,
    make_application,
    make_committee,
    make_member,
    make_user,
    posted_form,
)
from tests.test_privacy import PEOPLE, Journey, captured, dump, files, found, texts  # noqa: F401  (a fixture)

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
                "appointed_at": None,
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


# --- Everything left behind, searched --------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_people_who_join_are_found_only_sealed_or_in_their_own_mail(captured, settings):  # noqa: F811
    """Newcomers and members by every way in and out, then the database, its files, the log, the public
    pages and the mails, with the tools of tests/test_privacy.py."""
    settings.DEMO = False  # the demo answers nobody from elsewhere
    now = _now()
    committee = make_committee(stage="active", question="Why?")
    open_one = make_committee(name="Open committee", joining="open")
    by = Membership.objects.coordinators().get(committee=committee).user
    stays, waits, declined, removed, left, unconfirmed = journeys = [Journey(who) for who in PEOPLE[:6]]
    for journey in journeys:
        who = journey.who
        form = posted_form(name=who.name, email=who.address, answer=who.need)
        page = journey.browser.post(f"/committees/{committee.slug}/join/", form)
        journey.look(page["Location"])
        deliver_mail()
        if journey is not unconfirmed:
            journey.button()
            journey.tokens.discard("done")  # of the page that is the same for everybody
    requests = {one.user.email: one for one in Membership.objects.pending().select_related("user")}
    for journey in (stays, removed, left):
        joining.approve(requests[journey.who.address].pk, by=by, at=now)
    joining.decline(requests[declined.who.address].pk, word="Not now.", by=by, at=now)
    members.remove(requests[removed.who.address].pk, reason="Rules.", by=by, at=now)
    left.browser.force_login(requests[left.who.address].user)
    left.browser.post(f"/committees/{committee.slug}/leave/")
    stays.browser.force_login(requests[stays.who.address].user)
    stays.browser.post(
        f"/committees/{open_one.slug}/join/", posted_form(name=stays.who.name, shows_name="on")
    )
    deliver_mail()

    visitor = logged_in(None)
    pages = ["/committees/", *(f"/committees/{slug}/" for slug in (committee.slug, open_one.slug))]
    places = {
        "database": dump(),
        "files": files(),
        "log": "\n".join(captured.lines).encode(),
        "public pages": b"".join(visitor.get(path).content for path in pages),
    }
    assert b"committees:join 302" in places["log"]
    needles = {secret for one in journeys for secret in (*one.who.secrets, *one.tokens)}
    for name, place in places.items():
        assert [needle for needle in needles if found(needle, place)] == [], f"in the {name}"
    assert {mail.to[0] for mail in outgoing.outbox} >= {one.who.address for one in journeys}
    for mail in outgoing.outbox:
        text = texts(mail)
        for one in journeys:
            assert [n for n in (one.who.name, one.who.need, one.who.ip) if found(n, text)] == []
            assert mail.to == [one.who.address] or not found(one.who.address, text)
    # Who left, was declined or removed: no row of theirs in any committee.
    gone = [requests[one.who.address].user for one in (left, declined, removed)]
    assert not Membership.objects.filter(user__in=gone).exists()
    assert Membership.objects.filter(user__email=waits.who.address, state="pending").exists()
