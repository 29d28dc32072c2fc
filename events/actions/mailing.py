"""Mailing an update to those who are coming: a draft, a test to oneself, one sending, stopping it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from events.actions import updates
from events.actions.events import EventRefused
from events.models import Event, MailedUpdate, Rsvp
from events.standing import answers_for
from hub import actions as ground
from hub import audit, jobs, mail
from hub.inserts import insert
from hub.models import Message, User

KIND, TEST = "events.update", "events.update_test"
DRAFT_KEPT = timedelta(days=7)  # after its last change
State = Message.State


class MailingRefused(Exception):
    """It can't be done any more; `reason` is gone, sent, changed (since it was read), right (whoever asks
    doesn't answer for the event), state (it is off the site, cancelled or over) or many (updates today)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def may_be_mailed(event: Event, now: datetime) -> bool:
    """Whether anybody is coming to it who could be told something."""
    cancelled = event.event_status == Event.EventStatus.CANCELLED
    return event.status == Event.Status.PUBLISHED and not cancelled and not event.is_over(now)


# --- The draft -----------------------------------------------------------------------------------
def write_draft(event: Event, text: str, *, form_token: str, by: User, at: datetime) -> MailedUpdate | None:
    """A new draft. The same form sent twice gives what the first one made, None if that is gone. Raises
    MailingRefused."""
    draft = MailedUpdate(event=event, text=text, changed_at=at)
    try:
        with transaction.atomic():
            _answered_for(event.pk, by, at)
            entry = audit.entry("write_update", event, at=at, by=by)
            insert([ground.submitted(form_token, result_id=draft.pk, at=at), draft, entry])
            return draft
    except IntegrityError:
        before = ground.result_of(form_token)
        if before is None:
            raise
        return MailedUpdate.objects.filter(pk=before).first()


def change_draft(draft_id: UUID, text: str, *, by: User, at: datetime) -> None:
    """Other words for one that is not sent yet. Raises MailingRefused."""
    with transaction.atomic():
        draft = _draft(draft_id, by, at)
        draft.text, draft.changed_at = text, at
        draft.save(update_fields=["text", "changed_at"])
        audit.record("edit_update", draft.event, at=at, by=by)


def discard_draft(draft_id: UUID, *, by: User, at: datetime) -> None:
    """Delete one that is not sent yet. Raises MailingRefused."""
    with transaction.atomic():
        draft = _draft(draft_id, by, at)
        audit.record("discard_update", draft.event, at=at, by=by)
        draft.delete()


def send_test(draft_id: UUID, *, by: User, at: datetime) -> None:
    """Mail a draft to oneself as those who are coming would get it; once a minute at most. Raises
    MailingRefused."""
    with transaction.atomic():
        draft = _draft(draft_id, by, at)
        audit.record("test_update", draft.event, at=at, by=by)
        test = mail.draft(
            TEST,
            mailbox_id=ground.mailbox_of(by, at=at).pk,
            about_id=draft.pk,
            topic_id=draft.event_id,
            occasion=f"{by.pk}{at:%Y%m%d%H%M}",
            at=at,
        )
        mail.put([test])


def _answered_for(event_id: UUID, by: User, at: datetime) -> Event:
    event = Event.objects.select_related("committee").get(pk=event_id)
    if not answers_for(by, event):
        raise MailingRefused("right")
    if not may_be_mailed(event, at):
        raise MailingRefused("state")
    return event


def _draft(draft_id: UUID, by: User, at: datetime) -> MailedUpdate:
    """A draft, locked."""
    draft = MailedUpdate.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None:
        raise MailingRefused("gone")
    draft.event = _answered_for(draft.event_id, by, at)
    if not draft.is_draft:
        raise MailingRefused("sent")
    return draft


# --- Sending -------------------------------------------------------------------------------------
def written_to(event: Event, until: datetime) -> QuerySet[Rsvp]:
    """Every party that was confirmed by then and can be written to, going or waiting."""
    live = Rsvp.objects.filter(event=event, cancelled_at=None, mailbox__isnull=False)
    return live.filter(confirmed_at__lte=until)


def send(draft_id: UUID, *, form_token: str, seen: str, by: User, at: datetime) -> MailedUpdate:
    """Send a draft, for good: it stands on the event's page at once, and the tick puts its mail. `seen` is
    `state_of` the draft that was read, so that nobody sends words they haven't. The same form sent twice
    sends once. Raises MailingRefused."""
    try:
        with transaction.atomic():
            draft = _draft(draft_id, by, at)
            if state_of(draft) != seen:
                raise MailingRefused("changed")
            update = _posted(draft, at)
            form = ground.submitted(form_token, result_id=draft.pk, at=at)
            draft.parties = written_to(draft.event, at).count()
            entry = audit.entry("mail_update", draft.event, at=at, by=by, count=draft.parties)
            insert([form, update, entry])
            draft.update, draft.sent_at = update, at
            draft.save(update_fields=["update", "sent_at", "parties"])
            return draft
    except (IntegrityError, MailingRefused):
        if ground.result_of(form_token) != draft_id:
            raise
        return MailedUpdate.objects.get(pk=draft_id)


def _posted(draft: MailedUpdate, at: datetime) -> updates.Update:
    try:
        return updates.new_update(draft.event_id, draft.text, at)
    except EventRefused as refused:
        raise MailingRefused("many" if refused.reason == "many" else "state") from refused


def state_of(draft: MailedUpdate) -> str:
    """What its page remembers of a draft, to notice that it was changed meanwhile."""
    return draft.changed_at.isoformat()


def stop(mailed: MailedUpdate, *, by: User | None, at: datetime) -> None:
    """Keep back what has not left yet, for good. The update stays on the event's page."""
    with transaction.atomic():
        locked = MailedUpdate.objects.select_for_update(of=("self",)).get(pk=mailed.pk)
        unsent = mail_of(locked).filter(state__in=(State.WAITING, State.CLAIMED, State.SENDING))
        over = locked.planned_at is not None and not unsent.exists()
        if locked.is_draft or locked.stopped_at is not None or over:
            return
        locked.stopped_at, locked.planned_to = at, None
        locked.save(update_fields=["stopped_at", "planned_to"])
        kept = jobs.stop_mail(mail_of(locked), at)
        audit.record("stop_update", mailed.event, at=at, by=by, count=kept)


def mail_of(mailed: MailedUpdate) -> QuerySet[Message]:
    """Its mail to those who are coming."""
    return Message.objects.filter(topic_id=mailed.event_id, kind=KIND, occasion=str(mailed.pk))


def purge_drafts(now: datetime) -> None:
    """Drafts nobody has touched for a week are thrown away."""
    MailedUpdate.objects.filter(sent_at=None, changed_at__lte=now - DRAFT_KEPT).delete()
