"""How news is paced: nobody is woken by it, and nobody gets more than one such mail a day.

Hours and days are the reader's own. Whoever hasn't said a time zone has one that a floor above guesses,
from the committees they belong to; else UTC. An account is one reader, and so is a mailbox without one.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from hub.mail import Category, kinds
from hub.models import Mailbox, Message, User
from hub.zones import known_zones, zone_info

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
DIGEST = "hub.digest"  # the kind of the weekly one; on its day it is the news
State = Message.State
Guess = Callable[[Collection[UUID]], dict[UUID, str]]

_guesses: list[Guess] = []


# --- The reader's zone ---------------------------------------------------------------------------
def register_zones(guess: Guess) -> Guess:
    """Guess the zones of accounts that haven't said theirs: gives those it knows, by account."""
    _guesses.append(guess)
    return guess


def zones_of(users: Sequence[User]) -> dict[UUID, str]:
    """The zones of accounts: their own, else guessed, else UTC. One query for each guess, if any."""
    known = known_zones()
    zones = {user.pk: user.time_zone for user in users if user.time_zone in known}
    for guess in _guesses:
        if unsaid := [user.pk for user in users if user.pk not in zones]:
            zones |= {pk: zone for pk, zone in guess(unsaid).items() if zone in known}
    return {user.pk: zones.get(user.pk, "UTC") for user in users}


def zone_of(mailbox: Mailbox) -> str:
    """The zone of whoever reads a mailbox."""
    user = User.objects.filter(email=mailbox.address).first() if mailbox.address else None
    return zones_of([user])[user.pk] if user else "UTC"


# --- Hours ---------------------------------------------------------------------------------------
def local_hour(moment: datetime, zone: str, hour: time, *, days: int = 0) -> datetime:
    """The instant of this hour on the local day of a moment, or so many days after it."""
    local = moment.astimezone(zone_info(zone))
    # An hour in a gap of the clocks is read with the offset before the gap (PEP 495).
    return datetime.combine(local.date() + timedelta(days=days), hour, zone_info(zone)).astimezone(UTC)


def loud_hour(moment: datetime, zone: str) -> datetime:
    """This moment or, where it is night, eight in the morning."""
    local = moment.astimezone(zone_info(zone)).time()
    if QUIET_UNTIL <= local < QUIET_FROM:
        return moment
    return local_hour(moment, zone, QUIET_UNTIL, days=0 if local < QUIET_UNTIL else 1)


# --- One a day -----------------------------------------------------------------------------------
def put_off(message: Message, now: datetime) -> bool:
    """Called by delivery, in the transaction that would mark a row as being sent: where its reader sleeps,
    or has had or is about to have the day's news, it waits for the morning. Whether it does.

    The lock on the mailbox makes two workers with news for the same person go one after the other; the
    second sees what the first has marked. Who else locks mailboxes takes no lock after them that news needs.
    """
    locked = Mailbox.objects.select_for_update(no_key=True).filter(pk__in=[message.mailbox_id])
    mailbox = locked.first()
    if mailbox is None:
        return False  # erased, perhaps since the batch was read: delivery says so
    zone = zone_of(mailbox)
    hour = loud_hour(now, zone)
    if hour == now and _had_news(message, mailbox, now, zone):
        hour = local_hour(now, zone, QUIET_UNTIL, days=1)
    if hour == now:
        return False
    waiting = Message.objects.filter(pk=message.pk, state__in=(State.CLAIMED, State.WAITING))
    # Its four days of trying begin then, too.
    waiting.update(state=State.WAITING, state_at=now, due_at=hour, made_at=hour)
    return True


def _had_news(message: Message, mailbox: Mailbox, now: datetime, zone: str) -> bool:
    """Whether the news of this local day has gone to this mailbox, or is the digest that waits. What is
    uncertain counts as gone."""
    today, tomorrow = (local_hour(now, zone, time(), days=days) for days in (0, 1))
    news = [kind.name for kind in kinds.values() if kind.category is Category.NEWS]
    others = Message.objects.filter(mailbox=mailbox, kind__in=news).exclude(pk=message.pk)
    gone = Q(
        state__in=(State.SENDING, State.SENT, State.UNCERTAIN), state_at__gte=today, state_at__lt=tomorrow
    )
    digest = Q(kind=DIGEST, state__in=(State.WAITING, State.CLAIMED), due_at__lt=tomorrow)
    return others.filter(gone if message.kind == DIGEST else gone | digest).exists()
