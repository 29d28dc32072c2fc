"""What is done with an organization: made on its first endorsement, corrected, verified, merged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from campaigns import matching
from campaigns.endorsing import everywhere
from campaigns.models import FormerOrganization, OfficerClaim, Organization, OrganizationKey
from hub import audit, moderation
from hub.images import add_image, remove_image, remove_images_of
from hub.models import Image, User
from hub.personal import forget_if_unused
from hub.pictures import Picture
from hub.slugs import new_slug

Verified = Organization.Verified
PUBLIC_FIELDS = ("name", "level", "country", "city", "region", "site")


@dataclass(frozen=True)
class OrganizationDetails:
    """Everything a form says of an organization."""

    name: str
    level: str
    country: str
    city: str = ""
    region: str = ""
    site: str = ""


class OrganizationRefused(Exception):
    """This can't be done with the organization; `reason` is itself (merged into itself), site (there is none
    to be verified by), note (a call without one) or unpublished (what it is to be merged into is not on the
    site)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def lock(organization_id: UUID) -> Organization:
    """Lock an organization. Whatever lets an endorsement of it stand holds this lock, so that there is one
    for each thing; it is taken after a review's and before any mailbox's."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def lock_if_there(organization_id: UUID) -> Organization | None:
    """The same; None if it was merged into another one since its id was read."""
    return Organization.objects.select_for_update(no_key=True).filter(pk=organization_id).first()


def lock_chosen(organization: Organization) -> Organization:
    """Lock one that somebody has chosen from what is on the site; the one it was merged into, if it was."""
    pk = organization.pk
    while (locked := lock_if_there(pk)) is None:
        pk = FormerOrganization.objects.get(slug=organization.slug).organization_id
    return locked


def lookalikes(name: str, country: str, among: Any) -> list[Organization]:
    """Those of these organizations whose name, or a name they had before, may be another spelling of this
    one, in the same country."""
    keys = matching.keys(name)
    if not keys:
        return []
    near = among.filter(country=country).sharing_keys(keys).order_by("name", "pk")
    near = near.prefetch_related("former")
    return [
        one
        for one in near
        if any(matching.same_organization(name, known) for known in (one.name, *former_names(one)))
    ]


def former_names(organization: Organization) -> list[str]:
    """What it was listed as before others were merged into it."""
    return [former.name for former in organization.former.all()]


# --- Writing -------------------------------------------------------------------------------------
def create_organization(details: OrganizationDetails, *, by: User | None, at: datetime) -> Organization:
    """A new one, off the site until an endorsement of it is published."""
    with transaction.atomic():
        organization = Organization(slug=new_slug(details.name, "organization"), **vars(details))
        organization.save(force_insert=True)
        _write_keys(organization)
        audit.record("create_organization", organization, at=at, by=by)
        return organization


def edit_organization(
    organization: Organization, details: OrganizationDetails, *, by: User | None, at: datetime
) -> Organization:
    """Correct what is said of it. With another site it is verified no more: that is what was verified."""
    with transaction.atomic():
        organization = lock(organization.pk)
        before = {name: getattr(organization, name) for name in PUBLIC_FIELDS}
        for name, value in vars(details).items():
            setattr(organization, name, value)
        if before["site"] != organization.site and organization.verified_how in (
            Verified.DOMAIN,
            Verified.LINK,
        ):
            _set_verified(organization, None, "")
        organization.save()
        _write_keys(organization)
        changes = {
            name: [before[name], getattr(organization, name)]
            for name in PUBLIC_FIELDS
            if before[name] != getattr(organization, name)
        }
        audit.record("edit_organization", organization, at=at, by=by, changes=changes)
        return organization


def _write_keys(organization: Organization) -> None:
    names = [organization.name, *former_names(organization)]
    wanted = {key for name in names for key in matching.keys(name)}
    organization.keys.exclude(key__in=wanted).delete()
    OrganizationKey.objects.bulk_create(
        [OrganizationKey(organization=organization, key=key) for key in sorted(wanted)], ignore_conflicts=True
    )


def publish_organization(organization: Organization, *, by: User | None, at: datetime) -> Organization:
    """Let everybody see it."""
    return _set_status(organization, Organization.Status.PUBLISHED, "publish_organization", by, at)


def unpublish_organization(organization: Organization, *, by: User | None, at: datetime) -> Organization:
    """Take it off every page at once, and with it everything it endorses."""
    return _set_status(organization, Organization.Status.DRAFT, "unpublish_organization", by, at)


def _set_status(
    organization: Organization, status: str, action: str, by: User | None, at: datetime
) -> Organization:
    with transaction.atomic():
        organization = lock(organization.pk)
        organization.status = status
        if status == Organization.Status.PUBLISHED:
            organization.published_at = organization.published_at or at
        organization.save(update_fields=["status", "published_at", "changed_at"])
        audit.record(action, organization, at=at, by=by)
        return organization


def drop_if_unused(organization_id: UUID) -> None:
    """Delete one that endorses nothing any more: otherwise it would stand in the list again once what it
    took back is forgotten."""
    organization = lock_if_there(organization_id)
    if organization is None:
        return
    if not any(
        endorsements.filter(organization=organization).exists() for _kind, endorsements in everywhere()
    ):
        remove_images_of(organization)
        organization.delete()


def set_logo(organization: Organization, picture: Picture, *, by: User | None, at: datetime) -> Image:
    """Give it a logo, in place of the one it has."""
    with transaction.atomic():
        organization = lock(organization.pk)
        remove_images_of(organization)
        return add_image(organization, picture, alt=organization.name, language="en", by=by, at=at)


def remove_logo(organization: Organization, *, by: User | None, at: datetime) -> None:
    """Take its logo away."""
    with transaction.atomic():
        organization = lock(organization.pk)
        for image in Image.objects.filter(owner_id=organization.pk):
            remove_image(image, by=by, at=at)


# --- Verifying -----------------------------------------------------------------------------------
def verify_by_link(organization: Organization, *, by: User | None, at: datetime) -> Organization:
    """A moderator has seen a link to the hub on its own site. Raises OrganizationRefused."""
    if not organization.site:
        raise OrganizationRefused("site")
    return _verify(organization, Verified.LINK, "", by, at)


def verify_by_call(organization: Organization, *, note: str, by: User | None, at: datetime) -> Organization:
    """A moderator has asked it by telephone; the note says when and whom, by office and never by name. Raises
    OrganizationRefused."""
    if not note.strip():
        raise OrganizationRefused("note")
    return _verify(organization, Verified.CALL, note.strip(), by, at)


def _verify(
    organization: Organization, how: Verified, note: str, by: User | None, at: datetime
) -> Organization:
    with transaction.atomic():
        organization = lock(organization.pk)
        _set_verified(organization, at, how)
        organization.save(update_fields=["verified_at", "verified_how", "mail_domain", "changed_at"])
        audit.record("verify_organization", organization, at=at, by=by, reason=note)
        return organization


def verify_by_domain(organization: Organization, domain: str, *, at: datetime) -> None:
    """Somebody has proven to read an address there. Whoever calls this has locked it."""
    _set_verified(organization, at, Verified.DOMAIN, domain)
    organization.save(update_fields=["verified_at", "verified_how", "mail_domain", "changed_at"])
    audit.record("verify_organization", organization, at=at, by=None)


def unverify(organization: Organization, *, by: User | None, at: datetime) -> Organization:
    """What was verified doesn't hold any more."""
    with transaction.atomic():
        organization = lock(organization.pk)
        _set_verified(organization, None, "")
        organization.save(update_fields=["verified_at", "verified_how", "mail_domain", "changed_at"])
        audit.record("unverify_organization", organization, at=at, by=by)
        return organization


def _set_verified(organization: Organization, at: datetime | None, how: str, domain: str = "") -> None:
    organization.verified_at, organization.verified_how, organization.mail_domain = at, how, domain


# --- Merging -------------------------------------------------------------------------------------
def merge(doubled: Organization, into: Organization, *, by: User | None, at: datetime) -> Organization:
    """Two entries are one organization: what the first endorses the second does from now on, in the version
    it was given to, and the first one's address leads to it. Where both endorse a thing, the one confirmed
    earlier stands. Raises OrganizationRefused."""
    if doubled.pk == into.pk:
        raise OrganizationRefused("itself")
    with transaction.atomic():
        for kind, endorsements in everywhere():  # reviews first, as deciding does; either may give way
            both = endorsements.standing().filter(organization__in=(doubled, into)).order_by("pk")
            for pk in list(both.values_list("pk", flat=True)):
                moderation.lock_waiting(kind.act_kind, pk)
        locked = {pk: lock(pk) for pk in sorted((doubled.pk, into.pk))}
        doubled, into = locked[doubled.pk], locked[into.pk]
        if doubled.published_at is not None and into.status != Organization.Status.PUBLISHED:
            raise OrganizationRefused("unpublished")
        moved = sum(_move(kind, endorsements, doubled, into, at) for kind, endorsements in everywhere())
        OfficerClaim.objects.filter(organization=doubled).update(organization=into)
        FormerOrganization.objects.filter(organization=doubled).update(organization=into)
        FormerOrganization.objects.create(organization=into, name=doubled.name, slug=doubled.slug)
        remove_images_of(doubled)
        doubled.delete()
        _write_keys(into)
        changes = {"merged": [doubled.name, into.name]}
        audit.record("merge_organization", into, at=at, by=by, count=moved, changes=changes)
        return into


def _move(kind: Any, endorsements: Any, doubled: Organization, into: Organization, at: datetime) -> int:
    moved = 0
    for endorsement in endorsements.filter(organization=doubled).order_by("confirmed_at", "pk"):
        twin = endorsements.standing().filter(
            organization=into, **{f"{kind.model.OF}_id": endorsement.thing_id}
        )
        other = twin.first() if endorsement.stands else None
        if other is not None:
            later = endorsement if other.confirmed_at <= endorsement.confirmed_at else other
            _give_way(kind, later, at)
            endorsement.refresh_from_db()
        endorsement.organization = into
        endorsement.save(update_fields=["organization"])
        moved += 1
    return moved


def _give_way(kind: Any, endorsement: Any, at: datetime) -> None:
    moderation.withdraw(kind.act_kind, endorsement.pk, by=None, at=at)
    mailbox_id, endorsement.mailbox, endorsement.withdrawn_at = endorsement.mailbox_id, None, at
    endorsement.save(update_fields=["mailbox", "withdrawn_at"])
    if mailbox_id is not None:
        forget_if_unused(mailbox_id)
