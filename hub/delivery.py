"""Sending what is due: claim, take, send, settle. The database decides; Celery only carries ids.

A row goes waiting -> claimed (a tick has handed it out) -> sending (committed before SMTP speaks)
-> sent, skipped, failed or uncertain. Every step is a conditional UPDATE, so the same batch may
run any number of times at once: one runner gets the row, the others find it taken.
"""

import logging
import re
import smtplib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from hub import mail, news
from hub.mail import Category, Letter, SkipMessage
from hub.models import Mailbox, MailHold, Message

logger = logging.getLogger("hub.delivery")
State = Message.State

BATCH = 50
AHEAD = 200  # rows handed out and not begun: the tick stands in the workers' queue behind these
SPELL = 20.0  # seconds after which a batch gives back what it has not begun
CLAIM_LIVES = timedelta(seconds=30)  # a claimed row nobody took by then is handed out again
SENDING_LIVES = timedelta(minutes=5)  # longer than all SMTP time-outs of one mail together
RETRY_AFTER = (1, 5, 15, 60, 240)  # minutes; the last one repeats
GIVE_UP_AFTER = timedelta(days=4)
REASON = 80  # characters that are kept
# Mail addresses, also with the part before or behind the @ alone in angle brackets, and those of machines.
NAMING = re.compile(r"<[^>]*>|\S*@\S*|\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{0,4}:){2,}[0-9a-f.:]*", re.I)
COMPANY = timedelta(hours=1)  # a person's reminders due within this go as one mail


def claim_due(now: datetime) -> list[list[UUID]]:
    """Claim what is due and return it in batches of ids: answers first, because somebody has the
    page open that waits for them, then the oldest. No more than the workers get through soon; nothing
    while mail is held.

    Two ticks at once may choose the same rows; the conditional UPDATE gives each row to one of them.
    """
    Message.objects.filter(state=State.CLAIMED, state_at__lt=now - CLAIM_LIVES).update(state=State.WAITING)
    if MailHold.objects.exists():
        return []
    room = max(0, AHEAD - Message.objects.filter(state=State.CLAIMED).count())
    answers = [kind.name for kind in mail.kinds.values() if kind.category is Category.ANSWER]
    waiting = Message.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at")
    due = list(waiting.filter(kind__in=answers).values_list("pk", flat=True)[:room])
    due += waiting.exclude(kind__in=answers).values_list("pk", flat=True)[: room - len(due)]
    batches = []
    for start in range(0, len(due), BATCH):
        chosen = due[start : start + BATCH]
        with transaction.atomic():
            free = list(
                Message.objects.select_for_update()
                .filter(pk__in=chosen, state=State.WAITING)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            Message.objects.filter(pk__in=free).update(state=State.CLAIMED, state_at=now)
        if free:
            order = set(free)
            batches.append([pk for pk in chosen if pk in order])
    return batches


def settle_stuck(now: datetime) -> None:
    """Rows left in "sending" by a process that died: nobody knows whether SMTP took them. Answers
    and changes go again under the same Message-ID, reminders and news are left to an operator."""
    stuck = Message.objects.filter(state=State.SENDING, state_at__lt=now - SENDING_LIVES)
    for message in stuck.filter(sent_with=None, kind__in=mail.kinds):
        _settle_uncertain(message, now)


def deliver(ids: Sequence[UUID]) -> None:
    """Send a batch over one SMTP connection, one mail and one recipient at a time.

    A slow relay, or one that can't be reached, must not keep the worker from its ticks: what has
    not begun by then is given back and handed out again.
    """
    connection = get_connection()
    end = time.monotonic() + SPELL
    try:
        for pk in ids:
            if MailHold.objects.exists():  # since this batch was handed out
                Message.objects.filter(pk__in=ids, state=State.CLAIMED).update(state=State.WAITING)
                break
            message, companions = take(pk, timezone.now())
            reached = _deliver_one(connection, message, companions) if message else True
            if not reached or time.monotonic() > end:
                Message.objects.filter(pk__in=ids, state=State.CLAIMED).update(state=State.WAITING)
                break
    finally:
        connection.close()


def take(pk: UUID, now: datetime) -> tuple[Message | None, list[Message]]:
    """Mark a row as being sent, with the person's other reminders that fall due within the hour.
    Returns (None, []) if another worker has it, it is done, or it is news that has to wait."""
    with transaction.atomic():
        message = Message.objects.filter(
            pk=pk, kind__in=mail.kinds, state__in=(State.CLAIMED, State.WAITING)
        ).first()
        if message is None:
            return None, []
        kind = mail.kinds[message.kind]
        if kind.category is Category.NEWS and news.put_off(message, now):
            return None, []
        if kind.companions and message.mailbox_id:
            # Two workers may each hold one of a person's reminders: the lock lets one gather both.
            Mailbox.objects.select_for_update(no_key=True).filter(pk=message.mailbox_id).first()
        if not _mark_sending(message, now):
            return None, []
        companions = []
        if kind.companions and message.mailbox_id:
            mail.put(kind.companions(message, now))
            others = Message.objects.filter(
                mailbox_id=message.mailbox_id,
                kind__in=[k.name for k in mail.kinds.values() if k.category is kind.category],
                state__in=(State.CLAIMED, State.WAITING),
                due_at__lte=max(now, message.due_at) + COMPANY,
            ).order_by("due_at")
            companions = [other for other in others if _mark_sending(other, now, with_=message)]
        return message, companions


def _mark_sending(message: Message, now: datetime, with_: Message | None = None) -> bool:
    changed = Message.objects.filter(pk=message.pk, state__in=(State.CLAIMED, State.WAITING)).update(
        state=State.SENDING, state_at=now, attempts=F("attempts") + 1, sent_with=with_
    )
    return changed == 1


def _deliver_one(connection: BaseEmailBackend, message: Message, companions: list[Message]) -> bool:
    """Write, send and settle one mail. False where the relay can't be reached."""
    kind = mail.kinds[message.kind]
    try:
        letter = _letter(kind, message, companions)
        email = mail.render(message, letter)
        for other, reason in letter.left_out:
            _settle_one(other, reason)
    except SkipMessage as skip:
        settle(message, State.SKIPPED, str(skip))
        return True
    except Exception as error:
        # A mistake in one kind of mail must not hold up the others of the batch.
        logger.exception("could not write %s", message.kind)
        retry(message, type(error).__name__)
        return True
    try:
        _reach(connection)
    except OSError as error:  # smtplib's own errors are OSErrors; nothing was sent yet
        connection.close()
        retry(message, f"no connection: {type(error).__name__}")
        return False
    try:
        connection.send_messages([email])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = max(error.recipients.values(), default=(550, b""))
        if code >= 500:
            mail.suppress(letter.mailbox, timezone.now())
        _refused(message, code, words)
    except smtplib.SMTPResponseException as error:
        _refused(message, error.smtp_code, error.smtp_error)
        if error.smtp_code == 421:
            connection.close()
    except OSError:
        # The line broke in the middle of the conversation: the mail may be out or not.
        connection.close()
        _settle_uncertain(message, timezone.now())
    except ValueError:  # an address that looks right and can't be put on an envelope
        settle(message, State.FAILED, "unusable address")
    else:
        settle(message, State.SENT)
    return True


def _reach(connection: BaseEmailBackend) -> None:
    """Open the line to the relay and hear it answer: one that hung, or that the relay has closed
    since the last mail, must not make this mail uncertain. Raises OSError."""
    if not connection.open():
        line = getattr(connection, "connection", None)  # smtplib's; the demo's folder has none
        try:
            if line is None or line.noop()[0] == 250:
                return
        except smtplib.SMTPServerDisconnected:
            pass  # closed since the last mail
        connection.close()
        connection.open()
    if line := getattr(connection, "connection", None):
        line.ehlo_or_helo_if_needed()


def _letter(kind: mail.Kind, message: Message, companions: list[Message]) -> Letter:
    letter = kind.write(message, companions, timezone.now())
    if kind.category in (Category.REMINDER, Category.NEWS) and mail.blocked(letter.mailbox):
        raise SkipMessage("asked not to be written to")
    if kind.category is not Category.ANSWER and mail.suppressed(letter.mailbox):
        raise SkipMessage("its mailbox takes no mail")
    if not letter.mailbox.address:
        raise SkipMessage("address wiped")
    return letter


def settle(message: Message, state: Message.State, reason: str = "") -> None:
    """Record the end of a mail and of those that went along with it."""
    _in_one_mail(message).update(
        state=state, state_at=timezone.now(), reason=reason[:REASON], sealed_secret=b""
    )


def _in_one_mail(message: Message) -> QuerySet[Message]:
    """The rows that one mail is about, while it is being sent. Always changed by one statement: a
    process that dies between two would leave one of them in "sending" for ever."""
    return Message.objects.filter(Q(pk=message.pk) | Q(sent_with=message), state=State.SENDING)


def _settle_one(message: Message, reason: str) -> None:
    Message.objects.filter(pk=message.pk, state=State.SENDING).update(
        state=State.SKIPPED, state_at=timezone.now(), reason=reason, sealed_secret=b""
    )


def retry(message: Message, reason: str) -> None:
    """Try again later, each time a little later; give up after four days."""
    now = timezone.now()
    attempts = message.attempts + 1
    if now - message.made_at > GIVE_UP_AFTER:
        settle(message, State.FAILED, reason)
        return
    pause = timedelta(minutes=RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1])
    _in_one_mail(message).update(
        state=State.WAITING, state_at=now, due_at=now + pause, sent_with=None, reason=reason[:REASON]
    )


def _refused(message: Message, code: int, words: bytes | str) -> None:
    if 400 <= code < 500:
        retry(message, smtp_answer(code, words))
    else:
        settle(message, State.FAILED, smtp_answer(code, words))


def smtp_answer(code: int, words: bytes | str) -> str:
    """What the relay said, for the operator: without the addresses it likes to repeat."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"SMTP {code} {' '.join(NAMING.sub('…', text).split())}".strip()[:REASON]


def _settle_uncertain(message: Message, now: datetime) -> None:
    if mail.kinds[message.kind].category in (Category.ANSWER, Category.CHANGE):
        retry(message, "sent again: uncertain whether it went out")
    else:
        settle(message, State.UNCERTAIN, "uncertain whether it went out")
