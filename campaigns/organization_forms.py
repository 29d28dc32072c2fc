"""Is what is said of an organization sound? For visitors who endorse in its name, and for the admin."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.actions.organizations import OrganizationDetails
from campaigns.models import Organization
from campaigns.models.organizations import NAME_MAX
from hub import places
from hub.forms import VisitorForm, email_field

CHOOSE = _("Choose one from the list.")
USUAL_COUNTRY = "US"


def country_choices() -> list[tuple[str, str]]:
    """Every country by its name in the language that is active."""
    column = "spanish" if get_language() == "es" else "english"
    names = sorted(
        (places.fold(names[column]), names[column], code) for code, names in places.countries().items()
    )
    return [("", "—"), *((code, name) for _folded, name, code in names)]


class OrganizationFields(forms.Form):
    """What everybody may know of an organization."""

    name = forms.CharField(
        max_length=NAME_MAX,
        label=_("Name of the organization"),
        help_text=_("In full, with the number of a local. For example: Teamsters Local 12."),
        error_messages={"required": _("Write the name of the organization.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    level = forms.ChoiceField(
        choices=[("", "—"), *Organization.Level.choices],
        label=_("What kind of organization is it?"),
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Of an international organization the country of its office."),
        error_messages={"required": _("Choose the country."), "invalid_choice": _("Choose the country.")},
    )
    city = forms.CharField(required=False, max_length=80, label=_("City"))
    region = forms.CharField(required=False, max_length=80, label=_("State or region"))
    site = forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        label=_("Its own site"),
        help_text=_("Its web address, if it has one. It is shown."),
        error_messages={"invalid": _("Write an address like https://local12.example.org.")},
    )
    DETAILS: ClassVar = ("name", "level", "country", "city", "region", "site")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        none, *others = country_choices()
        # Most are of this country: it stands first, and is chosen already.
        country.choices = [none, *sorted(others, key=lambda one: one[0] != USUAL_COUNTRY)]
        country.initial = USUAL_COUNTRY

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not any(character.isalnum() for character in name):
            raise forms.ValidationError(_("Write the name of the organization."))
        return name

    def clean_site(self) -> str:
        site = self.cleaned_data["site"]
        if site and not site.startswith(("http://", "https://")):
            raise forms.ValidationError(_("Write an address like https://local12.example.org."))
        return site

    def organization_details(self) -> OrganizationDetails:
        """The cleaned form as the actions take it."""
        return OrganizationDetails(**{name: self.cleaned_data[name] for name in self.DETAILS})


class OfficerForm(VisitorForm):
    """Somebody who says that they act for an organization."""

    email = email_field(
        help_text=_("Nobody sees it but moderators."),
        error_messages={"required": _("Write your address at the organization's own site.")},
    )


class OrganizationFilterForm(forms.Form):
    """What the list's address says."""

    country = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": _("Choose a country from the list.")}
    )
    level = forms.ChoiceField(
        required=False,
        choices=Organization.Level.choices,
        error_messages={"invalid_choice": _("Choose a kind of organization from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = country_choices()
