"""What became of mail, by what it is about and of which kind: for operators, who see no address and no text.
And what they do about it: hold everything, try again, let go."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, Model, Q, QuerySet

from hub import audit, mail, moderation
from hub.counts import count_each_day, last_day_over
from hub.models import DailyCount, MailHold, Message, User
from hub.personal import register_purge

State = Message.State
# What the chart counts, by its name among the daily counts.
COUNTED = {"mail-sent": State.SENT, "mail-skipped": State.SKIPPED, "mail-failed": State.FAILED}
TO_GO = (State.WAITING, State.CLAIMED, State.SENDING)


# --- Holding -----------------------------------------------------------------------------------
def held() -> MailHold | None:
    """Whether mail is held, and since when and why."""
    return MailHold.objects.first()


@transaction.atomic
def hold(*, reason: str, by: User | None, at: datetime) -> MailHold:
    """Let no mail leave from now on, but the one that is being sent this very moment. Held twice, the first
    time and reason stand."""
    made, is_new = MailHold.objects.get_or_create(name="all", defaults={"since": at, "reason": reason})
    if is_new:
        audit.record("hold_mail", made, at=at, by=by, reason=reason)
    return made


@transaction.atomic
def release(*, by: User | None, at: datetime) -> bool:
    """Send what has waited. False if nothing was held."""
    held = MailHold.objects.select_for_update().first()
    if held is None:
        return False
    audit.record("release_mail", held, at=at, by=by)
    held.delete()
    return True


# --- The ledger --------------------------------------------------------------------------------
@dataclass
class Line:
    """One kind of mail about one thing. `because` has the reasons, each with its state and how many."""

    kind: str
    planned: int = 0
    by_state: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    waiting: int = 0  # for their hour, or on the way
    until: datetime | None = None  # when the first of them are due
    failing: int = 0  # it waits for another try
    because: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def in_trouble(self) -> int:
        """How many an operator can do something about."""
        return self.failing + self.by_state[State.FAILED] + self.by_state[State.UNCERTAIN]


@dataclass
class Entry:
    """What one thing was written about; `topic` is None for mail about nothing that stands in a list."""

    topic: UUID | None
    title: str
    lines: list[Line]


def topics_by_time(*, in_trouble: bool = False) -> QuerySet[Any, Any]:
    """What mail was about, the last first; with `in_trouble` only where something didn't go out. Pages of
    it are for `entries`."""
    rows = Message.objects.filter(troubled()) if in_trouble else Message.objects.all()
    return rows.order_by().values("topic_id").annotate(last=Max("state_at")).order_by("-last", "topic_id")


def troubled() -> Q:
    """Mail an operator can do something about: refused for now or for good, or perhaps sent. Twin of
    `Line.in_trouble`."""
    return Q(state__in=(State.FAILED, State.UNCERTAIN)) | Q(state__in=TO_GO) & ~Q(reason="")


def entries(page: Iterable[UUID | None]) -> list[Entry]:
    """The ledger's entries for these topics, in their order: one query, and one for each app that knows
    titles."""
    chosen = list(page)
    known = [topic for topic in chosen if topic is not None]
    which = Q(topic_id__in=known) | (Q(topic_id=None) if None in chosen else Q(pk__in=[]))
    lines: dict[UUID | None, dict[str, Line]] = {topic: {} for topic in chosen}
    rows = Message.objects.filter(which).order_by("kind", "state", "reason")
    counted = rows.values_list("topic_id", "kind", "state", "reason").annotate(Count("pk"), Min("due_at"))
    for topic, kind, state, reason, number, due in counted:
        line = lines[topic].setdefault(kind, Line(kind))
        line.planned += number
        line.by_state[state] += number
        if state in TO_GO and not reason:
            line.waiting += number
            line.until = min(due, line.until or due)
        if reason:
            line.because.append((State(state).label, reason, number))
            line.failing += number if state in TO_GO else 0
    titles: dict[UUID, str] = {}
    for _model, titles_of in mail.topics:
        titles |= titles_of(known)
    for reviewed in moderation.kinds.values():  # mail about a submission is about what was submitted
        unknown = [topic for topic in known if topic not in titles]
        titles |= {topic: said.title for topic, said in reviewed.titles(unknown).items()}
    return [
        Entry(topic, titles.get(topic, "") if topic else "", list(lines[topic].values())) for topic in chosen
    ]


# --- What an operator does -----------------------------------------------------------------------
def _of(topic: UUID | None, kind: str) -> QuerySet[Message]:
    return Message.objects.filter(troubled(), topic_id=topic, kind=kind)


@transaction.atomic
def try_again(topic: UUID | None, kind: str, *, by: User | None, at: datetime) -> int:
    """Send what was refused, failed or is uncertain again, under its own Message-ID; gives how many. What
    has lost its person can't be."""
    rows = _of(topic, kind).filter(mailbox__isnull=False).exclude(state=State.SENDING)
    about = _about(topic, rows)
    # On its own, where it went along with another: that one may be about something else, and be let go.
    number = rows.update(state=State.WAITING, due_at=at, state_at=at, attempts=0, reason="", sent_with=None)
    if number:
        audit.record("retry_mail", about, at=at, by=by, count=number, reason=kind)
    return number


@transaction.atomic
def let_go(topic: UUID | None, kind: str, *, by: User | None, at: datetime) -> int:
    """Don't try any more; gives how many."""
    rows = _of(topic, kind).exclude(state=State.SENDING)
    about = _about(topic, rows)
    number = rows.update(state=State.SKIPPED, state_at=at, reason="dropped by an operator", sealed_secret=b"")
    if number:
        audit.record("drop_mail", about, at=at, by=by, count=number, reason=kind)
    return number


def _about(topic: UUID | None, rows: QuerySet[Message]) -> Model:
    """What the log says it was about: the thing, or else the first of the mails."""
    for model, titles_of in mail.topics:
        if topic is not None and titles_of([topic]):
            return model(pk=topic)
    return rows.order_by("made_at", "pk").first() or Message()


# --- By day --------------------------------------------------------------------------------------
@register_purge
def count_mail(now: datetime) -> None:
    """Count the mails of every day that is over: rows of the outbox go when what they are about goes."""
    last = last_day_over(now)
    for name, state in COUNTED.items():
        count_each_day(name, Message.objects.filter(state=state), "state_at", last, begin=last)


def last_days(name: str, days: int, today: date) -> list[tuple[date, int]]:
    """How many mails became this on each of the last days that are over, oldest first."""
    first = today - timedelta(days=days)
    found = dict(DailyCount.objects.filter(what=name, day__gte=first).values_list("day", "number"))
    return [(day, found.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]
