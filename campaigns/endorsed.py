"""What of campaigns can be endorsed: documents, in the version that is the newest then."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import endorsing
from campaigns.actions import appeals
from campaigns.endorsing import EndorsedKind
from campaigns.models import Appeal, AppealEndorsement, AppealText, Endorsement
from hub.texts import in_this_language_first


def find(user: Any, slug: str) -> Appeal | None:
    """The document behind an address, with its campaign."""
    return Appeal.objects.visible_to(user).filter(slug=slug).select_related("campaign").first()


def title(language: str, prefix: str) -> tuple[Subquery, Subquery]:
    """Of the newest version, in this language, in English, or in any."""
    texts = AppealText.objects.filter(version__appeal=OuterRef(f"{prefix}pk")).order_by(
        "-version__number", in_this_language_first(language), "language"
    )
    return Subquery(texts.values("title")[:1]), Subquery(texts.values("language")[:1])


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
        title=title,
        path=lambda slug: reverse("appeals:detail", args=[slug]),
        closed=closed,
        lock=appeals.lock,
        roles=lambda appeal: [Endorsement.Role.ENDORSER],
        version=appeals.current,
    )
)
