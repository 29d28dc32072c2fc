"""Addresses of organizations."""

from django.urls import path

from campaigns.views import organizations

app_name = "organizations"
urlpatterns = [
    path("", organizations.organization_list, name="list"),
    path("<slug:slug>/", organizations.organization_detail, name="detail"),
    path("<slug:slug>/officer/", organizations.officer, name="officer"),
]
