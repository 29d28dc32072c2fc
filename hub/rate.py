"""How many mails may leave a minute, over all workers (MAIL_RATE): some relays refuse more, or charge for it.

Kept as one moment from which on the next mail may be handed out; each mail moves it on. So mail leaves
evenly, and an answer never waits for the end of a minute that reminders have used up.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from hub.models import MailPace

CATCH_UP = timedelta(seconds=10)  # of unused time that is made up for at once; longer than a tick's pause


def take(wanted: int, now: datetime) -> int:
    """How many of so many mails may be handed out now. They count as handed out; of two ticks at once the
    second sees what the first has taken."""
    if not settings.MAIL_RATE or not wanted:
        return wanted
    each = timedelta(minutes=1) / settings.MAIL_RATE
    with transaction.atomic():
        MailPace.objects.get_or_create(defaults={"free_at": now})
        pace = MailPace.objects.select_for_update().get()
        begin = max(pace.free_at, now - CATCH_UP)
        if begin > now + each:  # further ahead than it is ever put: the clock has gone back
            begin = now
        allowed = min(wanted, max(0, (now - begin) // each + 1))
        if allowed:
            pace.free_at = begin + allowed * each
            pace.save(update_fields=["free_at"])
    return allowed
