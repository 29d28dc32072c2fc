"""How readers know the tags of demands and posts, and how those who run a campaign write them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from taggit.models import Tag

# Tags are words of whoever runs a campaign. These are in the catalogue, so that they can be read in Spanish.
KNOWN_TAGS = {
    "climate": pgettext_lazy("tag", "climate"),
    "democracy": pgettext_lazy("tag", "democracy"),
    "economy": pgettext_lazy("tag", "economy"),
    "education": pgettext_lazy("tag", "education"),
    "health": pgettext_lazy("tag", "health"),
    "housing": pgettext_lazy("tag", "housing"),
    "immigration": pgettext_lazy("tag", "immigration"),
    "labor history": pgettext_lazy("tag", "labor history"),
    "labor party": pgettext_lazy("tag", "labor party"),
    "peace": pgettext_lazy("tag", "peace"),
    "public services": pgettext_lazy("tag", "public services"),
    "repression": pgettext_lazy("tag", "repression"),
    "rights": pgettext_lazy("tag", "rights"),
    "solidarity": pgettext_lazy("tag", "solidarity"),
    "strike": pgettext_lazy("tag", "strike"),
    "unions": pgettext_lazy("tag", "unions"),
    "workplace": pgettext_lazy("tag", "workplace"),
}


def tag_name(tag: Tag) -> str:
    """A tag as a reader knows it."""
    return str(KNOWN_TAGS.get(tag.name.lower(), tag.name))


class TagsField(forms.CharField):
    """Tags with a comma between them, as a list of their names; each once, however it is written."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label=_("Tags"),
            widget=forms.TextInput(attrs={"class": "vTextField"}),
            help_text=_("Words it is found by, with a comma between them: workplace, public services."),
        )

    def clean(self, value: Any) -> Any:
        words = (word.strip().strip('"').strip() for word in super().clean(value).split(","))
        return sorted(dict.fromkeys(word for word in words if word))

    def prepare_value(self, value: Any) -> Any:
        """Tags by their names; what was typed stays as it was."""
        return value if isinstance(value, str) or value is None else ", ".join(str(tag) for tag in value)
