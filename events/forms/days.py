"""What an operator says of a day of action: its dates, its mode, and its words in each language."""

from datetime import UTC, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from events.actions.days import DayDetails, Words
from events.forms.events import CLOCK, CLOCKS, DAY, WIDE
from events.models import DayOfAction
from hub.forms import MARKDOWN_HELP


class DayForm(forms.ModelForm):
    """A day of action. It needs words in one language at least, and a title with each call."""

    first_date = forms.DateField(label=_("First day"), widget=DAY)
    last_date = forms.DateField(
        required=False, label=_("Last day"), widget=DAY, help_text=_("Left empty, it is a single day.")
    )
    hour = forms.TimeField(
        required=False,
        label=_("Hour"),
        widget=CLOCK,
        input_formats=CLOCKS,
        help_text=_("Of the same hour everywhere: local time."),
        error_messages={"invalid": _("Write a time like 7:00 PM or 19:00.")},
    )
    instant = forms.SplitDateTimeField(
        required=False,
        label=_("Moment"),
        widget=AdminSplitDateTime,
        help_text=_("Of the same moment everywhere: date and time in UTC."),
    )

    FIELDS = ("campaign", "first_date", "last_date", "mode", "hour", "instant")

    class Meta:
        model = DayOfAction
        fields = ("campaign", "first_date", "last_date", "mode", "hour", "instant")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = not self.instance._state.adding
        texts = {text.language: text for text in self.instance.texts.all()} if known else {}
        for code, _name in settings.LANGUAGES:
            text = texts.get(code)
            self.fields[f"title_{code}"] = forms.CharField(
                required=False,
                max_length=120,
                label=gettext_lazy("Title"),
                widget=WIDE,
                initial=text.title if text else "",
            )
            self.fields[f"call_{code}"] = forms.CharField(
                required=False,
                max_length=10_000,
                label=gettext_lazy("Call"),
                help_text=format_lazy("{} {}", gettext_lazy("Why, and what to do."), MARKDOWN_HELP),
                widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
                initial=text.call if text else "",
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first = data.get("first_date")
        if first and not data.get("last_date") and "last_date" not in self.errors:
            data["last_date"] = first
        last = data.get("last_date")
        if first and last and last < first:
            self.add_error("last_date", _("The last day is before the first one."))
        self._clean_mode(data)
        for code, _name in settings.LANGUAGES:
            if data.get(f"call_{code}") and not data.get(f"title_{code}"):
                self.add_error(f"title_{code}", _("Write a title for this call."))
        if not self.errors and not self._texts(data):
            self.add_error(f"title_{settings.LANGUAGE_CODE}", _("Write a title in one language at least."))
        return data

    def _clean_mode(self, data: dict[str, Any]) -> None:
        mode, first, last = data.get("mode"), data.get("first_date"), data.get("last_date")
        if mode == DayOfAction.Mode.SAME_HOUR and data.get("hour") is None and "hour" not in self.errors:
            self.add_error("hour", _("Write the hour that is the same everywhere."))
        if mode != DayOfAction.Mode.SAME_INSTANT or "instant" in self.errors:
            return
        instant = data.get("instant")
        if instant is None:
            self.add_error("instant", _("Write the moment that is the same everywhere."))
        elif first and last:
            # Somewhere on earth it is already the next day, or still the day before.
            utc_day = instant.astimezone(UTC).date()
            if not first - timedelta(days=1) <= utc_day <= last + timedelta(days=1):
                self.add_error("instant", gettext("That moment is not on the day of action."))

    def _texts(self, data: dict[str, Any]) -> dict[str, Words]:
        return {
            code: Words(data[f"title_{code}"], data.get(f"call_{code}", ""))
            for code, _name in settings.LANGUAGES
            if data.get(f"title_{code}")
        }

    def details(self) -> DayDetails:
        """The cleaned form as the actions take it."""
        data = self.cleaned_data
        return DayDetails(**{name: data[name] for name in self.FIELDS}, texts=self._texts(data))
