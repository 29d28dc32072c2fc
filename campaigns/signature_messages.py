"""What mail campaigns send. Every letter is written from fresh rows at delivery."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from campaigns.actions.signatures import closed_reason, newer_than
from campaigns.letters import signature_letter
from campaigns.models import Appeal, AppealText, Signature
from hub import mail
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import Message


def _signature(message: Message) -> Signature:
    signature = (
        Signature.objects.select_related("appeal", "version", "mailbox")
        .filter(pk__in=[message.about_id], mailbox__isnull=False)
        .first()
    )
    if signature is None:
        raise SkipMessage("withdrawn")
    if closed_reason(signature.appeal) == "unpublished":
        raise SkipMessage("off the site")
    return signature


def write_signed(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """ "You have signed", with the permanent link: to a mailbox that was proven before."""
    signature = _signature(message)
    with translation.override(signature.language):
        return signature_letter(signature)


def write_newer(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """The document says something else now: do they sign that too?"""
    signature = _signature(message)
    if closed_reason(signature.appeal):
        raise SkipMessage("closed")
    if newer_than(signature.version) is None:
        raise SkipMessage("signed already")
    with translation.override(signature.language):
        return signature_letter(signature)


def write_line_off(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """A moderator took off what was shown of them; they are still counted."""
    signature = _signature(message)
    if signature.taken_off_at is None:  # signed anew since
        raise SkipMessage("signed anew")
    with translation.override(signature.language):
        return signature_letter(signature)


WHY = _("You get this mail because you signed this text.")
mail.register(Kind("campaigns.signed", Category.ANSWER, write_signed, why=WHY))
mail.register(Kind("campaigns.newer", Category.CHANGE, write_newer, why=WHY))
mail.register(Kind("campaigns.line_off", Category.ANSWER, write_line_off, why=WHY))


@mail.register_topics(Appeal)
def titles_of_documents(ids: Collection[UUID]) -> dict[UUID, str]:
    """Documents by the title of their newest version in one language."""
    texts = AppealText.objects.filter(version__appeal__in=ids).order_by("version__number", "-language")
    return dict(texts.values_list("version__appeal", "title"))
