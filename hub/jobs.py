"""Long work that goes on while people watch or leave, such as mail to many.

Each app registers its kinds in its `jobs.py`: who may see a job, what there is to see, how it is stopped.
The work itself is rows that the tick picks up; a job's id is that of the row that asked for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from hub.models import Message, User

State = Message.State
STOPPED = "stopped"  # why a mail was skipped


@dataclass(frozen=True)
class Progress:
    """How far work has come, in mails. `later` waits for its hour, such as the end of the night; `failing`
    is tried again; `skipped` says why, in words, and how many."""

    total: int
    sent: int = 0
    waiting: int = 0
    later: int = 0
    failing: int = 0
    failed: int = 0
    uncertain: int = 0
    skipped: tuple[tuple[str, int], ...] = ()

    @property
    def done(self) -> int:
        """How many nothing more happens to."""
        return self.total - self.waiting - self.later - self.failing

    @property
    def going_on(self) -> bool:
        return self.done < self.total


@dataclass(frozen=True)
class Job:
    """What the page shows: a heading, the title of what it is about with its language, how far it is, and
    where its reader goes on from there. `note` is a sentence of its own, where there is something to say;
    `waits` says that something is still to come that `progress` doesn't count, and can be stopped."""

    heading: str
    title: str
    language: str
    progress: Progress
    back_url: str
    back_label: str
    stopped: bool = False
    note: str = ""
    waits: bool = False

    @property
    def going_on(self) -> bool:
        return not self.stopped and (self.waits or self.progress.going_on)


class Stop(Protocol):
    """Ends the work; what is done stays done. Does nothing where it was over already."""

    def __call__(self, thing: Any, /, *, by: User, at: datetime) -> None: ...


@dataclass(frozen=True)
class JobKind:
    """One kind of work. `find(user, id)` gives the row it is about, None for whoever may not see it at this
    moment; `show(thing, now)` what the page says of it."""

    find: Callable[[User, UUID], Any | None]
    show: Callable[[Any, datetime], Job]
    stop: Stop


kinds: list[JobKind] = []

# Why mail was not sent, as the outbox keeps it, in the words of a page.
_reasons: dict[str, Any] = {
    STOPPED: _("stopped before it was sent"),
    "erased": _("has left or was erased"),
    "address wiped": _("has left or was erased"),
    "asked not to be written to": _("asked us never to write again"),
    "its mailbox takes no mail": _("the mailbox takes no mail"),
    "dropped by an operator": _("dropped by whoever runs this site"),
}
_OTHER_REASON = gettext_lazy("no longer wanted")


def register(kind: JobKind) -> None:
    """Make a kind of work known; called from an app's `jobs.py`."""
    kinds.append(kind)


def register_reasons(words: Mapping[str, Any]) -> None:
    """Say in a page's words why mail is skipped: by the reason that stands in the outbox."""
    _reasons.update(words)


def find(user: Any, job_id: UUID) -> tuple[JobKind, Any] | None:
    """The work behind an address, for this account; None where there is none, or not for them."""
    if not isinstance(user, User):
        return None
    for kind in kinds:
        if (thing := kind.find(user, job_id)) is not None:
            return kind, thing
    return None


# --- Work that is mail ---------------------------------------------------------------------------
def progress_of(messages: QuerySet[Message], now: datetime, *, to_come: int = 0) -> Progress:
    """How far these outbox rows are; `to_come` are yet to be put. One query."""
    later = ExpressionWrapper(Q(due_at__gt=now), output_field=BooleanField())
    rows = messages.order_by().annotate(later=later).values_list("state", "reason", "later")
    found = dict.fromkeys(("sent", "waiting", "later", "failing", "failed", "uncertain"), 0)
    skipped: dict[str, int] = {}
    total = to_come
    for state, reason, is_later, number in rows.annotate(n=Count("pk")):
        total += number
        if state == State.SKIPPED:
            words = str(_reasons.get(reason, _OTHER_REASON))
            skipped[words] = skipped.get(words, 0) + number
        elif state in (State.SENT, State.FAILED, State.UNCERTAIN):
            found[state] += number
        elif reason:  # it was refused for now
            found["failing"] += number
        else:
            found["later" if is_later else "waiting"] += number
    found["waiting"] += to_come
    by_number = sorted(skipped.items(), key=lambda pair: (-pair[1], pair[0]))
    return Progress(total, **found, skipped=tuple(by_number))


def stop_mail(messages: QuerySet[Message], at: datetime) -> int:
    """What has not left yet is not sent any more; gives how many. One that a worker is sending this very
    moment goes out, unless its kind's `write` refuses it at the next try: it has to ask whether it was
    stopped."""
    unsent = messages.filter(state__in=(State.WAITING, State.CLAIMED))
    return unsent.update(state=State.SKIPPED, state_at=at, reason=STOPPED, sealed_secret=b"")


def summary(job: Job) -> str:
    """Where it stands, in one sentence."""
    if job.stopped:
        return gettext("It was stopped. What had not left by then is not sent.")
    if not job.going_on:
        return gettext("It is done.")
    if not job.progress.waiting:
        return gettext("It goes on by itself later.")
    return gettext("It is going on.")
