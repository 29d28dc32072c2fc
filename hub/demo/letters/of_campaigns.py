"""Samples of campaigns' mail: signatures and endorsements."""

from typing import Any

from campaigns import endorsing
from campaigns.actions import appeals, asking, endorsements, newer_texts, officers, signatures
from campaigns.actions.appeals import AppealDetails, Words
from campaigns.actions.endorsements import Answers
from campaigns.actions.organizations import OrganizationDetails
from campaigns.models import Appeal, Organization, Signature
from hub import moderation
from hub.demo.letters.people import a_campaign, a_moderator, a_party, an_event, type_code
from hub.forms import new_form_token
from hub.gallery import Stage, sample

DOMAIN = "local815.example.org"
LOCAL = OrganizationDetails(
    "Demo Workers Local 815", Organization.Level.LOCAL, "US", "Oakland", "CA", f"https://{DOMAIN}"
)
TEXTS = {
    "en": Words("Call for a labor party", "Found committees.", "We call on **workers**."),
    "es": Words("Llamado por un partido", "Funden comités.", "Llamamos a **los trabajadores**."),
}
NEWER = {
    "en": TEXTS["en"]._replace(body="We call on **workers** to found committees now."),
    "es": TEXTS["es"]._replace(body="Llamamos a **los trabajadores** a fundar comités ya."),
}


def an_appeal(stage: Stage) -> Appeal:
    """A published document in both languages."""
    details = AppealDetails(a_campaign(stage), Appeal.Kind.APPEAL, TEXTS)
    return appeals.publish_appeal(
        appeals.create_appeal(details, by=None, at=stage.now), by=None, at=stage.now
    )


def rewrite(stage: Stage, appeal: Appeal) -> None:
    """It says something else from now on."""
    appeals.edit_appeal(
        appeal,
        AppealDetails(appeal.campaign, Appeal.Kind.APPEAL, NEWER),
        seen=appeals.current(appeal).number,
        substantial=True,
        by=None,
        at=stage.now,
    )


# --- Signatures ------------------------------------------------------------------------------------
@sample("campaigns.signed")
def signed(stage: Stage, shown: str = "counted", signed_as: str = "") -> Signature:
    """By the code of a mail that another act had caused within the hour, so that this one needs its own."""
    appeal, asked = an_appeal(stage), a_party(stage, an_event(stage), proven=False).mailbox
    assert asked is not None
    signature = signatures.sign(
        appeals.current(appeal).pk,
        form_token=new_form_token(),
        shown=shown,
        signed_as=signed_as,
        email=asked.address,
        language=stage.language,
        at=stage.now,
    )
    assert signature is not None
    type_code(asked, signatures.ACT_KIND, signature.pk, stage.now)
    return signature


@sample("campaigns.newer")
def newer(stage: Stage) -> None:
    rewrite(stage, signed(stage).appeal)
    asking.ask_signers(stage.now)


@sample("campaigns.line_off")
def line_off(stage: Stage) -> None:
    signature = signed(stage, Signature.Shown.NAME, "Rosa\n")
    signatures.take_off_line(signature.pk, by=a_moderator(stage), at=stage.now)


# --- Endorsements ----------------------------------------------------------------------------------
def endorsed(stage: Stage, thing: Any, name: str, *, role: str = "endorser") -> Any:
    """A published endorsement of an organization that has a site of its own."""
    kind = endorsing.kinds[name]
    made = endorsements.endorse(
        kind,
        thing,
        Answers(LOCAL, role, "members", stage.now.date()),
        form_token=new_form_token(),
        email=stage.address(),
        language=stage.language,
        at=stage.now,
    )
    type_code(made.mailbox, kind.act_kind, made.pk, stage.now)
    review = moderation.latest(kind.act_kind, made.pk)
    assert review is not None
    moderation.publish(review, by=a_moderator(stage), at=stage.now)
    return kind.rows().get(pk=made.pk)


@sample("campaigns.endorsement_newer")
def endorsement_newer(stage: Stage) -> None:
    appeal = an_appeal(stage)
    endorsed(stage, appeal, "appeal")
    rewrite(stage, appeal)
    newer_texts.ask_about_newer(stage.now)


@sample("campaigns.endorsement_withdrawn")
def endorsement_withdrawn(stage: Stage) -> None:
    """The moderators are told."""
    made = endorsed(stage, an_event(stage), "event")
    endorsements.withdraw(endorsing.kinds["event"], made.pk, by=None, at=stage.now)


@sample("campaigns.contact_taken")
@sample("campaigns.contact_yours")
def taken_over(stage: Stage) -> None:
    """By somebody with an address at the organization's own site: both contacts are told."""
    made = endorsed(stage, an_event(stage), "event")
    claim = officers.claim(
        made.organization,
        form_token=new_form_token(),
        email=stage.address(DOMAIN),
        language=stage.language,
        at=stage.now,
    )
    assert claim is not None
    type_code(claim.mailbox, officers.ACT_KIND, claim.pk, stage.now)
