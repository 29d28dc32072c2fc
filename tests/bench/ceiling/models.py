"""Events, places and RSVPs, as small as they can be."""

from django.db import models


class Place(models.Model):
    city = models.CharField(max_length=80)
    street = models.CharField(max_length=160)

    def __str__(self) -> str:
        return self.city


class Event(models.Model):
    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField()
    start = models.DateTimeField(db_index=True)
    host = models.CharField(max_length=120)
    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    seats_left = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.title


class Rsvp(models.Model):
    event = models.ForeignKey(Event, on_delete=models.CASCADE)
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField()
    party_size = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"rsvp {self.pk}"
