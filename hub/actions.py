"""What people can do on the ground floor: prove that a mailbox is theirs, and be forgotten."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F

from hub import contact, links, mail
from hub.models import Block, Confirmation, Mailbox, SubmittedForm, address_digest, bucket_digest
from hub.sealing import normalize_email


class CodeRefused(Exception):
    """A typed code does not confirm; `reason` is "wrong", "expired" or "tries"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def mailbox_for(address: str, *, at: datetime) -> Mailbox:
    """The mailbox of an address, made if the hub has never heard of it.

    Its row is locked until the transaction ends, so that `forget_if_unused` can't delete it while
    something of its owner's is being added. Who locks a timeslot too locks that first.
    """
    while True:
        with transaction.atomic():
            mailbox, made = Mailbox.objects.get_or_create(
                address_digest=address_digest(address),
                defaults={
                    "address": normalize_email(address),
                    "bucket_digest": bucket_digest(address),
                    "created_at": at,
                },
            )
            if made:  # erased and come back: the open mail is about this mailbox again
                Confirmation.objects.filter(mailbox=None, address_digest=address_digest(address)).update(
                    mailbox=mailbox
                )
            locked = Mailbox.objects.select_for_update(no_key=True).filter(pk=mailbox.pk).first()
        if locked is not None:  # else it was forgotten between the two statements
            return locked


def ask_to_confirm(mailbox: Mailbox, *, kind: str, act_id: UUID, at: datetime) -> None:
    """Put a confirmation mail into the outbox, or let the act join one that is still open.

    At most one unanswered mail an hour and three a day for a mailbox, over all features; addresses
    that differ in a `+tag` only share the limit.
    """
    bucket = bytes(mailbox.bucket_digest)
    unanswered = list(
        Confirmation.objects.filter(
            bucket_digest=bucket, answered_at=None, made_at__gt=at - contact.BUTTON_LIVES
        )
        .order_by("-made_at")
        .values_list("made_at", flat=True)[: contact.MAILS_A_DAY]
    )
    if len(unanswered) == contact.MAILS_A_DAY or (unanswered and unanswered[0] > at - contact.MAIL_EVERY):
        return
    pk = uuid4()
    Confirmation.objects.bulk_create(
        [
            Confirmation(
                id=pk,
                mailbox=mailbox,
                address_digest=bytes(mailbox.address_digest),
                bucket_digest=bucket,
                made_at=at,
                hour=_hour_of(bucket, at),
                act_kind=kind,
                act_id=act_id,
                token_hash=links.token_hash(links.token("confirm", pk)),
            )
        ],
        ignore_conflicts=True,
    )
    if Confirmation.objects.filter(pk=pk).exists():  # else another post of this very moment won
        mail.put([mail.draft("hub.confirmation", mailbox_id=mailbox.pk, about_id=pk, at=at)])


def _hour_of(bucket: bytes, at: datetime) -> int:
    """The number of the hour for the constraint. Each mailbox's hours begin at a moment of its own
    that nobody knows: posts timed at the turn of the hour would each get one through."""
    return (int(at.timestamp()) + int.from_bytes(bucket[:4], "big") % 3600) // 3600


def mail_links(address: str, *, language: str, at: datetime) -> None:
    """Mail the permanent links of an address to it: the same answer and the same one mail for every
    address, within the limits of the contact flow."""
    with transaction.atomic():
        mailbox = mailbox_for(address, at=at)
        ask_to_confirm(mailbox, kind=f"{contact.LINKS}.{language}", act_id=mailbox.pk, at=at)


def confirm_by_button(
    confirmation: Confirmation, chosen: Iterable[tuple[str, UUID]], *, at: datetime
) -> list[str]:
    """Confirm the chosen acts of this mailbox; what isn't its own or no longer waits is passed over.
    Returns the paths of the acts' permanent pages."""
    waiting = {(act.kind, act.id) for act in contact.pending_acts(confirmation.owner, at)}
    acts = [act for act in chosen if act in waiting]
    _answered(confirmation, confirms=bool(acts), at=at)
    paths = [contact.act_kinds[kind].confirm(act_id, at) for kind, act_id in acts]
    return [path for path in paths if path]


def confirm_by_code(mailbox: Mailbox, code: str, *, kind: str, act_id: UUID, at: datetime) -> str | None:
    """Confirm one act, the one this browser did, by the code of the newest mail.

    Returns the path of its permanent page. Raises CodeRefused. The try is counted before the code
    is looked at, so that guesses sent at once can't share one try.
    """
    confirmation = (
        Confirmation.objects.filter(mailbox=mailbox, made_at__gt=at - contact.CODE_LIVES)
        .select_related("mailbox")
        .order_by("-made_at")
        .first()
    )
    if confirmation is None:
        raise CodeRefused("expired")
    counted = Confirmation.objects.filter(pk=confirmation.pk, code_tries__lt=contact.CODE_TRIES).update(
        code_tries=F("code_tries") + 1
    )
    if not counted:
        raise CodeRefused("tries")
    if not links.same(code, links.code("confirm", confirmation.pk)):
        raise CodeRefused("wrong")
    _answered(confirmation, confirms=True, at=at)
    return contact.act_kinds[kind].confirm(act_id, at)


@transaction.atomic
def _answered(confirmation: Confirmation, *, confirms: bool, at: datetime) -> None:
    """The mailbox is read by its owner; a block is lifted by what they confirm, not by "that wasn't me"."""
    Confirmation.objects.filter(pk=confirmation.pk, answered_at=None).update(answered_at=at)
    Mailbox.objects.filter(pk=confirmation.owner.pk).update(confirmed_at=at)
    if confirms:
        Block.objects.filter(address_digest=bytes(confirmation.owner.address_digest)).delete()


def submit_once(form_token: str, *, result_id: UUID, at: datetime) -> UUID | None:
    """Mark a form as having acted, inside the act's transaction.

    Returns None the first time and the first one's `result_id` after that; a sending of the same
    moment waits here until the first has committed.
    """
    token_hash = links.token_hash(form_token)
    try:
        with transaction.atomic():
            SubmittedForm.objects.create(token_hash=token_hash, made_at=at, result_id=result_id)
    except IntegrityError:
        return SubmittedForm.objects.values_list("result_id", flat=True).get(token_hash=token_hash)
    return None


def lead_to(result_id: UUID, other_id: UUID) -> None:
    """Let a form that has acted lead to another row than it has made."""
    SubmittedForm.objects.filter(result_id=result_id).update(result_id=other_id)


def forget_result(result_id: UUID) -> None:
    """Let a form that has acted lead to nothing any more; sent again, it still doesn't act twice."""
    lead_to(result_id, uuid4())


def block(mailbox: Mailbox, *, at: datetime) -> None:
    """Never write reminders or news to this address again, even when it itself is forgotten."""
    Block.objects.bulk_create(
        [Block(address_digest=bytes(mailbox.address_digest), made_at=at)], ignore_conflicts=True
    )
