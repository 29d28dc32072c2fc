"""What waits for the coordinators of a committee: numbers only, for whoever coordinates it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from committees import threads as committee_threads
from committees.models import Committee, Membership
from events import threads as event_threads
from events.models import Event
from hub import threads


@dataclass(frozen=True)
class Waiting:
    """Requests to join, and questions to the committee or about its events without a last word."""

    requests: int
    questions: int


def waiting_for(committee_ids: Iterable[UUID]) -> dict[UUID, Waiting]:
    """By committee, in one query. Of one that nobody acts for at the moment nothing is counted."""
    requests = Membership.objects.pending().filter(committee=OuterRef("pk"))
    its_events = Event.objects.filter(committee=OuterRef(OuterRef("pk")), status=Event.Status.PUBLISHED)
    questions = threads.unanswered().filter(
        Q(kind=committee_threads.QUESTION, about_id=OuterRef("pk"))
        | Q(kind=event_threads.QUESTION, about_id__in=its_events.values("pk"))
    )
    found = Committee.objects.acting().filter(pk__in=list(committee_ids))
    rows = found.values_list("pk", _number(requests), _number(questions))
    return {pk: Waiting(*numbers) for pk, *numbers in rows}


def _number(rows: QuerySet[Any]) -> Subquery:
    """How many there are. A plain function in place of Django's aggregate, which would group them."""
    count = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(number=count).values("number"))
