"""Whom a mail about an RSVP goes to, if it still may."""

from events.actions.announce import OFF_SITE
from events.models import Attendance, Event
from events.querysets import AttendanceQuerySet
from events.standing import still_theirs
from hub.mail import SkipMessage
from hub.models import Message

NOT_FOR_THEM = "for members only"  # why one was skipped


def attendances() -> AttendanceQuerySet:
    """Parties that can be written to, each with what its mail says."""
    return Attendance.objects.select_related("rsvp__event__committee", "rsvp__mailbox", "timeslot").filter(
        rsvp__mailbox__isnull=False
    )


def _published(attendance: Attendance) -> Attendance:
    """The attendance, unless its event has been taken off the site, or is for members and the party isn't
    theirs: then nothing of it is mailed."""
    if attendance.rsvp.event.status != Event.Status.PUBLISHED:
        raise SkipMessage(OFF_SITE)
    if not still_theirs([attendance.rsvp]):
        raise SkipMessage(NOT_FOR_THEM)
    return attendance


def of_rsvp(message: Message) -> Attendance:
    """The party a mail is about, in its timeslot. Raises SkipMessage where it may not be written to."""
    attendance = attendances().filter(rsvp_id=message.about_id).first()
    if attendance is None:
        raise SkipMessage("erased")
    return _published(attendance)


def of_attendance(message: Message) -> Attendance:
    """The same, where the mail is about the attendance. Raises SkipMessage."""
    attendance = attendances().filter(pk=message.about_id).first()
    if attendance is None:
        raise SkipMessage("erased")
    return _published(attendance)
