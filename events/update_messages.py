"""The mail of an update: to everybody who is coming, the test of one, and how it will look."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from events.actions.mailing import KIND, TEST
from events.letters import rsvp_letter
from events.models import Attendance, Event, MailedUpdate, Rsvp, Timeslot
from events.recipients import SAID_YES, of_rsvp
from events.standing import answers_for
from hub import jobs, mail
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.messages import account_language
from hub.models import Mailbox, Message, User, message_key

CALLED_OFF = "cancelled meanwhile"  # why one was skipped
TAKEN_OFF = "taken off"
OVER = "already over"


def write_update(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To one party. What was true when it was put may have changed since."""
    attendance = of_rsvp(message)
    if attendance.rsvp.cancelled_at:
        raise SkipMessage("cancelled since")
    mailed = MailedUpdate.objects.filter(pk=message.occasion, sent_at__isnull=False).first()
    if mailed is None or mailed.update_id is None:
        raise SkipMessage(TAKEN_OFF)
    event = attendance.rsvp.event
    if event.event_status == Event.EventStatus.CANCELLED:
        raise SkipMessage(CALLED_OFF)
    if event.is_over(now):
        raise SkipMessage(OVER)
    if mailed.stopped_at is not None:
        raise SkipMessage(jobs.STOPPED)
    return rsvp_letter(attendance, message, text=mailed.text, text_language=event.language)


def _to_nobody(mailed: MailedUpdate, mailbox: Mailbox, language: str, **context: Any) -> Letter:
    """As a party of one that is going would read it; its own page is the event's here."""
    event = mailed.event
    slot = Timeslot.objects.filter(event=event).order_by("start")[0]
    party = Rsvp(id=uuid4(), event=event, mailbox=mailbox, language=language, counted_at=mailed.changed_at)
    letter = rsvp_letter(
        Attendance(rsvp=party, timeslot=slot, party_size=1, seats_held=1),
        None,
        text=mailed.text,
        text_language=event.language,
        **context,
    )
    letter.context["event"]["own_url"] = letter.context["event"]["event_url"]
    return letter


def write_test(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To whoever answers for the event and asked for it: a draft, as those who are coming would get it."""
    mailbox = message.mailbox
    drafts = MailedUpdate.objects.select_related("event__committee")
    draft = drafts.filter(pk=message.about_id).first() if message.about_id else None
    user = User.objects.filter(email=mailbox.address, is_active=True).first() if mailbox else None
    if draft is None or mailbox is None or user is None:
        raise SkipMessage("erased")
    if not answers_for(user, draft.event):
        raise SkipMessage("no longer a coordinator")
    return _to_nobody(draft, mailbox, account_language(mailbox, "en"), is_test=True)


def preview(draft: MailedUpdate, language: str) -> dict[str, Any]:
    """A draft as its mail in this language: `subject`, `sender`, `plain`, and the `letter` that its HTML is
    made of. Rendered as they are, but to nobody."""
    mailbox = Mailbox()
    mailbox.address = "nobody@invalid"
    letter = _to_nobody(draft, mailbox, language)
    email = mail.render(Message(kind=KIND, key=message_key(KIND, draft.pk)), letter)
    sender, _address = parseaddr(email.from_email)
    return {"subject": email.subject, "sender": sender, "plain": email.body, "letter": letter.context}


mail.register(Kind(KIND, Category.CHANGE, write_update, why=SAID_YES))
mail.register(
    Kind(
        TEST,
        Category.ANSWER,
        write_test,
        template="events/update",
        why=_("You get this mail because you asked for a test of what you wrote."),
    )
)
