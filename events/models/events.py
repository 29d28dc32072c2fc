"""Events and the times they happen at."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Demand, Post
from committees.models import Committee
from events.models.days import DayOfAction
from events.querysets import EventQuerySet
from hub import links
from hub.areas import area_text
from hub.models import HubModel, Mailbox, Moderated
from hub.sealing import SealedField

PARTY_MAX = 10  # people in one RSVP
UPDATE_MAX = 280  # characters of a host's short word


class Event(Moderated, HubModel):
    """A public action or a meeting people can say "I'm coming" to."""

    class Kind(models.TextChoices):
        # With a context: "March" is also a month.
        RALLY = "rally", pgettext_lazy("kind of event", "Rally")
        PICKET = "picket", pgettext_lazy("kind of event", "Picket")
        MARCH = "march", pgettext_lazy("kind of event", "March")
        MEETING = "meeting", pgettext_lazy("kind of event", "Meeting")
        FORUM = "forum", pgettext_lazy("kind of event", "Forum")
        TRAINING = "training", pgettext_lazy("kind of event", "Training")
        PHONE_BANK = "phone-bank", pgettext_lazy("kind of event", "Phone bank")
        SOCIAL = "social", pgettext_lazy("kind of event", "Social")
        OTHER = "other", pgettext_lazy("kind of event", "Other")

    class EventStatus(models.TextChoices):
        """Whether it takes place (schema.org eventStatus); `status` says whether it is published."""

        SCHEDULED = "scheduled", _("scheduled")
        POSTPONED = "postponed", _("postponed")
        CANCELLED = "cancelled", _("cancelled")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("public")
        UNLISTED = "unlisted", _("unlisted: only who has the address finds it")
        MEMBERS = "members", _("members: only the committee's members see it")

    class Reveal(models.TextChoices):
        PUBLIC = "public", _("the place is public")
        CONFIRMED = "confirmed", _("only the area, until somebody has confirmed their e-mail")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="events")
    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    day = models.ForeignKey(
        DayOfAction, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    posts = models.ManyToManyField(Post, blank=True, related_name="events", help_text="of the feed, about it")
    host = models.ForeignKey(
        Mailbox,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="hosted_events",
        help_text="of a host without an account, or the address of the account that proposed it",
    )
    host_name = models.CharField(
        max_length=80, blank=True, help_text="public; empty: the committee, or the campaign"
    )
    host_link_hash = models.BinaryField(
        max_length=32, unique=True, null=True, editable=False, help_text="of the host's own page, as mailed"
    )
    host_form_link_hash = models.BinaryField(
        max_length=32,
        unique=True,
        null=True,
        editable=False,
        help_text="of what the browser got after the form; opens the page until the mailbox is proven",
    )
    host_link_generation = models.PositiveSmallIntegerField(default=0, editable=False)
    host_language = models.CharField(
        max_length=5,
        choices=settings.LANGUAGES,
        blank=True,
        editable=False,
        help_text="the host is told in it",
    )
    proposed_at = models.DateTimeField(
        null=True, editable=False, help_text="when a host sent it; empty: an operator made it"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True, help_text="fixed once published")
    description = models.TextField(max_length=10_000, blank=True, help_text="Markdown")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")

    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    event_status = models.CharField(max_length=10, choices=EventStatus, default=EventStatus.SCHEDULED)
    sequence = models.PositiveIntegerField(default=0, help_text="RFC 5545 SEQUENCE: rises with each change")

    reveal = models.CharField(max_length=10, choices=Reveal, default=Reveal.PUBLIC)
    venue = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=160, blank=True)
    hidden_place = SealedField(help_text="venue and street where these are not public, a line each")
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1")
    latitude = models.FloatField(null=True, blank=True, help_text="degrees; the public point")
    longitude = models.FloatField(null=True, blank=True, help_text="degrees; the public point")
    online = models.BooleanField(default=False, help_text="people can take part online")
    online_link = SealedField()
    zone = models.CharField(max_length=64, help_text="IANA name; decides every rule about hours")

    planning_meeting = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="of a forum: co-organizers are led to it, and nobody else",
    )

    next_start = models.DateTimeField(null=True, editable=False, help_text="of the running or next timeslot")
    next_end = models.DateTimeField(null=True, editable=False)
    next_date = models.DateField(null=True, editable=False, help_text="of next_start, in the event's zone")
    few_left = models.BooleanField(default=False, editable=False, help_text="10 % of the places or fewer")
    full = models.BooleanField(default=False, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    demands = models.ManyToManyField(
        Demand, blank=True, related_name="events", help_text="that it is held for"
    )

    objects: ClassVar[EventQuerySet] = EventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(
                fields=["next_start", "id"],
                name="event_listed",
                condition=Q(status="published", visibility="public"),
            ),
            models.Index(
                fields=["committee", "next_start"],
                name="event_of_committee",
                condition=Q(committee__isnull=False),
            ),
            models.Index(
                fields=["day", "country", "city"], name="event_of_day", condition=Q(day__isnull=False)
            ),
            models.Index(fields=["latitude", "longitude"], name="event_point"),
            models.Index(
                fields=["proposed_at"],
                name="event_unconfirmed",
                condition=Q(status="draft", proposed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def awaits_mailbox(self) -> bool:
        """Whether it was proposed and the host's mailbox isn't proven yet."""
        return self.proposed_at is not None and self.published_at is None and self.status == self.Status.DRAFT

    @property
    def host_token(self) -> str:
        """The link of the host's own page, which proves the mailbox: it is mailed."""
        return links.token("host", self.pk, self.host_link_generation)

    @property
    def host_form_token(self) -> str:
        """The link of the browser that sent the form."""
        return links.token("host-form", self.pk)

    @property
    def place_is_public(self) -> bool:
        return self.reveal == self.Reveal.PUBLIC

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def area(self) -> str:
        """What of the place everybody may know."""
        return area_text(self.city, self.region, self.country)

    @property
    def public_place(self) -> list[str]:
        """The lines of the place that everybody may read."""
        lines = [self.venue, self.street] if self.place_is_public else []
        town = " ".join(
            part for part in (self.area, self.postal_code if self.place_is_public else "") if part
        )
        return [line for line in (*lines, town) if line]

    @property
    def full_place(self) -> list[str]:
        """Every line of the place; only for whom the reveal rule allows it."""
        if self.place_is_public:
            return self.public_place
        return [line for line in (*self.hidden_place.split("\n"), self.area) if line]

    def is_over(self, now: datetime) -> bool:
        """Whether it has taken place; a postponed one hasn't, whatever its old date says."""
        postponed = self.event_status == self.EventStatus.POSTPONED
        return not postponed and self.next_end is not None and self.next_end <= now


class Timeslot(HubModel):
    """One time at which an event happens, with its seats.

    The counters move only while the row is locked (events/actions/seats.py); the constraint holds
    even if that code is wrong.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="timeslots")
    start = models.DateTimeField()
    end = models.DateTimeField()
    all_day = models.BooleanField(default=False, help_text="start and end are midnights in the event's zone")

    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="people; empty: no limit")
    seat_limit = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text="max(capacity, seats_taken): lowering the capacity unseats nobody",
    )
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    seats_pending = models.PositiveIntegerField(
        default=0, editable=False, help_text="held by unconfirmed parties"
    )
    counters_read: tuple[int, int]  # seats_taken and seats_pending as they were when it was locked
    holds_run_out: bool  # where it was locked with its event

    next_reminder_at = models.DateTimeField(
        null=True, editable=False, help_text="when the next round of reminders falls due; empty: none left"
    )

    class Meta:
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="timeslot_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(seats_taken__lte=F("seat_limit")), name="never_oversold"),
        ]
        indexes = [
            models.Index(
                fields=["next_reminder_at"],
                name="timeslot_reminder_due",
                condition=Q(next_reminder_at__isnull=False),
            ),
            models.Index(fields=["end"], name="timeslot_end"),
        ]

    def __str__(self) -> str:
        return f"timeslot {self.start:%Y-%m-%d %H:%M}"

    @property
    def seats_free(self) -> int | None:
        """Seats nobody holds; None where there is no limit. Of the capacity, not of `seat_limit`: those
        above a lowered capacity are given to nobody when they come free."""
        if self.capacity is None:
            return None
        return max(0, self.capacity - self.seats_taken - self.seats_pending)

    @property
    def seats_above_capacity(self) -> int:
        """Seats that are taken though the capacity was lowered below them."""
        return 0 if self.capacity is None else max(0, self.seats_taken - self.capacity)


class EventChange(HubModel):
    """Something people who are coming were told: what changed, and the public facts before it."""

    class What(models.TextChoices):
        TIME = "time", "time"
        PLACE = "place", "place"
        BOTH = "both", "time and place"
        POSTPONED = "postponed", "postponed"
        CANCELLED = "cancelled", "cancelled"
        RESTORED = "restored", "on after all"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="announced_changes")
    what = models.CharField(max_length=10, choices=What)
    made_at = models.DateTimeField()
    start_before = models.DateTimeField(null=True)
    end_before = models.DateTimeField(null=True)
    zone_before = models.CharField(max_length=64, blank=True)
    # With the country's name in English.
    place_before = models.CharField(max_length=400, blank=True, help_text="public lines only")
    country_before = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1")

    def __str__(self) -> str:
        return f"{self.what} {self.made_at:%Y-%m-%d %H:%M}"


class Update(HubModel):
    """A short word of the host on the event's page, with its time."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="updates")
    made_at = models.DateTimeField()
    text = models.CharField(max_length=UPDATE_MAX)
    looked_at = models.DateTimeField(null=True, help_text="when a moderator looked at it")

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"update {self.made_at:%Y-%m-%d %H:%M}"


class MailedUpdate(HubModel):
    """An update that is mailed to everybody who is coming: a draft that those who answer for the event
    share, until one of them sends it. Then it stands on the event's page, and the tick puts its mail, in
    the order of the parties' ids, and notes how far it is (`planned_to`)."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="mailed_updates")
    text = models.CharField(max_length=UPDATE_MAX)
    changed_at = models.DateTimeField(help_text="of the draft: whoever sends says which state was read")
    sent_at = models.DateTimeField(null=True, help_text="empty: a draft")
    update = models.OneToOneField(
        Update, on_delete=models.SET_NULL, null=True, related_name="mailed", help_text="empty: taken off"
    )
    parties = models.PositiveIntegerField(default=0, help_text="how many it was for when it was sent")
    planned_to = models.UUIDField(null=True, help_text="the last party whose mail was put, until all is")
    planned_at = models.DateTimeField(null=True, help_text="when all mail was put")
    stopped_at = models.DateTimeField(null=True, help_text="what had not left by then is not sent")

    class Meta:
        indexes = [
            models.Index(
                fields=["sent_at"],
                name="mailed_update_to_plan",
                condition=Q(sent_at__isnull=False, planned_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"mailed update {str(self.pk)[:8]}"

    @property
    def is_draft(self) -> bool:
        return self.sent_at is None


class HostChange(HubModel):
    """What a host asked for that is told to everybody who is coming: cancelling, postponing. By the event's
    link it waits for the code from the host's mailbox; then ten minutes in which it can be stopped; then it
    is done."""

    class Act(models.TextChoices):
        CANCEL = "cancel", _("cancel")
        POSTPONE = "postpone", _("postpone")
        RESTORE = "restore", _("on after all")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="host_changes")
    act = models.CharField(max_length=10, choices=Act)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="when it is done, unless it is stopped")
    stopped_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="host_change_due",
                condition=Q(due_at__isnull=False, stopped_at__isnull=True, done_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def asked(self) -> str:
        """What was asked for, as a sentence begins with it; in the language that is active."""
        match self.act:
            case self.Act.CANCEL:
                return gettext("Cancel the event")
            case self.Act.POSTPONE:
                return gettext("Postpone the event, without a new date")
        return gettext("The event takes place after all")
