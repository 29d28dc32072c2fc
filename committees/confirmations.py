"""Newcomers' applications in the contact flow: how they wait, are confirmed and are written about."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from committees.actions import joining
from committees.models import Application
from hub import contact
from hub.contact import ActKind, OwnedThing, PendingAct
from hub.mail import Letter
from hub.models import Mailbox


def pending(mailbox: Mailbox, now: datetime) -> list[PendingAct]:
    """This mailbox's applications to committees that take newcomers."""
    waiting = (
        Application.objects.filter(mailbox=mailbox, made_at__gt=now - contact.ADDRESS_KEPT)
        .select_related("committee")
        .order_by("made_at")
    )
    return [
        PendingAct(
            kind=joining.ACT_KIND,
            id=application.pk,
            token=application.token,
            title=application.committee.name,
            language=application.committee.language,
            details=gettext("Join this committee"),
        )
        for application in waiting
        if application.committee.takes_newcomers
    ]


def confirm(act_id: UUID, now: datetime) -> str | None:
    """Make the account and the membership; what comes next says a page that is the same for everybody."""
    membership = joining.confirm_application(act_id, now)
    return reverse("committees:joined", args=[membership.committee.slug]) if membership else None


def owned(mailbox: Mailbox, now: datetime) -> list[OwnedThing]:
    """Nothing: what was confirmed belongs to an account."""
    return []


def letter(act_id: UUID) -> Letter | None:
    """What the confirmation mail says of an application: nothing its sender has typed."""
    application = Application.objects.select_related("committee", "mailbox").filter(pk=act_id).first()
    if application is None or not application.committee.takes_newcomers:
        return None
    committee = application.committee
    return Letter(
        mailbox=application.mailbox,
        language=application.language,
        neutral=committee.is_discreet,
        context={"title": committee.name, "committee": committee, "act_template": "mail/committees/_act"},
    )


contact.register(ActKind(joining.ACT_KIND, pending=pending, confirm=confirm, letter=letter, owned=owned))
