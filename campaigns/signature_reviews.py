"""Signatures in the moderators' queue: the line "for identification only", unseen until somebody has
looked at it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from campaigns.actions import signatures
from campaigns.models import Signature
from hub import moderation
from hub.models import Review, User
from hub.moderation import Published, ReviewKind, Titled

REASONS = (
    ("unknown", _("We know of no such organization.")),
    ("more", _("The line says more than a role and an organization.")),
    ("harm", _("It insults or exposes somebody.")),
)


def titles(ids: Sequence[UUID]) -> dict[UUID, Titled]:
    """What was signed, with the line it is about but for the name, in three queries for a whole page."""
    language = get_language() or "en"
    rows = Signature.objects.filter(pk__in=ids).select_related("version").prefetch_related("version__texts")
    found = {}
    for signature in rows:
        text = signature.version.text_in(language)
        if text is not None:
            line = ", ".join(signature.signed_as.split("\n")[1:])
            details = gettext("The line of a signature: %(line)s") % {"line": line}
            found[signature.pk] = Titled(text.title, text.language, details)
    return found


def show(review: Review) -> dict[str, Any] | None:
    """The line as it is to be shown."""
    signature = Signature.objects.select_related("appeal", "version").filter(pk=review.object_id).first()
    if signature is None or signature.shown != Signature.Shown.IDENTIFICATION:
        return None
    language = get_language() or "en"
    return {
        "lines": signature.signed_as.split("\n"),
        "appeal": signature.appeal,
        "text": signature.version.text_in(language),
        "changes": [],
    }


def home(review: Review) -> str:
    """The signer's own page."""
    return reverse("signature", args=[Signature.objects.get(pk=review.object_id).mail_token])


def page(signature_id: UUID) -> str:
    """Where it is shown."""
    appeal = Signature.objects.select_related("appeal").get(pk=signature_id).appeal
    return reverse("appeals:names", args=[appeal.slug])


def publish(signature_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator lets role and organization be shown."""
    signatures.let_identification_show(signature_id, by=by, at=at)


def refuse(signature_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator doesn't: the signature and its name stay, the rest is deleted."""
    signatures.drop_identification(signature_id, by=by, at=at)


moderation.register(
    ReviewKind(
        name=signatures.REVIEW_KIND,
        label=_("Signature"),
        template="campaigns/review_signature.html",
        titles=titles,
        show=show,
        home=home,
        page=page,
        publish=publish,
        send_back=refuse,
        reject=refuse,
        reasons=REASONS,
        earns_trust=False,
        published=Published(
            subject=_("Your line under “%(title)s” is shown now"),
            sentence=_(
                "A moderator has looked at it: your name, role and organization stand among those who have "
                "signed."
            ),
            own_link=_("My signature"),
        ),
    )
)
