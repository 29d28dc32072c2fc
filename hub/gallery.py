"""The gallery of mail, in the demo only: one real letter of every kind, in one language.

A sample does what people do, through the same actions, so that the outbox holds a mail of its kind; the
letter is then written and rendered as a worker would. All of it happens in a transaction that is rolled
back: looking leaves nothing behind. The samples stand in `hub/demo/letters/`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any, TypeVar

from django.db import transaction
from django.utils import translation

from hub import dev_mail, mail
from hub.dev_mail import DemoMail
from hub.mail import Envelope, Kind
from hub.models import Message, address_digest


@dataclass
class Stage:
    """What a sample acts with: the language of its people and things, and the moment. `now` may be moved to
    the hour at which the mail would go."""

    language: str
    now: datetime
    readers: list[bytes] = field(default_factory=list)

    def say(self, english: str, spanish: str) -> str:
        """What somebody types, in the language of this stage."""
        return spanish if self.language == "es" else english

    def address(self, domain: str = "example.org") -> str:
        """An address nobody has. Of the mail that a sample causes the one to such an address is shown."""
        address = f"reader-{token_hex(6)}@{domain}"
        self.readers.append(address_digest(address))
        return address


Act = TypeVar("Act", bound=Callable[..., Any])
samples: dict[str, Callable[[Stage], Any]] = {}


def sample(kind: str) -> Callable[[Act], Act]:
    """Let an act be what the gallery shows of a kind of mail."""

    def register(act: Act) -> Act:
        samples[kind] = act
        return act

    return register


@dataclass(frozen=True)
class Shown:
    """One kind and its letter; no letter where nobody has written a sample yet."""

    kind: Kind
    mail: DemoMail | None


def shown(language: str, now: datetime) -> list[Shown]:
    """Every kind once, in the order of their names."""
    return [
        Shown(mail.kinds[name], dev_mail.parse(name, email.message().as_bytes()) if email else None)
        for name, email in letters(language, now).items()
    ]


def letters(language: str, now: datetime) -> dict[str, Envelope | None]:
    """The mail of every kind as it would go to the relay."""
    with translation.override(language):
        return {name: _letter(mail.kinds[name], Stage(language, now)) for name in sorted(mail.kinds)}


def _letter(kind: Kind, stage: Stage) -> Envelope | None:
    """Each sample is undone before the next one: none sees what another has left, and the worker never
    waits for long."""
    act = samples.get(kind.name)
    if act is None:
        return None
    with transaction.atomic():
        act(stage)
        mine = Message.objects.filter(kind=kind.name, mailbox__address_digest__in=stage.readers)
        message = mine.select_related("mailbox").order_by("-made_at").first()
        if message is None:
            raise LookupError(f"the sample of {kind.name} causes no mail of its kind")
        companions = kind.companions(message, stage.now) if kind.companions else []
        email = mail.render(message, kind.write(message, companions, stage.now))
        transaction.set_rollback(True)
    return email
