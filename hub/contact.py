"""The contact flow's vocabulary: what can wait for a mailbox to be confirmed, and its limits.

Each app registers its kinds of act in its `confirmations.py`. The acts themselves are confirmed by
`hub.actions.confirm_by_button` and `confirm_by_code`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hub import links
from hub.mail import Letter
from hub.models import Confirmation, Mailbox

MAIL_EVERY = timedelta(hours=1)  # at most one unanswered confirmation mail a mailbox
MAILS_A_DAY = 3
BUTTON_LIVES = timedelta(hours=24)
CODE_LIVES = timedelta(minutes=30)
CODE_TRIES = 5
ADDRESS_KEPT = timedelta(hours=24)  # an address nobody confirmed is wiped after this
REMEMBERED_FOR = timedelta(days=90)
REMEMBER_COOKIE = "remember"
LINKS = "hub.links"  # with a language behind it: the "act" of asking for one's links


@dataclass(frozen=True)
class PendingAct:
    """One thing that waits for its mailbox, as its owner reads it on the confirmation page. `token` is
    that of the link its form led to. It takes the place of those in `replaces`, earlier acts of the same
    kind about the same thing: their ids, each with the token of its link."""

    kind: str
    id: UUID
    token: str
    title: str
    language: str
    details: str
    replaces: Mapping[UUID, str] = field(default_factory=dict)

    def stands_for(self, kind: str, act_id: UUID) -> bool:
        """Whether it is that act, or took its place."""
        return self.kind == kind and (self.id == act_id or act_id in self.replaces)


class OwnedThing(NamedTuple):
    """One thing a mailbox has confirmed, and the path of its permanent page."""

    title: str
    language: str
    path: str


@dataclass(frozen=True)
class ActKind:
    """How one kind of act is listed, confirmed and written about.

    `pending(mailbox, now)` lists what waits; `confirm(act_id, now)` makes one count and returns the
    path of its permanent page, or None if the act is gone; `letter(act_id)` is what the confirmation
    mail says about it, or None if the act is gone; `owned(mailbox, now)` lists what the mailbox has
    confirmed.
    """

    name: str
    pending: Callable[[Mailbox, datetime], list[PendingAct]]
    confirm: Callable[[UUID, datetime], str | None]
    letter: Callable[[UUID], Letter | None]
    owned: Callable[[Mailbox, datetime], list[OwnedThing]]


act_kinds: dict[str, ActKind] = {}


def register(kind: ActKind) -> None:
    """Make a kind of act confirmable; called from an app's `confirmations.py`."""
    act_kinds[kind.name] = kind


def pending_acts(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """Everything that waits for this mailbox, over all features."""
    return [act for kind in act_kinds.values() for act in kind.pending(mailbox, now)]


def owned_things(mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """Everything with a permanent link of this mailbox."""
    return [thing for kind in act_kinds.values() for thing in kind.owned(mailbox, now)]


def confirmation_for(token: str, now: datetime) -> Confirmation | None:
    """The confirmation a mailed button belongs to, while the button lives."""
    return (
        Confirmation.objects.select_related("mailbox")
        .filter(token_hash=links.token_hash(token), made_at__gt=now - BUTTON_LIVES, mailbox__isnull=False)
        .first()
    )


def remembered_mailbox(cookie: str | None) -> Mailbox | None:
    """The mailbox this phone proved to read, if it asked to be remembered and that still holds."""
    value = links.unsign(cookie, REMEMBER_COOKIE, int(REMEMBERED_FOR.total_seconds())) if cookie else None
    return Mailbox.objects.filter(pk=value, confirmed_at__isnull=False).first() if value else None


def remember_cookie(mailbox: Mailbox) -> str:
    """What a remembered phone carries: the mailbox's random id, signed and dated."""
    return links.sign(str(mailbox.pk), REMEMBER_COOKIE)
