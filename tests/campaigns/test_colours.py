"""A campaign's colour: which are refused, how they look in the dark, and which pages wear it."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from campaigns import colours
from campaigns.colours import contrast, stylesheet, validate_accent
from campaigns.models import Appeal
from tests.campaigns.endorsing import endorse
from tests.campaigns.signing import make_appeal, make_signature
from tests.factories import make_campaign, make_day, make_demand, make_event, make_post

CSS = (Path(__file__).parents[2] / "static/css/hub.css").read_text()
BLUE = "#1d4f91"
colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def token(name: str, scheme: str) -> str:
    """A colour of the stylesheet in the light or the dark scheme."""
    light, dark = re.findall(rf"--{name}: (#\w+);", CSS)[:2]
    return {"light": light, "dark": dark}[scheme]


# Pairs as WebAIM's calculator and the recommendation's own examples have them.
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#123456", "#123456", 1),
    ],
)
def test_contrast(one, other, expected):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(expected, abs=0.01)


def test_it_is_measured_on_the_stylesheet_s_own_surfaces():
    assert token("tint", "light") == colours.LIGHT_SURFACE
    assert token("tint", "dark") == colours.DARK_SURFACE
    assert re.search(r"--on-red: (#\w+);", CSS)[1] == colours.WORDS_ON_IT
    for scheme, surface in (("light", colours.LIGHT_SURFACE), ("dark", colours.DARK_SURFACE)):
        words = "#000000" if scheme == "dark" else "#ffffff"
        for name in ("paper", "sheet"):  # these are easier to read on
            assert contrast(token(name, scheme), words) < contrast(surface, words)


@pytest.mark.parametrize(
    "accent", ["red", "#12345", "#1234567", "1d4f91", "#1D4F9G", "#ffdd00", "#ff8800", "#ffffff"]
)
def test_what_is_refused(accent):
    with pytest.raises(ValidationError):
        validate_accent(accent)


@pytest.mark.parametrize("accent", [BLUE, "#000000", "#5b2a86", "#1c5a37", "#b00e1b"])
def test_what_is_taken(accent):
    validate_accent(accent)


@given(colour)
def test_whatever_is_taken_can_be_read_in_both_schemes(accent):
    try:
        validate_accent(accent)
    except ValidationError:
        return
    fill, ink, dark_fill, dark_ink = re.findall(r"#[0-9a-f]{6}", stylesheet(accent))
    assert fill == ink == accent
    assert contrast(ink, colours.LIGHT_SURFACE) >= 4.5
    assert contrast(fill, colours.WORDS_ON_IT) >= 4.5
    assert contrast(dark_fill, colours.WORDS_ON_IT) >= 4.5
    assert contrast(dark_ink, colours.DARK_SURFACE) >= 4.5
    halo = re.search(r"--halo: (#\w+);", CSS)[1]
    assert min(contrast(halo, fill), contrast(halo, dark_fill)) >= 3  # the ring of what has the focus


@pytest.mark.django_db
def test_the_pages_of_a_campaign_wear_its_colour(visitor, make_page):
    campaign = make_campaign(accent=BLUE, slug="blue", is_home=True)
    make_campaign(slug="plain")
    page = visitor.get(make_page(campaign))
    address = "/campaigns/blue-1d4f91.css"
    assert f'<link rel="stylesheet" href="{address}">' in page.content.decode()
    answer = visitor.get(address)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert f"--accent: {BLUE}" in answer.content.decode()
    assert "blue-" not in visitor.get("/campaigns/plain/").content.decode()


def make_off(campaign):
    """The page of a signature under a document that is off the site by now."""
    appeal = make_appeal(campaign=campaign)
    token = make_signature(appeal, confirmed=True).mail_token
    Appeal.objects.filter(pk=appeal.pk).update(status="archived")
    return f"/t/{token}/"


def at(make, address):
    """Makes what a page is about; `address` is the page's, with its slug."""
    return lambda campaign: address.format(make(campaign=campaign).slug)


MAKERS = {
    "home": lambda campaign: "/",
    "campaign": lambda campaign: f"/campaigns/{campaign.slug}/",
    "platform": lambda campaign: f"/demands/platform/?campaign={campaign.slug}",
    "demand": at(make_demand, "/demands/{}/"),
    "demand history": at(make_demand, "/demands/{}/history/"),
    "day": at(make_day, "/days/{}/"),
    "day host": at(make_day, "/days/{}/host/"),
    "post": at(make_post, "/news/{}/"),
    "signature": lambda campaign: f"/t/{make_signature(make_appeal(campaign=campaign)).token}/",
    "signature off": make_off,
    "endorsement": lambda campaign: f"/endorsement/{endorse(make_day(campaign=campaign)).mail_token}/",
}
for page in ("", "sign/", "names/", "versions/", "versions/1/", "languages/", "sheet/"):
    MAKERS[f"appeal {page}"] = at(make_appeal, "/appeals/{}/" + page)
for kind, make in (("appeal", make_appeal), ("day", make_day), ("event", make_event)):
    for page in ("", "list/", "resolution/"):
        MAKERS[f"endorse {kind} {page}"] = at(make, f"/endorse/{kind}/{{}}/{page}")


@pytest.fixture(params=MAKERS)
def make_page(request):
    """Makes a page of a campaign; gives its address."""
    return MAKERS[request.param]


@pytest.mark.django_db
def test_no_other_colour_has_a_stylesheet(visitor):
    make_campaign(accent=BLUE, slug="blue")
    for path in ("blue-1d4f92", "plain-1d4f91", "blue-1D4F91", "blue-", "blue-1d4f91%00"):
        assert visitor.get(f"/campaigns/{path}.css").status_code == 404, path


@pytest.mark.django_db
def test_an_event_page_keeps_to_its_query(visitor):
    """The busiest page has the hub's own colours: nothing more is asked for it."""
    event = make_event(campaign=make_campaign(accent=BLUE, slug="blue"))
    assert ".css" in (page := visitor.get(f"/events/{event.slug}/").content.decode())
    assert "blue-1d4f91" not in page
