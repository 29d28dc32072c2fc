"""Areas as people write them: what of a place everybody may know."""

from hub.places import american, country_name


def area_text(city: str, region: str, country: str) -> str:
    """ "San Francisco, CA" in the USA, "Piraeus, Greece" elsewhere, the country alone without a city;
    countries in the language that is active."""
    if country == "US" or country in american():
        parts = (city, region) if city else (country_name(country),)
    else:
        parts = (city, country_name(country) if country else "")
    return ", ".join(part for part in parts if part)
