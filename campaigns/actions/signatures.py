"""What a visitor does with a signature: sign, confirm, change, sign the newer text, withdraw."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Model, OuterRef

from campaigns.actions import appeals
from campaigns.actions.asking import draft_for
from campaigns.models import Appeal, AppealVersion, Signature, SignatureLink
from hub import actions as ground
from hub import audit, links, mail, moderation
from hub.inserts import insert
from hub.models import Confirmation, Mailbox, Message, User, address_digest
from hub.personal import forget_if_unused
from hub.prepared import Parameter, Prepared

ACT_KIND = "campaigns.signature"
REVIEW_KIND = "campaigns.signature"
Shown = Signature.Shown


class SignRefused(Exception):
    """The document takes no signature like this one; `reason` is unpublished, unsignable, closed, or newer
    (its words say something else by now)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def closed_reason(appeal: Appeal) -> str:
    """Why nobody can sign it; empty if they can. Twin of `Appeal.takes_signatures`."""
    if appeal.status != Appeal.Status.PUBLISHED:
        return "unpublished"
    if not appeal.signable:
        return "unsignable"
    return "closed" if appeal.closed_at else ""


# What is decided needs these. `overtaken` is the twin of `newer_than`.
_LATER = AppealVersion.objects.filter(appeal=OuterRef("appeal"), number__gt=OuterRef("number"))
_TO_SIGN = Prepared(
    lambda: (
        AppealVersion.objects.select_related("appeal")
        .only("number", "appeal__status", "appeal__signable", "appeal__closed_at")
        .annotate(overtaken=Exists(_LATER.filter(substantial=True)))
        .filter(pk=Parameter("pk", AppealVersion._meta.pk))
    )
)


def sign(
    version_id: UUID,
    *,
    form_token: str,
    shown: str,
    signed_as: str,
    email: str,
    language: str,
    remembered: Mailbox | None = None,
    member: User | None = None,
    at: datetime,
) -> Signature | None:
    """Sign a version as a visitor, or as a `member` by their account, whose address is theirs and takes
    the place of `email`; the same form sent twice gives the first one's signature, or None if that is gone
    by now (withdrawn, or merged by its mailbox's owner, whose signature is not the form's).

    `signed_as` is what is to be shown, in lines. It counts when its mailbox is confirmed, which a
    remembered phone and a member have done before. Raises SignRefused.
    """
    pk = uuid4()
    signature = Signature(
        id=pk,
        version_id=version_id,
        shown=shown,
        signed_as=signed_as,
        language=language,
        made_at=at,
        link_hash=links.token_hash(links.token("signature", pk)),
        mail_link_hash=links.token_hash(links.token("signature-mail", pk)),
    )
    try:
        with transaction.atomic():
            return _sign(signature, email, remembered, member, form_token, at)
    except (IntegrityError, SignRefused):
        before = ground.result_of(form_token)
        if before is None:
            raise
        return Signature.objects.filter(pk=before).first()


def _sign(
    signature: Signature,
    email: str,
    remembered: Mailbox | None,
    member: User | None,
    form_token: str,
    at: datetime,
) -> Signature:
    if member is not None:
        ground.lock_account(member)
    asked = [] if member else ground.unanswered(email, at=at)
    (version,) = _TO_SIGN.rows(pk=signature.version_id)
    appeal, overtaken = version.appeal, version.overtaken
    proven_before = member is not None or (remembered is not None and remembered.is_of(email))
    if proven_before:  # who has yet to confirm is looked at again then, and needs no lock now
        appeal = appeals.lock(version.appeal_id)
        overtaken = newer_than(version) is not None
    _refuse(appeal, overtaken)
    if proven_before:
        _lock_reviews(appeal.pk, address_digest(member.email if member else email))
    if member is not None:
        mailbox = ground.mailbox_of(member, at=at)
    else:
        mailbox = ground.mailbox_for(email, at=at)
    signature.appeal, signature.version, signature.mailbox = appeal, version, mailbox
    form = ground.submitted(form_token, result_id=signature.pk, at=at)
    entry = audit.entry("sign", appeal, at=at, by=None)
    if proven_before:
        insert([form, signature, entry])
        return _count(signature, at)
    asking: list[Model] = ground.asking_rows(mailbox, asked, kind=ACT_KIND, act_id=signature.pk, at=at)
    insert([form, signature, entry, *asking], unless_there=asking)
    return signature


def _refuse(appeal: Appeal, overtaken: bool) -> None:
    reason = closed_reason(appeal) or ("newer" if overtaken else "")
    if reason:
        raise SignRefused(reason)


def newer_than(version: AppealVersion) -> AppealVersion | None:
    """The newest version, if since this one the document came to say something else."""
    later = AppealVersion.objects.filter(appeal=version.appeal_id, number__gt=version.number)
    newest = later.order_by("-number").first()
    return newest if newest is not None and later.filter(substantial=True).exists() else None


# --- Counting ------------------------------------------------------------------------------------
def _locked(signature_id: UUID) -> Signature | None:
    """Lock its document and what a moderator has to look at, then read the signature: what is read under
    the locks is true until commit."""
    appeal_id = Signature.objects.filter(pk=signature_id).values_list("appeal_id", flat=True).first()
    if appeal_id is None:
        return None
    appeals.lock(appeal_id)
    moderation.lock_waiting(REVIEW_KIND, signature_id)  # before the signature, as deciding does
    return Signature.objects.select_related("appeal", "version", "mailbox").filter(pk=signature_id).first()


def _lock_reviews(appeal_id: UUID, digest: bytes) -> None:
    """What a moderator has to look at of somebody's signatures under a document: before their mailbox, as
    deciding does, which writes to it."""
    mine = Signature.objects.filter(appeal=appeal_id, mailbox__address_digest=digest).order_by("pk")
    for pk in list(mine.values_list("pk", flat=True)):
        moderation.lock_waiting(REVIEW_KIND, pk)


def confirm(signature_id: UUID, at: datetime) -> Signature | None:
    """Make a signature count whose mailbox was just proven. A second one under the same document is
    merged into the first, which from then on says what the second said.

    Returns the signature it ended up as, unconfirmed if the document takes none any more; None if it is
    gone.
    """
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None:
            token_hash = links.token_hash(links.token("signature-mail", signature_id))
            merged = SignatureLink.objects.select_related("signature").filter(token_hash=token_hash).first()
            return merged.signature if merged else None
        if signature.mailbox is None or signature.confirmed_at or closed_reason(signature.appeal):
            return signature
        _lock_reviews(signature.appeal_id, bytes(signature.mailbox.address_digest))
        Mailbox.objects.select_for_update().get(pk=signature.mailbox.pk)
        counted = _count(signature, at)
        _write_if_nobody_has(counted, at)
        return counted


def _count(signature: Signature, at: datetime) -> Signature:
    """Let it count; the caller holds the document's lock. What the same mailbox said before, and never
    confirmed, gives way: the last answer is the one that is meant."""
    mine = Signature.objects.filter(appeal=signature.appeal_id, mailbox=signature.mailbox_id)
    mine = mine.exclude(pk=signature.pk).select_related("version")
    older = mine.filter(confirmed_at__isnull=False).first()
    _lead_on(list(mine.filter(confirmed_at=None, made_at__lte=signature.made_at)), older or signature)
    if older is None:
        signature.confirmed_at = at
        signature.save(update_fields=["confirmed_at"])
        _move(None, signature.version_id)
        audit.record("confirm_signature", signature.appeal, at=at, by=None)
        _hand_in(signature, at)
        _ask_late(signature, at)
        return signature
    if older.taken_off_at:
        signature.shown, signature.signed_as = older.shown, older.signed_as
    said_otherwise = (older.shown, older.signed_as) != (signature.shown, signature.signed_as)
    if signature.version.number > older.version.number:
        _move(older.version_id, signature.version_id)
        older.version = signature.version
    older.language, older.shown, older.signed_as = signature.language, signature.shown, signature.signed_as
    older.looked_at = None if said_otherwise else older.looked_at
    older.save(update_fields=["version", "language", "shown", "signed_as", "looked_at"])
    _lead_on([signature], older)
    audit.record("merge_signature", older.appeal, at=at, by=None)
    if said_otherwise:
        _hand_in(older, at)
    return older


def _ask_late(signature: Signature, at: datetime) -> None:
    """Who confirms after the others were asked about a newer text is asked now. Not by the tick: it knows
    for two days only whom it has asked."""
    later = AppealVersion.objects.filter(appeal=signature.appeal_id, number__gt=signature.version.number)
    newest = later.filter(substantial=True).order_by("-number").first()
    if newest is not None and newest.asked_at is not None:
        mail.put([draft_for(signature, newest, at)])


def _move(before: UUID | None, after: UUID | None) -> None:
    """Count one signature under another version; None is under no version."""
    if before is not None:
        AppealVersion.objects.filter(pk=before).update(signed=F("signed") - 1)
    if after is not None:
        AppealVersion.objects.filter(pk=after).update(signed=F("signed") + 1)


def _lead_on(signatures: list[Signature], to: Signature) -> None:
    """Delete these, which are not counted; their links lead to another one."""
    for one in signatures:
        SignatureLink.objects.filter(signature=one).update(signature=to)
        SignatureLink.objects.create(token_hash=bytes(one.mail_link_hash), signature=to, proves=True)
        # So that the page of whoever sent the form looks the same with and without an older one.
        SignatureLink.objects.create(token_hash=bytes(one.link_hash), signature=to, proves=False)
        one.delete()


def _hand_in(signature: Signature, at: datetime) -> None:
    """A line "for identification only" is looked at before it is shown; whatever else waited for that is
    withdrawn."""
    if signature.shown != Shown.IDENTIFICATION:
        moderation.withdraw(REVIEW_KIND, signature.pk, by=None, at=at)
        return
    moderation.submit(
        REVIEW_KIND,
        signature.pk,
        mailbox=signature.mailbox,
        by=None,
        language=signature.language,
        first_start=None,
        at=at,
    )


def _write_if_nobody_has(signature: Signature, at: datetime) -> None:
    """An act that joined an open mail is confirmed without ever having had a mail with its own link: it
    gets one now."""
    if not Confirmation.objects.filter(act_kind=ACT_KIND, act_id=signature.pk).exists():
        mail.put([_answer("campaigns.signed", signature, at)])


def _answer(kind: str, signature: Signature, at: datetime, occasion: str = "") -> Message:
    return mail.draft(
        kind,
        mailbox_id=signature.mailbox_id,  # type: ignore[arg-type]  # callers have looked
        about_id=signature.pk,
        topic_id=signature.appeal_id,
        occasion=occasion or at.isoformat(),
        at=at,
    )


# --- By the permanent link -----------------------------------------------------------------------
def change(signature_id: UUID, *, shown: str, signed_as: str, at: datetime) -> Signature | None:
    """Show more or less of oneself, at once, unless a moderator has taken off what was shown; None if it is
    gone."""
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None:
            return None
        if signature.taken_off_at or (signature.shown, signature.signed_as) == (shown, signed_as):
            return signature
        signature.shown, signature.signed_as, signature.looked_at = shown, signed_as, None
        signature.save(update_fields=["shown", "signed_as", "looked_at"])
        audit.record("change_signature", signature.appeal, at=at, by=None)
        if signature.confirmed_at:
            _hand_in(signature, at)
        return signature


def sign_newer(signature_id: UUID, *, seen: int, at: datetime) -> Signature | None:
    """Sign the newer text, version number `seen`, too: the signature stands under it from now on. Raises
    SignRefused; None if it is gone."""
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None or signature.confirmed_at is None:
            return None
        version = AppealVersion.objects.filter(appeal=signature.appeal_id, number=seen).first()
        if version is None:
            raise SignRefused("newer")
        _refuse(signature.appeal, newer_than(version) is not None)
        if version.number > signature.version.number:
            _move(signature.version_id, version.pk)
            signature.version = version
            signature.save(update_fields=["version"])
            audit.record("sign_newer", signature.appeal, at=at, by=None)
        return signature


def withdraw(signature_id: UUID, *, never_write: bool = False, at: datetime) -> None:
    """Take a signature back: the row goes, and with it every trace but a lower count. With `never_write` a
    keyed digest of the address stays that stops reminders and news."""
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None:
            return
        moderation.withdraw(REVIEW_KIND, signature.pk, by=None, at=at)
        moderation.forget_submitter(REVIEW_KIND, signature.pk, at=at)
        mailbox, appeal = signature.mailbox, signature.appeal
        if mailbox is not None:
            # Before its messages, as the worker does it: else each could wait for the other.
            Mailbox.objects.select_for_update().filter(pk=mailbox.pk).first()
        if signature.confirmed_at:
            _move(signature.version_id, None)
        mail.drop([signature.pk], at)
        if never_write and mailbox is not None and signature.confirmed_at:
            ground.block(mailbox, at=at)
        ground.forget_result(signature.pk)
        signature.delete()
        audit.record("withdraw_signature", appeal, at=at, by=None)
        if mailbox is not None:
            forget_if_unused(mailbox.pk)


def expire(signature_id: UUID, *, at: datetime) -> None:
    """Nobody confirmed the mailbox in time: the signature goes, and the address with it."""
    with transaction.atomic():
        signature = _locked(signature_id)  # keeps a confirmation of this moment out
        if signature is None or signature.confirmed_at:
            return
        mailbox = signature.mailbox
        mail.drop([signature.pk], at)
        ground.forget_result(signature.pk)
        signature.delete()
        if mailbox is not None:
            forget_if_unused(mailbox.pk)


# --- What a moderator decides ----------------------------------------------------------------------
def let_identification_show(signature_id: UUID, *, by: User | None, at: datetime) -> None:
    """Show role and organization "for identification only". The caller holds the review's lock, and
    whoever changes the line takes that before the signature."""
    signature = Signature.objects.select_related("appeal").get(pk=signature_id)
    signature.looked_at = at
    signature.save(update_fields=["looked_at"])
    audit.record("show_identification", signature.appeal, at=at, by=by)


def drop_identification(signature_id: UUID, *, by: User | None, at: datetime) -> None:
    """Keep the signature and its name, and delete role and organization."""
    signature = Signature.objects.select_related("appeal").get(pk=signature_id)
    signature.shown, signature.signed_as = Shown.NAME, signature.signed_as.split("\n")[0]
    signature.save(update_fields=["shown", "signed_as"])
    audit.record("drop_identification", signature.appeal, at=at, by=by)


def take_off_line(signature_id: UUID, *, by: User, at: datetime) -> None:
    """Take off what is shown of a signer, who is only counted from then on, and told. It isn't kept."""
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None or signature.confirmed_at is None or signature.shown == Shown.COUNTED:
            return
        moderation.withdraw(REVIEW_KIND, signature.pk, by=by, at=at)
        signature.shown, signature.signed_as, signature.taken_off_at = Shown.COUNTED, "", at
        signature.save(update_fields=["shown", "signed_as", "taken_off_at"])
        audit.record("take_off_line", signature.appeal, at=at, by=by)
        if signature.mailbox is not None:
            mail.put([_answer("campaigns.line_off", signature, at)])
