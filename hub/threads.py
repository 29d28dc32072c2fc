"""Questions and answers on the web: one thread, two sides, each with its link; no inbound mail.

Each app registers in its `threads.py` what can be asked about and who answers. Mail only says that there
is something to read. What is written here is sealed, and gone 30 days after the last word.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery

from hub import actions as ground
from hub import audit, links, mail
from hub.contact import ADDRESS_KEPT
from hub.inserts import insert
from hub.models import Mailbox, Message, Thread, ThreadPost, User
from hub.personal import forget_if_unused, purge_each, register_purge

ACT_KIND = "hub.thread"
TEXT_MAX = 2000  # characters of one side's words
POSTS_A_DAY = 20  # of one side in one thread
KEPT = timedelta(days=30)  # after the last word


@dataclass(frozen=True)
class Topic:
    """What a thread is about, as both sides read it: a title, its language, the path of its page, the zone
    of where it is. What is not `public` is named in no mail."""

    title: str
    language: str
    path: str
    public: bool = True
    zone: str = ""


@dataclass(frozen=True)
class ThreadKind:
    """One kind of thread. `topic(about_id)` is None where the thing is gone or nobody may ask about it any
    more; `answerers(about_id)` are the accounts that are told and may answer, where no mailbox does;
    `may_answer(user, about_id)` is asked at each request, so that a lost role is gone with the next, and
    `may_know(asker, about_id)` whenever the asking side reads or is written to: what is for members is named
    to nobody else. `desk(about_id)` is the path of the page on which accounts read and answer, if any."""

    name: str
    topic: Callable[[UUID], Topic | None]
    answerers: Callable[[UUID], list[User]]
    may_answer: Callable[[User, UUID], bool]
    may_know: Callable[[Mailbox | None, UUID], bool] = lambda asker, about_id: True
    desk: Callable[[UUID], str | None] = lambda about_id: None


class ThreadRefused(Exception):
    """Nothing more can be said; `reason` is "gone" (what it is about isn't there any more) or "many"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


kinds: dict[str, ThreadKind] = {}

ASKER_SPOKE_LAST = Subquery(
    ThreadPost.objects.filter(thread=OuterRef("pk")).order_by("-at").values("by_asker")[:1]
)


def register(kind: ThreadKind) -> None:
    """Make a kind of thread known; called from an app's `threads.py`."""
    kinds[kind.name] = kind


def topic_of(thread: Thread, *, for_asker: bool) -> Topic | None:
    """What the thread is about, while that is there and this side may know of it."""
    kind = kinds[thread.kind]
    if for_asker and not kind.may_know(thread.asker, thread.about_id):
        return None
    return kind.topic(thread.about_id)


def unanswered() -> QuerySet[Thread]:
    """Those that accounts answer, not a host's mailbox, and whose last word is the asker's."""
    return Thread.objects.filter(ASKER_SPOKE_LAST, opened_at__isnull=False, answerer=None)


def with_last_word(kind: str, about_ids: Iterable[UUID]) -> QuerySet[Any]:
    """Those about these things, each with whether its last word is the asker's."""
    threads = Thread.objects.filter(kind=kind, about_id__in=list(about_ids))
    return threads.annotate(asker_spoke_last=ASKER_SPOKE_LAST)


# --- What people do --------------------------------------------------------------------------------
def ask(
    kind: str,
    about_id: UUID,
    *,
    form_token: str,
    email: str,
    text: str,
    language: str,
    answerer: Mailbox | None,
    remembered: Mailbox | None,
    by: User | None,
    at: datetime,
) -> Thread | None:
    """Ask about a thing: as a visitor by an address, which has to be proven before anybody else sees the
    question (a remembered phone has proven it), or as an account. The same form sent twice gives the first
    one's thread, or None if that is gone. Raises ThreadRefused."""
    pk = uuid4()
    try:
        with transaction.atomic():
            if by is not None:
                ground.lock_account(by)
            if kinds[kind].topic(about_id) is None:
                raise ThreadRefused("gone")
            asked = [] if by else ground.unanswered(email, at=at)
            asker = ground.mailbox_of(by, at=at) if by else ground.mailbox_for(email, at=at)
            proven = by is not None or (remembered is not None and remembered.pk == asker.pk)
            thread = _new(pk, kind, about_id, asker, answerer, language, at, opened_at=at if proven else None)
            thread.browser_link_hash = links.token_hash(thread.browser_token)
            post = ThreadPost(thread=thread, at=at, by_asker=True, text=text)
            form = ground.submitted(form_token, result_id=pk, at=at)
            asking: list[Model] = []
            if not proven:
                asking = ground.asking_rows(asker, asked, kind=ACT_KIND, act_id=pk, at=at)
            entry = audit.entry("ask", thread, at=at, by=by)
            insert([form, thread, post, entry, *asking], unless_there=asking)
            if proven:
                _tell_answerers(thread, post, at)
            return thread
    except IntegrityError:
        before = ground.result_of(form_token)
        if before is None:
            raise
        return Thread.objects.filter(pk=before).first()


def write_to(
    kind: str,
    about_id: UUID,
    asker: Mailbox,
    *,
    text: str,
    language: str,
    form_token: str,
    by: User,
    at: datetime,
) -> None:
    """The answering side writes first, or again: to whoever submitted something, for example. A form sent
    twice says it once. Raises ThreadRefused."""
    with transaction.atomic():
        # Of two who begin at once, the second waits here and finds the first one's thread.
        Mailbox.objects.select_for_update(no_key=True).get(pk=asker.pk)
        thread = Thread.objects.filter(kind=kind, about_id=about_id, asker=asker).first()
        if thread is None:
            thread = _new(uuid4(), kind, about_id, asker, None, language, at, opened_at=at)
            thread.save(force_insert=True)
        say(thread.pk, by_asker=False, text=text, form_token=form_token, by=by, at=at)


def _new(
    pk: UUID,
    kind: str,
    about_id: UUID,
    asker: Mailbox,
    answerer: Mailbox | None,
    language: str,
    at: datetime,
    *,
    opened_at: datetime | None,
) -> Thread:
    return Thread(
        id=pk,
        kind=kind,
        about_id=about_id,
        asker=asker,
        answerer=answerer,
        language=language,
        made_at=at,
        opened_at=opened_at,
        last_at=at,
        asker_link_hash=links.token_hash(links.token("thread-asker", pk)),
        answerer_link_hash=links.token_hash(links.token("thread-answerer", pk)),
    )


def confirm(thread_id: UUID, at: datetime) -> Thread | None:
    """Open a thread whose asker's mailbox was just proven, and tell whoever answers. Idempotent."""
    with transaction.atomic():
        thread = Thread.objects.select_for_update().filter(pk=thread_id).first()
        if thread is None or thread.opened_at:
            return thread
        thread.opened_at = at
        thread.save(update_fields=["opened_at"])
        post = thread.posts.first()
        if post is not None:
            _tell_answerers(thread, post, at)
        return thread


def say(
    thread_id: UUID, *, by_asker: bool, text: str, form_token: str, by: User | None, at: datetime
) -> None:
    """One side's next words; the other side is told. A form sent twice says it once. Raises ThreadRefused."""
    try:
        with transaction.atomic():
            thread = Thread.objects.select_for_update().filter(pk=thread_id, opened_at__isnull=False).first()
            if thread is None or topic_of(thread, for_asker=by_asker) is None:
                raise ThreadRefused("gone")
            lately = thread.posts.filter(by_asker=by_asker, at__gt=at - timedelta(days=1))
            if lately.count() >= POSTS_A_DAY:
                raise ThreadRefused("many")
            post = ThreadPost(thread=thread, at=at, by_asker=by_asker, text=text)
            entry = audit.entry("say", thread, at=at, by=by)
            insert([ground.submitted(form_token, result_id=post.pk, at=at), post, entry])
            thread.last_at = at
            thread.save(update_fields=["last_at"])
            if by_asker:
                _tell_answerers(thread, post, at)
            elif thread.asker_id:
                asked_first = thread.posts.filter(by_asker=True).exists()
                told = "hub.thread_answer" if asked_first else "hub.thread_question"
                mail.put([_told(told, thread.asker_id, post, at)])
    except IntegrityError:
        if ground.result_of(form_token) is None:
            raise


def erase(thread_id: UUID, *, at: datetime) -> None:
    """The asker takes everything back: the thread goes, for both sides."""
    with transaction.atomic():
        thread = _delete(thread_id, at)
        if thread is not None:
            audit.record("erase_thread", thread, at=at, by=None)


def forget_about(kind: str, about_id: UUID, *, at: datetime) -> None:
    """Every thread about a thing goes: whoever had it is forgotten."""
    for pk in list(Thread.objects.filter(kind=kind, about_id=about_id).values_list("pk", flat=True)):
        _delete(pk, at)


@transaction.atomic
def _delete(thread_id: UUID, at: datetime) -> Thread | None:
    """Delete a thread, what waits to be mailed about it, and mailboxes nothing else needs."""
    thread = Thread.objects.select_for_update().filter(pk=thread_id).first()
    if thread is None:
        return None
    about = Message.objects.filter(about_id__in=list(thread.posts.values_list("pk", flat=True)))
    about.filter(state__in=(Message.State.WAITING, Message.State.CLAIMED)).update(
        state=Message.State.SKIPPED, state_at=at, reason="erased"
    )
    about.update(mailbox=None, about_id=None)
    ground.forget_result(thread.pk)
    Thread.objects.filter(pk=thread.pk).delete()
    for mailbox_id in (thread.asker_id, thread.answerer_id):
        if mailbox_id is not None:
            forget_if_unused(mailbox_id)
    return thread


def _tell_answerers(thread: Thread, post: ThreadPost, at: datetime) -> None:
    if thread.answerer_id:
        mail.put([_told("hub.thread_question", thread.answerer_id, post, at)])
        return
    accounts = kinds[thread.kind].answerers(thread.about_id)
    mail.put(_told("hub.thread_question", ground.mailbox_of(user, at=at).pk, post, at) for user in accounts)


def _told(kind: str, mailbox_id: UUID, post: ThreadPost, at: datetime) -> Message:
    return mail.draft(
        kind,
        mailbox_id=mailbox_id,
        about_id=post.pk,
        topic_id=post.thread.about_id,
        occasion=str(mailbox_id),
        at=at,
    )


# --- Finding one -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Found:
    """The thread behind a link, the side whose link it is, and whether it proves that side's mailbox."""

    thread: Thread
    is_asker: bool
    proven: bool


def find(token: str) -> Found | None:
    """What a link leads to; None where it leads nowhere."""
    token_hash = links.token_hash(token)
    rows = Thread.objects.select_related("asker", "answerer")
    if thread := rows.filter(asker_link_hash=token_hash).first():
        return Found(thread, is_asker=True, proven=True)
    if thread := rows.filter(answerer_link_hash=token_hash, opened_at__isnull=False).first():
        return Found(thread, is_asker=False, proven=True)
    if thread := rows.filter(browser_link_hash=token_hash).first():
        return Found(thread, is_asker=True, proven=False)
    return None


@register_purge
def purge_threads(now: datetime) -> None:
    """Questions nobody confirmed within a day, and threads that have been silent for 30 days."""
    unopened = Thread.objects.filter(opened_at=None, made_at__lte=now - ADDRESS_KEPT)
    silent = Thread.objects.filter(last_at__lte=now - KEPT)
    ids = [*unopened.values_list("pk", flat=True), *silent.values_list("pk", flat=True)]
    purge_each(ids, lambda pk: _delete(pk, now))
