"""What an operator says of a campaign: what it is, and its words in each language."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.actions.campaigns import CampaignWords
from campaigns.colours import validate_accent
from campaigns.models import Campaign
from hub.forms import MARKDOWN_HELP

WIDE = forms.TextInput(attrs={"class": "vTextField"})


class CampaignForm(forms.ModelForm):
    """A campaign. It needs its sentence in one language at least."""

    FIELDS = ("title", "slug", "accent", "is_home")

    class Meta:
        model = Campaign
        fields = ("title", "slug", "accent", "is_home")
        labels: ClassVar = {"accent": _("Colour")}
        help_texts: ClassVar = {
            "slug": _("The end of its address. It can't be changed later."),
            "accent": _("The colour of its pages, such as #1d4f91; left empty, they are red."),
            "is_home": _("The home page opens with it; the campaign it opened with until now makes way."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = not self.instance._state.adding
        texts = {text.language: text for text in self.instance.texts.all()} if known else {}
        for code, _name in settings.LANGUAGES:
            said = texts.get(code)
            self.fields[f"summary_{code}"] = forms.CharField(
                required=False,
                max_length=300,
                label=_("What it is for, in a sentence"),
                widget=WIDE,
                initial=said.summary if said else "",
            )
            self.fields[f"about_{code}"] = forms.CharField(
                required=False,
                max_length=20_000,
                label=_("About it"),
                help_text=MARKDOWN_HELP,
                widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
                initial=said.about if said else "",
            )
            self.fields[f"legal_support_{code}"] = forms.CharField(
                required=False,
                max_length=300,
                label=_("Legal support"),
                help_text=_("One line: whom to call when somebody is arrested or fired."),
                widget=WIDE,
                initial=said.legal_support if said else "",
            )

    def _get_validation_exclusions(self) -> set[str]:
        """That another one is the home page's now is no mistake: saving takes it over."""
        return {*super()._get_validation_exclusions(), "is_home"}  # type: ignore[misc]

    def clean_accent(self) -> str:
        accent = self.cleaned_data["accent"].lower()
        if accent:
            validate_accent(accent)
        return accent

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        texts = self.texts()
        for code, words in texts.items():
            if not words.summary and f"summary_{code}" not in self.errors:
                self.add_error(f"summary_{code}", _("Write this part too, or leave the language empty."))
        if not texts and not self.errors:
            self.add_error(
                f"summary_{settings.LANGUAGE_CODE}", _("Write the sentence in one language at least.")
            )
        return data

    def texts(self) -> dict[str, CampaignWords]:
        """The words by language; of a language of which anything was written."""
        data = self.cleaned_data
        found = {
            code: CampaignWords(*(data.get(f"{part}_{code}", "") for part in CampaignWords._fields))
            for code, _name in settings.LANGUAGES
        }
        return {code: words for code, words in found.items() if any(words)}
