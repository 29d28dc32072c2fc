"""What an operator does with a day of action: create, edit, publish, take off the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from django.db import transaction
from django.utils.text import slugify

from campaigns.models import Campaign
from events.models import DayOfAction, DayText
from hub import audit
from hub.models import User
from hub.slugs import new_slug

PUBLIC_FIELDS = ("campaign_id", "first_date", "last_date", "mode", "hour", "instant")


class Words(NamedTuple):
    """What a day of action says in one language."""

    title: str
    call: str


@dataclass(frozen=True)
class DayDetails:
    """Everything a form says about a day of action. Its dates are local to each place; `hour` is local
    too and `instant` is UTC, each of one mode only. `texts` has one language at least."""

    campaign: Campaign
    first_date: date
    last_date: date
    mode: str
    texts: Mapping[str, Words]
    hour: time | None = None
    instant: datetime | None = None


def create_day(details: DayDetails, *, by: User | None, at: datetime) -> DayOfAction:
    """A new draft."""
    with transaction.atomic():
        day = DayOfAction(slug=_new_slug(details))
        _take_over(day, details)
        day.save(force_insert=True)
        _write_texts(day, details.texts)
        audit.record("create_day", day, at=at, by=by)
        return day


def edit_day(day: DayOfAction, details: DayDetails, *, by: User | None, at: datetime) -> DayOfAction:
    """Change the common words, the dates or the mode. Local events keep their own times and words."""
    with transaction.atomic():
        day = DayOfAction.objects.select_for_update().get(pk=day.pk)
        before = {name: getattr(day, name) for name in PUBLIC_FIELDS}
        _take_over(day, details)
        day.save()
        _write_texts(day, details.texts)
        changes = {
            name: [str(before[name]), str(getattr(day, name))]
            for name in PUBLIC_FIELDS
            if before[name] != getattr(day, name)
        }
        audit.record("edit_day", day, at=at, by=by, changes=changes)
        return day


def publish_day(day: DayOfAction, *, by: User | None, at: datetime) -> DayOfAction:
    """Let everybody see it."""
    with transaction.atomic():
        day = DayOfAction.objects.select_for_update().get(pk=day.pk)
        day.status = DayOfAction.Status.PUBLISHED
        day.published_at = day.published_at or at
        day.save(update_fields=["status", "published_at", "changed_at"])
        audit.record("publish_day", day, at=at, by=by)
        return day


def unpublish_day(day: DayOfAction, *, by: User | None, at: datetime) -> DayOfAction:
    """Take it off every page at once; its local events stay where they are."""
    with transaction.atomic():
        day = DayOfAction.objects.select_for_update().get(pk=day.pk)
        day.status = DayOfAction.Status.DRAFT
        day.save(update_fields=["status", "changed_at"])
        audit.record("unpublish_day", day, at=at, by=by)
        return day


def _take_over(day: DayOfAction, details: DayDetails) -> None:
    day.campaign = details.campaign
    day.first_date, day.last_date = details.first_date, details.last_date
    day.mode = details.mode
    day.hour = details.hour if details.mode == DayOfAction.Mode.SAME_HOUR else None
    day.instant = details.instant if details.mode == DayOfAction.Mode.SAME_INSTANT else None


def _write_texts(day: DayOfAction, texts: Mapping[str, Words]) -> None:
    day.texts.exclude(language__in=texts).delete()
    for language, words in texts.items():
        DayText.objects.update_or_create(
            day=day, language=language, defaults={"title": words.title, "call": words.call}
        )


def _new_slug(details: DayDetails) -> str:
    """Title and year, as people would guess it; where that is taken, with five random characters."""
    words = details.texts.get("en") or next(iter(details.texts.values()))
    slug = f"{slugify(words.title)[:60].strip('-') or 'day'}-{details.first_date.year}"
    return new_slug(slug, "day") if DayOfAction.objects.filter(slug=slug).exists() else slug
