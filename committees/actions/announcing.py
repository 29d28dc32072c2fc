"""Putting an announcement's mail into the outbox: a thousand members at each tick."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from committees.actions.announcements import CHUNK, KIND, takers_after
from committees.models import Announcement, Membership
from hub import audit, mail, news
from hub.actions import mailboxes_of
from hub.models import Mailbox, Message

logger = logging.getLogger("hub.tick")


def put_announcements(now: datetime) -> None:
    """Part of the tick: the next thousand mails of each announcement that was sent. One that fails is
    logged, and doesn't hold up the others."""
    for announcement in Announcement.objects.to_be_planned().select_related("committee"):
        try:
            _put_some(announcement, now)
        except Exception:
            logger.exception("could not put the mail of announcement %s", announcement.pk)


def _put_some(read: Announcement, now: datetime) -> None:
    """The mail of those who come next. Who leaves or says no meanwhile is left out at delivery."""
    members = takers_after(read.committee, read.planned_to)
    mailboxes = mailboxes_of([member.user for member in members], at=now)
    drafts = _drafts(read, members, mailboxes, now)
    with transaction.atomic():
        # Read again under the lock: it may have been stopped, or another tick may be just as far.
        locked = Announcement.objects.to_be_planned().filter(pk=read.pk, planned_to=read.planned_to)
        announcement = locked.select_for_update(of=("self",)).select_related("committee").first()
        if announcement is None:
            return
        if not announcement.committee.acts:
            _stop(announcement, now)
            return
        mail.put(drafts)
        if len(members) < CHUNK:
            announcement.planned_to, announcement.planned_at = None, now
        else:
            announcement.planned_to = members[-1].user_id
        announcement.save(update_fields=["planned_to", "planned_at"])


def _drafts(
    announcement: Announcement, members: list[Membership], mailboxes: dict[UUID, Mailbox], now: datetime
) -> list[Message]:
    """Outbox rows in the order of the accounts' ids, as everybody locks the mailboxes of several. Those
    whose mailbox takes no news have none."""
    zones = news.zones_of([member.user for member in members])
    closed = mail.closed([member.user.email for member in members])
    return [
        mail.draft(
            KIND,
            mailbox_id=mailboxes[member.user_id].pk,
            about_id=member.pk,
            topic_id=announcement.pk,
            occasion=str(announcement.pk),
            at=now,
            due_at=news.loud_hour(now, zones[member.user_id]),
        )
        for member, takes_none in zip(members, closed, strict=True)
        if not takes_none and member.user_id in mailboxes
    ]


def _stop(announcement: Announcement, now: datetime) -> None:
    """Its committee stands still: it doesn't write, not later either."""
    announcement.stopped_at, announcement.planned_to = now, None
    announcement.save(update_fields=["stopped_at", "planned_to"])
    audit.record("stop_announcement", announcement, at=now, by=None)
