"""Questions in the contact flow: how they wait, are confirmed and are written about."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from hub import contact, threads
from hub.contact import ActKind, OwnedThing, PendingAct
from hub.mail import Letter
from hub.models import Mailbox, Thread


def pending(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """This mailbox's questions nobody has confirmed yet."""
    waiting = Thread.objects.filter(asker=mailbox, opened_at=None, made_at__gt=now - contact.ADDRESS_KEPT)
    return [
        PendingAct(
            kind=threads.ACT_KIND,
            id=thread.pk,
            token=thread.browser_token,
            title=topic.title,
            language=topic.language,
            details=gettext("your question"),
        )
        for thread in waiting.order_by("made_at")
        if (topic := threads.topic_of(thread, for_asker=True))
    ]


def confirm(act_id: UUID, now: datetime) -> str | None:
    """Let whoever answers see it; its permanent page is the mailed one, because the mailbox is proven."""
    thread = threads.confirm(act_id, now)
    return reverse("thread", args=[thread.asker_token]) if thread else None


def letter(act_id: UUID) -> Letter | None:
    """What the confirmation mail says of it: what was asked about, never what was written."""
    thread = Thread.objects.select_related("asker").filter(pk=act_id, opened_at=None).first()
    topic = threads.topic_of(thread, for_asker=True) if thread else None
    if thread is None or thread.asker is None or topic is None:
        return None
    with translation.override(thread.language):
        return Letter(
            thread.asker,
            thread.language,
            {"title": gettext("your question"), "topic": topic, "act_template": "mail/hub/_question"},
        )


def owned(mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """The questions this mailbox has asked."""
    asked = Thread.objects.filter(asker=mailbox, opened_at__isnull=False).order_by("-last_at")
    return [
        OwnedThing(topic.title, topic.language, reverse("thread", args=[thread.asker_token]))
        for thread in asked
        if (topic := threads.topic_of(thread, for_asker=True))
    ]


contact.register(ActKind(threads.ACT_KIND, pending, confirm, letter, owned))
