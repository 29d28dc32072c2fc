"""What people type is measured as their browser measures it."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import translation


class Told(forms.Form):
    text = forms.CharField(max_length=1200, widget=forms.Textarea)
    short = forms.CharField(max_length=3, required=False)


def test_a_line_s_end_is_one_character_as_in_the_browser():
    text = "x" * 599 + "\r\n" + "y" * 600
    form = Told({"text": text})
    assert form.is_valid()
    assert form.cleaned_data["text"] == text.replace("\r\n", "\n")
    # Where no lines are typed none are mended: what is stored has the length that was measured.
    assert not Told({"text": "x", "short": "a\r\nb"}).is_valid()


def test_too_long_is_said_with_both_numbers():
    form = Told({"text": "x" * 4468})
    assert form.errors["text"] == ["Write at most 1,200 characters: this has 4,468."]
    with translation.override("es"):
        (sentence,) = Told({"text": "x" * 1201}).errors["text"]
    assert sentence.startswith("Escribe como máximo 1")


def test_a_field_s_own_words_go_first():
    field = forms.CharField(max_length=3, error_messages={"max_length": "No more than %(limit_value)d."})
    with pytest.raises(ValidationError, match="No more than 3"):
        field.clean("four")
    with pytest.raises(ValidationError, match="at most 2"):
        MaxLengthValidator(lambda: 2)("abc")
