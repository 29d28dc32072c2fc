"""What committees do between the big days: meetings, trainings, phone banks, picket lines. All made up.

Among them is one of each state a person trying the hub should meet: full with a waiting list, few
places left, cancelled, postponed, unlisted, with a place that only shows after confirming.
"""

from datetime import time

from hub.demo.content import HALL, STREET, DemoEvent, text
from hub.demo.dates import Days

COMMITTEE = text(
    "Anyone can set up a Committee for a Labor Party where they are: in a workplace, a neighborhood, a "
    "union, a community or on a campus. People keep their own views and act together on shared demands.",
    "We talk about what a committee does, and agree on one first step. New people are welcome.",
)
COMITE = text(
    "Cualquier persona puede formar un Comité por un Partido de Trabajadores donde vive o trabaja. Cada "
    "quien mantiene sus ideas y actuamos juntos por demandas comunes.",
    "Hablaremos de lo que hace un comité y acordaremos un primer paso. Trae a alguien de tu barrio.",
)
PICKET = text(
    "Walk the line with us for an hour or for the whole shift. We bring coffee and signs, you bring good "
    "shoes. Please don't block the entrance, and listen to the people with armbands."
)
PHONES = text(
    "We call people who asked to be called, and invite them to the day of action. Two hours, with a short "
    "training first. You need a phone and a quiet place."
)
SOON = time(18, 30)


def everyday_events(days: Days) -> list[DemoEvent]:
    """All of them, ahead and behind."""
    return [*_in_california(days), *_elsewhere(days), *_off_the_plan(days), *_behind(days)]


def _in_california(days: Days) -> list[DemoEvent]:
    return [
        DemoEvent(
            "meeting",
            "Start a Committee for a Labor Party: first evening",
            COMMITTEE,
            days.next_at(SOON, "America/Los_Angeles"),
            SOON,
            place="94110",
            city="San Francisco",
            region="CA",
            venue=HALL,
            street=STREET,
            coming=9,
            committee="mission",
        ),
        DemoEvent(
            "picket",
            "Picket line at Demo Warehouse",
            PICKET,
            days.ahead(2),
            time(7),
            time(11),
            place="94607",
            city="Oakland",
            region="CA",
            venue="Demo Warehouse, gate 2",
            street=STREET,
            committee="port",
        ),
        DemoEvent(
            "meeting",
            "Reunión: formemos un comité en el barrio",
            COMITE,
            days.ahead(4),
            time(18),
            time(20),
            place="90033",
            city="Los Ángeles",
            region="CA",
            venue="Centro Demo",
            street=STREET,
            language="es",
            committee="boyle",
        ),
        DemoEvent(
            "meeting",
            "Members' meeting: what we do in the spring",
            text("For members of the committee only. Bring what you want to propose."),
            days.ahead(9),
            place="94110",
            city="San Francisco",
            region="CA",
            venue=HALL,
            street=STREET,
            visibility="members",
            committee="mission",
        ),
        DemoEvent(
            "meeting",
            "House meeting for new members",
            text(COMMITTEE, "It is at somebody's home, so you see the place once your e-mail is confirmed."),
            days.ahead(6),
            time(19),
            time(21),
            place="San Jose, CA",
            city="San Jose",
            region="CA",
            venue="Demo Apartments, door 12",
            street="12 Example Lane",
            reveal="confirmed",
            coming=7,
            committee="mission",
        ),
        DemoEvent(
            "meeting",
            "Organizers' evening: roles for the day of action",
            COMMITTEE,
            days.ahead(8),
            place="94804",
            city="Richmond",
            region="CA",
            venue=HALL,
            street=STREET,
            visibility="unlisted",
        ),
        DemoEvent(
            "training",
            "Formación: seguridad y acompañamiento en las marchas",
            text(
                "Aprendemos a cuidar una marcha: el recorrido, los cruces, cómo calmar una situación y a "
                "quién llamar. Para todas las edades; no hace falta experiencia."
            ),
            days.ahead(13),
            time(10),
            time(13),
            place="93721",
            city="Fresno",
            region="CA",
            venue="Centro Demo",
            street=STREET,
            language="es",
            capacity=40,
            coming=11,
        ),
    ]


def _elsewhere(days: Days) -> list[DemoEvent]:
    return [
        DemoEvent(
            "training",
            "Organizing at work: a training for new committees",
            text(
                "Listening, mapping a workplace, first demands, and your rights while you do it. We practice "
                "in pairs, so the room holds no more than 24 people.",
                "Coffee from half past nine.",
            ),
            days.ahead(3),
            time(10),
            time(16),
            place="11201",
            city="New York City",
            region="NY",
            venue=HALL,
            street=STREET,
            capacity=24,
            coming=24,
            waiting=4,
        ),
        DemoEvent(
            "training",
            "Conoce tus derechos: taller en español",
            text(
                "Qué hacer si llaman a la puerta, en el trabajo y en la calle. Hablamos de casos, repartimos "
                "tarjetas y respondemos preguntas. Nadie te pedirá papeles ni tu nombre."
            ),
            days.ahead(5),
            time(18),
            time(20),
            place="60608",
            city="Chicago",
            region="IL",
            venue="Centro Demo",
            street=STREET,
            language="es",
            capacity=30,
            coming=28,
        ),
        DemoEvent(
            "phone-bank",
            "Phone bank for the day of action",
            PHONES,
            days.ahead(5),
            time(18),
            time(20),
            zone="America/New_York",
            online=True,
            coming=5,
        ),
        DemoEvent(
            "social",
            "Potluck and labor songs",
            text("Bring a dish if you can, and a song if you know one. Children are welcome."),
            days.ahead(10),
            time(17),
            time(20),
            place="53202",
            city="Milwaukee",
            region="WI",
            venue=HALL,
            street=STREET,
        ),
        DemoEvent(
            "forum",
            "Film night: strikes that won",
            text("A documentary, then a discussion: what made the difference, and what we can use here."),
            days.ahead(11),
            time(19),
            time(21, 30),
            place="55401",
            city="Minneapolis",
            region="MN",
            venue="Demo Cinema",
            street=STREET,
        ),
        DemoEvent(
            "other",
            "Leaflets at the morning shift",
            text("We hand out leaflets as people come to work, and have breakfast together afterwards."),
            days.ahead(12),
            time(5, 30),
            time(7, 30),
            place="15222",
            city="Pittsburgh",
            region="PA",
            venue="Demo Bus Yard",
            street=STREET,
        ),
        DemoEvent(
            "meeting",
            "Campus committee: first meeting of the term",
            COMMITTEE,
            days.ahead(15),
            place="78701",
            city="Austin",
            region="TX",
            venue="Demo Campus, room 101",
            street=STREET,
        ),
        DemoEvent(
            "meeting",
            "Union members for a labor party",
            COMMITTEE,
            days.ahead(16),
            time(18),
            time(20),
            place="97204",
            city="Portland",
            region="OR",
            venue=HALL,
            street=STREET,
            online=True,
        ),
        DemoEvent(
            "phone-bank",
            "Llamadas en español para la jornada",
            text(
                "Llamamos a quienes pidieron que les avisáramos. Empezamos con una breve capacitación; "
                "necesitas un teléfono y un lugar tranquilo."
            ),
            days.ahead(17),
            time(18),
            time(20),
            zone="America/Chicago",
            online=True,
            language="es",
        ),
    ]


def _off_the_plan(days: Days) -> list[DemoEvent]:
    return [
        DemoEvent(
            "picket",
            "Picket line at Demo Plant",
            PICKET,
            days.ahead(7),
            time(6),
            time(10),
            place="48226",
            city="Detroit",
            region="MI",
            venue="Demo Plant, main gate",
            street=STREET,
            event_status="cancelled",
            coming=8,
        ),
        DemoEvent(
            "march",
            "March for jobs and housing",
            text("From Market Square Park along Main Street, with music. Children and dogs welcome."),
            days.ahead(9),
            time(15),
            time(17),
            place="77002",
            city="Houston",
            region="TX",
            venue="Market Square Park",
            event_status="postponed",
            coming=6,
        ),
    ]


def _behind(days: Days) -> list[DemoEvent]:
    return [
        DemoEvent(
            "picket",
            "Picket line at Demo Hospital",
            PICKET,
            days.ago(5),
            time(7),
            time(11),
            place="90033",
            city="Los Angeles",
            region="CA",
            venue="Demo Hospital, main entrance",
            street=STREET,
        ),
        DemoEvent(
            "training",
            "How to speak at a rally",
            COMMITTEE,
            days.ago(12),
            time(14),
            time(17),
            place="94612",
            city="Oakland",
            region="CA",
            venue=HALL,
            street=STREET,
        ),
        DemoEvent(
            "meeting",
            "A labor party: why, and why now?",
            COMMITTEE,
            days.ago(33),
            place="98101",
            city="Seattle",
            region="WA",
            venue=HALL,
            street=STREET,
        ),
    ]
