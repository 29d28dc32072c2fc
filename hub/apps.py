"""Wiring: the ground floor as a Django app, and the registries the other apps fill."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from hub.names import give_names
from hub.sealing import SealedEmail, fits_sealed
from hub.typed import measure_as_browsers_do

REGISTRIES = (
    *(
        "messages",
        "confirmations",
        "personal",
        "reviews",
        "ticking",
        "consequences",
        "threads",
        "unsubscribing",
        "choices",
    ),
    "images",
    "counts",
    "roles",
    "jobs",
)


class HubConfig(AppConfig):
    """The ground floor."""

    name = "hub"
    verbose_name = _("The hub")

    def ready(self) -> None:
        """Seal allauth's addresses, name the columns, measure texts as browsers do; let every app register
        its mail, its confirmable acts and its personal data."""
        seal_addresses()
        give_names()
        measure_as_browsers_do()
        autodiscover_modules("endorsed")  # of every app before the others, which read what they register
        autodiscover_modules(*REGISTRIES)
        if settings.DEMO:
            autodiscover_modules("demo.letters")  # what the gallery of mail shows


def seal_addresses() -> None:
    """Make the address of allauth's EmailAddress a SealedEmail. Migrations see no difference: a sealed
    address deconstructs as the EmailField it replaces."""
    field = apps.get_model("account", "EmailAddress")._meta.get_field("email")
    field.__class__ = SealedEmail
    field.validators = [*field.validators, fits_sealed]


class HubAdminConfig(AdminConfig):
    """Django's admin, in our own site object."""

    default_site = "hub.admin_site.HubAdminSite"
