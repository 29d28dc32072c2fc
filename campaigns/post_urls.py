"""Addresses of the feed's pages."""

from django.urls import path

from campaigns.views import posts

app_name = "news"
urlpatterns = [
    path("", posts.post_list, name="list"),
    path("<slug:slug>/", posts.post_page, name="detail"),
]
