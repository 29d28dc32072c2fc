"""What a host says of an event: proposing it, and changing it later."""

from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from committees.models import Committee
from events.actions.events import EventDetails
from events.forms.events import DAY, EventForm
from events.models import DayOfAction, Event
from events.when import clock_text, day_text, days_text
from hub import places
from hub.forms import email_field

GROUPS = (
    ("what", _("What is it?"), ("kind", "title", "description", "language")),
    (
        "where",
        _("Where is it?"),
        ("venue", "street", "city", "region", "postal_code", "country", "reveal", "online", "online_link"),
    ),
    ("when", _("When is it?"), ("first_day", "starts", "ends", "last_day", "all_day", "zone")),
    ("who", _("Who invites?"), ("committee", "visibility", "campaign", "host_name", "capacity", "email")),
)
# Needed under a condition, which the hint says: not marked as optional.
NEEDED_WHEN = {
    "city": _("Needed unless it is online only."),
    "region": _("In the USA the two letters, for example CA. Needed if another place has the city's name."),
    "country": _("Needed with a city."),
    "starts": _("Needed unless it goes on all day."),
    "ends": _("Needed unless it goes on all day."),
    "zone": _("Needed if it is online only. Leave it empty for the zone of the place."),
}
YES_NO = {True: _("Yes"), False: _("No")}


class HostEventForm(EventForm):
    """An event in its host's words; where and when are checked as they are for an operator."""

    title = forms.CharField(
        max_length=120,
        label=_("Title"),
        help_text=_("For example: Rally for a Labor Party."),
        error_messages={"required": _("Write a title.")},
    )
    description = forms.CharField(
        required=False,
        max_length=10_000,
        label=_("What is it about?"),
        help_text=_("What happens, what to bring, how accessible it is. Everybody can read this."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    venue = forms.CharField(
        required=False, max_length=120, label=_("Place"), help_text=_("A building, a park, a corner.")
    )
    street = forms.CharField(required=False, max_length=160, label=_("Street and number"))
    city = forms.CharField(required=False, max_length=80, label=_("City"))
    region = forms.CharField(required=False, max_length=80, label=_("State or region"))
    postal_code = forms.CharField(required=False, max_length=16, label=_("ZIP or postal code"))
    country = forms.ChoiceField(required=False, label=_("Country"), initial="US")
    online = forms.BooleanField(required=False, label=_("People can take part online"))
    online_link = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        label=_("Link to take part online"),
        help_text=_("Only people who are coming see it."),
        error_messages={"invalid": _("Write a link like https://meet.example.org/room.")},
    )
    first_day = forms.DateField(
        label=_("Day"),
        widget=DAY,
        error_messages={
            "required": _("Choose the day."),
            "invalid": _("Write the date like 2027-05-01."),
        },
    )
    all_day = forms.BooleanField(required=False, label=_("It goes on all day"))
    zone = forms.ChoiceField(required=False, label=_("Time zone"))
    capacity = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000,
        label=_("How many people fit?"),
        help_text=_("Leave it empty if there is room for everybody."),
        error_messages={
            "invalid": _("Write a number, or leave it empty."),
            "min_value": _("Write 1 or more, or leave it empty."),
            "max_value": _("Write 100,000 at most, or leave it empty."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
    )
    host_name = forms.CharField(
        required=False,
        max_length=80,
        label=_("Public name of the host"),
        help_text=_("A group, or any name you like. Everybody can read it. You can leave it empty."),
    )

    class Meta(EventForm.Meta):
        fields = (  # type: ignore[assignment]
            *("kind", "title", "description", "language", "host_name", "reveal"),
            *("city", "region", "postal_code", "country", "online"),
        )
        labels = {
            "kind": _("Kind of event"),
            "language": _("Language of the text"),
            "reveal": _("Who sees the exact place"),
        }
        help_texts = {
            "reveal": _(
                "Until somebody has confirmed their e-mail they can be shown the city only. Anyone with a "
                "mailbox can confirm, so this is no real secrecy."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        column = "spanish" if get_language() == "es" else "english"
        names = sorted((names[column], code) for code, names in places.countries().items())
        self._choices("country", [(code, name) for name, code in names])
        for name, hint in NEEDED_WHEN.items():
            needed: Any = self.fields[name]
            needed.help_text, needed.unmarked = hint, True
        for name in ("kind", "reveal", "language"):
            field: Any = self.fields[name]
            # No empty line: one of them is chosen, and what is published says which.
            field.choices = [choice for choice in field.choices if choice[0]]
            field.error_messages["required"] = _("Choose one from the list.")
            field.error_messages["invalid_choice"] = _("Choose one from the list.")

    def _choose_campaign(self) -> None:
        """A proposal's form does that itself; an edit keeps the event's."""

    def groups(self) -> list[tuple[str, Any, list[forms.BoundField]]]:
        """The visible fields in the groups of the page: (name, heading, fields)."""
        return [
            (name, heading, [self[field] for field in fields if field in self.fields])
            for name, heading, fields in GROUPS
        ]


class ProposalForm(HostEventForm):
    """A new event of a host: with an account, or with an address that is yet to be confirmed."""

    email = email_field(
        error_messages={"required": _("Write your e-mail address: we send you a code to confirm it.")},
        help_text=_(
            "To confirm that it is you, and to tell you when your event is published. Nobody sees it. It is "
            "deleted 30 days after the event."
        ),
    )
    committee = forms.ModelChoiceField(
        queryset=Committee.objects.none(),
        required=False,
        label=_("Your committee"),
        empty_label=_("None: I invite myself"),
        error_messages={"invalid_choice": _("Choose one of your committees.")},
    )
    visibility = forms.ChoiceField(
        required=False,
        label=_("Who sees the event?"),
        choices=(
            (Event.Visibility.PUBLIC, _("Everybody")),
            (Event.Visibility.MEMBERS, _("Only the committee's members")),
        ),
        help_text=_("An event of a hidden committee is for its members only."),
    )
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(),
        label=_("Campaign"),
        empty_label=None,
        error_messages={"required": _("Choose the campaign."), "invalid_choice": _("Choose the campaign.")},
    )
    day = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, user: Any, day: DayOfAction | None = None, committee: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.day_of_action = day
        if user.is_authenticated:
            del self.fields["email"]
        committees = Committee.objects.coordinated_by(user)
        if committees:
            self._field("committee").queryset = committees
            self.initial["committee"] = next((one.pk for one in committees if one.slug == committee), None)
        else:
            del self.fields["committee"], self.fields["visibility"]
        campaigns = Campaign.objects.visible_to(user).order_by("-is_home", "title")
        if day is not None:
            campaigns = campaigns.filter(pk=day.campaign_id)
            self.initial = {**self.initial, "day": day.slug, "first_day": day.first_date, "starts": day.hour}
        self.campaigns = list(campaigns)
        self._field("campaign").queryset = campaigns
        if len(self.campaigns) == 1:
            del self.fields["campaign"]
        self.initial["language"] = get_language() or "en"

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        day, first = self.day_of_action, data.get("first_day")
        if day is not None and first is not None and not day.first_date <= first <= day.last_date:
            days = days_text(day.first_date, day.last_date, get_language() or "en")
            self.add_error("first_day", _("The day of action is on another day: %(days)s.") % {"days": days})
        if not self.campaigns:
            self.add_error(None, _("There is no campaign yet. Ask an administrator."))
        return data

    def _clean_who(self, data: dict[str, Any]) -> None:
        committee = data.get("committee")
        if committee is not None and committee.visibility == Committee.Visibility.HIDDEN:
            data["visibility"] = Event.Visibility.MEMBERS  # as the form says
        super()._clean_who(data)

    def details(self) -> EventDetails:
        """The cleaned form as the actions take it."""
        details, data = super().details(), self.cleaned_data
        details.values |= {
            "campaign": data.get("campaign") or self.campaigns[0],
            "committee": data.get("committee"),
            "visibility": data.get("visibility") or Event.Visibility.PUBLIC,
            "day": self.day_of_action,
        }
        return details

    def answers(self) -> list[tuple[str, Any, list[tuple[str, str, str]]]]:
        """What was said, to be read over: (name, heading, [(field's id, label, answer)])."""
        return [
            (name, heading, [(bound.auto_id, str(bound.label), self._answer(bound)) for bound in bounds])
            for name, heading, bounds in self.groups()
        ]

    def _answer(self, bound: forms.BoundField) -> str:
        value = self.cleaned_data.get(bound.name)
        if bound.name == "zone" and not bound.value():
            return gettext("That of the place: %(zone)s") % {"zone": value}
        if isinstance(value, bool):
            return str(YES_NO[value])
        if value in (None, ""):
            return "–"
        if isinstance(bound.field, forms.ChoiceField) and not isinstance(bound.field, forms.ModelChoiceField):
            choices: Any = bound.field.choices
            return str(dict(choices).get(value, value))
        if isinstance(value, date):
            return day_text(value, get_language() or "en")
        if isinstance(value, time):
            return clock_text(value, get_language() or "en")
        return str(value)
