"""Addresses by which a thing is endorsed; which kinds of things, `campaigns.endorsing` says."""

from django.urls import path

from campaigns.views import endorsements

app_name = "endorse"
urlpatterns = [
    path("<slug:kind>/<slug:slug>/", endorsements.endorse, name="form"),
    path("<slug:kind>/<slug:slug>/list/", endorsements.endorser_list, name="list"),
    path("<slug:kind>/<slug:slug>/resolution/", endorsements.resolution, name="resolution"),
]
