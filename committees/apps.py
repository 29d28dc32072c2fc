"""The committees app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitteesConfig(AppConfig):
    """Committees: the middle floor."""

    name = "committees"
    verbose_name = _("Committees")
