"""The announcements somebody gets: of each committee they belong to, or not."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from committees.actions.members import stop_announcements, take_announcements
from committees.models import Committee, Membership
from hub import choices
from hub.choices import Choice, ChoiceKind, Reader


def announcements(reader: Reader, now: datetime) -> list[Choice]:
    """The committees of the address's account, by name. Of those nobody must know, a link says only that
    there is one."""
    if reader.account is None:
        return []
    open_ones = Committee.objects.visible_to(reader.account).exclude(stage=Committee.Stage.CLOSED)
    memberships = (
        Membership.objects.active()
        .filter(user=reader.account, committee__in=open_ones)
        .select_related("committee")
        .order_by("committee__name", "pk")
    )
    named = [one for one in memberships if _is_named(one, reader)]
    # Last, and in an order that tells nothing of their names.
    others = sorted((one for one in memberships if one not in named), key=lambda one: one.pk)
    return [_choice(membership, reader) for membership in (*named, *others)]


def _is_named(membership: Membership, reader: Reader) -> bool:
    return reader.named or not membership.committee.is_discreet


def _choice(membership: Membership, reader: Reader) -> Choice:
    committee = membership.committee
    if not _is_named(membership, reader):
        title, language = gettext("A committee you belong to"), get_language() or "en"
        return Choice(membership.pk, title, language, on=membership.takes_mail)
    path = reverse("committees:detail", args=[committee.slug])
    return Choice(membership.pk, committee.name, committee.language, on=membership.takes_mail, path=path)


def choose(ids: list[UUID], on: bool, at: datetime) -> None:
    """Take the announcements of these memberships' committees by mail, or not."""
    (take_announcements if on else stop_announcements)(ids, at=at)


choices.register(
    ChoiceKind(
        "announcements",
        _("Announcements of your committees"),
        _("What its coordinators write to all members. At most two a week come as a mail of their own."),
        announcements,
        choose,
        place=20,
    )
)
