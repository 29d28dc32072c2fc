"""What forms have in common: a visitor's acts once and costs a robot more than a person; the code of a
mail; a place and how far from it."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub import links, misspelled, places
from hub.places import MILES_TO_KM, Place, UnknownPlace
from hub.sealing import EMAIL_MAX_LENGTH

TOO_FAST = 2.0  # seconds between opening a form and sending it; people need longer
TOO_OLD = 24 * 3600.0  # seconds
DISTANCES = (5, 10, 25, 50, 100, 250)
DEFAULT_DISTANCE = 25
# Why a typed code does not confirm: by the reason of `hub.actions.CodeRefused`.
CODE_SENTENCES = {
    "wrong": _("That is not the code in the mail. Look again, or press the button in the mail."),
    "expired": _("This code is no longer valid. Press the button in the mail, or ask for a new mail."),
    "tries": _("Too many wrong codes. Press the button in the mail, or ask for a new mail."),
}

MARKDOWN_HELP = _(
    "You can use Markdown: **bold**, [a link](https://example.org), a list with a “- ” before each line, "
    "a heading with “## ” before it. An empty line begins a new paragraph."
)

# What Django itself says of a field and no form of ours says otherwise. Named here, these stand in our
# catalogue too, which goes first: Django's own Spanish is formal.
DJANGOS_SENTENCES = (
    _("This field is required."),
    _("Null characters are not allowed."),
)


class VisitorForm(forms.Form):
    """A form with a token (it acts once), a least time and a field only robots fill in.

    Whatever is wrong with these, the form comes back with everything that was typed, and pressing
    the button once more goes through. With `known` it is for somebody who has logged in: no robot is
    to be slowed down.
    """

    form_token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    website = forms.CharField(
        required=False,
        max_length=200,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["form_token"] = new_form_token(aged=known)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("website"):
            # A browser that fills in everything falls into it too, and its owner can't see the field.
            self._put("website", "")
            self.add_error("website", _("Leave this field empty: only robots fill it in."))
        value, age = links.unsign_with_age(data.get("form_token", ""), "form")
        if value is not None and TOO_FAST <= age <= TOO_OLD:
            data["form_token"] = value
            return data
        # It comes back with a token that was waited for, so that pressing once more goes through. What a
        # person can mend is said first, and alone.
        self.errors.pop("form_token", None)
        fast = value is not None and age < TOO_FAST
        self._put("form_token", _aged(value) if fast and value else new_form_token(aged=True))
        if not self.errors and fast:
            self.add_error(None, _("That was very fast. Please press the button once more."))
        elif not self.errors:
            self.add_error(None, _("This page was open for a long time. Please press the button once more."))
        return data

    def _put(self, name: str, value: str) -> None:
        # A bound form shows what was sent: put there what is to be sent next time.
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as views give it
        data[self.add_prefix(name)] = value
        self.data = data


def new_form_token(*, aged: bool = False) -> str:
    """A random token with the time it was made; `aged` ones were already waited for."""
    value = secrets.token_urlsafe(16)
    return _aged(value) if aged else links.sign(value, "form")


def _aged(value: str) -> str:
    return links.sign(value, "form", age=TOO_FAST + 1)


def email_field(*, error_messages: dict[str, Any] | None = None, **kwargs: Any) -> forms.EmailField:
    """An address field as every form of ours has it."""
    invalid = _("Write an e-mail address like name@example.org.")
    return forms.EmailField(
        error_messages={"invalid": invalid, **(error_messages or {})},
        max_length=EMAIL_MAX_LENGTH,
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        **kwargs,
    )


class CodeForm(forms.Form):
    """The six digits of the mail; spaces and dashes that came along when pasting don't matter."""

    code = forms.CharField(
        max_length=20,
        label=_("Six-digit code"),
        help_text=_("It is in the mail. You can paste it."),
        error_messages={"required": _("Write the six digits from the mail.")},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "input-code"}
        ),
    )
    remember = forms.BooleanField(
        required=False,
        label=_("Remember me on this phone"),
        help_text=_("For 90 days you won't have to confirm again here. Not on a shared phone."),
    )

    def clean_code(self) -> str:
        code = "".join(c for c in self.cleaned_data["code"] if c.isalnum())
        if not (len(code) == 6 and code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("Write the six digits from the mail."))
        return code


class NearForm(forms.Form):
    """What a list's address says of a place and of how far from it."""

    near = forms.CharField(required=False)  # `find_place` says what is too long
    within = forms.TypedChoiceField(
        required=False,
        coerce=int,
        choices=[(d, d) for d in DISTANCES],
        empty_value=None,
        error_messages={"invalid_choice": _("Choose a distance from the list.")},
    )

    place: Place | None = None
    similar: tuple[str, ...] = ()  # places a misspelled one may mean

    def clean_near(self) -> str:
        text = self.cleaned_data["near"].strip()
        if text:
            try:
                self.place = places.find_place(text)
            except UnknownPlace as error:
                self.similar = misspelled.similar(text) if error.misspelled else ()
                raise forms.ValidationError(str(error)) from error
        return text

    @property
    def in_miles(self) -> bool:
        return self.place is None or self.place.country in {"US", *places.american()}

    @property
    def km(self) -> float:
        """The radius in kilometres: miles near a place in the USA, else kilometres."""
        within = self.cleaned_data.get("within") or DEFAULT_DISTANCE
        return within * MILES_TO_KM if self.in_miles else float(within)
