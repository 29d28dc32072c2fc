"""What of a signer is shown: how it is asked for, kept and read.

It is kept as lines: initials, city, region and country; or a name; or a name, a role and an
organization. What isn't to be shown is in none of them.
"""

from django.utils.translation import gettext

from campaigns.models import Signature
from hub import places
from hub.models import City

LARGE_CITY = 50_000  # people; among fewer, initials and a city can be enough to find somebody
SAME_CITY_KM = 50.0

Shown = Signature.Shown


def area_of(text: str) -> tuple[str, str, str]:
    """City, region and country (ISO 3166-1) that may stand beside initials: without the city where
    fewer than 50,000 people live in it, and of what is not in the USA without a region. Raises
    UnknownPlace, also where several cities may be meant: the wrong one would stand there for everybody."""
    place = places.find_place(text)
    if place.rivals:
        raise places.UnknownPlace(
            gettext("There is more than one %(city)s. Write the state or region too, as in: %(examples)s.")
            % {"city": place.city, "examples": "; ".join([place.label, *place.rivals][:3])}
        )
    american = place.country == "US" or place.country in places.american()
    folded = places.fold(place.city)
    cities = City.objects.filter(folded=folded, country=place.country).order_by("-population")
    near = [
        city
        for city in cities
        if places.distance_km(places.Point(city.latitude, city.longitude), place.point) < SAME_CITY_KM
    ]
    region = place.region if american else ""
    if near and near[0].population >= LARGE_CITY:
        return near[0].name, region, place.country
    return "", region, place.country


def signed_as(shown: str, *, initials: str, place: str, name: str, role: str, organization: str) -> str:
    """The lines to keep. Raises UnknownPlace."""
    if shown == Shown.INITIALS:
        return "\n".join([initials, *area_of(place)])
    if shown == Shown.NAME:
        return name
    if shown == Shown.IDENTIFICATION:
        return "\n".join([name, role, organization])
    return ""


def said(signature: Signature) -> dict[str, str]:
    """What a form for changing it begins with."""
    lines = [*signature.signed_as.split("\n"), "", "", ""]
    if signature.shown == Shown.INITIALS:
        city, region, country = lines[1:4]
        place = (places.city_name(city, region, country), region, country)
        return {"initials": lines[0], "place": ", ".join(part for part in place if part)}
    if signature.shown == Shown.NAME:
        return {"name": lines[0]}
    if signature.shown == Shown.IDENTIFICATION:
        return {"name": lines[0], "role": lines[1], "organization": lines[2]}
    return {}
