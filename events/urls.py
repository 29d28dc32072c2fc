"""Addresses of the top floor."""

from django.urls import path

from events.views import hosts, lists, pages, proposals, rsvps

app_name = "events"
urlpatterns = [
    path("", lists.event_list, name="list"),
    path("propose/", proposals.propose, name="propose"),
    path("<slug:slug>/", pages.event_detail, name="detail"),
    path("<slug:slug>/edit/", hosts.edit_page, name="edit"),
    path("<slug:slug>/rsvp/", rsvps.rsvp_form, name="rsvp"),
]
