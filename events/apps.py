"""The events app."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Events: the top floor."""

    name = "events"
