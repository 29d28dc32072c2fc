"""Who holds an event, as a reader may know it: the host's public name, else the committee's, else the
campaign's.

Whoever may see an event of a hidden committee may see the committee (`EventQuerySet.visible_to`), so its
name can stand there. An unlisted one stands in no list, and nothing leads to its address. For safety the
hub never says whether a workplace has a committee, so on what everybody reads none is named.
"""

from typing import Any, NamedTuple

from django.urls import reverse

from committees.models import Committee
from events.models import Event


class Host(NamedTuple):
    """A name and, if something stands behind it that the reader may open, its path."""

    name: str
    path: str = ""


def host_of(event: Event) -> Host:
    """For the page of an event the reader may see; it has its committee and campaign with it."""
    if event.host_name:
        return Host(event.host_name)
    committee = event.committee
    if committee is None or committee.status != Committee.Status.PUBLISHED:
        return _campaign(event)
    if committee.kind == Committee.Kind.WORKPLACE and event.visibility != Event.Visibility.MEMBERS:
        return _campaign(event)
    if committee.visibility == Committee.Visibility.UNLISTED:
        return Host(committee.name)
    return Host(committee.name, reverse("committees:detail", args=[committee.slug]))


def _campaign(event: Event) -> Host:
    return Host(event.campaign.title, reverse("campaign", args=[event.campaign.slug]))


def host_in_list(row: dict[str, Any]) -> str:
    """For a row of `EventQuerySet.for_list_page`."""
    if row["host_name"]:
        return row["host_name"]
    named = (
        row["committee__status"] == Committee.Status.PUBLISHED
        and row["committee__visibility"] != Committee.Visibility.UNLISTED
        and row["committee__kind"] != Committee.Kind.WORKPLACE
    )
    return row["committee__name"] if named else row["campaign__title"]
