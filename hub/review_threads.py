"""Moderators and whoever submitted something write to each other, and neither sees who the other is."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from hub import audit, threads
from hub.models import Mailbox, Review, Thread, User
from hub.moderation import THREAD_KIND, ReviewRefused, is_own, kinds
from hub.permissions import is_moderator, moderators
from hub.threads import ThreadKind, ThreadRefused, Topic


def ask_submitter(review: Review, *, text: str, form_token: str, by: User, at: datetime) -> None:
    """Write to whoever submitted it, without seeing who that is; they answer on the web. Raises
    ReviewRefused, ThreadRefused."""
    if is_own(review, by):
        raise ReviewRefused("own")
    if review.mailbox is None:
        raise ThreadRefused("gone")
    with transaction.atomic():
        threads.write_to(
            THREAD_KIND,
            review.object_id,
            review.mailbox,
            text=text,
            language=review.language,
            form_token=form_token,
            by=by,
            at=at,
        )
        audit.record("ask_submitter", review, at=at, by=by)


def thread_of(review: Review) -> Thread | None:
    """What moderators and the submitter have written to each other about the thing."""
    if review.mailbox_id is None:
        return None
    about = Thread.objects.filter(kind=THREAD_KIND, about_id=review.object_id, asker=review.mailbox_id)
    return about.prefetch_related("posts").first()


def marks(reviews: Iterable[Review]) -> dict[UUID, str]:
    """By review, whose word was the last: "answered" the submitter's, "asked" a moderator's, unless it was
    handed in anew since. One query for a whole page of the queue."""
    about = {(review.object_id, review.mailbox_id): review for review in reviews if review.mailbox_id}
    rows = threads.with_last_word(THREAD_KIND, [object_id for object_id, _mailbox in about])
    found = {}
    for thread in rows:
        review = about.get((thread.about_id, thread.asker_id))
        if review is None:
            continue
        if thread.asker_spoke_last:
            found[review.pk] = "answered"
        elif thread.last_at >= review.submitted_at:
            found[review.pk] = "asked"
    return found


def _newest(object_id: UUID) -> Review | None:
    return Review.objects.filter(object_id=object_id).order_by("-submitted_at").first()


def _may_know(asker: Mailbox | None, object_id: UUID) -> bool:
    """Whoever submitted it last: somebody else may have taken the thing over, and its page is theirs."""
    review = _newest(object_id)
    return review is not None and asker is not None and review.mailbox_id == asker.pk


def _topic(object_id: UUID) -> Topic | None:
    review = _newest(object_id)
    titled = kinds[review.kind].titles([object_id]).get(object_id) if review else None
    if review is None or titled is None:
        return None
    # What is not published yet, or for members only, is named in no mail.
    path = kinds[review.kind].home(review)
    return Topic(titled.title, titled.language, path, public=False, zone=titled.zone)


def _desk(object_id: UUID) -> str | None:
    """The page where moderators decide: what was written stands on it, and the submitter's own page, which
    is nobody else's, does not."""
    review = _newest(object_id)
    return reverse("review", args=[review.pk]) + "#thread" if review else None


threads.register(
    ThreadKind(
        THREAD_KIND,
        topic=_topic,
        answerers=lambda object_id: list(moderators()),
        may_answer=lambda user, object_id: is_moderator(user),
        may_know=_may_know,
        desk=_desk,
    )
)
