"""The 28 demands of the urgent call, in English and Spanish, and who in the demo is behind some of them."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.actions import demands as actions
from campaigns.actions.demands import DemandDetails, Words
from campaigns.models import Campaign, Demand
from committees.actions.demands import give_support
from committees.models import Committee
from hub.demo.days_of_action import DEFENSE, LAST_MAY_DAY, NEXT_MAY_DAY
from hub.models import User

ADOPTED = "2020, urgent call"
ADOPTADA = "2020, llamado urgente"

# What the events of a day of action are held for, by number.
OF_DAYS = {DEFENSE: (15, 18), NEXT_MAY_DAY: (9, 25, 28), LAST_MAY_DAY: (9, 25, 28)}
# Which committees of the demo support which demands.
SUPPORT = {"mission": (15, 18, 24), "port": (25, 27, 28), "boyle": (15, 18), "chicago": (3, 20)}
# And which demands the demo's own accounts support.
OF_MEMBERS = (9, 15, 24)


@dataclass(frozen=True)
class DemoDemand:
    """One demand; its text is empty where the title says it all."""

    tags: tuple[str, ...]
    en: Words
    es: Words


def both(tags: str, title: str, titulo: str, text: str = "", texto: str = "") -> DemoDemand:
    """A demand of the urgent call in both languages; `tags` with commas between them."""
    return DemoDemand(
        tuple(tags.split(", ")),
        Words(title, text, ADOPTED),
        Words(titulo, texto, ADOPTADA),
    )


DEMANDS = (
    both(
        "workplace",
        "Reinstate workers and unionists fired for protesting unsafe conditions",
        "Reincorporación de quienes fueron despedidos por protestar contra condiciones inseguras",
        "Whoever lost the job for speaking up about unsafe work gets it back, union members and all others.",
        "Quien perdió el empleo por denunciar un trabajo inseguro lo recupera, esté o no en un sindicato.",
    ),
    both(
        "economy",
        "No bailouts",
        "Ni un rescate a las empresas",
        "Companies that default go into public ownership, under the control of their workers.",
        "Las empresas que quiebren pasan a ser públicas, bajo control de sus trabajadores.",
    ),
    both(
        "public services",
        "Stop privatizing public services and education",
        "Alto a la privatización de los servicios públicos y la educación",
    ),
    both(
        "economy, health",
        "Public ownership of medical-supply makers, drug companies and banks",
        "Propiedad pública de los bancos, las farmacéuticas y quienes fabrican insumos médicos",
    ),
    both(
        "health",
        "Public ownership of private hospitals",
        "Los hospitales privados, a manos públicas",
        "Under the control of those who work there and of the community.",
        "Bajo control de quienes trabajan en ellos y de la comunidad.",
    ),
    both(
        "peace",
        "Move military spending to health, housing and food",
        "El gasto militar, para salud, vivienda y alimentos",
    ),
    both(
        "peace",
        "End sanctions",
        "Fin de las sanciones",
        "Above all those on medicine, medical equipment and food.",
        "Sobre todo las que afectan a medicinas, equipo médico y alimentos.",
    ),
    both(
        "economy",
        "Recover wealth from tax havens for the poorest countries",
        "Recuperar la riqueza de los paraísos fiscales para los países más pobres",
    ),
    both(
        "workplace, health",
        "Safety in every essential industry",
        "Seguridad en toda industria esencial",
        "Protective gear, shorter shifts, a four-day week and pay rises.",
        "Equipo de protección, turnos más cortos, semana de cuatro días y aumentos de salario.",
    ),
    both(
        "workplace",
        "No layoffs and no hours cut with pay cut",
        "Ni despidos ni recortes de horas con recorte de salario",
    ),
    both(
        "rights",
        "Freedom of the press",
        "Libertad de prensa",
        "Workers' own media. An end to surveillance and censorship.",
        "Medios propios de los trabajadores. Fin de la vigilancia y la censura.",
    ),
    both(
        "economy",
        "A living unemployment benefit for all",
        "Un seguro de desempleo que alcance para vivir, para todas las personas",
        "Whatever their race, nationality or status.",
        "Sin importar raza, nacionalidad ni situación migratoria.",
    ),
    both("rights", "End anti-Asian racism", "Fin del racismo contra las personas asiáticas"),
    both(
        "rights",
        "Fight racism on all fronts; Black lives matter",
        "Contra el racismo en todos los frentes; las vidas negras importan",
    ),
    both(
        "immigration",
        "Amnesty for all immigrants",
        "Amnistía para todas las personas inmigrantes",
        "Stop the attacks on immigrant communities.",
        "Alto a los ataques contra las comunidades inmigrantes.",
    ),
    both("health, rights", "Stop forced sterilization", "Alto a las esterilizaciones forzadas"),
    both(
        "rights, health",
        "Rights and land of native peoples",
        "Derechos y tierras de los pueblos originarios",
        "And hospitals and clinics where they live.",
        "Y hospitales y clínicas donde viven.",
    ),
    both(
        "immigration",
        "Close immigration detention centers",
        "Cierre de los centros de detención de inmigrantes",
    ),
    both(
        "rights",
        "End discrimination against LGBTQ communities",
        "Fin de la discriminación contra las comunidades LGBTQ",
    ),
    both("education, economy", "Cancel student debt", "Cancelación de las deudas estudiantiles"),
    both(
        "economy",
        "Cancel poor countries' foreign debt",
        "Cancelación de la deuda externa de los países pobres",
        "And a fund for health, water and nutrition.",
        "Y un fondo para salud, agua y alimentación.",
    ),
    both(
        "rights",
        "End the fiscal control board over Puerto Rico",
        "Fin de la junta de control fiscal en Puerto Rico",
        "Self-determination for Puerto Rico.",
        "Autodeterminación para Puerto Rico.",
    ),
    both(
        "health",
        "Generic drugs as a right of poor countries",
        "Los medicamentos genéricos, un derecho de los países pobres",
    ),
    both(
        "housing",
        "Free, safe shelter for everyone homeless",
        "Refugio seguro y gratuito para toda persona sin hogar",
    ),
    both(
        "workplace, economy",
        "Full unionization and a mass jobs program",
        "Sindicalización plena y un programa masivo de empleo",
        "The jobs program is paid for by a tax on capital.",
        "El programa se paga con un impuesto al capital.",
    ),
    both(
        "rights",
        "No emergency measure may curtail civil liberties",
        "Ninguna medida de emergencia puede recortar las libertades civiles",
    ),
    both(
        "workplace",
        "Democratic control of unions by their members",
        "Control democrático de los sindicatos por sus miembros",
        "And new unions where they are needed.",
        "Y nuevos sindicatos donde hagan falta.",
    ),
    both("workplace", "General strike", "Huelga general"),
)


def make_demands(campaign: Campaign, *, by: User, now: datetime) -> dict[int, Demand]:
    """All of them adopted, by their numbers."""
    made = {}
    for number, plan in enumerate(DEMANDS, start=1):
        details = DemandDetails(campaign=campaign, texts={"en": plan.en, "es": plan.es}, tags=plan.tags)
        demand = actions.propose_demand(details, by=by, at=now)
        made[number] = actions.adopt_demand(demand, by=by, at=now)
    return made


def support_demands(
    demands: dict[int, Demand], committees: dict[str, Committee], members: list[User], *, now: datetime
) -> None:
    """Let committees and accounts of the demo stand behind some of them."""
    for key, numbers in SUPPORT.items():
        for number in numbers:
            give_support(committees[key], demands[number], by=None, at=now)
    for number in OF_MEMBERS:
        for member in members:
            actions.support_demand(demands[number], member, at=now)
