"""Where places are: ZIP codes of the USA and cities of the world.

Public data, the same in every hub: `manage.py load_places` fills these tables and replaces them
whole when the data changes. Nothing points at a row here, and nothing about people is in them.
"""

from django.db import connections, models

from hub.models.base import HubModel


class CityQuerySet(models.QuerySet):
    """Named choices of cities."""

    def starting_with(self, folded: str) -> "CityQuerySet":
        """Cities whose folded name begins with `folded`, answered by the index on both databases.

        PostgreSQL's pattern index serves LIKE under every collation; SQLite's LIKE can't use an
        index that tells cases apart, but its text sorts by bytes, so a range says the same.
        """
        if connections[self.db].vendor == "postgresql":
            return self.filter(folded__startswith=folded)
        return self.filter(folded__gte=folded, folded__lt=f"{folded}\U0010ffff")


class City(HubModel):
    """A city of 15,000 people or more, or a seat of government (GeoNames, CC BY 4.0)."""

    name = models.CharField(max_length=100, help_text="As GeoNames writes it, with its accents.")
    folded = models.CharField(
        max_length=100, help_text="The name as hub.places.fold makes it: lower case, no accents, no dots."
    )
    region = models.CharField(
        max_length=100,
        blank=True,
        help_text="USA and its territories: two letters. Elsewhere the name of the first-level division.",
    )
    country = models.CharField(
        max_length=2, help_text="ISO 3166-1 alpha-2; Puerto Rico and the other territories have their own."
    )
    population = models.PositiveIntegerField(help_text="People, as GeoNames counts them; 0 where unknown.")
    latitude = models.FloatField(help_text="Degrees north, -90 to 90.")
    longitude = models.FloatField(help_text="Degrees east, -180 to 180.")
    zone = models.CharField(max_length=40, help_text="IANA time zone.")

    objects = CityQuerySet.as_manager()

    class Meta:
        verbose_name = "city"
        verbose_name_plural = "cities"
        # One index for = and for LIKE 'x%': the pattern class compares bytes, whatever the
        # database's collation. SQLite ignores the class and compares bytes anyway.
        indexes = [
            models.Index(fields=["folded"], name="hub_city_folded", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.region, self.country) if part)


class ZipCode(HubModel):
    """A ZIP code in use that has a point on the map (package `zipcodes`, after GeoNames, CC BY 4.0)."""

    code = models.CharField(max_length=5, unique=True, help_text="Five digits.")
    city = models.CharField(max_length=100, help_text="The post office's city.")
    folded = models.CharField(
        max_length=100,
        help_text="The city as hub.places.fold makes it: finds towns that City is too coarse for.",
    )
    region = models.CharField(max_length=2, help_text="State, territory or military region: two letters.")
    latitude = models.FloatField(help_text="Degrees north, -90 to 90.")
    longitude = models.FloatField(help_text="Degrees east, -180 to 180.")
    zone = models.CharField(max_length=40, blank=True, help_text="IANA time zone; empty where unknown.")

    class Meta:
        verbose_name = "ZIP code"
        indexes = [models.Index(fields=["folded"], name="hub_zipcode_folded")]

    def __str__(self) -> str:
        return f"{self.city}, {self.region} {self.code}"


class PlaceSource(HubModel):
    """What was last loaded into one of the tables above.

    Comparing this digest costs one look; comparing counts would miss a corrected coordinate, and
    comparing contents would read 75,000 rows at every start.
    """

    name = models.CharField(max_length=20, unique=True, help_text="cities or zipcodes.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the data, in hexadecimal.")
    rows = models.PositiveIntegerField(default=0, help_text="How many rows it gave.")
    loaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "place source"

    def __str__(self) -> str:
        return self.name
