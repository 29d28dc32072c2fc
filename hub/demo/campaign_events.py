"""The campaign's own actions: what they were and where, as they are known, at dates that lie ahead."""

from datetime import time, timedelta

from hub.demo.content import HALL, STREET, DemoEvent, text
from hub.demo.dates import Days
from hub.demo.days_of_action import DEFENSE, LAST_MAY_DAY, NEXT_MAY_DAY

DEFEND = text(
    "One day, many cities: we stand up for our immigrant neighbors, co-workers and families.",
    "- Amnesty for all immigrants\n- Stop the attacks on immigrant communities\n"
    "- Close the detention centers",
    "Speakers, an open microphone and time to talk. Bring a sign, bring a friend.",
)
DEFENDER = text(
    "Un mismo día, muchas ciudades: defendemos a nuestros vecinos, compañeros de trabajo y familias "
    "inmigrantes.",
    "- Amnistía para todas las personas inmigrantes\n- Alto a los ataques contra sus comunidades\n"
    "- Cierre de los centros de detención",
)
FEDERAL = text(
    "Federal workers say no to layoffs, and everybody who works stands with them.",
    "- No layoffs, and no hours cut with pay cut\n- Stop privatizing public services\n"
    "- Unions under the democratic control of their members",
    "A rally with speakers. Come in your work clothes if you like.",
)
MAY_DAY = text(
    "May 1 is the day of working people in every country.",
    "- A four-day week and pay rises\n- Full unionization, and a jobs program paid for by a tax on capital\n"
    "- A labor party, founded and run by workers themselves",
)
PRIMERO_DE_MAYO = text(
    "El Primero de Mayo es el día de la clase trabajadora en todos los países.",
    "- Semana de cuatro días y aumento de salarios\n"
    "- Sindicalización plena y un programa de empleo pagado con un impuesto al capital\n"
    "- Un partido de trabajadores, fundado y dirigido por ellos mismos",
)
FORUM = "International Forum against Political Persecution and Repression"
PLANNING = "Planning meeting for the International Forum"


def campaign_events(days: Days) -> list[DemoEvent]:
    """All of them, ahead and behind."""
    return [*_day_of_action(days), *_federal_workers(days), *_forum(days), *_may_day(days)]


def _day_of_action(days: Days) -> list[DemoEvent]:
    day = days.day_of_action
    noon, two = time(12), time(14)
    return [
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: San Francisco",
            DEFEND,
            day,
            noon,
            two,
            place="94111",
            city="San Francisco",
            region="CA",
            venue="In front of the immigration office",
            coming=34,
            committee="mission",
            action=DEFENSE,
            word="The sound truck is found. Who can bring a folding table, please ask us here.",
        ),
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: Los Angeles",
            DEFEND,
            day,
            time(11),
            time(13),
            place="90012",
            city="Los Angeles",
            region="CA",
            venue="In front of the immigration office",
            action=DEFENSE,
        ),
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: New York",
            DEFEND,
            day,
            time(13),
            time(15),
            place="10007",
            city="New York City",
            region="NY",
            venue="Foley Square, by the immigration office",
            action=DEFENSE,
        ),
        DemoEvent(
            "rally",
            "Jornada global en defensa de los inmigrantes: Buenos Aires",
            text(DEFENDER, "Habrá partes en guaraní y en quechua."),
            day - timedelta(days=1),
            time(17),
            time(19),
            place="Buenos Aires, Argentina",
            city="Buenos Aires",
            venue="Frente a la Cancillería",
            language="es",
            action=DEFENSE,
        ),
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: Piraeus",
            DEFEND,
            day,
            time(18),
            time(20),
            place="Piraeus, Greece",
            city="Piraeus",
            venue="Korai Square",
            action=DEFENSE,
        ),
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: Istanbul",
            DEFEND,
            day,
            time(15),
            time(17),
            place="Istanbul, Turkey",
            city="Istanbul",
            venue="Kadıköy Pier Square",
            action=DEFENSE,
        ),
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: London",
            DEFEND,
            day,
            time(13),
            time(15),
            place="London, United Kingdom",
            city="London",
            venue="Trafalgar Square",
            action=DEFENSE,
        ),
        DemoEvent(
            "rally",
            "Day of action to defend immigrants: Berlin",
            DEFEND,
            day,
            time(14),
            time(16),
            place="Berlin, Germany",
            city="Berlin",
            venue="Alexanderplatz",
            action=DEFENSE,
        ),
        DemoEvent(
            "forum",
            "Jornada global en defensa de los inmigrantes: encuentro en línea desde Ciudad de México",
            text(DEFENDER, "Un encuentro en línea: hablamos, escuchamos y preguntamos."),
            day,
            time(11),
            time(13),
            zone="America/Mexico_City",
            online=True,
            language="es",
            action=DEFENSE,
        ),
        DemoEvent(
            "meeting",
            "Preparing the day of action: online meeting",
            text(
                "People from 18 countries met online and agreed on a day of action to defend immigrants: "
                "many local events, each with its own organizers, hour and language."
            ),
            days.ago(9),
            time(9),
            time(11),
            zone="America/Los_Angeles",
            online=True,
        ),
        DemoEvent(
            "rally",
            "Statewide rally against mass deportations",
            text(DEFEND, "People come from all over California. Look for a shared ride near you."),
            days.statewide_rally,
            time(11),
            time(14),
            place="95814",
            city="Sacramento",
            region="CA",
            venue="State Capitol, west steps",
        ),
    ]


def _federal_workers(days: Days) -> list[DemoEvent]:
    return [
        DemoEvent(
            "rally",
            f"Federal workers' day of action: {city}",
            FEDERAL,
            days.federal_workers_day,
            starts,
            time(starts.hour + 2),
            place=place,
            city=city,
            region=region,
            venue=venue,
            demands=(3, 10, 27),
        )
        for city, region, place, venue, starts in (
            ("San Francisco", "CA", "94109", "Outside the Tesla dealership", time(12)),
            ("Berkeley", "CA", "94704", "Civic Center Park", time(15)),
            ("Fremont", "CA", "94538", "Central Park", time(10)),
            ("Washington", "DC", "20004", "Freedom Plaza", time(12)),
            ("Chicago", "IL", "60604", "Federal Plaza", time(12)),
            ("Denver", "CO", "80204", "Civic Center Park", time(11)),
            ("Atlanta", "GA", "30303", "Woodruff Park", time(13)),
            ("Seattle", "WA", "98101", "Westlake Park", time(12)),
        )
    ]


def _forum(days: Days) -> list[DemoEvent]:
    return [
        DemoEvent(
            "meeting",
            PLANNING,
            text(
                "For organizations that want to co-organize the International Forum against Political "
                "Persecution and Repression: program, languages, who invites whom."
            ),
            days.forum_planning,
            time(10),
            time(12),
            zone="America/Los_Angeles",
            online=True,
        ),
        DemoEvent(
            "forum",
            FORUM,
            text(
                "Workers and organizations from many countries speak about people who are persecuted for "
                "their politics, their union work or their origin, and about what we do together.",
                "Organizations can co-organize. If you want to raise a case, bring a short summary of it.",
            ),
            days.forum,
            time(9),
            time(13),
            zone="America/Los_Angeles",
            online=True,
            coming=12,
            demands=(11, 26),
            planned_at=PLANNING,
        ),
    ]


def _may_day(days: Days) -> list[DemoEvent]:
    return [
        *(_may_day_in(days, *city) for city in MAY_DAY_CITIES),
        *(_primero_de_mayo(days, *city) for city in CIUDADES),
        DemoEvent(
            "other",
            "May Day in Philadelphia: a whole day of actions",
            text(MAY_DAY, "From breakfast at the gates to music at night. Come for an hour or all day."),
            days.may_day,
            place="19106",
            city="Philadelphia",
            region="PA",
            venue=HALL,
            street=STREET,
            all_day=True,
            action=NEXT_MAY_DAY,
        ),
        DemoEvent(
            "march",
            "May Day march: San Francisco",
            MAY_DAY,
            days.last_may_day,
            time(12),
            time(15),
            place="94103",
            city="San Francisco",
            region="CA",
            venue="Civic Center Plaza",
            action=LAST_MAY_DAY,
        ),
        DemoEvent(
            "rally",
            "May Day rally: Chicago",
            MAY_DAY,
            days.last_may_day,
            time(13),
            time(15),
            place="60604",
            city="Chicago",
            region="IL",
            venue="Federal Plaza",
            action=LAST_MAY_DAY,
        ),
        DemoEvent(
            "march",
            "Primero de Mayo: Ciudad de México",
            PRIMERO_DE_MAYO,
            days.last_may_day,
            time(10),
            time(13),
            place="Ciudad de México",
            city="Ciudad de México",
            venue="Zócalo",
            language="es",
            action=LAST_MAY_DAY,
        ),
    ]


MAY_DAY_CITIES = (
    ("march", "San Francisco", "CA", "94103", "Civic Center Plaza", time(12)),
    ("rally", "Oakland", "CA", "94612", "Frank Ogawa Plaza", time(15)),
    ("march", "New York City", "NY", "10003", "Union Square", time(14)),
    ("rally", "Chicago", "IL", "60604", "Federal Plaza", time(13)),
    ("rally", "Athens", "", "Athens, Greece", "Syntagma Square", time(11)),
    ("march", "London", "", "London, United Kingdom", "Trafalgar Square", time(12)),
)
CIUDADES = (
    ("Los Ángeles", "CA", "90033", "Mariachi Plaza", time(12)),
    ("Houston", "TX", "77002", "Market Square Park", time(11)),
    ("San Juan", "PR", "00901", "Plaza Colón", time(10)),
    ("Buenos Aires", "", "Buenos Aires, Argentina", "Plaza de Mayo", time(14)),
    ("Ciudad de México", "", "Ciudad de México", "Zócalo", time(10)),
)


def _may_day_in(
    days: Days, kind: str, city: str, region: str, place: str, venue: str, starts: time
) -> DemoEvent:
    return DemoEvent(
        kind,
        f"May Day {kind}: {city}",
        MAY_DAY,
        days.may_day,
        starts,
        time(starts.hour + 3),
        place=place,
        city=city,
        region=region,
        venue=venue,
        action=NEXT_MAY_DAY,
    )


def _primero_de_mayo(days: Days, city: str, region: str, place: str, venue: str, starts: time) -> DemoEvent:
    return DemoEvent(
        "march",
        f"Marcha del Primero de Mayo: {city}",
        PRIMERO_DE_MAYO,
        days.may_day,
        starts,
        time(starts.hour + 3),
        place=place,
        city=city,
        region=region,
        venue=venue,
        language="es",
        action=NEXT_MAY_DAY,
    )
