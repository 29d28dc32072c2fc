"""Committees with members who agreed to mail, and what is announced to them."""

from datetime import UTC, datetime

from django.utils import timezone

from committees.models import Announcement, Committee, Membership
from hub.models import Message
from tests.factories import deliver_mail, make_announcement, make_committee, make_member, make_user

NOON = datetime(2026, 7, 1, 19, tzinfo=UTC)  # a Wednesday, noon in San Francisco, where the committee is
KIND = "committees.announcement"
DIGEST = "hub.digest"


def make_taker(committee: Committee, email: str = "", *, takes_mail: bool = True, **user: str) -> Membership:
    """A member who agreed to announcements by mail; `user` as accounts have it."""
    member = make_member(committee, make_user(email, **user))
    member.takes_mail = takes_mail
    member.save(update_fields=["takes_mail"])
    return member


def with_takers(number: int, **fields) -> Committee:
    """A committee with a coordinator and so many members who agreed; nothing of that is mailed."""
    committee = make_committee(stage="active", **fields)
    for _ in range(number):
        make_taker(committee)
    Message.objects.all().delete()
    return committee


def announce(committee: Committee, **words) -> Announcement:
    """One that was sent at this moment, and what the tick does next."""
    return make_announcement(committee, at=timezone.now(), **words)


def delivered(time_machine, moment: datetime) -> list:
    """What goes out at this moment."""
    time_machine.move_to(moment, tick=False)
    return deliver_mail()


def states(announcement: Announcement) -> list[tuple[str, str]]:
    """State and reason of each of its mails."""
    rows = Message.objects.filter(topic_id=announcement.pk, kind=KIND)
    return sorted(rows.values_list("state", "reason"))


def zone_where(hour: int) -> str:
    """A zone in which it is about this hour now, for tests on the real clock."""
    now = timezone.now()
    offset = (hour - now.hour + 11) % 24 - 11  # of whole hours, from -11 to 12
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
