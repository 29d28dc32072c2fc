"""Addresses of the top floor."""

from django.urls import path

from events.views import asking, host_changes, hosts, lists, mailing, members, pages, posts, proposals, rsvps

app_name = "events"
urlpatterns = [
    path("", lists.event_list, name="list"),
    path("propose/", proposals.propose, name="propose"),
    path("<slug:slug>/", pages.event_detail, name="detail"),
    path("<slug:slug>/ask/", asking.ask, name="ask"),
    path("<slug:slug>/changes/", host_changes.changes, name="changes"),
    path("<slug:slug>/edit/", hosts.edit_page, name="edit"),
    path("<slug:slug>/mail/", mailing.write, name="mail"),
    path("<slug:slug>/mail/<uuid:pk>/", mailing.draft, name="mail_draft"),
    path("<slug:slug>/rsvp/", rsvps.rsvp_form, name="rsvp"),
    path("<slug:slug>/rsvp/member/", members.one_click, name="rsvp_member"),
    path("<slug:slug>/post/", posts.post_from_event, name="post"),
    path("<slug:slug>/coming/", members.coming, name="coming"),
]
