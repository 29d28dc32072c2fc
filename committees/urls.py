"""Addresses of the middle floor. The committee's own page shows events: `hub.urls` adds it."""

from django.urls import path

from committees.views import announcements, contact, editing, joining, lists, members

urlpatterns = [
    path("", lists.committee_list, name="list"),
    path("left/", members.left, name="left"),
    path("<slug:slug>/contact/", contact.contact, name="contact"),
    path("<slug:slug>/join/", joining.join, name="join"),
    path("<slug:slug>/join/done/", joining.joined, name="joined"),
    path("<slug:slug>/me/", members.own_settings, name="own"),
    path("<slug:slug>/accept/", members.accept, name="accept"),
    path("<slug:slug>/edit/", editing.edit, name="edit"),
    path("<slug:slug>/announcements/", announcements.announcements, name="announcements"),
    path("<slug:slug>/announcements/write/", announcements.write, name="write_announcement"),
    path("<slug:slug>/announcements/<uuid:pk>/", announcements.draft, name="draft"),
    path("<slug:slug>/announcements/<uuid:pk>/edit/", announcements.edit, name="edit_draft"),
    path("<slug:slug>/leave/", members.leave, name="leave"),
    path("<slug:slug>/members/", members.roster, name="members"),
    path("<slug:slug>/members/<uuid:membership_id>/", members.member, name="member"),
    path("<slug:slug>/refusals/<uuid:refusal_id>/lift/", members.lift_refusal, name="lift_refusal"),
]
