"""Stopping a committee's announcements by the link in one, or in the weekly digest."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from committees.actions.members import stop_announcements, take_announcements
from committees.models import Membership
from hub import links
from hub.unsubscribing import Stoppable, register


def find(tokens: list[str]) -> list[Membership]:
    """The memberships these links are of, by their committees' names."""
    hashes = [links.token_hash(token) for token in tokens]
    found = Membership.objects.active().filter(mail_link_hash__in=hashes)
    return list(found.select_related("committee", "user").order_by("committee__name", "pk"))


def stop(memberships: list[Membership], at: datetime) -> None:
    """No announcements of these committees."""
    stop_announcements([membership.pk for membership in memberships], at=at)


def resume(memberships: list[Membership], at: datetime) -> None:
    """Announcements of them again."""
    take_announcements([membership.pk for membership in memberships], at=at)


def context(memberships: list[Membership]) -> dict[str, Any]:
    """Which committees these are. One that its own mail doesn't name isn't named here, nor is one that is
    off the site: whoever reads the mailbox opens this page."""
    things = []
    for membership in memberships:
        committee = membership.committee
        if committee.is_discreet or committee.status != committee.Status.PUBLISHED:
            things.append({"title": gettext("your group"), "language": "", "url": reverse("me")})
        else:
            url = reverse("committees:detail", args=[committee.slug])
            things.append({"title": committee.name, "language": committee.language, "url": url})
    return {
        "things": things,
        "stopped": not any(membership.takes_mail for membership in memberships),
    }


def address(memberships: list[Membership]) -> str:
    """That of the account all of them are of: they stood in one mail."""
    return memberships[0].user.email


register(Stoppable("committees/unsubscribe.html", find, stop, resume, context, address))
