"""What those who run a campaign do with its demands: propose, change, adopt, retire, put in order; and who
supports one.

Whatever moves the order of a campaign's demands holds the lock of the campaign's row, taken first; what
moves a demand's versions, state or count holds the lock of its own row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F

from campaigns.models import (
    Appeal,
    Campaign,
    Demand,
    DemandSupporter,
    DemandText,
    DemandVersion,
)
from hub import actions as ground
from hub import audit
from hub.models import User
from hub.slugs import new_slug
from hub.texts import one_line_break

Status = Demand.Status


class Words(NamedTuple):
    """What a demand says in one language; `text` is Markdown, `adopted` says when and where."""

    title: str
    text: str = ""
    adopted: str = ""


@dataclass(frozen=True)
class DemandDetails:
    """Everything a form says about a demand. `texts` has one language at least."""

    campaign: Campaign
    texts: Mapping[str, Words]
    tags: Sequence[str] = ()


class DemandRefused(Exception):
    """This can't be done with the demand; `reason` is changed (somebody has written a newer version
    since), adopted (its words don't say when and where they were adopted), anew (they changed, and still say
    it of the old ones), public (everybody has seen it:
    it is neither deleted nor given to another campaign), not-adopted (only adopted ones are retired, put in
    order and supported) or gone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def lock(demand_id: UUID) -> Demand:
    """Lock a demand. Who only points to it doesn't wait. Raises DemandRefused."""
    demand = Demand.objects.select_for_update(no_key=True).filter(pk=demand_id).first()
    if demand is None:
        raise DemandRefused("gone")
    return demand


def _lock_order(campaign_id: UUID) -> None:
    """Of two who put demands in order, the second sees what the first has made of it."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


# --- Writing -------------------------------------------------------------------------------------
def propose_demand(details: DemandDetails, *, by: User | None, at: datetime) -> Demand:
    """A new one, seen by those who run the campaign until it is adopted."""
    with transaction.atomic():
        slug = new_slug(_title(details.texts), "demand")
        demand = Demand(slug=slug, campaign=details.campaign, made_at=at)
        demand.save(force_insert=True)
        _write(DemandVersion.objects.create(demand=demand, number=1, made_at=at), details.texts)
        demand.tags.set(details.tags)
        audit.record("propose_demand", demand, at=at, by=by)
        return demand


def edit_demand(
    demand: Demand,
    details: DemandDetails,
    *,
    seen: int,
    correction: bool = False,
    by: User | None,
    at: datetime,
) -> Demand:
    """Change a demand. While it is only proposed its words change in place; once it was adopted, changed
    words are a new version that says when and where it was adopted: anew, unless it is only a `correction`
    of the spelling. `seen` is the number of the version the editor had before them. Raises DemandRefused;
    then nothing is changed."""
    with transaction.atomic():
        demand = lock(demand.pk)
        if demand.newest != seen:
            raise DemandRefused("changed")
        version = DemandVersion.objects.get(demand=demand, number=seen)
        changes: dict[str, list[str]] = {}
        if demand.campaign_id != details.campaign.pk:
            if demand.is_public:
                raise DemandRefused("public")
            changes["campaign"] = [str(demand.campaign_id), str(details.campaign.pk)]
            demand.campaign = details.campaign
        before = words_of(version)
        if before != dict(details.texts):
            if demand.is_public:
                _refuse_unadopted(details.texts.values())
                if not correction and not_adopted_anew(before, details.texts):
                    raise DemandRefused("anew")
                demand.newest = seen + 1
                version = DemandVersion.objects.create(demand=demand, number=demand.newest, made_at=at)
                changes["version"] = [str(seen), str(demand.newest)]
            elif _title(before) != _title(details.texts):
                demand.slug = new_slug(_title(details.texts), "demand")
            _write(version, details.texts)
        changes |= _retag(demand, details.tags)
        demand.save(update_fields=["campaign", "slug", "newest"])
        audit.record("edit_demand", demand, at=at, by=by, changes=changes)
        return demand


def delete_proposal(demand: Demand, *, by: User | None, at: datetime) -> None:
    """Delete a demand nobody has adopted. Raises DemandRefused for one that was."""
    with transaction.atomic():
        demand = lock(demand.pk)
        if demand.is_public:
            raise DemandRefused("public")
        audit.record("delete_proposal", demand, at=at, by=by)
        demand.delete()


def words_of(version: DemandVersion) -> dict[str, Words]:
    """What a version says, by language."""
    return {
        text.language: Words(text.title, one_line_break(text.text), text.adopted)
        for text in version.texts.all()
    }


def not_adopted_anew(before: Mapping[str, Words], after: Mapping[str, Words]) -> list[str]:
    """The languages in which new words still bear the "adopted: when, where" of the old ones."""
    return [
        language
        for language, words in after.items()
        if language in before
        and words._replace(adopted="") != before[language]._replace(adopted="")
        and words.adopted.strip() == before[language].adopted.strip()
    ]


def _title(texts: Mapping[str, Words]) -> str:
    """The one its address is made of."""
    return (texts.get("en") or next(iter(texts.values()))).title


def _write(version: DemandVersion, texts: Mapping[str, Words]) -> None:
    version.texts.exclude(language__in=texts).delete()
    for language, words in texts.items():
        DemandText.objects.update_or_create(version=version, language=language, defaults=words._asdict())


def _retag(demand: Demand, tags: Sequence[str]) -> dict[str, list[str]]:
    """Set its tags; gives what changed for the audit log."""
    before = sorted(demand.tags.names())
    demand.tags.set(tags)
    after = sorted(demand.tags.names())
    return {} if before == after else {"tags": [", ".join(before), ", ".join(after)]}


def _refuse_unadopted(texts: Iterable[Words]) -> None:
    if not all(words.adopted.strip() for words in texts):
        raise DemandRefused("adopted")


# --- Adopted, retired, in order --------------------------------------------------------------------
def adopt_demand(demand: Demand, *, by: User | None, at: datetime) -> Demand:
    """Let everybody see it, at the end of the campaign's order; a retired one comes back. Raises
    DemandRefused while its words don't say when and where it was adopted."""
    with transaction.atomic():
        _lock_order(demand.campaign_id)
        demand = lock(demand.pk)
        if demand.status == Status.ADOPTED:
            return demand
        _refuse_unadopted(words_of(DemandVersion.objects.get(demand=demand, number=demand.newest)).values())
        before, demand.status = demand.status, Status.ADOPTED
        demand.order = Demand.objects.adopted().filter(campaign=demand.campaign_id).count() + 1
        demand.adopted_at, demand.retired_at = demand.adopted_at or at, None
        demand.save(update_fields=["status", "order", "adopted_at", "retired_at"])
        changes = {"status": [str(before), str(Status.ADOPTED)]}
        audit.record("adopt_demand", demand, at=at, by=by, changes=changes)
        return demand


def retire_demand(demand: Demand, *, by: User | None, at: datetime) -> Demand:
    """It is no demand of the campaign any more: it leaves the order and takes no support. Its page and its
    history stay. Raises DemandRefused for one that isn't adopted."""
    with transaction.atomic():
        _lock_order(demand.campaign_id)
        demand = lock(demand.pk)
        if demand.order is None:
            raise DemandRefused("not-adopted")
        following = Demand.objects.filter(campaign=demand.campaign_id, order__gt=demand.order)
        demand.status, demand.order, demand.retired_at = Status.RETIRED, None, at
        demand.save(update_fields=["status", "order", "retired_at"])
        following.update(order=F("order") - 1)
        changes = {"status": [str(Status.ADOPTED), str(Status.RETIRED)]}
        audit.record("retire_demand", demand, at=at, by=by, changes=changes)
        return demand


def move_demand(demand: Demand, place: int, *, by: User | None, at: datetime) -> Demand:
    """Give an adopted demand another place in the campaign's order, from 1 on; a place beyond the end is
    the end. Raises DemandRefused for one that isn't adopted."""
    with transaction.atomic():
        _lock_order(demand.campaign_id)
        demand = lock(demand.pk)
        before = demand.order
        if before is None:
            raise DemandRefused("not-adopted")
        others = Demand.objects.filter(campaign=demand.campaign_id, order__isnull=False).exclude(pk=demand.pk)
        place = max(1, min(place, others.count() + 1))
        if place == before:
            return demand
        if place < before:
            others.filter(order__gte=place, order__lt=before).update(order=F("order") + 1)
        else:
            others.filter(order__gt=before, order__lte=place).update(order=F("order") - 1)
        demand.order = place
        demand.save(update_fields=["order"])
        changes = {"order": [str(before), str(place)]}
        audit.record("move_demand", demand, at=at, by=by, changes=changes)
        return demand


def carry_demands(appeal: Appeal, demands: Iterable[Demand], *, by: User | None, at: datetime) -> None:
    """Let a document carry these demands, and those it carries already that were retired: no form offers
    these."""
    with transaction.atomic():
        before = set(appeal.demands.values_list("slug", flat=True))
        appeal.demands.set([*demands, *appeal.demands.filter(status=Status.RETIRED)])
        after = set(appeal.demands.values_list("slug", flat=True))
        if before != after:
            changes = {"demands": [", ".join(sorted(before)), ", ".join(sorted(after))]}
            audit.record("carry_demands", appeal, at=at, by=by, changes=changes)


# --- Support ---------------------------------------------------------------------------------------
def support_demand(demand: Demand, member: User, *, at: datetime) -> None:
    """A member supports a demand; twice is once. The log names nobody: whom somebody supports is theirs
    alone to know. Raises DemandRefused for a demand that isn't adopted."""
    with transaction.atomic():
        ground.lock_account(member)
        demand = lock(demand.pk)
        if demand.status != Status.ADOPTED:
            raise DemandRefused("not-adopted")
        _row, new = DemandSupporter.objects.get_or_create(demand=demand, user=member)
        if new:
            Demand.objects.filter(pk=demand.pk).update(supporters=F("supporters") + 1)
            audit.record("support_demand", demand, at=at, by=None)


def withdraw_support(demand: Demand, member: User, *, at: datetime) -> None:
    """A member supports it no more, whatever has become of the demand."""
    with transaction.atomic():
        demand = lock(demand.pk)
        gone, _of_each = DemandSupporter.objects.filter(demand=demand, user=member).delete()
        if gone:
            Demand.objects.filter(pk=demand.pk).update(supporters=F("supporters") - 1)
            audit.record("withdraw_support", demand, at=at, by=None)


def withdraw_everywhere(member: User, *, at: datetime) -> None:
    """What goes with an account. The locks are taken in the order of the demands' keys."""
    with transaction.atomic():
        for demand in Demand.objects.filter(supporter_rows__user=member).order_by("pk"):
            withdraw_support(demand, member, at=at)
