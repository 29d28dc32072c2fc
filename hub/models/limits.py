"""The table of Django's database cache, which holds the limits of log-ins."""

from django.db import models


class Limit(models.Model):
    """One entry, under a keyed digest. Written by the cache alone, which fixes the columns."""

    cache_key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField(help_text="moments of tries, or a random id; never anything of a person")
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"limit {self.cache_key[:8]}"
