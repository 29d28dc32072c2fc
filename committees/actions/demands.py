"""A committee supports a demand, or no more: an act of whoever coordinates it."""

from datetime import datetime

from django.db import transaction

from campaigns.actions import demands
from campaigns.models import Demand
from committees.actions.committees import lock
from committees.models import Committee, DemandSupport
from hub import audit
from hub.models import User


class SupportRefused(Exception):
    """Only a committee everybody may read of can: its name stands under the demand."""


def give_support(committee: Committee, demand: Demand, *, by: User | None, at: datetime) -> None:
    """The committee supports the demand; twice is once. Raises SupportRefused, and DemandRefused for a
    demand that isn't adopted."""
    with transaction.atomic():
        committee = lock(committee.pk)
        if not Committee.objects.listed().filter(pk=committee.pk).exists():
            raise SupportRefused
        demand = demands.lock(demand.pk)
        if demand.status != Demand.Status.ADOPTED:
            raise demands.DemandRefused("not-adopted")
        _row, new = DemandSupport.objects.get_or_create(
            demand=demand, committee=committee, defaults={"since": at}
        )
        if new:
            audit.record("give_support", committee, at=at, by=by)


def take_support_back(committee: Committee, demand: Demand, *, by: User | None, at: datetime) -> None:
    """It supports the demand no more, whatever has become of either."""
    with transaction.atomic():
        committee = lock(committee.pk)
        gone, _of_each = DemandSupport.objects.filter(demand=demand, committee=committee).delete()
        if gone:
            audit.record("take_support_back", committee, at=at, by=by)
