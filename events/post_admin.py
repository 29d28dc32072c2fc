"""The door to the feed for those who run a campaign: every change goes through the actions."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from campaigns.actions import posts
from campaigns.actions.posts import SENTENCES, PostRefused
from campaigns.models import Post
from campaigns.staff_admin import CampaignStaffAdmin, staff
from campaigns.views.posts import page
from committees.models import Committee
from events.actions.posts import save_post
from events.forms.posts import PostForm, writing_zone
from events.models import Event
from hub.images import pictures_of
from hub.zones import moment_text

ACTS = {
    "publish": (posts.publish_post, _("“{title}” is published.")),
    "unpublish": (posts.unpublish_post, _("“{title}” is a draft again.")),
}


class ScheduledFilter(admin.SimpleListFilter):
    """Those that wait for their hour."""

    title = _("scheduled")
    parameter_name = "scheduled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.scheduled() if self.value() else queryset  # type: ignore[attr-defined]


class PostList(ChangeList):
    """The page's posts with the zone of whoever reads it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        zone = writing_zone(request.user)
        for post in self.result_list:
            post.zone = zone


@admin.register(Post)
class PostAdmin(CampaignStaffAdmin):
    """Write, preview, schedule, publish and pin posts."""

    names = (pgettext_lazy("table", "post"), pgettext_lazy("table", "posts"))
    form = PostForm
    change_form_template = "admin/campaigns/post/change_form.html"
    list_display = ("title", "campaign", "state", "published_at", "pinned", "language")
    list_filter = ("status", ScheduledFilter, "pinned", "language")
    list_select_related = ("campaign",)
    search_fields = ("title", "comment", "link_title")
    ordering = ("-pinned", "-published_at", "-changed_at")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("campaign", "title", "comment", "credit", "language", "tags", "pinned", "seen")}),
        (_("Link card"), {"fields": ("link_url", "link_title", "link_site", "link_excerpt")}),
        (_("More"), {"fields": ("videos", "further")}),
        (
            _("Photos"),
            {
                "fields": (
                    "photos_removed",
                    *(f"{name}{end}" for name in PostForm.PHOTOS for end in ("", "_alt")),
                )
            },
        ),
        (_("What this is about"), {"fields": ("related_events", "related_committees", "appeal")}),
        (_("Later"), {"fields": ("publish_day", "publish_hour", "publish_zone")}),
    )

    def get_form(
        self, request: HttpRequest, obj: Post | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form of this reader, whose time zone the hour is in."""
        form = super().get_form(request, obj, change, **kwargs)
        form.reader = request.user  # a class made for this request
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> Any:
        """Without what takes photos away where there are none."""
        if obj is not None and pictures_of([obj.pk]):
            return self.fieldsets
        return [
            (name, {"fields": [one for one in options["fields"] if one != "photos_removed"]})
            for name, options in self.fieldsets
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """Drafts nobody has seen; everything else is taken off the site instead."""
        return obj is not None and obj.published_at is None and self.has_change_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None: stock "delete selected" is nowhere."""
        return {}

    def view_on_site(self, post: Post) -> str:
        """The post's page; of a draft what those see who run the campaign."""
        return reverse("news:detail", args=[post.slug])

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, post: Any) -> str:
        """Of one that is scheduled, when it comes."""
        if not post.is_scheduled or post.publish_at is None:
            return post.get_status_display()
        return f"{gettext('scheduled')}: {moment_text(post.publish_at, post.zone)}"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PostList

    # --- Preview -----------------------------------------------------------------------------------
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The button "Preview" opens the page as it would be; what is wrong with the form is shown on it."""
        if request.method == "POST" and "_preview" in request.POST:
            post = self.get_object(request, unquote(object_id)) if object_id else Post()
            known = object_id is None or post is not None
            may = self.has_change_permission(request, post if object_id else None)
            if known and may:
                form = self.get_form(request, post)(request.POST, request.FILES, instance=post)
                if form.is_valid():
                    return self._preview(request, form)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _preview(self, request: HttpRequest, form: PostForm) -> HttpResponse:
        details, data = form.details(), form.cleaned_data
        post = form.instance
        for name in posts.COLUMNS:
            setattr(post, name, getattr(details, name))
        gone = {photo.pk for photo in details.photos_removed}
        return page(
            request,
            post,
            photos=[photo for photo in form.photos if photo.pk not in gone],
            tags=[Tag(name=tag) for tag in details.tags],
            events=Event.objects.filter(pk__in=[event.pk for event in data["related_events"]]),
            committees=Committee.objects.filter(pk__in=[one.pk for one in data["related_committees"]]),
            preview=True,
        )

    # --- Saving ------------------------------------------------------------------------------------
    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Post:
        """Nothing of the form is on the row before the action has it."""
        return form.instance

    def save_model(self, request: HttpRequest, obj: Post, form: PostForm, change: bool) -> None:
        by, now, data = staff(request), timezone.now(), form.cleaned_data
        pressed = [name for name in ACTS if f"_{name}" in request.POST]
        try:
            with transaction.atomic():
                saved = save_post(
                    obj if change else None,
                    form.details(),
                    events=data["related_events"],
                    committees=data["related_committees"],
                    seen=form.seen_at,
                    by=by,
                    at=now,
                )
                for name in pressed:
                    saved = ACTS[name][0](saved, by=by, at=now)
        except PostRefused as refused:
            obj.refused = True  # type: ignore[attr-defined]  # for the answer
            self.message_user(request, SENTENCES[refused.reason], messages.ERROR)
            return
        obj.__dict__.update(saved.__dict__)
        for name in pressed:
            self.say(request, str(ACTS[name][1]).format(title=saved.title))
        if saved.publish_at is not None:
            moment = moment_text(saved.publish_at, data["publish_zone"])
            self.say(request, gettext("It will be published on %(moment)s.") % {"moment": moment})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Tags and all that is around are saved with the post."""

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        try:
            posts.delete_post(obj, by=staff(request), at=timezone.now())
        except PostRefused as refused:
            self.message_user(request, SENTENCES[refused.reason], messages.ERROR)

    def response_add(
        self, request: HttpRequest, obj: Post, post_url_continue: str | None = None
    ) -> HttpResponse:
        if hasattr(obj, "refused"):
            return HttpResponseRedirect(reverse("admin:campaigns_post_changelist"))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Post) -> HttpResponse:
        """Where nothing was saved, Django's message would say that it was."""
        if hasattr(obj, "refused"):
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)
