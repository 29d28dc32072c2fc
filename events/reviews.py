"""Events in the moderators' queue: new ones, and edits of published ones."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from events.actions import edits, proposals
from events.actions.events import REVIEW_KIND
from events.cards import kind_names
from events.duplicates import suspects
from events.models import Event, Timeslot
from events.when import clock_text, start_text, when_text, whole_days
from hub import moderation
from hub.areas import area_text
from hub.models import Review
from hub.moderation import ReviewKind, Titled
from hub.places import country_name
from hub.zones import zone_info, zone_name

LABELS = {
    "kind": _("Kind of event"),
    "title": _("Title"),
    "description": _("What is it about?"),
    "language": _("Language of the text"),
    "host_name": _("Public name of the host"),
    "visibility": _("Who sees the event?"),
    "reveal": _("Who sees the exact place"),
    "venue": _("Place"),
    "street": _("Street and number"),
    "city": _("City"),
    "region": _("State or region"),
    "postal_code": _("ZIP or postal code"),
    "country": _("Country"),
    "online": _("People can take part online"),
    "online_link": _("Link to take part online"),
    "zone": _("Time zone"),
    "start": _("Starts at"),
    "end": _("Ends at"),
    "all_day": _("It goes on all day"),
    "capacity": _("How many people fit?"),
}


REASONS = (
    ("place", _("Please write the place so that people find it.")),
    ("time", _("Please check the day and the time.")),
    ("text", _("Please say more about what it is and who invites.")),
    ("twice", _("It seems to be here already.")),
    ("campaign", _("It is not part of this campaign.")),
    ("names", _("Please leave out names or contacts of persons.")),
)


def values_of(review: Review) -> dict[str, Any]:
    """The new values of an edit, by name; none for a new event."""
    return json.loads(review.values) if review.values else {}


def titles(ids: Sequence[UUID]) -> dict[UUID, Titled]:
    """Title, then start and area, in one query."""
    rows = Event.objects.filter(pk__in=ids).only(
        *("title", "language", "next_start", "next_end", "zone", "city", "region", "country", "online")
    )
    return {
        event.pk: Titled(event.title, event.language, _when_and_where(event), event.zone) for event in rows
    }


def _when_and_where(event: Event) -> str:
    start, end, language = event.next_start, event.next_end, get_language() or "en"
    where = area_text(event.city, event.region, event.country) if event.city else gettext("Online")
    if start is None or end is None:
        return where
    when = start_text(start, event.zone, language, all_day=whole_days(start, end, event.zone))
    return f"{when} · {where}"


def page(event_id: UUID) -> str:
    """The event's own page."""
    return reverse("events:detail", args=[Event.objects.values_list("slug", flat=True).get(pk=event_id)])


def show(review: Review) -> dict[str, Any] | None:
    """The event as it will look, what an edit changes, and what may be the same event."""
    now = Event.objects.select_related("committee", "campaign", "day").filter(pk=review.object_id).first()
    if now is None:
        return None
    slot_now, values = now.timeslots.all()[0], values_of(review)
    event, slot = edits.as_proposed(now, slot_now, values)
    language = get_language() or "en"
    return {
        "event": event,
        "slot": slot,
        "kind": kind_names(language)[event.kind],
        "when": when_text(slot.start, slot.end, event.zone, language, all_day=slot.all_day),
        "lang": "" if event.language == language else event.language,
        "changes": differences(now, slot_now, values),
        "suspects": [
            (other, start_text(other.next_start, other.zone, language))
            for other in suspects(event)
            if other.next_start is not None
        ],
    }


def differences(event: Event, slot: Timeslot, values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What an edit changes as (label, before, after); points on the map are left out: they follow places."""
    before = edits.said_of(event, slot)
    zones = (event.zone, values.get("zone", event.zone))
    return [
        (str(label), _said(name, before[name], zones[0]), _said(name, values[name], zones[1]))
        for name, label in LABELS.items()
        if name in values and values[name] != before[name]
    ]


def _said(name: str, value: Any, zone: str) -> str:
    """A value as people read it."""
    language = get_language() or "en"
    if name in ("start", "end"):
        local = datetime.fromisoformat(value).astimezone(zone_info(zone))
        return f"{local:%Y-%m-%d} {clock_text(local, language)} {zone_name(local)}"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name in ("kind", "reveal", "visibility", "language"):
        field: Any = Event._meta.get_field(name)
        return str(dict(field.choices).get(value, value))
    if name == "country" and value:
        return country_name(value)
    return "–" if value in (None, "") else str(value)


def home(review: Review) -> str:
    """The host's own page; for a committee's coordinators their event's."""
    event = Event.objects.get(pk=review.object_id)
    if not event.committee_id:
        return reverse("host", args=[event.host_token])
    if event.status == Event.Status.PUBLISHED:
        return reverse("events:detail", args=[event.slug])
    return reverse("events:edit", args=[event.slug])


moderation.register(
    ReviewKind(
        name=REVIEW_KIND,
        label=_("Event"),
        template="events/review.html",
        titles=titles,
        show=show,
        home=home,
        page=page,
        publish=proposals.publish,
        send_back=proposals.send_back,
        reject=proposals.reject,
        reasons=REASONS,
        apply_edit=proposals.apply_edit,
    )
)
