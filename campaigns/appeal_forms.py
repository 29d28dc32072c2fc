"""What an operator says of a document: what it is, and its words in each language."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.actions import appeals
from campaigns.actions.appeals import AppealDetails, Words
from campaigns.demand_forms import DemandsField
from campaigns.models import Appeal
from hub.forms import MARKDOWN_HELP
from hub.texts import one_line_break

WIDE = forms.TextInput(attrs={"class": "vTextField"})
# With the format the browser's own field reads, whatever the language.
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
NO_ADDRESS = _("Write the address of a page, like https://example.org/page.")
GOAL_MOST = 1_000_000_000  # what the column holds, about
PARTS = ("title", "summary", "body")
MINOR, SUBSTANTIAL = "minor", "substantial"


class AppealForm(forms.ModelForm):
    """A document. It needs title, sentence and text in one language at least. Once it was published, a
    change of its words says of which kind it is."""

    change = forms.ChoiceField(
        required=False,
        choices=(
            (MINOR, _("Small corrections: it says the same. Nobody is written to.")),
            (SUBSTANTIAL, _("It says something else: everybody who has signed is asked once, by mail.")),
        ),
        widget=forms.RadioSelect,
        label=_("If you change its words, what kind of change is it?"),
    )
    goal = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=GOAL_MOST,
        label=_("Goal"),
        help_text=_("How many signatures you hope for."),
        error_messages={
            name: _("Write a whole number from 1 on, or leave it empty.")
            for name in ("invalid", "min_value", "max_value")
        },
    )
    demands = DemandsField(help_text=_("Those the document carries."))
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    FIELDS = ("campaign", "kind", "issued_on", "signable", "goal")

    class Meta:
        model = Appeal
        fields = ("campaign", "kind", "issued_on", "signable", "goal")
        widgets: ClassVar = {"issued_on": DAY}
        help_texts: ClassVar = {
            "issued_on": _("The date that stands in it."),
            "signable": _("People can sign it, and see how many have. Without this it is only to be read."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words: dict[str, Words] = {}
        if not self.instance._state.adding:
            version = appeals.current(self.instance)
            words, self.initial["seen"] = appeals.words_of(version), version.number
            self.initial["demands"] = list(self.instance.demands.values_list("pk", flat=True))
        self.words_before = words
        for code, _name in settings.LANGUAGES:
            said = words.get(code, Words("", "", ""))
            self.fields[f"title_{code}"] = forms.CharField(
                required=False, max_length=160, label=_("Title"), widget=WIDE, initial=said.title
            )
            self.fields[f"summary_{code}"] = forms.CharField(
                required=False,
                max_length=300,
                label=_("What it asks, in a sentence"),
                widget=WIDE,
                initial=said.summary,
            )
            self.fields[f"body_{code}"] = forms.CharField(
                required=False,
                max_length=50_000,
                label=_("Text"),
                help_text=MARKDOWN_HELP,
                widget=forms.Textarea(attrs={"rows": 20, "class": "vLargeTextField"}),
                initial=said.body,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        texts = self.texts(data)
        for code, words in texts.items():
            for part in PARTS:
                if not getattr(words, part) and f"{part}_{code}" not in self.errors:
                    self.add_error(f"{part}_{code}", _("Write this part too, or leave the language empty."))
        if not texts and not self.errors:
            self.add_error(f"title_{settings.LANGUAGE_CODE}", _("Write the text in one language at least."))
        if not self.errors and self.instance.published_at and texts != self.words_before:
            if not data.get("change"):
                self.add_error("change", _("Say what kind of change it is."))
            elif data.get("seen") != self.initial["seen"]:
                sentence = _("Somebody has changed the text since you opened it. Nothing was saved.")
                self.add_error(None, sentence)
        return data

    def texts(self, data: dict[str, Any]) -> dict[str, Words]:
        """The words by language; of a language of which anything was written."""
        found = {
            code: Words(*(one_line_break(data.get(f"{part}_{code}", "")) for part in PARTS))
            for code, _name in settings.LANGUAGES
        }
        return {code: words for code, words in found.items() if any(words)}

    def details(self) -> AppealDetails:
        """The cleaned form as the actions take it."""
        data = self.cleaned_data
        return AppealDetails(**{name: data[name] for name in self.FIELDS}, texts=self.texts(data))


class PaperForm(forms.Form):
    """Signatures gathered on paper."""

    count = forms.IntegerField(
        min_value=1,
        max_value=100_000,
        label=_("Signatures on paper"),
        error_messages={
            name: _("Write how many people have signed on paper, from 1 to 100,000.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )
    version = forms.IntegerField(
        label=_("Version on the sheet"),
        error_messages={
            name: _("Write the number of the version that stands on the sheet.")
            for name in ("required", "invalid")
        },
    )

    def __init__(self, *args: Any, appeal: Appeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = set(appeal.versions.values_list("number", flat=True))

    def clean_version(self) -> int:
        number = self.cleaned_data["version"]
        if number not in self.numbers:
            raise forms.ValidationError(_("There is no such version. Look at the foot of the sheet."))
        return number
