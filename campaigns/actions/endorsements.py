"""What an organization's contact does with an endorsement: send it, prove the mailbox, correct it,
withdraw it. And what a moderator's decision does to it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model

from campaigns import matching
from campaigns.actions import organizations
from campaigns.actions.organizations import OrganizationDetails
from campaigns.endorsing import EndorsedKind
from campaigns.models import Endorsement, EndorsementLink, Organization
from hub import actions as ground
from hub import audit, links, mail, moderation
from hub.inserts import insert
from hub.models import Mailbox, Message, User
from hub.moderation import ReviewRefused
from hub.permissions import moderators
from hub.personal import forget_if_unused

Status = Endorsement.Status
ANSWERS = ("role", "adopted_by", "adopted_on", "motion")


@dataclass(frozen=True)
class Answers:
    """What a form says of an endorsement. `organization` is one that is on the site, or what was said of one
    that isn't yet."""

    organization: Organization | OrganizationDetails
    role: str
    adopted_by: str = ""
    adopted_on: date | None = None
    motion: str = ""


class EndorseRefused(Exception):
    """It can't be endorsed, or not so; `reason` is unpublished, closed, over, cancelled, twice (the
    organization does already), newer (the text says something else by now), decided (a moderator has said
    no) or withdrawn."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# --- Sending -------------------------------------------------------------------------------------
def endorse(
    kind: EndorsedKind,
    thing: Any,
    answers: Answers,
    *,
    form_token: str,
    email: str,
    language: str,
    remembered: Mailbox | None = None,
    by: User | None = None,
    at: datetime,
) -> Any:
    """Endorse a thing in an organization's name, with an address that has yet to be confirmed or with an
    account, whose address is its own and takes the place of `email`; the same form sent twice gives the first
    one's endorsement, or None if that is gone.

    It goes to the moderators when its mailbox is proven, which a remembered phone and an account have done
    before. Raises EndorseRefused.
    """
    try:
        with transaction.atomic():
            return _endorse(kind, thing, answers, form_token, email, language, remembered, by, at)
    except (IntegrityError, EndorseRefused):
        before = ground.result_of(form_token)
        if before is None:
            raise
        return kind.rows().filter(pk=before).first()


def _endorse(
    kind: EndorsedKind,
    thing: Any,
    answers: Answers,
    form_token: str,
    email: str,
    language: str,
    remembered: Mailbox | None,
    by: User | None,
    at: datetime,
) -> Any:
    if by is not None:
        ground.lock_account(by)
    asked = [] if by else ground.unanswered(email, at=at)
    thing = kind.lock(thing.pk)
    refuse_closed(kind, thing, at)
    organization = _organization(kind, thing, answers, by, at)
    pk = uuid4()
    endorsement: Any = kind.model(
        id=pk,
        organization=organization,
        language=language,
        made_at=at,
        link_hash=links.token_hash(links.token("endorsement", pk)),
        mail_link_hash=links.token_hash(links.token("endorsement-mail", pk)),
        **{name: getattr(answers, name) for name in ANSWERS},
        **{kind.model.OF: thing},
    )
    if kind.version is not None:
        endorsement.version = kind.version(thing)
        endorsement.asked_number = endorsement.version.number
    proven = by is not None or (remembered is not None and remembered.is_of(email))
    if proven:
        organizations.lock(organization.pk)
    mailbox = ground.mailbox_of(by, at=at) if by else ground.mailbox_for(email, at=at)
    endorsement.mailbox = mailbox
    form = ground.submitted(form_token, result_id=pk, at=at)
    entry = audit.entry("endorse", thing, at=at, by=None)
    if proven:
        insert([form, endorsement, entry])
        return _take_up(kind, endorsement, by, at)
    asking: list[Model] = ground.asking_rows(mailbox, asked, kind=kind.act_kind, act_id=pk, at=at)
    insert([form, endorsement, entry, *asking], unless_there=asking)
    return endorsement


def refuse_closed(kind: EndorsedKind, thing: Any, at: datetime) -> None:
    reason = kind.closed(thing, at)
    if reason:
        raise EndorseRefused(reason)


def _organization(
    kind: EndorsedKind, thing: Any, answers: Answers, by: User | None, at: datetime
) -> Organization:
    if isinstance(answers.organization, OrganizationDetails):
        return organizations.create_organization(answers.organization, by=by, at=at)
    chosen = organizations.lock_chosen(answers.organization)  # until it is stored: merging waits for that
    if _of(kind, thing.pk).listed().filter(organization=chosen).exists():
        raise EndorseRefused("twice")
    return chosen


def _of(kind: EndorsedKind, thing_id: UUID) -> Any:
    return kind.model.objects.filter(**{f"{kind.model.OF}_id": thing_id})


# --- Counting ------------------------------------------------------------------------------------
def confirm(kind: EndorsedKind, endorsement_id: UUID, at: datetime) -> Any:
    """Hand in an endorsement whose mailbox was just proven. A second one of the same organization and mailbox
    is merged into the first.

    Returns the endorsement it ended up as: unconfirmed if the thing takes none any more, or if somebody else
    of the organization has endorsed it already; None if it is gone.
    """
    with transaction.atomic():
        endorsement = locked(kind, endorsement_id)
        if endorsement is None:
            token_hash = links.token_hash(links.token("endorsement-mail", endorsement_id))
            merged = EndorsementLink.objects.filter(token_hash=token_hash).first()
            return kind.rows().filter(pk=merged.endorsement_id).first() if merged else None
        if endorsement.mailbox is None or endorsement.confirmed_at or kind.closed(endorsement.thing, at):
            return endorsement
        Mailbox.objects.select_for_update().get(pk=endorsement.mailbox_id)
        return _take_up(kind, endorsement, None, at)


def locked(kind: EndorsedKind, endorsement_id: UUID) -> Any:
    """Lock what of it waits for a moderator, its thing and its organization, then read it: what is read under
    the locks is true until commit."""
    while True:
        ids = kind.model.objects.filter(pk=endorsement_id)
        found = ids.values_list(f"{kind.model.OF}_id", "organization_id").first()
        if found is None:
            return None
        thing_id, organization_id = found
        of_both = _of(kind, thing_id).filter(organization_id=organization_id).order_by("pk")
        for pk in of_both.values_list("pk", flat=True):
            moderation.lock_waiting(kind.act_kind, pk)  # before all else, as deciding does
        kind.lock(thing_id)
        organizations.lock_if_there(organization_id)
        endorsement = kind.rows().filter(pk=endorsement_id).first()
        # One that was merged into another meanwhile is not the one that has to be locked.
        if endorsement is None or endorsement.organization_id == organization_id:
            return endorsement


def _take_up(kind: EndorsedKind, endorsement: Any, by: User | None, at: datetime) -> Any:
    """Let it stand and wait for a moderator; its organization is locked. What the same mailbox sent before
    for the same organization, and never confirmed, gives way."""
    mine = _of(kind, endorsement.thing_id).filter(mailbox_id=endorsement.mailbox_id)
    mine = [
        one
        for one in mine.exclude(pk=endorsement.pk).select_related("organization")
        if _is_same(one.organization, endorsement.organization)
    ]
    older = next((one for one in mine if one.stands), None)
    for one in mine:
        if one.confirmed_at is None and one.made_at <= endorsement.made_at:
            _lead_on(one, older or endorsement)
    if older is not None:
        _lead_on(endorsement, older)
        return kind.rows().get(pk=older.pk)
    others = _of(kind, endorsement.thing_id).standing().filter(organization=endorsement.organization_id)
    if others.exists():
        return endorsement
    endorsement.confirmed_at, endorsement.status = at, Status.SUBMITTED
    endorsement.save(update_fields=["confirmed_at", "status"])
    audit.record("confirm_endorsement", endorsement.thing, at=at, by=None)
    _hand_in(kind, endorsement, by, at)
    return endorsement


def _is_same(one: Organization, other: Organization) -> bool:
    """Also of two that one person has typed, of which neither is on the site yet."""
    if one.pk == other.pk:
        return True
    unknown = one.published_at is None and other.published_at is None
    return unknown and one.country == other.country and matching.same_organization(one.name, other.name)


def _lead_on(endorsement: Any, to: Any) -> None:
    """Delete this one, which doesn't stand; its links lead to another one."""
    EndorsementLink.objects.filter(endorsement_id=endorsement.pk).update(endorsement_id=to.pk)
    for token_hash, proves in ((endorsement.mail_link_hash, True), (endorsement.link_hash, False)):
        EndorsementLink.objects.create(token_hash=bytes(token_hash), proves=proves, endorsement_id=to.pk)
    ground.lead_result(endorsement.pk, to.pk)
    organization_id = endorsement.organization_id
    endorsement.delete()
    if organization_id != to.organization_id:
        organizations.drop_if_unused(organization_id)


def _hand_in(kind: EndorsedKind, endorsement: Any, by: User | None, at: datetime) -> None:
    moderation.submit(
        kind.act_kind,
        endorsement.pk,
        mailbox=endorsement.mailbox,
        by=by,
        language=endorsement.language,
        first_start=None,
        at=at,
    )


# --- By the permanent link -----------------------------------------------------------------------
def change(
    kind: EndorsedKind,
    endorsement_id: UUID,
    answers: dict[str, Any],
    organization: OrganizationDetails | None,
    *,
    by: User | None,
    at: datetime,
) -> Any:
    """Correct one that isn't published, and what was said of an organization that isn't on the site; it waits
    for a moderator again. Raises EndorseRefused; None if it is gone."""
    with transaction.atomic():
        endorsement = locked(kind, endorsement_id)
        if endorsement is None:
            return None
        if endorsement.withdrawn_at is not None:
            raise EndorseRefused("withdrawn")
        if endorsement.status not in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED):
            raise EndorseRefused("decided")
        refuse_closed(kind, endorsement.thing, at)
        for name in ANSWERS:
            setattr(endorsement, name, answers[name])
        if organization is not None and endorsement.organization.published_at is None:
            organizations.edit_organization(endorsement.organization, organization, by=by, at=at)
        if endorsement.confirmed_at is not None:
            endorsement.status = Status.SUBMITTED
        endorsement.save(update_fields=[*ANSWERS, "status"])
        audit.record("change_endorsement", endorsement.thing, at=at, by=by)
        if endorsement.confirmed_at is not None:
            _hand_in(kind, endorsement, by, at)
        return endorsement


def withdraw(kind: EndorsedKind, endorsement_id: UUID, *, by: User | None, at: datetime) -> None:
    """Take an endorsement back, at once and everywhere; the moderators are told of one that was published.
    Its contact is forgotten. One whose mailbox was never proven goes whole."""
    with transaction.atomic():
        endorsement = locked(kind, endorsement_id)
        if endorsement is None:
            return
        moderation.withdraw(kind.act_kind, endorsement.pk, by=by, at=at)
        moderation.forget_submitter(kind.act_kind, endorsement.pk, at=at)
        mailbox_id, endorsement.mailbox = endorsement.mailbox_id, None
        if mailbox_id is not None:
            Mailbox.objects.select_for_update().filter(pk=mailbox_id).first()  # before its messages
        mail.drop([endorsement.pk], at)
        if endorsement.confirmed_at is None:
            _delete(endorsement)
        elif endorsement.withdrawn_at is None:
            told = endorsement.stands and endorsement.status == Status.PUBLISHED
            endorsement.withdrawn_at = at
            endorsement.save(update_fields=["withdrawn_at", "mailbox"])
            audit.record("withdraw_endorsement", endorsement.thing, at=at, by=by)
            if told:
                _tell_moderators(endorsement, at)
        else:
            endorsement.save(update_fields=["mailbox"])
        if mailbox_id is not None:
            forget_if_unused(mailbox_id)


def _delete(endorsement: Any) -> None:
    ground.forget_result(endorsement.pk)
    EndorsementLink.objects.filter(endorsement_id=endorsement.pk).delete()
    organization_id = endorsement.organization_id
    endorsement.delete()
    organizations.drop_if_unused(organization_id)


def _tell_moderators(endorsement: Any, at: datetime) -> None:
    mail.put(
        mail.draft(
            "campaigns.endorsement_withdrawn",
            mailbox_id=ground.mailbox_of(moderator, at=at).pk,
            about_id=endorsement.pk,
            topic_id=endorsement.thing_id,
            occasion=str(moderator.pk),
            at=at,
        )
        for moderator in moderators().order_by("email")
    )


def expire(kind: EndorsedKind, endorsement_id: UUID, *, at: datetime) -> None:
    """Nobody proved the mailbox in time, or what was withdrawn or refused is long ago: the row goes, and the
    organization with it if nothing else names it."""
    with transaction.atomic():
        endorsement = locked(kind, endorsement_id)
        if endorsement is None or endorsement.stands:
            return
        mailbox_id = endorsement.mailbox_id
        _delete(endorsement)
        if mailbox_id is not None:
            forget_if_unused(mailbox_id)


def answer(name: str, endorsement: Any, at: datetime, occasion: str = "") -> Message:
    """A mail to its contact."""
    return mail.draft(
        name,
        mailbox_id=endorsement.mailbox_id,
        about_id=endorsement.pk,
        topic_id=endorsement.thing_id,
        occasion=occasion or at.isoformat(),
        at=at,
    )


# --- What a decision does ------------------------------------------------------------------------
def publish(kind: EndorsedKind, endorsement_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator publishes it, and its organization with it. Raises ReviewRefused if it doesn't stand any
    more, or nobody can endorse the thing."""
    endorsement = locked(kind, endorsement_id)
    if endorsement is None or not endorsement.stands:
        raise ReviewRefused("withdrawn")
    if kind.closed(endorsement.thing, at):
        raise ReviewRefused("over")
    endorsement.status = Status.PUBLISHED
    endorsement.published_at = endorsement.published_at or at
    endorsement.save(update_fields=["status", "published_at"])
    if endorsement.organization.status != Organization.Status.PUBLISHED:
        organizations.publish_organization(endorsement.organization, by=by, at=at)
    audit.record("publish_endorsement", endorsement.organization, at=at, by=by)
    kind.published(endorsement, at)


def send_back(kind: EndorsedKind, endorsement_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator returns it to its contact."""
    _decide(kind, endorsement_id, Status.RETURNED, "return_endorsement", by, at)


def reject(kind: EndorsedKind, endorsement_id: UUID, by: User | None, at: datetime) -> None:
    """A moderator rejects it: it stands no more."""
    _decide(kind, endorsement_id, Status.REJECTED, "reject_endorsement", by, at)


def take_off(kind: EndorsedKind, endorsement_id: UUID, *, by: User | None, at: datetime) -> None:
    """A moderator takes a published one off every page at once."""
    with transaction.atomic():
        _decide(kind, endorsement_id, Status.ARCHIVED, "take_off_endorsement", by, at)


def _decide(
    kind: EndorsedKind, endorsement_id: UUID, status: str, action: str, by: User | None, at: datetime
) -> None:
    endorsement = locked(kind, endorsement_id)
    if endorsement is None:
        raise ReviewRefused("withdrawn")
    endorsement.status = status
    endorsement.ended_at = None if status == Status.RETURNED else at
    endorsement.save(update_fields=["status", "ended_at"])
    audit.record(action, endorsement.organization, at=at, by=by)
