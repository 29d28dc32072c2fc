"""The ground floor's mail: the confirmation of a mailbox."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation

from hub import contact, links, mail
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import Confirmation, Message


def write_confirmation(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """ "Was that you?": the act's own letter with the button and the code around it."""
    confirmation = Confirmation.objects.filter(pk=message.about_id).first() if message.about_id else None
    if confirmation is None or confirmation.made_at <= now - contact.BUTTON_LIVES:
        raise SkipMessage("no longer asked")
    if confirmation.mailbox is None:
        raise SkipMessage("erased")
    if confirmation.act_kind.startswith(contact.LINKS):
        letter: Letter | None = _links_letter(confirmation, now)
    else:
        letter = _act_letter(confirmation, now)
    if letter is None:
        # Nothing is asked, so it must not count as this hour's mail: whoever types somebody's address
        # and takes it back would keep every confirmation from them.
        confirmation.delete()
        raise SkipMessage("withdrawn before it was sent")
    if now - confirmation.made_at < contact.CODE_LIVES and letter.context.get("waiting", True):
        letter.context["code"] = links.code("confirm", confirmation.pk)
    with translation.override(letter.language):
        letter.context["confirm_url"] = links.url("confirm", links.token("confirm", confirmation.pk))
    return letter


def _act_letter(confirmation: Confirmation, now: datetime) -> Letter | None:
    """The letter of the act that caused the mail; if that was withdrawn meanwhile, of one that joined
    it, because no other mail covers that within the hour."""
    letter = contact.act_kinds[confirmation.act_kind].letter(confirmation.act_id)
    if letter is not None:
        return letter
    for act in contact.pending_acts(confirmation.owner, now):
        letter = contact.act_kinds[act.kind].letter(act.id)
        if letter is not None:
            Confirmation.objects.filter(pk=confirmation.pk).update(act_kind=act.kind, act_id=act.id)
            return letter
    return None


def _links_letter(confirmation: Confirmation, now: datetime) -> Letter:
    """ "Mail me my links": every permanent link of this mailbox, or that there is none."""
    language = confirmation.act_kind.rpartition(".")[2]
    with translation.override(language):
        owned = [
            {"title": thing.title, "language": thing.language, "url": links.site_url(thing.path)}
            for thing in contact.owned_things(confirmation.owner, now)
        ]
    waiting = bool(contact.pending_acts(confirmation.owner, now))
    return Letter(
        confirmation.owner,
        language,
        {"links": owned, "asked_for_links": True, "waiting": waiting},
        # Whoever asks for links may have chosen neutral mail for some of them.
        neutral=bool(owned) or waiting,
    )


mail.register(Kind("hub.confirmation", Category.ANSWER, write_confirmation))
