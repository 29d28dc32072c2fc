"""What is done with a document people sign: written, given a new version, published, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from campaigns.models import Appeal, AppealReply, AppealText, AppealVersion, Campaign, PaperSheet
from hub import audit
from hub.models import User
from hub.slugs import new_slug
from hub.texts import one_line_break

PUBLIC_FIELDS = ("campaign_id", "kind", "issued_on", "signable", "goal")


class Words(NamedTuple):
    """What a document says in one language; `body` is Markdown."""

    title: str
    summary: str
    body: str


class Reply(NamedTuple):
    """An answer to a document that stands elsewhere."""

    title: str
    url: str
    language: str
    on: date | None = None


@dataclass(frozen=True)
class AppealDetails:
    """Everything a form says about a document. `texts` has one language at least."""

    campaign: Campaign
    kind: str
    texts: Mapping[str, Words]
    issued_on: date | None = None
    signable: bool = True
    goal: int | None = None


class AppealRefused(Exception):
    """This can't be done with the document; `reason` is changed (somebody has written a newer version
    since), substantial (it was published: a change of its words has to say which kind it is) or empty (a
    sheet without signatures)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def lock(appeal_id: UUID) -> Appeal:
    """Lock a document. Whatever moves its versions, their counts or whether it can be signed holds this
    lock, and takes it before any mailbox's. Who only points to it doesn't wait."""
    return Appeal.objects.select_for_update(no_key=True).get(pk=appeal_id)


def current(appeal: Appeal) -> AppealVersion:
    """Its newest version."""
    return AppealVersion.objects.filter(appeal=appeal).order_by("-number")[0]


# --- Writing -------------------------------------------------------------------------------------
def create_appeal(details: AppealDetails, *, by: User | None, at: datetime) -> Appeal:
    """A new draft with its first version."""
    with transaction.atomic():
        words = details.texts.get("en") or next(iter(details.texts.values()))
        appeal = Appeal(slug=new_slug(words.title, "appeal"))
        _take_over(appeal, details)
        appeal.save(force_insert=True)
        _write(AppealVersion.objects.create(appeal=appeal, number=1, made_at=at), details.texts)
        audit.record("create_appeal", appeal, at=at, by=by)
        return appeal


def edit_appeal(
    appeal: Appeal,
    details: AppealDetails,
    *,
    seen: int,
    substantial: bool | None,
    by: User | None,
    at: datetime,
) -> Appeal:
    """Change a document. While it was never published its only version is rewritten; afterwards changed
    words make a new one. `seen` is the number of the version the editor had before them.

    Of a `substantial` version those who have signed are asked once; until they say yes they stay under
    the one they gave their name to. Raises AppealRefused; then nothing is changed.
    """
    with transaction.atomic():
        appeal = lock(appeal.pk)
        version = current(appeal)
        if version.number != seen:
            raise AppealRefused("changed")
        before = {name: getattr(appeal, name) for name in PUBLIC_FIELDS}
        _take_over(appeal, details)
        appeal.save()
        if words_of(version) != dict(details.texts):
            version = _next_version(appeal, version, substantial, at)
            _write(version, details.texts)
        changes = {
            name: [str(before[name]), str(getattr(appeal, name))]
            for name in PUBLIC_FIELDS
            if before[name] != getattr(appeal, name)
        }
        if version.number != seen:
            changes["version"] = [str(seen), str(version.number)]
        audit.record("edit_appeal", appeal, at=at, by=by, changes=changes)
        return appeal


def _next_version(
    appeal: Appeal, version: AppealVersion, substantial: bool | None, at: datetime
) -> AppealVersion:
    if appeal.published_at is None:
        return version
    if substantial is None:
        raise AppealRefused("substantial")
    return AppealVersion.objects.create(
        appeal=appeal, number=version.number + 1, substantial=substantial, made_at=at
    )


def words_of(version: AppealVersion) -> dict[str, Words]:
    """What a version says, by language."""
    return {
        text.language: Words(text.title, text.summary, one_line_break(text.body))
        for text in version.texts.all()
    }


def _take_over(appeal: Appeal, details: AppealDetails) -> None:
    appeal.campaign, appeal.kind, appeal.issued_on = details.campaign, details.kind, details.issued_on
    appeal.signable, appeal.goal = details.signable, details.goal


def _write(version: AppealVersion, texts: Mapping[str, Words]) -> None:
    version.texts.exclude(language__in=texts).delete()
    for language, words in texts.items():
        AppealText.objects.update_or_create(version=version, language=language, defaults=words._asdict())


def set_replies(appeal: Appeal, replies: Sequence[Reply], *, by: User | None, at: datetime) -> None:
    """Say which answers to it stand elsewhere."""
    with transaction.atomic():
        lock(appeal.pk)
        before = {Reply(one.title, one.url, one.language, one.on) for one in appeal.replies.all()}
        if before == set(replies):
            return
        appeal.replies.all().delete()
        AppealReply.objects.bulk_create([AppealReply(appeal=appeal, **one._asdict()) for one in replies])
        audit.record("set_replies", appeal, at=at, by=by, count=len(replies))


# --- On the site and off it ----------------------------------------------------------------------
def publish_appeal(appeal: Appeal, *, by: User | None, at: datetime) -> Appeal:
    """Let everybody see it."""
    with transaction.atomic():
        appeal = lock(appeal.pk)
        appeal.status = Appeal.Status.PUBLISHED
        appeal.published_at = appeal.published_at or at
        appeal.save(update_fields=["status", "published_at", "changed_at"])
        audit.record("publish_appeal", appeal, at=at, by=by)
        return appeal


def unpublish_appeal(appeal: Appeal, *, by: User | None, at: datetime) -> Appeal:
    """Take it off every page at once; what was signed stays."""
    with transaction.atomic():
        appeal = lock(appeal.pk)
        appeal.status = Appeal.Status.DRAFT
        appeal.save(update_fields=["status", "changed_at"])
        audit.record("unpublish_appeal", appeal, at=at, by=by)
        return appeal


def close_appeal(appeal: Appeal, *, by: User | None, at: datetime) -> Appeal:
    """Nobody can sign any more; a month later the signers' addresses are forgotten."""
    with transaction.atomic():
        appeal = lock(appeal.pk)
        appeal.closed_at = appeal.closed_at or at
        appeal.save(update_fields=["closed_at", "changed_at"])
        audit.record("close_appeal", appeal, at=at, by=by)
        return appeal


def reopen_appeal(appeal: Appeal, *, by: User | None, at: datetime) -> Appeal:
    """Let people sign it again."""
    with transaction.atomic():
        appeal = lock(appeal.pk)
        appeal.closed_at = None
        appeal.save(update_fields=["closed_at", "changed_at"])
        audit.record("reopen_appeal", appeal, at=at, by=by)
        return appeal


def add_paper(appeal: Appeal, count: int, *, seen: int, by: User | None, at: datetime) -> PaperSheet:
    """Count signatures gathered on paper, under the version number `seen` that stood on the sheet. Raises
    AppealRefused."""
    if count < 1:
        raise AppealRefused("empty")
    with transaction.atomic():
        lock(appeal.pk)
        version = AppealVersion.objects.get(appeal=appeal, number=seen)
        sheet = PaperSheet.objects.create(appeal=appeal, version=version, count=count, added_at=at)
        audit.record("add_paper", appeal, at=at, by=by, count=count)
        return sheet


def remove_paper(sheet: PaperSheet, *, by: User | None, at: datetime) -> None:
    """Take a sheet that was counted by mistake out again."""
    with transaction.atomic():
        appeal = lock(sheet.appeal_id)
        sheet.delete()
        audit.record("remove_paper", appeal, at=at, by=by, count=sheet.count)
