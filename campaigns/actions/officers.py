"""Who acts for an organization: somebody who reads an address at its own site."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model

from campaigns.actions import organizations
from campaigns.actions.endorsements import answer
from campaigns.endorsing import everywhere
from campaigns.models import EndorsementLink, OfficerClaim, Organization
from hub import actions as ground
from hub import audit, links, mail
from hub.inserts import insert
from hub.models import Mailbox
from hub.personal import forget_if_unused
from hub.sealing import normalize_email

ACT_KIND = "campaigns.officer"
# Where anybody can have an address, or a page: having one there proves nothing.
EVERYBODY_S = frozenset(
    (
        *("gmail.com", "googlemail.com", "google.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("yahoo.com", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com", "proton.me"),
        *("protonmail.com", "pm.me", "tutanota.com", "tuta.io", "gmx.com", "gmx.de", "gmx.net", "web.de"),
        *("mail.com", "mail.ru", "yandex.ru", "yandex.com", "zoho.com", "fastmail.com", "riseup.net"),
        *("autistici.org", "disroot.org", "posteo.de", "posteo.net", "mailbox.org", "qq.com", "163.com"),
        *("facebook.com", "instagram.com", "twitter.com", "x.com", "t.me", "youtube.com", "medium.com"),
        *("wordpress.com", "blogspot.com", "wixsite.com", "github.io", "linktr.ee", "substack.com"),
    )
)


class OfficerRefused(Exception):
    """Nobody acts for it with this address; `reason` is nowhere (the organization has no site of its own) or
    elsewhere (the address isn't at its site)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def own_domain(organization: Organization) -> str:
    """Where an address proves that somebody acts for it: the host of its site without "www."; empty where
    there is none of its own."""
    if organization.mail_domain:
        return organization.mail_domain
    host = (urlsplit(organization.site).hostname or "").removeprefix("www.").rstrip(".")
    # Pages below such a host are everybody's too, but no address can end in their names.
    return "" if host in EVERYBODY_S or "." not in host else host


def refusal(organization: Organization, email: str) -> str:
    """Why this address doesn't do; empty if it does."""
    domain = own_domain(organization)
    if not domain:
        return "nowhere"
    return "" if normalize_email(email).rpartition("@")[2] == domain else "elsewhere"


def claim(
    organization: Organization,
    *,
    form_token: str,
    email: str,
    language: str,
    at: datetime,
) -> OfficerClaim | None:
    """Say that one acts for an organization, with an address at its own site. It counts when the mailbox is
    proven. The same form sent twice gives the first one's claim, or None if that is gone. Raises
    OfficerRefused."""
    reason = refusal(organization, email)
    if reason:
        raise OfficerRefused(reason)
    pk = uuid4()
    claimed = OfficerClaim(
        id=pk,
        organization=organization,
        language=language,
        made_at=at,
        link_hash=links.token_hash(links.token("officer", pk)),
    )
    try:
        with transaction.atomic():
            asked = ground.unanswered(email, at=at)
            claimed.organization = organizations.lock_chosen(organization)
            claimed.mailbox = ground.mailbox_for(email, at=at)
            form = ground.submitted(form_token, result_id=pk, at=at)
            asking: list[Model] = ground.asking_rows(claimed.mailbox, asked, kind=ACT_KIND, act_id=pk, at=at)
            insert([form, claimed, *asking], unless_there=asking)
            return claimed
    except IntegrityError:
        before = ground.result_of(form_token)
        if before is None:
            raise
        return OfficerClaim.objects.filter(pk=before).first()


def confirm(claim_id: UUID, at: datetime) -> Organization | None:
    """The mailbox was just proven: the organization is verified by it, and whoever reads it is the contact of
    everything it endorses. The links of those before open nothing any more, and they are told. None if the
    claim is gone."""
    with transaction.atomic():
        organization = _lock_claimed(claim_id)
        claimed = OfficerClaim.objects.select_related("mailbox").filter(pk=claim_id).first()
        if claimed is None or organization is None:
            return None
        mailbox = Mailbox.objects.select_for_update().get(pk=claimed.mailbox_id)
        ground.forget_result(claimed.pk)
        claimed.delete()
        if refusal(organization, mailbox.address):
            return None  # its site was corrected meanwhile
        if organization.verified_how != Organization.Verified.DOMAIN:
            organizations.verify_by_domain(organization, own_domain(organization), at=at)
        taken = _take_over(organization, mailbox, at)
        audit.record("take_contact_over", organization, at=at, by=None, count=taken)
        return organization


def _lock_claimed(claim_id: UUID) -> Organization | None:
    """Lock the organization of a claim: the one it was merged into meanwhile, if it was."""
    claims = OfficerClaim.objects.filter(pk=claim_id).values_list("organization_id", flat=True)
    while (found := claims.first()) is not None:
        organization = organizations.lock_if_there(found)
        if organization is not None:
            return organization
    return None


def _take_over(organization: Organization, mailbox: Mailbox, at: datetime) -> int:
    taken = 0
    for _kind, endorsements in everywhere():
        theirs = endorsements.standing().filter(organization=organization).exclude(mailbox=mailbox)
        for endorsement in theirs.select_for_update().order_by("pk"):
            if endorsement.mailbox_id is not None:
                mail.drop([endorsement.pk], at)
                mail.put([answer("campaigns.contact_taken", endorsement, at)])
            endorsement.mailbox = mailbox
            # Those of what became part of it would lead to the new ones.
            EndorsementLink.objects.filter(endorsement_id=endorsement.pk).delete()
            endorsement.link_generation += 1
            endorsement.link_hash = links.token_hash(endorsement.token)
            endorsement.mail_link_hash = links.token_hash(endorsement.mail_token)
            endorsement.save(update_fields=["mailbox", "link_generation", "link_hash", "mail_link_hash"])
            mail.put([answer("campaigns.contact_yours", endorsement, at)])
            taken += 1
    return taken


def withdraw_claim(claim_id: UUID) -> None:
    """Take it back before the mailbox is proven, or let it expire."""
    with transaction.atomic():
        claimed = OfficerClaim.objects.select_for_update().filter(pk=claim_id).first()
        if claimed is None:
            return
        mailbox_id = claimed.mailbox_id
        ground.forget_result(claimed.pk)
        claimed.delete()
        forget_if_unused(mailbox_id)
