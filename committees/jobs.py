"""The mail of an announcement, as long work that its committee's coordinators watch and stop."""

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from committees.actions import announcements as actions
from committees.announcement_messages import NO_MAIL, STANDS_STILL
from committees.models import Announcement
from committees.permissions import is_coordinator
from hub import jobs
from hub.jobs import Job, JobKind, Progress
from hub.models import User

IN_DIGEST = timedelta(days=8)  # by then the digest it stands in has gone out everywhere

jobs.register_reasons(
    {
        "no longer a member": _("no longer belongs to it"),
        NO_MAIL: _("takes no announcements by mail any more"),
        STANDS_STILL: _("the committee is on hold"),
    }
)


def find(user: User, announcement_id: UUID) -> Announcement | None:
    """One that was sent, for whoever coordinates its committee at this moment."""
    found = Announcement.objects.visible_to(user).select_related("committee").filter(pk=announcement_id)
    announcement = found.filter(sent_at__isnull=False).first()
    if announcement is None or not is_coordinator(user, announcement.committee):
        return None
    return announcement


def show(announcement: Announcement, now: datetime) -> Job:
    """How its mail is getting on; of one that stands in the digest, that it does."""
    progress, waits, note = Progress(0), False, ""
    if announcement.by_mail:
        put = actions.mail_of(announcement)
        planning = announcement.planned_at is None and announcement.stopped_at is None
        to_come = max(0, announcement.people - put.count()) or 1 if planning else 0
        progress = jobs.progress_of(put, now, to_come=to_come)
    else:
        waits = announcement.sent_at is not None and now < announcement.sent_at + IN_DIGEST
        note = ngettext(
            "Two announcements have gone out as mail in seven days, so this one stands in the weekly digest "
            "of %(n)d member: Monday at eight in the morning where they are.",
            "Two announcements have gone out as mail in seven days, so this one stands in the weekly digest "
            "of %(n)d members: Monday at eight in the morning where they are.",
            announcement.people,
        ) % {"n": announcement.people}
    return Job(
        heading=gettext("Your announcement"),
        title=announcement.subject,
        language=announcement.language,
        progress=progress,
        back_url=reverse("committees:announcements", args=[announcement.committee.slug]),
        back_label=gettext("All announcements of this committee"),
        stopped=announcement.stopped_at is not None,
        note=note,
        waits=waits,
    )


def stop(announcement: Announcement, *, by: User, at: datetime) -> None:
    """Keep back what has not left yet."""
    actions.stop(announcement, by=by, at=at)


jobs.register(JobKind(find, show, stop))
