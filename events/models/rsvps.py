"""Who is coming: a party at an event, and its seats in each timeslot."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from events.models.events import PARTY_MAX, Event, EventChange, Timeslot
from events.querysets import AttendanceQuerySet, RsvpQuerySet
from hub import links
from hub.contact import ADDRESS_KEPT
from hub.models import HubModel, Mailbox
from hub.sealing import SealedField

NEED_MAX = 500  # characters of "what do you need?"
STATES = ("going", "pending", "waitlisted", "cancelled", "expired")


class Rsvp(HubModel):
    """One party at one event.

    `counted_at` is when it began to count: at once on an open event, at confirming elsewhere.
    Among confirmed ones that are not cancelled there is one for an event and a mailbox.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="rsvps")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, null=True, related_name="rsvps")
    name = SealedField()
    need = SealedField()
    as_member = models.BooleanField(default=False, help_text='without a name it is shown as "a member"')
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    neutral = models.BooleanField(default=False, help_text="mail and calendar say nothing of the event")

    made_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    reminders_stopped_at = models.DateTimeField(null=True, help_text="it wants no reminders of this event")
    answered_change = models.ForeignKey(
        EventChange,
        on_delete=models.SET_NULL,
        null=True,
        related_name="answers",
        help_text='after which it has said "still coming", or cancelled',
    )

    link_hash = models.BinaryField(
        max_length=32, unique=True, help_text="what the browser got after the form"
    )
    mail_link_hash = models.BinaryField(max_length=32, unique=True, help_text="what the mailbox got")

    objects: ClassVar[RsvpQuerySet] = RsvpQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "mailbox"],
                condition=Q(confirmed_at__isnull=False, cancelled_at__isnull=True),
                name="one_live_confirmed_rsvp",
            )
        ]
        indexes = [
            models.Index(fields=["made_at"], name="rsvp_unconfirmed", condition=Q(confirmed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"rsvp {str(self.pk)[:8]}"

    @property
    def token(self) -> str:
        """The link of the browser that sent the form."""
        return links.token("rsvp", self.pk)

    @property
    def mail_token(self) -> str:
        """The link that proves the mailbox."""
        return links.token("rsvp-mail", self.pk)


class MergedLink(HubModel):
    """A link of an RSVP that was merged into an older one of the same mailbox: it goes on working.
    Only a mailed one `proves` the mailbox."""

    proves = models.BooleanField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    rsvp = models.ForeignKey(Rsvp, on_delete=models.CASCADE, related_name="merged_links")

    def __str__(self) -> str:
        return f"merged link {str(self.pk)[:8]}"


class Attendance(HubModel):
    """A party in one timeslot.

    Of an uncounted party `seats_held` are held until `hold_until`; of a counted one they are its own.
    A counted party that lacks seats stands in the waiting list since `waiting_since`.
    """

    rsvp = models.ForeignKey(Rsvp, on_delete=models.CASCADE, related_name="attendances")
    timeslot = models.ForeignKey(Timeslot, on_delete=models.CASCADE, related_name="attendances")
    party_size = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(PARTY_MAX)]
    )
    seats_held = models.PositiveSmallIntegerField(default=0)
    hold_until = models.DateTimeField(null=True)
    seated_at = models.DateTimeField(null=True, help_text="when its first seats became its own")
    waiting_since = models.DateTimeField(null=True)

    objects: ClassVar[AttendanceQuerySet] = AttendanceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rsvp", "timeslot"], name="one_attendance_a_timeslot"),
            models.CheckConstraint(
                condition=Q(seats_held__lte=models.F("party_size")), name="no_more_seats_than_people"
            ),
        ]
        indexes = [
            models.Index(
                fields=["timeslot", "waiting_since"],
                name="attendance_waiting",
                condition=Q(waiting_since__isnull=False),
            ),
            models.Index(
                fields=["hold_until"], name="attendance_hold", condition=Q(hold_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"attendance {str(self.pk)[:8]}"

    @property
    def would_wait(self) -> bool:
        """Whether there are fewer free seats than it lacks: counting now, it would wait for them."""
        free = self.timeslot.seats_free
        return free is not None and self.party_size - self.seats_held > free

    @property
    def waits(self) -> bool:
        """Whether all of it is on the waiting list."""
        return self.waiting_since is not None and not self.seats_held

    @property
    def room(self) -> int:
        """For how many of a party that waits whole there is room, where that is some but not all; else 0."""
        free = self.timeslot.seats_free or 0
        return free if self.waits and free < self.party_size else 0

    def state(self, now: datetime) -> str:
        """One of STATES; `AttendanceQuerySet.in_state` asks the same of the database."""
        if self.rsvp.cancelled_at:
            return "cancelled"
        if self.rsvp.counted_at:
            return "going" if self.seats_held else "waitlisted"
        if self.rsvp.made_at > now - ADDRESS_KEPT:
            return "pending"
        return "expired"
