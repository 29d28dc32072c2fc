"""Committees for a Labor Party and who belongs to them."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Demand, Post
from committees.querysets import AnnouncementQuerySet, CommitteeQuerySet, MembershipQuerySet
from hub import links
from hub.areas import area_text
from hub.models import HubModel, Mailbox, Moderated
from hub.sealing import SealedField, digest, normalize_email

ANSWER_MAX = 500  # characters of what an applicant writes
NAME_MAX = 80  # characters of a name shown in one committee
SUBJECT_MAX = 100  # characters: what mail programs show of a subject
TEXT_MAX = 10_000


class Committee(Moderated, HubModel):
    """A local group: in a workplace, a neighborhood, a union, a community, on a campus.

    `status` says whether it is published, `stage` how far it has come, `frozen_at` whether it stands
    still: three axes. A hidden one does not exist for anybody but its members, moderators and
    administrators, and its events are for its members only.
    """

    class Kind(models.TextChoices):
        WORKPLACE = "workplace", _("workplace")
        NEIGHBORHOOD = "neighborhood", _("neighborhood")
        UNION = "union", _("union")
        CAMPUS = "campus", _("campus")
        COMMUNITY = "community", _("community")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("public")
        UNLISTED = "unlisted", _("unlisted: only who has the address finds it")
        HIDDEN = "hidden", _("hidden: it exists for its members only")

    class Joining(models.TextChoices):
        OPEN = "open", _("open: who asks is in")
        APPROVAL = "approval", _("a coordinator approves")

    class Stage(models.TextChoices):
        FORMING = "forming", _("forming")
        ACTIVE = "active", _("active")
        DORMANT = "dormant", _("dormant")
        CLOSED = "closed", _("closed")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="committees")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True, help_text="fixed once published")
    about = models.TextField(max_length=10_000, blank=True, help_text="Markdown")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    question = models.CharField(
        max_length=200, blank=True, help_text="asked of whoever wants to join; empty: nothing is asked"
    )

    # The area only, never a street.
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1")
    latitude = models.FloatField(null=True, blank=True, help_text="degrees; rounded")
    longitude = models.FloatField(null=True, blank=True, help_text="degrees; rounded")
    zone = models.CharField(max_length=64, blank=True, help_text="IANA name")

    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    joining = models.CharField(max_length=10, choices=Joining, default=Joining.APPROVAL)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.FORMING)
    active_since = models.DateTimeField(null=True, blank=True, editable=False)
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    posts = models.ManyToManyField(
        Post, blank=True, related_name="committees", help_text="of the feed, about it"
    )
    objects: ClassVar[CommitteeQuerySet] = CommitteeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(
                fields=["name", "id"],
                name="committee_listed",
                condition=Q(status="published", visibility="public"),
            ),
            models.Index(fields=["latitude", "longitude"], name="committee_point"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> str:
        """Where it is, as everybody who may see it may know."""
        return area_text(self.city, self.region, self.country)

    @property
    def is_hidden(self) -> bool:
        return self.visibility == self.Visibility.HIDDEN

    @property
    def acts(self) -> bool:
        """Whether its coordinators act for it: on the site, not closed, and not frozen, since then nobody
        does until a moderator appoints somebody. Twin of `CommitteeQuerySet.acting`."""
        on_site = self.status == self.Status.PUBLISHED
        return on_site and self.stage != self.Stage.CLOSED and self.frozen_at is None

    @property
    def is_discreet(self) -> bool:
        """Whether mail about it says nothing in its subject, sender and first line."""
        return self.is_hidden or self.kind == self.Kind.WORKPLACE

    @property
    def asks(self) -> bool:
        """Whether whoever wants to join is asked its question: where nobody decides, nobody reads it."""
        return bool(self.question) and self.joining == self.Joining.APPROVAL

    @property
    def takes_members(self) -> bool:
        """Whether anybody can join or ask to."""
        return self.status == self.Status.PUBLISHED and self.stage != self.Stage.CLOSED and not self.frozen_at

    @property
    def takes_newcomers(self) -> bool:
        """Whether somebody without an account can: of a hidden one they know nothing."""
        return self.takes_members and not self.is_hidden


class Membership(HubModel):
    """An account in a committee, under the name it chose there. Leaving deletes the row."""

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        COORDINATOR = "coordinator", _("coordinator")

    class State(models.TextChoices):
        PENDING = "pending", _("has asked to join")
        ACTIVE = "active", _("belongs to it")

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.MEMBER)
    state = models.CharField(max_length=10, choices=State)
    display_name = SealedField(help_text="may be a pseudonym")
    answer = SealedField(help_text="to the committee's question; emptied by the decision")
    shows_name = models.BooleanField(default=False, help_text="the other members may read the name")
    takes_mail = models.BooleanField(default=False, help_text="announcements may be mailed")
    mail_link_hash = models.BinaryField(max_length=32, unique=True, help_text="of the link that stops them")
    asked_at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    appointed_at = models.DateTimeField(
        null=True, help_text="by a moderator, as coordinator; empty once that is accepted"
    )

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "user"], name="one_membership_a_committee"),
            models.CheckConstraint(
                condition=Q(state="active") | Q(role="member"), name="coordinators_are_active"
            ),
        ]
        indexes = [models.Index(fields=["committee", "state", "asked_at"], name="membership_roster")]

    def __str__(self) -> str:
        return f"membership {str(self.pk)[:8]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the hash of its link, which its id alone decides."""
        self.mail_link_hash = links.token_hash(self.mail_token)
        super().save(*args, **kwargs)

    @property
    def mail_token(self) -> str:
        """The link in an announcement that stops them: kind `membership-mail`."""
        return links.token("membership-mail", self.pk)


class Application(HubModel):
    """A newcomer's wish to join, until the mailbox is proven: then it becomes an account and a
    membership. Its own page stands behind the link (kind `application`)."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="applications")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="applications")
    name = SealedField()
    answer = SealedField()
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    made_at = models.DateTimeField(db_index=True)
    link_hash = models.BinaryField(max_length=32, unique=True)

    @property
    def token(self) -> str:
        """The link of its own page."""
        return links.token("application", self.pk)

    def __str__(self) -> str:
        return f"application {str(self.pk)[:8]}"


def refusal_mark(committee: Committee, address: str) -> bytes:
    """What stays of somebody who was removed: all addresses that differ by a `+tag` share it, for they
    are one mailbox's."""
    local, _at, domain = normalize_email(address).rpartition("@")
    return digest("refusal", f"{committee.pk}:{local.partition('+')[0]}@{domain}")


class Refusal(HubModel):
    """Somebody was removed: a keyed digest of committee and address that refuses re-entry for twelve
    months. The name and address themselves are gone."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="refusals")
    mark = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"refusal {str(self.pk)[:8]}"


class DemandSupport(HubModel):
    """A committee supports a demand. It is named and counted only while everybody may read of the
    committee (`CommitteeQuerySet.listed`)."""

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="committee_supports")
    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="demand_supports")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["demand", "committee"], name="one_support_a_committee"),
        ]

    def __str__(self) -> str:
        return f"support {str(self.pk)[:8]}"


class Announcement(HubModel):
    """What a committee writes to its members: a draft its coordinators share until one of them sends it,
    then fixed. Sealed, since a hidden committee's words are for its members only.

    It goes out as mail or, where two have in the last seven days, stands in the weekly digest. The tick
    puts its mail, in the order of the accounts' ids, and notes how far it is (`planned_to`)."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="announcements")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    subject = SealedField()
    text = SealedField(help_text="Markdown")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    changed_at = models.DateTimeField(help_text="of the draft: whoever sends says which state was read")
    sent_at = models.DateTimeField(null=True, help_text="by a coordinator; empty: a draft")
    by_mail = models.BooleanField(default=True, help_text="else in the weekly digest only")
    people = models.PositiveIntegerField(default=0, help_text="how many it was for when it was sent")
    planned_to = models.UUIDField(null=True, help_text="the last account whose mail was put, until all is")
    planned_at = models.DateTimeField(null=True, help_text="when all mail was put")
    stopped_at = models.DateTimeField(null=True, help_text="what had not left by then is not sent")

    objects: ClassVar[AnnouncementQuerySet] = AnnouncementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False)
                | Q(planned_to__isnull=True, planned_at__isnull=True, stopped_at__isnull=True),
                name="drafts_go_nowhere",
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "-sent_at"], name="announcement_newest"),
            models.Index(
                fields=["sent_at"],
                name="announcement_to_plan",
                condition=Q(by_mail=True, sent_at__isnull=False, planned_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"announcement {str(self.pk)[:8]}"

    @property
    def is_draft(self) -> bool:
        return self.sent_at is None
