"""What every page may name."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from hub.context import site


@pytest.mark.parametrize(
    ("path", "english"),
    [
        ("/es/", "/"),
        ("/es/events/?near=94102", "/events/?near=94102"),
        ("/es//evil.example/", "/evil.example/"),
        ("/es////evil.example/", "/evil.example/"),
    ],
)
def test_the_same_page_in_english_is_never_on_another_host(path, english):
    with translation.override("es"):
        languages = site(RequestFactory().get(path))["languages"]
    assert languages == [("en", "English", english), ("es", "Español", "")]
