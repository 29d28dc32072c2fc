"""How somebody comes to belong to a committee: asking, as a newcomer or with an account, and the answer."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from committees.actions.committees import lock
from committees.actions.telling import tell, tell_coordinators
from committees.models import Application, Committee, Membership, Refusal, refusal_mark
from hub import actions as ground
from hub import audit, links
from hub.inserts import insert
from hub.models import Mailbox, User
from hub.personal import forget_if_unused

ACT_KIND = "committees.application"
REQUEST_LIVES = timedelta(days=30)
REFUSED_FOR = timedelta(days=365)


class JoinRefused(Exception):
    """Nobody joins like this; `reason` is closed (whatever the cause), member or pending."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RequestGone(Exception):
    """The request was answered or taken back meanwhile."""


def is_refused(committee: Committee, address: str, at: datetime) -> bool:
    """Whether the owner of this address was removed less than a year ago. To them the committee takes
    no members, in the words everybody gets when it doesn't."""
    marks = Refusal.objects.filter(mark=refusal_mark(committee, address), made_at__gt=at - REFUSED_FOR)
    return marks.exists()


# --- A newcomer --------------------------------------------------------------------------------
def apply(
    committee_id: UUID,
    *,
    form_token: str,
    name: str,
    email: str,
    answer: str,
    language: str,
    at: datetime,
) -> Application | None:
    """Ask to join without an account. Nothing is looked up about the address: the answer and the mail
    are the same for each. The same form sent twice gives the first one's application, None if that is
    confirmed or wiped by now. Raises JoinRefused."""
    pk = uuid4()
    application = Application(
        id=pk,
        committee_id=committee_id,
        name=name,
        answer=answer,
        language=language,
        made_at=at,
        link_hash=links.token_hash(links.token("application", pk)),
    )
    try:
        with transaction.atomic():
            committee = Committee.objects.get(pk=committee_id)
            if not committee.takes_newcomers:
                raise JoinRefused("closed")
            asked = ground.unanswered(email, at=at)
            mailbox = ground.mailbox_for(email, at=at)
            application.mailbox = mailbox
            form = ground.submitted(form_token, result_id=pk, at=at)
            entry = audit.entry("apply", committee, at=at, by=None)
            asking = ground.asking_rows(mailbox, asked, kind=ACT_KIND, act_id=pk, at=at)
            insert([form, application, entry, *asking], unless_there=asking)
            return application
    except (IntegrityError, JoinRefused):
        before = ground.result_of(form_token)
        if before is None:
            raise
        return Application.objects.filter(pk=before).first()


def confirm_application(application_id: UUID, at: datetime) -> Membership | None:
    """The mailbox is proven: make its account, if it has none, and the membership or the request.

    None if the application is gone, or the committee doesn't take this person: then nothing is made.
    Who belongs to it already keeps what they have.
    """
    with transaction.atomic():
        found = Application.objects.filter(pk=application_id).first()
        if found is None:
            return None
        committee = lock(found.committee_id)
        mailbox = Mailbox.objects.select_for_update().get(pk=found.mailbox_id)
        application = Application.objects.filter(pk=application_id).first()
        if application is None or not committee.takes_newcomers:
            return None
        Application.objects.filter(committee=committee, mailbox=mailbox).delete()
        if is_refused(committee, mailbox.address, at):
            return None
        user, _made = ground.account_for(
            mailbox, display_name=application.name, language=application.language, at=at
        )
        if not user.is_active:
            return None
        return _enter(committee, user, name=application.name, answer=application.answer, at=at)


def wipe_application(application_id: UUID) -> None:
    """Forget an application nobody confirmed, and its mailbox if nothing else needs that."""
    with transaction.atomic():
        application = Application.objects.select_for_update().filter(pk=application_id).first()
        if application is not None:
            application.delete()
            forget_if_unused(application.mailbox_id)


# --- An account --------------------------------------------------------------------------------
def join(
    committee_id: UUID,
    user: User,
    *,
    form_token: str,
    name: str,
    answer: str,
    shows_name: bool,
    takes_mail: bool,
    at: datetime,
) -> Membership | None:
    """Join, or ask to, with an account. The same form sent twice gives what the first one made, None if
    that is gone. Raises JoinRefused."""
    try:
        with transaction.atomic():
            ground.lock_account(user)
            committee = lock(committee_id)
            if not committee.takes_members or is_refused(committee, user.email, at):
                raise JoinRefused("closed")
            there = Membership.objects.filter(committee=committee, user=user).first()
            if there is not None:
                raise JoinRefused("member" if there.state == Membership.State.ACTIVE else "pending")
            insert([ground.submitted(form_token, result_id=committee.pk, at=at)])
            return _enter(
                committee,
                user,
                name=name,
                answer=answer,
                shows_name=shows_name,
                takes_mail=takes_mail,
                at=at,
            )
    except (IntegrityError, JoinRefused):
        if ground.result_of(form_token) != committee_id:
            raise
        return Membership.objects.filter(committee=committee_id, user=user).first()


def _enter(
    committee: Committee,
    user: User,
    *,
    name: str,
    answer: str,
    at: datetime,
    shows_name: bool = False,
    takes_mail: bool = False,
) -> Membership:
    """The membership of an account in a locked committee, made if there is none: at once where that is
    open, else as a request. The audit entry names nobody: who has left has left no trace."""
    there = Membership.objects.filter(committee=committee, user=user).first()
    if there is not None:
        return there
    is_open = committee.joining == Committee.Joining.OPEN
    membership = Membership(
        committee=committee,
        user=user,
        state=Membership.State.ACTIVE if is_open else Membership.State.PENDING,
        display_name=name,
        answer="" if is_open else answer,
        shows_name=shows_name,
        takes_mail=takes_mail,
        asked_at=at,
        since=at if is_open else None,
    )
    membership.save(force_insert=True)
    audit.record("join" if is_open else "ask_to_join", committee, at=at, by=None)
    if is_open:
        tell("committees.approved", user, about_id=membership.pk, at=at)
    else:
        tell("committees.received", user, about_id=membership.pk, at=at)
        tell_coordinators("committees.new_request", committee, occasion=str(membership.pk), at=at)
    return membership


# --- The answer --------------------------------------------------------------------------------
def _locked_request(request_id: UUID) -> tuple[Committee, Membership]:
    """A request, with its committee locked. Raises RequestGone."""
    found = Membership.objects.filter(pk=request_id).first()
    if found is None:
        raise RequestGone
    committee = lock(found.committee_id)
    # Read again under the lock: another coordinator may have answered it this very moment.
    request = Membership.objects.pending().select_related("user").filter(pk=request_id).first()
    if request is None:
        raise RequestGone
    return committee, request


def approve(request_id: UUID, *, by: User, at: datetime) -> Membership:
    """Let somebody in. Raises RequestGone."""
    with transaction.atomic():
        committee, request = _locked_request(request_id)
        request.state, request.since, request.answer = Membership.State.ACTIVE, at, ""
        request.save(update_fields=["state", "since", "answer"])
        audit.record("approve_membership", committee, at=at, by=by)
        tell("committees.approved", request.user, about_id=request.pk, at=at)
        return request


def decline(request_id: UUID, *, word: str, by: User, at: datetime) -> None:
    """Don't let somebody in; they are told, with the coordinator's word. Raises RequestGone."""
    with transaction.atomic():
        committee, request = _locked_request(request_id)
        user = request.user
        request.delete()
        entry = audit.record("decline_membership", committee, at=at, by=by, subject=user, reason=word)
        tell("committees.declined", user, about_id=entry.pk, at=at)


def expire(request_id: UUID, *, at: datetime) -> None:
    """Nobody answered for thirty days: the request goes, and its maker is told."""
    with transaction.atomic():
        try:
            committee, request = _locked_request(request_id)
        except RequestGone:
            return
        user = request.user
        request.delete()
        entry = audit.record("expire_request", committee, at=at, by=None)
        tell("committees.expired", user, about_id=entry.pk, at=at)
