"""`python -m tests.bench.outbox_steps STEP …`: what the benchmark of the outbox does inside a hub.

make PARTIES    migrate, make an event with this many parties
plan            let the round of reminders fall due and plan it; prints seconds, rows and queries
due FIRST LAST  make these of the planned mails due, by their order, the others not
send FIRST LAST the ceiling: write and send the same mails in a loop over one line, without an outbox
done FIRST LAST wait until they are sent; prints how many a second
"""

import json
import sys
import time
from datetime import timedelta

import django
from django.core.mail import get_connection
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Max, Min
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

django.setup()

from events import reminders  # noqa: E402 - models need the set-up
from events.actions.reminders import plan_due, reminder_draft  # noqa: E402
from events.messages import reminder_letter  # noqa: E402
from events.models import Attendance, Timeslot  # noqa: E402
from hub import mail  # noqa: E402
from hub.models import Message  # noqa: E402
from tests.bench.parties import event_with  # noqa: E402

FAR = timedelta(days=3650)
PATIENCE = 120  # seconds
State = Message.State


def make(parties: int) -> None:
    """A hub with one event that many come to."""
    call_command("migrate", verbosity=0)
    # In the afternoon where it is: of one in the morning nobody is reminded the same day.
    event_with(parties, start=(timezone.now() + timedelta(days=1)).replace(hour=21))


def plan() -> None:
    """As the tick plans a round, from nothing."""
    Message.objects.all().delete()
    slot = Timeslot.objects.get()
    now = next(
        at for at, kind in reminders.instants(slot.start, slot.event.zone) if kind == reminders.SAME_DAY
    )
    Timeslot.objects.update(next_reminder_at=now)
    with CaptureQueriesContext(connection) as queries:
        begun = time.perf_counter()
        plan_due(now + timedelta(seconds=1))
        seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "rows": Message.objects.count(), "queries": len(queries)}))


def _chosen(first: int, last: int) -> list[Message]:
    return list(Message.objects.order_by("pk")[first:last])


def due(first: int, last: int) -> None:
    """From now on these are due."""
    now = timezone.now()
    Message.objects.filter(state=State.WAITING).update(due_at=now + FAR)
    Message.objects.filter(pk__in=[message.pk for message in _chosen(first, last)]).update(due_at=now)


def send(first: int, last: int) -> None:
    """The loop: all rows with one query, then one mail after the other."""
    now = timezone.now()
    ids = [message.about_id for message in _chosen(first, last)]
    begun = time.perf_counter()
    rows = Attendance.objects.select_related("rsvp__event__committee", "rsvp__mailbox", "timeslot")
    line = get_connection()
    line.open()
    for attendance in rows.filter(pk__in=ids).iterator(1000):
        slot = attendance.timeslot
        message = reminder_draft(
            attendance.pk, attendance.rsvp.mailbox_id, slot, reminders.SAME_DAY, now, now
        )
        letter = reminder_letter([(attendance, message)], [], now)
        line.send_messages([mail.render(message, letter)])
    line.close()
    print(json.dumps({"seconds": time.perf_counter() - begun}))


def done(first: int, last: int) -> None:
    """From the first mail's end to the last one's: what the clock's five seconds cost is not in it."""
    ids = [message.pk for message in _chosen(first, last)]
    end = time.monotonic() + PATIENCE
    while Message.objects.filter(state=State.SENT).count() < last:  # the earlier ones are sent already
        if time.monotonic() > end:
            sys.exit(
                f"after {PATIENCE} s: {list(Message.objects.values_list('state').annotate(Count('pk')))}"
            )
        time.sleep(0.5)
    span = Message.objects.filter(pk__in=ids).aggregate(begin=Min("state_at"), end=Max("state_at"))
    print(json.dumps({"seconds": (span["end"] - span["begin"]).total_seconds()}))


if __name__ == "__main__":
    step, *numbers = sys.argv[1:]
    {"make": make, "plan": plan, "due": due, "send": send, "done": done}[step](*map(int, numbers))
