"""One view for each thing the hub is measured at, and their addresses."""

from django import forms
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone

from tests.bench.ceiling.models import Event, Rsvp


def event_list(request: HttpRequest) -> HttpResponse:
    """The twenty soonest events with their places: one joined query."""
    events = Event.objects.filter(start__gt=timezone.now()).select_related("place").order_by("start")[:20]
    return render(request, "ceiling/list.html", {"events": events})


def event_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One event with its place: one joined query."""
    event = get_object_or_404(Event.objects.select_related("place"), slug=slug)
    return render(request, "ceiling/event.html", {"event": event})


class RsvpForm(forms.Form):
    name = forms.CharField(max_length=80, required=False)
    email = forms.EmailField()
    party_size = forms.IntegerField(min_value=1, max_value=10)


def rsvp(request: HttpRequest, event_id: int) -> HttpResponse:
    """The form, and a transaction of two statements: take the seats if they are there, insert."""
    form = RsvpForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "ceiling/rsvp.html", {"form": form})
    size = form.cleaned_data["party_size"]
    with transaction.atomic():
        taken = Event.objects.filter(pk=event_id, seats_left__gte=size).update(
            seats_left=F("seats_left") - size
        )
        if not taken:
            return HttpResponse("full", status=409)
        Rsvp.objects.create(event_id=event_id, **form.cleaned_data)
    return HttpResponseRedirect("/")


urlpatterns = [
    path("", event_list),
    path("events/<slug:slug>/", event_page),
    path("rsvp/<int:event_id>/", rsvp),
]
