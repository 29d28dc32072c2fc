"""The outbox and the relay, as the tests of faults fill, hurry and count them.

What arrived is counted at the relay by Message-ID, which is made from the row's key.
"""

from collections import Counter
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from events import reminders
from events.actions.reminders import reminder_draft
from events.models import Attendance, Timeslot
from hub import delivery, mail
from hub.models import Heartbeat, Message
from tests import services, workers
from tests.factories import make_event, make_rsvp, new_address, slot_of

State = Message.State
WITHIN = 60  # seconds until everything that is due has gone out


def put_reminders(count, *, event=None, person=None):
    """Due reminders of parties that hold a seat, as planning puts them. They are not sent again
    when it is uncertain whether they went out."""
    now = timezone.now()
    event = event or make_event()
    drafts = []
    for _number in range(count):
        party = make_rsvp(event, email=person or new_address(), confirmed=True, at=now - timedelta(days=1))
        attendance = party.attendances.get()
        drafts.append(
            mail.draft(
                reminders.DAY_BEFORE,
                mailbox_id=party.mailbox_id,
                about_id=attendance.pk,
                topic_id=event.pk,
                occasion=attendance.timeslot.start.isoformat(),
                at=now,
            )
        )
        Message.objects.filter(mailbox=party.mailbox, kind="hub.confirmation").delete()  # answered
    mail.put(drafts)
    return drafts


def remind(event):
    """Put a due reminder for each of the event's parties, as planning does; no other will be planned."""
    slot, now = slot_of(event), timezone.now()
    rows = Attendance.objects.filter(timeslot=slot).values_list("pk", "rsvp__mailbox_id")
    mail.put(reminder_draft(pk, box, slot, reminders.SAME_DAY, now, now) for pk, box in rows)
    plan_nothing(event)


def plan_nothing(event):
    """What the tick would plan depends on the hour at which the tests run."""
    Timeslot.objects.filter(event=event).update(next_reminder_at=None)


def put_answers(count):
    """Due confirmation mails: answers, which are sent again when it is uncertain."""
    event = make_event(capacity=20)
    people = [make_rsvp(event, email=new_address()).mailbox_id for _number in range(count)]
    return list(Message.objects.filter(kind="hub.confirmation", mailbox_id__in=people))


def arrived(sink):
    """How often each mail has arrived, by Message-ID."""
    return Counter(one.email["Message-ID"] for one in sink.messages())


def once_each(messages):
    """What `arrived` says when each of these went out once."""
    return Counter(mail.message_id(message) for message in messages)


def states():
    """How many outbox rows there are in each state."""
    return Counter(Message.objects.values_list("state", flat=True))


def all_sent():
    """Whether there is nothing else in the outbox."""
    return set(states()) == {State.SENT}


def let_time_pass(minutes):
    """Make what is in hand and what is to be tried again so much older."""
    ago = timedelta(minutes=minutes)
    Message.objects.update(state_at=F("state_at") - ago, due_at=F("due_at") - ago)


def next_ticks(count):
    """Wait until the clock has ticked so often."""
    for _tick in range(count):
        last = Heartbeat.objects.get(name="tick").at
        services.wait_until(
            Heartbeat.objects.filter(name="tick", at__gt=last).exists, "a tick", workers.GRACE
        )


def in_hand():
    """Whether a worker has something, or had it when it died."""
    return Message.objects.filter(state__in=(State.CLAIMED, State.SENDING)).exists()


def unfinished():
    """Whether anything is still to go."""
    return Message.objects.exclude(state__in=Message.FINAL).exists()


def deliver_all(*messages):
    """Send these as one batch, once those that are to be tried later are due, and look at them again."""
    ids = [message.pk for message in messages]
    Message.objects.filter(pk__in=ids, state=State.WAITING).update(due_at=timezone.now())
    delivery.deliver(ids)
    for message in messages:
        message.refresh_from_db()
