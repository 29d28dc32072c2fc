"""What people type: its lines end as the browser counts them, and of too much it is said how much."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

TOO_LONG = _("Write at most %(limit)s characters: this has %(length)s.")


def measure_as_browsers_do() -> None:
    """Teach this to Django's own text box and validator, which every form has, and the admin's. A browser
    counts the end of a line as one character and sends two."""
    forms.Textarea.value_from_datadict = _value_typed  # type: ignore[assignment,method-assign]
    MaxLengthValidator.__call__ = _check_length  # type: ignore[assignment,method-assign]


def _value_typed(self: forms.Textarea, data: Mapping[str, Any], files: Any, name: str) -> Any:
    value = forms.Widget.value_from_datadict(self, data, files, name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _check_length(self: MaxLengthValidator, value: Any) -> None:
    limit = self.limit_value() if callable(self.limit_value) else self.limit_value
    length = self.clean(value)
    if length > limit:
        figures = {"limit": _figures(limit), "length": _figures(length)}
        plain = {"limit_value": limit, "show_value": length, "value": value}  # what a field's own words name
        raise ValidationError(TOO_LONG, code=self.code, params={**plain, **figures})


def _figures(number: int) -> str:
    return str(number_format(number, force_grouping=True))
