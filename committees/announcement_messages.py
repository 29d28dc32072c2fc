"""The mail of what committees announce: each one, the test of one, and a section of the weekly digest."""

from collections.abc import Collection, Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committees.actions.announcements import KIND, TEST
from committees.letters import letter_about, membership_of
from committees.models import Announcement, Committee, Membership
from committees.permissions import is_coordinator
from hub import digest, jobs, links, mail, markdown, news
from hub.digest import Part, Section
from hub.mail import Category, Kind, Letter, SkipMessage
from hub.models import Mailbox, Message, User, message_key

NO_MAIL = "switched off"  # why one was skipped
STANDS_STILL = "the committee stands still"


def announcement_letter(
    announcement: Announcement, mailbox: Mailbox, language: str, *, is_test: bool = False
) -> Letter:
    """How one reads, to whomever it goes."""
    committee = announcement.committee
    letter = letter_about(committee, mailbox, language)
    with translation.override(language):
        letter.context |= _words(announcement) | {
            "is_test": is_test,
            "read_url": links.url("me")
            if committee.is_discreet
            else links.url("committees:announcements", committee.slug),
        }
    return letter


def _words(announcement: Announcement) -> dict[str, object]:
    return {
        "subject_line": announcement.subject,
        "text": announcement.text,
        "plain": markdown.to_plain(announcement.text, settings.SITE_URL),
        "text_language": announcement.language,
    }


def preview(announcement: Announcement, language: str) -> dict[str, Any]:
    """A draft as the mail that its members get, in this language: `subject`, `sender`, `plain`, and the
    `letter` that its HTML is made of. Rendered as they are, but to nobody."""
    letter = announcement_letter(announcement, Mailbox(), language)
    nobody = Message(kind=KIND, key=message_key(KIND, announcement.pk))
    letter.mailbox.address = "nobody@invalid"
    email = mail.render(nobody, letter)
    sender, _address = parseaddr(email.from_email)
    return {
        "subject": email.subject,
        "sender": sender,
        "plain": email.body,
        "letter": letter.context | {"neutral": letter.neutral},
    }


def write_announcement(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To one member. What was true when it was put may have changed since."""
    membership = membership_of(message)
    announcements = Announcement.objects.select_related("committee")
    announcement = announcements.filter(pk=message.occasion, sent_at__isnull=False).first()
    if announcement is None or message.mailbox is None:
        raise SkipMessage("erased")
    if announcement.stopped_at is not None:
        raise SkipMessage(jobs.STOPPED)
    if not announcement.committee.acts:
        raise SkipMessage(STANDS_STILL)
    if not membership.takes_mail:
        raise SkipMessage(NO_MAIL)
    user = membership.user
    if not (user.is_active and message.mailbox.is_of(user.email)):
        raise SkipMessage("erased")
    letter = announcement_letter(announcement, message.mailbox, user.language_or_default)
    letter.unsubscribe = [membership.mail_token]
    return letter


def write_test(message: Message, companions: Sequence[Message], now: datetime) -> Letter:
    """To whoever coordinates the committee and asked for it: a draft, as the members would get it."""
    mailbox = message.mailbox
    draft = Announcement.objects.select_related("committee").filter(pk__in=[message.about_id]).first()
    user = User.objects.filter(email=mailbox.address, is_active=True).first() if mailbox else None
    if draft is None or mailbox is None or user is None:
        raise SkipMessage("erased")
    if not is_coordinator(user, draft.committee):
        raise SkipMessage("no longer a coordinator")
    return announcement_letter(draft, mailbox, user.language_or_default, is_test=True)


mail.register(Kind(KIND, Category.NEWS, write_announcement))
ASKED = _("You get this mail because you asked for a test.")
mail.register(Kind(TEST, Category.ANSWER, write_test, template="committees/announcement", why=ASKED))


@mail.register_topics(Announcement)
def announcements_by_committee(ids: Collection[UUID]) -> dict[UUID, str]:
    """Announcements by whose they are: what they are about, their members alone read."""
    announced = Announcement.objects.filter(pk__in=ids).select_related("committee")
    return {one.pk: gettext("Announcement: %(name)s") % {"name": one.committee.name} for one in announced}


# --- The weekly digest -----------------------------------------------------------------------------
def readers(since: datetime, until: datetime, after: UUID | None) -> Sequence[User]:
    """Members who agreed to mail, of committees that have announced more in this week than their mail may."""
    announced = Announcement.objects.for_digest(since, until).filter(
        committee=OuterRef("committee"), sent_at__gte=OuterRef("since")
    )
    takers = Membership.objects.takers().filter(Exists(announced))
    users = User.objects.filter(pk__in=takers.values("user")).order_by("pk")
    return list((users.filter(pk__gt=after) if after else users)[: digest.CHUNK])


def write_section(user: User, since: datetime, until: datetime) -> Part | None:
    """What no mail told them of, by committee, each in the order in which it was written."""
    takers = Membership.objects.takers().filter(user=user).select_related("committee")
    memberships = {one.committee_id: one for one in takers.order_by("committee__name", "pk")}
    announced = Announcement.objects.for_digest(since, until).filter(committee__in=memberships)
    by_committee: dict[UUID, list[Announcement]] = {pk: [] for pk in memberships}
    for one in announced.order_by("sent_at", "pk"):
        joined = memberships[one.committee_id].since
        if joined is not None and joined <= one.sent_at:
            by_committee[one.committee_id].append(one)
    told = {memberships[pk]: found for pk, found in by_committee.items() if found}
    if not told:
        return None
    return Part(
        template="mail/committees/_digest",
        context={"committees": [_of_committee(member.committee, found) for member, found in told.items()]},
        unsubscribe=[member.mail_token for member in told],
        discreet=any(member.committee.is_discreet for member in told),
    )


def _of_committee(committee: Committee, announced: list[Announcement]) -> dict[str, object]:
    discreet = committee.is_discreet
    return {
        "name": gettext("Your group") if discreet else committee.name,
        "language": "" if discreet else committee.language,
        "url": links.url("me") if discreet else links.url("committees:announcements", committee.slug),
        "announced": [_words(one) for one in announced],
    }


digest.register_section(Section(readers, write_section))


@news.register_zones
def zones_of_committees(accounts: Collection[UUID]) -> dict[UUID, str]:
    """Somebody who hasn't said a time zone most likely lives where the first committee is that they joined
    and that is somewhere."""
    joined = Membership.objects.active().filter(user__in=accounts).exclude(committee__zone="")
    return dict(joined.order_by("-since", "pk").values_list("user", "committee__zone"))
