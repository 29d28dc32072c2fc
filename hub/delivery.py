"""Sending what is due: claim, take, send, settle. The database decides; Celery only carries ids.

A row goes waiting -> claimed (a tick has handed it out) -> sending (committed before SMTP speaks)
-> sent, skipped, failed or uncertain. Every step is a conditional UPDATE, so the same batch may
run any number of times at once: one runner gets the row, the others find it taken.
"""

import logging
import re
import smtplib
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from hub import mail, news, rate, readers, refusals, relay
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import Block, Mailbox, MailHold, Message, Suppression
from hub.prepared import Parameter, PreparedUpdate

logger = logging.getLogger("hub.delivery")
State = Message.State

BATCH = 100
AHEAD = 400  # rows handed out and not begun: the tick stands in the workers' queue behind these
SPELL = 20.0  # seconds after which a batch gives back what it has not begun
CLAIM_LIVES = timedelta(seconds=30)  # a claimed row nobody took by then is handed out again
# Longer than one mail can take: a new line and a mail are a dozen answers, each within EMAIL_TIMEOUT.
SENDING_LIVES = timedelta(minutes=10)
RETRY_AFTER = (1, 5, 15, 60, 240)  # minutes; the last one repeats
GIVE_UP_AFTER = timedelta(days=4)
REASON = 80  # characters that are kept
# Mail addresses, also with the part before or behind the @ alone in angle brackets, and those of machines.
NAMING = re.compile(r"<[^>]*>|\S*@\S*|\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{0,4}:){2,}[0-9a-f.:]*", re.I)
COMPANY = timedelta(hours=1)  # a person's reminders due within this go as one mail


def _param(name: str, column: str) -> Parameter:
    return Parameter(name, Message._meta.get_field(column))


def _digest(name: str) -> Parameter:
    return Parameter(name, Mailbox._meta.get_field("address_digest"))


# A row that a statement over many is changing at this moment is passed over: whoever waits for it with the
# last mail's row in hand may be waited for in turn.
_TAKE = PreparedUpdate(
    lambda: Message.objects.alias(owner=Coalesce("mailbox_id", "id")).filter(
        ~Exists(MailHold.objects.all()),
        # Given back it may be taken; not if another batch has tried it since, and it waits for its hour.
        Q(state=State.CLAIMED) | Q(state=State.WAITING, due_at__lte=_param("at", "due_at")),
        # Not one whose mailbox is gone since it was read, or is of another address.
        Q(mailbox=None)
        | Exists(Mailbox.objects.filter(pk=OuterRef("mailbox_id"), address_digest=_digest("digest"))),
        # Nor one that wants or takes no mail since: read again it is skipped, with that reason.
        ~Exists(Block.objects.filter(address_digest=_digest("unblocked"))),
        ~Exists(Suppression.objects.filter(address_digest=_digest("unsuppressed"))),
        pk__in=Message.objects.filter(pk=_param("pk", "id")).select_for_update(skip_locked=True),
        owner=_param("owner", "id"),
    ),
    state=State.SENDING,
    state_at=_param("at", "state_at"),
    attempts=F("attempts") + 1,
    sent_with=None,
)
_END = PreparedUpdate(
    lambda: Message.objects.filter(
        Q(pk=_param("pk", "id")) | Q(sent_with=_param("pk", "id")), state=State.SENDING
    ),
    state=_param("state", "state"),
    state_at=_param("at", "state_at"),
    reason=_param("reason", "reason"),
    sealed_secret=b"",
)


@dataclass(frozen=True)
class Outcome:
    """What became of one mail. `again_at` is when it is tried again; `reached` whether there was a relay."""

    message: Message
    state: Message.State
    reason: str = ""
    at: datetime = field(default_factory=timezone.now)
    again_at: datetime | None = None
    reached: bool = True


def claim_due(now: datetime, batches: int = AHEAD // BATCH) -> list[list[UUID]]:
    """Claim what is due and return it in batches of ids: answers first, because somebody has the
    page open that waits for them, then the oldest. No more than the workers get through soon; nothing
    while mail is held."""
    Message.objects.filter(_older(now, CLAIM_LIVES), state=State.CLAIMED).update(state=State.WAITING)
    if MailHold.objects.exists():
        return []
    room = min(batches * BATCH, AHEAD - Message.objects.filter(state=State.CLAIMED).count())
    claimed = []
    # Whole batches: what is left of the room would be smaller at each tick, and every batch opens a line.
    while room >= BATCH and (batch := _claim_batch(now, BATCH)):
        claimed.append(batch)
        room -= BATCH
    return claimed


def _older(now: datetime, age: timedelta) -> Q:
    """Rows that have been in their state for longer than this. So has one of a time that is yet to come:
    the clock has gone back since."""
    return Q(state_at__lt=now - age) | Q(state_at__gt=now + age)


@transaction.atomic
def _claim_batch(now: datetime, size: int) -> list[UUID]:
    """Rows that another process is claiming at this moment are passed over."""
    answers = [kind.name for kind in mail.kinds.values() if kind.category is Category.ANSWER]
    waiting = Message.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at")
    free = waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)
    batch = list(free.filter(kind__in=answers)[:size])
    if len(batch) < size:
        batch += free.exclude(kind__in=answers)[: size - len(batch)]
    batch = batch[: rate.take(len(batch), now)]
    Message.objects.filter(pk__in=batch).update(state=State.CLAIMED, state_at=now)
    return batch


def settle_stuck(now: datetime) -> None:
    """Rows left in "sending" by a process that died: nobody knows whether SMTP took them. Answers
    and changes go again under the same Message-ID, reminders and news are left to an operator."""
    stuck = Message.objects.filter(_older(now, SENDING_LIVES), state=State.SENDING)
    for message in stuck.filter(sent_with=None, kind__in=mail.kinds):
        record(_uncertain(message))


def deliver(ids: Sequence[UUID]) -> bool:
    """Send a batch over one SMTP connection, one mail and one recipient at a time. Between two mails there
    is one commit: what became of the last one, and that the next one is being sent.

    A slow relay, or one that can't be reached, must not keep the worker from its ticks: what has
    not begun by then is given back and handed out again. False where that happened.
    """
    connection = get_connection()
    end = time.monotonic() + SPELL
    last: Outcome | None = None
    try:
        batch = _whole(ids)
        alone = _who_gets_one(batch.values(), timezone.now())
        for message in (batch[pk] for pk in ids if pk in batch):
            companions = _take_or_put_back(message, last, alone)
            last = None
            if companions is not None:
                last = _deliver_one(connection, message, companions)
                stops = not last.reached or time.monotonic() > end
            else:  # another worker's, or done, or mail is held since this batch was handed out
                stops = MailHold.objects.exists()
            if stops:
                Message.objects.filter(pk__in=ids, state=State.CLAIMED).update(state=State.WAITING)
                return False
        return True
    finally:
        if last is not None:
            record(last)
        connection.close()


def _take_or_put_back(
    message: Message, last: Outcome | None, alone: Collection[UUID | None]
) -> list[Message] | None:
    """`take`; where what goes along with a mail can't be found out, it is tried again later, like one that
    can't be written: the others of the batch must not wait for somebody's mistake."""
    attempts = message.attempts + 1
    try:
        return take(message, timezone.now(), last=last, alone=alone)
    except (OperationalError, InterfaceError):  # there is no database
        raise
    except Exception as error:
        logger.exception("could not take %s", message.kind)
        if last is not None:
            record(last)
        begun = {"state": State.SENDING, "state_at": timezone.now(), "attempts": attempts}
        if Message.objects.filter(pk=message.pk, state=State.CLAIMED).update(**begun):
            message.attempts = attempts
            record(_later(message, type(error).__name__))
        return None


def _whole(ids: Sequence[UUID]) -> dict[UUID, Message]:
    """The rows of a batch with their mailboxes, whether those want or take no mail, and by which clocks
    they are read."""
    digest = OuterRef("mailbox__address_digest")
    rows = Message.objects.filter(pk__in=ids, kind__in=mail.kinds).select_related("mailbox")
    whole: QuerySet[Any] = rows.annotate(
        blocked=Exists(Block.objects.filter(address_digest=digest)),
        suppressed=Exists(Suppression.objects.filter(address_digest=digest)),
    )
    batch = whole.in_bulk()
    readers.find_zones(batch.values())
    return batch


def _who_gets_one(batch: Iterable[Message], now: datetime) -> set[UUID | None]:
    """Those of a batch's mailboxes that have no other mail which could go along: with them nothing needs to
    be gathered. What is planned from now on finds what waits here, and gathers it."""
    of_kind: dict[str, list[Message]] = {}
    for row in batch:
        if row.mailbox_id and mail.kinds[row.kind].company:
            of_kind.setdefault(row.kind, []).append(row)
    accompanied: set[UUID | None] = set()
    for kind, messages in ((mail.kinds[name], rows) for name, rows in of_kind.items()):
        until = max(now, *(message.due_at for message in messages)) + COMPANY
        boxes = Counter(message.mailbox_id for message in messages)
        mine = _gatherable(kind, until).filter(mailbox__in=list(boxes))
        others = mine.exclude(pk__in=[message.pk for message in messages])
        accompanied.update(box for box, number in boxes.items() if number > 1)
        accompanied.update(others.values_list("mailbox_id", flat=True))
        if kind.company:
            accompanied.update(kind.company([box for box in boxes if box], until))
    every = {message.mailbox_id for messages in of_kind.values() for message in messages}
    return every - accompanied


def _gatherable(kind: Kind, until: datetime) -> QuerySet[Message]:
    """What may go along with a mail of this kind, if it is the same person's."""
    alike = [other.name for other in mail.kinds.values() if other.category is kind.category]
    return Message.objects.filter(kind__in=alike, state__in=(State.CLAIMED, State.WAITING), due_at__lte=until)


def take(
    message: Message, now: datetime, *, last: Outcome | None = None, alone: Collection[UUID | None] = ()
) -> list[Message] | None:
    """Mark a row as being sent, with the person's other reminders that fall due within the hour, unless
    they are one of those who get this one `alone`; and write down what became of the `last` one.
    Gives the others, or None if another worker has the row, it is done, it is news that has to wait, or mail
    is held."""
    kind, box = mail.kinds[message.kind], message.mailbox_id
    companions_of = kind.companions
    if last is not None and last.message.mailbox_id == box:
        # On its own: whoever erases this person locks all of their rows, in an order of the database's.
        record(last)
        last = None
    with transaction.atomic():
        waits = kind.category is Category.NEWS and news.put_off(message, now)
        if box is None or box in alone:
            companions_of = None
        elif companions_of:
            # Two workers may each hold one of a person's reminders: the lock lets one gather both.
            Mailbox.objects.select_for_update(no_key=True).filter(pk=box).first()
        if last is not None:
            record(last)
        if waits or _TAKE.run(**_as_read(message), at=now) != 1:
            return None
        message.state, message.state_at = State.SENDING, now
        message.attempts += 1
        if not companions_of:
            return []
        mail.put(companions_of(message, now))
        others = _gatherable(kind, max(now, message.due_at) + COMPANY).filter(mailbox=message.mailbox)
        others.update(state=State.SENDING, state_at=now, attempts=F("attempts") + 1, sent_with=message)
        return list(Message.objects.filter(sent_with=message, state=State.SENDING).order_by("due_at"))


def _as_read(message: Message) -> dict[str, Any]:
    """What must still hold of a row, and of its mailbox, that was read with its batch."""
    digest = message.mailbox.address_digest if message.mailbox else b""
    return {
        "pk": message.pk,
        "owner": message.mailbox_id or message.pk,
        "digest": digest,
        "unblocked": b"" if getattr(message, "blocked", False) else digest,
        "unsuppressed": b"" if getattr(message, "suppressed", False) else digest,
    }


def _deliver_one(connection: BaseEmailBackend, message: Message, companions: list[Message]) -> Outcome:
    """Write and send one mail."""
    kind = mail.kinds[message.kind]
    try:
        letter = _letter(kind, message, companions)
        email = mail.render(message, letter)
        for other, reason in letter.left_out:
            _leave_out(other, reason)
    except SkipMessage as skip:
        return Outcome(message, State.SKIPPED, str(skip))
    except Exception as error:
        # A mistake in one kind of mail must not hold up the others of the batch.
        logger.exception("could not write %s", message.kind)
        return _later(message, type(error).__name__)
    try:
        _send(connection, email)
    except Unreached as error:
        return replace(_later(message, str(error)), reached=False)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = max(error.recipients.values(), default=(550, b""))
        if code >= 500 and refusals.about_mailbox(code, words):
            mail.suppress(letter.mailbox, timezone.now())
        return _refused(message, code, words)
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == 421:
            connection.close()
        return _refused(message, error.smtp_code, error.smtp_error)
    except OSError:  # the line broke in the middle of the conversation
        connection.close()
        return _uncertain(message)
    except ValueError:  # an address that looks right and can't be put on an envelope
        return Outcome(message, State.FAILED, "unusable address")
    return Outcome(message, State.SENT)


class Unreached(Exception):
    """The relay can't be reached; the text says why. Nothing has gone out."""


def _send(connection: BaseEmailBackend, email: EmailMessage) -> None:
    """Over the open line; where the relay has closed that since the last mail, over a new one. Raises
    Unreached, smtplib's answers of a relay, and OSError where the mail may be out or not."""
    for is_new in (False, True):
        begun = time.monotonic()
        try:
            is_new = bool(connection.open()) or is_new
        except OSError as error:  # smtplib's own errors are OSErrors
            connection.close()
            raise Unreached(relay.unreached(error)) from error
        try:
            connection.send_messages([email])
            return
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
            raise
        except OSError as error:
            if getattr(connection, "may_be_out", True):
                raise
            connection.close()
            # A relay that hung does so on a new line too: twice its time would keep the worker from a tick.
            if is_new or time.monotonic() - begun >= settings.EMAIL_TIMEOUT:
                raise Unreached(relay.unreached(error)) from error


def _letter(kind: Kind, message: Message, companions: list[Message]) -> Letter:
    letter = kind.write(message, companions, timezone.now())
    box = letter.mailbox
    if box.pk == message.mailbox_id:  # then _whole has asked
        blocked, suppressed = message.blocked, message.suppressed  # type: ignore[attr-defined]
    else:
        blocked, suppressed = mail.blocked(box), mail.suppressed(box)
    if blocked and kind.category in (Category.REMINDER, Category.NEWS):
        raise SkipMessage("asked not to be written to")
    if suppressed and kind.category is not Category.ANSWER:
        raise SkipMessage("its mailbox takes no mail")
    if not box.address:
        raise SkipMessage("address wiped")
    return letter


# --- What became of a mail ----------------------------------------------------------------------
def record(outcome: Outcome) -> None:
    """Write down the end of a mail and of those that went along with it, or when it is tried again. Always
    by one statement: a process that dies between two would leave one of them in "sending" for ever."""
    if outcome.again_at is None:
        _END.run(pk=outcome.message.pk, state=outcome.state, at=outcome.at, reason=outcome.reason[:REASON])
    else:
        together = Q(pk=outcome.message.pk) | Q(sent_with=outcome.message)
        Message.objects.filter(together, state=State.SENDING).update(
            state=State.WAITING,
            state_at=outcome.at,
            due_at=outcome.again_at,
            sent_with=None,
            reason=outcome.reason[:REASON],
        )


def _leave_out(message: Message, reason: str) -> None:
    Message.objects.filter(pk=message.pk, state=State.SENDING).update(
        state=State.SKIPPED, state_at=timezone.now(), reason=reason, sealed_secret=b""
    )


def _later(message: Message, reason: str) -> Outcome:
    """Try again, each time a little later; give up where the next try would be more than four days after the
    first."""
    now = timezone.now()
    last = len(RETRY_AFTER) - 1
    tries = max(1, message.attempts)
    pauses = [timedelta(minutes=RETRY_AFTER[min(number, last)]) for number in range(tries)]
    # Counted in pauses: a mail that was made long before its hour, or held, has not been tried yet.
    if sum(pauses, timedelta()) > GIVE_UP_AFTER:
        return Outcome(message, State.FAILED, reason, at=now)
    return Outcome(message, State.WAITING, reason, at=now, again_at=now + pauses[-1])


def _refused(message: Message, code: int, words: bytes | str) -> Outcome:
    answer = smtp_answer(code, words)
    return _later(message, answer) if refusals.for_now(code) else Outcome(message, State.FAILED, answer)


def smtp_answer(code: int, words: bytes | str) -> str:
    """What the relay said, for the operator: without the addresses it likes to repeat."""
    return f"SMTP {code} {NAMING.sub('…', refusals.readable(words))}".strip()[:REASON]


def _uncertain(message: Message) -> Outcome:
    if mail.kinds[message.kind].category in (Category.ANSWER, Category.CHANGE):
        return _later(message, "sent again: uncertain whether it went out")
    return Outcome(message, State.UNCERTAIN, "uncertain whether it went out")
