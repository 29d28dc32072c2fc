"""What a committee writes to its members: a draft, a test to oneself, one sending, stopping it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from committees.actions.committees import lock
from committees.actions.telling import tell
from committees.models import Announcement, Committee, Membership
from committees.permissions import is_coordinator
from hub import actions as ground
from hub import audit, jobs, mail
from hub.inserts import insert
from hub.models import Message, User

KIND, TEST = "committees.announcement", "committees.announcement_test"
BY_MAIL = 2  # in WEEK, for one committee; the others stand in the weekly digest
WEEK = timedelta(days=7)
CHUNK = 1000  # members read, and mails put, at a time
State = Message.State


class AnnouncementRefused(Exception):
    """It can't be done any more; `reason` is gone, sent, changed (since it was read) or right (whoever asks
    doesn't coordinate the committee, or it stands still)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# --- The draft -----------------------------------------------------------------------------------
def write_announcement(
    committee: Committee, *, form_token: str, subject: str, text: str, language: str, by: User, at: datetime
) -> Announcement | None:
    """A new draft. The same form sent twice gives what the first one made, None if that is gone. Raises
    AnnouncementRefused."""
    draft = Announcement(
        committee=committee, made_by=by, subject=subject, text=text, language=language, changed_at=at
    )
    try:
        with transaction.atomic():
            _coordinated(committee.pk, by)
            insert([ground.submitted(form_token, result_id=draft.pk, at=at), draft])
            audit.record("write_announcement", draft, at=at, by=by)
            return draft
    except IntegrityError:
        before = ground.result_of(form_token)
        if before is None:
            raise
        return Announcement.objects.filter(pk=before).first()


def change_draft(
    announcement_id: UUID, *, subject: str, text: str, language: str, by: User, at: datetime
) -> Announcement:
    """Other words for one that is not sent yet. Raises AnnouncementRefused."""
    with transaction.atomic():
        draft = _draft(announcement_id, by)
        draft.subject, draft.text, draft.language, draft.changed_at = subject, text, language, at
        draft.save(update_fields=["subject", "text", "language", "changed_at"])
        audit.record("edit_announcement", draft, at=at, by=by)
        return draft


def discard_draft(announcement_id: UUID, *, by: User, at: datetime) -> None:
    """Delete one that is not sent yet. Raises AnnouncementRefused."""
    with transaction.atomic():
        draft = _draft(announcement_id, by)
        audit.record("discard_announcement", draft, at=at, by=by)
        draft.delete()


def send_test(announcement_id: UUID, *, by: User, at: datetime) -> None:
    """Mail a draft to oneself as the members would get it; once a minute at most. Raises
    AnnouncementRefused."""
    with transaction.atomic():
        draft = _draft(announcement_id, by)
        audit.record("test_announcement", draft, at=at, by=by)
        tell(TEST, by, about_id=draft.pk, topic_id=draft.pk, occasion=f"{by.pk}{at:%Y%m%d%H%M}", at=at)


def _coordinated(committee_id: UUID, by: User) -> Committee:
    """The committee, locked, if this account may act for it at this moment."""
    committee = lock(committee_id)
    if not is_coordinator(by, committee):
        raise AnnouncementRefused("right")
    return committee


def _draft(announcement_id: UUID, by: User) -> Announcement:
    """A draft, its committee and itself locked."""
    found = Announcement.objects.filter(pk=announcement_id).first()
    if found is None:
        raise AnnouncementRefused("gone")
    _coordinated(found.committee_id, by)
    draft = Announcement.objects.select_for_update(of=("self",)).filter(pk=announcement_id).first()
    if draft is None:
        raise AnnouncementRefused("gone")
    if not draft.is_draft:
        raise AnnouncementRefused("sent")
    return draft


# --- Sending -------------------------------------------------------------------------------------
def goes_by_mail(committee: Committee, at: datetime) -> bool:
    """Whether the next one goes out as mail: not where two have in the last seven days. One that was
    stopped before anything had left doesn't count."""
    left = Message.objects.filter(topic_id=OuterRef("pk"), kind=KIND).exclude(
        state__in=(State.WAITING, State.CLAIMED, State.SKIPPED)
    )
    mailed = Announcement.objects.filter(committee=committee, by_mail=True, sent_at__gt=at - WEEK)
    return mailed.filter(Q(stopped_at=None) | Exists(left)).count() < BY_MAIL


def how_many(committee: Committee) -> int:
    """How many members it is for at this moment: those who agreed, without those who said "never write
    again" and those whose mailbox takes no mail."""
    total, after = 0, None
    while chunk := takers_after(committee, after):
        total += len(chunk) - sum(mail.closed([member.user.email for member in chunk]))
        after = chunk[-1].user_id
    return total


def send(announcement_id: UUID, *, form_token: str, seen: str, by: User, at: datetime) -> Announcement:
    """Send a draft, for good: the tick does the rest. `seen` is `state_of` the draft that was read, so that
    nobody sends words they haven't. The same form sent twice sends once. Raises AnnouncementRefused."""
    try:
        with transaction.atomic():
            draft = _draft(announcement_id, by)
            if state_of(draft) != seen:
                raise AnnouncementRefused("changed")
            insert([ground.submitted(form_token, result_id=draft.pk, at=at)])
            draft.sent_at, draft.made_by = at, by
            draft.by_mail = goes_by_mail(draft.committee, at)
            draft.people = how_many(draft.committee)
            draft.save(update_fields=["sent_at", "made_by", "by_mail", "people"])
            audit.record("send_announcement", draft, at=at, by=by, count=draft.people)
            return draft
    except (IntegrityError, AnnouncementRefused):
        if ground.result_of(form_token) != announcement_id:
            raise
        return Announcement.objects.get(pk=announcement_id)


def state_of(draft: Announcement) -> str:
    """What its page remembers of a draft, to notice that it was changed meanwhile."""
    return draft.changed_at.isoformat()


def stop(announcement: Announcement, *, by: User | None, at: datetime) -> None:
    """Keep back what has not left yet, for good. Whoever got it has it; it stands on no page any more."""
    with transaction.atomic():
        locked = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
        unsent = mail_of(locked).filter(state__in=(State.WAITING, State.CLAIMED, State.SENDING))
        over = locked.planned_at is not None and not unsent.exists()
        if locked.is_draft or locked.stopped_at is not None or (locked.by_mail and over):
            return
        locked.stopped_at, locked.planned_to = at, None
        locked.save(update_fields=["stopped_at", "planned_to"])
        kept = jobs.stop_mail(mail_of(locked), at)
        audit.record("stop_announcement", locked, at=at, by=by, count=kept)


def forget_announcement(announcement_id: UUID) -> None:
    """Delete one whose time is over, with its rows of the outbox."""
    with transaction.atomic():
        Message.objects.filter(topic_id=announcement_id).delete()
        Announcement.objects.filter(pk=announcement_id).delete()


def mail_of(announcement: Announcement) -> QuerySet[Message]:
    """Its mail to the members."""
    return Message.objects.filter(topic_id=announcement.pk, kind=KIND)


def takers_after(committee: Committee, account: UUID | None) -> list[Membership]:
    """The next thousand of those it may be mailed to, in the order of their accounts' ids."""
    takers = Membership.objects.takers().filter(committee=committee)
    if account is not None:
        takers = takers.filter(user__gt=account)
    return list(takers.select_related("user").order_by("user_id")[:CHUNK])
