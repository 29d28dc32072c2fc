"""What people do with accounts: open one, be mailed a code, change it, be given a role, erase it.

Codes and notices of an account leave through the outbox like all mail. For one address at most five
codes leave in a quarter of an hour, and within that time every code is the same, whatever it is for: a
stranger who asks for five in somebody's name keeps nobody out. Wrong codes are counted by address too,
or whoever begins anew again and again could guess that one code. What is mailed instead of a code has a
limit of its own, for the same reason.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from allauth.core.internal import ratelimit
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import IntegrityError, transaction

from hub import audit, links, mail, personal, roles, sessions
from hub.actions import mailbox_for
from hub.models import AuditEntry, Mailbox, Message, User, address_digest, bucket_digest
from hub.permissions import MODERATORS, administrators, is_moderator
from hub.sealing import normalize_email

CODE_LIVES = timedelta(minutes=15)
WRONG_TRIES = 15  # for one address within CODE_LIVES
PURPOSES = ("login", "signup", "reset", "address")
MAIL_LIMITS = {"account_code": "5/15m/key", "account_answer": "5/15m/key"}
ROLES = ("moderator", "administrator", "none")
NOBODY = UUID(int=0)  # in the audit log, in place of an account that is erased


def mailed_code(address: str) -> str:
    """The six digits that prove this address; the same for a quarter of an hour, unless they are spent.
    Stored is only a random id they are derived from."""
    made = cache.get_or_set(_place(address), lambda: str(uuid4()), CODE_LIVES.total_seconds())
    return links.code("account", UUID(str(made)))


def spend_code(address: str) -> None:
    """After a code was used: the next mail carries another one."""
    cache.delete(_place(address))


def _place(address: str) -> str:
    return f"code:{normalize_email(address)}"


def begin_try(address: str) -> str | None:
    """Before a typed code is compared: take one of the address's tries, over all browsers and purposes,
    whether or not there is an account. `undo_try` gives it back when the code was right. None once too
    many were wrong: then for as long as a code lives every code is refused, and the next is another.

    Each try is a row of its own, so that two at the same moment don't count as one.
    """
    lives, typed = CODE_LIVES.total_seconds(), normalize_email(address)
    if cache.get(f"no-tries:{typed}"):
        return None
    for number in range(WRONG_TRIES):
        if cache.add(f"try:{typed}:{number}", "1", lives):
            return f"try:{typed}:{number}"
    cache.add(f"no-tries:{typed}", "1", lives)
    spend_code(address)
    return None


def undo_try(key: str) -> None:
    """The code was right."""
    cache.delete(key)


def mail_code(purpose: str, address: str, code: str, *, language: str, at: datetime) -> None:
    """Mail a code for one of PURPOSES, within the limit."""
    if _allowed("account_code", address):
        _put(address, "hub.code", purpose, language=language, at=at, secret=code)


def mail_instead(kind: str, address: str, *, language: str, at: datetime) -> None:
    """Mail the answer to somebody who gets no code: "hub.account_exists" or "hub.account_unknown". It
    costs what a code costs, so that nobody learns from the time which addresses have an account."""
    mailed_code(address)
    if _allowed("account_answer", address):
        _put(address, kind, "", language=language, at=at)


def mail_notice(what: str, address: str, *, language: str, at: datetime) -> None:
    """Tell an account's owner that something about logging in has changed; outside the limit."""
    _put(address, "hub.account_changed", what, language=language, at=at)


def _allowed(limit: str, address: str) -> bool:
    """Whether one more of these may leave; counted by address, not by who asks."""
    usage = ratelimit.consume(
        None,
        app="hub",
        action=limit,
        config=MAIL_LIMITS,
        key=bucket_digest(address).hex(),
        limit_get=True,
    )
    return usage is not None


@transaction.atomic
def _put(
    address: str, kind: str, what: str, *, language: str, at: datetime, secret: str | None = None
) -> None:
    mailbox = mailbox_for(address, at=at)
    occasion = f"{what}.{language}.{secrets.token_hex(8)}"
    message = mail.draft(kind, mailbox_id=mailbox.pk, about_id=mailbox.pk, at=at, occasion=occasion)
    if secret:
        message.sealed_secret = secret
    mail.put([message])


def open_account(
    address: str, *, display_name: str, language: str, at: datetime, password: str = ""
) -> User | None:
    """Make an account for a proven address; None if there is one. `password` is what `make_password`
    gave; without one the account is entered by mailed codes."""
    user = User(
        email=normalize_email(address),
        display_name=display_name,
        language=language,
        password=password or make_password(None),
    )
    try:
        with transaction.atomic():
            if User.objects.filter(email=user.email).exists():
                return None
            User.objects.keep(user)
            audit.record("open_account", user, at=at, by=user)
    except IntegrityError:  # the same moment, in another browser
        return None
    return user


@transaction.atomic
def change_settings(
    user: User, *, display_name: str, language: str, time_zone: str, by: User, at: datetime
) -> None:
    """Change how somebody is called and in which language and zone they are written to."""
    user.display_name, user.language, user.time_zone = display_name, language, time_zone
    user.save(update_fields=["display_name", "language", "time_zone"])
    audit.record("change_settings", user, at=at, by=by)


@transaction.atomic
def follow_address(before: str, after: str, *, at: datetime) -> None:
    """The account's address has changed: what its mailbox holds belongs to the new one from now on."""
    personal.prepare_move(before, after, at)
    old = Mailbox.objects.select_for_update().filter(address_digest=address_digest(before)).first()
    if old is None:
        Mailbox.objects.filter(address_digest=address_digest(after)).update(confirmed_at=at)
        return
    new = Mailbox.objects.select_for_update().filter(address_digest=address_digest(after)).first()
    if new is None:
        old.address = normalize_email(after)
        old.address_digest, old.bucket_digest = address_digest(after), bucket_digest(after)
        old.confirmed_at = at
        # Whoever reads the old mailbox has the link to all that this one gets.
        old.link_generation += 1
        old.link_hash = links.token_hash(old.token)
        old.save()
        return
    Mailbox.objects.filter(pk=new.pk).update(confirmed_at=at)
    personal.move_to_mailbox(old, new)
    waiting = Message.objects.filter(mailbox=old, state__in=(Message.State.WAITING, Message.State.CLAIMED))
    waiting.update(mailbox=new)  # else what waits for the morning would be dropped with the old one
    personal.forget_if_unused(old.pk)


# --- Roles -----------------------------------------------------------------------------------------
def seed_roles() -> Group:
    """Make the group of moderators, or bring it up to date: they may see, add and change whatever stands
    in the admin, and delete nothing there."""
    group, _made = Group.objects.get_or_create(name=MODERATORS)
    kinds = ContentType.objects.get_for_models(*admin.site._registry).values()
    group.permissions.set(
        Permission.objects.filter(content_type__in=kinds).exclude(codename__startswith="delete_")
    )
    return group


def role_of(user: User) -> str:
    """One of ROLES."""
    if user.is_superuser:
        return "administrator"
    return "moderator" if is_moderator(user) else "none"


class RoleRefused(Exception):
    """It would leave the hub without an administrator, and only administrators give roles."""


@transaction.atomic
def give_role(user: User, role: str, *, reason: str, by: User | None, at: datetime) -> None:
    """Give or take a role on the hub; it holds from the account's next request. "none" takes what floors
    above have given too. `by` is None for whoever sits at the server. Raises RoleRefused for the last
    administrator's."""
    if role != "administrator" and _is_last_administrator(user):
        raise RoleRefused
    before, group = role_of(user), seed_roles()
    user.is_superuser = user.is_staff = role == "administrator"
    user.save(update_fields=["is_superuser", "is_staff"])
    if role == "moderator":
        user.groups.add(group)
    else:
        user.groups.remove(group)
    if role == "none":
        roles.take_all(user, reason=reason, by=by, at=at)
    vars(user).pop("in_moderators", None)  # what `hub.permissions` has asked of this very object before
    audit.record(
        "give_role", user, at=at, by=by, subject=user, reason=reason, changes={"role": [before, role]}
    )


def _is_last_administrator(user: User) -> bool:
    """Whether there is no other one. They are locked: of two who take each other's role, or erase
    themselves, at one moment the second sees what the first has done."""
    locked = administrators().select_for_update(no_key=True).order_by("pk")
    return [user.pk] == [one.pk for one in locked]


# --- Export and erasing ------------------------------------------------------------------------------
def erase_account(user: User, *, at: datetime) -> None:
    """Forget an account and everything of its owner's, in every app; what stays are totals, and the keyed
    marks that refuse re-entry to a committee somebody was removed from. Raises RoleRefused for the last
    administrator's."""
    pk, address = user.pk, user.email
    with transaction.atomic():
        if user.is_superuser and _is_last_administrator(user):
            raise RoleRefused
        # Who only points to it doesn't wait: a moderator decides, whose entry in the log names the account,
        # with the lock of a review that is forgotten here.
        User.objects.select_for_update(no_key=True).get(pk=pk)
        personal.erase_all(user, at)
        AuditEntry.objects.filter(object_id=pk).update(object_id=NOBODY)
        AuditEntry.objects.filter(subject=pk).update(reason="")  # it may speak of them
        AuditEntry.objects.create(
            at=at, action="erase_account", object_kind=User._meta.label, object_id=NOBODY
        )
        User.objects.get(pk=pk).delete()
    spend_code(address)
    sessions.forget([str(pk), pk.hex, address])
