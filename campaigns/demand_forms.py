"""What those who run a campaign say of a demand, and how demands are chosen for what carries them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy, slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from campaigns.actions.demands import DemandDetails, Words, not_adopted_anew, words_of
from campaigns.models import Demand, DemandText, DemandVersion
from campaigns.tags import TagsField
from hub.forms import MARKDOWN_HELP
from hub.texts import in_language, one_line_break

ANEW = _(
    "These words are new: write when and where they were adopted, or tick that it is only a correction of "
    "spelling."
)
WIDE = forms.TextInput(attrs={"class": "vTextField"})  # as wide as the admin's own
PLACE_MOST = 9_999
TAGS_MOST, TAG_LONGEST = 10, 40  # of one demand; characters


class DemandsField(forms.ModelMultipleChoiceField):
    """Demands that an event or a document carries: adopted ones, by their titles, in their order."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("label", _("Demands"))
        kwargs.setdefault("help_text", _("Those it is held for."))
        super().__init__(queryset=Demand.objects.adopted(), **kwargs)
        # Called anew for each form: titles change, and so does the reader's language.
        self.choices = self._by_title

    def _by_title(self) -> list[tuple[Any, str]]:
        """Number and title of each, in one query."""
        language = get_language() or settings.LANGUAGE_CODE
        texts = DemandText.objects.in_force().filter(version__demand__status=Demand.Status.ADOPTED)
        order = ("campaign__title", "campaign_id", "order")
        of_each: dict[Demand, list[DemandText]] = {}
        for text in texts.select_related("version__demand").order_by(
            *(f"version__demand__{n}" for n in order)
        ):
            of_each.setdefault(text.version.demand, []).append(text)
        return [
            (demand.pk, f"{demand.order}. {in_language(words, language)}")
            for demand, words in of_each.items()
        ]


class DemandFilterForm(forms.Form):
    """What the list's address says: a tag, of those there are."""

    tag = forms.CharField(required=False)

    chosen: Tag | None = None

    def __init__(self, *args: Any, tags: Sequence[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tags = tags

    def clean_tag(self) -> str:
        slug = self.cleaned_data["tag"]
        self.chosen = next((tag for tag in self.tags if slug and tag.slug == slug), None)
        if slug and self.chosen is None:
            raise forms.ValidationError(_("No demand has this tag. Choose one from the list."))
        return slug


class DemandForm(forms.ModelForm):
    """A demand: its words in one language at least, each with a title. Those of an adopted one say when
    and where they were adopted."""

    tags = TagsField()
    place = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=PLACE_MOST,
        label=_("Place"),
        help_text=_("In the order of the campaign's adopted demands."),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version as it was loaded
    correction = forms.BooleanField(
        required=False,
        label=_("Only a correction of spelling: the adoption stands for these words too"),
    )
    sure = forms.BooleanField(
        required=False,
        label=_("Retire it"),
        help_text=_(
            "It leaves the campaign's demands and takes no more support; its page and its history stay. "
            "Adopted again, it comes last."
        ),
    )

    FIELDS = ("campaign", "tags", "place", "seen")

    class Meta:
        model = Demand
        fields = ("campaign",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words_before: dict[str, Words] = {}
        if not self.instance._state.adding:
            version = DemandVersion.objects.filter(demand=self.instance, number=self.instance.newest).first()
            self.words_before = words_of(version) if version else {}
            self.initial = {
                **self.initial,
                "tags": list(self.instance.tags.all()),
                "place": self.instance.order,
                "seen": self.instance.newest,
            }
        if self.instance.order is None:
            del self.fields["place"], self.fields["sure"]
        if not self.instance.is_public:
            del self.fields["correction"]
        for code, _name in settings.LANGUAGES:
            self._add_words(code, self.words_before.get(code, Words("")))

    def _add_words(self, code: str, said: Words) -> None:
        self.fields[f"title_{code}"] = forms.CharField(
            required=False, max_length=160, label=_("Title"), widget=WIDE, initial=said.title
        )
        self.fields[f"text_{code}"] = forms.CharField(
            required=False,
            max_length=10_000,
            label=_("Text"),
            help_text=format_lazy("{} {}", _("It may be empty where the title says it all."), MARKDOWN_HELP),
            widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
            initial=said.text,
        )
        self.fields[f"adopted_{code}"] = forms.CharField(
            required=False,
            max_length=160,
            label=_("Adopted: when, where"),
            help_text=_("Of these very words, for example: May 2026, conference in Oakland."),
            widget=WIDE,
            initial=said.adopted,
        )

    def clean_tags(self) -> list[str]:
        tags = self.cleaned_data["tags"]
        if len(tags) > TAGS_MOST:
            raise forms.ValidationError(_("Write at most %(most)d tags.") % {"most": TAGS_MOST})
        for tag in tags:
            if len(tag) > TAG_LONGEST or not slugify(tag):
                raise forms.ValidationError(
                    _("A tag has a letter or a digit, and at most %(longest)d characters.")
                    % {"longest": TAG_LONGEST}
                )
        return tags

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for code, _name in settings.LANGUAGES:
            if not data.get(f"title_{code}") and (data.get(f"text_{code}") or data.get(f"adopted_{code}")):
                self.add_error(f"title_{code}", _("Write a title for these words."))
        if not self.errors and not self._texts(data):
            self.add_error(f"title_{settings.LANGUAGE_CODE}", _("Write a title in one language at least."))
        if self.instance.is_public or "_adopt" in self.data:
            for code in self._texts(data):
                if not data.get(f"adopted_{code}"):
                    self.add_error(f"adopted_{code}", _("Write when and where these words were adopted."))
        if self.instance.is_public and not data.get("correction"):
            for code in not_adopted_anew(self.words_before, self._texts(data)):
                self.add_error(f"adopted_{code}", ANEW)
        if "_retire" in self.data and "sure" in self.fields and not data.get("sure"):
            self.add_error("sure", _("Nothing is saved yet. Tick this if the campaign demands it no more."))
        if not self.instance._state.adding:
            self._refuse_outdated(data)
        return data

    def _refuse_outdated(self, data: dict[str, Any]) -> None:
        """Not the instance: it was read at the start of this request."""
        now = Demand.objects.values("newest", "status", "campaign_id").filter(pk=self.instance.pk).first()
        if now is None or data.get("seen") != now["newest"]:
            self.add_error(None, _("Somebody changed this demand meanwhile. Load the page again."))
        elif (
            now["status"] != Demand.Status.PROPOSED
            and "campaign" in data
            and data["campaign"].pk != now["campaign_id"]
        ):
            self.add_error("campaign", _("It was adopted by its campaign and stays there."))

    def _texts(self, data: dict[str, Any]) -> dict[str, Words]:
        return {
            code: Words(*(one_line_break(data.get(f"{name}_{code}") or "") for name in Words._fields))
            for code, _name in settings.LANGUAGES
            if data.get(f"title_{code}")
        }

    def details(self) -> DemandDetails:
        """The cleaned form as the actions take it."""
        data = self.cleaned_data
        return DemandDetails(campaign=data["campaign"], tags=data["tags"], texts=self._texts(data))
