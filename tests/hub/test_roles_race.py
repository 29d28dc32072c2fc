"""Administrators who take each other's role at the same moment."""

from functools import partial

import pytest
from django.utils import timezone

from hub import accounts
from hub.permissions import administrators
from tests import races
from tests.factories import make_user

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


def test_of_administrators_who_take_each_others_role_one_stays():
    users = [make_user(is_superuser=True) for _ in range(4)]
    facts = {"reason": "for the tests", "by": None, "at": timezone.now()}
    takes = [partial(accounts.give_role, user, "none", **facts) for user in users]
    done = races.at_once([partial(races.outcome, take, accounts.RoleRefused) for take in takes])
    assert sorted(done) == ["RoleRefused", "done", "done", "done"]
    assert administrators().count() == 1


def test_of_administrators_who_erase_themselves_one_stays():
    users = [make_user(is_superuser=True) for _ in range(4)]
    erasures = [partial(accounts.erase_account, user, at=timezone.now()) for user in users]
    done = races.at_once([partial(races.outcome, erase, accounts.RoleRefused) for erase in erasures])
    assert sorted(done) == ["RoleRefused", "done", "done", "done"]
    assert administrators().count() == 1
