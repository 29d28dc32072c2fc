"""Putting a mailed update's mail into the outbox: a thousand parties at each tick."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from events.actions.announce import CHUNK, loud_hour
from events.actions.mailing import KIND, may_be_mailed, written_to
from events.models import MailedUpdate
from hub import audit, mail

logger = logging.getLogger("hub.tick")


def put_updates(now: datetime) -> None:
    """Part of the tick: the next thousand mails of each update that was sent. One that fails is logged, and
    doesn't hold up the others."""
    for mailed in list(_to_be_planned()):
        try:
            with transaction.atomic():
                _put_some(mailed, now)
        except Exception:
            logger.exception("could not put the mail of update %s", mailed.pk)


def _to_be_planned() -> QuerySet[MailedUpdate]:
    rows = MailedUpdate.objects.filter(sent_at__isnull=False, planned_at=None, stopped_at=None)
    return rows.order_by("sent_at", "pk")


def _put_some(read: MailedUpdate, now: datetime) -> None:
    """The mail of those who come next; who cancels meanwhile is left out at delivery. Read again under the
    lock: it may have been stopped, or another tick may be just as far."""
    rows = _to_be_planned().filter(pk=read.pk, planned_to=read.planned_to)
    mailed = rows.select_for_update(of=("self",)).select_related("event").first()
    if mailed is None or mailed.sent_at is None:
        return
    event = mailed.event
    if mailed.update_id is None or not may_be_mailed(event, now):
        mailed.stopped_at, mailed.planned_to = now, None
        mailed.save(update_fields=["stopped_at", "planned_to"])
        audit.record("stop_update", event, at=now, by=None)
        return
    parties = written_to(event, mailed.sent_at).order_by("pk")
    if mailed.planned_to is not None:
        parties = parties.filter(pk__gt=mailed.planned_to)
    chunk = list(parties.values_list("pk", "mailbox_id")[:CHUNK])
    due_at = loud_hour(now, event.zone, event.next_start or now)
    mail.put(
        mail.draft(
            KIND,
            mailbox_id=mailbox_id,
            about_id=rsvp_id,
            topic_id=event.pk,
            occasion=str(mailed.pk),
            at=now,
            due_at=due_at,
        )
        for rsvp_id, mailbox_id in chunk
    )
    mailed.planned_to, mailed.planned_at = (None, now) if len(chunk) < CHUNK else (chunk[-1][0], None)
    mailed.save(update_fields=["planned_to", "planned_at"])
