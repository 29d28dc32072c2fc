"""The door to demands for those who run a campaign: every change goes through the actions."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.actions import demands as actions
from campaigns.actions.demands import DemandRefused
from campaigns.demand_forms import ANEW, DemandForm
from campaigns.models import Demand
from campaigns.staff_admin import CampaignStaffAdmin, staff
from campaigns.views.demands import language

ACTS = {
    "adopt": (actions.adopt_demand, _("“{title}” is adopted.")),
    "retire": (actions.retire_demand, _("“{title}” is retired: its page and its history stay.")),
}
REFUSED = {
    "changed": _("Somebody changed this demand meanwhile. Load the page again."),
    "adopted": _("Write when and where these words were adopted."),
    "anew": ANEW,
    "public": _("It was adopted by its campaign and stays there."),
    "not-adopted": _("Only an adopted demand is retired and has a place."),
    "gone": _("This demand is no more."),
}


@admin.register(Demand)
class DemandAdmin(CampaignStaffAdmin):
    """Propose, word, adopt, put in order and retire demands. Words of an adopted one never change in place:
    changed ones are a new version, and both stand in its history."""

    names = (pgettext_lazy("table", "demand"), pgettext_lazy("table", "demands"))
    form = DemandForm
    change_form_template = "admin/campaigns/demand/change_form.html"
    list_display = ("place", "title", "campaign", "status", "version", "supporters")
    list_display_links = ("title",)
    list_filter = ("status", "campaign")
    list_select_related = ("campaign",)
    search_fields = ("slug", "versions__texts__title")
    ordering = ("campaign", "status", "order", "slug")
    list_per_page = 100

    def get_fieldsets(self, request: HttpRequest, obj: Demand | None = None) -> Any:
        """The demand, then its words, a part for each language."""
        place = () if obj is None or obj.order is None else ("place",)
        own = [name for name in DemandForm.FIELDS if name != "place"]
        texts = [
            (name, {"fields": (f"title_{code}", f"text_{code}", f"adopted_{code}")})
            for code, name in settings.LANGUAGES
        ]
        last: list[Any] = []
        if obj is not None and obj.is_public and self.has_change_permission(request, obj):
            last.append((_("Kind of change"), {"fields": ("correction",)}))
        if place and "_retire" in request.POST:  # asked once the button is pressed
            last.append((_("Retire it?"), {"fields": ("sure",)}))
        return [(None, {"fields": (*own, *place)}), *texts, *last]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Demand]:
        """With a title each that the reader understands, in one query."""
        return self.titled(super().get_queryset(request))

    def titled(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.with_title(language())  # type: ignore[attr-defined]

    def view_on_site(self, demand: Demand) -> str:
        """The demand's page; of a proposed one what those see who run the campaign."""
        return reverse("demands:detail", args=[demand.slug])

    @admin.display(description=_("Place"), ordering="order")
    def place(self, demand: Demand) -> int | None:
        return demand.order

    @admin.display(description=_("Version"))
    def version(self, demand: Demand) -> int:
        return demand.newest

    @admin.display(description=_("Title"), ordering="title_shown")
    def title(self, demand: Any) -> str:
        return demand.title_shown or demand.slug

    def has_delete_permission(self, request: HttpRequest, obj: Demand | None = None) -> bool:
        """A proposal can be deleted; what everybody has seen is retired instead."""
        proposal = obj is None or not obj.is_public
        return proposal and self.has_change_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None: demands are adopted and retired one by one, and stock "delete selected" is nowhere."""
        return {}

    def save_model(self, request: HttpRequest, obj: Demand, form: DemandForm, change: bool) -> None:
        """Saving, its place and the act of the button are one: if one is refused, nothing is done."""
        by, now, details = staff(request), timezone.now(), form.details()
        pressed = [name for name in ACTS if f"_{name}" in request.POST]

        def save() -> Demand:
            if not change:
                saved = actions.propose_demand(details, by=by, at=now)
            else:
                data = form.cleaned_data
                correction = bool(data.get("correction"))
                saved = actions.edit_demand(
                    obj, details, seen=data["seen"], correction=correction, by=by, at=now
                )
                if data.get("place"):
                    saved = actions.move_demand(saved, data["place"], by=by, at=now)
            for name in pressed:
                saved = ACTS[name][0](saved, by=by, at=now)
            return saved

        saved = self._run(request, save)
        if saved is None:
            obj.refused = True  # type: ignore[attr-defined]  # for the answer
            return
        obj.__dict__.update(saved.__dict__)
        title = (details.texts.get(language()) or next(iter(details.texts.values()))).title
        obj.title_shown = title  # type: ignore[attr-defined]  # as it is by now
        for name in pressed:
            self.say(request, str(ACTS[name][1]).format(title=title))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The words and tags are saved with the demand."""

    def delete_model(self, request: HttpRequest, obj: Demand) -> None:
        self._run(request, lambda: actions.delete_proposal(obj, by=staff(request), at=timezone.now()))

    def response_change(self, request: HttpRequest, obj: Demand) -> HttpResponse:
        """Where nothing was saved, Django's message would say that it was."""
        if hasattr(obj, "refused"):
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    def _run(self, request: HttpRequest, act: Callable[[], Any]) -> Any:
        """What an act gives; None, and a sentence, where it is refused: then nothing of it is done."""
        try:
            with transaction.atomic():
                return act()
        except DemandRefused as refused:
            self.message_user(request, REFUSED[refused.reason], messages.ERROR)
            return None
