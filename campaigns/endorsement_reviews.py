"""Endorsements in the moderators' queue: what was endorsed, in whose name, and who else that may be."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from campaigns import endorsing
from campaigns.actions import endorsements
from campaigns.actions.organizations import lookalikes
from campaigns.endorsing import EndorsedKind
from campaigns.models import Organization
from hub import moderation
from hub.models import Review
from hub.moderation import Published, ReviewKind, Titled

REASONS = (
    ("name", _("Please write the organization's name as it calls itself, a local's with its number.")),
    ("decision", _("Please say who has decided it, and when: the members, the board or an officer.")),
    ("site", _("Please give the organization's own site, so that we see that it is theirs.")),
    ("twice", _("It seems to be here already.")),
    ("names", _("Please leave out names or contacts of persons.")),
)


def titles(kind: EndorsedKind, ids: Sequence[UUID]) -> dict[UUID, Titled]:
    """The organization, then what it endorses, in one query for a whole page."""
    return {
        row.pk: Titled(
            row.organization.name,
            row.language,
            gettext("endorses: %(title)s") % {"title": titled.title},
        )
        for row, titled in kind.titled(kind.rows().filter(pk__in=ids), get_language() or "en")
    }


def show(kind: EndorsedKind, review: Review) -> dict[str, Any] | None:
    """The endorsement as it is to be published, and organizations that may be the same."""
    row = kind.rows().filter(pk=review.object_id).first()
    if row is None:
        return None
    organization, language = row.organization, get_language() or "en"
    others = Organization.objects.exclude(pk=organization.pk)
    return {
        "endorsement": row,
        "organization": organization,
        "title": kind.title_of(row.thing, language),
        # Enough to judge whether it is the organization's own; the whole address nobody needs.
        "masked": row.mailbox.masked if row.mailbox else "",
        "suspects": lookalikes(organization.name, organization.country, others),
        "changes": [],
    }


def home(kind: EndorsedKind, review: Review) -> str:
    """Its contact's own page; for whom somebody else has taken it over from, the organization's."""
    endorsement = kind.rows().get(pk=review.object_id)
    if endorsement.mailbox_id != review.mailbox_id:
        return page(kind, endorsement.pk)
    return reverse("endorsement", args=[endorsement.mail_token])


def page(kind: EndorsedKind, endorsement_id: UUID) -> str:
    """Where everybody finds it."""
    slug = kind.rows().get(pk=endorsement_id).organization.slug
    return reverse("organizations:detail", args=[slug])


for endorsed in endorsing.kinds.values():
    moderation.register(
        ReviewKind(
            name=endorsed.act_kind,
            label=endorsed.label,
            template="campaigns/review_endorsement.html",
            titles=partial(titles, endorsed),
            show=partial(show, endorsed),
            home=partial(home, endorsed),
            page=partial(page, endorsed),
            publish=partial(endorsements.publish, endorsed),
            send_back=partial(endorsements.send_back, endorsed),
            reject=partial(endorsements.reject, endorsed),
            reasons=REASONS,
            earns_trust=False,
            published=Published(
                subject=_("Published: the endorsement by %(title)s"),
                sentence=_("Your organization's endorsement is in the public list now."),
                own=_("Only for you, to withdraw it:"),
                own_link=_("My endorsement"),
            ),
        )
    )
