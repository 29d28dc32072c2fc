"""The demo's documents: the campaign's own, in the hub's words, and made-up people who sign them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from campaigns.actions import appeals, signatures
from campaigns.actions.appeals import AppealDetails, Reply, Words
from campaigns.actions.demands import carry_demands
from campaigns.models import Appeal, Campaign, Demand, Signature
from hub import actions as ground
from hub.demo.content import text
from hub.forms import new_form_token
from hub.models import Confirmation, User

Shown = Signature.Shown


@dataclass(frozen=True)
class DemoAppeal:
    """One document and how many sign it, on the site and on paper."""

    kind: str
    issued_on: date
    texts: dict[str, Words]
    signable: bool = True
    goal: int | None = None
    signers: int = 0
    on_paper: int = 0
    replies: tuple[Reply, ...] = ()
    demands: tuple[int, ...] = ()  # by number


URGENT_CALL = DemoAppeal(
    kind=Appeal.Kind.APPEAL,
    issued_on=date(2020, 4, 1),
    goal=100,
    demands=tuple(range(1, 29)),
    signers=34,
    on_paper=27,
    texts={
        "en": Words(
            "Urgent call for a democratically controlled mass labor party",
            "Found Committees for a Labor Party where you work, live and study.",
            text(
                "Working people in the USA have no party of their own. Two parties take turns, and both are "
                "paid for by those we work for.",
                "We call on everybody who works, looks for work or has worked to found **Committees for a "
                "Labor Party**: in workplaces, neighborhoods, unions, communities and on campuses. People in "
                "them keep their own views and act together on what they share.",
                "## What we stand for",
                "- Public ownership, under workers' control, of what we all depend on\n"
                "- No layoffs, a shorter week, a living benefit for everyone out of work\n"
                "- Amnesty for all immigrants, and an end to detention\n"
                "- Unions that belong to their members",
                "A party like that is not announced from above. It is built by committees that elect whom "
                "they send, can call them back, and decide for themselves.",
            ),
        ),
        "es": Words(
            "Llamado urgente por un partido de trabajadores de masas con control democrático",
            "Funden Comités por un Partido de Trabajadores donde trabajan, viven y estudian.",
            text(
                "La clase trabajadora de Estados Unidos no tiene un partido propio. Dos partidos se turnan, "
                "y a los dos los pagan aquellos para quienes trabajamos.",
                "Llamamos a todas las personas que trabajan, buscan trabajo o han trabajado a fundar "
                "**Comités por un Partido de Trabajadores**: en lugares de trabajo, barrios, sindicatos, "
                "comunidades y universidades. Cada quien conserva sus ideas, y actuamos en común por lo que "
                "compartimos.",
                "## Lo que defendemos",
                "- Propiedad pública, bajo control obrero, de lo que todos necesitamos\n"
                "- Ningún despido, una semana más corta, un subsidio digno para quien no tiene empleo\n"
                "- Amnistía para todas las personas inmigrantes y fin de las detenciones\n"
                "- Sindicatos que pertenezcan a sus miembros",
                "Un partido así no se anuncia desde arriba. Lo construyen comités que eligen a quienes "
                "envían, que pueden revocarlos y que deciden por sí mismos.",
            ),
        ),
    },
)
OPEN_LETTER = DemoAppeal(
    kind=Appeal.Kind.OPEN_LETTER,
    issued_on=date(2025, 2, 12),
    signable=False,
    texts={
        "en": Words(
            "Open letter to the World Socialist Web Site",
            "For united fronts, for work inside the unions, and for a public debate about both.",
            text(
                "You and we want working people to have a party of their own. We differ on the way there, "
                "and we think that a difference like this belongs in the open.",
                "We are for **united fronts**: people of different views who act together on one demand. And "
                "we are for work **inside the unions**, because millions of working people are there.",
                "We invite you to a public debate. Choose the date and the form with us.",
            ),
        ),
        "es": Words(
            "Carta abierta al World Socialist Web Site",
            "Por frentes únicos, por el trabajo en los sindicatos y por un debate público sobre ambos.",
            text(
                "Ustedes y nosotros queremos que la clase trabajadora tenga su propio partido. Discrepamos "
                "en el camino, y creemos que una diferencia así debe discutirse en público.",
                "Estamos por los **frentes únicos**: personas de ideas distintas que actúan juntas por una "
                "demanda. Y por trabajar **dentro de los sindicatos**, porque allí están millones de "
                "trabajadores.",
                "Les invitamos a un debate público. Elijan con nosotros la fecha y la forma.",
            ),
        ),
    },
)
FORUM_CALL = DemoAppeal(
    kind=Appeal.Kind.CALL,
    issued_on=date(2025, 3, 16),
    demands=(11, 15, 18, 26),
    signers=12,
    texts={
        "en": Words(
            "Call for an International Forum against Political Persecution and Repression",
            "Organize the forum with us, and bring the case you want the others to know about.",
            text(
                "People are being watched, fired, jailed and deported for what they say and for where they "
                "come from. It happens in many countries, and each case is told as if it were the only one.",
                "We call on organizations everywhere to prepare an **international forum** together, and on "
                "everybody who knows of a case to sign up and send a short summary of it.",
            ),
        ),
        "es": Words(
            "Convocatoria a un Foro Internacional contra la Persecución Política y la Represión",
            "Organicen el foro con nosotros y traigan el caso que las demás personas deben conocer.",
            text(
                "Hay personas vigiladas, despedidas, encarceladas y deportadas por lo que dicen y por su "
                "lugar de origen. Ocurre en muchos países, y cada caso se cuenta como si fuera único.",
                "Llamamos a las organizaciones de todas partes a preparar juntas un **foro internacional**, "
                "y a quien conozca un caso a inscribirse y enviar un breve resumen.",
            ),
        ),
    },
)
TO_LOOK_AT = 6  # the one whose line waits for a moderator
APPEALS = (URGENT_CALL, OPEN_LETTER, FORUM_CALL)


def make_appeals(campaign: Campaign, demands: Mapping[int, Demand], *, by: User, now: datetime) -> set[UUID]:
    """Publish the documents, with the demands they carry, and let made-up people sign them; gives these
    people's mailboxes."""
    signers, mailboxes = 0, set()
    for plan in APPEALS:
        appeal = _make_appeal(plan, campaign, demands, by=by, now=now)
        for _one in range(plan.signers):
            signers += 1
            mailboxes.add(_sign(appeal, signers, now))
    return mailboxes


def _make_appeal(
    plan: DemoAppeal, campaign: Campaign, demands: Mapping[int, Demand], *, by: User, now: datetime
) -> Appeal:
    details = AppealDetails(
        campaign=campaign,
        kind=plan.kind,
        texts=plan.texts,
        issued_on=plan.issued_on,
        signable=plan.signable,
        goal=plan.goal,
    )
    appeal = appeals.publish_appeal(appeals.create_appeal(details, by=by, at=now), by=by, at=now)
    carry_demands(appeal, (demands[number] for number in plan.demands), by=by, at=now)
    if plan.on_paper:
        appeals.add_paper(appeal, plan.on_paper, seen=1, by=by, at=now)
    return appeal


def _sign(appeal: Appeal, number: int, now: datetime) -> UUID:
    """Somebody made up signs: most are only counted, as most people choose."""
    shown, signed_as = Shown.COUNTED, ""
    if number == TO_LOOK_AT:
        shown = Shown.IDENTIFICATION
        signed_as = f"Demo Signer {number}\ndemo shop steward\nDemo Local 12"
    elif number % 5 == 0:
        shown, signed_as = Shown.INITIALS, "D. S.\nOakland\nCA\nUS"
    elif number % 4 == 0:
        shown, signed_as = Shown.NAME, f"Demo Signer {number}"
    at = now - timedelta(minutes=90) + timedelta(seconds=number)
    signature = signatures.sign(
        appeals.current(appeal).pk,
        form_token=new_form_token(),
        shown=shown,
        signed_as=signed_as,
        email=f"demo.signer.{number}@example.org",
        language="en",
        at=at,
    )
    assert signature is not None
    assert signature.mailbox is not None
    asked = Confirmation.objects.select_related("mailbox").get(mailbox=signature.mailbox)
    ground.confirm_by_button(asked, [(signatures.ACT_KIND, signature.pk)], at=at)
    return signature.mailbox.pk
