"""Questions to a committee: its coordinators answer."""

from uuid import UUID

from django.urls import reverse

from committees.models import Committee, Membership
from committees.permissions import is_coordinator, mailbox_belongs
from hub import threads
from hub.models import Mailbox, User
from hub.threads import ThreadKind, Topic

QUESTION = "committees.question"


def _committee(committee_id: UUID) -> Committee | None:
    """One that can be written to: where nobody acts for it, nobody would answer."""
    committee = Committee.objects.filter(pk=committee_id).first()
    return committee if committee is not None and committee.acts else None


def topic(committee_id: UUID) -> Topic | None:
    """The committee, while somebody answers for it. No mail names one that isn't public, or a workplace."""
    committee = _committee(committee_id)
    if committee is None:
        return None
    path = reverse("committees:detail", args=[committee.slug])
    public = (
        committee.visibility == Committee.Visibility.PUBLIC and committee.kind != Committee.Kind.WORKPLACE
    )
    return Topic(committee.name, committee.language, path, public)


def answerers(committee_id: UUID) -> list[User]:
    """Its coordinators."""
    coordinators = Membership.objects.coordinators().filter(committee_id=committee_id)
    return [membership.user for membership in coordinators.select_related("user")]


def may_answer(user: User, committee_id: UUID) -> bool:
    """A coordinator of this very committee."""
    committee = _committee(committee_id)
    return committee is not None and is_coordinator(user, committee)


def may_know(asker: Mailbox | None, committee_id: UUID) -> bool:
    """Of a hidden committee, its members only, as long as they are."""
    committee = _committee(committee_id)
    return committee is not None and (not committee.is_hidden or mailbox_belongs(asker, committee))


threads.register(ThreadKind(QUESTION, topic, answerers, may_answer, may_know))
