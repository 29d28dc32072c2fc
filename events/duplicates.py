"""Is this event there already? Looked for among public places only: one that isn't public must not be
found by proposing others near it."""

from difflib import SequenceMatcher

from events.models import Event
from hub.places import Point, distance_km, fold

NEAR_KM = 5.0
SIMILAR = 0.5  # of 1, difflib's ratio of the folded titles
LOOKED_AT = 200  # events of one day and city


def suspects(event: Event) -> list[Event]:
    """Events that are published or wait too, on the same local day, near it or at the same venue, and
    called alike; the most alike first."""
    if not event.place_is_public or event.latitude is None or event.longitude is None:
        return []
    here = Point(event.latitude, event.longitude)
    same_day = (
        Event.objects.filter(
            status__in=(Event.Status.PUBLISHED, Event.Status.SUBMITTED),
            reveal=Event.Reveal.PUBLIC,
            next_date=event.next_date,
            country=event.country,
            latitude__isnull=False,
        )
        .exclude(pk=event.pk)
        .order_by("next_start")[:LOOKED_AT]
    )
    found = []
    for other in same_day:
        alike = _alike(event.title, other.title)
        if alike >= SIMILAR and (_same_venue(event, other) or _near(here, other)):
            found.append((alike, other))
    found.sort(key=lambda pair: -pair[0])
    return [other for _alike, other in found]


def _alike(title: str, other: str) -> float:
    return SequenceMatcher(None, fold(title), fold(other), autojunk=False).ratio()


def _same_venue(event: Event, other: Event) -> bool:
    return bool(event.venue) and fold(event.venue) == fold(other.venue)


def _near(here: Point, other: Event) -> bool:
    if other.latitude is None or other.longitude is None:
        return False
    return distance_km(here, Point(other.latitude, other.longitude)) <= NEAR_KM
