"""Organizations that endorse: unions and their locals, parties, committees, community groups."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.querysets import OrganizationQuerySet
from hub.areas import area_text
from hub.models import HubModel, Moderated

NAME_MAX = 160


class Organization(Moderated, HubModel):
    """An organization, as everybody may see it. It is on the site once an endorsement of it was published."""

    class Level(models.TextChoices):
        """How far it reaches, or what it is."""

        LOCAL = "local", _("Local")
        BRANCH = "branch", _("Branch")
        NATIONAL = "national", _("National organization")
        INTERNATIONAL = "international", _("International organization")
        COMMITTEE = "committee", _("Committee")
        PARTY = "party", _("Party")
        COMMUNITY = "community", _("Community group")

    class Verified(models.TextChoices):
        """How somebody made sure that it is what it says."""

        DOMAIN = "domain", _("by an address at its own site")
        LINK = "link", _("by a link on its own site")
        CALL = "call", _("by a call")

    name = models.CharField(max_length=NAME_MAX)
    slug = models.SlugField(max_length=80, unique=True)
    level = models.CharField(max_length=14, choices=Level)
    country = models.CharField(max_length=2, help_text="ISO 3166-1")
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True, help_text="state or region")
    site = models.URLField(max_length=200, blank=True)

    verified_at = models.DateTimeField(null=True, editable=False)
    verified_how = models.CharField(max_length=6, choices=Verified, blank=True, editable=False)
    mail_domain = models.CharField(
        max_length=120, blank=True, editable=False, help_text="whoever reads an address there acts for it"
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[OrganizationQuerySet] = OrganizationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_how="")
                | Q(verified_at__isnull=False) & ~Q(verified_how=""),
                name="verified_somehow",
            )
        ]
        indexes = [
            models.Index(
                fields=["country", "level", "name", "id"],
                name="organization_listed",
                condition=Q(status="published"),
            ),
            models.Index(fields=["name", "id"], name="organization_by_name", condition=Q(status="published")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> str:
        """City and country, as far as they are known."""
        return area_text(self.city, self.region, self.country)


class OrganizationKey(HubModel):
    """What an organization's name is found by where somebody types another spelling of it
    (`campaigns.matching.keys`)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "organization"], name="one_key_an_organization"),
        ]

    def __str__(self) -> str:
        return self.key


class FormerOrganization(HubModel):
    """What an organization was listed as before it was merged into another: its address leads there, and
    whoever types its name is led there too."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="former")
    name = models.CharField(max_length=NAME_MAX)
    slug = models.SlugField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name
