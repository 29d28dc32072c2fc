"""Roles: given by exact address and with a reason, in the log, and gone with the next request."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from campaigns.models import Coordinator
from hub import accounts
from hub.models import AuditEntry, User
from hub.permissions import MODERATORS, is_administrator, is_moderator, works_in_admin
from tests.factories import make_campaign, make_event, make_user

pytestmark = pytest.mark.django_db
ROLES = "/moderation/roles/"
ADDRESS = "rosa@relay.example"


def give(client, role="moderator", *, email=ADDRESS, reason="Elected on Sunday"):
    return client.post(ROLES, {"email": email, "role": role, "reason": reason})


def fresh() -> User:
    return User.objects.get(email=ADDRESS)


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_only_administrators_find_the_page(cast, prefix):
    found = {role: client.get(f"{prefix}{ROLES}").status_code for role, client in cast.items()}
    assert found == {"visitor": 404, "member": 404, "coordinator": 404, "moderator": 403, "admin": 200}


def test_the_403_does_not_say_that_one_may_see_it(moderator):
    page = moderator.get(ROLES).content.decode()
    assert "This is for another role than yours." in page
    assert "may see" not in page


def test_nobody_else_gives_a_role(cast):
    make_user(ADDRESS)
    for role in ("visitor", "member", "coordinator", "moderator"):
        assert give(cast[role]).status_code in (403, 404)
    assert not is_moderator(fresh())


def test_roles_are_given_and_taken_and_logged(admin):
    make_user(ADDRESS)
    assert give(admin)["Location"] == ROLES
    assert "The account is a moderator now." in admin.get(ROLES).content.decode()
    assert is_moderator(fresh())
    assert not is_administrator(fresh())
    entry = AuditEntry.objects.filter(action="give_role").latest("at")
    assert (entry.actor, entry.subject, entry.reason) == (admin.user, fresh(), "Elected on Sunday")
    assert entry.changes == {"role": ["none", "moderator"]}
    give(admin, "administrator")
    assert "The account is an administrator now." in admin.get(ROLES).content.decode()
    assert is_administrator(fresh())
    give(admin, "none")
    assert not is_moderator(fresh())
    assert "The account has no role any more." in admin.get(ROLES).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "nobody@relay.example"}, "No account has this address."),
        ({"email": "rosa"}, "Write an e-mail address like"),
        ({"email": ""}, "Write the address of the account."),
        ({"reason": ""}, "Write why."),
        ({"role": "king"}, "king"),
        ({"role": ""}, "Choose a role."),
    ],
)
def test_what_is_wrong_is_said(admin, fields, sentence):
    make_user(ADDRESS)
    answer = admin.post(ROLES, {"email": ADDRESS, "role": "moderator", "reason": "why", **fields})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not is_moderator(fresh())


# --- Administrators themselves -------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["none", "moderator"])
def test_the_only_administrator_keeps_the_role(admin, role):
    make_user(is_superuser=True, is_active=False)  # who can't log in administers nothing
    answer = give(admin, role, email=admin.user.email)
    assert answer.status_code == 422
    assert "You are the only administrator: appoint another one first." in answer.content.decode()
    with pytest.raises(CommandError, match="only administrator: appoint another one first"):
        call_command("role", admin.user.email, role, "--reason", "moved away")
    assert is_administrator(User.objects.get(pk=admin.user.pk))
    assert not AuditEntry.objects.filter(action="give_role").exists()


def test_taking_ones_own_role_is_asked_and_then_said(admin):
    make_user(ADDRESS, is_superuser=True)
    page = admin.get(ROLES).content.decode()
    assert 'name="own"' not in page
    asked = give(admin, "none", email=admin.user.email)
    assert asked.status_code == 422
    assert "This is your own account: you could give no more roles." in asked.content.decode()
    assert 'name="own"' in asked.content.decode()
    assert is_administrator(User.objects.get(pk=admin.user.pk))
    fields = {"email": admin.user.email, "role": "none", "reason": "Term is over", "own": "on"}
    answer = admin.post(ROLES, fields, follow=True)
    assert answer.status_code == 200
    assert "You have no role on this site any more." in answer.content.decode()
    assert not is_moderator(User.objects.get(pk=admin.user.pk))
    assert admin.get(ROLES).status_code == 404


# --- Campaign coordinators ---------------------------------------------------------------------------
def choice(campaign, what="give") -> str:
    return f"{what}:campaign:{campaign.pk}"


def runs() -> set[str]:
    return set(Coordinator.objects.filter(user=fresh()).values_list("campaign__slug", flat=True))


def test_running_a_campaign_is_given_and_taken_and_logged(admin):
    make_user(ADDRESS)
    ours, theirs = make_campaign(slug="ours", title="Ours"), make_campaign(slug="theirs")
    page = admin.get(ROLES).content.decode()
    assert "Campaign coordinator: what stands in the admin of “Ours”, and of it alone" in page
    for _twice in range(2):
        assert give(admin, choice(ours))["Location"] == ROLES
    assert "Saved. Campaign coordinator:" in admin.get(ROLES).content.decode()
    give(admin, choice(theirs))
    assert runs() == {"ours", "theirs"}
    assert not is_moderator(fresh())
    entry = AuditEntry.objects.get(action="appoint_campaign_coordinator", object_id=ours.pk)
    assert (entry.actor, entry.subject, entry.reason) == (admin.user, fresh(), "Elected on Sunday")
    give(admin, choice(ours, "take"), reason="Term is over")
    assert runs() == {"theirs"}
    assert AuditEntry.objects.get(action="dismiss_campaign_coordinator").reason == "Term is over"


def test_a_moderator_may_run_a_campaign_too_and_none_takes_everything(admin):
    make_user(ADDRESS)
    campaign = make_campaign(slug="ours")
    give(admin)
    give(admin, choice(campaign))
    assert is_moderator(fresh())
    assert runs() == {"ours"}
    give(admin, "none")
    assert not is_moderator(fresh())
    assert "The account has no role any more." in admin.get(ROLES).content.decode()
    assert runs() == set()
    assert not works_in_admin(fresh())


@pytest.mark.parametrize("role", ["give:campaign:", "give:campaign:x", "give:king:1", "sell:campaign:{}"])
def test_a_role_that_is_not_offered_gives_nothing(admin, role):
    make_user(ADDRESS)
    campaign = make_campaign()
    assert give(admin, role.format(campaign.pk)).status_code == 422
    assert runs() == set()


def test_the_command_gives_and_takes_running_a_campaign(capsys):
    make_user(ADDRESS)
    make_campaign(slug="ours")
    call_command("role", ADDRESS, "campaign-coordinator", "--campaign", "ours", "--reason", "elected")
    assert runs() == {"ours"}
    call_command("role", ADDRESS, "campaign-coordinator", "--campaign", "ours", "--take", "--reason", "over")
    assert runs() == set()
    assert [e.actor for e in AuditEntry.objects.filter(subject=fresh())] == [None, None]
    said = capsys.readouterr().out
    assert said == "It is a coordinator of this campaign now.\nIt coordinates this campaign no more.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["campaign-coordinator"], "Say of which campaign: --campaign. There are: ours."),
        (["campaign-coordinator", "--campaign", "theirs"], "There are: ours."),
        (["moderator", "--campaign", "ours"], "--campaign and --take belong to"),
        (["none", "--take"], "--campaign and --take belong to"),
    ],
)
def test_what_the_command_refuses_of_campaigns_is_one_sentence(arguments, sentence):
    make_user(ADDRESS)
    make_campaign(slug="ours")
    with pytest.raises(CommandError, match=sentence):
        call_command("role", ADDRESS, *arguments, "--reason", "x")
    assert runs() == set()


def test_the_page_names_nobody(admin):
    make_user(ADDRESS, display_name="Rosa of the seventh floor")
    give(admin)
    page = admin.get(ROLES).content.decode()
    assert "rosa" not in page.lower()


@pytest.mark.parametrize("path", ["/admin/", ROLES])
def test_a_lost_role_acts_on_the_next_request(path):
    user = make_user(ADDRESS)
    accounts.give_role(user, "administrator", reason="test", by=None, at=user.created_at)
    client = Client()
    client.force_login(user)
    assert client.get(path).status_code == 200
    make_user(is_superuser=True)  # the last one keeps the role
    accounts.give_role(fresh(), "none", reason="test", by=None, at=user.created_at)
    assert client.get(path).status_code == 404


def test_a_lost_moderator_loses_the_admin_at_once(moderator):
    assert moderator.get("/admin/events/event/").status_code == 200
    accounts.give_role(moderator.user, "none", reason="test", by=None, at=moderator.user.created_at)
    assert moderator.get("/admin/events/event/").status_code == 404


def test_moderators_see_and_change_what_stands_in_the_admin_and_delete_nothing(moderator):
    event = make_event()
    page = f"/admin/events/event/{event.pk}/"
    assert moderator.get(f"{page}change/").status_code == 200
    assert moderator.get("/admin/events/event/add/").status_code == 200
    assert moderator.get(f"{page}delete/").status_code == 403
    assert moderator.get("/admin/hub/user/").status_code == 404


# --- Commands --------------------------------------------------------------------------------------
def test_seeding_roles_makes_the_group_once_and_brings_it_up_to_date(capsys):
    call_command("seed_roles")
    group = Group.objects.get(name=MODERATORS)
    rights = set(group.permissions.values_list("codename", flat=True))
    assert {"view_event", "change_event", "add_event", "view_auditentry"} <= rights
    assert not [right for right in rights if right.startswith("delete_") or right.endswith("_user")]
    group.permissions.clear()
    call_command("seed_roles")
    assert set(group.permissions.values_list("codename", flat=True)) == rights
    assert Group.objects.count() == 1
    assert f"Moderators: {len(rights)} rights." in capsys.readouterr().out


def test_the_command_gives_and_takes_a_role(capsys):
    make_user(ADDRESS)
    call_command("role", ADDRESS.upper(), "administrator", reason="the first one")
    assert is_administrator(fresh())
    make_user(is_superuser=True)
    call_command("role", ADDRESS, "none", "--reason", "moved away")
    assert not is_moderator(fresh())
    assert [e.actor for e in AuditEntry.objects.filter(action="give_role")] == [None, None]
    assert "rosa" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody@relay.example", "moderator", "--reason", "x"],
        [ADDRESS, "king", "--reason", "x"],
        [ADDRESS, "moderator"],
        [ADDRESS, "moderator", "--reason", " "],
    ],
)
def test_what_the_command_refuses_is_one_sentence(arguments):
    make_user(ADDRESS)
    with pytest.raises(CommandError):
        call_command("role", *arguments)
    assert not is_moderator(fresh())
