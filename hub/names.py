"""What columns are called, in the reader's language: the admin's headings, filters and labels. What a table
is called, says its door (`NamedAdmin`).

Not in the models: there each would be a migration, though no table is any different.
"""

from django.apps import apps
from django.utils.translation import pgettext_lazy

NAMES = {
    "campaign": pgettext_lazy("table", "campaign"),
    "committee": pgettext_lazy("table", "committee"),
    "about": pgettext_lazy("column", "about"),
    "accent": pgettext_lazy("column", "colour"),
    "action": pgettext_lazy("column", "action"),
    "city": pgettext_lazy("column", "city"),
    "count": pgettext_lazy("column", "count"),
    "country": pgettext_lazy("column", "country"),
    "day": pgettext_lazy("column", "day of action"),
    "description": pgettext_lazy("column", "description"),
    "first date": pgettext_lazy("column", "first day"),
    "frozen at": pgettext_lazy("column", "frozen since"),
    "goal": pgettext_lazy("column", "goal"),
    "host name": pgettext_lazy("column", "host's name"),
    "is home": pgettext_lazy("column", "on the home page"),
    "issued on": pgettext_lazy("column", "issued on"),
    "joining": pgettext_lazy("column", "joining"),
    "kind": pgettext_lazy("column", "kind"),
    "language": pgettext_lazy("column", "language"),
    "last date": pgettext_lazy("column", "last day"),
    "level": pgettext_lazy("column", "kind"),
    "mode": pgettext_lazy("column", "which hour"),
    "name": pgettext_lazy("column", "name"),
    "object kind": pgettext_lazy("column", "about which kind"),
    "on": pgettext_lazy("column", "date"),
    "online": pgettext_lazy("column", "online"),
    "pinned": pgettext_lazy("column", "pinned"),
    "postal code": pgettext_lazy("column", "ZIP code"),
    "published at": pgettext_lazy("column", "published on"),
    "question": pgettext_lazy("column", "question"),
    "reason": pgettext_lazy("column", "reason"),
    "region": pgettext_lazy("column", "state or region"),
    "signable": pgettext_lazy("column", "for signing"),
    "slug": pgettext_lazy("column", "address"),
    "stage": pgettext_lazy("column", "stage"),
    "status": pgettext_lazy("column", "status"),
    "supporters": pgettext_lazy("column", "supporters"),
    "text": pgettext_lazy("column", "text"),
    "title": pgettext_lazy("column", "title"),
    "url": pgettext_lazy("column", "address"),
    "verified how": pgettext_lazy("column", "how verified"),
    "visibility": pgettext_lazy("column", "visibility"),
}


def give_names() -> None:
    """Before any form is made of a model. A name with a translation of its own stays. Migrations see no
    difference: they read what the models say."""
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field.verbose_name, str):
                field.verbose_name = NAMES.get(field.verbose_name, field.verbose_name)
