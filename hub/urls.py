"""Every address of the hub. Pages have a Spanish twin under /es/; files and probes don't."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from campaigns import demand_urls as demands
from campaigns import feeds as feeds_of_campaigns
from campaigns.views import campaigns, endorsements, organizations, signatures
from committees import urls as committees
from committees.views import demands as demand_lists
from committees.views import joining
from events.views import campaigns as campaign_pages
from events.views import committees as committee_pages
from events.views import demands as demand_pages
from events.views import feeds, hosts, pages, rsvps, still_coming
from hub.views import (
    choices,
    confirm,
    dev,
    health,
    home,
    jobs,
    me,
    media,
    mine,
    moderation,
    permanent,
    roles,
    threads,
    unsubscribe,
)

handler400 = "hub.views.errors.bad_request"
handler403 = "hub.views.errors.forbidden"
handler429 = "hub.views.errors.too_many"
handler404 = "hub.views.errors.not_found"
handler500 = "hub.views.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("media/<str:name>", media.image, name="media"),
    re_path(
        r"^campaigns/(?P<slug>[-\w]+)-(?P<accent>[0-9a-f]{6})\.css$",
        campaigns.colours,
        name="campaign_colours",
    ),
    path("news.atom", feeds_of_campaigns.news_atom, name="news_atom"),
    path("events/<slug:slug>.ics", pages.event_calendar, name="event_calendar"),
    path("days/<slug:slug>/events.ics", feeds.day_calendar, name="day_calendar"),
    path("committees/<slug:slug>/events.ics", feeds.committee_calendar, name="committee_calendar"),
]

if settings.MAIL_WEBHOOK:
    urlpatterns.append(path("webhooks/", include("hub.webhook_urls")))

# Under one name, though the page itself stands a floor higher than the others.
committee_patterns: list[URLPattern | URLResolver] = [
    *committees.urlpatterns,
    path("<slug:slug>/", committee_pages.committee_page, name="detail"),
]

demand_patterns: list[URLPattern | URLResolver] = [
    path("", demand_lists.demand_list, name="list"),
    *demands.urlpatterns,
    path("<slug:slug>/committee/", demand_lists.committee_support, name="committee"),
    path("<slug:slug>/", demand_pages.demand_page, name="detail"),
]

html_pages: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("events/", include("events.urls")),
    path("campaigns/<slug:slug>/", campaign_pages.campaign_page, name="campaign"),
    path("committees/", include((committee_patterns, "committees"))),
    path("appeals/", include("campaigns.appeal_urls")),
    path("t/<str:token>/", permanent.permanent, name="permanent"),
    # The same address under the name of what it leads to.
    path("t/<str:token>/", signatures.signature_page, name="signature"),
    path("demands/", include((demand_patterns, "demands"))),
    path("t/<str:token>/", joining.application, name="application"),
    path("days/", include("events.day_urls")),
    path("news/", include("campaigns.post_urls")),
    path("organizations/", include("campaigns.organization_urls")),
    path("endorse/", include("campaigns.endorse_urls")),
    path("endorsement/<str:token>/", endorsements.endorsement_page, name="endorsement"),
    path("officer/<str:token>/", organizations.officer_page, name="officer"),
    path("rsvp/<str:token>/", rsvps.rsvp_page, name="rsvp"),
    path("rsvp/<str:token>/still-coming/", still_coming.still_coming, name="still_coming"),
    path("host/<str:token>/", hosts.host_page, name="host"),
    path("moderation/", moderation.queue, name="moderation"),
    path("moderation/<uuid:pk>/", moderation.item, name="review"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("mail/<str:token>/", choices.mail_choices, name="mail_choices"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("threads/<str:token>/", threads.thread, name="thread"),
    path("mine/", mine.mine, name="mine"),
    path("mine/erased/", mine.erased, name="erased"),
    path("account/", include("hub.account_urls")),
    path("me/", me.me, name="me"),
    path("me/settings/", me.settings, name="me_settings"),
    path("me/mail/", choices.my_mail, name="me_mail"),
    path("me/data/", me.data, name="me_data"),
    path("me/erased/", me.erased, name="me_erased"),
    path("moderation/roles/", roles.roles, name="roles"),
]
if settings.DEMO:
    html_pages += [
        path("dev/style/", dev.style, name="style"),
        path("dev/mail/", dev.mail_list, name="dev_mail"),
        path("dev/mail/kinds/", dev.mail_kinds, name="dev_mail_kinds"),
        path("dev/mail/<slug:name>/", dev.mail_detail, name="dev_mail_detail"),
    ]

urlpatterns += i18n_patterns(*html_pages, prefix_default_language=False)
