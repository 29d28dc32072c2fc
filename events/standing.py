"""Where somebody stands to an event: are they coming, do they coordinate it, may they still know of it?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from committees.models import Committee, Membership
from committees.permissions import is_coordinator, mailbox_belongs
from events.models import Attendance, Event, Rsvp
from hub.models import Mailbox, User, address_digest
from hub.permissions import is_moderator, moderators


@dataclass
class Standing:
    """`state` is "going" or "waitlisted", or empty for who isn't coming; `own_path` leads to the party's own
    page. `may_name` are the committees the account may come in the name of."""

    state: str = ""
    own_path: str = ""
    coordinates: bool = False
    may_name: list[Committee] = field(default_factory=list)


def standing_of(user: User, event: Event, now: datetime) -> Standing:
    """Two queries: the confirmed party of the account's own mailbox, and its committees."""
    standing = Standing()
    attendance = (
        Attendance.objects.select_related("rsvp")
        .filter(
            rsvp__event=event,
            rsvp__mailbox__address_digest=address_digest(user.email),
            rsvp__confirmed_at__isnull=False,
            rsvp__cancelled_at=None,
        )
        .first()
    )
    if attendance is not None:
        standing.state = attendance.state(now)
        standing.own_path = reverse("rsvp", args=[attendance.rsvp.mail_token])
    for membership in Membership.objects.active().filter(user=user).select_related("committee"):
        committee = membership.committee
        if committee.pk == event.committee_id and committee.acts:
            standing.coordinates = membership.role == Membership.Role.COORDINATOR
        # Of a hidden or unlisted one, or one at a workplace, nobody else is told.
        public = (committee.status, committee.visibility) == ("published", "public")
        if public and committee.kind != Committee.Kind.WORKPLACE:
            standing.may_name.append(committee)
    return standing


def may_know(mailbox: Mailbox | None, event: Event) -> bool:
    """Whether this mailbox may still be told of an event: of one for members, or of a hidden committee, only
    one of theirs."""
    hidden = event.committee is not None and event.committee.is_hidden
    for_members = hidden or event.visibility == Event.Visibility.MEMBERS
    return not for_members or mailbox_belongs(mailbox, event.committee)


def still_theirs(parties: Iterable[Rsvp]) -> list[Rsvp]:
    """Those of these parties that may still be told of their event."""
    return [party for party in parties if may_know(party.mailbox, party.event)]


def moderators_act(event: Event) -> bool:
    """Whether it's them besides its host: it has no committee, or nobody acts for that."""
    return event.committee is None or not event.committee.acts


def answers_for(user: User, event: Event) -> bool:
    """Whether this account is one of `who_acts` at this moment."""
    if moderators_act(event):
        return is_moderator(user)
    return event.committee is not None and is_coordinator(user, event.committee)


def who_acts(event: Event) -> list[User]:
    """Who answers for an event besides its host: the coordinators of its committee; where there is none, or
    nobody acts for it, the moderators."""
    if moderators_act(event):
        return list(moderators())
    coordinators = Membership.objects.coordinators().filter(committee=event.committee)
    return [membership.user for membership in coordinators.select_related("user")]
