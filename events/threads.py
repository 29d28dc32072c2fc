"""Questions about an event: its host answers, else its committee's coordinators, else the moderators."""

from uuid import UUID

from django.urls import reverse

from committees.permissions import is_coordinator
from events import standing
from events.models import Event
from hub import threads
from hub.models import Mailbox, User
from hub.permissions import is_moderator
from hub.threads import ThreadKind, Topic

QUESTION = "events.question"


def _event(event_id: UUID) -> Event | None:
    return (
        Event.objects.filter(pk=event_id, status=Event.Status.PUBLISHED).select_related("committee").first()
    )


def topic(event_id: UUID) -> Topic | None:
    """The event, while it is on the site."""
    event = _event(event_id)
    if event is None:
        return None
    path = reverse("events:detail", args=[event.slug])
    public = event.visibility != Event.Visibility.MEMBERS
    return Topic(event.title, event.language, path, public, event.zone)


def answerers(event_id: UUID) -> list[User]:
    """The accounts that answer where the host has none."""
    event = _event(event_id)
    return [] if event is None else standing.who_acts(event)


def may_answer(user: User, event_id: UUID) -> bool:
    """Coordinators for their committee's events, moderators where nobody acts for it or there is none."""
    event = _event(event_id)
    if event is None:
        return False
    if event.committee is None or standing.moderators_act(event):
        return is_moderator(user)
    return is_coordinator(user, event.committee)


def may_know(asker: Mailbox | None, event_id: UUID) -> bool:
    """Of an event for members, these only, as long as they are."""
    event = _event(event_id)
    return event is not None and standing.may_know(asker, event)


threads.register(ThreadKind(QUESTION, topic, answerers, may_answer, may_know))
