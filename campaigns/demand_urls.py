"""Addresses of demands on this floor. The list counts committees and a demand's page shows events:
`hub.urls` adds them."""

from django.urls import path

from campaigns.views import demands

urlpatterns = [
    path("platform/", demands.platform, name="platform"),
    path("retired/", demands.retired, name="retired"),
    path("<slug:slug>/history/", demands.history, name="history"),
    path("<slug:slug>/support/", demands.support, name="support"),
    path("<slug:slug>/withdraw/", demands.withdraw, name="withdraw"),
]
