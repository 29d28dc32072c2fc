"""Whom a mail about an RSVP goes to, if it still may."""

from django.utils.translation import gettext_lazy as _

from events.actions.announce import OFF_SITE
from events.models import Attendance, Event, Rsvp
from events.querysets import AttendanceQuerySet
from events.standing import still_theirs
from hub.mail import SkipMessage
from hub.models import Message
from hub.prepared import Parameter, Prepared

NOT_FOR_THEM = "for members only"  # why one was skipped
SAID_YES = _("You get this mail because you said that you come.")  # why one gets it


def attendances() -> AttendanceQuerySet:
    """Parties that can be written to, each with what its mail says."""
    return Attendance.objects.select_related("rsvp__event__committee", "rsvp__mailbox", "timeslot").filter(
        rsvp__mailbox__isnull=False
    )


# Most mails are about one party: see ARCHITECTURE.md, "Busy queries and acts".
ONE = Prepared(lambda: attendances().filter(pk=Parameter("pk", Attendance._meta.get_field("id"))))
PARTY = Prepared(lambda: attendances().filter(rsvp=Parameter("pk", Rsvp._meta.get_field("id"))))


def _may_be_told(found: list[Attendance]) -> Attendance:
    """The attendance, unless it is gone, its event has been taken off the site, or that is for members and
    the party isn't theirs: then nothing of it is mailed."""
    if not found:
        raise SkipMessage("erased")
    (attendance,) = found[:1]
    if attendance.rsvp.event.status != Event.Status.PUBLISHED:
        raise SkipMessage(OFF_SITE)
    if not still_theirs([attendance.rsvp]):
        raise SkipMessage(NOT_FOR_THEM)
    return attendance


def of_rsvp(message: Message) -> Attendance:
    """The party a mail is about, in its timeslot. Raises SkipMessage where it may not be written to."""
    return _may_be_told(PARTY.rows(pk=message.about_id))


def of_attendance(message: Message) -> Attendance:
    """The same, where the mail is about the attendance. Raises SkipMessage."""
    return _may_be_told(ONE.rows(pk=message.about_id))
