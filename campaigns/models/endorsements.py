"""Which organization endorses what, who said so, and how it was decided."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.appeals import Appeal, AppealVersion
from campaigns.models.organizations import Organization
from campaigns.querysets import EndorsementQuerySet
from hub import links
from hub.models import HubModel, Mailbox, Moderated

MOTION_MAX = 3000


class Endorsement(Moderated, HubModel):
    """An organization stands behind something; what, says the concrete class.

    It is a draft until its contact's mailbox is proven, then a moderator decides. Among those that are
    confirmed, not withdrawn and not rejected there is one for an organization and a thing. Its contact is
    forgotten once it doesn't stand any more.
    """

    class Role(models.TextChoices):
        INITIAL = "initial", _("Initial organizer")
        CO_ORGANIZER = "co-organizer", _("Co-organizer")
        ENDORSER = "endorser", _("Endorser")

    class AdoptedBy(models.TextChoices):
        MEMBERS = "members", _("a vote of the members")
        BOARD = "board", _("its board or executive")
        OFFICER = "officer", _("an officer who may decide this")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="%(class)ss")
    role = models.CharField(max_length=12, choices=Role, default=Role.ENDORSER)
    adopted_by = models.CharField(max_length=8, choices=AdoptedBy, blank=True, help_text="empty: not said")
    adopted_on = models.DateField(null=True)
    motion = models.TextField(max_length=MOTION_MAX, blank=True, help_text="public; names no persons")

    mailbox = models.ForeignKey(
        Mailbox,
        on_delete=models.PROTECT,
        null=True,
        related_name="%(class)ss",
        help_text="the contact: who says so, and who is asked",
    )
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="when moderators rejected it or took it off")
    link_generation = models.PositiveSmallIntegerField(
        default=0, help_text="rises when somebody else takes the contact over: the links before are dead"
    )
    link_hash = models.BinaryField(
        max_length=32, unique=True, help_text="what the browser got after the form"
    )
    mail_link_hash = models.BinaryField(max_length=32, unique=True, help_text="what the mailbox got")

    objects: ClassVar[EndorsementQuerySet] = EndorsementQuerySet.as_manager()  # type: ignore[assignment]
    OF: ClassVar[str]  # the field that points to what is endorsed

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"endorsement {str(self.pk)[:8]}"

    @property
    def thing(self) -> Any:
        """What is endorsed."""
        return getattr(self, self.OF)

    @property
    def thing_id(self) -> UUID:
        return getattr(self, f"{self.OF}_id")

    @property
    def token(self) -> str:
        """The link of the browser that sent the form."""
        return links.token("endorsement", self.pk, self.link_generation)

    @property
    def mail_token(self) -> str:
        """The link that proves the mailbox."""
        return links.token("endorsement-mail", self.pk, self.link_generation)

    @property
    def stands(self) -> bool:
        """Whether it is shown, or may still be. Twin of `EndorsementQuerySet.standing`."""
        gone = (self.Status.REJECTED, self.Status.ARCHIVED)
        return self.confirmed_at is not None and self.withdrawn_at is None and self.status not in gone


STANDING = Q(confirmed_at__isnull=False, withdrawn_at__isnull=True) & ~Q(status__in=("rejected", "archived"))


def one_of_an_organization(of: str) -> models.UniqueConstraint:
    """The constraint every concrete class has."""
    return models.UniqueConstraint(
        fields=[of, "organization"], condition=STANDING, name=f"one_endorsement_of_{of}"
    )


class AppealEndorsement(Endorsement):
    """An endorsement of a document, in the version that was given to it."""

    OF = "appeal"

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="endorsements")
    version = models.ForeignKey(AppealVersion, on_delete=models.PROTECT, related_name="endorsements")
    asked_number = models.PositiveSmallIntegerField(
        default=0, help_text="the newest version its contact was asked about: of each they are asked once"
    )

    class Meta:
        constraints = [one_of_an_organization("appeal")]


class EndorsementLink(HubModel):
    """A link of an endorsement that became another one of the same mailbox: it goes on working. Only a
    mailed one `proves` the mailbox."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    proves = models.BooleanField()
    endorsement_id = models.UUIDField(db_index=True)

    def __str__(self) -> str:
        return f"link {str(self.pk)[:8]}"


class OfficerClaim(HubModel):
    """Somebody with an address at an organization's own site says that they act for it now. Once the
    mailbox is proven the organization is verified and its endorsements' contact is theirs; the row goes."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="claims")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="officer_claims")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    made_at = models.DateTimeField()
    link_hash = models.BinaryField(max_length=32, unique=True)

    def __str__(self) -> str:
        return f"claim {str(self.pk)[:8]}"

    @property
    def token(self) -> str:
        """The link of the browser that sent the form."""
        return links.token("officer", self.pk)
