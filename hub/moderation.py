"""The moderators' queue: what is submitted, claimed and decided. Only this module writes `Review`.

Each app registers in its `reviews.py` what of it can be moderated. Whoever decides holds the lock on the
review's row before any other, so that two moderators can't both decide, nor wait for each other.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hub import audit, mail, threads
from hub.models import Mailbox, Review, Trust, User, without_tag
from hub.models.reviews import ReviewQuerySet
from hub.permissions import is_moderator, moderators
from hub.personal import register_purge

Decision = Review.Decision
THREAD_KIND = "hub.review"  # what is written about it; see hub/review_threads.py
CLAIM_LIVES = timedelta(minutes=30)
WITHIN = timedelta(hours=24)  # a submission is looked at within this
BEFORE_START = timedelta(hours=48)  # and this long before the thing starts
PERSON_ON_REVIEW = timedelta(days=30)  # after the decision

# What a person reads for each reason of ReviewRefused.
SENTENCES = {
    "own": _("You submitted this yourself: somebody else has to decide."),
    "claimed": _("Another moderator is looking at this. Nothing was changed."),
    "changed": _("It was changed while you looked at it. Please read it again. Nothing was decided."),
    "published": _("It was published already. Nothing was changed."),
    "returned": _("It was returned already. Nothing was changed."),
    "rejected": _("It was rejected already. Nothing was changed."),
    "withdrawn": _("It was withdrawn by whoever submitted it. Nothing was changed."),
    "over": _("It is over: it can't be published any more. Nothing was changed."),
}


class ReviewRefused(Exception):
    """This can't be decided, or not by this person: `reason` is own, claimed, changed (since the moderator
    looked), published, returned, rejected or withdrawn (already), or over."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Act = Callable[[UUID, User | None, datetime], None]


class Titled(NamedTuple):
    """A thing as one line of the queue: its title, the title's language, when and where; and the zone of
    where it is, for what has a place."""

    title: str
    language: str
    details: str
    zone: str = ""


class Published(NamedTuple):
    """What the mail says that tells of the publishing: its subject, which names the %(title)s, a sentence,
    what the submitter's own link is for, and the words of that link."""

    subject: Any = _("Published: %(title)s")
    sentence: Any = _("It is on the site now. Everybody who may see it can find it.")
    own: Any = _("Only for you, to change it:")
    own_link: Any = _("My event")


PUBLISHED = Published()


@dataclass(frozen=True)
class ReviewKind:
    """How one kind of thing is moderated.

    `titles(ids)` names those of the things that still exist, for a whole page of the queue at once.
    `show(review)` is what `template` needs to show the thing as it will look, with `changes` (label,
    before, after) for an edit; None if the thing is gone. `home(review)` is the path the submitter goes
    on from, `page(id)` that of the thing's own page for everybody. `publish`, `send_back` and `reject`
    change the thing itself, `apply_edit` makes the values of an edit count; each may raise ReviewRefused.
    `reasons` are those to choose from when one is returned or rejected, as (key, sentence).
    """

    name: str
    label: Any
    template: str
    titles: Callable[[Sequence[UUID]], dict[UUID, Titled]]
    show: Callable[[Review], dict[str, Any] | None]
    home: Callable[[Review], str]
    page: Callable[[UUID], str]
    publish: Act
    send_back: Act
    reject: Act
    reasons: Sequence[tuple[str, Any]]
    apply_edit: Callable[[Review, User | None, datetime], None] | None = (
        None  # None: it has no edits that wait
    )
    earns_trust: bool = True  # whether "publish and trust" is offered
    published: Published = PUBLISHED


kinds: dict[str, ReviewKind] = {}


def register(kind: ReviewKind) -> None:
    """Make a kind of thing reviewable; called from an app's `reviews.py`."""
    kinds[kind.name] = kind


def visible_to(user: Any) -> ReviewQuerySet:
    """All submissions for moderators and administrators, none for anybody else."""
    return Review.objects.all() if is_moderator(user) else Review.objects.none()


# --- Submitting ----------------------------------------------------------------------------------
def submit(
    kind: str,
    object_id: UUID,
    *,
    mailbox: Mailbox | None,
    by: User | None,
    language: str,
    first_start: datetime | None,
    at: datetime,
) -> Review:
    """Put a thing into the queue; one that waits already is renewed, so that nobody decides on what they
    haven't seen. Called in the transaction that changed the thing."""
    return _submit(kind, object_id, "", mailbox, by, language, first_start, at)


def submit_edit(
    kind: str,
    object_id: UUID,
    values: dict[str, Any],
    *,
    mailbox: Mailbox | None,
    by: User | None,
    language: str,
    first_start: datetime | None,
    at: datetime,
) -> Review:
    """Put an edit of something published into the queue: the new values wait, sealed, while the page
    stays as it is. A later edit takes the place of one that waits."""
    return _submit(kind, object_id, json.dumps(values), mailbox, by, language, first_start, at)


def _submit(
    kind: str,
    object_id: UUID,
    values: str,
    mailbox: Mailbox | None,
    by: User | None,
    language: str,
    first_start: datetime | None,
    at: datetime,
) -> Review:
    needed_by = at + WITHIN
    if first_start is not None:
        needed_by = min(needed_by, first_start - BEFORE_START)
    review = lock_waiting(kind, object_id)
    if review is not None:
        review.values, review.submitted_at = values, at
        review.needed_by = min(review.needed_by, needed_by)  # renewing doesn't lose one's place
        review.save(update_fields=["values", "submitted_at", "needed_by"])
        return review
    before = latest(kind, object_id)
    review = Review(
        kind=kind,
        object_id=object_id,
        # By the host's link nobody is logged in: it is still whose it was.
        submitter_id=by.pk if by else before.submitter_id if before else None,
        mailbox=mailbox,
        language=language,
        values=values,
        submitted_at=at,
        needed_by=needed_by,
    )
    review.save(force_insert=True)
    audit.record("submit", review, at=at, by=by)
    _tell("hub.review_received", review, at)
    return review


def lock_waiting(kind: str, object_id: UUID) -> Review | None:
    """The open review of a thing, locked until the transaction ends."""
    return Review.objects.waiting().select_for_update().filter(kind=kind, object_id=object_id).first()


def earlier(review: Review) -> ReviewQuerySet:
    """What was returned or rejected of the same thing before, the newest first."""
    before = Review.objects.filter(kind=review.kind, object_id=review.object_id).exclude(pk=review.pk)
    decided = before.filter(decision__in=(Decision.RETURNED, Decision.REJECTED))
    return decided.filter(decided_at__lte=review.submitted_at).order_by("-decided_at")


def latest(kind: str, object_id: UUID) -> Review | None:
    """The submission of a thing that waits, or was decided last."""
    newest = F("decided_at").desc(nulls_first=True)
    return Review.objects.filter(kind=kind, object_id=object_id).order_by(newest).first()


def withdraw(kind: str, object_id: UUID, *, by: User | None, at: datetime) -> None:
    """The submitter takes back what waits, if anything does; nobody is told."""
    review = lock_waiting(kind, object_id)
    if review is not None:
        _store(review, Decision.WITHDRAWN, by=by, at=at)


# --- Deciding ------------------------------------------------------------------------------------
def claim(review: Review, *, by: User, at: datetime) -> None:
    """Tell the other moderators that one is at it, for half an hour. Raises ReviewRefused."""
    with transaction.atomic():
        _refuse(review, by)
        free = Q(claimed_until=None) | Q(claimed_until__lte=at) | Q(claimed_by=by)
        claimed = Review.objects.filter(free, pk=review.pk, decision=Decision.WAITING).update(
            claimed_by=by, claimed_until=at + CLAIM_LIVES
        )
        if not claimed:
            raise ReviewRefused(Review.objects.get(pk=review.pk).decision or "claimed")
        audit.record("claim", review, at=at, by=by)


def publish(review: Review, *, by: User, at: datetime, seen: datetime | None = None) -> None:
    """Let everybody see it, or let the edit count. `seen` is `submitted_at` of what the moderator looked
    at. Raises ReviewRefused."""
    with transaction.atomic():
        decided = _decide(review.pk, Decision.PUBLISHED, by=by, at=at, seen=seen)
        kind = kinds[decided.kind]
        if decided.values and kind.apply_edit:
            kind.apply_edit(decided, by, at)
        else:
            kind.publish(decided.object_id, by, at)


def publish_and_trust(review: Review, *, by: User, at: datetime, seen: datetime | None = None) -> None:
    """Publish, and from now on let whoever reads the submitter's mailbox publish at once."""
    with transaction.atomic():
        publish(review, by=by, at=at, seen=seen)
        if not kinds[review.kind].earns_trust:
            return
        mailbox = Mailbox.objects.filter(reviews=review).first()
        if mailbox is not None:
            trust = Trust(address_digest=bytes(mailbox.address_digest), made_at=at)
            Trust.objects.bulk_create([trust], ignore_conflicts=True)
            audit.record("trust", review, at=at, by=by, subject=review.submitter)


def send_back(review: Review, *, reason: str, by: User, at: datetime, seen: datetime | None = None) -> None:
    """Return it to its author, with a reason. Of an edit the page stays as it is. Raises ReviewRefused."""
    with transaction.atomic():
        decided = _decide(review.pk, Decision.RETURNED, by=by, at=at, seen=seen, reason=reason)
        if not decided.values:
            kinds[decided.kind].send_back(decided.object_id, by, at)


def reject(review: Review, *, reason: str, by: User, at: datetime, seen: datetime | None = None) -> None:
    """Refuse it for good, with a reason. Of an edit the page stays as it is. Raises ReviewRefused."""
    with transaction.atomic():
        decided = _decide(review.pk, Decision.REJECTED, by=by, at=at, seen=seen, reason=reason)
        if not decided.values:
            kinds[decided.kind].reject(decided.object_id, by, at)


def settle_published(kind: str, object_id: UUID, *, by: User | None, at: datetime) -> None:
    """Decide the open review of a thing that is being published by another door, if it has one: to be
    called before anything else is locked. Raises ReviewRefused as the queue does."""
    review = lock_waiting(kind, object_id)
    if review is not None and not review.values:
        _decide(review.pk, Decision.PUBLISHED, by=by, at=at)
        return
    # What another moderator has returned or rejected, its author doesn't publish by another door.
    newest_first = Review.objects.filter(kind=kind, object_id=object_id, values=b"").order_by("-submitted_at")
    last = newest_first.select_related("mailbox").first()
    if by is not None and last is not None and last.decision != Decision.PUBLISHED:
        _refuse(last, by)


def is_own(review: Review, user: User) -> bool:
    """Whether somebody submitted it themselves: with this account, or with its address, be it with another
    tag behind a plus."""
    if review.submitter_id == user.pk:
        return True
    return review.mailbox is not None and without_tag(review.mailbox.address) == without_tag(user.email)


def is_trusted(mailbox: Mailbox | None) -> bool:
    """Whether whoever reads this mailbox may publish at once."""
    if mailbox is None:
        return False
    return Trust.objects.filter(address_digest=bytes(mailbox.address_digest)).exists()


def _decide(
    review_id: UUID,
    decision: Decision,
    *,
    by: User | None,
    at: datetime,
    seen: datetime | None = None,
    reason: str = "",
) -> Review:
    """Decide what waits, once, and tell the submitter. The row's lock holds a second moderator up until
    the first one's decision is committed; then they are told of it."""
    review = Review.objects.select_for_update().get(pk=review_id)
    _refuse(review, by)
    if review.decision:
        raise ReviewRefused(review.decision)
    by_another = review.claimed_by_id not in (None, by and by.pk)
    if by_another and review.claimed_until is not None and review.claimed_until > at:
        raise ReviewRefused("claimed")
    if seen is not None and seen != review.submitted_at:
        raise ReviewRefused("changed")
    _store(review, decision, by=by, at=at, reason=reason)
    _tell(f"hub.review_{decision}", review, at)
    return review


def _refuse(review: Review, by: User | None) -> None:
    if by is not None and is_own(review, by):
        raise ReviewRefused("own")


def _store(review: Review, decision: Decision, *, by: User | None, at: datetime, reason: str = "") -> None:
    taken = Review.objects.filter(pk=review.pk, decision=Decision.WAITING).update(
        decision=decision, decided_at=at, decided_by=by
    )
    if not taken:
        raise ReviewRefused(Review.objects.get(pk=review.pk).decision)
    review.decision, review.decided_at, review.decided_by = decision, at, by
    if reason:
        review.reason = reason
        review.save(update_fields=["reason"])
    audit.record(f"review_{decision}", review, at=at, by=by, subject=review.submitter)


def _tell(kind: str, review: Review, at: datetime) -> None:
    if review.mailbox_id is not None:
        to, thing = review.mailbox_id, review.object_id
        mail.put([mail.draft(kind, mailbox_id=to, about_id=review.pk, topic_id=thing, at=at)])


# --- Forgetting ----------------------------------------------------------------------------------
def forget_submitter(kind: str, object_id: UUID, *, at: datetime) -> None:
    """Cut every submission of a thing off from whoever made it; an edit that waits is withdrawn, and what
    was written about it goes. Which moderator made it stays as long as on every review: otherwise they could
    decide from now on, on it or on what they change by its link."""
    about = Review.objects.filter(kind=kind, object_id=object_id)
    waiting = lock_waiting(kind, object_id)
    if waiting is not None and waiting.values:
        _store(waiting, Decision.WITHDRAWN, by=None, at=at)
    about.exclude(values=b"", reason=b"").update(values=b"", reason=b"")  # a reason may speak of them
    for review in about.filter(Q(mailbox__isnull=False) | Q(submitter__isnull=False)):
        review.submitter = next((user for user in moderators() if is_own(review, user)), None)
        review.mailbox = None
        review.save(update_fields=["submitter", "mailbox"])
    threads.forget_about(THREAD_KIND, object_id, at=at)


@register_purge
def purge_reviews(now: datetime) -> None:
    """A month after the decision nobody needs to know any more who submitted, what exactly, who decided,
    and for which reason."""
    Review.objects.filter(decided_at__lte=now - PERSON_ON_REVIEW).exclude(
        submitter=None, mailbox=None, claimed_by=None, decided_by=None, values=b"", reason=b""
    ).update(submitter=None, mailbox=None, claimed_by=None, decided_by=None, values=b"", reason=b"")
