"""Is an endorsement sound? Changes nothing."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from campaigns.actions.endorsements import Answers
from campaigns.actions.organizations import lookalikes
from campaigns.models import Endorsement, Organization
from campaigns.models.endorsements import MOTION_MAX
from campaigns.organization_forms import CHOOSE, OrganizationFields
from hub.forms import VisitorForm, email_field

NEW = "new"
EAST = timedelta(hours=14)  # where a day begins first, it is that much later than in UTC
OLDEST = date(2000, 1, 1)


class EndorsementFields(forms.Form):
    """How an organization has decided."""

    role = forms.ChoiceField(
        label=_("What do you do?"),
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    adopted_by = forms.ChoiceField(
        choices=[(value, capfirst(label)) for value, label in Endorsement.AdoptedBy.choices],
        label=_("Who decided?"),
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    adopted_on = forms.DateField(
        label=_("When was it decided?"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Write the day of the decision."),
            "invalid": _("Write a day like 2027-05-01."),
        },
    )
    motion = forms.CharField(
        required=False,
        max_length=MOTION_MAX,
        strip=True,
        label=_("Text of the motion"),
        help_text=_("May be empty. It is shown on the organization's page: write no names of persons."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    ROLES: ClassVar = {
        Endorsement.Role.INITIAL: _("We organize it together with others, from the start"),
        Endorsement.Role.CO_ORGANIZER: _("We organize it together with others"),
        Endorsement.Role.ENDORSER: _("We stand behind it"),
    }

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only_role = roles[0] if len(roles) == 1 else ""
        if self.only_role:
            del self.fields["role"]
        else:
            role = self.fields["role"]
            assert isinstance(role, forms.ChoiceField)
            role.choices = [(name, self.ROLES[Endorsement.Role(name)]) for name in roles]

    def clean_adopted_on(self) -> date:
        day = self.cleaned_data["adopted_on"]
        if day > (timezone.now() + EAST).date():
            raise forms.ValidationError(
                _(
                    "That day is in the future. Has your meeting not voted yet? There is a model "
                    "resolution for it."
                )
            )
        if day < OLDEST:
            raise forms.ValidationError(_("That day is too long ago."))
        return day

    def decision(self) -> dict[str, Any]:
        """The cleaned answers of these fields."""
        names = ("adopted_by", "adopted_on", "motion")
        return {"role": self.only_role or self.cleaned_data["role"]} | {
            name: self.cleaned_data[name] for name in names
        }


class EndorseForm(EndorsementFields, OrganizationFields, VisitorForm):
    """Endorse in an organization's name. One that is on the site already, in another spelling, is offered
    before anything is stored."""

    known = forms.ChoiceField(
        required=False,
        label=_("Is it one of these?"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": CHOOSE},
    )
    email = email_field(
        help_text=_(
            "Of the person we may write to about this. It is not shown; only moderators see a hint of it. "
            "It is deleted when the endorsement is withdrawn."
        ),
        error_messages={"required": _("Write an e-mail address like name@example.org.")},
    )
    HEADINGS: ClassVar = (
        (_("Your organization"), ("name", "level", "country", "city", "region", "site")),
        (_("The decision"), ("role", "adopted_by", "adopted_on", "motion")),
        (_("Contact"), ("email",)),
    )

    def __init__(self, *args: Any, member: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered: list[Organization] = []
        if member:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("name") and data.get("country"):
            self._offer(data)
        return data

    def _offer(self, data: dict[str, Any]) -> None:
        """Ask which one is meant, unless that was answered, or nothing is there to be meant."""
        self.offered = lookalikes(data["name"], data["country"], Organization.objects.listed())
        answered = self.data.get("known", "")
        known = self.fields["known"]
        assert isinstance(known, forms.ChoiceField)
        known.choices = [
            *((str(one.pk), f"{one.name} ({one.area})") for one in self.offered),
            (NEW, _("No, it is another organization")),
        ]
        known.required = bool(self.offered)  # so that it isn't called optional where it is asked
        exact = [one for one in self.offered if self._is(one, data)]
        if not self.offered or answered == NEW:
            data["known"] = None
            self.errors.pop("known", None)
        elif answered in {str(one.pk) for one in self.offered}:
            data["known"] = next(one for one in self.offered if str(one.pk) == answered)
            self.errors.pop("known", None)
        elif len(exact) == 1:
            data["known"] = exact[0]
        else:
            self.errors.pop("known", None)
            self.add_error(
                "known",
                _("An organization with a name like this is here already. Say whether it is the same."),
            )

    @staticmethod
    def _is(one: Organization, data: dict[str, Any]) -> bool:
        """Whether nothing that was typed says otherwise."""
        same_name = one.name.casefold() == data["name"].casefold()
        return same_name and one.city.casefold() == data.get("city", "").strip().casefold()

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The visible fields under their headings."""
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in self.HEADINGS
        ]

    def answers(self) -> Answers:
        """The cleaned form as the actions take it."""
        return Answers(
            organization=self.cleaned_data.get("known") or self.organization_details(), **self.decision()
        )


class EndorsementChangeForm(EndorsementFields, OrganizationFields):
    """Correct what isn't published yet; what is said of an organization, only while that isn't either."""

    def __init__(self, *args: Any, endorsement: Any, **kwargs: Any) -> None:
        organization = endorsement.organization
        said = {name: getattr(organization, name) for name in self.DETAILS}
        decided = {
            name: getattr(endorsement, name) for name in ("role", "adopted_by", "adopted_on", "motion")
        }
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, initial=said | decided, **kwargs)
        self.knows_organization = organization.published_at is not None
        if self.knows_organization:
            for name in self.DETAILS:
                del self.fields[name]
