"""Wiring: the ground floor as a Django app, and the registries the other apps fill."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules

REGISTRIES = ("messages", "confirmations", "personal", "reviews", "ticking", "consequences", "threads")


class HubConfig(AppConfig):
    """The ground floor."""

    name = "hub"
    verbose_name = "Hub"

    def ready(self) -> None:
        """Let every app register its mail, its confirmable acts and its personal data."""
        autodiscover_modules(*REGISTRIES)


class HubAdminConfig(AdminConfig):
    """Django's admin, in our own site object."""

    default_site = "hub.admin_site.HubAdminSite"
