"""The mail of an update, as long work that whoever answers for its event watches and stops."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.actions import mailing as actions
from events.models import MailedUpdate
from events.recipients import NOT_FOR_THEM
from events.standing import answers_for
from events.update_messages import CALLED_OFF, OVER, TAKEN_OFF
from hub import jobs
from hub.jobs import Job, JobKind
from hub.models import User

jobs.register_reasons(
    {
        "cancelled since": _("is not coming any more"),
        "not on the site": _("the event is off the site"),
        NOT_FOR_THEM: _("the event is for members only"),
        CALLED_OFF: _("the event was cancelled"),
        TAKEN_OFF: _("it was taken off the event's page"),
        OVER: _("the event was over"),
    }
)


def find(user: User, mailed_id: UUID) -> MailedUpdate | None:
    """One that was sent, for whoever answers for its event at this moment."""
    rows = MailedUpdate.objects.select_related("event__committee").filter(sent_at__isnull=False)
    mailed = rows.filter(pk=mailed_id).first()
    return mailed if mailed is not None and answers_for(user, mailed.event) else None


def show(mailed: MailedUpdate, now: datetime) -> Job:
    """How its mail is getting on."""
    put = actions.mail_of(mailed)
    planning = mailed.planned_at is None and mailed.stopped_at is None
    to_come = max(0, mailed.parties - put.count()) if planning else 0
    event = mailed.event
    return Job(
        heading=gettext("Your word to those who are coming"),
        title=mailed.text,
        language=event.language,
        progress=jobs.progress_of(put, now, to_come=to_come),
        back_url=reverse("events:mail", args=[event.slug]),
        back_label=gettext("Write another one"),
        stopped=mailed.stopped_at is not None,
    )


def stop(mailed: MailedUpdate, *, by: User, at: datetime) -> None:
    """Keep back what has not left yet."""
    actions.stop(mailed, by=by, at=at)


jobs.register(JobKind(find, show, stop))
