"""The demo's days of action: the campaign's own, with a call in two languages."""

from dataclasses import dataclass
from datetime import date, timedelta

from events.actions.days import Words
from hub.demo.content import text
from hub.demo.dates import Days

DEFENSE = "defense"
NEXT_MAY_DAY = "next-may-day"
LAST_MAY_DAY = "last-may-day"


@dataclass(frozen=True)
class DemoDay:
    """One day of action; events name it by its `key`."""

    key: str
    first_date: date
    last_date: date
    texts: dict[str, Words]


DEFENSE_TEXTS = {
    "en": Words(
        "Global day of action to defend immigrants",
        text(
            "People from 18 countries met online and agreed: on one day we stand up for our immigrant "
            "neighbors, co-workers and families, everywhere.",
            "- Amnesty for all immigrants\n- Stop the attacks on immigrant communities\n"
            "- Close the detention centers",
            "Each place has its own organizers, its own hour and its own language. If there is nothing near "
            "you yet, start it: a corner, a sign and two friends are enough.",
        ),
    ),
    "es": Words(
        "Jornada global en defensa de los inmigrantes",
        text(
            "Personas de 18 países nos reunimos en línea y acordamos que un mismo día, en todas partes, "
            "defendemos a nuestros vecinos, compañeros de trabajo y familias inmigrantes.",
            "- Amnistía para todas las personas inmigrantes\n- Alto a los ataques contra sus comunidades\n"
            "- Cierre de los centros de detención",
            "Cada lugar tiene sus organizadores, su hora y su idioma. Si todavía no hay nada cerca de ti, "
            "empieza tú: bastan una esquina, un cartel y dos amistades.",
        ),
    ),
}
MAY_DAY_TEXTS = {
    "en": Words(
        "May Day",
        text(
            "May 1 is the day of working people in every country, and every year we are in the streets.",
            "- A four-day week and pay rises\n"
            "- Full unionization, and a jobs program paid for by a tax on capital\n"
            "- A labor party, founded and run by workers themselves",
        ),
    ),
    "es": Words(
        "Primero de Mayo",
        text(
            "El Primero de Mayo es el día de la clase trabajadora en todos los países, y cada año salimos a "
            "la calle.",
            "- Semana de cuatro días y aumento de salarios\n"
            "- Sindicalización plena y un programa de empleo pagado con un impuesto al capital\n"
            "- Un partido de trabajadores, fundado y dirigido por ellos mismos",
        ),
    ),
}


def days_of_action(days: Days) -> list[DemoDay]:
    """Two that lie ahead and one that is over."""
    day = days.day_of_action
    return [
        DemoDay(DEFENSE, day - timedelta(days=1), day, DEFENSE_TEXTS),
        DemoDay(NEXT_MAY_DAY, days.may_day, days.may_day, MAY_DAY_TEXTS),
        DemoDay(LAST_MAY_DAY, days.last_may_day, days.last_may_day, MAY_DAY_TEXTS),
    ]
