"""The ground floor's mail: the confirmation of a mailbox, what accounts are sent, what moderators decide."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from hub import (
    contact,
    digest,  # noqa: F401  registers the weekly one
    links,
    mail,
    moderation,
    review_threads,  # noqa: F401  registers what moderators ask
    threads,
)
from hub.accounts import CODE_LIVES
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import Confirmation, Mailbox, Message, Review, Thread, ThreadPost, User


def write_confirmation(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """ "Was that you?": the act's own letter with the button and the code around it."""
    confirmation = Confirmation.objects.filter(pk=message.about_id).first() if message.about_id else None
    if confirmation is None or confirmation.made_at <= now - contact.BUTTON_LIVES:
        raise SkipMessage("no longer asked")
    if confirmation.mailbox is None:
        raise SkipMessage("erased")
    if confirmation.act_kind.startswith(contact.LINKS):
        letter: Letter | None = _links_letter(confirmation, now)
    else:
        letter = _act_letter(confirmation, now)
    if letter is None:
        # Nothing is asked, so it must not count as this hour's mail: whoever types somebody's address
        # and takes it back would keep every confirmation from them.
        confirmation.delete()
        raise SkipMessage("withdrawn before it was sent")
    if now - confirmation.made_at < contact.CODE_LIVES and letter.context.get("waiting", True):
        letter.context["code"] = links.code("confirm", confirmation.pk)
    with translation.override(letter.language):
        letter.context["confirm_url"] = links.url("confirm", links.token("confirm", confirmation.pk))
    return letter


def _act_letter(confirmation: Confirmation, now: datetime) -> Letter | None:
    """The letter of the act that caused the mail; if that was withdrawn meanwhile, of one that joined
    it, because no other mail covers that within the hour."""
    letter = contact.act_kinds[confirmation.act_kind].letter(confirmation.act_id)
    if letter is not None:
        return letter
    for act in contact.pending_acts(confirmation.owner, now):
        letter = contact.act_kinds[act.kind].letter(act.id)
        if letter is not None:
            Confirmation.objects.filter(pk=confirmation.pk).update(act_kind=act.kind, act_id=act.id)
            return letter
    return None


def _links_letter(confirmation: Confirmation, now: datetime) -> Letter:
    """ "Mail me my links": every permanent link of this mailbox, or that there is none; and the one to what
    it gets, which stands in no other mail."""
    language = confirmation.act_kind.rpartition(".")[2]
    with translation.override(language):
        owned = [
            {"title": thing.title, "language": thing.language, "url": links.site_url(thing.path)}
            for thing in contact.owned_things(confirmation.owner, now)
        ]
        choices_url = links.url("mail_choices", confirmation.owner.token)
    waiting = bool(contact.pending_acts(confirmation.owner, now))
    return Letter(
        confirmation.owner,
        language,
        {"links": owned, "choices_url": choices_url, "asked_for_links": True, "waiting": waiting},
        # Whoever asks for links may have chosen neutral mail for some of them.
        neutral=bool(owned) or waiting,
    )


def account_language(mailbox: Mailbox, otherwise: str) -> str:
    """The language of the account that reads this mailbox; the other one where there is none."""
    user = User.objects.filter(email=mailbox.address).first()
    return user.language_or_default if user else otherwise


def write_told(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """ "You have a question", "you have an answer": where to read it, never what it says."""
    posts = ThreadPost.objects.select_related("thread")
    post = posts.filter(pk=message.about_id).first() if message.about_id else None
    topic = threads.topic_of(post.thread, for_asker=not post.by_asker) if post else None
    if post is None or topic is None or message.mailbox is None:
        raise SkipMessage("no longer there")
    thread = post.thread
    language = account_language(message.mailbox, thread.language) if post.by_asker else thread.language
    with translation.override(language):
        url = _where_to_read(thread, by_asker=post.by_asker)
    context = {"topic": topic, "thread_url": url, "moderation": thread.kind == moderation.THREAD_KIND}
    return Letter(message.mailbox, language, {**context, "by_asker": post.by_asker})


def _where_to_read(thread: Thread, *, by_asker: bool) -> str:
    """The link of the side that is told: for accounts with a page of their own for it, that page."""
    if not by_asker:
        return links.url("thread", thread.asker_token)
    desk = threads.kinds[thread.kind].desk(thread.about_id) if thread.answerer_id is None else None
    return links.site_url(desk) if desk else links.url("thread", thread.answerer_token)


def write_code(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """Six digits, for one of `accounts.PURPOSES`."""
    if not message.sealed_secret or message.made_at <= now - CODE_LIVES:
        raise SkipMessage("the code is too old")
    letter = write_to_account(message, companions, now)
    letter.context["code"] = message.sealed_secret
    return letter


def write_to_account(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """A fixed text about `what`, in the account's language, or that of the page where it was asked for."""
    if message.mailbox is None:
        raise SkipMessage("erased")
    what, language, _random = message.occasion.split(".")
    user = User.objects.filter(email=message.mailbox.address).first()
    language = user.language_or_default if user else language
    with translation.override(language):
        context = {
            "what": what,
            "login_url": links.url("account_request_login_code"),
            "signup_url": links.url("account_signup"),
            "settings_url": links.url("me_settings"),
        }
    return Letter(message.mailbox, language, context, neutral=True)


mail.register(Kind("hub.code", Category.ANSWER, write_code))
for name in ("hub.account_exists", "hub.account_unknown", "hub.account_changed"):
    mail.register(Kind(name, Category.ANSWER, write_to_account))
mail.register(Kind("hub.confirmation", Category.ANSWER, write_confirmation))
mail.register(
    Kind(
        "hub.thread_question",
        Category.ANSWER,
        write_told,
        why=_("You get this mail because what somebody asks about here is yours to answer."),
    )
)
mail.register(
    Kind(
        "hub.thread_answer",
        Category.ANSWER,
        write_told,
        why=_("You get this mail because you asked something here."),
    )
)


def write_review(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To whoever submitted something: it arrived, or what was decided and why."""
    reviews = Review.objects.select_related("mailbox").filter(pk__in=[message.about_id])
    review = reviews.first()
    if review is None or review.mailbox is None:
        raise SkipMessage("erased")
    if message.kind == "hub.review_received" and review.decision:
        raise SkipMessage("decided since")
    kind = moderation.kinds[review.kind]
    with translation.override(review.language):
        thing = kind.titles([review.object_id]).get(review.object_id)
        if thing is None:
            raise SkipMessage("the thing is gone")
        context = {
            "title": thing.title,
            "own_url": links.site_url(kind.home(review)),
            "page_url": links.site_url(kind.page(review.object_id)),
            "reason": review.reason,
            "is_edit": bool(review.values),
            "published": kind.published,
            "subject": str(kind.published.subject) % {"title": thing.title},
        }
    return Letter(review.mailbox, review.language, context)


HANDED_IN = _("You get this mail because you handed this in to be published here.")
for name in ("received", "published", "returned", "rejected"):
    mail.register(Kind(f"hub.review_{name}", Category.ANSWER, write_review, why=HANDED_IN))
