"""What of events can be endorsed: days of action, and events; a forum can be organized together."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import endorsing
from campaigns.endorsing import EndorsedKind
from campaigns.models import Endorsement
from events.models import DayEndorsement, DayOfAction, DayText, Event, EventEndorsement
from events.querysets import first_day_left
from hub import mail
from hub.texts import in_this_language_first

Role = Endorsement.Role


# --- Days of action --------------------------------------------------------------------------------
def find_day(user: Any, slug: str) -> DayOfAction | None:
    """The day behind an address, with its campaign."""
    return DayOfAction.objects.visible_to(user).filter(slug=slug).select_related("campaign").first()


def title_of_day(language: str, prefix: str) -> tuple[Subquery, Subquery]:
    """In this language, in English, or in any."""
    texts = DayText.objects.filter(day=OuterRef(f"{prefix}pk")).order_by(
        in_this_language_first(language), "language"
    )
    return Subquery(texts.values("title")[:1]), Subquery(texts.values("language")[:1])


def closed_day(day: DayOfAction, now: datetime) -> str:
    """Why nobody can endorse it."""
    if day.status != DayOfAction.Status.PUBLISHED:
        return "unpublished"
    return "over" if day.last_date < first_day_left(now.date()) else ""


# --- Events ----------------------------------------------------------------------------------------
def find_event(user: Any, slug: str) -> Event | None:
    """The event behind an address, with its campaign."""
    events = Event.objects.visible_to(user).filter(slug=slug)
    return events.select_related("committee", "campaign").first()


def closed_event(event: Event, now: datetime) -> str:
    """Why nobody can endorse it. One for members only is named on no page of organizations."""
    for_members = event.visibility == Event.Visibility.MEMBERS or (
        event.committee and event.committee.is_hidden
    )
    if event.status != Event.Status.PUBLISHED or for_members:
        return "unpublished"
    if event.event_status == Event.EventStatus.CANCELLED:
        return "cancelled"
    return "over" if event.is_over(now) else ""


def roles(event: Event) -> list[str]:
    """A forum can also be organized together."""
    forum = event.kind == Event.Kind.FORUM
    return [Role.CO_ORGANIZER, Role.ENDORSER] if forum else [Role.ENDORSER]


def next_step(endorsement: Any) -> str:
    """The form for the planning meeting, once a moderator has published a co-organizer."""
    event = endorsement.event
    organizes = endorsement.role in (Role.INITIAL, Role.CO_ORGANIZER)
    if not organizes or not endorsement.stands or endorsement.status != Endorsement.Status.PUBLISHED:
        return ""
    meeting = Event.objects.filter(pk=event.planning_meeting_id, status=Event.Status.PUBLISHED).first()
    if meeting is None or meeting.is_over(timezone.now()):
        return ""
    return reverse("events:rsvp", args=[meeting.slug])


def mail_planning(endorsement: Any, at: datetime) -> None:
    """Lead a co-organizer to the planning meeting by mail, once."""
    if endorsement.mailbox_id is not None and next_step(endorsement):
        draft = mail.draft(
            "events.planning_meeting",
            mailbox_id=endorsement.mailbox_id,
            about_id=endorsement.pk,
            topic_id=endorsement.event_id,
            at=at,
        )
        mail.put([draft])


def event_by_id(pk: UUID) -> Event:
    """As it is now. Not locked: an endorsement of an event that is cancelled this moment does no harm."""
    return Event.objects.select_related("committee").get(pk=pk)


endorsing.register(
    EndorsedKind(
        name="day",
        model=DayEndorsement,
        label=_("Endorsement of a day of action"),
        find=find_day,
        title=title_of_day,
        path=lambda slug: reverse("days:detail", args=[slug]),
        closed=closed_day,
        lock=lambda pk: DayOfAction.objects.get(pk=pk),
        roles=lambda day: [Role.ENDORSER],
    )
)
endorsing.register(
    EndorsedKind(
        name="event",
        model=EventEndorsement,
        label=_("Endorsement of an event"),
        find=find_event,
        title=lambda language, prefix: (F(f"{prefix}title"), F(f"{prefix}language")),
        path=lambda slug: reverse("events:detail", args=[slug]),
        closed=closed_event,
        lock=event_by_id,
        roles=roles,
        next_step=next_step,
        published=mail_planning,
        related=("event__committee",),
        in_lists=lambda event: event.visibility == Event.Visibility.PUBLIC,
    )
)
