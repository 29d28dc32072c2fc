"""Areas of things that have a city and a rough point: how they are written, and which are near."""

from typing import Any

from django.db import models
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import ACos, Cos, Greatest, Least, Radians, Sin
from django.utils.translation import gettext

from hub.places import EARTH_RADIUS_KM, MILES_TO_KM, Point, american, bounding_box, city_name, country_name


def area_text(city: str, region: str, country: str) -> str:
    """ "San Francisco, CA" in the USA, "Piraeus, Greece" elsewhere, the country alone without a city;
    cities and countries in the language that is active."""
    city = city_name(city, region, country)
    if country == "US" or country in american():
        parts = (city, region) if city else (country_name(country),)
    else:
        parts = (city, country_name(country) if country else "")
    return ", ".join(part for part in parts if part)


def distance_text(km: float, *, in_miles: bool) -> str:
    """ "12 miles", "< 1 km"."""
    length = round(km / MILES_TO_KM if in_miles else km)
    unit = (gettext("mile") if length <= 1 else gettext("miles")) if in_miles else gettext("km")
    return f"{length or '< 1'} {unit}"


class NearQuerySet(models.QuerySet[Any]):
    """Rows with the columns latitude and longitude, in degrees."""

    def near(self, point: Point, km: float) -> Any:
        """Within `km` kilometres of `point`; adds `distance` in kilometres.

        A box on the index first, then the great circle (spherical law of cosines; the cosine is
        clamped, because rounding can push it past 1 for equal points).
        """
        box = bounding_box(point, km)
        longitudes = Q()
        for west, east in box.longitudes:
            longitudes |= Q(longitude__range=(west, east))
        cosine = Sin(Radians(Value(point.latitude))) * Sin(Radians(F("latitude"))) + Cos(
            Radians(Value(point.latitude))
        ) * Cos(Radians(F("latitude"))) * Cos(Radians(F("longitude") - Value(point.longitude)))
        distance = ACos(Least(Value(1.0), Greatest(Value(-1.0), cosine))) * Value(EARTH_RADIUS_KM)
        return (
            self.filter(longitudes, latitude__range=(box.south, box.north))
            .annotate(distance=models.ExpressionWrapper(distance, output_field=FloatField()))
            .filter(distance__lte=km)
        )
