"""The committees app."""

from django.apps import AppConfig


class CommitteesConfig(AppConfig):
    """Committees: the middle floor."""

    name = "committees"
