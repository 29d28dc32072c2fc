"""How every mail about a committee is written: what it may name, and where its links lead."""

from typing import Any

from django.utils import translation

from committees.models import Committee, Membership
from hub import links
from hub.mail import Letter, SkipMessage
from hub.models import Mailbox, Message


def letter_about(committee: Committee, mailbox: Mailbox | None, language: str, **context: Any) -> Letter:
    """A letter in this language; about a hidden committee, or one of a workplace, it tells nothing."""
    if mailbox is None:
        raise SkipMessage("erased")
    discreet = committee.is_discreet
    with translation.override(language):
        # The address of its page says its name, as every address does that leads there.
        page = links.url("me") if discreet else links.url("committees:detail", committee.slug)
        members = page if discreet else links.url("committees:members", committee.slug)
        return Letter(
            mailbox=mailbox,
            language=language,
            neutral=discreet,
            context={
                "committee": committee,
                "committee_url": page,
                "members_url": members,
                "list_url": links.url("committees:list"),
                **context,
            },
        )


def membership_of(message: Message) -> Membership:
    """The membership that a mail is about, with its account and committee."""
    found = Membership.objects.select_related("user", "committee").filter(pk__in=[message.about_id])
    membership = found.first()
    if membership is None:
        raise SkipMessage("no longer a member")
    return membership
