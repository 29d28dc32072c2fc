"""The operator's door: every change goes through the actions. RSVPs and mailboxes are not here."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.actions import events as actions
from events.actions.events import EventRefused
from events.forms import EventForm
from events.models import Event
from events.when import start_text, whole_days
from hub.models import User

ACTS: dict[str, tuple[Any, Callable[..., Event], Any]] = {
    "publish": (_("Publish"), actions.publish_event, _("“%s” is published.")),
    "unpublish": (_("Take off the site"), actions.unpublish_event, _("“%s” is a draft again.")),
    "postpone": (_("Postpone (no new date yet)"), actions.postpone_event, _("“%s” is postponed.")),
    "cancel": (_("Cancel the event"), actions.cancel_event, _("“%s” is cancelled.")),
    "restore": (_("On after all"), actions.restore_event, _("“%s” takes place.")),
}


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Create, publish, move, postpone and cancel events. Who is coming is told of every change of a
    published event's time and place, and of postponing and cancelling."""

    form = EventForm
    change_form_template = "admin/events/event/change_form.html"
    list_display = ("title", "kind", "starts", "where", "status", "event_status", "visibility", "seats")
    list_filter = ("status", "event_status", "kind", "visibility", "online", "country")
    search_fields = ("title", "city", "slug")
    ordering = ("-next_start",)
    list_per_page = 50
    list_select_related = ("campaign",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("campaign", "kind", "title", "description", "language", "visibility"),
                    "sequence",  # hidden: notices what somebody else has saved meanwhile
                )
            },
        ),
        (
            _("Where"),
            {
                "fields": ("reveal", "venue", "street", "city", "region", "postal_code", "country"),
            },
        ),
        (_("Online"), {"fields": ("online", "online_link")}),
        (_("When"), {"fields": ("zone", "first_day", "starts", "last_day", "ends", "all_day")}),
        (_("Room"), {"fields": ("capacity",)}),
    )

    def get_form(
        self, request: HttpRequest, obj: Event | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form as it is: Django would rebuild it from the model's columns, and half of its fields
        (local times, the sealed place) are none."""
        return EventForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Starts where every door starts."""
        return Event.objects.visible_to(request.user).prefetch_related("timeslots")

    @admin.display(description=_("Starts"), ordering="next_start")
    def starts(self, event: Event) -> str:
        start, end = event.next_start, event.next_end
        if start is None or end is None:
            return ""
        return start_text(start, event.zone, "en", all_day=whole_days(start, end, event.zone))

    @admin.display(description=_("Where"), ordering="city")
    def where(self, event: Event) -> str:
        return event.area or gettext("Online")

    @admin.display(description=_("Seats"))
    def seats(self, event: Event) -> str:
        """People counted so far, and the room there is."""
        slot = event.timeslots.all()[0]
        return f"{slot.seats_taken} / {'∞' if slot.capacity is None else slot.capacity}"

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Drafts nobody has seen can be deleted; everything else is cancelled instead."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and obj.published_at is None

    def save_model(self, request: HttpRequest, obj: Event, form: EventForm, change: bool) -> None:
        by, now = administrator(request), timezone.now()
        details = form.details()
        saved = (
            actions.edit_event(Event.objects.get(pk=obj.pk), details, by=by, at=now)
            if change
            else actions.create_event(details, by=by, at=now)
        )
        obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        actions.delete_draft(obj, by=administrator(request), at=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Event, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        self._act_from_button(request, obj)
        return super().response_change(request, obj)

    def _act_from_button(self, request: HttpRequest, obj: Event) -> None:
        for name in ACTS:
            if f"_{name}" in request.POST:
                self._act(request, name, obj)

    def _act(self, request: HttpRequest, name: str, event: Event) -> None:
        _label, action, done = ACTS[name]
        try:
            action(event, by=administrator(request), at=timezone.now())
        except EventRefused:
            self.message_user(request, gettext("“%s” is over.") % event.title, messages.ERROR)
        else:
            self.message_user(request, str(done) % event.title, messages.SUCCESS)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Publish and unpublish. The acts that write to everybody who is coming are on the event's own
        page only, where nobody ticks a row too many; the stock "delete selected" is nowhere."""

        def acting(name: str) -> Callable[..., None]:
            def run(model_admin: EventAdmin, request: HttpRequest, chosen: QuerySet[Event]) -> None:
                for event in chosen:
                    model_admin._act(request, name, event)

            return run

        return {
            f"act_{name}": (acting(name), f"act_{name}", ACTS[name][0]) for name in ("publish", "unpublish")
        }


def administrator(request: HttpRequest) -> User:
    """The account behind an admin request; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
