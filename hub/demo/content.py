"""What an event of the demo says, and the campaign they belong to."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from campaigns.actions.campaigns import CampaignWords
from campaigns.models import Campaign
from events.actions.events import EventDetails
from events.forms.events import in_zone
from events.models import Event
from hub.places import coarse, find_place

CAMPAIGN_ID = UUID("5f0c1d0e-0000-4000-8000-000000000001")  # a fixed one: its row says the demo is there
CAMPAIGN_TITLE = "United Front Committee for a Labor Party"
CAMPAIGN_SLUG = "labor-party"
HALL = "Demo Hall"
STREET = "100 Example Street"


@dataclass(frozen=True)
class DemoEvent:
    """One event with its people. `place` is what `find_place` is asked for, empty for one that is
    online only, which needs a `zone`; the times are local. `coming` counts people, `waiting` parties
    on top of a capacity that is full. `committee` is the key of the one that holds it, if one does."""

    kind: str
    title: str
    text: str
    day: date
    starts: time = time(18, 30)
    ends: time = time(20, 30)
    place: str = ""
    city: str = ""
    region: str = ""
    venue: str = ""
    street: str = ""
    zone: str = ""
    language: str = "en"
    online: bool = False
    all_day: bool = False
    visibility: str = "public"
    reveal: str = "public"
    event_status: str = "scheduled"
    capacity: int | None = None
    coming: int = 0
    waiting: int = 0
    committee: str = ""
    action: str = ""  # the key of the day of action it belongs to
    demands: tuple[int, ...] = ()  # besides those of its day of action, by number
    word: str = ""  # a short word of its host on its page
    planned_at: str = ""  # of a forum: the title of its planning meeting

    @property
    def postal_code(self) -> str:
        return self.place if self.place.isdigit() else ""


def text(*paragraphs: str) -> str:
    """Markdown of some paragraphs."""
    return "\n\n".join(paragraphs)


CAMPAIGN_TEXTS = {
    "en": CampaignWords(
        "For a mass, democratically controlled labor party in the USA, independent of the two existing "
        "parties, founded and run by workers themselves.",
        text(
            "Anyone can set up a **Committee for a Labor Party** where they are: in a workplace, a "
            "neighborhood, a union, a community, or on a campus. Committees are united fronts: people keep "
            "their own views and act together on the demands they share.",
            "We work with unions, with organizations of workers and immigrants, and with parties in other "
            "countries. Our texts and rallies are in English and Spanish.",
        ),
        "Demo: the number of a legal hotline would stand here.",
    ),
    "es": CampaignWords(
        "Por un partido de trabajadores de masas en Estados Unidos, con control democrático, independiente "
        "de los dos partidos existentes, fundado y dirigido por los propios trabajadores.",
        text(
            "Cualquiera puede formar un **Comité por un Partido de Trabajadores** donde está: en el trabajo, "
            "en el barrio, en el sindicato, en la comunidad o en la universidad. Los comités son frentes "
            "únicos: cada quien mantiene sus ideas y actuamos juntos por las demandas que compartimos.",
            "Trabajamos con sindicatos, con organizaciones de trabajadores e inmigrantes y con partidos de "
            "otros países. Nuestros textos y actos son en inglés y en español.",
        ),
        "Demo: aquí estaría el número de una línea de apoyo legal.",
    ),
}


def event_details(plan: DemoEvent, campaign: Campaign) -> EventDetails:
    """What the operator's form would make of it: point and zone from the place. Raises UnknownPlace."""
    place = find_place(plan.place) if plan.place else None
    zone = plan.zone or (place.zone if place else "")
    point = place.point if place else None
    if point is not None and plan.reveal != Event.Reveal.PUBLIC:
        point = coarse(point)
    last_day = plan.day + timedelta(days=1) if plan.all_day else plan.day
    midnight = datetime.min.time()
    return EventDetails(
        fields={
            "campaign": campaign,
            "kind": plan.kind,
            "title": plan.title,
            "description": plan.text,
            "language": plan.language,
            "visibility": plan.visibility,
            "reveal": plan.reveal,
            "city": plan.city,
            "region": plan.region,
            "postal_code": plan.postal_code,
            "country": place.country if place else "",
            "online": plan.online,
            "online_link": "https://meet.example.org/demo" if plan.online else "",
            "zone": zone,
            "latitude": point.latitude if point else None,
            "longitude": point.longitude if point else None,
        },
        venue=plan.venue,
        street=plan.street,
        start=in_zone(plan.day, midnight if plan.all_day else plan.starts, zone),
        end=in_zone(last_day, midnight if plan.all_day else plan.ends, zone),
        all_day=plan.all_day,
        capacity=plan.capacity,
    )
