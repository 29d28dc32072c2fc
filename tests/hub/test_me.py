"""A member's own page, settings, export and erasing."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from campaigns.actions.demands import support_demand
from committees.actions import joining, members
from committees.models import Committee, Membership
from events.models import Event
from hub import accounts, audit, personal, sessions
from hub.models import AuditEntry, Confirmation, Mailbox, Message, Thread, Trust, User, address_digest
from tests.campaigns.signing import Words, make_appeal, make_signature
from tests.cast import proves
from tests.factories import (
    PASSWORD,
    deliver_mail,
    make_admin,
    make_campaign,
    make_committee,
    make_demand,
    make_event,
    make_member,
    make_moderator,
    make_rsvp,
    make_user,
    slot_of,
)
from tests.test_privacy import dump, found

pytestmark = pytest.mark.django_db
ADDRESS = "rosa@relay.example"


def committee(name: str = "Harbor workers", **fields) -> Committee:
    """A published committee; its own actions have tests of their own."""
    values = {"kind": "union", "slug": name.lower().replace(" ", "-"), "status": "published", **fields}
    return Committee.objects.create(name=name, campaign=make_campaign(), **values)


def belongs(user, to: Committee, **fields) -> Membership:
    values = {"state": "active", "asked_at": timezone.now(), **fields}
    return Membership.objects.create(user=user, committee=to, **values)


def logged_in(user) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


# --- The page --------------------------------------------------------------------------------------
def test_it_shows_what_one_has_signed_and_supports_and_nobody_else_s():
    user, other = make_user(ADDRESS), make_user()
    appeal, untouched = make_appeal(), make_appeal(texts={"en": Words("Another call", "Sign.", "Words.")})
    signature = make_signature(appeal, member=user, shown="name", signed_as="Rosa")
    make_signature(untouched, member=other)
    make_signature(untouched, email="somebody@example.org", confirmed=True)
    demand = make_demand(texts={"en": ("Housing for all", "Now.", "2020")})
    support_demand(demand, user, at=timezone.now())
    for language, title in (("", "Call for a labor party"), ("/es", "Llamado por un partido")):
        page = logged_in(user).get(f"{language}/me/").content.decode()
        assert title in page
        assert f'{language}/t/{signature.mail_token}/"' in page
        assert "Another call" not in page
        assert "Housing for all" in page
        assert f'{language}/demands/{demand.slug}/#support"' in page
    assert logged_in(user).get(f"/t/{signature.mail_token}/").status_code == 200
    empty = logged_in(make_user()).get("/me/").content.decode()
    assert "signed" not in empty
    assert "support" not in empty


@pytest.mark.parametrize("path", ["/me/", "/me/settings/", "/me/data/", "/es/me/"])
def test_strangers_are_sent_to_log_in(path):
    answer = Client().get(path)
    prefix = "/es" if path.startswith("/es") else ""
    assert (answer.status_code, answer["Location"]) == (302, f"{prefix}/account/login/?next={path}")
    assert Client().post(path).status_code == 302


def test_an_empty_page_says_what_will_stand_there():
    page = logged_in(make_user(ADDRESS)).get("/me/").content.decode()
    assert "Nothing yet" in page
    assert "You belong to no committee yet." in page
    assert ADDRESS not in page


def test_it_shows_committees_and_what_is_next_soonest_first():
    user = make_user(ADDRESS, time_zone="Europe/Berlin")
    now = timezone.now()
    harbor, other = committee(), committee("Nobody of mine")
    belongs(user, harbor, role="coordinator")
    belongs(user, committee("Asked"), state="pending")
    far = make_event(title="Far rally", start=now + timedelta(days=9))
    soon = make_event(title="Soon meeting", start=now + timedelta(days=2))
    for event, of in ((soon, harbor), (make_event(title="Of others"), other)):
        event.committee = of
        event.save()
    make_rsvp(far, email=ADDRESS, confirmed=True)
    make_rsvp(make_event(title="Never confirmed"), email=ADDRESS)
    make_event(title="Drafted", published=False)
    page = logged_in(user).get("/me/").content.decode()
    assert page.index("Soon meeting") < page.index("Far rally")
    for text in ("Harbor workers", "Coordinator", "Asked to join", "Your time:"):
        assert text in page
    for text in ("Of others", "Never confirmed", "Drafted", "Nobody of mine"):
        assert text not in page
    assert page.count("You&#x27;re coming") + page.count("You're coming") == 1


def test_it_is_paged(django_assert_max_num_queries):
    user = make_user(ADDRESS)
    harbor = committee()
    belongs(user, harbor)
    for number in range(21):
        event = make_event(title=f"Meeting {number}", start=timezone.now() + timedelta(days=number + 1))
        event.committee = harbor
        event.save()
    client = logged_in(user)
    with django_assert_max_num_queries(12):
        first = client.get("/me/").content.decode()
    assert "Meeting 19" in first
    assert "Meeting 20" not in first
    assert "?page=2" in first
    assert "Meeting 20" in client.get("/me/?page=2").content.decode()
    assert client.get("/me/?page=nonsense").status_code == 200


def test_who_acts_for_others_is_told_of_the_second_step():
    moderator = logged_in(make_moderator())
    assert "needs a second step" in moderator.get("/me/").content.decode()
    assert "needs a second step" not in logged_in(make_user()).get("/me/").content.decode()


# --- Settings --------------------------------------------------------------------------------------
def test_name_language_and_zone_are_one_s_own_to_change():
    user = make_user(ADDRESS)
    client = logged_in(user)
    fields = {"display_name": "Rosa 🌹", "language": "es", "time_zone": "America/Puerto_Rico"}
    answer = client.post("/me/settings/", fields)
    assert answer["Location"] == "/es/me/settings/?saved=1"
    user.refresh_from_db()
    assert {name: getattr(user, name) for name in fields} == fields
    assert "Rosa 🌹" in client.get("/me/settings/").content.decode()
    for wrong in ({"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"display_name": "x" * 81}):
        assert client.post("/me/settings/", {**fields, **wrong}).status_code == 422
    client.post("/account/logout/")
    answer = client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    assert answer["Location"] == "/es/me/"


def test_zones_are_places_by_part_of_the_world_and_a_stored_one_stays():
    user = make_user(ADDRESS)
    client, path = logged_in(user), "/me/settings/"
    page = client.get(path).content.decode()
    for zone in ("Factory", "Etc/GMT+5", "EST5EDT", "US/Pacific", "America/Buenos_Aires"):
        assert f'value="{zone}"' not in page
    assert '<optgroup label="The Americas">' in page
    assert '<option value="America/Argentina/Buenos_Aires">Buenos Aires (Argentina)</option>' in page
    assert page.index("Europe/Berlin") < page.index("Europe/Madrid") < page.index("Asia/Tokyo")
    assert '<optgroup label="Océano Pacífico">' in client.get("/es/me/settings/").content.decode()
    typed = {"display_name": "", "language": "en", "time_zone": "US/Pacific"}
    refused = client.post(path, typed)
    assert refused.status_code == 422
    assert "Choose a place from the list." in refused.content.decode()
    User.objects.update(time_zone="US/Pacific")
    assert '<option value="US/Pacific" selected>US/Pacific</option>' in client.get(path).content.decode()
    assert client.post(path, typed).status_code == 302
    assert client.post(path, typed | {"time_zone": "US/Eastern"}).status_code == 422


# --- Export ----------------------------------------------------------------------------------------
def test_the_export_holds_everything_held(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    user = make_user(ADDRESS, display_name="Rosa")
    make_rsvp(make_event(title="Rally"), email=ADDRESS, confirmed=True, name="R.", need="a ramp")
    client = logged_in(user)
    time_machine.move_to(at + timedelta(minutes=6), tick=False)
    asked = client.post("/me/data/", {"act": "export"})
    assert asked["Location"] == "/account/again/?next=/me/data/"
    client.post("/account/again/", {"password": PASSWORD})
    answer = client.post("/me/data/", {"act": "export"})
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "private, no-store"
    held = json.loads(answer.content)
    assert held["account"]["email"] == ADDRESS
    assert held["account"]["display_name"] == "Rosa"
    (rsvp,) = held["rsvps"]
    assert (rsvp["event"], rsvp["name"], rsvp["need"]) == ("Rally", "R.", "a ramp")
    assert rsvp["timeslots"][0]["party_size"] == 1
    assert held["mails"]
    other = logged_in(make_user())
    assert ADDRESS not in other.post("/me/data/", {"act": "export"}).content.decode()


def test_the_export_names_only_what_its_owner_may_see():
    user, harbor, asked = make_user(ADDRESS), committee(), committee("Asked")
    belongs(user, harbor)
    belongs(user, asked, state="pending")
    meeting, off = make_event(title="Members only"), make_event(title="Taken off the site")
    for event in (meeting, off, make_event(title="Rally")):
        make_rsvp(event, email=ADDRESS, confirmed=True)
    Event.objects.filter(pk=meeting.pk).update(committee=harbor, visibility="members")
    client = logged_in(user)

    def named() -> tuple[list[str], list[str]]:
        held = json.loads(client.post("/me/data/", {"act": "export"}).content)
        return [one["event"] for one in held["rsvps"]], [one["committee"] for one in held["committees"]]

    assert named() == (["Members only", "Taken off the site", "Rally"], ["Harbor workers", "Asked"])
    members.leave(harbor, user, at=timezone.now())
    Event.objects.filter(pk=off.pk).update(status="draft")
    Committee.objects.filter(pk=asked.pk).update(visibility="hidden")
    unseen = "an event you can no longer see"
    assert named() == ([unseen, unseen, "Rally"], ["a committee you can no longer see"])


def test_nothing_is_given_out_by_looking():
    client = logged_in(make_user(ADDRESS, display_name="Rosa"))
    for query in ("", "?act=export", "?act=erase&sure=on"):
        page = client.get(f"/me/data/{query}").content.decode()
        assert ADDRESS not in page
    assert User.objects.filter(email=ADDRESS).exists()


def test_erasing_takes_a_tick():
    client = logged_in(make_user(ADDRESS))
    answer = client.post("/me/data/", {"act": "erase"})
    assert answer.status_code == 422
    assert "Tick that you want to erase" in answer.content.decode()
    assert client.post("/me/data/", {"act": "nonsense"}).status_code == 422
    assert User.objects.filter(email=ADDRESS).exists()


# --- Erasing ---------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_erasing_leaves_no_trace_but_totals(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    user = make_user(ADDRESS, display_name="Rosa Wójcik-Ünal")
    pk = user.pk
    digest, bucket = address_digest(ADDRESS), bytes(0)
    event, full = make_event(), make_event(capacity=1, start=at + timedelta(days=30))
    make_rsvp(event, email=ADDRESS, confirmed=True, name="Rosa Ü.", party_size=2)
    make_rsvp(full, email=ADDRESS, confirmed=True)
    waiting = make_rsvp(full, email="next@relay.example", confirmed=True)
    hosted = make_event(title="Hosted")
    box = Mailbox.objects.get(address_digest=digest)
    bucket = bytes(box.bucket_digest)
    hosted.host, hosted.host_name = box, "Rosa in public"
    hosted.save()
    belongs(user, committee(), display_name="R. of the harbor")
    Trust.objects.create(address_digest=digest, made_at=at)
    Thread.objects.create(
        kind="x", about_id=event.pk, asker=box, language="en", made_at=at, last_at=at,
        asker_link_hash=b"1", answerer_link_hash=b"2",
    )  # fmt: skip
    audit.record("something", event, at=at, by=user)
    audit.record("something", user, at=at, by=None, subject=user)
    client, elsewhere = logged_in(user), logged_in(user)
    begun = Client()
    begun.post("/account/login/code/", {"email": ADDRESS})
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    proves(client, "mfa")
    deliver_mail()
    begun.post("/account/login/code/", {"email": ADDRESS})  # still in the outbox
    assert str(pk).replace("-", "") in dump().decode(errors="ignore").replace("-", "")
    keys = [client.session.session_key, elsewhere.session.session_key, begun.session.session_key]

    answer = client.post("/me/data/", {"act": "erase", "sure": "on"})
    assert answer["Location"] == "/me/erased/"
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/me/").status_code == 302
    assert elsewhere.get("/me/").status_code == 302

    left = dump()
    for needle in (ADDRESS, "Rosa", "R. of the harbor", str(pk), pk.hex):
        assert not found(needle, left), needle
    for trace in (digest, bucket):
        assert trace not in left
    assert not Session.objects.filter(session_key__in=keys).exists()
    for session in Session.objects.all():
        assert ADDRESS not in sessions.opened(session.session_data)
    for model in (EmailAddress, Authenticator, Trust, Thread, Membership):
        assert not model.objects.exists(), model
    assert not Message.objects.exclude(sealed_secret=b"").exists()
    assert not Confirmation.objects.filter(address_digest=digest).exists()
    # What stays: totals, the events, and who waited has the seat.
    assert slot_of(event).seats_taken == 0
    waiting.refresh_from_db()
    assert waiting.attendances.get().seats_held == 1
    hosted.refresh_from_db()
    assert (hosted.host, hosted.host_name) == (None, "")
    assert AuditEntry.objects.filter(action="erase_account", actor=None, object_id=accounts.NOBODY).exists()
    assert set(AuditEntry.objects.filter(action="something").values_list("actor", "subject")) == {
        (None, None)
    }


@pytest.mark.django_db(transaction=True)
def test_erasing_asks_again_after_five_minutes(time_machine):
    at = timezone.now()
    time_machine.move_to(at, tick=False)
    client = logged_in(make_user(ADDRESS))
    time_machine.move_to(at + timedelta(minutes=6), tick=False)
    answer = client.post("/me/data/", {"act": "erase", "sure": "on"})
    assert answer["Location"] == "/account/again/?next=/me/data/"
    assert User.objects.filter(email=ADDRESS).exists()


def test_the_last_administrator_appoints_another_one_before_going():
    admin = make_admin()
    client = logged_in(admin)
    for path in ("/me/data/", "/es/me/data/"):
        answer = client.post(path, {"act": "erase", "sure": "on"})
        assert answer.status_code == 422
        assert "/moderation/roles/" in answer.content.decode()
    assert "Nadie más administra el sitio" in answer.content.decode()
    assert User.objects.filter(pk=admin.pk).exists()
    make_admin()
    assert client.post("/me/data/", {"act": "erase", "sure": "on"}).status_code == 302
    assert not User.objects.filter(pk=admin.pk).exists()


def test_what_was_written_of_the_erased_goes_from_the_audit_log():
    committee, now = make_committee(), timezone.now()
    rosa, by = make_user(ADDRESS), make_user()
    request = make_member(committee, rosa, pending=True)
    joining.decline(request.pk, word="Rosa spied on us.", by=by, at=now)
    members.remove(make_member(committee, rosa).pk, reason="Rosa again.", by=by, at=now)
    accounts.give_role(by, "moderator", reason="elected", by=None, at=now)
    accounts.erase_account(rosa, at=now)
    assert set(AuditEntry.objects.exclude(reason="").values_list("reason", flat=True)) == {"elected"}


def test_others_are_not_touched():
    rosa, other = make_user(ADDRESS), make_user("other@relay.example")
    event = make_event()
    make_rsvp(event, email=other.email, confirmed=True)
    Client().force_login(other)
    accounts.erase_account(rosa, at=timezone.now())
    assert User.objects.get() == other
    assert slot_of(event).seats_taken == 1
    assert Session.objects.count() == 1
    assert personal.mailbox_of_account(other) is not None


def test_what_one_app_can_not_erase_keeps_everything(monkeypatch):
    user = make_user(ADDRESS)
    make_rsvp(make_event(), email=ADDRESS, confirmed=True)

    def fails(user, at):
        raise RuntimeError

    monkeypatch.setattr(personal, "_erasures", [*personal._erasures, fails])
    with pytest.raises(RuntimeError):
        accounts.erase_account(user, at=timezone.now())
    assert User.objects.filter(pk=user.pk).exists()
    assert Mailbox.objects.exists()
