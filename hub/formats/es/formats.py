"""Spanish: "5 de diciembre de 2026, 14:00"."""

DATE_FORMAT = r"j \d\e F \d\e Y"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = r"j \d\e F \d\e Y, G:i"
