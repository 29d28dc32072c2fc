"""What the address of a list of events says."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models import DayOfAction, Event
from events.querysets import Days
from events.when import days_around
from hub.forms import NearForm

WHENS = (
    ("today", _("Today")),
    ("week", _("Next 7 days")),
    ("weekend", _("This weekend")),
    ("month", _("Next 30 days")),
)
ONLINES = (("no", _("In person")), ("yes", _("Online")))


class DayField(forms.DateField):
    """A day in the list's address. What is none is quoted in the error: the field itself can't show it."""

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            sentence = gettext("“%(text)s” is not a day of the calendar. Write the date like 2027-05-01.")
            raise forms.ValidationError(sentence % {"text": str(value)[:40]}) from error


class EventFilterForm(NearForm):
    """What the list's address says: place and radius, date, kind, in person or online."""

    kind = forms.ChoiceField(required=False, choices=Event.Kind)
    when = forms.ChoiceField(required=False, choices=WHENS)
    online = forms.ChoiceField(required=False, choices=ONLINES)
    to = DayField(required=False)
    committee = forms.CharField(required=False, max_length=80)
    day = forms.CharField(required=False, max_length=80)

    chosen_committee: Committee | None = None
    chosen_day: DayOfAction | None = None

    def __init__(self, *args: Any, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        self.fields["from"] = DayField(required=False)
        for name, message in (
            ("kind", _("Choose a kind of event from the list.")),
            ("when", _("Choose a time from the list.")),
            ("online", _("Choose in person or online.")),
        ):
            self.fields[name].error_messages["invalid_choice"] = message

    def clean_committee(self) -> str:
        """A hidden one answers as one that isn't there."""
        slug = self.cleaned_data["committee"]
        if slug:
            self.chosen_committee = Committee.objects.visible_to(self.reader).filter(slug=slug).first()
            if self.chosen_committee is None:
                raise forms.ValidationError(_("There is no committee with this address."))
        return slug

    def clean_day(self) -> str:
        slug = self.cleaned_data["day"]
        if slug:
            days = DayOfAction.objects.visible_to(self.reader).prefetch_related("texts")
            self.chosen_day = days.filter(slug=slug).first()
            if self.chosen_day is None:
                raise forms.ValidationError(_("There is no day of action with this address."))
        return slug

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("from"), data.get("to")
        if first and last and last < first:
            self.add_error("to", _("The last day is before the first one."))
        return data

    def day_typed(self, name: str) -> str:
        """A day as <input type=date> takes it, whatever else is wrong; empty for what is none."""
        try:
            day = self.fields[name].clean(self.data.get(name, ""))
        except forms.ValidationError:
            return ""
        return day.isoformat() if day else ""

    def days(self, now: datetime) -> list[Days]:
        """The days that are asked for. "Today" is the place's own day; without a place it is each event's."""
        data = self.cleaned_data
        if not data.get("when"):
            return [Days(data.get("from"), data.get("to"))]
        if self.place and self.place.zone:
            return [_span(data["when"], now.astimezone(ZoneInfo(self.place.zone)).date())]
        return [_span(data["when"], today)._replace(zones=zones) for today, zones in days_around(now).items()]


def _span(when: str, today: date) -> Days:
    """First and last day of one of WHENS."""
    match when:
        case "week":
            return Days(today, today + timedelta(days=6))
        case "weekend":
            # Friday evening is not yet the weekend; on a Sunday it is today.
            saturday = today + timedelta(days=5 - min(today.weekday(), 5))
            sunday = saturday + timedelta(days=1) if today.weekday() < 6 else today
            return Days(today if today.weekday() >= 5 else saturday, sunday)
        case "month":
            return Days(today, today + timedelta(days=29))
    return Days(today, today)
