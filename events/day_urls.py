"""Addresses of days of action."""

from django.urls import path

from events.views import days

app_name = "days"
urlpatterns = [
    path("", days.day_list, name="list"),
    path("<slug:slug>/", days.day_detail, name="detail"),
    path("<slug:slug>/host/", days.day_host, name="host"),
]
