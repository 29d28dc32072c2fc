"""What of campaigns can be endorsed: documents, in the version that is the newest then."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import endorsing
from campaigns.actions import appeals
from campaigns.endorsing import EndorsedKind, Titled
from campaigns.models import Appeal, AppealEndorsement, AppealText, Endorsement
from hub.texts import in_language


def find(user: Any, slug: str) -> Appeal | None:
    """The document behind an address."""
    return Appeal.objects.visible_to(user).filter(slug=slug).first()


def titled(things: list[Appeal], language: str) -> dict[UUID, Titled]:
    """Their titles, of the newest version, in one query."""
    texts: dict[UUID, list[AppealText]] = {}
    newest: dict[UUID, int] = {}
    rows = AppealText.objects.filter(version__appeal__in=things).defer("body").select_related("version")
    for text in rows.order_by("version__number"):
        appeal_id = text.version.appeal_id
        if newest.get(appeal_id) != text.version.number:
            newest[appeal_id], texts[appeal_id] = text.version.number, []
        texts[appeal_id].append(text)
    found = {}
    for thing in things:
        words = in_language(texts.get(thing.pk, []), language)
        path = reverse("endorse:list", args=["appeal", thing.slug])
        found[thing.pk] = Titled(
            words.title if words else thing.slug, words.language if words else language, path
        )
    return found


def closed(appeal: Appeal, now: datetime) -> str:
    """Why nobody can endorse it."""
    if appeal.status != Appeal.Status.PUBLISHED:
        return "unpublished"
    return "closed" if appeal.closed_at else ""


endorsing.register(
    EndorsedKind(
        name="appeal",
        model=AppealEndorsement,
        label=_("Endorsement of a document"),
        find=find,
        titled=titled,
        closed=closed,
        lock=appeals.lock,
        roles=lambda appeal: [Endorsement.Role.ENDORSER],
        version=appeals.current,
    )
)
