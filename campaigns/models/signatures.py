"""Who signed what, and how much of it is shown."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.appeals import Appeal, AppealVersion
from campaigns.querysets import SignatureQuerySet
from hub import links
from hub.areas import area_text
from hub.models import HubModel, Mailbox
from hub.places import country_name
from hub.sealing import SealedField


class Signature(HubModel):
    """One person under one version of an appeal.

    It counts from `confirmed_at` on. Among confirmed ones there is one for an appeal and a mailbox. What
    isn't shown isn't kept: of "only counted" nothing but the mailbox, of initials no name.
    """

    class Shown(models.TextChoices):
        COUNTED = "counted", _("Only count me: nothing about me is shown")
        INITIALS = "initials", _("My initials and my city")
        NAME = "name", _("My full name")
        IDENTIFICATION = "identification", _("My name, my union role and my organization")

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="signatures")
    version = models.ForeignKey(AppealVersion, on_delete=models.PROTECT, related_name="signatures")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, null=True, related_name="signatures")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    shown = models.CharField(max_length=14, choices=Shown, default=Shown.COUNTED)
    signed_as = SealedField(
        help_text="what is shown: a line for the name or initials, then the place, or role and organization"
    )
    looked_at = models.DateTimeField(
        null=True, help_text="when a moderator let the line “for identification only” be shown"
    )
    taken_off_at = models.DateTimeField(
        null=True, help_text="when a moderator took off what was shown: it is only counted from then on"
    )

    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    link_hash = models.BinaryField(
        max_length=32, unique=True, help_text="what the browser got after the form"
    )
    mail_link_hash = models.BinaryField(max_length=32, unique=True, help_text="what the mailbox got")

    objects: ClassVar[SignatureQuerySet] = SignatureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "mailbox"],
                condition=Q(confirmed_at__isnull=False),
                name="one_confirmed_signature",
            )
        ]
        indexes = [
            models.Index(
                fields=["made_at"], name="signature_unconfirmed", condition=Q(confirmed_at__isnull=True)
            ),
            models.Index(
                fields=["appeal", "-confirmed_at", "id"],
                name="signature_shown",
                condition=Q(confirmed_at__isnull=False) & ~Q(shown="counted"),
            ),
        ]

    def __str__(self) -> str:
        return f"signature {str(self.pk)[:8]}"

    @property
    def token(self) -> str:
        """The link of the browser that sent the form."""
        return links.token("signature", self.pk)

    @property
    def mail_token(self) -> str:
        """The link that proves the mailbox."""
        return links.token("signature-mail", self.pk)

    @property
    def lines(self) -> list[str]:
        """What may be shown: name or initials, and what stands beside them. Of a line "for identification
        only" that nobody has looked at yet, the name alone."""
        said = self.signed_as.split("\n") if self.signed_as else []
        if self.shown == self.Shown.INITIALS:
            initials, city, region, country = said
            return [initials, area_text(city, region, country) if city else region or country_name(country)]
        if self.shown == self.Shown.IDENTIFICATION and self.looked_at is None:
            return said[:1]
        return [line for line in said if line]


class SignatureLink(HubModel):
    """A link of a signature that became another one of the same mailbox: it goes on working. Only a
    mailed one `proves` the mailbox."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    proves = models.BooleanField()
    signature = models.ForeignKey(Signature, on_delete=models.CASCADE, related_name="merged_links")

    def __str__(self) -> str:
        return f"link {str(self.pk)[:8]}"
