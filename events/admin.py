"""The operator's door: every change goes through the actions. RSVPs and mailboxes are not here."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from events import day_admin, post_admin, update_admin  # noqa: F401  each in a file of its own
from events.actions import events as actions
from events.actions.mailing import may_be_mailed
from events.actions.rehearsal import Outcome, carry_out, is_own_edit, rehearse
from events.event_acts import ACTS, Act, facts, pressed, told_in_advance, told_sentence
from events.forms.events import EventForm
from events.models import Event
from events.standing import answers_for
from events.still_coming import answers
from events.when import start_text, whole_days
from hub.admin import AuditedAdmin
from hub.models import User
from hub.moderation import SENTENCES
from hub.places import country_name

LONG = timedelta(days=3)  # an event that goes on for longer may be a mistyped date


class TypedForm(EventForm):
    """What was typed, shown again to be gone on with: never saved."""

    def is_valid(self) -> bool:
        return False


def form_of(by: User) -> type[EventForm]:
    """The form for this editor, who doesn't let an edit of their own count."""

    class FormOfEditor(EventForm):
        def clean(self) -> dict[str, Any]:
            data = super().clean()
            if not self.errors and not self.instance._state.adding:
                # As it is stored: the form has written its values into the instance.
                event = Event.objects.get(pk=self.instance.pk)
                if is_own_edit(event, self.details(), by=by):
                    self.add_error(None, OWN_EDIT)
            return data

    return FormOfEditor


OWN_EDIT = _(
    "You submitted this event yourself: somebody else has to decide on a change of it. Send the change by "
    "the event's own page, and it goes to the other moderators. Nothing was saved."
)


def titled(title: Any) -> type[admin.ChoicesFieldListFilter]:
    """A filter under another title than the column's name in the database."""

    class Titled(admin.ChoicesFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return Titled


class CountryFilter(admin.SimpleListFilter):
    """Countries that events are in, by their names."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        events = Event.objects.visible_to(request.user).exclude(country="")
        codes = events.order_by().values_list("country", flat=True).distinct()
        return sorted(((code, country_name(code)) for code in codes), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(country=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(AuditedAdmin):
    """Create, publish, move, postpone and cancel events. Who is coming is told of every change of a
    published event's time and place, and of postponing and cancelling."""

    names = (pgettext_lazy("table", "event"), pgettext_lazy("table", "events"))
    form = EventForm
    change_form_template = "admin/events/event/change_form.html"
    list_display = ("title", "kind", "starts", "where", "published", "takes_place", "seats")
    list_filter = (
        ("status", titled(_("published?"))),
        ("event_status", titled(_("takes place?"))),
        "kind",
        "visibility",
        "online",
        CountryFilter,
    )
    search_fields = ("title", "city", "slug")
    list_per_page = 50
    list_select_related = ("campaign",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("campaign", "committee", "host_name", "day"),
                    *("kind", "title", "description", "language", "demands", "visibility"),
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
        (_("Organizing together"), {"fields": ("planning_meeting",)}),
    )

    def get_form(
        self, request: HttpRequest, obj: Event | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form as it is: Django would rebuild it from the model's columns, and half of its fields
        (local times, the sealed place) are none."""
        return TypedForm if "_back" in request.POST else form_of(administrator(request))

    def view_on_site(self, event: Event) -> str:
        """The event's page; of a draft what only administrators see."""
        return reverse("events:detail", args=[event.slug])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Starts where every door starts."""
        return Event.objects.visible_to(request.user).prefetch_related("timeslots")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """What is to come, the soonest first; then what is over, the latest first."""
        now = timezone.now()
        to_come = Case(When(next_end__gt=now, then=F("next_start")))
        return [to_come.asc(nulls_last=True), Case(When(next_end__lte=now, then=F("next_start"))).desc()]

    @admin.display(description=_("Starts"), ordering="next_start")
    def starts(self, event: Event) -> str:
        start, end = event.next_start, event.next_end
        if start is None or end is None:
            return ""
        return start_text(start, event.zone, "en", all_day=whole_days(start, end, event.zone))

    @admin.display(description=_("Where"), ordering="city")
    def where(self, event: Event) -> str:
        return event.area or gettext("Online")

    @admin.display(description=_("Published?"), ordering="status")
    def published(self, event: Event) -> str:
        if event.status != Event.Status.PUBLISHED:
            return event.get_status_display()
        return gettext("yes") if event.visibility == Event.Visibility.PUBLIC else gettext("yes, unlisted")

    @admin.display(description=_("Takes place?"), ordering="event_status")
    def takes_place(self, event: Event) -> str:
        scheduled = event.event_status == Event.EventStatus.SCHEDULED
        return gettext("yes") if scheduled else event.get_event_status_display()

    @admin.display(description=_("Seats"))
    def seats(self, event: Event) -> str:
        """People counted so far, and the room there is."""
        slot = event.timeslots.all()[0]
        return f"{slot.seats_taken} / {'∞' if slot.capacity is None else slot.capacity}"

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Drafts nobody has seen can be deleted; everything else is cancelled instead."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and obj.published_at is None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Asks first where people are told of it or pages go, and where a date may be mistyped."""
        if request.method == "POST" and not {"_confirmed", "_back"} & request.POST.keys():
            event = self.get_object(request, unquote(object_id)) if object_id else Event()
            if event is not None:
                form = form_of(administrator(request))(request.POST, instance=event)
                question = self._question(request, form) if form.is_valid() else None
                if question:
                    return question
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With how the last change was told and answered, and where those who are coming are written to."""
        event, now = context.get("original"), timezone.now()
        if event is not None and not event.is_over(now):
            context["answers"] = answers(event, now)
            context["may_mail"] = may_be_mailed(event, now) and answers_for(administrator(request), event)
        return super().render_change_form(request, context, *args, **kwargs)

    def _question(self, request: HttpRequest, form: EventForm) -> HttpResponse | None:
        """The page that asks; None where there is nothing to ask."""
        acts, by, now = pressed(request), administrator(request), timezone.now()
        event = Event.objects.filter(pk=form.instance.pk).first()
        before = facts(event, event.timeslots.all()[0]) if event else {}
        outcome = rehearse(event, form.details(), [act.action for act in acts], by=by, at=now)
        slot = outcome.slot
        long = slot.end - slot.start > LONG and form.times_changed()
        questions = [act.question for act in acts if act.question]
        if outcome.refused or not (questions or outcome.told.parties or long):
            return None
        sentences = told_in_advance(outcome, now)
        if long:
            days = {"days": -(-(slot.end - slot.start) // timedelta(days=1))}
            sentences.insert(0, gettext("It goes on for %(days)d days.") % days)
        after = facts(outcome.event, slot)
        return self._ask(
            request,
            title=questions[0] if questions else gettext("Save these changes?"),
            subtitle=outcome.event.title,
            known=bool(before),
            changed=[
                (name, before.get(name), text) for name, text in after.items() if before.get(name) != text
            ],
            sentences=[*sentences, *(act.effect for act in acts if act.effect)],
        )

    def _ask(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """The page with everything that was sent, to send it again."""
        posted = [
            (name, value)
            for name, values in request.POST.lists()
            if name != "csrfmiddlewaretoken"
            for value in values
        ]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "posted": posted, **context}
        return TemplateResponse(request, "admin/events/event/question.html", context)

    def save_model(self, request: HttpRequest, obj: Event, form: EventForm, change: bool) -> None:
        acts, now = pressed(request), timezone.now()
        event = Event.objects.get(pk=obj.pk) if change else None
        outcome = carry_out(
            event, form.details(), [act.action for act in acts], by=administrator(request), at=now
        )
        obj.__dict__.update(outcome.event.__dict__)
        draft = outcome.event.status == Event.Status.DRAFT
        saved = _("“{title}” is saved as a draft.") if draft else _("“{title}” is saved.")
        self._say(request, outcome, acts[0].done if acts else saved, now)
        above = outcome.slot.seats_above_capacity
        if above and "capacity" in form.changed_data:
            sentence = ngettext(
                "Nobody is unseated: %(above)d person more than the new capacity keeps their place.",
                "Nobody is unseated: %(above)d people more than the new capacity keep their places.",
                above,
            )
            self.message_user(request, sentence % {"above": above}, messages.WARNING)

    def _say(self, request: HttpRequest, outcome: Outcome, done: Any, now: datetime) -> None:
        """One message for one act: what was done, and who is told."""
        link = format_html('<a href="{}">{}</a>', change_page(outcome.event), outcome.event)
        if outcome.refused:
            over = format_html(gettext("“{title}” is over."), title=link)
            other = SENTENCES.get(outcome.refused)
            sentence = format_html("{}: {}", link, other) if other and outcome.refused != "over" else over
            self.message_user(request, sentence, messages.ERROR)
            return
        sentence = format_html(str(done), title=link)
        if outcome.told.people:
            sentence = format_html("{} {}", sentence, told_sentence(outcome, now))
        self.message_user(request, sentence, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        actions.delete_draft(obj, by=administrator(request), at=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Event, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._go_on(request, obj)

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        return self._go_on(request, obj)

    def _go_on(self, request: HttpRequest, event: Event) -> HttpResponse:
        """Where Django goes on, without its message: `save_model` has said more than that."""
        if "_continue" in request.POST:
            path = change_page(event)
        elif "_addanother" in request.POST:
            path = reverse("admin:events_event_add")
        else:
            return self.response_post_save_change(request, event)
        filters: dict[str, Any] = {
            "preserved_filters": self.get_preserved_filters(request),
            "opts": self.opts,
        }
        return HttpResponseRedirect(add_preserved_filters(filters, path))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Publish and unpublish. The acts that write to everybody who is coming are on the event's own
        page only, where nobody ticks a row too many; the stock "delete selected" is nowhere."""

        def acting(act: Act) -> Callable[..., HttpResponse | None]:
            def run(
                model_admin: EventAdmin, request: HttpRequest, chosen: QuerySet[Event]
            ) -> HttpResponse | None:
                return model_admin._act_on_several(request, act, list(chosen))

            return run

        return {
            f"act_{name}": (acting(ACTS[name]), f"act_{name}", ACTS[name].label)
            for name in ("publish", "unpublish")
        }

    def _act_on_several(self, request: HttpRequest, act: Act, chosen: list[Event]) -> HttpResponse | None:
        by, now = administrator(request), timezone.now()
        if "_confirmed" not in request.POST:
            outcomes = [rehearse(event, None, [act.action], by=by, at=now) for event in chosen]
            if act.question or any(outcome.told.parties for outcome in outcomes):
                return self._ask(
                    request,
                    title=act.question or gettext("Publish these events?"),
                    sentences=[
                        *([act.effect] if act.effect else []),
                        *(
                            " ".join([f"{outcome.event.title}:", *told_in_advance(outcome, now)])
                            for outcome in outcomes
                        ),
                    ],
                    back=request.get_full_path(),
                )
        for event in chosen:
            self._say(request, carry_out(event, None, [act.action], by=by, at=now), act.done, now)
        return None


def change_page(event: Event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


def administrator(request: HttpRequest) -> User:
    """The account behind an admin request; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
