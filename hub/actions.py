"""What people can do on the ground floor: prove that a mailbox is theirs, and be forgotten."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Model

from hub import audit, choices, contact, links, mail
from hub.choices import Reader
from hub.inserts import insert, insert_or_lock
from hub.models import (
    Block,
    Confirmation,
    Mailbox,
    SubmittedForm,
    Suppression,
    User,
    address_digest,
    bucket_digest,
)
from hub.prepared import Parameter, Prepared

_field = Confirmation._meta.get_field
UNANSWERED = Prepared(
    lambda: (
        Confirmation.objects.filter(
            bucket_digest=Parameter("bucket", _field("bucket_digest")),
            answered_at=None,
            made_at__gt=Parameter("since", _field("made_at")),
        )
        .only("mailbox_id", "made_at")
        .order_by("-made_at")[: contact.MAILS_A_DAY]
    )
)


class CodeRefused(Exception):
    """A typed code does not confirm; `reason` is "wrong", "expired" or "tries"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AccountGone(PermissionDenied):
    """The account that acts was erased this very moment."""


def lock_account(user: User) -> None:
    """Hold an account while it acts, before any other lock: whoever erases it holds it while taking back
    what is its owner's, and an act that came later would leave something behind. Raises AccountGone."""
    if not User.objects.select_for_update(no_key=True).filter(pk=user.pk).exists():
        raise AccountGone


def mailbox_for(address: str, *, at: datetime) -> Mailbox:
    """The mailbox of an address, made if the hub has never heard of it.

    Its row is locked until the transaction ends, so that `forget_if_unused` can't delete it while
    something of its owner's is being added. Who locks a timeslot too locks that first.
    """
    return insert_or_lock(Mailbox.of(address, at=at), "address_digest")


def mailbox_of(user: User, *, at: datetime) -> Mailbox:
    """The mailbox of an account's address, which is proven. Locked as `mailbox_for` locks it.

    The address is read again under the lock: one that was changed since the account was read has taken, or
    is about to take, everything of the mailbox along, and what comes later would stay behind.
    """
    mailbox = mailbox_for(user.email, at=at)
    account = User.objects.filter(pk=user.pk).only("email").first()
    if account is not None and account.email != user.email:
        return mailbox_of(account, at=at)
    if mailbox.confirmed_at is None:
        mailbox.confirmed_at = at
        mailbox.save(update_fields=["confirmed_at"])
    return mailbox


def mailboxes_of(users: Sequence[User], *, at: datetime) -> dict[UUID, Mailbox]:
    """The mailboxes of many accounts' addresses, by account: as `mailbox_of`, but a few queries for all.

    Nothing is locked, or two that write to the same people would wait for each other: call it before the
    transaction that uses them. One that is forgotten in between lets that transaction fail, and the next
    tick goes on.
    """
    digests = {user.pk: address_digest(user.email) for user in users}

    def there() -> dict[bytes, Mailbox]:
        found = Mailbox.objects.filter(address_digest__in=list(digests.values()))
        return {bytes(mailbox.address_digest): mailbox for mailbox in found}

    known = there()
    missing = [user for user in users if digests[user.pk] not in known]
    if missing:
        rows = [Mailbox.of(user.email, at=at, confirmed_at=at) for user in missing]
        Mailbox.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        known = there()
    unproven = [mailbox.pk for mailbox in known.values() if mailbox.confirmed_at is None]
    if unproven:
        Mailbox.objects.filter(pk__in=unproven, confirmed_at=None).update(confirmed_at=at)
    return {user.pk: known[digests[user.pk]] for user in users if digests[user.pk] in known}


def account_for(mailbox: Mailbox, *, display_name: str, language: str, at: datetime) -> tuple[User, bool]:
    """The account of a proven mailbox's address, and whether it was made just now: without a password, to
    be entered by mailed code. The caller holds the mailbox's lock, so two acts of its owner make one
    account; one that signs up elsewhere this very moment wins."""
    account = User.objects.filter(email=mailbox.address).first()
    if account is not None:
        return account, False
    try:
        with transaction.atomic():
            made = User.objects.create_user(mailbox.address, display_name=display_name, language=language)
    except IntegrityError:
        return User.objects.get(email=mailbox.address), False
    return made, True


def unanswered(address: str, *, at: datetime) -> list[Confirmation]:
    """The mails that asked this address, or one that shares its limit, and have no answer; newest first."""
    return UNANSWERED.rows(bucket=bucket_digest(address), since=at - contact.BUTTON_LIVES)


def asking_rows(
    mailbox: Mailbox, asked: list[Confirmation], *, kind: str, act_id: UUID, at: datetime
) -> list[Model]:
    """What is to be stored to ask a mailbox's owner "was that you?": nothing, where the act joins a mail
    that is still open. To be inserted unless they are there (`hub.inserts`).

    At most one unanswered mail an hour and three a day for a mailbox, over all features; addresses
    that differ in a `+tag` only share the limit, and the address without one has its own. `asked` is
    what `unanswered` found.
    """
    bucket = bytes(mailbox.bucket_digest)
    if any(one.mailbox_id is None for one in asked):
        # Erased and come back: the open mail is about this mailbox again.
        mine = Confirmation.objects.filter(mailbox=None, address_digest=bytes(mailbox.address_digest))
        mine.update(mailbox=mailbox)
    if len(asked) == contact.MAILS_A_DAY or (asked and asked[0].made_at > at - contact.MAIL_EVERY):
        return []
    pk = uuid4()
    confirmation = Confirmation(
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
    # Another post of this very moment may win the hour: then the confirmation is left out, and its mail
    # finds nothing to ask and is skipped.
    return [confirmation, mail.draft("hub.confirmation", mailbox_id=mailbox.pk, about_id=pk, at=at)]


def ask_to_confirm(mailbox: Mailbox, *, kind: str, act_id: UUID, at: datetime) -> None:
    """Put a confirmation mail into the outbox, within the limits of `asking_rows`."""
    asked = unanswered(mailbox.address, at=at)
    rows = asking_rows(mailbox, asked, kind=kind, act_id=act_id, at=at)
    insert(rows, unless_there=rows)


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
) -> list[tuple[str, str]]:
    """Confirm the chosen acts of this mailbox; what isn't its own or no longer waits is passed over.
    Returns for each act, and each it replaces, the token of its form's link and the path of its permanent
    page."""
    waiting = {(act.kind, act.id): act for act in contact.pending_acts(confirmation.owner, at)}
    acts = [waiting[one] for one in chosen if one in waiting]
    _answered(confirmation, confirms=bool(acts), at=at)
    pages = [(act, contact.act_kinds[act.kind].confirm(act.id, at)) for act in acts]
    return [(token, path) for act, path in pages if path for token in (act.token, *act.replaces.values())]


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
    Suppression.objects.filter(address_digest=bytes(confirmation.owner.address_digest)).delete()


def submitted(form_token: str, *, result_id: UUID, at: datetime) -> SubmittedForm:
    """The row that marks a form as having acted, to be inserted in the act's own transaction. It is
    unique: a second sending of the same form, waiting until the first has committed, fails there."""
    return SubmittedForm(token_hash=links.token_hash(form_token), made_at=at, result_id=result_id)


def result_of(form_token: str) -> UUID | None:
    """What a form that has acted has made; None if it hasn't acted."""
    acted = SubmittedForm.objects.filter(token_hash=links.token_hash(form_token))
    return acted.values_list("result_id", flat=True).first()


def lead_result(result_id: UUID, to: UUID) -> None:
    """Let a form that has acted lead to another row, which what it made has become."""
    SubmittedForm.objects.filter(result_id=result_id).update(result_id=to)


def forget_result(result_id: UUID) -> None:
    """Let a form that has acted lead to nothing any more; sent again, it still doesn't act twice."""
    SubmittedForm.objects.filter(result_id=result_id).update(result_id=uuid4())


def block(mailbox: Mailbox, *, at: datetime) -> None:
    """Never write reminders or news to this address again, even when it itself is forgotten."""
    _block(bytes(mailbox.address_digest), at)


def _block(digest: bytes, at: datetime) -> None:
    Block.objects.bulk_create([Block(address_digest=digest, made_at=at)], ignore_conflicts=True)


# --- What a mailbox gets ---------------------------------------------------------------------------
def choose_mail(reader: Reader, chosen: Mapping[tuple[str, UUID], bool], *, at: datetime) -> None:
    """Change what a reader gets: by kind and row, whether they want it. What isn't theirs, or isn't there
    any more, is passed over; each kind writes its own audit entries."""
    with transaction.atomic():
        for name, kind in choices.kinds.items():
            there = {choice.id: choice.on for choice in kind.choices(reader, at)}
            wanted = {pk: chosen[name, pk] for pk in there if (name, pk) in chosen}
            for on in (True, False):
                if ids := [pk for pk, want in wanted.items() if want is on and there[pk] is not on]:
                    kind.choose(ids, on, at)


def stop_all_mail(reader: Reader, *, at: datetime) -> None:
    """No reminders and no news at all: "never write again", while everything else of theirs stays."""
    with transaction.atomic():
        if not reader.blocked:
            _block(address_digest(reader.address), at)
            audit.record("stop_all_mail", _whose(reader), at=at, by=None)


def allow_mail(reader: Reader, *, at: datetime) -> None:
    """Reminders and news again, as they were chosen."""
    with transaction.atomic():
        lifted, _by_model = Block.objects.filter(address_digest=address_digest(reader.address)).delete()
        if lifted:
            audit.record("allow_mail", _whose(reader), at=at, by=None)


def try_mailbox_again(reader: Reader, *, at: datetime) -> None:
    """Write again to an address that a relay has refused: its owner says that it takes mail. If that refuses
    it once more, it is suppressed once more."""
    with transaction.atomic():
        digest = address_digest(reader.address)
        lifted, _by_model = Suppression.objects.filter(address_digest=digest).delete()
        if lifted:
            audit.record("try_mailbox_again", _whose(reader), at=at, by=None)


def _whose(reader: Reader) -> Model:
    """What the log calls the mailbox: its row, or where it has none yet its account's; random ids both."""
    thing = reader.mailbox or reader.account
    assert thing is not None  # a reader came by one or the other
    return thing


def renew_mail_link(mailbox: Mailbox, *, at: datetime) -> Mailbox:
    """Another link to what this mailbox gets; the old one opens nothing any more."""
    with transaction.atomic():
        mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
        mailbox.link_generation += 1
        mailbox.link_hash = links.token_hash(mailbox.token)
        mailbox.save(update_fields=["link_generation", "link_hash"])
        audit.record("renew_mail_link", mailbox, at=at, by=None)
        return mailbox
