"""Is this input sound? Signing, and changing what of a signature is shown."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import signers
from campaigns.models import Signature
from hub.forms import VisitorForm, email_field
from hub.places import LONGEST_TEXT, UnknownPlace

Shown = Signature.Shown
PARTS = ("initials", "place", "name", "role", "organization")
# What each way of being shown asks for, and what to say where it is missing.
NEEDED = {
    Shown.INITIALS: {
        "initials": _("Write your initials, for example: M. G."),
        "place": _("Write a ZIP code or the name of your city."),
    },
    Shown.NAME: {"name": _("Write the name that is to be shown.")},
    Shown.IDENTIFICATION: {
        "name": _("Write the name that is to be shown."),
        "role": _("Write what you do in your union or group, for example: shop steward."),
        "organization": _("Write the union or group you name for identification."),
    },
}


# Marks that would turn round whatever stands behind a name.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


# Ways to reach somebody: an address, a site, a telephone number (a local's number is shorter).
REACHING = re.compile(r"@|://|\bwww\.|(?:\d[^\w,]*){7}", re.IGNORECASE)
LETTERS_MOST = 2  # of one initial, as in "Ma."; three where all are capitals: "MGL"


def _are_initials(text: str) -> bool:
    """Whether it holds no whole name. Marks that stand on a letter belong to it."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Mn")
    words = "".join(c if c.isalpha() else " " for c in text).split()
    return all(len(word) <= LETTERS_MOST + word.isupper() for word in words)


def _one_line(text: str) -> str:
    """Without what nobody sees: nobody looks at a name before it stands in the public list."""
    line = " ".join(text.split())
    return "".join(c for c in line if c not in TURNING and unicodedata.category(c) != "Cc").strip()


class ShownForm(forms.Form):
    """How a signature is shown. The fields of the ways that were not chosen are passed over."""

    shown = forms.ChoiceField(
        choices=Shown,
        initial=Shown.COUNTED,
        label=_("What is shown of you?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is shown of you."),
            "invalid_choice": _("Choose what is shown of you."),
        },
    )
    initials = forms.CharField(required=False, max_length=12, label=_("Your initials"))
    place = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label=_("Your ZIP code or city"),
        help_text=_("Only the city is shown, and of a city with fewer than 50,000 people only the state."),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    name = forms.CharField(
        required=False,
        max_length=80,
        label=_("Name"),
        help_text=_("As people know you; a pseudonym is welcome. Not somebody else's."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    role = forms.CharField(required=False, max_length=80, label=_("Role in the union or group"))
    organization = forms.CharField(
        required=False,
        max_length=120,
        label=_("Union or group"),
        help_text=_("“For identification only” stands beside it. A moderator looks at it first."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    signed_as = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PARTS:  # each is needed by the way that shows it
            self.fields[name].unmarked = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """First what people can mend here; then what all forms ask."""
        data, shown = self.cleaned_data, self.cleaned_data.get("shown", "")
        for name in PARTS:
            if name not in NEEDED.get(shown, {}):
                self.errors.pop(name, None)
                data[name] = ""
            elif name not in self.errors:
                data[name] = _one_line(data[name])
                if not any(character.isalnum() for character in data[name]):
                    self.add_error(name, NEEDED[shown][name])
                elif name != "place" and REACHING.search(data[name]):
                    self.add_error(
                        name,
                        _("Write it without an e-mail, a website or a telephone number: everybody sees it."),
                    )
                elif name == "initials" and not _are_initials(data[name]):
                    self.add_error(name, _("Write only the first letters of your names, for example: M. G."))
        if not any(name in self.errors for name in ("shown", *PARTS)):
            try:
                self.signed_as = signers.signed_as(shown, **{name: data[name] for name in PARTS})
            except UnknownPlace as unknown:
                self.add_error("place", str(unknown))
        return super().clean() or data


class SignForm(ShownForm, VisitorForm):
    """Signing: how it is shown, and for visitors the address that proves it is one person's."""

    email = email_field(
        help_text=_("Nobody sees it. It makes sure that everybody signs once."),
        error_messages={"required": _("Write your e-mail address.")},
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("email", "shown")

    def __init__(self, *args: Any, member: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if member:
            del self.fields["email"]
