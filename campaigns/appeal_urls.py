"""Addresses of documents people sign."""

from django.urls import path

from campaigns.views import appeals, signatures, versions

app_name = "appeals"
urlpatterns = [
    path("", appeals.appeal_list, name="list"),
    path("<slug:slug>/", appeals.appeal_detail, name="detail"),
    path("<slug:slug>/sign/", signatures.sign, name="sign"),
    path("<slug:slug>/names/", appeals.names, name="names"),
    path("<slug:slug>/languages/", appeals.side_by_side, name="languages"),
    path("<slug:slug>/sheet/", appeals.sheet, name="sheet"),
    path("<slug:slug>/versions/", versions.version_list, name="versions"),
    path("<slug:slug>/versions/<int:number>/", versions.version_detail, name="version"),
]
