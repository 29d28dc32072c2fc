"""QR codes: what is kept of them, and what is not."""

import pytest

from hub import qr
from tests.campaigns.signing import make_appeal, make_signature


def test_a_page_s_code_is_made_once_and_is_its_own():
    first, second = "https://hub.example.org/appeals/a/", "https://hub.example.org/appeals/b/"
    assert qr.of_page(first) is qr.of_page(first)
    assert qr.of_page(first) == qr.svg(first) != qr.of_page(second) == qr.svg(second)


@pytest.mark.django_db
def test_each_language_of_a_page_has_its_own_code(client):
    slug = make_appeal().slug
    codes = [client.get(f"{prefix}/appeals/{slug}/").context["qr"] for prefix in ("", "/es", "")]
    assert codes[0] == codes[2] != codes[1]


@pytest.mark.django_db
def test_the_code_of_a_secret_link_is_not_kept(client):
    token = make_signature(make_appeal(), confirmed=True).mail_token
    before = qr.of_page.cache_info()
    assert "<svg" in client.get(f"/t/{token}/").content.decode()
    assert qr.of_page.cache_info() == before
