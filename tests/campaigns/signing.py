"""What tests of documents and signatures need: stored documents, signatures, presses of the button."""

import secrets
from datetime import datetime
from typing import Any

from django.utils import timezone

from campaigns.actions import appeals, signatures
from campaigns.actions.appeals import AppealDetails, Words
from campaigns.models import Appeal, AppealVersion, Campaign, Signature
from hub import actions as ground
from hub import links
from hub.models import Confirmation, Mailbox, User
from tests.factories import make_campaign, new_address

TEXTS = {
    "en": Words("Call for a labor party", "Found committees.", "We call on **workers**.\n\nJoin."),
    "es": Words("Llamado por un partido", "Funden comités.", "Llamamos a **los trabajadores**."),
}


def details(**fields: Any) -> AppealDetails:
    """What a form would say of a document: an appeal in both languages."""
    campaign = (
        fields.pop("campaign", None)
        or Campaign.objects.order_by("-is_home", "created_at").first()
        or make_campaign(is_home=True)
    )
    return AppealDetails(
        campaign=campaign, kind=fields.pop("kind", "appeal"), texts=fields.pop("texts", TEXTS), **fields
    )


def make_appeal(*, published: bool = True, at: datetime | None = None, **fields: Any) -> Appeal:
    """A stored document with its first version."""
    at = at or timezone.now()
    appeal = appeals.create_appeal(details(**fields), by=None, at=at)
    return appeals.publish_appeal(appeal, by=None, at=at) if published else appeal


def rewrite(
    appeal: Appeal,
    body: str,
    *,
    substantial: bool = True,
    texts: dict[str, Words] = TEXTS,
    by: User | None = None,
    at: datetime | None = None,
) -> AppealVersion:
    """A next version of these texts: the English body is another one."""
    texts = {**texts, "en": texts["en"]._replace(body=body)}
    seen = appeals.current(appeal).number
    appeals.edit_appeal(
        appeal, details(texts=texts), seen=seen, substantial=substantial, by=by, at=at or timezone.now()
    )
    return appeals.current(appeal)


def make_signature(
    appeal: Appeal,
    *,
    email: str = "",
    confirmed: bool = False,
    shown: str = "counted",
    signed_as: str = "",
    version: AppealVersion | None = None,
    language: str = "en",
    remembered: Mailbox | None = None,
    member: User | None = None,
    at: datetime | None = None,
) -> Signature:
    """A signature under the newest version; confirmed by the button of its mail. Confirming a second one of
    the same mailbox gives the first (they merge)."""
    at = at or timezone.now()
    signature = signatures.sign(
        (version or appeals.current(appeal)).pk,
        form_token=secrets.token_urlsafe(16),
        shown=shown,
        signed_as=signed_as,
        email="" if member else email or new_address(),
        language=language,
        remembered=remembered,
        member=member,
        at=at,
    )
    assert signature is not None
    return press_button(signature, at=at) if confirmed else Signature.objects.get(pk=signature.pk)


def press_button(signature: Signature, *, at: datetime | None = None, by_code: bool = False) -> Signature:
    """Confirm this one by the newest mail of its mailbox, or by that mail's code; gives what it became."""
    at = at or timezone.now()
    mailbox = signature.mailbox
    assert mailbox is not None
    newest = Confirmation.objects.filter(mailbox=mailbox).order_by("-made_at")[0]
    if by_code:
        code = links.code("confirm", newest.pk)
        ground.confirm_by_code(mailbox, code, kind=signatures.ACT_KIND, act_id=signature.pk, at=at)
    else:
        ground.confirm_by_button(newest, [(signatures.ACT_KIND, signature.pk)], at=at)
    return Signature.objects.get(appeal=signature.appeal_id, mailbox=mailbox, confirmed_at__isnull=False)


def counts(appeal: Appeal) -> dict[int, int]:
    """How many stand under each version, by its counter; agrees with the rows or fails."""
    versions = list(AppealVersion.objects.filter(appeal=appeal))
    for version in versions:
        assert version.signed == version.signatures.confirmed().count(), version
    return {version.number: version.signed for version in versions}
