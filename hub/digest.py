"""The weekly digest: one mail a person, Monday at eight where they are, of what the week's mail left out.

Apps register sections in their `messages.py`. The tick looks an hour before, at seven, who has something to
read; what stands in the mail is asked anew when it is written, and where that is nothing, none is sent.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import translation

from hub import mail, news
from hub.actions import mailboxes_of
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import Heartbeat, Message, User
from hub.ticking import every_tick
from hub.zones import known_zones, zone_info

logger = logging.getLogger("hub.tick")

CLOSES = time(7)  # what is written until then stands in it
GOES = news.QUIET_UNTIL
QUARTER = timedelta(minutes=15)  # every zone's hours begin at a quarter of an hour of UTC
CHUNK = 1000


@dataclass(frozen=True)
class Part:
    """What a section says to one reader: `template` below templates/mail/, without its ending, and its
    `context`. `unsubscribe` are the tokens that stop it; `discreet`: neither subject nor sender may tell."""

    template: str
    context: dict[str, Any]
    unsubscribe: list[str]
    discreet: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the digest. `readers(since, until, after)` gives accounts that have something to read of that
    week, at most CHUNK of them, in the order of their ids, those after this one. `write(user, since, until)`
    gives what they read, in the language that is active; None: nothing."""

    readers: Callable[[datetime, datetime, UUID | None], Sequence[User]]
    write: Callable[[User, datetime, datetime], Part | None]


sections: list[Section] = []


def register_section(section: Section) -> None:
    """Make a section known; the digest has them in this order."""
    sections.append(section)


# --- Planning ------------------------------------------------------------------------------------
@every_tick
def plan_digests(now: datetime) -> None:
    """Part of the tick: put the digests of those zones where it has become Monday, seven o'clock, since the
    last time. After an outage the last week's alone."""
    quarter = datetime.fromtimestamp(now.timestamp() // 900 * 900, tz=now.tzinfo)
    beat = Heartbeat.objects.filter(name=news.DIGEST).first()
    last = beat.at if beat else now - QUARTER
    if beat and last >= quarter:
        return
    weeks: defaultdict[tuple[datetime, datetime], set[str]] = defaultdict(set)
    for zone in known_zones():
        today = now.astimezone(zone_info(zone)).date()
        monday = today - timedelta(days=today.weekday())
        if last < datetime.combine(monday, CLOSES, zone_info(zone)) <= now:
            weeks[week_before(monday, zone)].add(zone)
    for (since, until), zones in sorted(weeks.items()):
        for section in sections:
            _put(section, since, until, zones, now)
    Heartbeat.objects.update_or_create(name=news.DIGEST, defaults={"at": now})


def week_before(monday: date, zone: str) -> tuple[datetime, datetime]:
    """The instants between which the digest of this Monday looks."""
    tz = zone_info(zone)
    return (
        datetime.combine(monday - timedelta(days=7), CLOSES, tz).astimezone(zone_info("UTC")),
        datetime.combine(monday, CLOSES, tz).astimezone(zone_info("UTC")),
    )


def _put(section: Section, since: datetime, until: datetime, zones: set[str], now: datetime) -> None:
    """A row for everybody of these zones who has something to read; who has one already keeps that."""
    after = None
    while chunk := section.readers(since, until, after):
        after = chunk[-1].pk
        zone_of = news.zones_of(chunk)
        users = [user for user in chunk if zone_of[user.pk] in zones]
        mailboxes = mailboxes_of(users, at=now) if users else {}
        mail.put(
            mail.draft(
                news.DIGEST,
                mailbox_id=mailboxes[user.pk].pk,
                about_id=mailboxes[user.pk].pk,
                occasion=until.astimezone(zone_info(zone_of[user.pk])).date().isoformat(),
                at=now,
                due_at=max(now, news.local_hour(until, zone_of[user.pk], GOES)),
            )
            for user in users
            if user.pk in mailboxes
        )
        if len(chunk) < CHUNK:
            return


# --- The mail ------------------------------------------------------------------------------------
def write_digest(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Every section's part for this reader."""
    mailbox = message.mailbox
    user = User.objects.filter(email=mailbox.address, is_active=True).first() if mailbox else None
    if mailbox is None or user is None:
        raise SkipMessage("erased")
    since, until = week_before(date.fromisoformat(message.occasion), news.zones_of([user])[user.pk])
    language = user.language_or_default
    with translation.override(language):
        parts = [part for section in sections if (part := section.write(user, since, until)) is not None]
    if not parts:
        raise SkipMessage("nothing to tell")
    return Letter(
        mailbox=mailbox,
        language=language,
        context={"parts": parts},
        neutral=any(part.discreet for part in parts),
        unsubscribe=[token for part in parts for token in part.unsubscribe],
    )


mail.register(Kind(news.DIGEST, Category.NEWS, write_digest))
